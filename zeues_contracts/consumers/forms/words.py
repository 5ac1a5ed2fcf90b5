"""The words of the short forms: names of types, matchers, and how schemas are put together."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["MATCHERS", "TYPES", "FormError", "escape", "matcher_of", "property_name", "reserved", "union"]


class FormError(ValueError):
    """A form that means nothing. ``pointer`` is where (a JSON pointer into the form), ``hint`` the next step."""

    def __init__(self, pointer: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message
        self.hint = hint


TYPES: Mapping[str, Mapping[str, Any]] = {
    "any": {},
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "num": {"type": "number"},
    "bool": {"type": "boolean"},
    "null": {"type": "null"},
    "object": {"type": "object"},
    "list": {"type": "array"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
    "uuid": {"type": "string", "format": "uuid"},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    # The same by the names that JSON Schema, Python and others use.
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "float": {"type": "number"},
    "boolean": {"type": "boolean"},
    "none": {"type": "null"},
    "dict": {"type": "object"},
    "array": {"type": "array"},
    "date-time": {"type": "string", "format": "date-time"},
    "uri": {"type": "string", "format": "uri"},
}

# Matcher -> the further keys that may stand beside it.
MATCHERS: Mapping[str, frozenset[str]] = {
    "$schema": frozenset({"$example"}),
    "$const": frozenset(),
    "$enum": frozenset({"$example"}),
    "$regex": frozenset({"$example"}),
    "$each": frozenset({"$min", "$max"}),
    "$first": frozenset(),
    "$some": frozenset(),
    "$map": frozenset(),
    "$opt": frozenset(),
    "$type": frozenset({"$example"}),
    "$like": frozenset(),
    "$any-of": frozenset(),
    "$all-of": frozenset(),
    "$any": frozenset({"$example"}),
}
_OPTIONS = frozenset({"$example", "$min", "$max"})


def reserved(text: str) -> bool:
    """Whether a text would be read as a word of this language: ``$`` and a letter, a brace or another ``$``."""
    return re.match(r"\$(?:[A-Za-z{$])", text) is not None


def escape(token: str) -> str:
    """A token of a JSON pointer (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")


def matcher_of(form: Mapping[str, Any], pointer: str) -> str:
    """The matcher that a mapping is, or an empty string for a plain object. Raises :class:`FormError`."""
    words = [key for key in form if reserved(key) and not key.startswith("$$")]
    if not words:
        return ""
    for word in words:
        if word not in MATCHERS and word not in _OPTIONS:
            near = difflib.get_close_matches(word, [*MATCHERS, *_OPTIONS], n=1)
            hint = f"did you mean `{near[0]}`? " if near else ""
            raise FormError(
                f"{pointer}/{escape(word)}",
                f"there is no matcher `{word[:60]}`",
                f"{hint}a property of that name is written `${word[:60]}`",
            )
    found = [word for word in words if word in MATCHERS]
    if not found:
        listed = ", ".join(sorted(MATCHERS))
        raise FormError(f"{pointer}/{escape(words[0])}", f"`{words[0]}` stands beside a matcher", f"one of {listed}")
    if len(found) > 1:
        raise FormError(f"{pointer}/{escape(found[1])}", f"{' and '.join(f'`{one}`' for one in found)}: one at a time")
    name = found[0]
    for key in form:
        if key != name and key not in MATCHERS[name]:
            raise FormError(
                f"{pointer}/{escape(key)}",
                f"`{key[:60]}` cannot stand beside `{name}`",
                f"a property named `{name}` is written `${name}`",
            )
    return name


def property_name(key: str) -> tuple[str, bool]:
    """The property that a key names and whether it may be missing: ``end?``, ``$$ref``, ``really??``."""
    name, optional = key, False
    if name.endswith("??"):
        name = name[:-1]
    elif name.endswith("?") and len(name) > 1:
        name, optional = name[:-1], True
    return (name[1:] if name.startswith("$$") else name), optional


def union(schemas: Sequence[Any]) -> Any:
    """The schema of values of any of these, in its plainest spelling."""
    flat: list[Any] = []
    for schema in schemas:
        inner = schema["anyOf"] if isinstance(schema, Mapping) and set(schema) == {"anyOf"} else [schema]
        flat += [one for one in inner if one not in flat]
    if not flat or any(one is True or one == {} for one in flat):
        return {}
    types: list[str] = []
    values: list[Any] = []
    rest: list[Any] = []
    for one in flat:
        if isinstance(one, Mapping) and set(one) == {"type"}:
            kinds = one["type"] if isinstance(one["type"], list) else [one["type"]]
            types += [kind for kind in kinds if kind not in types]
        elif isinstance(one, Mapping) and set(one) in ({"const"}, {"enum"}):
            for value in one.get("enum", [one.get("const")]):
                # JSON tells true from 1, which Python's equality does not.
                if not any(value == known and type(value) is type(known) for known in values):
                    values.append(value)
        else:
            rest.append(one)
    parts: list[Any] = list(rest)
    if values:
        parts.append({"enum": values} if len(values) > 1 else {"const": values[0]})
    if types:
        if set(types) >= {"integer", "number"}:
            types.remove("integer")
        parts.append({"type": types if len(types) > 1 else types[0]})
    return parts[0] if len(parts) == 1 else {"anyOf": parts}
