"""A request to an application in process, as a line that a person can repeat: there is no address for curl."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from msgspec.structs import replace

from zeues_contracts.exchange import Request
from zeues_contracts.findings import Finding
from zeues_contracts.redact import PLACEHOLDER

__all__ = ["ask", "asked", "asked_in_process"]

_AFRESH = "in process: a new process begins without what the run had created"


def asked_in_process(findings: Sequence[Finding], app: str) -> list[Finding]:
    """The findings with a line for Python in the place of the one for curl. ``app`` is ``module:attribute``."""
    told: list[Finding] = []
    for finding in findings:
        evidence = finding.evidence
        if evidence.exchange is not None and evidence.replay:
            line = asked(evidence.exchange.request, app)
            details = tuple(dict.fromkeys((*evidence.details, _AFRESH)))
            finding = finding.with_(evidence=replace(evidence, replay=line, details=details))
        told.append(finding)
    return told


def asked(request: Request, app: str) -> str:
    """A shell line that sends a request to an application in process; secrets are variables to be set before."""
    headers: list[str] = []
    for name, value in request.headers:
        if name not in ("host", "content-length", "accept-encoding", "connection", "user-agent"):
            headers.append(f"{_text(name)}: {_word(name, value)}")
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    words = [*(_text(one) for one in (app, request.method, target)), "{" + ", ".join(headers) + "}"]
    words += [_bytes(request.body)] if request.body is not None else []
    code = f"from zeues_contracts.live.asking import ask; ask({', '.join(words)})"
    if "os.environ[" in "".join(headers):
        code = f"import os; {code}"
    return f"python -c {shlex.quote(code)}"


def _word(name: str, value: str) -> str:
    """A header's value in Python, the part of it that is a secret (``Bearer …``) from the environment."""
    before, secret, after = value.partition(PLACEHOLDER)
    if not secret:
        return _text(value)
    variable = re.sub(r"\W+", "_", name).upper()
    words = [_text(before) if before else "", f'os.environ["{variable}"]', _text(after) if after else ""]
    return " + ".join(word for word in words if word)


def _text(value: str) -> str:
    """A text in Python, in double quotes: the shell's are single."""
    return json.dumps(value, ensure_ascii=False)


def _bytes(value: bytes) -> str:
    try:
        return f"{_text(value.decode('utf-8'))}.encode()"
    except UnicodeDecodeError:
        return repr(value)


def ask(
    app: str, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> None:
    """Send one request to ``module:attribute`` in this process, and print what came of it.

    Raises :class:`UsageError` when it cannot be imported, :class:`CannotJudgeError` when it fails to start.
    """
    from zeues_contracts.live.inprocess import AsgiSender
    from zeues_contracts.openapi.inprocess import import_app

    sender = AsgiSender(import_app(app))
    try:
        sent = tuple((name.lower(), value) for name, value in (headers or {}).items())
        exchange = sender.send(Request(method, f"{sender.base_url}{target}", sent, body))
    finally:
        sender.close()
    response = exchange.response
    lines = [f"{exchange.error} {exchange.error_text}"]
    if response is not None:
        lines = [f"{response.status} {response.header('content-type') or ''}", response.body.decode("utf-8", "replace")]
        lines += [f"raised: {exchange.error_text}"] if exchange.error_text else []
    sys.stdout.write("\n".join(line for line in lines if line) + "\n")
