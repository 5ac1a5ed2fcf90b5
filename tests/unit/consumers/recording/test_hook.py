"""The hook in processes of its own: every library, no change to the code, nothing printed."""

from __future__ import annotations

import json
import os
import stat
import sys

import pytest

from tests.unit.consumers.recording.serving import run_script, said

pytest.importorskip("requests")
pytest.importorskip("aiohttp")

SCRIPTS = {
    "requests": """
        import sys, requests
        def test_reads(base):
            r = requests.get(base + "/things/7", params={"q": "a b"}, timeout=5)
            assert r.status_code == 200
            assert r.json()["name"] == "seven"
            r = requests.post(base + "/echo", json={"n": 1}, timeout=5)
            assert r.status_code == 201 and r.json()["body"] == '{"n": 1}', r.text
        test_reads(sys.argv[1])
    """,
    "requests-session": """
        import sys, requests
        def test_reads(base):
            with requests.Session() as session:
                r = session.get(base + "/things/7?q=a+b", timeout=5)
                r.raise_for_status()
                assert r.json()["name"] == "seven"
                r = session.request("POST", base + "/echo", data='{"n": 1}', timeout=5,
                                    headers={"Content-Type": "application/json"})
                assert r.ok and r.json()["body"] == '{"n": 1}'
        test_reads(sys.argv[1])
    """,
    "httpx": """
        import sys, httpx
        def test_reads(base):
            with httpx.Client(base_url=base) as client:
                r = client.get("/things/7", params={"q": "a b"})
                assert r.status_code == 200
                assert r.json()["name"] == "seven"
                r = client.post("/echo", content='{"n": 1}', headers={"content-type": "application/json"})
                assert r.status_code == 201 and r.json()["body"] == '{"n": 1}'
        test_reads(sys.argv[1])
    """,
    "httpx-async": """
        import asyncio, sys, httpx
        async def test_reads(base):
            async with httpx.AsyncClient(base_url=base) as client:
                r = await client.get("/things/7", params={"q": "a b"})
                assert r.status_code == 200
                assert r.json()["name"] == "seven"
                r = await client.post("/echo", content='{"n": 1}', headers={"content-type": "application/json"})
                assert r.is_success and r.json()["body"] == '{"n": 1}'
        asyncio.run(test_reads(sys.argv[1]))
    """,
    "urllib3": """
        import sys, urllib3
        def test_reads(base):
            pool = urllib3.PoolManager()
            r = pool.request("GET", base + "/things/7?q=a+b")
            assert r.status == 200
            assert r.json()["name"] == "seven"
            r = pool.request("POST", base + "/echo", body='{"n": 1}', headers={"Content-Type": "application/json"})
            assert r.status == 201 and r.json()["body"] == '{"n": 1}'
        test_reads(sys.argv[1])
    """,
    "aiohttp": """
        import asyncio, sys, aiohttp
        async def test_reads(base):
            async with aiohttp.ClientSession() as session:
                async with session.get(base + "/things/7", params={"q": "a b"}) as r:
                    assert r.status == 200
                    assert (await r.json())["name"] == "seven"
                async with session.post(base + "/echo", json={"n": 1}) as r:
                    assert r.status == 201
                    assert (await r.json())["body"] == '{"n": 1}'
        asyncio.run(test_reads(sys.argv[1]))
    """,
    "http.client": """
        import http.client, json, sys
        from urllib.parse import urlsplit
        def test_reads(base):
            c = http.client.HTTPConnection(urlsplit(base).netloc)
            c.request("GET", "/things/7?q=a+b")
            r = c.getresponse()
            assert r.status == 200
            assert json.loads(r.read())["name"] == "seven"
            c.request("POST", "/echo", body='{"n": 1}', headers={"Content-Type": "application/json"})
            r = c.getresponse()
            assert r.status == 201
            assert json.load(r)["body"] == '{"n": 1}'
        test_reads(sys.argv[1])
    """,
    "urllib.request": """
        import json, sys, urllib.request
        def test_reads(base):
            with urllib.request.urlopen(base + "/things/7?q=a+b") as r:
                assert r.status == 200
                assert json.load(r)["name"] == "seven"
            q = urllib.request.Request(base + "/echo", b'{"n": 1}', {"Content-Type": "application/json"})
            with urllib.request.urlopen(q) as r:
                assert r.status == 201
                assert json.loads(r.read().decode())["body"] == '{"n": 1}'
        test_reads(sys.argv[1])
    """,
}


