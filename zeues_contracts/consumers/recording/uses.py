"""How the source uses a value: what it has to be for the code to work, whatever came.

``for one in data: one["id"]`` needs a list of objects with ``id``, also where ``data`` came as an object, whose keys
are texts. ``data[0]`` needs a list, ``rows.get("id")`` an object. Uses that the code guards by a condition on the value
itself, or whose failure it takes, need nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from typing import Any

from zeues_contracts.consumers.recording.conditions import conjunction
from zeues_contracts.consumers.recording.sources import Source, ends

__all__ = ["Guard", "copes", "guard_of", "need_of_access", "need_of_value", "static_key"]

Schema = dict[str, Any]

_OF_LISTS = frozenset({"append", "extend", "insert", "remove", "reverse", "sort"})
_OF_TABLES = frozenset({"get", "items", "keys", "popitem", "setdefault", "update", "values"})
_SAME_ITEMS = frozenset({"list", "tuple", "iter", "reversed", "sorted"})
_ONE_ITEM = frozenset({"next", "min", "max", "choice"})
_WIDE = frozenset({"Exception", "BaseException"})
_OF_SHAPE = _WIDE | {"KeyError", "TypeError", "AttributeError", "LookupError", "IndexError", "ValueError"}
_DEEPEST = 12
_MOST_LOADS = 60


class Guard(IntEnum):
    """Under which condition on a value the code comes to a place."""

    NONE = 0
    TRUTH = 1
    """That there is something: null and what is empty do without the rest."""
    KIND = 2
    """Any other: the code knows values of several kinds."""


def static_key(node: ast.Subscript) -> str | int | None:
    """The key or index that the source writes out; ``None`` where it does not."""
    inner, sign = node.slice, 1
    if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
        inner, sign = inner.operand, -1
    value = inner.value if isinstance(inner, ast.Constant) else None
    if isinstance(value, str) and sign == 1:
        return value
    return sign * value if isinstance(value, int) and not isinstance(value, bool) else None


@lru_cache(maxsize=5000)
def need_of_value(source: Source, node: ast.AST) -> Schema:
    """What the value of an expression has to be, by all uses of it that nothing guards; ``{}`` if nothing is told."""
    return _spelt(_value(source, node, 0))


@lru_cache(maxsize=5000)
def need_of_access(source: Source, node: ast.AST) -> Schema:
    """What is needed of the value that an access (``data[0]``, ``data.append``) is made on."""
    if isinstance(node, ast.Subscript | ast.Attribute):
        return _spelt(_use(source, node.value, node, 0))
    return {}


def _spelt(schema: Schema) -> Schema:
    kind = schema.get("type")
    if not isinstance(kind, list):
        return schema
    parts = [{**schema, "type": one} if one != "null" else {"type": "null"} for one in kind]
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


# -- uses ---------------------------------------------------------------------------------------------------------


def _value(source: Source, node: ast.AST, depth: int) -> Schema:
    if depth > _DEEPEST:
        return {}
    parent = source.parents.get(node)
    if parent is None or copes(source, node):
        return {}
    if isinstance(parent, ast.Await) or (isinstance(parent, ast.NamedExpr) and parent.value is node):
        found = [_value(source, parent, depth + 1)]
        if isinstance(parent, ast.NamedExpr):
            found += _of_loads(source, parent.target, parent, depth)
        return _all(found)
    if isinstance(parent, ast.Assign) and parent.value is node and len(parent.targets) == 1:
        return _all(_of_loads(source, parent.targets[0], parent, depth))
    if isinstance(parent, ast.AnnAssign) and parent.value is node:
        return _all(_of_loads(source, parent.target, parent, depth))
    return _use(source, node, parent, depth)


def _use(source: Source, node: ast.AST, parent: ast.AST, depth: int) -> Schema:
    """What one use needs: ``parent`` is the expression or loop that ``node`` stands in."""
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Load):
        key = static_key(parent)
        if isinstance(key, str):
            return _member(key, _value(source, parent, depth + 1))
        return _item(_value(source, parent, depth + 1), key)
    if isinstance(parent, ast.Attribute) and parent.value is node:
        return _attribute(source, parent, depth)
    if isinstance(parent, ast.For | ast.comprehension) and parent.iter is node:
        return _each(_all(_of_target(source, parent.target, parent, depth)))
    if isinstance(parent, ast.Call) and node in parent.args:
        return _handed(source, node, parent, depth)
    return {}


def _attribute(source: Source, parent: ast.Attribute, depth: int) -> Schema:
    call = source.parents.get(parent)
    if not isinstance(call, ast.Call) or call.func is not parent:
        return {}
    if parent.attr in _OF_LISTS:
        return {"type": "array"}
    if parent.attr not in _OF_TABLES:
        return {}
    first = call.args[0] if call.args else None
    if parent.attr != "get" or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return {"type": "object"}
    inner = _value(source, call, depth + 1)
    return {"type": "object", "properties": {first.value: inner}} if inner else {"type": "object"}


def _handed(source: Source, node: ast.AST, call: ast.Call, depth: int) -> Schema:
    """What functions that are everybody's do with their argument."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    found: list[Schema] = []
    if name in ("sorted", "min", "max"):
        key = next((one.value for one in call.keywords if one.arg == "key"), None)
        found.append(_each(_of_lambda(source, key, depth)))
    if name in ("map", "filter") and len(call.args) > 1 and call.args[1] is node:
        found.append(_each(_of_lambda(source, call.args[0], depth)))
    if call.args[0] is node and name in _SAME_ITEMS:
        found.append(_as_list(_value(source, call, depth + 1)))
    if call.args[0] is node and name in _ONE_ITEM:
        # `next(iter(data))`: what `iter` gives is asked by its own name.
        found.append(_item(_value(source, call, depth + 1), None))
    if call.args[0] is node and name == "enumerate":
        loop = source.parents.get(call)
        target = getattr(loop, "target", None)
        walked = isinstance(loop, ast.For | ast.comprehension) and loop.iter is call
        if walked and isinstance(target, ast.Tuple) and len(target.elts) == 2 and loop is not None:
            found.append(_each(_all(_of_target(source, target.elts[1], loop, depth))))
    return _all(found)


