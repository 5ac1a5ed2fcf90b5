"""What changed at all, and who is touched by it: told from the text, before anything is judged.

A document is taken apart into units: its operations and its components. Units are compared as bytes, references are
read out of the bytes, and who reaches what is carried along the references once for all operations together; so the
cost is that of writing both documents out as JSON, and what is judged afterwards is as much as changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import orjson

from zeues_contracts.drift.extras import alike
from zeues_contracts.drift.marks import has_marks, links_kept, marks_of, prune, reaching_marks
from zeues_contracts.drift.model import Sense, Use
from zeues_contracts.drift.reach import Graph, with_users
from zeues_contracts.drift.written import (
    OddError,
    bytes_of,
    component_of,
    is_schema,
    lone_references,
    references_in,
    references_of,
)
from zeues_contracts.openapi.model import METHODS, Document, OperationKey
from zeues_contracts.openapi.references import MISSING, look_up
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Dialect, Direction

__all__ = [
    "GIVEN",
    "HOOK",
    "SENT_BACK",
    "SENT_OUT",
    "TAKEN",
    "Survey",
    "hooks_of",
    "lone_references",
    "one_dialect",
    "survey",
]

TAKEN = Use(Direction.REQUEST, Sense.TAKES)
GIVEN = Use(Direction.RESPONSE, Sense.GIVES)
SENT_OUT = Use(Direction.REQUEST, Sense.GIVES)
"""Requests that the service sends: callbacks and webhooks."""
SENT_BACK = Use(Direction.RESPONSE, Sense.TAKES)
"""Responses that it takes."""

HOOK = "webhook "
"""Before the name of a webhook, where it stands for a path."""
_OF_3_0 = (b'"nullable":', b'"x-nullable":', b'"exclusiveMinimum":true', b'"exclusiveMinimum":false',
           b'"exclusiveMaximum":true', b'"exclusiveMaximum":false', b'"type":"file"', b'"dependencies":')  # fmt: skip
_OF_3_1 = (b'"$anchor":', b'"$id":', b'"dependencies":', b'"additionalItems":', b'"definitions":')
"""What 3.1 does not read so, or at all, and 3.0's lenient reading does; or the other way round."""
MAX_CALLBACKS = 2
"""Callbacks of callbacks that are followed, as the model of operations does."""


class Survey(msgspec.Struct):
    """Two documents, unit by unit. Pointers are those of the documents."""

    changed_schemas: frozenset[str]
    """Component schemas of both that are not the same text."""
    changed_parts: frozenset[str]
    """Other components of both that are not the same text."""
    dirty: frozenset[OperationKey]
    """Operations of both that differ in more than what component schemas say."""
    judged: frozenset[OperationKey]
    """Those of them that differ in more than text."""
    both: tuple[OperationKey, ...]
    marked: frozenset[str] | None
    """Components that reach something ``readOnly`` or ``writeOnly``; ``None`` where operations have such themselves.

    Of the others a request says what a response says.
    """
    names: Mapping[OperationKey, str]
    paths: Mapping[OperationKey, str]
    old: Graph
    new: Graph
    _reached: dict[tuple[str, Use], Mapping[str, int]] = msgspec.field(default_factory=dict)
    _named: dict[int, tuple[str, ...]] = msgspec.field(default_factory=dict)
    _of_path: dict[str, int] = msgspec.field(default_factory=dict)

    def reaching(self, pointer: str, use: Use) -> int:
        """The operations that reach a component in one use, before and after: as bits, by their place in ``both``."""
        return self._mask("old", pointer, use) & self._mask("new", pointer, use)

    def crossing(self, pointer: str, use: Use) -> int:
        """Those that reach it on one side only."""
        return self._mask("old", pointer, use) ^ self._mask("new", pointer, use)

    def through(self, pointer: str, use: Use, units: frozenset[str]) -> int:
        """The operations that reach a component by way of certain units: components, or paths that name it."""
        found = 0
        direct = self.new.roots.get(use, {}).get(pointer, 0)
        for unit in units:
            # Of the newer document: a component that was split has its users there.
            found |= self._mask("new", unit, use) if unit in self.new.links else direct & self.of_path(unit)
            found |= direct & self.new.called.get(unit, 0)
        return found & self.reaching(pointer, use)

    def naming(self, part: str) -> int:
        """The operations that reach a component other than a schema, in whatever use."""
        found = self.new.called.get(part, 0)
        for use in self.uses:
            found |= self.reaching(part, use)
        return found

    def of_path(self, path: str) -> int:
        """The operations of a path template (of the newer document), or of a webhook by its name behind ``HOOK``."""
        if not self._of_path:
            for index, key in enumerate(self.both):
                at = self.paths.get(key, key.path)
                self._of_path[at] = self._of_path.get(at, 0) | 1 << index
        return self._of_path.get(path, 0)

    def named(self, mask: int) -> tuple[str, ...]:
        """The names of operations, in the order of the document."""
        known = self._named.get(mask)
        if known is None:
            bits = bin(mask)[:1:-1]
            known = tuple(self.names[key] for key, bit in zip(self.both, bits, strict=False) if bit == "1")
            self._named[mask] = known
        return known

    def touched(self, pointer: str, use: Use, without: int = 0) -> tuple[str, ...]:
        """The names of the operations that reach a component."""
        return self.named(self.reaching(pointer, use) & ~without)

    def vanished(self) -> Iterator[tuple[str, Use, tuple[str, ...]]]:
        """Schemas of the older document that only references of the newer one still know, with who meets those."""
        gone = {target for targets in self.new.links.values() for target in targets}
        gone |= {target for table in self.new.roots.values() for target in table}
        for pointer in sorted(gone):
            if not is_schema(pointer) or pointer in self.new.texts or pointer not in self.old.texts:
                continue
            for use in self.uses:
                mask = self._mask("new", pointer, use)
                for unit, targets in self.new.links.items():
                    if pointer in targets:
                        mask |= self._mask("new", unit, use)
                if mask:
                    yield pointer, use, self.named(mask)

    def _mask(self, side: str, pointer: str, use: Use) -> int:
        known = self._reached.get((side, use))
        if known is None:
            graph = self.old if side == "old" else self.new
            known = self._reached[side, use] = graph.reached(use)
        return known.get(pointer, 0)

    def mentions(self, text: bytes) -> bool:
        """Whether a text occurs in a component of the newer document."""
        return any(text in one for one in self.new.texts.values())

    @property
    def uses(self) -> tuple[Use, ...]:
        """The uses that occur."""
        flipped = any(use in graph.roots for graph in (self.old, self.new) for use in (SENT_OUT, SENT_BACK))
        return (TAKEN, GIVEN, SENT_OUT, SENT_BACK) if flipped else (TAKEN, GIVEN)


