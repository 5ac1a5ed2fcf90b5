"""Conditions on a body, as the source has them, turned into JSON Schema.

``isinstance(data, dict) and "history" in data`` is ``{"type": "object", "required": ["history"]}``. What cannot be
turned is unknown; a conjunction keeps what is known of it, a disjunction is known only where all of it is.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

from zeues_contracts.consumers.lists import list_schema, list_shape, some_item
from zeues_contracts.consumers.recording.hook.reads import FIRST, step_of
from zeues_contracts.redact import is_secret_name

__all__ = ["at_path", "canonical", "condition_schema", "conjunction", "holds_for_none", "loosened", "path_from"]

_TYPES = {
    "dict": "object",
    "Mapping": "object",
    "MutableMapping": "object",
    "list": "array",
    "List": "array",
    "Sequence": "array",
    "tuple": "array",
    "str": "string",
    "int": "number",
    "float": "number",
    "Number": "number",
    "bool": "boolean",
    "NoneType": "null",
}

Steps = tuple[str | int, ...]


def condition_schema(expression: ast.expr, subject: str, *, wanted: bool = True) -> dict[str, Any] | None:
    """The schema of the subjects for which an expression is ``wanted``; ``None`` where that cannot be told.

    ``subject`` is the ``ast.dump`` of the expression that stands for the body (or a part of it).
    """
    if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.Not):
        return condition_schema(expression.operand, subject, wanted=not wanted)
    if isinstance(expression, ast.BoolOp):
        parts = [condition_schema(one, subject, wanted=wanted) for one in expression.values]
        if isinstance(expression.op, ast.And) == wanted:
            return conjunction([one for one in parts if one is not None])
        known = [one for one in parts if one is not None]
        return _either(known) if len(known) == len(parts) else None
    if isinstance(expression, ast.Call):
        return _call(expression, subject, wanted=wanted)
    if isinstance(expression, ast.Compare) and len(expression.ops) == 1:
        return _compare(expression.left, expression.ops[0], expression.comparators[0], subject, wanted=wanted)
    if isinstance(expression, ast.NamedExpr):
        return condition_schema(expression.value, subject, wanted=wanted)
    steps = path_from(expression, subject)
    if steps is None or not wanted:
        return None
    return at_path(steps, {}) if steps else None


def _call(call: ast.Call, subject: str, *, wanted: bool) -> dict[str, Any] | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if isinstance(call.func, ast.Attribute) and call.func.attr in ("issubset", "issuperset") and len(call.args) == 1:
        inner, outer = call.func.value, call.args[0]
        wide, narrow = (outer, inner) if call.func.attr == "issubset" else (inner, outer)
        return _keys_in(wide, narrow, subject) if wanted else None
    if name == "all" and len(call.args) == 1 and isinstance(call.args[0], ast.GeneratorExp | ast.ListComp):
        return _all_in(call.args[0], subject) if wanted else None
    if name in ("bool", "any", "all") and len(call.args) == 1:
        return condition_schema(call.args[0], subject, wanted=wanted)
    if name == "len" and len(call.args) == 1 and wanted:
        steps = path_from(call.args[0], subject)
        return at_path(steps, {}) if steps else None
    if name == "isinstance" and len(call.args) == 2:
        steps = path_from(call.args[0], subject)
        types = _types(call.args[1])
        if steps is None or not types:
            return None
        if not wanted:
            return None if steps else {"not": _typed(types)}
        return at_path(steps, _typed(types))
    steps = path_from(call, subject)  # data.get("key")
    return at_path(steps, {}) if steps and wanted else None


def _compare(left: ast.expr, sign: ast.cmpop, right: ast.expr, subject: str, *, wanted: bool) -> dict[str, Any] | None:
    if isinstance(sign, ast.NotIn | ast.NotEq | ast.IsNot):
        mirrored = {ast.NotIn: ast.In, ast.NotEq: ast.Eq, ast.IsNot: ast.Is}[type(sign)]()
        return _compare(left, mirrored, right, subject, wanted=not wanted)
    if isinstance(sign, ast.In):
        if not wanted:
            return None
        steps = path_from(right, subject)
        if steps:
            return at_path(steps, {})  # a key, an item or a part of a text: its own read tells
        if steps is not None and isinstance(left, ast.Constant) and isinstance(left.value, str):
            return {"type": "object", "required": [left.value]}
        return _valued(left, right, subject)
    if wanted:
        wide, narrow = (right, left) if isinstance(sign, ast.LtE | ast.Lt) else (left, right)
        keys = _keys_in(wide, narrow, subject)
        keys = _keys_in(narrow, wide, subject) if keys is None and isinstance(sign, ast.Eq) else keys
        if keys is not None:
            return keys
    steps, value = path_from(left, subject), right
    if steps is None:
        steps, value = path_from(right, subject), left
    if steps is None:
        inner = left.args[0] if isinstance(left, ast.Call) and _is_len(left) else None
        steps = path_from(inner, subject) if inner is not None else None
        return at_path(steps, {}) if steps else None
    if not steps and not isinstance(value, ast.Constant):
        return None
    if isinstance(value, ast.Constant) and value.value is None:
        return None if wanted else at_path(steps, {})  # `is not None`, `!= None`
    if isinstance(sign, ast.Eq | ast.Is):
        return at_path(steps, _of_constant(value)) if wanted else None
    return at_path(steps, loosened(_of_constant(value)))  # an order needs a value, whichever way it goes


def _valued(left: ast.expr, right: ast.expr, subject: str) -> dict[str, Any] | None:
    """``data["state"] in ("a", "b")``."""
    steps = path_from(left, subject)
    if not steps:
        return None
    members = right.elts if isinstance(right, ast.Tuple | ast.List | ast.Set) else []
    values = [one.value for one in members if isinstance(one, ast.Constant)]
    known = bool(values) and len(values) == len(members)
    return at_path(steps, {"enum": values} if known else {})


def _all_in(each: ast.GeneratorExp | ast.ListComp, subject: str) -> dict[str, Any] | None:
    """``all(key in data for key in ("a", "b"))``."""
    told, loop = each.elt, each.generators[0]
    if not isinstance(told, ast.Compare) or len(told.ops) != 1 or not isinstance(told.ops[0], ast.In):
        return None
    if len(each.generators) != 1 or loop.ifs or ast.dump(told.left) != ast.dump(loop.target).replace("Store", "Load"):
        return None
    return _keys_in(told.comparators[0], loop.iter, subject)


def _keys_in(wide: ast.expr, narrow: ast.expr, subject: str) -> dict[str, Any] | None:
    """The subject has all keys of a list that the source writes out: ``{"a", "b"} <= data.keys()``."""
    if isinstance(wide, ast.Call):
        inner = wide.args[0] if wide.args else None
        if isinstance(wide.func, ast.Attribute) and wide.func.attr == "keys":
            wide = wide.func.value
        elif isinstance(wide.func, ast.Name) and wide.func.id in ("set", "frozenset", "list", "sorted") and inner:
            return _keys_in(inner, narrow, subject)
    if isinstance(narrow, ast.Call) and len(narrow.args) == 1:
        narrow = narrow.args[0]
    if path_from(wide, subject) != () or not isinstance(narrow, ast.Set | ast.Tuple | ast.List):
        return None
    keys = [one.value for one in narrow.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return {"type": "object", "required": keys} if keys and len(keys) == len(narrow.elts) else None


def _is_len(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "len" and len(call.args) == 1


def holds_for_none(expression: ast.expr, subject: str) -> bool | None:
    """Whether an expression is true where the subject is ``None``; ``None`` where that cannot be told."""
    if ast.dump(expression) == subject:
        return False
    if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.Not):
        inner = holds_for_none(expression.operand, subject)
        return None if inner is None else not inner
    if isinstance(expression, ast.BoolOp):
        parts = [holds_for_none(one, subject) for one in expression.values]
        deciding = isinstance(expression.op, ast.Or)
        if deciding in parts:
            return deciding
        return None if None in parts else not deciding
    if isinstance(expression, ast.Call):
        about = bool(expression.args) and ast.dump(expression.args[0]) == subject
        return False if about and isinstance(expression.func, ast.Name) and expression.func.id == "isinstance" else None
    if isinstance(expression, ast.Compare) and len(expression.ops) == 1:
        sides = [expression.left, expression.comparators[0]]
        others = [one for one in sides if ast.dump(one) != subject]
        if len(others) != 1 or not isinstance(others[0], ast.Constant | ast.Tuple | ast.List | ast.Set):
            return None
        nothing = isinstance(others[0], ast.Constant) and others[0].value is None
        sign = expression.ops[0]
        if isinstance(sign, ast.Is | ast.Eq):
            return nothing
        if isinstance(sign, ast.IsNot | ast.NotEq):
            return not nothing
        return isinstance(sign, ast.NotIn) if isinstance(sign, ast.In | ast.NotIn) else None
    return None


def path_from(expression: ast.AST, subject: str) -> Steps | None:
    """The way from the subject to an expression: keys, and steps as the hook has them; ``None`` where there is none."""
    if ast.dump(expression) == subject:
        return ()
    if isinstance(expression, ast.NamedExpr):
        return path_from(expression.value, subject)
    if isinstance(expression, ast.Subscript):
        steps = path_from(expression.value, subject)
        if steps is None or not isinstance(expression.slice, ast.Constant | ast.UnaryOp):
            return None
        sign = 1 if isinstance(expression.slice, ast.Constant) else -1
        inner = expression.slice if isinstance(expression.slice, ast.Constant) else expression.slice.operand
        index = inner.value if isinstance(inner, ast.Constant) else None
        if isinstance(index, str):
            return (*steps, index)
        return (*steps, step_of(sign * index)) if isinstance(index, int) else None
    called = expression.func if isinstance(expression, ast.Call) else None
    if isinstance(expression, ast.Call) and isinstance(called, ast.Attribute) and called.attr in ("get", "getheader"):
        steps = path_from(called.value, subject)
        key = expression.args[0].value if expression.args and isinstance(expression.args[0], ast.Constant) else None
        return (*steps, key) if steps is not None and isinstance(key, str) else None
    return None


def at_path(steps: Steps, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema for the value at the end of a way, and what must be there on the way. Secrets are not named."""
    if steps and isinstance(steps[-1], str) and is_secret_name(steps[-1]):
        schema = loosened(schema)
    for step in reversed(steps):
        if isinstance(step, str):
            inner = {"properties": {step: schema}} if schema else {}
            schema = {"type": "object", "required": [step], **inner}
        elif not schema:
            schema = {"type": "array"}
        elif step >= FIRST:
            schema = {"type": "array", "prefixItems": [*({} for _ in range(step - FIRST)), schema]}
        else:
            schema = some_item(schema)
    return schema


