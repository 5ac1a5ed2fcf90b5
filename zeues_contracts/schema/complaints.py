"""What is wrong with a value, in words: the errors of a validator at the places where they are decided.

Of a choice (``anyOf``, ``oneOf``) the branch that comes nearest speaks, not all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from zeues_contracts.redact import PLACEHOLDER, is_secret_name
from zeues_contracts.schema.branches import Tag, tag_of
from zeues_contracts.schema.dialects.bundle import BundleError, bundle
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Schema, Settings
from zeues_contracts.schema.validators import python_validator

__all__ = ["Complaint", "complaints"]

MAX_COMPLAINTS = 100
_SAME = object()
_MARKS = frozenset({"const", "enum"})


class Complaint(msgspec.Struct, frozen=True):
    """One thing that is wrong. ``pointer`` points into the value, ``name`` is a property missing or too much.

    ``allowed`` are the values of a property by which the branches of a choice are told apart, where it is that.
    """

    pointer: str
    keyword: str
    sentence: str
    name: str = ""
    allowed: tuple[Any, ...] = ()


class _TagError(msgspec.Struct, frozen=True):
    """What is wrong with the property that tells branches apart, as a validator would say it if it knew."""

    absolute_path: tuple[str | int, ...]
    validator: str
    validator_value: Any
    instance: Any
    allowed: tuple[Any, ...]
    message: str = ""
    context: tuple[Any, ...] = ()


def complaints(
    schema: Schema, value: Any, settings: Settings | None = None, *, partial: bool = False, shown: Any = _SAME
) -> tuple[Complaint, ...]:
    """What a validator says against a value, missing properties first; empty for a value that is valid.

    ``judge`` gives the verdict; this gives the words. Empty too where no validator can read the schema. With
    ``partial`` the value is a part of one: properties may be left out of it. ``shown`` is the value as it may be shown,
    of which the words speak; what goes by the name of a secret is never shown.
    """
    wanted = settings or Settings()
    try:
        document = bundle(schema, wanted)
        if partial:
            document = _loosened(document)
        validator = python_validator(document, wanted.format_assertion)
        found: dict[tuple[str, str, str], Complaint] = {}
        for error in validator.iter_errors(value):
            for one in _leaves(error, document.get("$defs", {})):
                for told in _told(one, value if shown is _SAME else shown):
                    found.setdefault((told.pointer, told.keyword, told.name or told.sentence), told)
            if len(found) >= MAX_COMPLAINTS:
                break
    except (BundleError, RecursionError):
        return ()
    except Exception:  # whatever a validator stumbles over: there are no words then
        return ()
    order = {"required": 0, "dependentRequired": 1}
    return tuple(sorted(found.values(), key=lambda one: (order.get(one.keyword, 2), one.pointer.count("/"))))


def _loosened(node: Any) -> Any:
    """A schema without what asks for properties; of a ``oneOf`` any branch will do, for the marks may be left out."""
    if isinstance(node, list):
        return [_loosened(one) for one in node]
    if not isinstance(node, Mapping):
        return node
    out: dict[str, Any] = {}
    for keyword, given in node.items():
        if keyword in ("required", "dependentRequired", "minProperties", "if", "then", "else", "not"):
            continue
        if keyword in ("enum", "const", "default", "examples"):
            out[keyword] = given
        elif keyword in ("properties", "patternProperties", "$defs", "dependentSchemas") and isinstance(given, Mapping):
            out[keyword] = {name: _loosened(one) for name, one in given.items()}
        elif keyword == "oneOf":
            out.setdefault("allOf", []).append({"anyOf": _loosened(given)})
        elif keyword == "allOf":
            out.setdefault("allOf", []).extend(_loosened(given))
        else:
            out[keyword] = _loosened(given)
    return out


def _leaves(error: Any, definitions: Mapping[str, Any]) -> Iterator[Any]:
    if not error.context:
        yield error
        return
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    tag = tag_of(error.validator_value, definitions) if error.validator in ("anyOf", "oneOf") else None
    if tag is not None and isinstance(error.instance, Mapping):
        wrong = _wrong_tag(error, tag, branches)
        if wrong is not None:
            yield wrong
            return
        if tag.name in error.instance:
            chosen = tag.branches(error.instance[tag.name])
            branches = {at: ones for at, ones in branches.items() if at in chosen} or branches
    scored = sorted(branches.values(), key=_distance)
    if _distance(scored[0])[0] and len(scored) > 1:
        yield error  # no branch is even of the right kind: the choice as a whole is told
        return
    for inner in scored[0]:
        yield from _leaves(inner, definitions)


def _wrong_tag(error: Any, tag: Tag, branches: Mapping[Any, Sequence[Any]]) -> _TagError | None:
    """That no branch has the value of the property that tells them apart, or that it is missing; else nothing."""
    path = tuple(error.absolute_path)
    if tag.name in error.instance:
        value = error.instance[tag.name]
        return None if tag.branches(value) else _TagError((*path, tag.name), "enum", tag.allowed, value, tag.allowed)
    missed = all(any(_misses(one, tag.name) for one in branches.get(at, ())) for at in tag.values)
    return _TagError(path, "required", (tag.name,), error.instance, tag.allowed) if missed else None


def _misses(error: Any, name: str) -> bool:
    """Whether a branch asks for a property of the value itself, directly or through branches of its own."""
    if error.context:
        return any(_misses(one, name) for one in error.context)
    return error.validator == "required" and not error.relative_path and name in error.validator_value


def _distance(errors: Sequence[Any]) -> tuple[int, int, int]:
    """How far a value is from a branch: another kind of value, another mark (a discriminator), the number of errors."""
    kind = sum(1 for one in errors if one.validator == "type" and not one.relative_path)
    marks = sum(1 for one in errors if one.validator in _MARKS)
    return kind, marks, len(errors)


def _told(error: Any, whole: Any) -> Iterator[Complaint]:
    pointer = "".join(f"/{escape(str(part))}" for part in error.absolute_path)
    where = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    called = f"`{where}`" if where and not where.isdigit() else f"item {where}" if where else "the value"
    keyword, given, wanted = str(error.validator), error.instance, error.validator_value
    allowed = getattr(error, "allowed", ())
    if keyword == "required" and isinstance(given, Mapping):
        for name in wanted:
            if name not in given:
                yield Complaint(pointer, keyword, f"`{name}` is missing", str(name), allowed)
        return
    if keyword in ("additionalProperties", "unevaluatedProperties") and isinstance(given, Mapping):
        # The validator names those that it means.
        for name in given:
            if repr(name) in error.message:
                yield Complaint(pointer, keyword, f"`{name}` is not allowed", str(name))
        return
    secret = any(is_secret_name(str(part)) for part in error.absolute_path)
    shown = PLACEHOLDER if secret else _short(_part(whole, error.absolute_path, given))
    yield Complaint(pointer, keyword, f"{called} is {shown}, {_wanted(keyword, wanted, error)}", allowed=allowed)


def _part(value: Any, path: Iterable[Any], otherwise: Any) -> Any:
    """What stands at a path of a value that has the same shape, or ``otherwise``."""
    here = value
    for step in path:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return otherwise
    return here


def _wanted(keyword: str, wanted: Any, error: Any) -> str:
    if keyword == "type":
        kinds = wanted if isinstance(wanted, list) else [wanted]
        return f"it has to be {_or([_KINDS.get(str(kind), str(kind)) for kind in kinds])}"
    if keyword == "enum":
        return f"it has to be {'one of ' if len(wanted) > 1 else ''}{_or([_short(one) for one in wanted[:8]])}"
    if keyword == "const":
        return f"it has to be {_short(wanted)}"
    if keyword in _BOUNDS:
        return _BOUNDS[keyword].format(wanted)
    if keyword == "pattern":
        return f"it does not match {wanted}"
    if keyword == "format":
        return f"which is no {wanted}"
    if keyword in ("anyOf", "oneOf") and error.context:
        return f"none of the {len(wanted)} alternatives takes it: it has to be {_kinds(error)}"
    if keyword == "oneOf":
        return "more than one alternative takes it, and only one may"
    if keyword == "not":
        return "which is excluded"
    return f"which `{keyword}` refuses"


def _kinds(error: Any) -> str:
    kinds: list[str] = []
    for inner in error.context:
        if inner.validator == "type" and not inner.relative_path:
            given = inner.validator_value if isinstance(inner.validator_value, list) else [inner.validator_value]
            kinds += [_KINDS.get(str(kind), str(kind)) for kind in given]
    return _or(list(dict.fromkeys(kinds))) if kinds else "another value"


_KINDS = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "null": "null",
}
_BOUNDS = {
    "minimum": "it has to be at least {}",
    "maximum": "it may be at most {}",
    "exclusiveMinimum": "it has to be more than {}",
    "exclusiveMaximum": "it has to be less than {}",
    "multipleOf": "it has to be a multiple of {}",
    "minLength": "it has to have at least {} characters",
    "maxLength": "it may have at most {} characters",
    "minItems": "it has to have at least {} items",
    "maxItems": "it may have at most {} items",
    "minProperties": "it has to have at least {} properties",
    "maxProperties": "it may have at most {} properties",
}


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _short(value: Any) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