def one_dialect(old: Document, new: Document) -> Dialect | None:
    """The dialect in which the schemas of both documents may be read; ``None`` where there is none.

    A document of OpenAPI 3.0 that spells nothing in 3.0's own way (``nullable``, a boolean ``exclusiveMinimum``,
    something beside a ``$ref``) means the same under 3.1. Else one of 3.1 means the same under 3.0, which is read with
    the later keywords too, if it spells nothing that would be taken otherwise there.
    """
    if old.dialect is new.dialect:
        return old.dialect
    if {old.dialect, new.dialect} != {Dialect.OPENAPI_3_0, Dialect.OPENAPI_3_1}:
        return None
    elder, younger = (old, new) if old.dialect is Dialect.OPENAPI_3_0 else (new, old)
    try:
        texts = orjson.dumps(elder.raw), orjson.dumps(younger.raw)
    except TypeError:
        return None
    if not any(word in texts[0] for word in _OF_3_0) and _are_lone(texts[0]):
        return Dialect.OPENAPI_3_1
    if not any(word in texts[1] for word in (*_OF_3_0, *_OF_3_1)) and _are_lone(texts[1]):
        return Dialect.OPENAPI_3_0
    return None


def _are_lone(text: bytes) -> bool:
    return len(lone_references(text)) == len(references_of(text))


def survey(old: Document, new: Document) -> Survey | None:
    """Take both documents apart; ``None`` where that cannot be done: then everything is judged from its roots.

    That is so where one refers out of itself or into its own paths, uses dynamic references and identifiers, where a
    reference leads into a component that changed, for which there would be but one place, and where a component schema
    became ``readOnly`` or ``writeOnly`` as a whole, or is so no more.
    """
    if old.resource.others or new.resource.others or _has_forms(old) or _has_forms(new):
        return None
    try:
        return _survey(old, new)
    except (OddError, TypeError, RecursionError, ValueError, KeyError):
        return None  # a number, key or reference that JSON text does not settle


def _has_forms(document: Document) -> bool:
    """Whether a document of Swagger 2.0 has forms: their schemas are made of parameters, which are parts of paths."""
    if document.dialect is not Dialect.SWAGGER_2_0:
        return False
    try:
        return b'"formData"' in orjson.dumps(document.raw)
    except TypeError:
        return True


