"""A proof that nobody who keeps to an older document can tell it from a newer one.

Independent of the rules: every operation of the older document is looked up in the newer one, and of each place that
differs the containment engine is asked in the direction that matters. What a request may hold must be among what the
newer document takes, what an answer may hold among what the older one told of; of callbacks and webhooks the other way
round. What no schema says has to be the same. Scalars of parameters are compared as the texts that are written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zeues_contracts.drift.media import covers, text_depth
from zeues_contracts.drift.texts import texts
from zeues_contracts.openapi import Document
from zeues_contracts.openapi.model import Header, MediaType, Operation, Parameter, Response
from zeues_contracts.openapi.references import look_up
from zeues_contracts.schema import Context, Direction, Proven, Resource, Schema, Settings, contains
from zeues_contracts.schema.references import escape, resolve

__all__ = ["unproven"]

_ANY = Resource(True).schema()


def unproven(old: Document, new: Document) -> list[str]:
    """What could not be proven, place by place; nothing where the proof stands."""
    return list(_Proof().documents(old, new))


_PARTS = frozenset(
    {"type", "properties", "required", "items", "additionalProperties", "minItems", "maxItems", "title", "description"}
)
"""Keywords of lists and objects that say nothing of the texts in them, beside what is asked part by part."""


def _default(parameter: Parameter) -> str:
    schema = _followed(parameter.schema) if parameter.schema is not None else None
    node = look_up(schema.resource.contents, schema.pointer) if schema is not None else None
    return repr(node.get("default")) if isinstance(node, Mapping) else ""


def _followed(schema: Schema) -> Schema:
    for _ in range(8):
        node = look_up(schema.resource.contents, schema.pointer)
        reference = node.get("$ref") if isinstance(node, Mapping) and len(node) == 1 else None
        target = resolve(schema, reference) if isinstance(reference, str) else None
        if target is None:
            break
        schema = target
    return schema


class _Proof:
    def __init__(self) -> None:
        self.contexts = {one: Context(Settings(direction=one)) for one in Direction}

    def documents(self, old: Document, new: Document) -> Iterator[str]:
        for key in old.keys:
            if key not in new.keys:
                yield f"{key} is gone"
            else:
                yield from self.operations(old.operation(key), new.operation(key), takes=True)
        for name, hooks in old.webhooks.items():
            others = {one.method: one for one in new.webhooks.get(name, ())}
            for hook in hooks:
                if hook.method not in others:
                    yield f"webhook {name} is gone"
                else:
                    yield from self.operations(hook, others[hook.method], takes=False)
        if {n: s.raw for n, s in old.security_schemes.items()} != {n: s.raw for n, s in new.security_schemes.items()}:
            yield "the security schemes differ"

    def operations(self, old: Operation, new: Operation, *, takes: bool) -> Iterator[str]:
        if takes and list(map(dict, old.security)) != list(map(dict, new.security)):
            yield f"{old.name}: security differs"
        yield from self.parameters(old, new, takes=takes)
        yield from self.bodies(old, new, takes=takes)
        yield from self.responses(old.responses, new.responses, old.name, gives=takes)
        before, after = ({(c.name, c.expression): c for c in one.callbacks} for one in (old, new))
        for key, callback in before.items():
            if key not in after:
                yield f"{old.name}: callback {key[0]} is gone"
                continue
            others = {one.method: one for one in after[key].operations}
            for one in callback.operations:
                if one.method not in others:
                    yield f"{old.name}: callback {key[0]} is gone"
                else:
                    yield from self.operations(one, others[one.method], takes=not takes)

    def parameters(self, old: Operation, new: Operation, *, takes: bool) -> Iterator[str]:
        before, after = (
            {(p.location, str(p.position) if p.position >= 0 else p.name.lower()): p for p in one.parameters}
            for one in (old, new)
        )
        sent, read = (before, after) if takes else (after, before)
        for key, one in sent.items():
            other = read.get(key)
            if other is None:
                yield f"{old.name}: parameter {one.name} is known to one side only"
                continue
            if (one.style, one.explode, one.allow_reserved, one.allow_empty_value) != (
                other.style,
                other.explode,
                other.allow_reserved,
                other.allow_empty_value,
            ):
                yield f"{old.name}: parameter {one.name} is written in another way"
            if other.required and not one.required:
                yield f"{old.name}: parameter {one.name} must be sent"
            if not self.parameter(one, other):
                yield f"{old.name}: parameter {one.name}"
            if not one.required and _default(one) != _default(other):
                yield f"{old.name}: parameter {one.name} means something else where it is left out"
        for key, other in read.items():
            if other.required and key not in sent:
                yield f"{old.name}: parameter {other.name} must be sent"

    def parameter(self, one: Parameter, other: Parameter) -> bool:
        if one.content or other.content:
            return self.contents(one.content, other.content, Direction.REQUEST)
        return self.written(one.schema or _ANY, other.schema or _ANY, Direction.REQUEST)

    def bodies(self, old: Operation, new: Operation, *, takes: bool) -> Iterator[str]:
        sent, read = (old.request_body, new.request_body) if takes else (new.request_body, old.request_body)
        if sent is None:
            if read is not None and read.required:
                yield f"{old.name}: a body must be sent"
            return
        if read is None or (read.required and not sent.required):
            yield f"{old.name}: the body"
        elif not self.contents(sent.content, read.content, Direction.REQUEST):
            yield f"{old.name}: what the body may hold"

    def responses(
        self, old: Mapping[str, Response], new: Mapping[str, Response], name: str, *, gives: bool
    ) -> Iterator[str]:
        given, known = (new, old) if gives else (old, new)
        for status in old:
            if status not in new and status[0] in "23":
                yield f"{name}: status {status} is gone"
        for status, one in given.items():
            other = known.get(status)
            if other is None:
                continue  # a status that comes new is information by any rule
            if one.content and not self.contents(one.content, other.content, Direction.RESPONSE):
                yield f"{name}: what answer {status} may hold"
            if other.content and not one.content:
                yield f"{name}: answer {status} holds nothing any more"
            if gives and not all(any(covers(known_type, key) for key in one.content) for known_type in other.content):
                yield f"{name}: a media type of answer {status} is gone"
            headers = {key.lower(): header for key, header in one.headers.items()}
            for key, header in other.headers.items():
                twin = headers.get(key.lower())
                if twin is None or (header.required and not twin.required) or not self.header(twin, header):
                    yield f"{name}: header {key} of {status}"

    def header(self, one: Header, other: Header) -> bool:
        if one.content or other.content:
            return self.contents(one.content, other.content, Direction.RESPONSE)
        if one.raw.get("explode") != other.raw.get("explode"):
            return False
        return self.written(one.schema or _ANY, other.schema or _ANY, Direction.RESPONSE)

    def contents(self, sent: Mapping[str, MediaType], read: Mapping[str, MediaType], direction: Direction) -> bool:
        """Whether every content of the one side is one of the other, by the media type that takes it in."""
        for name, media in sent.items():
            others = [read[name]] if name in read else [one for key, one in read.items() if covers(key, name)]
            if not others or media.encoding != others[0].encoding:
                return False
            depth = text_depth(name)
            one, other = media.schema or _ANY, others[0].schema or _ANY
            fine = self.within(one, other, direction) if depth is None else self.written(one, other, direction, depth)
            if not fine:
                return False
            if not self.within(media.item_schema or _ANY, others[0].item_schema or _ANY, direction):
                return False
        return True

    def within(self, sub: Schema, sup: Schema, direction: Direction) -> bool:
        return isinstance(contains(sub, sup, self.contexts[direction]), Proven)

    def written(self, sub: Schema, sup: Schema, direction: Direction, levels: int = 8) -> bool:
        """Whether every text of the one is a text of the other; of lists and objects, part by part.

        ``levels`` of properties are written as texts; what lies deeper is JSON.
        """
        if self.within(sub, sup, direction):
            return True
        if levels < 0:
            return False
        one, other = texts(sub), texts(sup)
        if one is not None and other is not None:
            return self.within(one, other, direction)
        sub, sup = _followed(sub), _followed(sup)
        left, right = (look_up(schema.resource.contents, schema.pointer) for schema in (sub, sup))
        if not isinstance(left, Mapping) or not isinstance(right, Mapping):
            return False
        if not set(left) <= _PARTS or left.get("type") not in ("object", "array"):
            return False
        if {**left, "properties": 0, "items": 0} != {**right, "properties": 0, "items": 0}:
            return False
        steps = ["/items"] if "items" in left and "items" in right else []
        names = left.get("properties", {}), right.get("properties", {})
        if not all(isinstance(one, Mapping) for one in names) or names[0].keys() != names[1].keys():
            return False
        if ("items" in left) is not ("items" in right):
            return False
        steps += [f"/properties/{escape(str(name))}" for name in names[0]]
        return bool(steps) and all(
            self.written(
                Schema(sub.resource, sub.pointer + step),
                Schema(sup.resource, sup.pointer + step),
                direction,
                levels - (step != "/items"),
            )
            for step in steps
        )