def _types(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Tuple):
        found = [_types(one) for one in node.elts]
        return [] if not all(found) else list(dict.fromkeys(one for group in found for one in group))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _types(node.left), _types(node.right)
        return list(dict.fromkeys([*left, *right])) if left and right else []
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    kind = _TYPES.get(name)
    return [kind] if kind else []


def _typed(types: Sequence[str]) -> dict[str, Any]:
    return {"type": types[0] if len(types) == 1 else list(types)}


def _of_constant(node: ast.expr) -> dict[str, Any]:
    """What is compared with, by its value where the source has it. See :func:`loosened`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | str | int | float):
        return {"const": node.value}
    if isinstance(node, ast.JoinedStr):
        return {"type": "string"}
    if isinstance(node, ast.List | ast.ListComp):
        return {"type": "array"}
    return {"type": "object"} if isinstance(node, ast.Dict) else {}


def loosened(schema: Any) -> Any:
    """A schema with values made types: a contract tells of shapes, the values are those of one run."""
    if not isinstance(schema, Mapping):
        return schema
    if "const" in schema:
        return _kind(schema["const"])
    if "enum" in schema:
        kinds = [_kind(one) for one in schema["enum"]]
        return kinds[0] if all(one == kinds[0] for one in kinds) else {}
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: loosened(one) for name, one in value.items()}
        elif key in ("items", "additionalProperties", "not", "contains"):
            result[key] = loosened(value)
        elif key in ("anyOf", "allOf", "prefixItems"):
            result[key] = [loosened(one) for one in value]
        else:
            result[key] = value
    parts = result.get("allOf")
    if set(result) == {"allOf"}:
        return conjunction(parts) if parts else {}
    return result


def canonical(schema: Any) -> Any:
    """A schema in the spelling in which the short forms are read: each required property is among the properties."""
    if not isinstance(schema, Mapping):
        return schema
    result: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            continue
        if key in ("anyOf", "allOf", "prefixItems"):
            result[key] = [canonical(one) for one in value]
        elif key in ("items", "additionalProperties", "not", "contains"):
            result[key] = canonical(value)
        else:
            result[key] = value
    required = list(schema.get("required", ()))
    inner = schema.get("properties", {})
    if required or inner:
        names = dict.fromkeys([*required, *inner])
        result["properties"] = {name: canonical(inner.get(name, {})) for name in names}
    return result


def _kind(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, int | float):
        return {"type": "number"}
    return {"type": "string"} if isinstance(value, str) else {}


def _either(schemas: Sequence[dict[str, Any]]) -> dict[str, Any]:
    distinct = [one for index, one in enumerate(schemas) if one not in schemas[:index]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def conjunction(schemas: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The schema of the values of all of these; ``None`` for none. Objects and arrays are put together."""
    result: dict[str, Any] | None = None
    for schema in schemas:
        result = schema if result is None else _both(result, schema)
    return result


