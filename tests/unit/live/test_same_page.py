"""A page that stands before the whole service is an outage; one that answers for a single operation is not."""

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse

from zeues_contracts.exchange import Response
from zeues_contracts.live.health import preflight
from zeues_contracts.live.inprocess import AsgiSender
from zeues_contracts.live.limits import Bounds
from zeues_contracts.triage.classify import classify_exchange
from zeues_contracts.triage.texts import page_of

from .documents import document, exchange


def maintenance(path):
    return HTMLResponse(f"<html><title>Back soon</title><h1>Maintenance {path}</h1></html>")


def login(path):
    return RedirectResponse(f"/login?next={path}", 302)


def service(page, *, covered, health=True):
    """A service of a health check and two lists; ``covered`` says for which paths the page stands before it."""
    app = FastAPI()
    asked = []

    @app.middleware("http")
    async def before(request, call_next):
        asked.append(request.url.path)
        return page(request.url.path) if covered(request.url.path) else await call_next(request)

    def answer():
        return {"status": "ok"}

    for path in ["/health"] * health + ["/items", "/bills", "/cache/clear"]:
        app.get(path)(answer)
    return app, asked


def run(app):
    sender = AsgiSender(app, bounds=Bounds(seconds=2))
    try:
        return preflight(sender.base_url, document(app.openapi()), sender=sender)
    finally:
        sender.close()


@pytest.mark.parametrize("health", [True, False])
@pytest.mark.parametrize("page", [maintenance, login])
def test_one_page_for_everything_is_an_outage(page, health):
    app, asked = service(page, covered=lambda path: True, health=health)
    result = run(app)
    assert result.outage is not None
    assert "ZC510" in {one.rule for one in result.findings}
    assert "/cache/clear" not in asked
    # What the operations answer is then no violation.
    got = next(one for one in result.exchanges if one.request.url.endswith("/items"))
    assert classify_exchange(got, [got], result.probes).is_outage


@pytest.mark.parametrize("page", [maintenance, login])
def test_a_page_for_what_nobody_described_or_for_one_operation_alone_is_none(page):
    for covered in (
        lambda path: path not in ("/items", "/bills", "/health"),
        lambda path: path == "/health",
        lambda path: path == "/items",
    ):
        assert run(service(page, covered=covered)[0]).outage is None


def test_an_answer_of_another_kind_is_judged_all_the_same():
    result = run(service(maintenance, covered=lambda path: True)[0])
    other = exchange("GET", "/items", 200, "<title>Another</title>")
    assert not classify_exchange(other, [other], result.probes).is_outage


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, {"content-type": "text/html"}, b"<TITLE>A &amp; B</TITLE><p>1", "“A & B”"),
        (200, {"content-type": "text/html"}, b"<p>Just <b>this</b>", "“Just this”"),
        (200, {"content-type": "application/json"}, b"<title>A</title>", None),
        (404, {"content-type": "text/html"}, b"<title>A</title>", None),
        (302, {"location": "/login?next=/items"}, b"", "a redirect to /login"),
        (304, {}, b"", None),
    ],
)
def test_what_tells_a_page(status, headers, body, expected):
    assert page_of(Response(status, tuple(headers.items()), body, 0.1)) == expected
