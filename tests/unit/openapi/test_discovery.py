# ruff: noqa: E501 - tables of documents and pages read best with a row each
"""From every kind of documentation page to the document, over a real server."""

import json
import os
from pathlib import Path

import pytest

from tests.unit.openapi.servers import Site, document
from zeues_contracts.config import Config, LimitsConfig
from zeues_contracts.errors import CannotJudgeError, UsageError
from zeues_contracts.http import Client
from zeues_contracts.openapi import discover, load

DOC = document("Right")
WRONG = document("Wrong")

FASTAPI = """<!DOCTYPE html><html><head><title>a </title> url: 'x' - Swagger UI</title></head><body>
<div id="swagger-ui"></div><script src="https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js"></script>
<!-- `SwaggerUIBundle` is now available on the page -->
<script>
const ui = SwaggerUIBundle({
    url: '%s',
%s"dom_id": "#swagger-ui",
"layout": "BaseLayout",
oauth2RedirectUrl: window.location.origin + '/docs/oauth2-redirect',
presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],
})
ui.initOAuth({"url": "/oauth.json"})
</script></body></html>"""


def page(script):
    return f"<html><body><div id=app></div><script>{script}</script></body></html>"


INLINE = json.dumps(DOC)
ESCAPED = INLINE.replace('"', "&quot;")
PAGES = {
    "fastapi": {"/docs": FASTAPI % ("/openapi.json", "")},
    "fastapi-override": {"/docs": FASTAPI % ("/wrong.json", '"url": "/openapi.json",\n')},
    "redoc": {"/docs": '<redoc spec-url="/openapi.json"></redoc>'},
    "redoc-relative": {"/docs/": "<redoc spec-url='../openapi.json'></redoc>"},
    "redoc-unquoted": {"/docs": "<redoc spec-url=/openapi.json></redoc>"},
    "redoc-init": {"/docs": page("Redoc.init('/openapi.json', {a: 1}, document.getElementById('x'))")},
    "redoc-inline": {"/docs": page(f"Redoc.init({INLINE}, undefined, el)")},
    "redoc-built": {"/docs": page(f"const __redoc_state = {{menu: 1, spec: {{data: {INLINE}}}}}; Redoc.hydrate(__redoc_state)")},
    "scalar": {"/docs": page("Scalar.createApiReference('#app', {\"url\": \"/openapi.json\", x: () => 1})")},
    "scalar-sources": {"/docs": page("Scalar.createApiReference('#app', {sources: [{url: '/openapi.json', title: 'A'}]})")},
    "scalar-content": {"/docs": page(f"Scalar.createApiReference('#app', {{content: {INLINE}}})")},
    "scalar-attribute": {"/docs": "<script id='api-reference' data-url='/openapi.json'></script>"},
    "scalar-configuration": {
        "/docs": '<script id="api-reference" data-configuration="{&quot;spec&quot;:{&quot;url&quot;:&quot;/openapi.json&quot;}}">'
        "</script>"
    },
    "scalar-script": {"/docs": f"<script id='api-reference' type='application/json'>{INLINE}</script>"},
    "rapidoc": {"/docs": "<rapi-doc spec-url='/openapi.json' > </rapi-doc>"},
    "rapidoc-inline": {"/docs": page(f"document.querySelector('rapi-doc').loadSpec({INLINE})")},
    "elements": {"/docs": '<elements-api apiDescriptionUrl="/openapi.json" />'},
    "elements-inline": {"/docs": f'<elements-api apiDescriptionDocument="{ESCAPED}"></elements-api>'},
    "elements-property": {"/docs": page(f"const docs = document.getElementById('d'); docs.apiDescriptionDocument = {INLINE};")},
    "litestar": {"/docs": page(f"const ui = SwaggerUIBundle({{ spec: {INLINE},\n dom_id: '#x', presets: [A.b] }})")},
    "spectacular": {"/docs": page('const ui = SwaggerUIBundle({\n  url: "/openapi\\u002Djson/",\n  ...swaggerSettings,\n});')},
    "spectacular-split": {
        "/docs/": '<script src="https://cdn/swagger-ui-bundle.js"></script><script src="?script="></script>',
        "/docs/?script=": 'const ui = SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui"})',
    },
    "ninja": {
        "/docs": '<script type="application/json" id="swagger-settings">{"layout": "B", "url": "/openapi.json"}</script>'
        '<script src="/static/ninja/swagger-ui-init.js"></script>'
    },
    "springdoc": {
        "/docs": '<script src="./swagger-initializer.js"></script>',
        "/swagger-initializer.js": page(
            'window.onload = function() { window.ui = SwaggerUIBundle({ url: "https://petstore.swagger.io/v2/swagger.json",'
            ' dom_id: "#x", "configUrl": "/v3/api-docs/swagger-config", validatorUrl: "" }); };'
        ),
        "/v3/api-docs/swagger-config": json.dumps({"configUrl": "/v3/api-docs/swagger-config", "url": "/openapi.json"}),
    },
    "query": {"/docs?url=/openapi.json": page("SwaggerUIBundle({url: '/wrong.json'})")},
    "flasgger": {"/docs": page("window.onload=function(){var opts = {urls: [{url: '/openapi.json', name: 'v1'}]}; f(opts)}")},
    "variable": {"/docs": page("const specUrl = `${window.location.origin}/openapi.json`; SwaggerUIBundle({url: specUrl})")},
    "concatenated": {"/docs": page("SwaggerUIBundle({url: window.location.origin + '/openapi' + '.json'})")},
    "json-parse": {"/docs": page("var configObject = JSON.parse('{\"urls\":[{\"url\":\"openapi.json\",\"name\":\"V1\"}]}');")},
    "express": {
        "/docs": '<script src="./swagger-ui-bundle.js"></script><script src="./init.js"></script>',
        "/init.js": "window.onload = function() { var url = window.location.search.match(/url=([^&\"']+)/);\n"
        f'var options = {{"swaggerDoc": {INLINE}, "customOptions": {{}}}};\n'
        "var spec1 = options.swaggerDoc; SwaggerUIBundle({spec: spec1, url: url}) }",
    },
    "nest": {"/api": "<div id=swagger-ui></div>", "/api-json": INLINE},
    "base-href": {"/docs": '<head><base href="/deep/"></head><redoc spec-url="openapi.json"></redoc>', "/deep/openapi.json": INLINE},
    "link-element": {"/docs": '<link rel="service-desc" type="application/json" href="/openapi.json">'},
    "comment": {"/docs": "<!-- <redoc spec-url='/wrong.json'></redoc> --><redoc spec-url='/openapi.json'></redoc>"},
    "oauth-first": {"/docs": page("const swagger_ui_init_oauth = {\"url\": \"/oauth.json\"}; SwaggerUIBundle({url: '/openapi.json'})")},
    "catalog": {
        "/docs": "<p>nothing here</p>",
        "/.well-known/api-catalog": json.dumps(
            {"linkset": [{"anchor": "/", "service-desc": [{"href": "/deep/a.json", "type": "application/json"}]}]}
        ),
        "/deep/a.json": INLINE,
    },
    "yaml": {"/docs": "<redoc spec-url='/o.yaml'></redoc>", "/o.yaml": "openapi: 3.1.0\ninfo: {title: Right, version: 1}\npaths: {}\n"},
    "swagger2": {"/docs": "<redoc spec-url='/s.json'></redoc>", "/s.json": json.dumps({"swagger": "2.0", "info": {"title": "Right"}})},
}  # fmt: skip
OWN = {"nest", "base-href", "catalog"}


