"""How a process of ours ends: at once where nobody else's code ran in it, and with all that it had to say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}
APP = """\
import atexit, json
atexit.register(lambda: open("ended", "w").close())
DOCUMENT = json.loads('''%s''')

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(DOCUMENT).encode()})

app.openapi = lambda: DOCUMENT
"""


def _run(folder: Path, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "zeues_contracts", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(Path(__file__).parents[3])},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    paths = {f"/{number}": {"get": {"responses": {"200": {"description": "x"}}}} for number in range(300)}
    (tmp_path / "old.json").write_text(json.dumps(DOCUMENT | {"paths": paths}))
    (tmp_path / "new.json").write_text(json.dumps(DOCUMENT))
    return tmp_path


def test_all_that_was_said_arrives_in_a_pipe(folder: Path) -> None:
    done = _run(folder, "diff", "old.json", "new.json", "--format", "json")
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["findings"]) >= 300
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_is_told(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = _run(folder, "diff", "old.json", "new.json", stdout=full.fileno())
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_an_application_that_ran_here_is_let_to_put_its_things_away(folder: Path) -> None:
    (folder / "shop.py").write_text(APP % json.dumps(DOCUMENT))
    (folder / "zeues-contracts.toml").write_text('[services.shop]\napp = "shop:app"\n')
    done = _run(folder, "diff", "new.json", "live:shop")
    assert done.returncode == 0, done.stderr
    assert (folder / "ended").exists()
