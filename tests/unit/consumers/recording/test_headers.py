"""Headers of answers: those that the code cannot do without are expected, whatever library it reads them with."""

from __future__ import annotations

import copy
import pickle

import pytest

from tests.unit.consumers.recording.serving import run_script
from zeues_contracts.consumers.recording.building import build_contract, interaction_of
from zeues_contracts.consumers.recording.hook.headers import track_headers
from zeues_contracts.consumers.recording.hook.reads import Reads

requests = pytest.importorskip("requests")
httpx = pytest.importorskip("httpx")

READING = """
    r = {call}
    assert {headers}["X-Total"] == "41"
    assert "etag" in {headers}
    print({headers}["Content-Type"], {headers}.get("X-Missing"), dict({headers}.items())["X-Total"])
    {headers}.get("x-request-id", "none")
"""
LIBRARIES = {
    "requests": ("requests.get(base + '/paged', timeout=5)", "r.headers"),
    "httpx": ("httpx.get(base + '/paged')", "r.headers"),
    "urllib3": ("urllib3.PoolManager().request('GET', base + '/paged')", "r.headers"),
    "urllib.request": ("urllib.request.urlopen(base + '/paged')", "r.headers"),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_says_which_headers_are_relied_on(library, service, tmp_path):
    call, headers = LIBRARIES[library]
    text = READING.format(call=call, headers=headers)
    if library == "httpx":
        text = text.replace('items())["X-Total"]', 'items())["x-total"]')
    code = f"import sys, {library}\ndef test_it(base):{text}\ntest_it(sys.argv[1])\n"
    recording, ended = run_script(tmp_path, code, service)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "application/json None 41\n", "")
    (one,) = recording.exchanges
    expect = interaction_of(one, strict=True).expect
    assert expect.statuses == ("200",)
    named = set(expect.headers)
    if library == "urllib.request":  # what is not there is None to it: only the demands tell
        assert named == {"x-total", "etag"}
    assert {"x-total", "etag"} <= named
    assert named <= {"x-total", "etag"}
    assert expect.headers["x-total"].schema == {"const": "41"}
    contract = build_contract([one], "suite").contract
    assert {name: payload.schema for name, payload in contract.interactions[0].expect.headers.items()} == {
        "x-total": {},
        "etag": {},
    }


def test_a_header_that_did_not_come_is_expected_all_the_same(service, tmp_path):
    code = """
        import sys, requests
        def test_it(base):
            r = requests.get(base + "/paged", timeout=5)
            assert r.status_code == 200
            try:
                print(r.headers["X-Count"])
            except KeyError as error:
                raise SystemExit(f"FAIL {error}")
        test_it(sys.argv[1])
    """
    recording, ended = run_script(tmp_path, code, service)
    assert ended.returncode == 1
    (one,) = recording.exchanges
    assert list(interaction_of(one).expect.headers) == ["x-count"]


def test_getheader(service, tmp_path):
    code = """
        import sys, http.client
        def test_it(base):
            link = http.client.HTTPConnection(base.partition("://")[2], timeout=5)
            link.request("GET", "/paged")
            r = link.getresponse()
            assert r.getheader("X-Total") == "41"
            print(r.getheader("X-Other", "none"))
        test_it(sys.argv[1])
    """
    recording, ended = run_script(tmp_path, code, service)
    assert (ended.stdout, ended.stderr) == ("none\n", "")
    assert list(interaction_of(recording.exchanges[0]).expect.headers) == ["x-total"]


@pytest.mark.parametrize("made", [requests.structures.CaseInsensitiveDict, httpx.Headers], ids=lambda one: one.__name__)
def test_tracked_headers_are_what_they_were(made):
    headers = made({"X-A": "1", "Y": "2"})
    plain = made({"X-A": "1", "Y": "2"})
    track_headers(headers, Reads())
    assert isinstance(headers, made)
    assert headers == plain
    assert plain == headers
    assert dict(headers) == dict(plain)
    assert (headers["x-a"], headers.get("x-A"), headers.get("z", 3), "y" in headers) == ("1", "1", 3, True)
    assert repr(headers) == repr(plain)
    for twin in (copy.copy(headers), copy.deepcopy(headers), pickle.loads(pickle.dumps(headers)), headers.copy()):
        assert type(twin) is made
        assert twin == plain
    headers["Z"] = "3"
    assert headers["z"] == "3"
    with pytest.raises(KeyError):
        headers["none"]


def test_what_cannot_be_tracked_is_left_alone():
    for headers in ({"a": "b"}, [("a", "b")], None, 5, object()):
        track_headers(headers, Reads())
    assert type({"a": 1}) is dict
