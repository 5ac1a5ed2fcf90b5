"""Do two documents speak of the same service? Asked only where they share no operation. Pure.

A new version of a service moves all of its paths below ``/v2`` and keeps its title, its components, the endings of its
paths. Another service that took over the address keeps none of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zeues_contracts.live.health import looks_like_health

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zeues_contracts.openapi.model import Document, OperationKey

__all__ = ["kinship", "own_keys", "shares_nothing"]

_GENERIC = frozenset(
    {
        "admin", "an", "and", "api", "apis", "app", "application", "backend", "beta", "default", "dev", "docs",
        "documentation", "fastapi", "for", "gateway", "http", "json", "my", "of", "openapi", "platform", "prod",
        "production", "public", "rest", "restful", "server", "service", "services", "specification", "staging",
        "swagger", "system", "test", "the", "this", "version", "web",
    }
)  # fmt: skip
_STOCK = frozenset({"HTTPValidationError", "ValidationError", "Error", "ErrorResponse", "Problem", "ProblemDetails"})
_EVERYWHERE = frozenset({"", "metrics", "version", "info", "login", "logout", "token", "ping", "docs", "openapi.json"})
_PREFIX = re.compile(r"api|rest|services?|v\d+(?:[._]\d+)*|\d{4}-\d\d(?:-\d\d)?|latest|public|internal", re.IGNORECASE)
_SHARE = 0.3


def own_keys(document: Document) -> tuple[OperationKey, ...]:
    """The operations that say something about whose document it is: a gateway has ``/health`` and ``/login`` too."""
    return tuple(key for key in document.keys if not _everywhere(document, key))


def _everywhere(document: Document, key: OperationKey) -> bool:
    last = key.path.rstrip("/").rpartition("/")[2].lower()
    return last in _EVERYWHERE or looks_like_health(document.operation(key))


def shares_nothing(snapshot: Document, live: Document) -> bool:
    """Whether a live document has no operation of the snapshot, those that any service has left aside."""
    own = own_keys(snapshot) or tuple(snapshot.keys)
    return bool(own) and not any(key in live.keys for key in own)


def kinship(snapshot: Document, live: Document) -> str:
    """What speaks for two documents of one service, in words; empty where nothing does."""
    before, after = _words(snapshot.title), _words(live.title)
    if snapshot.title and snapshot.title == live.title:
        return f"both are called “{live.title[:80]}”"
    if before & after:
        return f"“{live.title[:80]}” is called like “{snapshot.title[:80]}”"
    ours, theirs = _components(snapshot), _components(live)
    shared = ours & theirs
    if len(shared) >= 2 and len(shared) >= _SHARE * min(len(ours), len(theirs)):
        return f"they share the components {', '.join(sorted(shared)[:3])}"
    tails, others = _tails(snapshot), _tails(live)
    alike = [tail for tail in tails if tail in others]
    if alike and len(alike) >= _SHARE * min(len(tails), len(others)):
        return f"the paths end alike: …/{alike[0].partition(' ')[2]}"
    return ""


def _words(title: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", title)
    words = re.findall(r"[^\W\d_]+", spaced.lower())
    return {word for word in words if word not in _GENERIC and len(word) > 1}


def _components(document: Document) -> set[str]:
    raw: Mapping[str, Any] = document.raw
    components = raw.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else raw.get("definitions")
    return {str(name) for name in schemas} - _STOCK if isinstance(schemas, dict) else set()


def _tails(document: Document) -> dict[str, None]:
    """Methods with the paths behind ``/api/v2`` and the like."""
    found: dict[str, None] = {}
    for key in own_keys(document):
        parts = [part for part in key.path.split("/") if part]
        while parts and _PREFIX.fullmatch(parts[0]):
            parts.pop(0)
        if any("{" not in part for part in parts):
            found[f"{key.method} {'/'.join(parts)}"] = None
    return found