def _of_lambda(source: Source, function: ast.AST | None, depth: int) -> Schema:
    if not isinstance(function, ast.Lambda) or len(function.args.args) != 1:
        return {}
    name = function.args.args[0].arg
    loads = [one for one in ast.walk(function.body) if isinstance(one, ast.Name) and one.id == name]
    return _all([_of_load(source, one, function, depth) for one in loads])


def _of_loads(source: Source, target: ast.AST, statement: ast.AST, depth: int) -> list[Schema]:
    """``rows = data``: the uses of the name until it is given another value."""
    if not isinstance(target, ast.Name):
        return []
    scope = source.function(statement)
    names = [one for one in ast.walk(scope) if isinstance(one, ast.Name) and one.id == target.id]
    again = [one.lineno for one in names if not isinstance(one.ctx, ast.Load) and one.lineno > target.lineno]
    last = min(again, default=10**9)
    first = (target.lineno, target.col_offset)
    loads = [one for one in names if isinstance(one.ctx, ast.Load) and first < (one.lineno, one.col_offset)]
    loads = [one for one in loads if one.lineno <= last]
    return [_of_load(source, one, scope, depth) for one in loads[:_MOST_LOADS]]


def _of_target(source: Source, target: ast.AST, loop: ast.AST, depth: int) -> list[Schema]:
    """``for one in rows``: the uses of the name inside of the loop."""
    if not isinstance(target, ast.Name):
        return []
    scope = source.parents.get(loop, loop) if isinstance(loop, ast.comprehension) else loop
    inside = [one for one in ast.walk(scope) if isinstance(one, ast.Name) and one.id == target.id]
    if sum(not isinstance(one.ctx, ast.Load) for one in inside) > 1:
        return []  # it is given other values on the way
    loads = [one for one in inside if isinstance(one.ctx, ast.Load)]
    return [_of_load(source, one, scope, depth) for one in loads[:_MOST_LOADS]]


def _of_load(source: Source, load: ast.Name, scope: ast.AST, depth: int) -> Schema:
    guard = guard_of(source, load, ast.dump(load), scope)
    if guard is Guard.KIND:
        return {}
    schema = _value(source, load, depth + 1)
    kind = schema.get("type")
    return {**schema, "type": [kind, "null"]} if guard is Guard.TRUTH and isinstance(kind, str) else schema


def _member(key: str, inner: Schema) -> Schema:
    schema: Schema = {"type": "object", "required": [key]}
    return {**schema, "properties": {key: inner}} if inner else schema


def _each(inner: Schema) -> Schema:
    """A list by what its items have to be: keys of an object are texts, and so are the items of a text."""
    return {"type": "array", "items": inner} if _structured(inner) else {}


def _item(inner: Schema, index: int | None) -> Schema:
    if not _structured(inner):
        return {}
    if index is not None and 0 <= index < 16:
        return {"type": "array", "prefixItems": [*({} for _ in range(index)), inner]}
    from zeues_contracts.consumers.lists import some_item

    return some_item(inner)


def _as_list(inner: Schema) -> Schema:
    return inner if "array" in _kinds(inner) and set(inner) > {"type"} else {}


def _structured(schema: Schema) -> bool:
    return "allOf" in schema or bool(_kinds(schema) & {"object", "array"})


def _kinds(schema: Schema) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _all(schemas: list[Schema]) -> Schema:
    return conjunction([one for one in schemas if one]) or {}


