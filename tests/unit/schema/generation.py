"""Random schemas, mutations of them, and values near them: for property tests and for the fuzzer.

Everything is drawn from one `random.Random`, so that a seed tells the whole run.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

NAMES = ("a", "b", "c", "id", "kind")
STRINGS = ("", "a", "b", "ab", "abc", "x1", "2024-02-29", "é", "A")
NUMBERS = (-2, -1, 0, 1, 2, 3, 5, 10, 0.5, 1.5, 2.5, 7, 100, 1e3)
PATTERNS = ("^a", "b$", "^[a-z]+$", "^[a-z]{2,3}$", "a.b", "^(a|b)*$", "^x-", "", r"^\d+$", "^(?!a)", "[^a]")
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
FORMATS = ("date", "uuid", "email", "date-time", "byte")

Schema = dict[str, Any] | bool


def schema(rng: random.Random, depth: int = 3) -> Schema:
    """A random schema of all keywords, with definitions that may refer to themselves."""
    names = [f"D{i}" for i in range(rng.choice((0, 0, 1, 2)))]
    top = _one(rng, depth, names)
    if names and isinstance(top, dict):
        top["$defs"] = {name: _definition(rng, depth - 1, names) for name in names}
    return top


def _definition(rng: random.Random, depth: int, names: list[str]) -> Schema:
    # References of a definition stand below a property or an item, so that every one of them consumes some of a value.
    body = _one(rng, max(depth, 1), [])
    if not isinstance(body, dict) or rng.random() < 0.3:
        body = {}
    link = {"$ref": f"#/$defs/{rng.choice(names)}"}
    if rng.random() < 0.5:
        body["properties"] = {**body.get("properties", {}), rng.choice(NAMES): link}
    else:
        body["items"] = rng.choice((link, {"anyOf": [link, {"type": "null"}]}))
    return body


def _one(rng: random.Random, depth: int, names: list[str]) -> Schema:
    roll = rng.random()
    if roll < 0.03:
        return rng.choice((True, False))
    if names and roll < 0.12:
        return {"$ref": f"#/$defs/{rng.choice(names)}"}
    if depth <= 0:
        return _leaf(rng)
    out: dict[str, Any] = {}
    kind = rng.choice((*TYPES, "object", "object", "string", "integer"))
    if rng.random() < 0.8:
        out["type"] = kind if rng.random() < 0.85 else sorted({kind, rng.choice(TYPES)})
    for _ in range(rng.randrange(1, 4)):
        rng.choice(KEYWORDS.get(kind, KEYWORDS["any"]) if rng.random() < 0.8 else KEYWORDS["any"])(
            out, rng, depth, names
        )
    return out


def _leaf(rng: random.Random) -> Schema:
    return rng.choice(
        (
            {"type": rng.choice(TYPES)},
            {"const": value(rng, 1)},
            {"enum": [value(rng, 0) for _ in range(rng.randrange(1, 4))]},
            {},
            {"type": "integer", "minimum": rng.choice(NUMBERS)},
            {"type": "string", "minLength": rng.randrange(3)},
        )
    )


Adder = Callable[[dict[str, Any], random.Random, int, list[str]], None]


def _put(keyword: str, make: Callable[[random.Random, int, list[str]], Any]) -> Adder:
    def add(out: dict[str, Any], rng: random.Random, depth: int, names: list[str]) -> None:
        out[keyword] = make(rng, depth, names)

    return add


def _some_names(rng: random.Random) -> list[str]:
    return rng.sample(NAMES, rng.randrange(1, 3))


def _number(rng: random.Random, _depth: int, _names: list[str]) -> Any:
    return rng.choice(NUMBERS)


def _count(rng: random.Random, _depth: int, _names: list[str]) -> int:
    return rng.randrange(4)


def _below(rng: random.Random, depth: int, names: list[str]) -> Schema:
    return _one(rng, depth - 1, names)


def _branches(rng: random.Random, depth: int, names: list[str]) -> list[Schema]:
    return [_one(rng, depth - 1, names) for _ in range(rng.randrange(1, 4))]


def _members(rng: random.Random, depth: int, names: list[str]) -> dict[str, Schema]:
    return {name: _one(rng, depth - 1, names) for name in _some_names(rng)}


def _condition(out: dict[str, Any], rng: random.Random, depth: int, names: list[str]) -> None:
    out["if"] = _one(rng, depth - 1, names)
    for keyword in ("then", "else"):
        if rng.random() < 0.6:
            out[keyword] = _one(rng, depth - 1, names)


ANY: tuple[Adder, ...] = (
    _put("enum", lambda rng, _d, _n: [value(rng, 1) for _ in range(rng.randrange(1, 4))]),
    _put("const", lambda rng, _d, _n: value(rng, 1)),
    _put("allOf", _branches),
    _put("anyOf", _branches),
    _put("oneOf", _branches),
    _put("not", _below),
    _condition,
)
NUMERIC: tuple[Adder, ...] = (
    _put("minimum", _number),
    _put("maximum", _number),
    _put("exclusiveMinimum", _number),
    _put("exclusiveMaximum", _number),
    _put("multipleOf", lambda rng, _d, _n: rng.choice((1, 2, 3, 0.5, 1.5, 5))),
)
KEYWORDS: dict[str, tuple[Adder, ...]] = {
    "any": ANY,
    "integer": NUMERIC,
    "number": NUMERIC,
    "string": (
        _put("minLength", _count),
        _put("maxLength", _count),
        _put("pattern", lambda rng, _d, _n: rng.choice(PATTERNS)),
        _put("format", lambda rng, _d, _n: rng.choice(FORMATS)),
    ),
    "array": (
        _put("items", _below),
        _put("prefixItems", _branches),
        _put("contains", _below),
        _put("minContains", _count),
        _put("maxContains", _count),
        _put("minItems", _count),
        _put("maxItems", _count),
        _put("uniqueItems", lambda rng, _d, _n: rng.random() < 0.7),
        _put("unevaluatedItems", lambda rng, d, n: False if rng.random() < 0.6 else _below(rng, d, n)),
    ),
    "object": (
        _put("properties", _members),
        _put("properties", _members),
        _put("required", lambda rng, _d, _n: _some_names(rng)),
        _put("additionalProperties", lambda rng, d, n: False if rng.random() < 0.5 else _below(rng, d, n)),
        _put("patternProperties", lambda rng, d, n: {rng.choice(PATTERNS): _below(rng, d, n)}),
        _put("propertyNames", lambda rng, _d, _n: {"pattern": rng.choice(PATTERNS)}),
        _put("minProperties", _count),
        _put("maxProperties", _count),
        _put("dependentRequired", lambda rng, _d, _n: {rng.choice(NAMES): _some_names(rng)}),
        _put("dependentSchemas", lambda rng, d, n: {rng.choice(NAMES): _below(rng, d, n)}),
        _put("unevaluatedProperties", lambda rng, d, n: False if rng.random() < 0.6 else _below(rng, d, n)),
    ),
}


def mutation(original: Schema, rng: random.Random) -> Schema:
    """A schema near another one: some keyword taken away, added or changed, somewhere."""
    changed = copy.deepcopy(original)
    for _ in range(rng.randrange(1, 3)):
        places = list(_objects(changed))
        if not places:
            return schema(rng, 2)
        place = rng.choice(places)
        keys = [key for key in place if key != "$defs"]
        roll = rng.random()
        if roll < 0.3 and keys:
            place.pop(rng.choice(keys))
        elif roll < 0.6:
            kind = place.get("type")
            adders = KEYWORDS.get(kind if isinstance(kind, str) else "any", ANY) if rng.random() < 0.7 else ANY
            rng.choice(adders)(place, rng, 1, [])
        elif keys:
            _nudge(place, rng.choice(keys), rng)
    return changed


def _nudge(place: dict[str, Any], key: str, rng: random.Random) -> None:
    given = place[key]
    if isinstance(given, bool):
        place[key] = not given
    elif isinstance(given, (int, float)):
        place[key] = max(
            given + rng.choice((-1, 1)), 1 if key == "multipleOf" else 0 if key[:3] in ("min", "max") else -9
        )
    elif key in ("required", "enum") and isinstance(given, list):
        if rng.random() < 0.5 and len(given) > 1:
            place[key] = given[1:]
        else:
            extra = rng.choice(NAMES) if key == "required" else value(rng, 0)
            place[key] = given if extra in given else [*given, extra]
    elif key == "type":
        place[key] = rng.choice(TYPES)


def _objects(node: Any, schemas: bool = True) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if isinstance(node, dict):
        if schemas:
            found.append(node)
        for key, one in node.items():
            if schemas and key in ("properties", "patternProperties", "dependentSchemas", "$defs"):
                found += _objects(one, schemas=False)
            elif not schemas or key not in ("enum", "const", "required", "dependentRequired", "type"):
                found += _objects(one)
    elif isinstance(node, list):
        for one in node:
            found += _objects(one)
    return found


def value(rng: random.Random, depth: int = 2) -> Any:
    """A random JSON value of few names and small parts, so that random schemas have something to say of it."""
    roll = rng.randrange(10 if depth > 0 else 7)
    if roll == 0:
        return None
    if roll == 1:
        return rng.random() < 0.5
    if roll <= 3:
        return rng.choice(NUMBERS)
    if roll <= 6:
        return rng.choice(STRINGS)
    if roll == 7:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {name: value(rng, depth - 1) for name in rng.sample(NAMES, rng.randrange(4))}


def value_of(node: Any, rng: random.Random, root: Any, depth: int = 4) -> Any:
    """A value that is probably one of a schema's; the caller validates."""
    if not isinstance(node, dict) or depth <= 0:
        return value(rng, 1)
    if "$ref" in node:
        target: Any = root
        for token in node["$ref"].split("/")[1:]:
            target = target[token]
        return value_of(target, rng, root, depth - 1)
    if "const" in node:
        return node["const"]
    if node.get("enum"):
        return rng.choice(node["enum"])
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in node and rng.random() < 0.6:
            return value_of(rng.choice(node[keyword]), rng, root, depth - 1)
    kind = node.get("type", rng.choice(("object", "array", "string", "number") if len(node) else TYPES))
    if isinstance(kind, list):
        kind = rng.choice(kind)
    return _MAKERS[kind](node, rng, root, depth)