@pytest.mark.parametrize("library", SCRIPTS)
def test_every_library_is_watched_and_says_what_is_read(library, service, tmp_path):
    recording, ended = run_script(tmp_path, SCRIPTS[library], service)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    first, second = recording.exchanges
    assert said(first) == ("test_reads", "GET", said(first)[2], 200)
    assert said(first)[2] in ("/things/7?q=a+b", "/things/7?q=a%20b")
    assert said(second) == ("test_reads", "POST", "/echo", 201)
    assert first.exchange.request.body is None
    assert json.loads(second.exchange.request.body) == {"n": 1}
    assert second.exchange.request.header("content-type") == "application/json"
    assert json.loads(first.exchange.response.body)["name"] == "seven"
    assert not first.exchange.response.truncated
    assert [(read.path, read.kind, read.key) for read in first.body_reads] == [((), "get", "name")]
    assert [read.key for read in second.body_reads] == ["body"]
    kinds = {read.kind for one in recording.exchanges for read in one.status_reads}
    assert kinds <= {"==", "raise", "ok"}
    assert kinds
    assert all(one.library == library.partition("-")[0].replace("urllib.request", "http.client") for one in (first,))


def test_redirects_are_exchanges_of_their_own(service, tmp_path):
    for name, call in {
        "requests": "import requests; print(requests.get(base + '/redirect', timeout=5).json()['id'])",
        "httpx": "import httpx; print(httpx.get(base + '/redirect', follow_redirects=True).json()['id'])",
        "urllib3": "import urllib3; print(urllib3.PoolManager().request('GET', base + '/redirect').json()['id'])",
        "urllib": "import json, urllib.request; print(json.load(urllib.request.urlopen(base + '/redirect'))['id'])",
        "aiohttp": """
import aiohttp, asyncio
async def main():
    async with aiohttp.ClientSession() as s, s.get(base + '/redirect') as r:
        print((await r.json())['id'])
asyncio.run(main())""",
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        recording, ended = run_script(folder, f"import sys\nbase = sys.argv[1]\n{call}\n", service)
        assert ended.stdout == "7\n", ended.stderr
        assert sorted(said(one)[2:] for one in recording.exchanges) == [("/redirect", 302), ("/things/7", 200)], name


def test_streams_are_kept_as_far_as_they_were_read(service, tmp_path):
    code = """
        import sys, requests, httpx
        def test_stream(base):
            r = requests.get(base + "/stream", stream=True, timeout=5)
            lines = r.iter_lines()
            assert next(lines) == b"data: 0"
            r.close()
            with httpx.stream("GET", base + "/stream") as h:
                for line in h.iter_lines():
                    assert line == "data: 0"
                    break
        test_stream(sys.argv[1])
    """
    recording, ended = run_script(tmp_path, code, service)
    assert ended.stderr == ""
    assert [said(one)[2:] for one in recording.exchanges] == [("/stream", 200)] * 2
    for one in recording.exchanges:
        assert one.exchange.response.body.startswith(b"data: 0")
        assert one.exchange.response.truncated


def test_threads_tasks_and_children_belong_to_their_test(service, tmp_path):
    code = """
        import asyncio, subprocess, sys, threading
        from concurrent.futures import ThreadPoolExecutor
        import httpx, requests
        base = sys.argv[1]
        def get(number):
            return requests.get(f"{base}/things/{number}", timeout=5).status_code
        def test_threads():
            t = threading.Thread(target=get, args=(1,))
            t.start(); t.join()
        pool = ThreadPoolExecutor(1)
        def test_pool_first():
            pool.submit(get, 2).result()
        def test_pool_second():
            assert list(pool.map(get, [3])) == [200]
        async def several():
            async with httpx.AsyncClient() as client:
                await asyncio.gather(*(client.get(f"{base}/things/{n}") for n in (4, 5)))
        async def test_tasks():
            await asyncio.create_task(several())
        def test_child():
            subprocess.run([sys.executable, "-c", f"import requests; requests.get('{base}/things/6', timeout=5)"])
        test_threads(); test_pool_first(); test_pool_second(); asyncio.run(test_tasks()); test_child()
        get(7)
    """
    recording, ended = run_script(tmp_path, code, service)
    assert (ended.returncode, ended.stderr) == (0, "")
    tests = {said(one)[2]: said(one)[0] for one in recording.exchanges}
    assert tests == {
        "/things/1": "test_threads",
        "/things/2": "test_pool_first",
        "/things/3": "test_pool_second",
        "/things/4": "test_tasks",
        "/things/5": "test_tasks",
        "/things/6": "",
        "/things/7": "",
    }


def test_what_goes_wrong_is_recorded_and_raised_as_ever(tmp_path):
    code = """
        import sys, http.client, httpx, requests, urllib3, asyncio, aiohttp
        def test_refused():
            for call in (
                lambda: requests.get("http://127.0.0.1:1/a", timeout=5),
                lambda: httpx.get("http://127.0.0.1:1/b"),
                lambda: urllib3.PoolManager(retries=False).request("GET", "http://127.0.0.1:1/c"),
                lambda: http.client.HTTPConnection("127.0.0.1", 1).request("GET", "/d"),
            ):
                try:
                    call()
                except Exception as error:
                    print(type(error).__name__)
        async def test_refused_async():
            try:
                async with aiohttp.ClientSession() as s:
                    await s.get("http://127.0.0.1:1/e")
            except aiohttp.ClientConnectorError:
                print("ClientConnectorError")
        test_refused(); asyncio.run(test_refused_async())
    """
    recording, ended = run_script(tmp_path, code)
    assert ended.stdout.split() == [
        "ConnectionError",
        "ConnectError",
        "NewConnectionError",
        "ConnectionRefusedError",
        "ClientConnectorError",
    ]
    assert [one.exchange.error for one in recording.exchanges] == ["refused"] * 5
    assert [one.exchange.request.url[-2:] for one in recording.exchanges] == ["/a", "/b", "/c", "/d", "/e"]


SECRETS = """
    import sys, requests, httpx
    base = sys.argv[1]
    def test_secrets():
        h = {"Authorization": "Bearer PLANTED-4", "X-Api-Key": "PLANTED-5", "Cookie": "sid=PLANTED-6"}
        r = requests.post(base + "/login?api_key=PLANTED-7&q=1", headers=h, timeout=5,
                          json={"user": "u", "password": "PLANTED-8", "deep": [{"client_secret": "PLANTED-9"}]})
        assert r.json()["access_token"] == "tok-PLANTED-1"
        assert r.json()["user"]["password"] == "PLANTED-2"
        requests.post(base + "/echo", data={"password": "PLANTED-10", "a": "b"}, auth=("me", "PLANTED-11"), timeout=5)
        s = requests.Session()
        s.get(base + "/login", timeout=5); s.get(base + "/things/7", timeout=5)
        httpx.post(base.replace("://", "://me:PLANTED-12@") + "/echo", content="token=PLANTED-13&x=1")
        requests.post(base + "/echo", data="Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.PLANTED-14",
                      timeout=5)
    test_secrets()
"""


def test_planted_secrets_are_in_no_file_that_recording_wrote(service, tmp_path):
    spool = tmp_path / "spool"
    recording, ended = run_script(tmp_path, SECRETS, service, spool=spool)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(recording.exchanges) == 6
    for file in spool.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"PLANTED" not in file.read_bytes(), file.read_text()[:2000]
    first = recording.exchanges[0]
    assert json.loads(first.exchange.request.body) == {
        "user": "u",
        "password": "***",
        "deep": [{"client_secret": "***"}],
    }
    assert first.exchange.request.header("authorization") == "Bearer ***"
    assert json.loads(first.exchange.response.body)["ok"] is True


def test_a_sitecustomize_that_was_there_runs_as_before(service, tmp_path, monkeypatch):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text("import builtins\nbuiltins.mine = 5\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "own"))
    recording, ended = run_script(
        tmp_path, "import sys, requests\nprint(mine)\nrequests.get(sys.argv[1] + '/list', timeout=5)\n", service
    )
    assert ended.stdout == "5\n"
    assert len(recording.exchanges) == 1


def test_without_a_spool_the_bootstrap_does_nothing(tmp_path, monkeypatch):
    recording, ended = run_script(
        tmp_path, "import sys\nprint([name for name in sys.modules if 'zeues_contracts_recorder' in name])\n"
    )
    assert "zeues_contracts_recorder" in ended.stdout
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path[:0]))
    spool = tmp_path / "nothing"
    file = tmp_path / "script.py"
    import subprocess

    from zeues_contracts.consumers.recording.running import recording_environment

    environment = {**recording_environment(spool), "ZEUES_CONTRACTS_SPOOL": str(spool)}
    ended = subprocess.run([sys.executable, str(file)], env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not spool.exists()
    assert recording.exchanges == ()


def test_forked_workers_write_for_themselves(service, tmp_path):
    code = """
        import multiprocessing, sys, requests
        base = sys.argv[1]
        def work(number):
            requests.get(f"{base}/things/{number}", timeout=5)
        def test_forked():
            requests.get(f"{base}/things/0", timeout=5)
            context = multiprocessing.get_context("fork")
            workers = [context.Process(target=work, args=(n,)) for n in (1, 2)]
            for one in workers: one.start()
            for one in workers: one.join()
        test_forked()
    """
    recording, ended = run_script(tmp_path, code, service)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(said(one)[:3] for one in recording.exchanges) == [
        ("test_forked", "GET", f"/things/{n}") for n in (0, 1, 2)
    ]


def test_pytest_and_unittest_tell_how_tests_ended(service, tmp_path):
    code = """
        import os, unittest, requests, pytest
        base = os.environ["BASE"]
        @pytest.mark.parametrize("number", [1, 2])
        def test_good(number):
            assert requests.get(f"{base}/things/{number}", timeout=5).status_code == 200
        class TestBad(unittest.TestCase):
            def test_bad(self):
                self.assertEqual(requests.get(f"{base}/status/500", timeout=5).status_code, 200)
    """
    file = tmp_path / "test_it.py"
    runner = f"""
        import os, sys
        os.environ["BASE"] = sys.argv[1]
        import pytest
        sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", {str(file)!r}, "--rootdir", {str(tmp_path)!r}]))
    """
    import textwrap

    file.write_text(textwrap.dedent(code))
    recording, ended = run_script(tmp_path, runner, service)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    outcomes = {one.test: one.outcome for one in recording.outcomes}
    assert outcomes["test_it.py::test_good[1]"] == "passed"
    assert outcomes["test_it.py::TestBad::test_bad"] == "failed"
    assert [one.test for one in recording.exchanges] == [
        "test_it.py::test_good[1]",
        "test_it.py::test_good[2]",
        "test_it.py::TestBad::test_bad",
    ]


def test_forms_with_files_are_told_by_their_fields(service, tmp_path):
    code = """
        import io, sys, httpx, requests
        base = sys.argv[1]
        def test_forms():
            files = {"photo": ("a.png", io.BytesIO(b"PLANTED-1"), "image/png")}
            requests.post(base + "/things/7", data={"tag": "T 1", "password": "PLANTED-2"}, files=files, timeout=5)
            files = {"photo": ("a.png", io.BytesIO(b"PLANTED-3"), "image/png")}
            httpx.post(base + "/things/7", data={"tag": "T 1", "password": "PLANTED-4"}, files=files)
        test_forms()
    """
    recording, ended = run_script(tmp_path, code, service)
    assert (ended.returncode, ended.stderr) == (0, "")
    for one in recording.exchanges:
        assert one.form == {"tag": "T 1", "password": "***", "photo": "(file)"}
        assert one.exchange.response.status == 200
    for file in (tmp_path / "spool").iterdir():
        assert b"PLANTED" not in file.read_bytes()


def test_setup_of_unittest_belongs_to_the_test(service, tmp_path):
    code = f"""
        import sys, unittest, requests
        class TestThing(unittest.TestCase):
            def setUp(self):
                requests.get("{service}/list", timeout=5)
            def test_one(self):
                self.assertEqual(requests.get("{service}/things/1", timeout=5).json()["id"], 7)
        class TestAsync(unittest.IsolatedAsyncioTestCase):
            async def test_two(self):
                import httpx
                async with httpx.AsyncClient() as client:
                    self.assertEqual((await client.get("{service}/things/2")).status_code, 200)
        unittest.main()
    """
    recording, ended = run_script(tmp_path, code)
    assert ended.returncode == 0, ended.stderr
    assert [said(one)[::2] for one in recording.exchanges] == [
        ("TestAsync.test_two", "/things/2"),
        ("TestThing.test_one", "/list"),
        ("TestThing.test_one", "/things/1"),
    ]
    assert {one.test: one.outcome for one in recording.outcomes} == {
        "TestAsync.test_two": "passed",
        "TestThing.test_one": "passed",
    }


def test_applications_in_process_are_recorded_too(tmp_path):
    pytest.importorskip("fastapi")
    code = """
        import warnings
        warnings.simplefilter("ignore")
        from fastapi import FastAPI
        from fastapi.testclient import TestClient
        app = FastAPI()
        @app.get("/things/{n}")
        def thing(n: int): return {"id": n, "name": "x"}
        def test_client():
            r = TestClient(app).get("/things/5")
            assert r.status_code == 200
            assert r.json()["id"] == 5
        test_client()
    """
    recording, ended = run_script(tmp_path, code)
    assert (ended.returncode, ended.stderr) == (0, "")
    (one,) = recording.exchanges
    assert said(one) == ("test_client", "GET", "/things/5", 200)
    assert [read.key for read in one.body_reads] == ["id"]


def test_equal_code_of_two_files_is_told_apart(service, tmp_path):
    same = "def test_it(r):\n    return r.status_code == 200\n"
    (tmp_path / "one.py").write_text(same)
    (tmp_path / "two.py").write_text(same)
    code = """
        import sys, requests, one, two
        for module in (one, two):
            module.test_it(requests.get(sys.argv[1] + "/list", timeout=5))
    """
    recording, ended = run_script(tmp_path, code, service)
    assert ended.returncode == 0, ended.stderr
    files = [one.status_reads[0].site.file for one in recording.exchanges]
    assert [file.rpartition("/")[2] for file in files] == ["one.py", "two.py"]


def test_no_exchange_of_many_threads_is_lost(service, tmp_path):
    code = """
        import sys, threading, requests
        def work():
            for number in range(4):
                requests.get(sys.argv[1] + "/things/7", timeout=10)
        def test_threads():
            threads = [threading.Thread(target=work) for _ in range(12)]
            for one in threads: one.start()
            for one in threads: one.join()
        test_threads()
    """
    recording, ended = run_script(tmp_path, code, service)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(recording.exchanges) == 48
    assert {one.test for one in recording.exchanges} == {"test_threads"}


def test_a_request_that_is_sent_piece_by_piece(service, tmp_path):
    code = """
        import http.client, sys
        from urllib.parse import urlsplit
        c = http.client.HTTPConnection(urlsplit(sys.argv[1]).netloc)
        c.putrequest("POST", "/echo")
        c.putheader("Content-Length", "6")
        c.endheaders()
        c.send(b"abc")
        c.send(b"def")
        assert c.getresponse().status == 201
    """
    recording, ended = run_script(tmp_path, code, service)
    assert ended.returncode == 0, ended.stderr
    assert recording.exchanges[0].exchange.request.body == b"abcdef"


def test_an_old_python_can_read_the_bootstrap():
    import ast

    from zeues_contracts.consumers.recording.running import bootstrap_folder

    text = (bootstrap_folder() / "sitecustomize.py").read_text("utf-8")
    ast.parse(text, feature_version=(3, 4))
    assert "import annotations" not in text
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.JoinedStr)]


def test_a_process_that_sends_nothing_imports_next_to_nothing(tmp_path):
    code = """
        import sys
        ours = sorted(name for name in sys.modules if "zeues_contracts" in name)
        print(ours)
        print([name for name in ("json", "re", "threading", "typing", "http.client") if name in sys.modules])
    """
    _recording, ended = run_script(tmp_path, code)
    ours, heavy = ended.stdout.splitlines()
    assert ours == str([f"_zeues_contracts_recorder{one}" for one in ("", ".install", ".watching")])
    assert "json" not in heavy
    assert "http.client" not in heavy
    assert list((tmp_path / "spool").iterdir()) == []
