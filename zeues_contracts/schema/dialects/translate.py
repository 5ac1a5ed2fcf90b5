"""One schema object of any dialect, read as JSON Schema 2020-12. Shallow: subschemas are left as they are.

What leaves the strict reading of a dialect is noted, never silent. The rules:

- Draft 4 to 7, Swagger 2.0 and OpenAPI 3.0 ignore what stands beside ``$ref`` (Draft 7, 8.3; OpenAPI 3.0.3, 4.7.23).
- Drafts 4 to 2020-12 know their own keywords only; unknown ones are ignored, as each draft says. OpenAPI 3.0 and
  Swagger 2.0 documents are read leniently: a later draft's keyword there (``const``, ``patternProperties``, ``if``) was
  meant by its author.
- OpenAPI 3.0 ``nullable: true`` adds ``null`` to the ``type`` beside it (3.0.3, 4.7.24.1). Beside ``enum``, ``const``,
  ``$ref``, ``allOf`` and the like the letter of the specification would take ``null`` away again, and generators do not
  mean that: ``null`` is let in. Where type and enum cannot say so, the result holds ``nullable: True``: *or null*.
- Swagger 2.0's vendor extension ``x-nullable`` is read as ``nullable``.
- Bounds given as numeric strings are numbers; malformed keywords are left out, so that nothing is judged by them.
- Draft 4's ``integer`` is read as 2020-12's: 1.0 is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from zeues_contracts.schema.dialects.keywords import (
    COUNTS,
    IN_PLACE,
    KNOWN,
    LONE_REF,
    NULLABLE,
    NUMBERS,
    OPENAPI,
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    SCHEMAS,
    SILENT,
    STRINGS,
    TYPES,
)
from zeues_contracts.schema.types import Dialect, Direction

__all__ = ["Note", "origin", "translate"]


class Note(msgspec.Struct, frozen=True):
    """Something in a schema object that was not clean, and how it was taken."""

    keyword: str
    message: str


Resolve = Callable[[Mapping[str, Any]], Any]


def translate(
    node: Any,
    dialect: Dialect,
    direction: Direction | None = None,
    notes: list[Note] | None = None,
    resolve: Resolve | None = None,
    marked_stay: bool = False,
) -> Mapping[str, Any]:
    """The assertions, applicators and references of one schema object, with 2020-12 names and meanings.

    ``True`` gives ``{}`` and ``False`` gives ``{"not": {}}``; what is no schema at all gives ``{}`` and a note. Values
    are well-formed: numbers are finite numbers (never booleans), counts are non-negative integers, ``type`` is a tuple
    of type names, ``required`` a tuple of strings, subschemas are mappings or booleans. Annotations are left out
    (``format`` and ``discriminator`` stay). Besides 2020-12 keywords the result may hold ``nullable: True`` (null is
    let in whatever the rest says) and, from 2019-09, ``$recursiveRef`` and ``$recursiveAnchor``.

    Subschemas are the very objects of the document, still in their dialect; :func:`origin` tells where they stand.
    ``direction`` drops ``readOnly`` properties from requests and ``writeOnly`` ones from responses, from ``required``
    too (OpenAPI 3.0.3, 4.7.24.1); with ``marked_stay`` from ``required`` only. ``resolve`` is given a property's
    mapping that has a ``$ref`` and returns what it refers to; without it only marks at the property itself are seen.
    """
    said = notes if notes is not None else []
    if isinstance(node, bool):
        return {} if node else {"not": {}}
    if not isinstance(node, Mapping):
        said.append(Note("", f"{_kind(node)} where a schema is expected: taken as any value"))
        return {}
    return _Reading(node, dialect, said).result(direction, resolve, marked_stay)


def origin(keyword: str, node: Any, dialect: Dialect) -> str:
    """The keyword under which a translated keyword's subschemas stand in the document.

    ``prefixItems`` may stand under ``items``, ``items`` under ``additionalItems``, ``dependentSchemas`` under
    ``dependencies``; every other one stands under itself.
    """
    if not isinstance(node, Mapping):
        return keyword
    if keyword == "prefixItems" and "prefixItems" not in node:
        return "items"
    if keyword == "items" and isinstance(node.get("items"), list):
        return "additionalItems"
    if keyword in ("dependentSchemas", "dependentRequired") and keyword not in node:
        return "dependencies"
    return keyword


_WORDS = frozenset((*STRINGS, "id", "$recursiveAnchor", "discriminator"))
_BOUNDS = frozenset((*NUMBERS, *COUNTS))
_NESTED = frozenset(
    (
        *SCHEMAS,
        *SCHEMA_LISTS,
        *SCHEMA_MAPS,
        "prefixItems",
        "items",
        "additionalItems",
        "dependentRequired",
        "dependencies",
    )
)


class _Reading:
    """One schema object while it is read."""

    def __init__(self, node: Mapping[str, Any], dialect: Dialect, notes: list[Note]) -> None:
        self.node = node
        self.dialect = dialect
        self.notes = notes
        known = KNOWN[dialect]
        self.own: dict[str, Any] = {key: value for key, value in node.items() if key in known}
        self.out: dict[str, Any] = {}

    def note(self, keyword: str, message: str) -> None:
        self.notes.append(Note(keyword, message))

    def drop(self, keyword: str) -> None:
        self.note(keyword, f"`{keyword}` is {_kind(self.own[keyword])}, which it cannot be: left out")

    def result(
        self, direction: Direction | None, resolve: Resolve | None, marked_stay: bool = False
    ) -> Mapping[str, Any]:
        self.lone_ref()
        self.strings()
        self.types()
        self.values()
        # Most schemas say little: what they do not say need not be looked for word by word.
        if not _BOUNDS.isdisjoint(self.own):
            self.numbers()
            self.counts()
        if not _NESTED.isdisjoint(self.own):
            self.subschemas()
            self.arrays()
            self.dependencies()
        self.required()
        if direction is not None:
            self.directed(direction, resolve, marked_stay)
        if self.dialect in NULLABLE:
            self.nullable()
        return self.out

    def lone_ref(self) -> None:
        reference = self.own.get("$ref")
        if not isinstance(reference, str):
            return
        if reference == "" and self.dialect in OPENAPI:
            self.note("$ref", "an empty `$ref`: left out")
            del self.own["$ref"]
            return
        if self.dialect in LONE_REF:
            ignored = sorted(key for key in self.own if key != "$ref" and key not in SILENT)
            if ignored:
                self.note("$ref", f"beside `$ref`, ignored in this dialect: {', '.join(ignored)}")
            kept = ("$ref", "nullable", "x-nullable") if self.dialect in OPENAPI else ("$ref",)
            self.own = {key: value for key, value in self.own.items() if key in kept}

    def strings(self) -> None:
        if _WORDS.isdisjoint(self.own):
            return
        for keyword in STRINGS:
            if keyword in self.own:
                if isinstance(self.own[keyword], str):
                    self.out[keyword] = self.own[keyword]
                else:
                    self.drop(keyword)
        if isinstance(self.own.get("id"), str) and self.dialect is Dialect.DRAFT_4:
            self.out["$id"] = self.own["id"]
        if self.own.get("$recursiveAnchor") is True:
            self.out["$recursiveAnchor"] = True
        if isinstance(self.own.get("discriminator"), (Mapping, str)):
            self.out["discriminator"] = self.own["discriminator"]

    def types(self) -> None:
        if "type" not in self.own:
            return
        given = self.own["type"]
        if isinstance(given, str) and given in TYPES:
            self.out["type"] = (given,)
            return
        names = given if isinstance(given, list) else [given]
        if self.dialect in OPENAPI and given == "file":
            self.note("type", "`type: file` is taken as any value")
            return
        known = tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name in TYPES))
        if len(known) < len(names) and len(set(map(repr, names))) > len(known):
            # Without the part that is not understood the type would be narrower than was meant.
            self.note("type", f"`type` {given!r} is not understood: taken as any type")
            return
        if isinstance(given, list) and self.dialect in NULLABLE:
            self.note("type", "a list of types, which this dialect does not know: taken as in OpenAPI 3.1")
        if not known:
            self.note("type", "an empty list of types: left out")
            return
        self.out["type"] = known

    def values(self) -> None:
        if "enum" in self.own:
            if isinstance(self.own["enum"], list):
                self.out["enum"] = self.own["enum"]
            else:
                self.drop("enum")
        if "const" in self.own:
            self.out["const"] = self.own["const"]
        if "uniqueItems" in self.own:
            if not isinstance(self.own["uniqueItems"], bool):
                self.drop("uniqueItems")
            elif self.own["uniqueItems"]:
                self.out["uniqueItems"] = True

    def numbers(self) -> None:
        for keyword in NUMBERS:
            if keyword not in self.own:
                continue
            value = self.own[keyword]
            if isinstance(value, bool) and keyword.startswith("exclusive"):
                continue
            number = self.number(keyword, value)
            if number is None or (keyword == "multipleOf" and number <= 0):
                self.drop(keyword)
            else:
                self.out[keyword] = number
        # Draft 4, 5.1.2 and 5.1.3: a boolean that turns the bound beside it into an exclusive one.
        for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            flag = self.own.get(exclusive)
            if not isinstance(flag, bool):
                continue
            if self.dialect not in (Dialect.DRAFT_4, Dialect.SWAGGER_2_0, Dialect.OPENAPI_3_0):
                self.note(exclusive, f"a boolean `{exclusive}`: taken as in Draft 4")
            if flag and bound in self.out:
                self.out[exclusive] = self.out.pop(bound)

    def number(self, keyword: str, value: Any) -> int | float | None:
        if isinstance(value, str):
            text = value.strip()
            for kind in (int, float):
                try:
                    number = kind(text)
                except (ValueError, OverflowError):
                    continue
                self.note(keyword, f"`{keyword}` is given as a string: taken as the number {text}")
                return number if math.isfinite(number) else None
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return None
        return value if isinstance(value, int) or math.isfinite(value) else None

    def counts(self) -> None:
        for keyword in COUNTS:
            if keyword not in self.own:
                continue
            number = self.number(keyword, self.own[keyword])
            if number is None or number < 0 or number != int(number):
                self.drop(keyword)
            else:
                self.out[keyword] = int(number)

    def subschemas(self) -> None:
        for keyword in SCHEMAS:
            if keyword in self.own:
                if _is_schema(self.own[keyword]):
                    self.out[keyword] = self.own[keyword]
                else:
                    self.drop(keyword)
        for keyword in SCHEMA_LISTS:
            if keyword in self.own:
                branches = self.own[keyword]
                if isinstance(branches, list) and branches and all(map(_is_schema, branches)):
                    self.out[keyword] = branches
                else:
                    self.drop(keyword)
        for keyword in SCHEMA_MAPS:
            if keyword in self.own:
                self.schema_map(keyword, self.own[keyword])

    def schema_map(self, keyword: str, members: Any) -> None:
        if not isinstance(members, Mapping):
            self.drop(keyword)
            return
        good = {name: one for name, one in members.items() if isinstance(name, str) and _is_schema(one)}
        for name in members:
            if name not in good:
                self.note(keyword, f"`{keyword}/{name}` is no schema: taken as any value")
                if keyword == "properties" and isinstance(name, str):
                    good[name] = True
        self.out[keyword] = members if len(good) == len(members) and good == members else good

    def arrays(self) -> None:
        prefix = self.own.get("prefixItems")
        if prefix is not None:
            if isinstance(prefix, list) and prefix and all(map(_is_schema, prefix)):
                self.out["prefixItems"] = prefix
            else:
                self.drop("prefixItems")
        items = self.own.get("items")
        if isinstance(items, list):
            if not all(map(_is_schema, items)):
                self.drop("items")
                return
            if self.dialect in (Dialect.DRAFT_2020_12, Dialect.OPENAPI_3_1, Dialect.OPENAPI_3_0, Dialect.SWAGGER_2_0):
                self.note("items", "a list of `items`: taken as `prefixItems`")
            if "prefixItems" not in self.out and items:
                self.out["prefixItems"] = items
            if "additionalItems" in self.own:
                if _is_schema(self.own["additionalItems"]):
                    self.out["items"] = self.own["additionalItems"]
                else:
                    self.drop("additionalItems")
        elif items is not None:
            if _is_schema(items):
                self.out["items"] = items
            else:
                self.drop("items")

    def dependencies(self) -> None:
        required: dict[str, tuple[str, ...]] = {}
        given = self.own.get("dependentRequired")
        if given is not None:
            if isinstance(given, Mapping):
                for name, names in given.items():
                    if isinstance(names, list) and all(isinstance(one, str) for one in names):
                        required[name] = tuple(names)
                    else:
                        self.note("dependentRequired", f"`dependentRequired/{name}` is no list of names: left out")
            else:
                self.drop("dependentRequired")
        old = self.own.get("dependencies")
        if isinstance(old, Mapping):
            schemas = dict(self.out.get("dependentSchemas", {}))
            for name, one in old.items():
                if isinstance(one, list) and all(isinstance(other, str) for other in one):
                    required.setdefault(name, tuple(one))
                elif isinstance(one, str):
                    self.note("dependencies", f"`dependencies/{name}` is a string: taken as a list of one name")
                    required.setdefault(name, (one,))
                elif _is_schema(one):
                    schemas.setdefault(name, one)
                else:
                    self.note("dependencies", f"`dependencies/{name}` is not understood: left out")
            if schemas:
                self.out["dependentSchemas"] = schemas
        elif old is not None:
            self.drop("dependencies")
        if required:
            self.out["dependentRequired"] = required

    def required(self) -> None:
        if "required" not in self.own:
            return
        names = self.own["required"]
        if isinstance(names, list):
            good = tuple(dict.fromkeys(name for name in names if isinstance(name, str)))
            if any(not isinstance(name, str) for name in names):
                self.note("required", "names in `required` that are no strings: left out")
            if good:
                self.out["required"] = good
        elif isinstance(names, bool) and "in" in self.node and "name" in self.node:
            pass  # a parameter object of Swagger 2.0, which is a schema object and more
        elif isinstance(names, bool):
            self.note("required", "a boolean `required` (Draft 3): left out, the object around it decides")
        else:
            self.drop("required")

    def directed(self, direction: Direction, resolve: Resolve | None, marked_stay: bool) -> None:
        properties = self.out.get("properties")
        if not isinstance(properties, Mapping):
            return
        mark = "readOnly" if direction is Direction.REQUEST else "writeOnly"
        gone = {name for name, one in properties.items() if _is_marked(one, mark, resolve)}
        if not gone:
            return
        if not marked_stay:
            self.out["properties"] = {name: one for name, one in properties.items() if name not in gone}
        if "required" in self.out:
            self.out["required"] = tuple(name for name in self.out["required"] if name not in gone)

    def nullable(self) -> None:
        if self.own.get("nullable", self.own.get("x-nullable")) is not True:
            return
        if any(keyword in self.out for keyword in IN_PLACE):
            self.note("nullable", "`nullable` beside a reference or a combination of schemas: null is let in")
            self.out["nullable"] = True
            return
        types = self.out.get("type")
        if types is not None and "null" not in types:
            self.out["type"] = (*types, "null")
        if "const" in self.out and self.out["const"] is not None:
            self.note("nullable", "`nullable` beside a `const` that is not null: null is let in")
            self.out["enum"] = [self.out.pop("const"), None]
        elif "enum" in self.out and None not in self.out["enum"]:
            self.note("nullable", "`nullable` beside an `enum` without null: null is let in")
            self.out["enum"] = [*self.out["enum"], None]


def _is_schema(value: Any) -> bool:
    return isinstance(value, (dict, bool, Mapping))  # a dict nearly always, and that is seen soonest


def _is_marked(node: Any, mark: str, resolve: Resolve | None) -> bool:
    if not isinstance(node, (dict, Mapping)):
        return False
    if node.get(mark) is True:
        return True
    if resolve is None or not isinstance(node.get("$ref"), str):
        return False
    target = resolve(node)
    return isinstance(target, Mapping) and target.get(mark) is True


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the string {value[:40]!r}"
        case list():
            return "a list"
        case _:
            return "an object"