def _make_number(node: dict[str, Any], rng: random.Random, _root: Any, _depth: int) -> Any:
    bounds = [
        node[k] for k in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf") if k in node
    ]
    if bounds and rng.random() < 0.8:
        return rng.choice(bounds) + rng.choice((-1, -0.5, 0, 0, 0.5, 1))
    return rng.choice(NUMBERS)


def _make_integer(node: dict[str, Any], rng: random.Random, root: Any, depth: int) -> Any:
    return int(_make_number(node, rng, root, depth))


def _make_string(node: dict[str, Any], rng: random.Random, _root: Any, _depth: int) -> Any:
    text = rng.choice(STRINGS)
    while len(text) < node.get("minLength", 0):
        text += rng.choice("ab")
    return text[: node.get("maxLength", 9)]


def _make_array(node: dict[str, Any], rng: random.Random, root: Any, depth: int) -> Any:
    found = [value_of(one, rng, root, depth - 1) for one in node.get("prefixItems", ())]
    more = node.get("contains", node.get("items", True))
    found += [value_of(more, rng, root, depth - 1) for _ in range(rng.randrange(3) + node.get("minItems", 0))]
    return found[: node.get("maxItems", 6)]


def _make_object(node: dict[str, Any], rng: random.Random, root: Any, depth: int) -> Any:
    properties = node.get("properties", {})
    names = [*node.get("required", ()), *(n for n in properties if rng.random() < 0.6)]
    names += rng.sample(NAMES, rng.randrange(2) + min(node.get("minProperties", 0), 3))
    rest = node.get("additionalProperties", node.get("unevaluatedProperties", True))
    return {name: value_of(properties.get(name, rest), rng, root, depth - 1) for name in names}


_MAKERS: dict[str, Callable[[dict[str, Any], random.Random, Any, int], Any]] = {
    "null": lambda *_: None,
    "boolean": lambda _node, rng, *_: rng.random() < 0.5,
    "integer": _make_integer,
    "number": _make_number,
    "string": _make_string,
    "array": _make_array,
    "object": _make_object,
}
