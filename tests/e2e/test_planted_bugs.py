"""Every planted bug is found at the default budget, a service without any gives nothing above information, and whatever
dies in the middle of a run, the run ends by itself and keeps what it found."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs the extra: demo")

from zeues_contracts.config import FuzzConfig, LimitsConfig, ReplayConfig, ServiceConfig
from zeues_contracts.findings import Cause, Level, StageStatus
from zeues_contracts.live.fuzzing import fuzz
from zeues_contracts.live.inprocess import AsgiSender
from zeues_contracts.openapi.model import Document
from zeues_contracts.schema.types import Dialect, Resource
from zeues_contracts.standin.server import running_standin

from . import planted

pytestmark = pytest.mark.e2e

KEY = {"X-API-Key": "letmein"}


def loaded(raw):
    return Document(raw, "planted.json", raw["openapi"], Resource(raw, Dialect.OPENAPI_3_1))


def fetched(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return loaded(json.load(opener.open(f"{url}/openapi.json", timeout=10)))


@contextlib.contextmanager
def running(bugs):
    """The planted service in a process of its own, as a user starts it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "uvicorn", "--factory", "planted:make", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--log-level", "critical"],
        cwd=Path(planted.__file__).parent,
        env={**os.environ, "BUGS": bugs},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                fetched(url)
                break
            except OSError:
                time.sleep(0.05)
        yield url, process
    finally:
        process.kill()
        process.wait(10)


def above_info(result):
    return {(one.operation, one.rule) for one in result.findings if one.level.rank > Level.INFO.rank}


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_all_planted_bugs_are_found_over_http():
    # The default number of requests, in whatever time a busy machine takes for them.
    unhurried = ServiceConfig(fuzz=FuzzConfig(seconds=180))
    with running("all") as (url, _):
        result = fuzz(fetched(url), url, unhurried, headers=KEY, service="planted")
    missing = {name: where for name, where in planted.BUGS.items() if where not in above_info(result)}
    assert not missing
    assert result.stage.status is StageStatus.RAN
    for finding in result.findings:
        assert finding.cause is Cause.VIOLATION
        assert finding.evidence.exchange is not None
        assert finding.evidence.replay.startswith(("curl ", "printf "))
        assert "letmein" not in repr(finding)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_without_bugs_nothing_is_above_information():
    app = planted.make([])
    sender = AsgiSender(app)
    result = fuzz(loaded(app.openapi()), sender.base_url, headers=KEY, sender=sender)
    sender.close()
    assert above_info(result) == set()
    assert result.stage.counts["not reached"] == 0


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", planted.BUGS)
def test_each_bug_alone_is_named_alone(name):
    """In process, with the operation's resource alone: the cause is not told by company."""
    app = planted.make([name])
    operation, rule = planted.BUGS[name]
    sender = AsgiSender(app)
    path = operation.partition(" ")[2].partition("/{")[0]
    only = [f"* {path}", f"* {path}/*"]
    config = ServiceConfig(fuzz=FuzzConfig(cases=300))
    result = fuzz(loaded(app.openapi()), sender.base_url, config, headers=KEY, sender=sender, only=only)
    sender.close()
    found = above_info(result)
    assert (operation, rule) in found
    assert {one for one, _ in found} == {operation}


def replayed(finding):
    command = finding.evidence.replay.replace("${X_API_KEY}", "letmein")
    shown = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, check=True)
    return int(shown.stdout.split(None, 2)[1])


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_curl_line_repeats_it():
    with running("server-error,server-error-in-body,auth,invalid-input") as (url, _):
        result = fuzz(fetched(url), url, ServiceConfig(fuzz=FuzzConfig(cases=500)), headers=KEY)
        by = {one.rule: one for one in result.findings}
        assert replayed(by["ZC401"]) == 500
        assert replayed(by["ZC420"]) == 200
        assert replayed(by["ZC411"]) == 200


def test_the_same_seed_finds_the_same():
    def once(seed):
        app = planted.make(["server-error", "dict-for-list", "invalid-input"])
        sender = AsgiSender(app)
        # The cases end it, not the time: a slow machine sees the same.
        config = ServiceConfig(fuzz=FuzzConfig(seed=seed, cases=150, seconds=600, phases=["coverage", "fuzzing"]))
        result = fuzz(loaded(app.openapi()), sender.base_url, config, headers=KEY, sender=sender)
        sender.close()
        return [(one.fingerprint, one.message, one.evidence.replay) for one in result.findings], result.cases

    assert once(3) == once(3)


