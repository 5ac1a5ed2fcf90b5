"""Questions about one place of an expectation: whether every documented body has something there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zeues_contracts.consumers.checking.model import RESPONSES, ask, schema_of
from zeues_contracts.schema.dialects.bundle import BundleError, bundle
from zeues_contracts.schema.types import Answer, Proven, Refuted, Schema

__all__ = ["Asking", "Spot"]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of the expectation: the way there in steps, as a path for people, and in the document."""

    steps: tuple[tuple[str, Any], ...]
    path: str
    pointer: str
    documented: tuple[Schema, ...]
    chosen: bool = False
    """Whether the way leads through a choice, of which some branches may not describe the place."""

    def wrapped(self, atom: Any) -> Any:
        """A schema of whole bodies: those that have ``atom`` at the place, if they have the place at all."""
        found = atom
        for step, name in reversed(self.steps):
            if step == "property":
                found = {"properties": {name: found}}
            elif step == "index":
                found = {"prefixItems": [*[{}] * name, found]}
            elif step == "others":
                found = {"properties": {key: {} for key in name}, "additionalProperties": found}
            else:
                found = {"items": found}
        return found


class Asking:
    """Asks a documented schema about parts of an expectation, and counts."""

    def __init__(self, schema: Schema, definitions: Any) -> None:
        """``definitions`` are the ``$defs`` of the expectation, to which its parts may refer."""
        self.schema = schema
        self.definitions = definitions
        self.asked = 0
        self.passed_over = False
        """Whether something was refuted and not told, since only values refute it that nobody describes."""

    def ask(self, atom: Any, spot: Spot) -> Answer:
        """Whether every documented body has this at the place, if it has the place at all."""
        self.asked += 1
        wrapped = spot.wrapped(atom)
        if self.definitions is not None and isinstance(wrapped, dict):
            wrapped = {"$defs": self.definitions, **wrapped}
        answer = ask(self.schema, schema_of(wrapped), RESPONSES)
        if isinstance(answer, Refuted) and spot.chosen and spot.documented and self.is_beside_the_point(wrapped, spot):
            self.passed_over = True
            return Proven()
        return answer

    def is_beside_the_point(self, wrapped: Any, spot: Spot) -> bool:
        """Whether only values refute that no branch describes.

        Of a choice of objects, those that do not name a property allow any value of it; a consumer reads it where it is
        named. So each documented body either has what is expected, or something at the place that nobody describes.
        """
        try:
            known: Any = [bundle(one, RESPONSES) for one in spot.documented]
        except BundleError:
            return False
        described: Any = {"anyOf": [{**one, "$id": f"urn:described:{i}"} for i, one in enumerate(known)]}
        relaxed = {"anyOf": [wrapped, {"not": spot.wrapped(described)}]}
        return isinstance(ask(self.schema, schema_of(relaxed), RESPONSES), Proven)