def _both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    if first == second or not second:
        return first
    if not first:
        return second
    for one, other in ((first, second), (second, first)):
        if set(one) <= {"const", "enum"} and set(other) == {"type"}:
            return one  # what the test wants goes before what came
    lists = list_shape(first, _both), list_shape(second, _both)
    if lists[0] is not None and lists[1] is not None:
        return list_schema(lists[0].with_(lists[1], _both), _both)
    plain = {"type", "required", "properties", "items", "additionalProperties"}
    if not (set(first) | set(second)) <= plain:
        return {"allOf": [first, second]}
    merged: dict[str, Any] = {}
    if "type" in first or "type" in second:
        kinds = _common(first.get("type"), second.get("type"))
        if not kinds:
            return {"allOf": [first, second]}
        merged["type"] = kinds[0] if len(kinds) == 1 else kinds
    required = dict.fromkeys([*first.get("required", ()), *second.get("required", ())])
    if required:
        merged["required"] = list(required)
    properties: dict[str, Any] = {}
    for name, one in [*first.get("properties", {}).items(), *second.get("properties", {}).items()]:
        properties[name] = _both(properties[name], one) if name in properties else one
    if properties:
        merged["properties"] = properties
    for key in ("items", "additionalProperties"):
        inner = [one[key] for one in (first, second) if key in one]
        if inner:
            merged[key] = _both(inner[0], inner[-1])
    return merged


def _common(first: Any, second: Any) -> list[str]:
    one = [first] if isinstance(first, str) else first
    two = [second] if isinstance(second, str) else second
    if one is None or two is None:
        return list(one or two or ())
    return [kind for kind in one if kind in two]