def test_budgets_are_kept():
    app = planted.make([])
    sender = AsgiSender(app)
    config = ServiceConfig(fuzz=FuzzConfig(cases=40))
    result = fuzz(loaded(app.openapi()), sender.base_url, config, headers=KEY, sender=sender)
    assert result.cases <= 40
    config = ServiceConfig(fuzz=FuzzConfig(rate_limit="5/s", seconds=2))
    result = fuzz(loaded(app.openapi()), sender.base_url, config, headers=KEY, sender=sender)
    assert result.cases <= 11
    assert any("budget ended" in note for note in result.notes)
    sender.close()


def test_the_service_is_killed_in_the_middle():
    with running("dict-for-list,undocumented-media-type") as (url, process):
        document = fetched(url)

        def kill(progress):
            if progress.suspected:
                process.send_signal(signal.SIGKILL)
                process.wait(10)

        result = fuzz(document, url, headers=KEY, progress=kill)
    assert result.stage.status is StageStatus.BLOCKED
    assert result.outage.sign in ("refused", "reset")
    rules = {one.rule for one in result.findings}
    assert {"ZC501", "ZC521"} <= rules
    assert not any(one.rule == "ZC401" for one in result.findings)
    assert any(one.cause is Cause.VIOLATION for one in result.findings), "what was found before is kept"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs SIGSTOP")
def test_the_service_falls_silent_in_the_middle():
    """What a network that swallows everything looks like."""
    with running("dict-for-list") as (url, process):
        document = fetched(url)

        def freeze(progress):
            if progress.cases == 60:
                process.send_signal(signal.SIGSTOP)

        result = fuzz(document, url, headers=KEY, limits=LimitsConfig(timeout=0.5), progress=freeze)
    assert result.stage.status is StageStatus.BLOCKED
    assert result.outage.sign == "timeout"
    assert {"ZC501", "ZC521"} <= {one.rule for one in result.findings}


def test_only_safe_methods_leave_for_a_host_that_is_not_loopback():
    """The sender counts a host by its address; one that is not trusted gets GET and HEAD alone."""
    app = planted.make(["dict-for-list"])
    methods = []

    class Elsewhere(AsgiSender):
        trusted = False

        def send(self, request, bounds=None):
            methods.append(request.method)
            return super().send(request, bounds)

    sender = Elsewhere(app)
    config = ServiceConfig(fuzz=FuzzConfig(cases=300))
    result = fuzz(loaded(app.openapi()), sender.base_url, config, headers=KEY, sender=sender)
    sender.close()
    assert set(methods) <= {"GET", "HEAD"}
    assert ("GET /colours", "ZC405") in above_info(result)
    assert any("POST /orders" in note for note in result.notes)
    methods.clear()
    sender = Elsewhere(app)
    config = ServiceConfig(fuzz=FuzzConfig(cases=200), replay=ReplayConfig(safe=["POST /orders"], unsafe=["GET /page"]))
    result = fuzz(loaded(app.openapi()), sender.base_url, config, headers=KEY, sender=sender)
    sender.close()
    assert set(methods) - {"GET", "HEAD"} == {"POST"}


@contextlib.contextmanager
def redis_server(folder):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert any("Ready to accept" in line for line in process.stdout)
    try:
        yield f"redis://127.0.0.1:{port}/0", process
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


@pytest.mark.redis
@pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs a redis-server on PATH")
@pytest.mark.parametrize("scenario", ["healthy", "incident"])
def test_redis_is_killed_in_the_middle(tmp_path, scenario):
    with redis_server(tmp_path) as (redis, process), running_standin(scenario, redis_url=redis) as standin:
        document = fetched(standin.url)

        def kill(progress):
            if progress.cases == 150:
                process.kill()
                process.wait(10)

        result = fuzz(document, standin.url, progress=kill)
    assert result.stage.status is StageStatus.BLOCKED
    assert result.outage.dependency == "Redis"
    bugs = [one for one in result.findings if one.rule == "ZC401"]
    assert not [one for one in bugs if "has no attribute" not in one.message]
    assert all(one.confidence for one in result.findings)
