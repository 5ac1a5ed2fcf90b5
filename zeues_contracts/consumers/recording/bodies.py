"""What a consumer expects of a body, from what it read of it and what it demanded of what it read.

Only what was read is expected: keys that were taken, with the kind of value that came; lists that were walked. A
demand of the source goes before what came, so that a test that looks for ``history`` expects ``history``.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from zeues_contracts.consumers.recording.conditions import condition_schema, conjunction, holds_for_none, loosened
from zeues_contracts.consumers.recording.sources import Demand, Source, chain_of, demand_on, load_source
from zeues_contracts.consumers.recording.spool import BodyRead, Site
from zeues_contracts.redact import PLACEHOLDER

__all__ = ["body_expectation", "kind_of", "union_schemas"]

_SMALL = 8192
_EACH = 0
_EACH_KEY = 1
Path = tuple[str | int, ...]


@dataclass(slots=True)
class _Node:
    """What is known of one place in the body."""

    kinds: set[str] = field(default_factory=set)
    members: dict[str, _Node] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    each: _Node | None = None
    each_key: _Node | None = None
    demanded: list[dict[str, Any]] = field(default_factory=list)
    came: list[Any] = field(default_factory=list)

    def child(self, step: str | int) -> _Node:
        if isinstance(step, str):
            self.kinds.add("object")
            return self.members.setdefault(step, _Node())
        if step == _EACH:
            self.kinds.add("array")
            self.each = self.each or _Node()
            return self.each
        self.kinds.add("object")
        self.each_key = self.each_key or _Node()
        return self.each_key


def body_expectation(reads: Sequence[BodyRead], body: bytes) -> dict[str, Any] | None:
    """The JSON Schema (2020-12) of the bodies that the reads can do with; ``None`` where nothing is expected."""
    if not reads:
        return None
    # Suites get the same small answers over and over.
    return _remembered(tuple(reads), body) if len(body) < _SMALL else _expected(reads, body)


@lru_cache(maxsize=2000)
def _remembered(reads: tuple[BodyRead, ...], body: bytes) -> dict[str, Any] | None:
    return _expected(reads, body)


def _expected(reads: Sequence[BodyRead], body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
        came = True
    except (ValueError, RecursionError):
        value, came = None, False
    root = _Node()
    alternatives = _Alternatives()
    for read in reads:
        alternatives.look_at(read)
    walked = {read.path for read in reads if read.kind == "iter"}
    for read in reads:
        if not alternatives.hold(read.site):
            _take(root, read, walked)
    for path, schemas in alternatives.found.items():
        node = root
        for step in path:
            node = node.child(step)
        node.demanded.append(union_schemas(schemas))
    if came:
        _fill(root, value, 0)
    schema = _schema(root, 0)
    if came and PLACEHOLDER.encode() in body:
        schema = _without_secrets(schema, value, 0)
    return schema or None


def _without_secrets(schema: dict[str, Any], value: Any, depth: int) -> dict[str, Any]:
    """What was taken out of the recording cannot be compared with the value that the test wants: its type is."""
    if depth > 60:
        return schema
    if isinstance(value, str):
        return loosened(schema) if PLACEHOLDER in value else schema
    changed = dict(schema)
    if isinstance(value, Mapping) and "properties" in schema:
        changed["properties"] = {
            name: _without_secrets(one, value[name], depth + 1) if name in value else one
            for name, one in schema["properties"].items()
        }
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for one in value[:1000]:
            changed["items"] = _without_secrets(changed["items"], one, depth + 1)
    for key in ("anyOf", "allOf"):
        if key in schema:
            changed[key] = [_without_secrets(one, value, depth + 1) for one in schema[key]]
    return changed


def _take(root: _Node, read: BodyRead, walked: set[Path]) -> None:
    node = root
    for step in read.path:
        node = node.child(step)
    if read.kind in ("get", "maybe", "in"):
        node.kinds.add("object")
        key = read.key
        if key is None:
            return
        usage = _usage(read)
        if read.kind == "get" and read.path in walked and usage.dynamic:
            node.child(_EACH_KEY)  # for key in data: data[key]
            return
        if read.kind == "get" or usage.needed:
            node.required[key] = None
        if read.kind != "in" and (read.found or usage.needed):
            node.child(key)
    elif read.kind in ("item", "has"):
        node.kinds.add("array")
    elif read.kind == "equal":
        usage = _usage(read)
        if usage.demand is not None and usage.demand.wanted and usage.demand.must:
            schema = _of_shape(read.found)
            if schema:
                node.demanded.append(schema)
    for path, schema in _demanded(read):
        there = root
        for step in path:
            there = there.child(step)
        there.demanded.append(schema)


@dataclass(frozen=True, slots=True)
class _Usage:
    """How the source uses what a read gives."""

    needed: bool = False
    dynamic: bool = False
    demand: Demand | None = None


def _usage(read: BodyRead) -> _Usage:
    source, node = _located(read.site)
    if source is None or node is None:
        return _Usage()
    demand = demand_on(source, node)
    dynamic = isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant)
    needed = False
    if read.kind == "in":
        needed = demand is not None and demand.must and _needs(demand, node)
    elif read.kind == "maybe":
        needed = _dereferenced(source, node, 0) or any(
            holds_for_none(one.expression, name) is (not one.wanted) for one, name in _demands_on_name(source, node)
        )
    return _Usage(needed, dynamic, demand)


def _needs(demand: Demand, node: ast.expr) -> bool:
    """Whether the demand can only hold if ``key in data`` does."""
    if not isinstance(node, ast.Compare) or len(node.comparators) != 1:
        return False
    schema = condition_schema(demand.expression, ast.dump(node.comparators[0]), wanted=demand.wanted)
    key = node.left.value if isinstance(node.left, ast.Constant) else None
    if key is None:
        if demand.expression is node:
            return demand.wanted != isinstance(node.ops[0], ast.NotIn)
        called = demand.expression if isinstance(demand.expression, ast.Call) else None
        every = called is not None and isinstance(called.func, ast.Name) and called.func.id == "all"
        return every and demand.wanted and isinstance(node.ops[0], ast.In)
    return schema is not None and key in schema.get("required", ())


def _dereferenced(source: Source, node: ast.expr, depth: int) -> bool:
    """Whether ``data.get(key)`` is used at once as if it were there."""
    if isinstance(node, ast.Call) and len(node.args) + len(node.keywords) > 1:
        return False  # a default is given
    parent = source.parents.get(node)
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return True
    if isinstance(parent, ast.Attribute):
        return True
    if isinstance(parent, ast.For | ast.comprehension) and parent.iter is node:
        return True
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and node in parent.args:
        return parent.func.id in ("len", "sorted", "sum", "int", "float", "list", "set", "enumerate", "min", "max")
    if depth < 1 and isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        name = parent.targets[0].id
        uses = [
            one
            for one in ast.walk(source.function(parent))
            if isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load)
        ]
        first = min(uses, key=lambda one: (one.lineno, one.col_offset), default=None)
        return first is not None and _dereferenced(source, first, depth + 1)
    return False


def _demanded(read: BodyRead) -> list[tuple[Path, dict[str, Any]]]:
    """What the demand around a read says of the value that was read from: (path, schema) each."""
    source, node = _located(read.site)
    if source is None or node is None:
        return []
    found: list[tuple[Path, dict[str, Any]]] = []
    if read.kind in ("get", "maybe") and read.key is not None and not _usage(read).dynamic:
        for demand, name in _demands_on_name(source, node):
            schema = condition_schema(demand.expression, name, wanted=demand.wanted)
            if schema:
                found.append(((*read.path, read.key), schema))
    demand_here = demand_on(source, node)
    subject = _subject(read, node)
    if demand_here is None or not demand_here.must or subject is None:
        return found
    schema = condition_schema(demand_here.expression, ast.dump(subject), wanted=demand_here.wanted)
    return [*found, (read.path, schema)] if schema else found


def _demands_on_name(source: Source, node: ast.expr) -> list[tuple[Demand, str]]:
    """``state = data["state"]``: what the code demands of the name, until it is given another value."""
    statement = source.parents.get(node)
    target = statement.targets[0] if isinstance(statement, ast.Assign) and len(statement.targets) == 1 else None
    if isinstance(statement, ast.NamedExpr):
        target = statement.target
    if not isinstance(target, ast.Name):
        return []
    names = [one for one in ast.walk(source.function(node)) if isinstance(one, ast.Name) and one.id == target.id]
    again = [one.lineno for one in names if isinstance(one.ctx, ast.Store) and one.lineno > target.lineno]
    last = min(again, default=10**9)
    loads = [one for one in names if isinstance(one.ctx, ast.Load) and target.lineno <= one.lineno <= last]
    demands = [(demand_on(source, one), ast.dump(one)) for one in loads]
    return [(demand, name) for demand, name in demands if demand is not None and demand.must]


def _subject(read: BodyRead, node: ast.expr) -> ast.expr | None:
    """The expression in the source that stands for the value that was read from."""
    if isinstance(node, ast.Compare) and read.kind == "in" and len(node.comparators) == 1:
        return node.comparators[0]
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and (read.kind == "maybe" or node.func.attr == "keys"):
            return node.func.value
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("issubset", "issuperset") and node.args:
            return node.args[0]
        if isinstance(node.func, ast.Name) and node.args and read.kind in ("type", "len", "iter"):
            return node.args[0]
    if isinstance(node, ast.Subscript):
        return node.value
    return None


def _located(site: Site | None) -> tuple[Source | None, ast.expr | None]:
    if site is None:
        return None, None
    source = load_source(site.file)
    return (None, None) if source is None else (source, source.at(site))


def _passing_branch(source: Source, node: ast.expr, subject: str) -> ast.If | None:
    """The ``if`` around a read that lets the test pass on a condition on the same value."""
    for child, parent in source.ancestors(node):
        if isinstance(parent, ast.If) and child not in parent.orelse:
            demand = demand_on(source, parent.test)
            if demand is not None and not demand.must and condition_schema(parent.test, subject) is not None:
                return parent
    return None


class _Alternatives:
    """Branches each of which lets the test pass: what the body may be instead."""

    def __init__(self) -> None:
        self.found: dict[Path, list[dict[str, Any]]] = {}
        self._spans: list[tuple[str, int, int]] = []
        self._seen: set[int] = set()

    def hold(self, site: Site | None) -> bool:
        """Whether a place is in such a branch, or is its condition."""
        return site is not None and any(
            site.file == file and first <= site.line <= last for file, first, last in self._spans
        )

    def look_at(self, read: BodyRead) -> None:
        """See whether a read stands in the condition of such a branch, or inside of it."""
        source, node = _located(read.site)
        if source is None or node is None or read.site is None:
            return
        subject = _subject(read, node)
        if subject is None:
            return
        dump = ast.dump(subject)
        inside = _passing_branch(source, node, dump)
        if inside is None:
            return
        branches = chain_of(source, inside)
        if id(branches[0]) in self._seen:
            return
        schemas: list[dict[str, Any]] = []
        spans: list[tuple[str, int, int]] = []
        for branch in branches:
            told = demand_on(source, branch.test)
            schema = condition_schema(branch.test, dump)
            if schema is None or told is None or told.must:
                continue
            schemas.append(schema)
            spans.append((read.site.file, branch.test.lineno, branch.body[-1].end_lineno or branch.body[-1].lineno))
        if schemas:
            self._seen.add(id(branches[0]))
            self.found.setdefault(read.path, []).extend(schemas)
            self._spans += spans


def _fill(node: _Node, value: Any, depth: int) -> None:
    """Put what came beside what was read."""
    if depth > 100:
        return
    node.came.append(value)
    if isinstance(value, Mapping):
        for name, child in node.members.items():
            if name in value:
                _fill(child, value[name], depth + 1)
        if node.each_key is not None:
            for one in list(value.values())[:1000]:
                _fill(node.each_key, one, depth + 1)
    elif isinstance(value, list) and node.each is not None:
        for one in value[:1000]:
            _fill(node.each, one, depth + 1)


def _schema(node: _Node, depth: int) -> dict[str, Any]:
    if depth > 60:
        return {}
    base = _base(node, depth)
    if not node.demanded:
        return base
    demanded = conjunction(_distinct(node.demanded)) or {}
    if "type" in demanded and "type" in base and not _overlap(demanded["type"], base["type"]):
        return demanded  # what the test wants is not what came
    if "anyOf" in demanded and not node.members and node.each is None:
        return demanded
    return conjunction([base, demanded]) or {}


def _base(node: _Node, depth: int) -> dict[str, Any]:
    kinds = set(node.kinds)
    if not kinds:
        return union_schemas([kind_of(one) for one in node.came]) if node.came else {}
    came = {"object" if isinstance(one, Mapping) else "array" if isinstance(one, list) else "" for one in node.came}
    if len(kinds) > 1 and came - {""}:
        kinds &= came
    parts: list[dict[str, Any]] = []
    if "object" in kinds:
        part: dict[str, Any] = {"type": "object"}
        if node.required:
            part["required"] = list(node.required)
        inner = {name: _schema(child, depth + 1) for name, child in node.members.items()}
        properties = {name: one for name, one in inner.items() if one}
        if properties:
            part["properties"] = properties
        if node.each_key is not None:
            each = _schema(node.each_key, depth + 1)
            if each:
                part["additionalProperties"] = each
        parts.append(part)
    if "array" in kinds:
        items = _schema(node.each, depth + 1) if node.each is not None else {}
        parts.append({"type": "array", "items": items} if items else {"type": "array"})
    return union_schemas(parts)


def _overlap(first: Any, second: Any) -> bool:
    one = {first} if isinstance(first, str) else set(first)
    two = {second} if isinstance(second, str) else set(second)
    return bool(one & two)


def _distinct(schemas: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for index, one in enumerate(schemas) if one not in schemas[:index]]


def kind_of(value: Any) -> dict[str, Any]:
    """The type of a value as a schema. Numbers are numbers: no consumer in Python minds whether 3 is written 3.0."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, Mapping):
        return {"type": "object"}
    return {"type": "array"} if isinstance(value, list) else {}


def union_schemas(schemas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The schema of the values of any of these, plainly written."""
    from zeues_contracts.consumers.forms.words import union

    return dict(union(schemas))


def _of_shape(shape: Any) -> dict[str, Any]:
    """The schema of a shape that the hook noted."""
    simple = {"s": "string", "n": "number", "b": "boolean", "z": "null"}
    if isinstance(shape, str):
        return {"type": simple[shape]} if shape in simple else {}
    if isinstance(shape, tuple) and shape and shape[0] == "{":
        inner = {name: _of_shape(one) for name, one in shape[1:]}
        properties = {name: one for name, one in inner.items() if one}
        schema: dict[str, Any] = {"type": "object"}
        if inner:
            schema["required"] = list(inner)
        return {**schema, "properties": properties} if properties else schema
    if isinstance(shape, tuple) and shape and shape[0] == "[":
        items = [_of_shape(one) for one in shape[1:]]
        return {"type": "array", "items": union_schemas(items)} if items and all(items) else {"type": "array"}
    return {}
