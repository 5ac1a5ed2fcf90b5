"""A gateway is told by its words, or by a header beside a body that is not the service's own."""

from __future__ import annotations

import pytest

from zeues_contracts.triage.gateways import gateway_mark, lost_route

from .exchanges import NGINX, exchange, page


@pytest.mark.parametrize(
    ("one", "word"),
    [
        (exchange(status=404, body={"message": "no Route matched with those values"}), "Kong"),
        (page(404, NGINX.format("404 Not Found")), "nginx"),
        (exchange(status=404, body="404 page not found\n", content_type="text/plain"), "Traefik"),
        (exchange(status=404, body="", content_type="text/plain", server="envoy"), "`server: envoy`"),
        (exchange(status=404, body="", content_type="text/plain", server="istio-envoy"), "`server: istio-envoy`"),
        (exchange(status=404, body="<h1>?</h1>", content_type="text/html", via="1.1 varnish"), "`via: 1.1 varnish`"),
        (exchange(status=403, body={"message": "Missing Authentication Token"}), "AWS API Gateway"),
        (exchange(status=404, body={"message": "Not Found"}, apigw_requestid="a="), "AWS API Gateway"),
        (page(404, "default backend - 404"), "ingress"),
    ],
    ids=["kong", "nginx", "traefik", "envoy", "istio", "via", "aws", "aws http", "ingress"],
)
def test_marks(one, word):
    assert word in gateway_mark(one.response)


@pytest.mark.parametrize(
    "one",
    [
        # The proxy's name is in each answer of a service behind it.
        exchange(status=404, body={"detail": "Not Found"}, server="nginx/1.25.3", via="1.1 google"),
        exchange(status=404, body={"detail": "Not Found"}),
        exchange(status=404, body="Not Found", content_type="text/plain", server="uvicorn"),
        exchange(status=404, body={"detail": "the article 404 page not found in the index"}),
    ],
    ids=["behind nginx", "fastapi", "starlette", "quoted"],
)
def test_the_service_s_own_404_is_no_gateway_s(one):
    assert gateway_mark(one.response) == ""
    assert lost_route(one.response) == ""


def test_what_was_sent_is_no_mark():
    text = "no Route matched with those values"
    one = exchange(status=404, body={"detail": f"no note {text!r}"}, sent={"name": text})
    assert gateway_mark(one.response, one.request) == ""
    assert lost_route(one.response, one.request) == ""


def test_only_who_says_that_there_is_no_route_lost_one():
    assert lost_route(exchange(status=404, body={"message": "no Route matched with those values"}).response) == "Kong"
    # nginx serves files as well: a file that is not there is no lost service.
    assert lost_route(page(404, NGINX.format("404 Not Found")).response) == ""
    assert lost_route(page(200, "default backend - 404").response) == ""
