"""What an expectation means: a form as it is written in ``expect``, and the JSON Schema that it stands for."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from zeues_contracts.consumers.forms.compact import items_schema, object_schema, optional, parse_type
from zeues_contracts.consumers.forms.words import TYPES, FormError, escape, matcher_of, property_name, reserved, union
from zeues_contracts.consumers.lists import some_item

__all__ = ["example_of", "expand_expectation", "expand_matcher", "likeness"]

_DEEPEST = 100
_DOLLAR: Mapping[str, Mapping[str, Any]] = {
    "$any": {},
    "$today": {"type": "string", "format": "date"},
    "$now": {"type": "string", "format": "date-time"},
}


def expand_expectation(form: Any, pointer: str = "") -> tuple[Any, bool]:
    """The schema (2020-12) of a form, and whether what it stands for may be missing.

    Texts are types (``str``, ``opt date``), numbers and booleans mean themselves, ``null`` is null, a list means a list
    of what it holds, a mapping an object of which these properties are read; others may be there. Raises
    :class:`FormError`.
    """
    return _expand(form, pointer, 0)


def _expand(form: Any, pointer: str, depth: int) -> tuple[Any, bool]:
    if depth > _DEEPEST:
        raise FormError(pointer, f"nested deeper than {_DEEPEST} levels")
    if isinstance(form, str):
        return _text(form, pointer)
    if form is None:
        return {"type": "null"}, False
    if isinstance(form, bool | int | float):
        return {"const": form}, False
    if isinstance(form, list):
        return items_schema([_expand(one, f"{pointer}/{i}", depth + 1)[0] for i, one in enumerate(form)]), False
    name = matcher_of(form, pointer)
    if name:
        return expand_matcher(name, form, pointer, lambda one, at: _expand(one, at, depth + 1))
    members: list[tuple[str, Any, bool]] = []
    for key, one in form.items():
        called, question = property_name(key)
        schema, may_miss = _expand(one, f"{pointer}/{escape(key)}", depth + 1)
        members.append((called, schema, question or may_miss))
    return object_schema(members), False


def _text(form: str, pointer: str) -> tuple[Any, bool]:
    if form.startswith("$$"):
        return {"const": form[1:]}, False
    if form.startswith("$"):
        word = form.partition("+")[0].partition("-")[0]
        if word in _DOLLAR:
            return dict(_DOLLAR[word]), False
        if form.startswith(("$env:", "${")):
            return {"type": "string"}, False
        near = difflib.get_close_matches(form, [*_DOLLAR, "$env:NAME"], n=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise FormError(pointer, f"there is no `{form[:60]}`", f"{hint}exactly this text is written `${form[:60]}`")
    return parse_type(form, pointer)


def expand_matcher(name: str, form: Mapping[str, Any], pointer: str, inner: Any) -> tuple[Any, bool]:
    """The schema of a matcher (``{$regex: …}``). ``inner`` expands a form below it: ``(form, pointer)``."""
    given = form[name]
    at = f"{pointer}/{name}"
    if name == "$schema":
        if not isinstance(given, Mapping | bool):
            raise FormError(at, "`$schema` holds a JSON Schema: an object, true or false")
        return given, False
    if name == "$const":
        return ({"type": "null"} if given is None else {"const": given}), False
    if name == "$enum":
        if not isinstance(given, list) or not given:
            raise FormError(at, "`$enum` holds the list of values")
        return {"enum": given}, False
    if name == "$regex":
        return {"type": "string", "pattern": _pattern(given, at)}, False
    if name == "$each":
        return _each(form, given, at, inner), False
    if name == "$first":
        if not isinstance(given, list) or not given:
            raise FormError(at, "`$first` holds the list of the first items' forms")
        return {"type": "array", "prefixItems": [inner(one, f"{at}/{i}")[0] for i, one in enumerate(given)]}, False
    if name == "$some":
        return some_item(inner(given, at)[0]), False
    if name == "$map":
        schema = inner(given, at)[0]
        return ({"type": "object", "additionalProperties": schema} if schema != {} else {"type": "object"}), False
    if name == "$opt":
        return optional(inner(given, at)[0]), True
    if name == "$type":
        if not isinstance(given, str):
            raise FormError(at, "`$type` holds a type, such as int", f"one of {', '.join(list(TYPES)[:14])}")
        return parse_type(given, at)
    if name == "$like":
        return likeness(given), False
    if name in ("$any-of", "$all-of"):
        if not isinstance(given, list) or not given:
            raise FormError(at, f"`{name}` holds the list of forms")
        schemas = [inner(one, f"{at}/{i}")[0] for i, one in enumerate(given)]
        return (union(schemas) if name == "$any-of" else {"allOf": schemas}), False
    return {}, False


def _each(form: Mapping[str, Any], given: Any, at: str, inner: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array"}
    items = inner(given, at)[0]
    if items != {}:
        schema["items"] = items
    for key, keyword in (("$min", "minItems"), ("$max", "maxItems")):
        if key in form:
            bound = form[key]
            if not isinstance(bound, int) or isinstance(bound, bool) or bound < 0:
                raise FormError(f"{at.rpartition('/')[0]}/{key}", f"`{key}` is a number of items")
            schema[keyword] = bound
    return schema


def _pattern(given: Any, at: str) -> str:
    from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern
    from zeues_contracts.schema.patterns.portable import portable

    if not isinstance(given, str) or len(given) > 10_000:
        raise FormError(at, "`$regex` holds a regular expression (ECMA-262) as text")
    try:
        portable(given)
    except (UnsupportedPattern, PatternBudget) as error:
        raise FormError(at, f"the regular expression is not understood: {str(error)[:150]}") from None
    return given


def example_of(form: Any, depth: int = 0) -> Any:
    """What a form shows by example (``$like``, ``$example``), as far as it does; ``None`` where nothing is shown."""
    if depth > _DEEPEST:
        return None
    if isinstance(form, list):
        shown = [example_of(one, depth + 1) for one in form]
        return shown if shown and all(one is not None for one in shown) else None
    if not isinstance(form, Mapping):
        return None
    for key in ("$like", "$example"):
        if key in form:
            return form[key]
    for key in ("$each", "$first", "$some", "$opt"):
        if key in form:
            inner = example_of(form[key], depth + 1)
            return [inner] if key in ("$each", "$some") and inner is not None else inner
    if any(reserved(key) and not key.startswith("$$") for key in form):
        return None
    members = {property_name(key)[0]: example_of(one, depth + 1) for key, one in form.items()}
    shown_members = {name: one for name, one in members.items() if one is not None}
    return shown_members or None


def likeness(value: Any, depth: int = 0) -> Any:
    """The schema of values like an example: the same types, the same properties, lists of such items."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if value is None:
        return {"type": "null"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, int | float):
        return {"type": "number"}  # JSON knows no other kind: the next one may have a fraction
    if depth > _DEEPEST:
        return {}
    if isinstance(value, Mapping):
        return object_schema([(str(key), likeness(one, depth + 1), False) for key, one in value.items()])
    items: list[Any] = []
    for one in value[:200]:
        schema = likeness(one, depth + 1)
        if schema not in items:
            items.append(schema)
    return items_schema([union(items)] if items else [])
