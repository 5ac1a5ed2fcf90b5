# ruff: noqa: E501 - tables of documents and pages read best with a row each
"""Real applications: FastAPI under uvicorn, mounted, below a root_path, behind a proxy, and in process."""

import sys
import textwrap

import pytest

from tests.unit.openapi.servers import Site, uvicorn_server
from zeues_contracts.errors import UsageError
from zeues_contracts.openapi import load, load_app

fastapi = pytest.importorskip("fastapi")


def application(**settings):
    app = fastapi.FastAPI(title="Shop", **settings)

    @app.get("/things/{thing_id}")
    def read(thing_id: int) -> dict[str, int]:
        return {"id": thing_id}

    return app


def test_docs_and_redoc_and_base():
    with uvicorn_server(application()) as url:
        for path in ("/docs", "/redoc", "/openapi.json", "", "/"):
            found = load(url + path)
            assert found.title == "Shop"
            assert found.base_url == url
            assert [str(key) for key in found.keys] == ["GET /things/{}"]


def test_settings_of_the_page():
    app = application(
        openapi_url="/api/v1/schema.json",
        docs_url="/manual",
        swagger_ui_parameters={"filter": True, "url": "/api/v1/schema.json"},
    )
    with uvicorn_server(app) as url:
        assert load(url + "/manual").title == "Shop"


def test_root_path_directly():
    with uvicorn_server(application(root_path="/api/v1")) as url:
        found = load(url + "/docs")
        assert found.title == "Shop"
        assert found.base_url == url + "/api/v1"
        assert [server.url for server in found.servers] == ["/api/v1"]


def test_mount():
    outer = fastapi.FastAPI(title="Outer")
    outer.mount("/inner", application())
    with uvicorn_server(outer) as url:
        assert load(url + "/inner/docs").title == "Shop"
        assert load(url + "/docs").title == "Outer"


def proxy_to(backend, prefix):
    """A proxy that hands on what is below a prefix, without it."""
    import httpx

    def answer(handler):
        path = handler.path.removeprefix(prefix) or "/"
        got = httpx.get(backend + path, headers={"accept": handler.headers["accept"]}, trust_env=False)
        handler.send_response(got.status_code)
        handler.send_header("content-type", got.headers["content-type"])
        handler.send_header("content-length", str(len(got.content)))
        handler.end_headers()
        handler.wfile.write(got.content)

    class Below(dict):
        def get(self, path, default=None):
            return answer if path.startswith(prefix + "/") else default

    return Site(Below())


def test_prefix_stripping_proxy_that_tells_nobody():
    with uvicorn_server(application()) as backend, proxy_to(backend, "/shop/v2") as proxy:
        found = load(proxy.url + "/shop/v2/docs")
        assert found.title == "Shop"
        assert found.base_url == proxy.url + "/shop/v2"
        assert found.notes


def test_prefix_stripping_proxy_with_root_path():
    with uvicorn_server(application(), root_path="/shop") as backend, proxy_to(backend, "/shop") as proxy:
        found = load(proxy.url + "/shop/docs")
        assert found.base_url == proxy.url + "/shop"
        assert not found.notes


def test_no_page_but_openapi_json():
    with uvicorn_server(application(docs_url=None, redoc_url=None)) as url:
        assert load(url + "/docs").title == "Shop"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with modules of its own; what they leave in ``sys.modules`` is taken out afterwards."""
    before = set(sys.modules)
    path = list(sys.path)

    def write(name, text):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))

    monkeypatch.chdir(tmp_path)
    yield write
    sys.path[:] = path
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


SHOP = """
import fastapi
print("noise on import")
app = fastapi.FastAPI(title="Own", openapi_url=None)
@app.get("/a")
def read() -> int: return 1
class Holder:
    inner = app
def create_app(debug: bool = False):
    return app
def needs(argument):
    return app
number = 3
"""


@pytest.mark.parametrize(
    "spec",
    [
        "own_shop:app",
        "own_shop:Holder.inner",
        "own_shop:create_app",
        "own_shop:create_app()",
        "own_shop",
        "own_shop.py:app",
    ],
)
def test_application_in_process(project, spec, capfd):
    project("own_shop.py", SHOP)
    found = load_app(spec)
    assert found.title == "Own"
    assert [str(key) for key in found.keys] == ["GET /a"]
    assert capfd.readouterr().out == ""


def test_package_and_folder(project, tmp_path, monkeypatch):
    project("backend/own_pkg/__init__.py", "")
    project("backend/own_pkg/main.py", SHOP)
    monkeypatch.chdir("/")
    assert load_app("own_pkg.main:app", base=tmp_path / "backend").title == "Own"


@pytest.mark.parametrize(
    ("spec", "text", "says"),
    [
        ("own_gone:app", None, "there is no module 'own_gone'"),
        ("own_bad:app", "import not_installed_here\n", "cannot be imported: ModuleNotFoundError: No module named 'not_installed_here' ("),
        ("own_bad:app", "x = 1\ny = 1 / 0\n", "own_bad.py:2)"),
        ("own_bad:app", "def f(:\n", "own_bad.py:1)"),
        ("own_bad:app", "import sys\nsys.exit(3)\n", "it exits with 3"),
        ("own_bad:ap", "app = 1\n", "has no attribute 'ap'"),
        ("own_bad:app", "app = 1\n", "is a int, not an application"),
        ("own_bad:app", "def app():\n    raise RuntimeError('no\\nsettings')\n", "the factory failed: RuntimeError: no settings ("),
        ("own_bad:app", "class A:\n    def openapi(self):\n        raise ValueError('bad model')\n    async def __call__(self, s, r, q): ...\napp = A()\n", "its openapi() failed: ValueError: bad model ("),
        ("own bad:app", None, "not of the form module:attribute"),
        ("", None, "not of the form module:attribute"),
    ],
)  # fmt: skip
def test_application_that_cannot_be_used(project, spec, text, says):
    if text is not None:
        project("own_bad.py", text)
    with pytest.raises(UsageError) as told:
        load_app(spec)
    assert says in told.value.message
    assert "\n" not in told.value.message


def test_any_asgi_application_with_its_lifespan(project):
    project(
        "own_asgi.py",
        """
        import json
        ready = False
        async def app(scope, receive, send):
            global ready
            if scope["type"] == "lifespan":
                await receive()
                ready = True
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await send({"type": "lifespan.shutdown.complete"})
                return
            page = scope["path"] == "/docs"
            body = b"<redoc spec-url='/spec'></redoc>" if page else json.dumps(
                {"openapi": "3.1.0", "info": {"title": "Bare", "version": str(ready)}, "paths": {}}).encode()
            status = 200 if scope["path"] in ("/docs", "/spec") else 404
            await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/html" if page else b"application/json")]})
            await send({"type": "http.response.body", "body": body})
        """,
    )  # fmt: skip
    found = load_app("own_asgi:app")
    assert found.title == "Bare"
    assert found.raw["info"]["version"] == "True"


def test_wsgi_application(project):
    project(
        "own_wsgi.py",
        """
        import json
        def app(environ, start_response):
            start_response("200 OK", [("content-type", "application/json")])
            return [json.dumps({"openapi": "3.0.3", "info": {"title": "Old", "version": "1"}, "paths": {}}).encode()]
        """,
    )
    assert load_app("own_wsgi:app").title == "Old"


def test_application_without_a_document(project):
    project(
        "own_none.py",
        """
        async def app(scope, receive, send):
            assert scope["type"] == "http"
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
        """,
    )
    with pytest.raises(UsageError, match="no OpenAPI document found"):
        load_app("own_none:app")
