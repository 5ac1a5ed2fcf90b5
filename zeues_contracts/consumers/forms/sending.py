"""What is sent: a form as it is written in ``request``, its value, and the schema of all values that may be sent."""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from zeues_contracts.consumers.forms.expecting import expand_matcher
from zeues_contracts.consumers.forms.sampling import sample
from zeues_contracts.consumers.forms.words import FormError, escape, matcher_of, property_name, reserved

__all__ = ["Sent", "Surroundings", "expand_sent"]

_DEEPEST = 100
_DATE = re.compile(r"\$(?P<word>today|now)(?P<shift>[+-][0-9]{1,5})?(?P<unit>[dhm])?")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<fallback>[^}]*))?\}")
_ENV = re.compile(r"\$env[:.](?P<name>[A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a form may ask for: the moment (dates are those of its time zone) and the environment."""

    now: dt.datetime = field(default_factory=lambda: dt.datetime.now().astimezone())
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was understood. ``example`` says that ``value`` is the one value that is sent.

    ``public`` is the value with variables by their names; ``unset`` are pointers to variables that are not set,
    ``variables`` their names.
    """

    value: Any
    schema: Any
    example: bool
    optional: bool = False
    public: Any = None
    unset: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


def expand_sent(form: Any, surroundings: Surroundings | None = None, pointer: str = "") -> Sent:
    """What a form sends.

    Texts, numbers and the rest are values; ``$today``, ``$now``, ``$env:NAME``, ``${NAME}`` are filled in;
    ``{$schema: …}``, ``{$type: int}`` and the other matchers say that any such value may be sent. Raises
    :class:`FormError`.
    """
    return _expand(form, surroundings or Surroundings(), pointer, "", 0)


def _expand(form: Any, around: Surroundings, pointer: str, at: str, depth: int) -> Sent:
    if depth > _DEEPEST:
        raise FormError(pointer, f"nested deeper than {_DEEPEST} levels")
    if isinstance(form, str):
        return _text(form, around, pointer, at)
    if isinstance(form, list):
        parts = [_expand(one, around, f"{pointer}/{i}", f"{at}/{i}", depth + 1) for i, one in enumerate(form)]
        return _list(parts)
    if isinstance(form, Mapping):
        name = matcher_of(form, pointer)
        if name:
            return _matcher(name, form, around, pointer, at, depth)
        members: dict[str, Sent] = {}
        missing: set[str] = set()
        for key, one in form.items():
            called, question = property_name(key)
            sent = _expand(one, around, f"{pointer}/{escape(key)}", f"{at}/{escape(called)}", depth + 1)
            members[called] = sent
            if question or sent.optional:
                missing.add(called)
        return _object(members, missing)
    return Sent(form, {"const": form}, True, public=form)


def _text(form: str, around: Surroundings, pointer: str, at: str) -> Sent:
    if form.startswith("$$"):
        return _fixed(form[1:])
    date = _DATE.fullmatch(form)
    if date is not None:
        return _fixed(_moment(date, around.now, pointer))
    if form == "$any":
        return Sent(None, {}, False)
    variable = _ENV.fullmatch(form)
    if variable is not None:
        value = around.environ.get(variable["name"])
        return _from_environment(form, value, () if value is not None else (variable["name"],), at)
    if "${" in form:
        return _filled(form, around, at)
    if reserved(form):
        words = ["$today", "$now", "$any", "$env:NAME"]
        near = difflib.get_close_matches(form.partition("+")[0], words, n=1)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise FormError(pointer, f"there is no `{form[:60]}`", f"{hint}exactly this text is written `${form[:60]}`")
    return _fixed(form)


def _fixed(value: Any) -> Sent:
    return Sent(value, {"const": value}, True, public=value)


def _from_environment(form: str, value: str | None, missing: tuple[str, ...], at: str) -> Sent:
    if value is None:
        return Sent(form, {"const": form}, True, public=form, unset=(at,), variables=missing)
    return Sent(value, {"const": value}, True, public=form)


def _filled(form: str, around: Surroundings, at: str) -> Sent:
    """``Bearer ${TOKEN}``, ``${HOST:-localhost}``: a text with variables in it."""
    missing: list[str] = []

    def one(found: re.Match[str]) -> str:
        value = around.environ.get(found["name"])
        if value is None:
            value = found["fallback"]
        if value is None:
            missing.append(found["name"])
            return found[0]
        return value

    value = _VARIABLE.sub(one, form)
    return _from_environment(form, None if missing else value, tuple(dict.fromkeys(missing)), at)


def _moment(found: re.Match[str], now: dt.datetime, pointer: str) -> str:
    shift = int(found["shift"] or 0)
    unit = found["unit"] or "d"
    if found["unit"] and not found["shift"]:
        raise FormError(pointer, f"there is no `{found[0]}`", "as in $today, $today+7d, $now-2h")
    delta = {"d": dt.timedelta(days=shift), "h": dt.timedelta(hours=shift), "m": dt.timedelta(minutes=shift)}[unit]
    try:
        moment = now + delta
    except OverflowError:
        raise FormError(pointer, f"`{found[0]}` is beyond the calendar") from None
    if found["word"] == "today":
        return moment.date().isoformat()
    return moment.isoformat(timespec="seconds")


def _list(parts: list[Sent]) -> Sent:
    value = [one.value for one in parts]
    unset = tuple(pointer for one in parts for pointer in one.unset)
    names = _names(parts)
    public = [one.public for one in parts]
    if all(one.example for one in parts):
        return Sent(value, {"const": value}, True, public=public, unset=unset, variables=names)
    schema = {
        "type": "array",
        "prefixItems": [one.schema for one in parts],
        "minItems": len(parts),
        "maxItems": len(parts),
    }
    return Sent(value, schema, False, public=public, unset=unset, variables=names)


def _names(parts: Iterable[Sent]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in parts for name in one.variables))


def _object(members: Mapping[str, Sent], missing: set[str]) -> Sent:
    value = {name: one.value for name, one in members.items()}
    public = {name: one.public for name, one in members.items()}
    unset = tuple(pointer for one in members.values() for pointer in one.unset)
    names = _names(members.values())
    if all(one.example for one in members.values()) and not missing:
        return Sent(value, {"const": value}, True, public=public, unset=unset, variables=names)
    schema: dict[str, Any] = {"type": "object", "properties": {name: one.schema for name, one in members.items()}}
    required = [name for name in members if name not in missing]
    if required:
        schema["required"] = required
    # What is sent is known whole: nothing goes out that is not written here.
    schema["additionalProperties"] = False
    return Sent(value, schema, False, public=public, unset=unset, variables=names)


def _matcher(name: str, form: Mapping[str, Any], around: Surroundings, pointer: str, at: str, depth: int) -> Sent:
    if name == "$const":
        return _fixed(form[name])
    if name == "$like":
        shown = _shown(form, name, around, pointer, at, depth)
        schema = expand_matcher(name, {name: shown.value}, pointer, None)[0]
        return replace(shown, schema=schema, example=False)
    inside: list[Sent] = []
    below = f"{at}/0" if name == "$each" else at

    def inner(one: Any, where: str) -> tuple[Any, bool]:
        sent = _expand(one, around, where, below, depth + 1)
        inside.append(sent)
        return sent.schema, sent.optional

    schema, may_miss = expand_matcher(name, form, pointer, inner)
    if name == "$opt":
        # What is sometimes sent is sent as it is written: that it may be missing says nothing of null.
        return replace(inside[0], optional=True)
    if "$example" in form:
        shown = _shown(form, "$example", around, pointer, at, depth)
        return replace(shown, schema=schema, example=False, optional=may_miss)
    variables = _names(inside)
    unset = (at,) if any(one.unset for one in inside) else ()
    if name == "$each" and inside:
        count = max(1, min(int(form.get("$min", 1)), 100))
        return Sent([inside[0].value] * count, schema, False, may_miss, [inside[0].public] * count, unset, variables)
    if name == "$any-of" and inside:
        # The first is what is sent where one has to be.
        return Sent(inside[0].value, schema, False, may_miss, inside[0].public, inside[0].unset, inside[0].variables)
    value = sample(schema)
    return Sent(value, schema, False, may_miss, value, unset, variables)


def _shown(form: Mapping[str, Any], key: str, around: Surroundings, pointer: str, at: str, depth: int) -> Sent:
    """What ``$like`` and ``$example`` hold: a value, in which variables and dates are filled in as everywhere."""
    sent = _expand(form[key], around, f"{pointer}/{key}", at, depth + 1)
    if not sent.example:
        raise FormError(
            f"{pointer}/{key}", f"`{key}` holds one value", "a matcher stands in its place, not inside of it"
        )
    return sent
