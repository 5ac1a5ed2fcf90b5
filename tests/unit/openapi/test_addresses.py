"""Addresses in pages, headers and documents, where any text may stand."""

import pytest

from zeues_contracts.openapi.addresses import joined
from zeues_contracts.openapi.pages import candidates_of_header, candidates_of_page, loaded_scripts, read_page

NO_ADDRESSES = ("http://[bad/openapi.json", "//[zz/x.json", "http://[::1/x.yaml", "http://h:99999999/x", "http://h:x/")


@pytest.mark.parametrize("reference", NO_ADDRESSES)
def test_what_is_no_address_leads_nowhere(reference: str) -> None:
    assert joined("http://localhost/docs", reference) == ""


def test_what_is_one_leads_there() -> None:
    assert joined("http://localhost/docs/", "../openapi.json?x=1") == "http://localhost/openapi.json?x=1"


@pytest.mark.parametrize("reference", NO_ADDRESSES)
def test_a_page_that_names_none(reference: str) -> None:
    """The good one beside it is found all the same."""
    text = (
        f'<html><head><base href="{reference}"><link rel="service-desc" href="{reference}">'
        f'<script src="{reference}"></script></head><redoc spec-url="{reference}"></redoc>'
        f'<script>SwaggerUIBundle({{url: "{reference}"}}); SwaggerUIBundle({{url: "/openapi.json"}})</script></html>'
    )
    page = read_page(text, "http://localhost/docs")
    assert page.base == page.url
    assert loaded_scripts(page) == []
    found = {one.url for one in candidates_of_page(page, f'<{reference}>; rel="service-desc"')}
    assert found == {"", "http://localhost/openapi.json"}
    assert {one.url for one in candidates_of_header(f'<{reference}>; rel="service-desc"', page.url)} == {""}
