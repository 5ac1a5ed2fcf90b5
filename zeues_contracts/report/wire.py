"""The published JSON form of a report, version 1: what ``--format json`` writes and ``report render`` reads.

Keys are only ever added within a version; readers ignore keys that they do not know. ``report.schema.json`` beside
this module is made from these types.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = ["VERSION", "WireFinding", "WireReport", "json_schema"]

VERSION = 1

LevelName = Literal["error", "warning", "info"]
CauseName = Literal["outage", "mismatch", "violation", "drift"]


class WirePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look: a file or URL, a JSON pointer into it, line and column from 1, and what the source is."""

    source: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None
    role: str = ""


class WireWitness(msgspec.Struct, frozen=True, kw_only=True):
    """A concrete JSON value that proves the point, and the JSON pointer inside of it where the point is made."""

    value: Any
    pointer: str = ""


class WireBody(msgspec.Struct, frozen=True, kw_only=True):
    """A message body, as text where it is UTF-8, else in base64. Secrets are replaced, length is bounded."""

    text: str | None = None
    base64: str | None = None


class WireRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it left, secrets replaced."""

    method: str
    url: str
    headers: list[tuple[str, str]] = []
    body: WireBody | None = None


class WireResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A response as it came; seconds until its body was read; whether reading stopped at a limit."""

    status: int
    headers: list[tuple[str, str]] = []
    body: WireBody = WireBody(text="")
    seconds: float = 0.0
    truncated: bool = False


class WireExchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request and its response, or the transport error that came instead; seconds since the epoch."""

    request: WireRequest
    response: WireResponse | None = None
    error: str = ""
    error_text: str = ""
    at: float = 0.0


class WireEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What supports a finding."""

    witness: WireWitness | None = None
    explanation: str = ""
    exchange: WireExchange | None = None
    replay: str = ""
    before: Any = None
    after: Any = None
    details: list[str] = []


class WireHit(msgspec.Struct, frozen=True, kw_only=True):
    """An interaction of a consumer that a finding breaks."""

    consumer: str
    interaction: str
    place: WirePlace | None = None


class WireFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong or has changed. Slug, title and fingerprint follow from the other keys."""

    rule: str
    level: LevelName
    cause: CauseName
    message: str
    fingerprint: str = ""
    slug: str = ""
    title: str = ""
    service: str = ""
    operations: list[str] = []
    subject: str = ""
    place: WirePlace | None = None
    related: list[WirePlace] = []
    evidence: WireEvidence = WireEvidence()
    hits: list[WireHit] = []
    hint: str = ""
    group: str = ""
    state: str = ""
    confidence: str = ""


class WireStage(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a run on a service, how it ended, and the operations or interactions that it judged."""

    name: str
    status: Literal["ran", "skipped", "blocked"]
    service: str = ""
    reason: str = ""
    seconds: float = 0.0
    counts: dict[str, int] = {}
    subjects: list[str] = []


class WireLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that stands between a test and passing, outermost first."""

    message: str
    cause: CauseName | None = None
    fingerprint: str = ""


class WireForecast(msgspec.Struct, frozen=True, kw_only=True):
    """What stands between one test and passing; null where it is not known whether it passes now."""

    consumer: str
    test: str
    passes: bool | None
    layers: list[WireLayer] = []
    wrong_reason: str = ""


class WireTool(msgspec.Struct, frozen=True, kw_only=True):
    """What wrote the report."""

    name: str = "zeues-contracts"
    version: str = ""


class WireSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of findings by level and by cause; waived findings are counted apart only."""

    levels: dict[str, int] = {}
    causes: dict[str, int] = {}
    waived: int = 0
    forecast: str = ""


class WireReport(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a run of zeues-contracts over one service or several."""

    version: Literal[1]
    tool: WireTool = WireTool()
    verdict: Literal["pass", "fail", "cannot-judge"] = "pass"
    exit_code: int = 0
    fail_level: Literal["error", "warning", "info", "off"] = "error"
    title: str = ""
    summary: WireSummary = WireSummary()
    cannot_judge: str = ""
    sources: dict[str, str] = {}
    stages: list[WireStage] = []
    findings: list[WireFinding] = []
    waived: list[WireFinding] = []
    forecast: list[WireForecast] = []
    notes: list[str] = []


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the form."""
    made = msgspec.json.schema(WireReport)
    definitions = made.pop("$defs")
    top = definitions.pop("WireReport")
    text = msgspec.json.encode({**top, "$defs": definitions}).replace(b"/Wire", b"/")
    schema: dict[str, Any] = msgspec.json.decode(text)
    schema["$defs"] = {name.removeprefix("Wire"): one for name, one in schema["$defs"].items()}
    for one in (schema, *schema["$defs"].values()):
        one["title"] = one["title"].removeprefix("Wire")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:zeues-contracts:report:1",
        **schema,
    }
