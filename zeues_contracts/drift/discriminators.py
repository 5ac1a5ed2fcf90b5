"""Discriminators: which values of the discriminating property lead where (OpenAPI 3.1, 4.8.25).

A discriminator restricts no value, so the sets do not tell; it tells readers which schema a value is meant to be of. A
tag that is no longer known, or that leads to a schema which the value is none of, breaks whoever sends it, and a tag
that comes new breaks whoever chooses by it. Each is shown by a value that carries the tag; where there is none, nobody
can be hit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from zeues_contracts.drift.model import NOTHING, Sense, Use
from zeues_contracts.openapi.model import Document
from zeues_contracts.schema.references import escape, resolve
from zeues_contracts.schema.types import Proven, Refuted, Resource, Schema

if TYPE_CHECKING:
    from zeues_contracts.drift.pair import Pair

__all__ = ["Discriminated", "compare_discriminators"]

Say = Callable[..., None]

_PROBE = "x-zeues-probe"
_MAX_TAGS = 200
"""Tags of one discriminator that values are looked for."""


class Discriminated(msgspec.Struct, frozen=True):
    """A schema object with a discriminator, at its place in a document."""

    document: Document
    place: str
    node: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The discriminating property."""
        return str(self._told.get("propertyName"))

    @property
    def _told(self) -> Mapping[str, Any]:
        told = self.node.get("discriminator")
        return told if isinstance(told, Mapping) else {}

    def tags(self, *, named: bool) -> dict[str, str]:
        """References by the values that are mapped; ``named``: and by the names of the components among the choices."""
        mapping = self._told.get("mapping")
        tags = {str(tag): str(target) for tag, target in mapping.items()} if isinstance(mapping, Mapping) else {}
        for keyword in ("oneOf", "anyOf") if named else ():
            branches = self.node.get(keyword)
            for branch in branches if isinstance(branches, list) else ():
                reference = branch.get("$ref") if isinstance(branch, Mapping) else None
                if isinstance(reference, str):
                    tags.setdefault(reference.rsplit("/", 1)[-1], reference)
        return tags

    def target(self, reference: str) -> Schema | None:
        """The schema that a tag leads to: a reference, or a component's name."""
        if "/" not in reference and "#" not in reference and "." not in reference:
            reference = f"#/components/schemas/{escape(reference)}"
        return resolve(Schema(self.document.resource, self.place), reference)

    def carrying(self, tag: str, reference: str, *, strictly: bool = True) -> Schema | None:
        """The values with a tag, of the schema that it leads to; ``None`` where they cannot be written down.

        ``strictly``: those of the whole choice. By the letter a ``oneOf`` of like schemas has no value at all, but
        who writes a discriminator means it to tell them apart.
        """
        target, resource = self.target(reference), self.document.resource
        if target is None or target.resource is not resource or not self.place.startswith("/"):
            return None
        tagged = {"type": "object", "required": [self.name], "properties": {self.name: {"enum": [tag]}}}
        whole = [{"$ref": f"#{self.place}"}] if strictly else []
        probe = {"allOf": [*whole, {"$ref": f"#{target.pointer}"}, tagged]}
        contents = {**resource.contents, _PROBE: probe}
        return Schema(Resource(contents, resource.dialect, resource.uri, resource.others), f"/{_PROBE}")


def compare_discriminators(pair: Pair, use: Use, old: Discriminated, new: Discriminated, say: Say) -> None:
    """Compare two discriminators that are there on both sides. ``say(rule, sentence, …)`` takes what is found."""
    takes = use.sense is Sense.TAKES
    sender, reader = (old, new) if takes else (new, old)
    sent, known = sender.tags(named=False), reader.tags(named=True)
    lost, others = [], []
    for tag in [one for one in sent if one not in known][:_MAX_TAGS]:
        shown, certain = _shown(pair, use, sender, tag, sent[tag])
        if certain and shown is NOTHING:
            others.append(tag)  # no value carries it: nobody can have sent it, nor will it be
        else:
            lost.append((tag, shown))
    if lost:
        words = "is no longer known" if takes else "may come now"
        shown = next((one for _, one in lost if one is not NOTHING), NOTHING)
        sentence = f"{old.name} {', '.join(repr(tag) for tag, _ in lost)} {words}"
        say("discriminator-changed", sentence, **_witness(shown, "it carries a tag that the reader's mapping has not"))
        return
    for tag, shown in _turned(pair, use, sender, reader, sent, known):
        words = "leads to another schema, which this value is none of"
        say(
            "discriminator-changed",
            f"{old.name} {tag!r} {words}",
            **_witness(shown, "by its tag it is read as another"),
        )
        return
    if others or old.tags(named=not takes) != new.tags(named=takes):
        say("discriminator-extended", "the values of the discriminator changed")


def _witness(shown: Any, explanation: str) -> dict[str, Any]:
    return {} if shown is NOTHING else {"witness": shown, "explanation": explanation}


def _shown(pair: Pair, use: Use, side: Discriminated, tag: str, reference: str) -> tuple[Any, bool]:
    """A value that carries a tag, and whether its absence is certain."""
    certain = False
    for strictly in (True, False):
        carrying = side.carrying(tag, reference, strictly=strictly)
        if carrying is None:
            break
        answer = pair.contains(use.direction, carrying, Resource(False).schema())
        if isinstance(answer, Refuted):
            return answer.witness, True
        certain = isinstance(answer, Proven)
    return NOTHING, certain


def _turned(
    pair: Pair,
    use: Use,
    sender: Discriminated,
    reader: Discriminated,
    sent: Mapping[str, str],
    known: Mapping[str, str],
) -> Iterator[tuple[str, Any]]:
    """Tags that both know and that lead elsewhere, with a value of the one schema that the other does not take."""
    for tag, reference in list(sent.items())[:_MAX_TAGS]:
        if tag not in known or reference.rsplit("/", 1)[-1] == known[tag].rsplit("/", 1)[-1]:
            continue
        carrying, target = sender.carrying(tag, reference), reader.target(known[tag])
        if carrying is None or target is None:
            continue
        answer = pair.contains(use.direction, carrying, target)
        if isinstance(answer, Refuted):
            yield tag, answer.witness
