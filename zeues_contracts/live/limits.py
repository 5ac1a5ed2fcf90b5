"""What bounds an exchange with a service, and which methods may go where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from zeues_contracts.config import LimitsConfig, ReplayConfig

__all__ = ["SAFE_METHODS", "Bounds", "is_lever", "is_listed", "may_send"]

SAFE_METHODS = frozenset({"GET", "HEAD"})
"""Methods that may go to any host (RFC 9110, 9.2.1; OPTIONS and TRACE are safe too, but nobody consumes them)."""

_LEVER = re.compile(
    r"clear|reset|flush|delete|purge|restart|reload|refresh|trigger|kill|\bstop|start(?!ed|up)|toggle|enable|disable"
    r"|invalidate|evict|rebuild|\bsync|warm|drop|remove|\bset[-_]|force|fail(?:over)?$|toxic|crash|limpiar|borrar",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Hard limits of one exchange: ``seconds`` for all of it, ``stream_seconds`` for a body that does not end.

    A stream (``text/event-stream``, NDJSON) is sampled: reading stops after ``stream_seconds`` or ``events`` events.
    """

    seconds: float = 10.0
    max_bytes: int = 32 * 1024 * 1024
    stream_seconds: float = 1.0
    events: int = 5

    @classmethod
    def of(cls, limits: LimitsConfig) -> Bounds:
        """The bounds of a configuration."""
        return cls(seconds=limits.timeout, max_bytes=limits.max_bytes, stream_seconds=min(1.0, limits.timeout))


def is_lever(path: str, operation_id: str = "") -> bool:
    """Whether an operation sounds as if it did something, whatever its method: ``GET /api/health/clear-cache``."""
    return bool(_LEVER.search(path) or _LEVER.search(operation_id))


def is_listed(operation: str, operation_id: str, entries: Sequence[str]) -> bool:
    """Whether a list of operations (``GET /a/{id}``, ``* /a``, ``GET /a/*`` or an operationId) names an operation."""
    from fnmatch import fnmatchcase

    method, _, path = operation.partition(" ")
    for entry in entries:
        if operation_id and entry == operation_id:
            return True
        wanted_method, blank, wanted = entry.strip().partition(" ")
        if not blank:
            wanted_method, wanted = "*", wanted_method
        if wanted_method != "*" and wanted_method.upper() != method:
            continue
        # Templates are compared without their names; brackets are literal in a path.
        if fnmatchcase(_nameless(path), _nameless(wanted).replace("[", "[[]")):
            return True
    return False


def _nameless(path: str) -> str:
    return re.sub(r"\{[^{}/]*\}", "{}", path.rstrip("/") or "/")


def may_send(method: str, operation: str, operation_id: str, *, trusted: bool, config: ReplayConfig) -> str:
    """Why a request must not be sent, or an empty string.

    ``trusted`` says that the host is loopback or named in ``allow-unsafe-hosts``. ``unsafe`` wins over everything,
    since a GET can clear a cache; ``safe`` lists operations of other methods that change nothing (a search by POST).
    """
    if is_listed(operation, operation_id, config.unsafe):
        return "the configuration lists it as unsafe"
    if method.upper() in SAFE_METHODS or trusted or is_listed(operation, operation_id, config.safe):
        return ""
    return f"{method.upper()} goes to loopback only, unless `allow-unsafe-hosts` or `safe` allows it"
