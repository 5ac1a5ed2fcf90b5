"""What a consumer expects of a body, from what it read of it and what it demanded of what it read.

Only what was read is expected: keys that were taken, with the kind of value that came; lists that were walked. A
demand of the source goes before what came, so that a test that looks for ``history`` expects ``history``.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from zeues_contracts.consumers.recording.conditions import (
    canonical,
    condition_schema,
    conjunction,
    holds_for_none,
    loosened,
)
from zeues_contracts.consumers.recording.hook.reads import EACH_KEY, step_of
from zeues_contracts.consumers.recording.nodes import Node, Path, fill, schema_of_node, union_schemas
from zeues_contracts.consumers.recording.places import Indexes, asks_for_key, located, subject_of
from zeues_contracts.consumers.recording.sources import Demand, Source, chain_of, demand_on, load_source
from zeues_contracts.consumers.recording.spool import BodyRead, Site
from zeues_contracts.consumers.recording.uses import Guard, copes, guard_of, need_of_access, need_of_value, static_key
from zeues_contracts.redact import PLACEHOLDER

__all__ = ["body_expectation"]

_SMALL = 8192
Unordered = Callable[[dict[str, Any], Path], dict[str, Any]]


def body_expectation(reads: Sequence[BodyRead], body: bytes, *, loose: bool = False) -> dict[str, Any] | None:
    """The JSON Schema (2020-12) of the bodies that the reads can do with; ``None`` where nothing is expected.

    It has the values that the code compares with; a ``loose`` one has their types, and is spelt as a contract is.
    """
    if not reads:
        return None
    # Suites get the same small answers over and over.
    return _remembered(tuple(reads), body, loose) if len(body) < _SMALL else _told(reads, body, loose)


@lru_cache(maxsize=2000)
def _remembered(reads: tuple[BodyRead, ...], body: bytes, loose: bool) -> dict[str, Any] | None:
    return _told(reads, body, loose)


def _told(reads: Sequence[BodyRead], body: bytes, loose: bool) -> dict[str, Any] | None:
    schema = _expected(reads, body)
    if schema is None or not loose:
        return schema
    found: dict[str, Any] = canonical(loosened(schema))
    return found


def _expected(reads: Sequence[BodyRead], body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
        came = True
    except (ValueError, RecursionError):
        value, came = None, False
    root = Node()
    indexes = Indexes(reads)
    reads = [replace(read, path=indexes.meant(read)) for read in reads]
    alternatives = _Alternatives()
    for read in reads:
        alternatives.look_at(read)
    walked = {read.path for read in reads if read.kind == "iter"}
    for read in reads:
        if not alternatives.hold(read.site):
            _take(root, read, walked, indexes.unordered)
    for path, schemas in alternatives.found.items():
        root.at(path).demanded.append(union_schemas(schemas))
    if came:
        fill(root, value)
    schema = schema_of_node(root)
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
    if isinstance(value, list) and isinstance(schema.get("contains"), dict):
        for one in value[:1000]:
            changed["contains"] = _without_secrets(changed["contains"], one, depth + 1)
    if isinstance(value, list) and "prefixItems" in schema:
        first = [_without_secrets(one, two, depth + 1) for one, two in zip(schema["prefixItems"], value, strict=False)]
        changed["prefixItems"] = [*first, *schema["prefixItems"][len(first) :]]
    for key in ("anyOf", "allOf"):
        if key in schema:
            changed[key] = [_without_secrets(one, value, depth + 1) for one in schema[key]]
    return changed


def _take(root: Node, read: BodyRead, walked: set[Path], unordered: Unordered) -> None:
    node = root.at(read.path)
    if read.kind == "wants" or (read.kind == "iter" and read.found == "{"):
        schema = _wanted(read)
        if schema:
            node.demanded.append(schema)
        elif read.kind == "wants":
            return
    elif read.kind in ("get", "maybe", "in"):
        node.kinds.add("object")
        key = read.key
        if key is None:
            return
        usage = _usage(read)
        if read.kind == "get" and read.path in walked and usage.dynamic:
            node.child(EACH_KEY)  # for key in data: data[key]
            return
        source, here = located(read.site)
        if read.kind == "get" and isinstance(here, ast.Call | ast.Dict) and _copies(here):
            return  # dict(data), {**data}: nothing is said of any key
        if (read.kind == "get" and not _does_without(read)) or usage.needed:
            node.required[key] = None
        if read.kind != "in" and (read.found or usage.needed):
            node.child(key)
        if source is not None and here is not None and _gives_value(read, here):
            node.child(key).uses.append(partial(need_of_value, source, here))
    elif read.kind in ("item", "has"):
        node.kinds.add("array")
    elif read.kind == "equal":
        usage = _usage(read)
        if usage.demand is not None and usage.demand.wanted and usage.demand.must:
            schema = _of_shape(read.found)
            if schema:
                node.demanded.append(schema)
    for path, schema in _demanded(read):
        if read.key is not None and path == read.path and _does_without(read):
            schema = _without_need(schema, read.key)
        if schema:
            root.at(path).demanded.append(unordered(schema, path))


def _wanted(read: BodyRead) -> dict[str, Any]:
    """What a use of the wrong shape says that the consumer expects: ``data[0]`` of an object, ``rows["id"]`` of a list.

    Nothing where the code takes it that the use fails, or comes to it by a condition on the value: it knows others.
    """
    if read.kind == "iter":
        source = load_source(read.site.file) if read.site is not None else None
        walked = source.iterated(read.site) if source is not None and read.site is not None else None
        return need_of_value(source, walked) if source is not None and walked is not None else {}
    source, node = located(read.site)
    if source is None or node is None:
        return {}
    subject = subject_of(read, node)
    guard = guard_of(source, node, ast.dump(subject)) if subject is not None else Guard.KIND
    if guard is Guard.KIND or copes(source, node):
        return {}
    plain: dict[str, Any] = {"type": "object"} if read.found == "object" else {"type": "array"}
    if read.key is not None:
        plain = {"type": "object", "required": [read.key]}
    schema = conjunction([plain, need_of_access(source, node)]) or plain
    return schema if guard is Guard.NONE else union_schemas([schema, {"type": "null"}])


def _does_without(read: BodyRead) -> bool:
    """Whether the code can do without the key: it looks whether it is there, or takes it that it is not."""
    source, node = located(read.site)
    if source is None or node is None or read.key is None:
        return False
    if read.kind == "get" and copes(source, node, narrow=True):
        return True
    subject = subject_of(read, node)
    return bool(read.found) and subject is not None and asks_for_key(source, node, ast.dump(subject), read.key)


def _without_need(schema: dict[str, Any], key: str) -> dict[str, Any]:
    """What is demanded of a property where it is there."""
    required = [name for name in schema.get("required", ()) if name != key]
    rest = {name: one for name, one in schema.items() if name != "required"}
    return {**rest, "required": required} if required else rest


def _copies(node: ast.expr) -> bool:
    """``dict(data)``, ``{**data}``, ``call(**data)``: all of an object at once."""
    if isinstance(node, ast.Dict):
        return None in node.keys
    if not isinstance(node, ast.Call):
        return False
    named = isinstance(node.func, ast.Name) and node.func.id in ("dict", "OrderedDict", "defaultdict")
    return named or any(one.arg is None for one in node.keywords)


def _gives_value(read: BodyRead, node: ast.expr) -> bool:
    """Whether an expression is the value that was read, and not something that a function made of it."""
    if read.kind == "get" and isinstance(node, ast.Subscript):
        return True
    called = node.func if isinstance(node, ast.Call) else None
    known = isinstance(called, ast.Attribute) and called.attr in ("get", "getheader", "pop", "setdefault")
    return known and read.kind in ("get", "maybe") and (read.kind == "get" or bool(read.found))


@dataclass(frozen=True, slots=True)
class _Usage:
    """How the source uses what a read gives."""

    needed: bool = False
    dynamic: bool = False
    demand: Demand | None = None


def _usage(read: BodyRead) -> _Usage:
    source, node = located(read.site)
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
    source, node = located(read.site)
    if source is None or node is None:
        return []
    found: list[tuple[Path, dict[str, Any]]] = []
    if read.key is not None and (_gives_value(read, node) or read.kind == "maybe") and not _usage(read).dynamic:
        for demand, name in _demands_on_name(source, node):
            schema = condition_schema(demand.expression, name, wanted=demand.wanted)
            if schema:
                found.append(((*read.path, read.key), schema))
    if read.kind == "item" and isinstance(node, ast.Subscript) and not _as_written(read, node):
        return found  # what is first now was not the first that came
    demand_here = demand_on(source, node)
    subject = subject_of(read, node)
    if demand_here is None or not demand_here.must or subject is None:
        return found
    schema = condition_schema(demand_here.expression, ast.dump(subject), wanted=demand_here.wanted)
    return [*found, (read.path, schema)] if schema else found


def _as_written(read: BodyRead, node: ast.Subscript) -> bool:
    key = static_key(node)
    return read.found is None or (isinstance(key, int) and step_of(key) == read.found)


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
        source, node = located(read.site)
        if source is None or node is None or read.site is None:
            return
        subject = subject_of(read, node)
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