# -- guards -------------------------------------------------------------------------------------------------------


def guard_of(source: Source, node: ast.AST, subject: str, scope: ast.AST | None = None) -> Guard:
    """The condition on the subject (an ``ast.dump``) under which the code comes to a place inside of ``scope``."""
    found = Guard.NONE
    for child, parent in source.ancestors(node):
        found = max(found, _decided(source, child, parent, subject))
        if parent is scope or found is Guard.KIND:
            break
    return found


def _decided(source: Source, child: ast.AST, parent: ast.AST, subject: str) -> Guard:
    tests: list[ast.expr] = []
    if isinstance(parent, ast.If | ast.IfExp | ast.While):
        tests = [parent.test] if child is not parent.test else []
    elif isinstance(parent, ast.BoolOp) and isinstance(child, ast.expr):
        tests = parent.values[: parent.values.index(child)]
    elif isinstance(parent, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        tests = [] if child in parent.generators else [test for one in parent.generators for test in one.ifs]
    elif isinstance(parent, ast.comprehension):
        tests = parent.ifs[: parent.ifs.index(child)] if isinstance(child, ast.expr) and child in parent.ifs else []
    elif isinstance(parent, ast.Match):
        tests = [parent.subject] if child is not parent.subject else []
        if any(_mentions(one, subject) for one in tests):
            return Guard.KIND
    if isinstance(child, ast.stmt):
        tests = [*tests, *_left_before(source, child)]
    return max((_asks(one, subject) for one in tests), default=Guard.NONE)


def _left_before(source: Source, statement: ast.stmt) -> Iterator[ast.expr]:
    """``if not isinstance(one, dict): continue`` before a statement, in its block. What fails the test is no guard."""
    for earlier in source.block(statement):
        if earlier is statement:
            return
        if isinstance(earlier, ast.If) and _leaves(earlier.body) and ends(earlier.body) != "fail":
            yield earlier.test


def _leaves(block: list[ast.stmt]) -> bool:
    return bool(block) and isinstance(block[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def _asks(test: ast.expr, subject: str) -> Guard:
    """What a condition asks about a value itself, besides what is inside of it."""
    if isinstance(test, ast.BoolOp):
        return max(_asks(one, subject) for one in test.values)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _asks(test.operand, subject)
    if not _mentions(test, subject):
        return Guard.NONE
    sides = [test.left, *test.comparators] if isinstance(test, ast.Compare) else [test]
    return Guard.TRUTH if all(_is_plain(one, subject) for one in sides) else Guard.KIND


def _is_plain(side: ast.expr, subject: str) -> bool:
    """The value, its length, None or a number: what one looks for something with."""
    if isinstance(side, ast.Constant):
        return side.value is None or isinstance(side.value, int)
    if isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.func.id in ("len", "bool"):
        return len(side.args) == 1 and ast.dump(side.args[0]) == subject
    return ast.dump(side) == subject


def _mentions(expression: ast.AST, subject: str) -> bool:
    """Whether an expression asks about the subject itself, not only about what is inside of it."""
    if ast.dump(expression) == subject:
        return True
    inside: ast.AST | None = None
    if isinstance(expression, ast.Subscript | ast.Attribute) and ast.dump(expression.value) == subject:
        inside = expression.value
    return any(_mentions(one, subject) for one in ast.iter_child_nodes(expression) if one is not inside)


def copes(source: Source, node: ast.AST, *, narrow: bool = False) -> bool:
    """Whether the code goes on where a use of a wrong shape raises.

    A ``narrow`` look leaves out handlers of any exception at all: many tests stand in one that tells of them.
    """
    for child, parent in source.ancestors(node):
        if isinstance(parent, ast.Try) and child in parent.body:
            caught = [one for one in parent.handlers if _catches(one) and not (narrow and _is_wide(one))]
            if caught:
                return not _reports(source, parent, caught[0])
        elif isinstance(parent, ast.With | ast.AsyncWith) and child in parent.body:
            names = [getattr(one.context_expr, "func", None) for one in parent.items]
            told = [one.id if isinstance(one, ast.Name) else getattr(one, "attr", "") for one in names]
            if any("raises" in name.lower() or name == "suppress" for name in told):
                return True
    return False


def _is_wide(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in _WIDE)


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(one, ast.Name) and one.id in _OF_SHAPE for one in kinds)


def _reports(source: Source, statement: ast.Try, handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends the test: by words for a failure, or as the one around all of it that tells."""
    said = ends(handler.body)
    if said:
        return said == "fail"
    wide = _is_wide(handler)
    last = source.block(statement)[-1] is statement
    tells = any(not isinstance(one, ast.Pass) for one in handler.body)
    return wide and last and tells and all(isinstance(one, ast.Expr | ast.Pass) for one in handler.body)