def _survey(old: Document, new: Document) -> Survey:
    before, after = Graph(), Graph()
    for document, graph in ((old, before), (new, after)):
        for pointer, value in _components_of(document):
            graph.texts[pointer] = bytes_of(value)
            if pointer.startswith("/components/callbacks/"):
                graph.callbacks[pointer] = value
    for pointer, text in before.texts.items():
        before.links[pointer] = references_in(text)
    for pointer, text in after.texts.items():
        same = before.texts.get(pointer) == text
        after.links[pointer] = before.links[pointer] if same else references_in(text)
    for document, graph in ((old, before), (new, after)):
        prune(document, graph)
    changed = {pointer for pointer, text in after.texts.items() if before.texts.get(pointer, text) != text}
    if any(before.texts.get(pointer) != after.texts.get(pointer) for pointer in before.deep | after.deep):
        raise OddError
    for pointer in changed:
        # Such a mark is one of the properties that refer to it: what they are part of changed without a word.
        if is_schema(pointer) and marks_of(old.raw, pointer) != marks_of(new.raw, pointer):
            raise OddError
    loose = {
        pointer
        for pointer in {*before.texts, *after.texts}
        if not is_schema(pointer) and before.texts.get(pointer) != after.texts.get(pointer)
    }
    hooks = [hooks_of(document) for document in (old, new)]
    both = (*(key for key in old.keys if key in new.keys), *(key for key in hooks[0] if key in hooks[1]))
    names = {key: " ".join(reversed(new.keys[key])) for key in both if key in new.keys}
    templates = {key: new.keys[key][0] for key in both if key in new.keys}
    global_changed = any(
        old.raw.get(key) != new.raw.get(key)
        for key in ("security", "servers", "securityDefinitions", "consumes", "produces")
    )
    dirty = set(both) if global_changed else set()
    judged = set(dirty)
    parts_of_both = frozenset(p for p in loose if p in before.texts and p in after.texts)
    meant = {pointer for pointer in loose if not alike(look_up(old.raw, pointer), look_up(new.raw, pointer))}
    loose, meant = _dirtied(loose, (before, after)), _dirtied(meant, (before, after))
    schemes_changed = any("/securitySchemes/" in pointer for pointer in loose)
    items: dict[tuple[str, str], bool] = {}
    marks = False
    for index, key in enumerate(both):
        bit = 1 << index
        parts: list[tuple[bytes, tuple[str, ...]]] = []
        operations: list[Any] = []
        if key not in old.keys:
            names[key] = f"{key.method} {key.path.removeprefix(HOOK)}"
            tables = zip((before, after), hooks, strict=True)
            pieces = [_enter(graph, *table[key], bit, SENT_OUT, SENT_BACK) for graph, table in tables]
            for graph, piece in zip((before, after), pieces, strict=True):
                graph.mentioned.setdefault(key.path, set()).update(piece[1])
            beside = [_beside(table[key][0]) for table in hooks]
            marks = marks or any(map(has_marks, (*beside, *(piece[0] for piece in pieces))))
            differs = pieces[0][0] != pieces[1][0]
            named = {pointer for piece in pieces for pointer in piece[1]}
            if differs or beside[0] != beside[1] or not loose.isdisjoint(named):
                dirty.add(key)
                if (
                    not alike(hooks[0][key][1], hooks[1][key][1])
                    or beside[0] != beside[1]
                    or not meant.isdisjoint(named)
                ):
                    judged.add(key)
            continue
        for document, graph in ((old, before), (new, after)):
            path, method = document.keys[key]
            item = document.raw["paths"][path]
            operation = _operation_of(item, method)
            entered = _enter(graph, item, operation, bit)
            graph.mentioned.setdefault(path, set()).update(entered[1])
            parts.append(entered)
            operations.append(operation)
        paths = (old.keys[key][0], new.keys[key][0])
        same_item = items.get(paths)
        if same_item is None:
            beside = [_beside(document.raw["paths"][path]) for document, path in zip((old, new), paths, strict=True)]
            same_item = items[paths] = beside[0] == beside[1]
            marks = marks or any(map(has_marks, beside))
        marks = marks or any(has_marks(part[0]) for part in parts)
        differs = parts[0][0] != parts[1][0]
        moved = not same_item or schemes_changed or paths[0] != paths[1]
        named = {pointer for part in parts for pointer in part[1]}
        if differs or moved or not loose.isdisjoint(named):
            dirty.add(key)
            if moved or not meant.isdisjoint(named) or (differs and not alike(*operations)):
                judged.add(key)
    aside = (before.targets() | after.targets()).difference(before.texts, after.texts)
    if any(_written_otherwise(old, new, pointer) for pointer in aside):
        raise OddError  # what is no component, and is used like one
    return Survey(
        frozenset(p for p in changed if is_schema(p)),
        parts_of_both,
        frozenset(dirty),
        frozenset(judged),
        both,
        reaching_marks((before, after)) if not marks else None,
        names,
        templates,
        before,
        after,
    )