@pytest.mark.parametrize("kind", sorted(PAGES))
def test_page(kind):
    pages = {path: (200, body) for path, body in PAGES[kind].items()}
    if kind not in OWN:
        pages |= {"/openapi.json": (200, DOC), "/openapi-json/": (200, DOC)}
    pages |= {"/wrong.json": (200, WRONG), "/oauth.json": (200, {"client": 1})}
    target = next(iter(PAGES[kind]))
    with Site(pages) as site:
        found = load(site.url + target)
        assert found.title == "Right"
        if kind in ("fastapi", "redoc", "fastapi-override"):
            assert site.paths() == ["/docs", "/openapi.json"], "nothing but what the page names is asked for"


def test_corpus_pages():
    folder = os.environ.get("ZEUES_CONTRACTS_CORPUS")
    if not folder:
        pytest.skip("no corpus")
    pages = sorted((Path(folder) / "docs_pages").glob("*.html"))
    assert pages
    for file in pages:
        site_pages = dict.fromkeys(
            ("/openapi.json", "/n/openapi.json", "/api/schema/", "/api/v1/openapi.json"), (200, DOC)
        )
        site_pages["/docs"] = (200, file.read_bytes())
        script = file.with_name("express-init.js")
        site_pages["/swagger-ui-init.js"] = (200, script.read_bytes())
        with Site(site_pages) as site:
            found = load(site.url + "/docs")
            assert found.title == ("T" if file.name.startswith(("litestar", "express")) else "Right"), file.name
            assert len(site.asked) <= 3, site.paths()


def test_direct_document_and_base_url():
    with Site({"/openapi.json": (200, DOC), "/": (200, {"message": "hello"})}) as site:
        assert load(site.url + "/openapi.json").title == "Right"
        assert load(site.url).title == "Right"
        assert load(site.url + "/").base_url == site.url


