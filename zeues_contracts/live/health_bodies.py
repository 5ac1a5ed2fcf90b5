"""What a health endpoint's answer says: application/health+json, Spring Boot's actuator, and what people write.

The draft `health+json` (draft-inadarei-api-health-check-06) has `status` pass, warn or fail and `checks`; Spring Boot
has `status` UP, DOWN, OUT_OF_SERVICE or UNKNOWN and `components`; the rest says `status`, `ok`, `healthy`
or plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zeues_contracts.exchange import Response
from zeues_contracts.triage.fingerprints import dependency_in
from zeues_contracts.triage.texts import json_body

__all__ = ["PAGE", "Part", "Reading", "read_health"]

PAGE = "an HTML page"
"""What is read of an answer that is one: no evidence."""
_GOOD = frozenset(
    [
        "healthy",
        "ok",
        "up",
        "pass",
        "passed",
        "passing",
        "alive",
        "ready",
        "green",
        "running",
        "success",
        "good",
        "available",
        "operational",
        "online",
        "connected",
        "true",
        "yes",
        "fine",
        "normal",
        "active",
        "live",
        "pong",
        "serving",
    ]
)
_BAD = frozenset(
    [
        "unhealthy",
        "down",
        "fail",
        "failed",
        "failing",
        "error",
        "ko",
        "critical",
        "red",
        "unavailable",
        "disconnected",
        "offline",
        "not_ready",
        "notready",
        "out_of_service",
        "outage",
        "maintenance",
        "false",
        "no",
        "dead",
        "broken",
        "stopped",
        "unreachable",
        "timeout",
        "refused",
        "not_serving",
    ]
)
_PARTS = frozenset(
    [
        "checks",
        "check",
        "components",
        "details",
        "dependencies",
        "services",
        "subsystems",
        "results",
        "status_checks",
        "entries",
        "info",
        "error",
    ]
)
_FLAGS = ("healthy", "is_healthy", "ok", "operational", "ready", "alive", "up", "available", "success", "connected")
_WORDS = ("status", "state", "health", "result", "outcome")
_TEXTS = ("message", "output", "error", "detail", "details", "reason", "description")


@dataclass(frozen=True, slots=True)
class Part:
    """What an answer says about one of the things that the service depends on."""

    name: str
    healthy: bool | None
    text: str = ""

    @property
    def dependency(self) -> str:
        """The dependency's name, the product's where it is known."""
        return dependency_in(self.name.replace("_", " ")) or self.name


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says: about the whole, in which words, and about the parts that it names."""

    healthy: bool | None
    text: str = ""
    parts: tuple[Part, ...] = ()


def read_health(response: Response, expected: Mapping[str, Any] | None = None) -> Reading:
    """Read a health endpoint's answer.

    ``expected`` maps dotted names in the body to the value (or a list of values) of a healthy answer; it decides alone
    where it is given. A status of 500 and above is not healthy, whatever the body says.
    """
    value = json_body(response)
    reading = _read_value(value) if value is not None else _read_text(response)
    if expected:
        wrong = [
            f"{name} is {_at(value, name)!r}" for name, good in expected.items() if not _fits(_at(value, name), good)
        ]
        healthy = not wrong and response.status < 400
        return Reading(healthy, "; ".join(wrong) or reading.text, reading.parts)
    if response.status >= 500:
        text = f"status {response.status}"
        told = f"{text}, {reading.text}" if value is None and reading.text else reading.text or text
        return Reading(False, told, reading.parts)
    if response.status >= 300:
        return Reading(None, f"status {response.status}")
    if value is None and not response.body.strip():
        # Kubernetes and most load balancers look at nothing but the status.
        return Reading(True, f"status {response.status}")
    return reading


def _fits(value: Any, good: Any) -> bool:
    choices = good if isinstance(good, list) else [good]
    for choice in choices:
        if isinstance(choice, str) and isinstance(value, str):
            if choice.lower() == value.lower():
                return True
        elif type(choice) is type(value) and choice == value:
            return True
    return False


def _at(value: Any, name: str) -> Any:
    if isinstance(value, dict) and name in value:
        return value[name]
    for part in name.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def _read_text(response: Response) -> Reading:
    text = response.body[:200].decode("utf-8", "replace").strip()
    # A single-page application answers every path with its index page: no evidence.
    if "html" in response.media_type or text[:1] == "<":
        return Reading(None, PAGE)
    return Reading(_word(text), text)


def _word(text: Any) -> bool | None:
    if isinstance(text, bool):
        return text
    if not isinstance(text, str):
        return None
    word = text.strip().strip(".!\"'").lower().replace(" ", "_").replace("-", "_")
    if word in _GOOD:
        return True
    if word in _BAD or word.startswith(("error", "unhealthy", "fail", "not_connected", "disconnected", "unavailable")):
        return False
    first = word.split("_", 1)[0].rstrip(":,")
    return True if first in ("ok", "healthy", "pong", "alive", "up") else None


def _read_value(value: Any) -> Reading:
    if isinstance(value, bool | str):
        return Reading(_word(value), str(value)[:200])
    if not isinstance(value, dict):
        return Reading(None)
    claim = _claim(value)
    parts = tuple(_parts(value))
    if claim is None and parts and all(part.healthy is not None for part in parts):
        # Nothing is said about the whole: it is what its parts are.
        claim = all(part.healthy for part in parts)
    text = _said(value)
    return Reading(claim, text, parts)


def _claim(value: Mapping[str, Any]) -> bool | None:
    """What an object says about itself. A denial anywhere outweighs: `status: ok, operational: false` is no yes."""
    claims: list[bool] = []
    for name in _WORDS:
        said = _word(value.get(name))
        if said is not None:
            claims.append(said)
    claims += [value[name] for name in _FLAGS if isinstance(value.get(name), bool)]
    return all(claims) if claims else None


def _said(value: Mapping[str, Any]) -> str:
    for name in _TEXTS:
        text = value.get(name)
        if isinstance(text, str) and text:
            return text[:300]
    for name in _WORDS:
        if isinstance(value.get(name), str):
            return f"{name}: {value[name]}"[:300]
    return ""


def _parts(value: Mapping[str, Any]) -> list[Part]:
    found: list[Part] = []
    for name, item in list(value.items())[:100]:
        if name in _PARTS and isinstance(item, dict):
            found += [part for key, one in list(item.items())[:100] if (part := _part(str(key), one)) is not None]
        elif name in _PARTS and isinstance(item, list):
            for one in item[:100]:
                if isinstance(one, dict) and isinstance(label := one.get("name", one.get("componentName")), str):
                    part = _part(label, one)
                    found += [part] if part is not None else []
        elif name not in _WORDS and name not in _FLAGS and name not in _TEXTS:
            label = name
            for ending in (
                "_connection",
                "_status",
                "_health",
                "_ok",
                "_healthy",
                "_connected",
                "_available",
                "Status",
            ):
                label = label.removesuffix(ending)
            named = label != name or bool(dependency_in(name))
            part = _part(label, item) if named else None
            if part is not None and part.healthy is not None:
                found.append(part)
    return found


def _part(name: str, value: Any) -> Part | None:
    if isinstance(value, list) and value:  # health+json: one list per check, one entry per instance
        entries = [part for one in value[:20] if (part := _part(name, one)) is not None]
        bad = next((part for part in entries if part.healthy is False), None)
        return bad or (entries[0] if entries else None)
    label = name.split(":")[0]
    if isinstance(value, dict):
        return Part(label, _claim(value), _said(value))
    if isinstance(value, bool | str):
        return Part(label, _word(value), str(value)[:200])
    return None