def _written_otherwise(old: Document, new: Document, pointer: str) -> bool:
    one, other = (look_up(document.raw, pointer) for document in (old, new))
    there = one is not MISSING, other is not MISSING
    return there[0] is not there[1] or (all(there) and bytes_of(one) != bytes_of(other))


def hooks_of(document: Document) -> dict[OperationKey, tuple[Any, Any]]:
    """The operations of webhooks with their path items, under keys that no path has.

    For documents that can be taken apart; a path item that is a reference is none that is read here.
    """
    found: dict[OperationKey, tuple[Any, Any]] = {}
    for part in ("webhooks", "x-webhooks"):
        table = document.raw.get(part)
        for name, item in table.items() if isinstance(table, Mapping) else ():
            if isinstance(item, Mapping) and ("$ref" in item or "additionalOperations" in item):
                raise OddError
            for method, operation in item.items() if isinstance(item, Mapping) else ():
                if method in METHODS and isinstance(operation, Mapping) and not str(name).startswith("x-"):
                    found.setdefault(OperationKey(method.upper(), f"{HOOK}{name}"), (item, operation))
    return found


def _enter(
    graph: Graph,
    item: Any,
    operation: Any,
    bit: int,
    requests: Use = TAKEN,
    answers: Use = GIVEN,
    depth: int = 0,
) -> tuple[bytes, tuple[str, ...]]:
    """Enter one operation's references; its text and all that it refers to."""
    if not isinstance(operation, Mapping) or "$ref" in item:
        raise OddError
    responses = bytes_of(operation.get("responses"))
    callbacks = operation.get("callbacks")
    asked = {key: value for key, value in operation.items() if key not in ("responses", "callbacks")}
    rest = bytes_of(asked)
    given, taken = references_in(responses), references_in(rest)
    if "parameters" in item:
        taken += references_in(bytes_of(item["parameters"]))
    graph.enter(answers, links_kept(graph, operation.get("responses"), given, answers), bit)
    graph.enter(requests, links_kept(graph, [asked, item.get("parameters")], taken, requests), bit)
    sent: tuple[str, ...] = ()
    text = rest + responses
    if callbacks is not None:
        called = bytes_of(callbacks)
        text += called
        sent = references_in(called)
        other_way = (SENT_OUT, SENT_BACK) if requests is TAKEN else (TAKEN, GIVEN)
        sent += _enter_callbacks(graph, callbacks, bit, other_way, depth)
    return text, (*given, *taken, *sent)


def _enter_callbacks(graph: Graph, callbacks: Any, bit: int, uses: tuple[Use, Use], depth: int) -> tuple[str, ...]:
    """Enter the operations of callbacks, there and behind references; all that they refer to."""
    found: list[str] = []
    for callback in callbacks.values() if isinstance(callbacks, Mapping) else ():
        if isinstance(callback, Mapping) and isinstance(callback.get("$ref"), str):
            pointer = component_of(callback["$ref"][1:])
            graph.called[pointer] = graph.called.get(pointer, 0) | bit
            found += graph.links.get(pointer, ())
            callback = graph.callbacks.get(pointer)
        for item in callback.values() if isinstance(callback, Mapping) else ():
            for method, operation in item.items() if isinstance(item, Mapping) else ():
                if method in METHODS and depth < MAX_CALLBACKS:
                    found += _enter(graph, item, operation, bit, *uses, depth=depth + 1)[1]
    return tuple(found)


def _beside(item: Any) -> bytes:
    """What a path item says besides its operations, as text: Python holds 1, 1.0 and true for one value."""
    return bytes_of(
        {key: value for key, value in item.items() if key not in METHODS} if isinstance(item, Mapping) else 0
    )


def _operation_of(item: Any, method: str) -> Any:
    if not isinstance(item, Mapping):
        raise OddError
    found = item.get(method.lower())
    if found is None:
        extra = item.get("additionalOperations")
        found = extra.get(method) if isinstance(extra, Mapping) else None
    return found


def _components_of(document: Document) -> Iterator[tuple[str, Any]]:
    components = document.raw.get("components")
    if isinstance(components, Mapping):
        for kind, table in components.items():
            if isinstance(table, Mapping) and not str(kind).startswith("x-"):
                for name, value in table.items():
                    yield f"/components/{escape(str(kind))}/{escape(str(name))}", value
    if document.dialect is Dialect.SWAGGER_2_0:
        for kind in ("definitions", "parameters", "responses", "securityDefinitions"):
            table = document.raw.get(kind)
            if isinstance(table, Mapping):
                for name, value in table.items():
                    yield f"/{kind}/{escape(str(name))}", value


def _dirtied(loose: set[str], graphs: tuple[Graph, ...]) -> set[str]:
    """Components other than schemas that changed, and those that refer to them."""
    return with_users(loose, graphs, lambda pointer: not is_schema(pointer))