def test_link_header():
    with Site(
        {"/": (200, "hi", {"link": '</x>; rel="next", </deep/d>; rel="service-desc"'}), "/deep/d": (200, DOC)}
    ) as site:
        assert load(site.url).title == "Right"
    with Site(
        {"/": (200, "<p>hi</p>", {"link": '</x>; rel="next", </deep/d>; rel="service-desc"'}), "/deep/d": (200, DOC)}
    ) as site:
        assert load(site.url).title == "Right"


def test_base_url_through_a_docs_page():
    with Site(
        {"/": (404, "no"), "/redoc": (200, "<redoc spec-url='/deep/own.json'></redoc>"), "/deep/own.json": (200, DOC)}
    ) as site:
        assert load(site.url).title == "Right"


def test_prefix_that_a_proxy_strips():
    pages = {"/team/app/docs": (200, FASTAPI % ("/openapi.json", "")), "/team/app/openapi.json": (200, DOC)}
    with Site(pages) as site:
        found = load(site.url + "/team/app/docs")
        assert found.base_url == site.url + "/team/app"
        assert [note.kind for note in found.notes] == ["elsewhere"]


def test_prefix_of_a_mount_behind_a_stripping_proxy():
    pages = {"/proxy/v1/docs": (200, FASTAPI % ("/v1/openapi.json", "")), "/proxy/v1/openapi.json": (200, DOC)}
    with Site(pages) as site:
        found = load(site.url + "/proxy/v1/docs")
        assert found.title == "Right"
        assert found.base_url == site.url + "/proxy"


def test_root_path_without_the_proxy():
    with Site({"/docs": (200, FASTAPI % ("/api/v1/openapi.json", "")), "/openapi.json": (200, DOC)}) as site:
        assert load(site.url + "/docs").title == "Right"


def test_servers_decide_the_base_url():
    with Site({"/openapi.json": (200, document("S", servers=[{"url": "/api/v1"}]))}) as site:
        assert load(site.url + "/openapi.json").base_url == site.url + "/api/v1"
    with Site({"/openapi.json": (200, document("S", servers=[{"url": "https://api.example.com/v2"}]))}) as site:
        assert load(site.url + "/openapi.json").base_url == site.url


SEVERAL = page(
    "SwaggerUIBundle({urls: [{url: '/a.json', name: 'Alpha API'}, {url: '/gone.json', name: 'Gone'}, "
    "{url: '/b.json', name: 'Beta'}], 'urls.primaryName': 'Beta'})"
)


def test_several_documents_are_listed_and_chosen_by_name():
    pages = {"/docs": (200, SEVERAL), "/a.json": (200, document("A")), "/b.json": (200, document("B"))}
    with Site(pages) as site:
        with pytest.raises(UsageError) as told:
            load(site.url + "/docs")
        assert "'Alpha API'" in told.value.message
        assert "'Beta'" in told.value.message
        assert "Gone" not in told.value.message
        assert "--document" in told.value.hint
        assert load(site.url + "/docs", document_name="alpha api").title == "A"
        assert load(site.url + "/docs", document_name="b").title == "B"
        assert load(site.url + "/docs?urls.primaryName=Beta").title == "B"
        with pytest.raises(UsageError, match="no document is called 'Gamma'"):
            load(site.url + "/docs", document_name="Gamma")


def test_one_valid_of_several_needs_no_name():
    with Site({"/docs": (200, SEVERAL), "/b.json": (200, document("B"))}) as site:
        assert load(site.url + "/docs").title == "B"


@pytest.mark.parametrize("status", [401, 403])
def test_no_entry(status):
    with Site({"/docs": (status, "no")}) as site:
        with pytest.raises(CannotJudgeError) as told:
            load(site.url + "/docs")
        assert str(status) in told.value.message
        assert "--header" in told.value.hint
        assert "--app" in told.value.hint


def test_no_entry_to_the_document_of_an_open_page():
    with Site({"/docs": (200, FASTAPI % ("/openapi.json", "")), "/openapi.json": (401, "no")}) as site:  # noqa: SIM117
        with pytest.raises(CannotJudgeError, match=r"/openapi.json answers with 401"):
            load(site.url + "/docs")


def test_login_pages():
    form = "<html><title>Log in</title><form><input name=u><input type=password></form></html>"
    with Site({"/docs": (302, "", {"location": "/login?next=/docs"}), "/login": (200, form)}) as site:  # noqa: SIM117
        with pytest.raises(CannotJudgeError, match="a login page"):
            load(site.url + "/docs")
    spa = "<html><title>SSO</title><div id=root></div></html>"
    with Site({"/docs": (302, "", {"location": "/sso/login"}), "/sso/login": (200, spa)}) as site:  # noqa: SIM117
        with pytest.raises(CannotJudgeError, match="a login page"):
            load(site.url + "/docs")


