"""Random pairs of documents on which drift and an independent proof may contradict one another.

    python tests/bench/fuzz_drift.py [--pairs 2000] [--seed 0]

A document of a few operations and components is made at random, and a keyword or two of it are changed. What drift is
silent about has to be proven place by place (`proving.py`, which asks no rule); what it calls breaking must not be.
Bodies are JSON, so that the proof is exact. Where a schema has no value at all, whatever is said of it is true, and the
pair is left out.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

from proving import unproven

from zeues_contracts.drift import drift
from zeues_contracts.findings import Level
from zeues_contracts.openapi import Document, document_from_mapping
from zeues_contracts.schema import Context, Direction, Proven, Settings, witness

NAMES = ("A", "B", "C", "D")
VALUES = ("a", "b", "c", "1", "2")
BOUNDS = ("minLength", "maxLength", "minimum", "maximum", "multipleOf", "maxItems")
CHANGED = frozenset((*BOUNDS, "pattern", "enum", "type", "required", "additionalProperties", "anyOf", "oneOf", "$ref"))


class Maker:
    """Makes documents and changes them, by one source of chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def scalar(self) -> dict[str, Any]:
        chance = self.chance
        match chance.choice(("string", "integer", "number", "boolean", "enum", "null")):
            case "string":
                made: dict[str, Any] = {"type": "string"}
                if chance.random() < 0.4:
                    made["minLength"] = chance.randint(0, 3)
                if chance.random() < 0.4:
                    made["maxLength"] = chance.randint(3, 6)
                if chance.random() < 0.2:
                    made["pattern"] = chance.choice(("^[a-z]+$", "^a", "\\d"))
                return made
            case "integer" | "number" as kind:
                made = {"type": kind}
                if chance.random() < 0.4:
                    made["minimum"] = chance.randint(-3, 3)
                if chance.random() < 0.4:
                    made["maximum"] = chance.randint(4, 9)
                return made
            case "enum":
                return {"type": "string", "enum": chance.sample(VALUES, chance.randint(1, 3))}
            case "null":
                return {"type": ["string", "null"]}
            case kind:
                return {"type": kind}

    def schema(self, depth: int = 0) -> dict[str, Any]:
        chance = self.chance
        kind = chance.random()
        if depth > 2 or kind < 0.35:
            return self.scalar()
        if kind < 0.5:
            return self.reference()
        if kind < 0.6:
            return {"type": "array", "items": self.schema(depth + 1), "maxItems": chance.randint(1, 4)}
        if kind < 0.7:
            return {chance.choice(("anyOf", "oneOf")): [self.schema(depth + 1) for _ in range(chance.randint(1, 3))]}
        return self.thing(depth)

    def thing(self, depth: int = 0) -> dict[str, Any]:
        chance = self.chance
        properties = {name: self.schema(depth + 1) for name in chance.sample(("x", "y", "z"), chance.randint(1, 3))}
        made: dict[str, Any] = {"type": "object", "properties": properties}
        plain = [name for name in sorted(properties) if "$ref" not in properties[name]]
        if plain and chance.random() < 0.6:
            made["required"] = chance.sample(plain, chance.randint(1, len(plain)))
        if chance.random() < 0.3:
            made["additionalProperties"] = chance.choice((False, {"type": "integer"}))
        return made

    def reference(self) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{self.chance.choice(NAMES)}"}

    def document(self) -> dict[str, Any]:
        schemas = {name: self.thing() if self.chance.random() < 0.7 else self.scalar() for name in NAMES}
        paths = {}
        for index in range(self.chance.randint(1, 3)):
            content = ({"application/json": {"schema": self.schema()}} for _ in range(2))
            paths[f"/p{index}"] = {
                "post": {
                    "requestBody": {"required": True, "content": next(content)},
                    "responses": {"200": {"description": "Done", "content": next(content)}},
                }
            }
        info = {"title": "Random", "version": "1"}
        return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}

    def changed(self, document: dict[str, Any]) -> dict[str, Any]:
        made = copy.deepcopy(document)
        for _ in range(self.chance.randint(1, 2)):
            node = self.chance.choice([one for one in _nodes(made) if CHANGED & set(one)])
            self.change(node, self.chance.choice(sorted(CHANGED & set(node))))
        return made

    def change(self, node: dict[str, Any], keyword: str) -> None:
        chance, value = self.chance, node[keyword]
        match keyword:
            case "pattern":
                node[keyword] = chance.choice(("^[a-z]+$", "^a", "^ab"))
            case "enum":
                node[keyword] = chance.sample(VALUES, chance.randint(1, 4))
            case "type" if value not in ("object", "array"):
                node[keyword] = chance.choice(("string", "integer", "number", "boolean", ["string", "null"]))
            case "required":
                names = [name for name, one in sorted(node.get("properties", {}).items()) if "$ref" not in one]
                node[keyword] = chance.sample(names, chance.randint(0, len(names)))
            case "additionalProperties":
                node[keyword] = chance.choice((False, {"type": "integer"}, {"type": "number"}))
            case "anyOf" | "oneOf":
                node[keyword] = value[:-1] if len(value) > 1 and chance.random() < 0.5 else [*value, self.scalar()]
            case "$ref":
                node |= self.reference()
            case _ if keyword in BOUNDS:
                node[keyword] = max(value + chance.choice((-1, 1)), -9 if keyword.endswith("imum") else 0)


def _nodes(value: Any, inside: str = "") -> Iterator[dict[str, Any]]:
    """The schema objects of a document; tables of them are no schemas themselves."""
    if isinstance(value, dict):
        if inside not in ("properties", "schemas", "content", "responses", "paths"):
            yield value
        for key, one in value.items():
            yield from _nodes(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _nodes(one)


def _empty(document: Document) -> bool:
    """Whether some schema of a document has no value: a component, or one of a body."""
    contexts = [Context(Settings(direction=one)) for one in Direction]
    schemas = [document.schema(f"/components/schemas/{name}") for name in NAMES]
    for operation in document.operations.values():
        assert operation.request_body is not None
        contents = [operation.request_body.content, *(one.content for one in operation.responses.values())]
        schemas += [one.schema for content in contents for one in content.values() if one.schema is not None]
    return any(isinstance(witness(one, context), Proven) for one in schemas for context in contexts)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    silent = loud = empty = 0
    began = time.monotonic()
    for seed in range(given.seed, given.seed + given.pairs):
        maker = Maker(seed)
        raw = maker.document()
        old, new = (document_from_mapping(one, "random") for one in (raw, maker.changed(raw)))
        ours = [one for one in drift(old, new).findings if one.level.rank >= Level.WARNING.rank]
        places = unproven(old, new)
        if bool(ours) is bool(places):
            continue
        if _empty(old) or _empty(new):
            empty += 1
            continue
        silent += not ours
        loud += bool(ours)
        print(f"{seed}: {'silent' if not ours else ours[0].message}; not proven: {'; '.join(places) or 'nothing'}")
    print(
        f"{given.pairs} pairs in {time.monotonic() - began:.1f} s: {silent} silent without a proof, {loud} called "
        f"breaking against one, {empty} left out"
    )
    return 1 if silent or loud else 0


if __name__ == "__main__":
    sys.exit(main())