def test_header_opens():
    def guarded(handler):
        ok = handler.headers.get("X-API-Key") == "k1"
        data = json.dumps(DOC).encode() if ok else b"no"
        handler.send_response(200 if ok else 401)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    with Site({"/docs": (200, FASTAPI % ("/openapi.json", "")), "/openapi.json": guarded}) as site:
        assert load(site.url + "/docs", headers={"X-API-Key": "k1"}).title == "Right"


def test_nothing_found_tells_what_was_tried():
    with Site({"/docs": (200, "<title>Welcome</title>")}) as site:
        with pytest.raises(CannotJudgeError) as told:
            load(site.url + "/docs")
        message = told.value.message
        assert "\n" not in message
        assert "/docs (HTML page 'Welcome')" in message
        assert "/openapi.json" in message
        assert "(404)" in message
        assert len(message) < 900
        found = discover(site.url + "/docs", Client({}, LimitsConfig()))
        assert found.document is None
        assert {one.status for one in found.tried} == {200, 404}


def test_nothing_there():
    with Site({}) as site:
        url = site.url
    with pytest.raises(CannotJudgeError) as told:
        load(url + "/docs")
    assert told.value.message == f"{url}/docs: nothing listens there (connection refused)"


def test_direct_address_that_is_wrong_names_the_right_one_and_takes_no_other():
    with Site({"/openapi.json": (200, DOC)}) as site:
        with pytest.raises(CannotJudgeError, match="answers 404") as told:
            load(site.url + "/v2/openapi.json")
        assert told.value.hint == f"there is a document at {site.url}/openapi.json"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html><title>Nginx</title></html>", "HTML page 'Nginx'"),
        ('{"openapi": "3.1.0", "paths": {"/a": ', "1:38: the JSON ends too early"),
        ("[" * 2_000_000, "nested deeper than 256 levels"),
        ('{"a": 1}', "JSON without `openapi`"),
        ('{"openapi": "3.1.0", "paths": {}, "x": ' + "[" * 300 + "]" * 300 + "}", "nested deeper than 256 levels"),
        ("", "an empty body"),
        ('{"openapi": "9.0", "paths": {}}', "OpenAPI 9.0 is not supported"),
    ],
)
def test_what_is_no_document(body, says):
    with Site({"/openapi.json": (200, body)}) as site:
        with pytest.raises(CannotJudgeError) as told:
            load(site.url + "/openapi.json")
        assert says in told.value.message
        assert "\n" not in told.value.message


def test_too_large():
    config = Config(limits=LimitsConfig(max_bytes=1000))
    with Site({"/openapi.json": (200, json.dumps(document("T", x="y" * 2000)))}) as site:  # noqa: SIM117
        with pytest.raises(CannotJudgeError, match="larger than 1000 bytes"):
            load(site.url + "/openapi.json", config=config)


def test_a_page_that_names_itself_ends():
    with Site({"/docs": (200, page("SwaggerUIBundle({url: '/docs', configUrl: '/docs'})"))}) as site:
        with pytest.raises(CannotJudgeError):
            load(site.url + "/docs")
        assert len(site.asked) < 70


def test_credentials_stay_on_their_origin():
    with Site({"/o.json": (200, DOC)}) as other:
        with Site({"/docs": (200, FASTAPI % (other.url + "/o.json", ""))}) as site:
            assert load(site.url + "/docs", headers={"X-API-Key": "k", "Authorization": "Bearer t"}).title == "Right"
            assert site.asked[0][1]["x-api-key"] == "k"
        for _, headers in other.asked:
            assert "x-api-key" not in headers
            assert "authorization" not in headers


def test_user_and_password_of_the_url_reach_the_document_and_no_message():
    with Site({"/docs": (200, FASTAPI % ("/openapi.json", "")), "/openapi.json": (200, DOC)}) as site:
        url = site.url.replace("http://", "http://user:hunter2@")
        found = load(url + "/docs")
        assert all(headers["authorization"] == "Basic dXNlcjpodW50ZXIy" for _, headers in site.asked)
        assert "hunter2" not in found.source + found.resource.uri
        with pytest.raises(CannotJudgeError) as told:
            load(url.replace("127.0.0.1", "127.0.0.2") + "/x/openapi.json?token=abc")
        assert "hunter2" not in told.value.message + told.value.hint
        assert "abc" not in told.value.message
