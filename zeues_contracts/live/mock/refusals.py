"""Why a FastAPI service refuses a value, in Pydantic's words: the entries of a 422's ``detail``.

Pydantic converts before it judges (``"5"`` for 5). What fits only so is told apart: the service takes it, the document
does not say that it will.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from zeues_contracts.live.mock.lax import converted, has_format, is_of, pattern_schema, reads_as
from zeues_contracts.live.mock.parts import Part, parts_of
from zeues_contracts.schema.dialects.translate import origin
from zeues_contracts.schema.references import child
from zeues_contracts.schema.types import Direction, Schema, Settings
from zeues_contracts.schema.validators import judge

__all__ = ["Refusal", "Refusals", "refusals_of"]

Loc = tuple[str | int, ...]
_MAX_ENTRIES = 100
_MAX_STEPS = 2000
_MAX_DEPTH = 60
_SETTINGS = Settings(format_assertion=True, direction=Direction.REQUEST)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One entry of a 422. ``pointer`` is the place in the document that decides, ``resource`` the schema's place."""

    type: str
    loc: Loc
    msg: str
    input: Any
    place: Schema | None = None
    ctx: Mapping[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """The entry as FastAPI writes it."""
        found: dict[str, Any] = {"type": self.type, "loc": list(self.loc), "msg": self.msg, "input": self.input}
        if self.ctx:
            found["ctx"] = dict(self.ctx)
        return found


@dataclass(frozen=True, slots=True)
class Refusals:
    """What is refused, and where a value fits only because it is converted: (loc, place, what was converted)."""

    entries: tuple[Refusal, ...] = ()
    converted: tuple[tuple[Loc, Schema, str], ...] = ()


def refusals_of(schema: Schema, value: Any, loc: Loc, *, text: bool = False) -> Refusals:
    """Why a value at ``loc`` (``("body",)``) is refused; ``text`` values are texts that may stand for numbers."""
    verdict = judge(schema, value, _SETTINGS) if not text else None
    if verdict is not None and verdict.valid:
        return Refusals()
    walk = _Walk(text, [_MAX_STEPS])
    try:
        walk.value([schema], value, loc, 0)
    except _TooMuchError:
        walk.converted.clear()  # not seen to its end: what was found is true, what would have been taken is not known
    if walk.entries or walk.converted:
        return Refusals(tuple(walk.entries[:_MAX_ENTRIES]), tuple(walk.converted[:_MAX_ENTRIES]))
    if verdict is not None and verdict.valid is False:
        # A keyword that Pydantic has no word for (`not`, `if`, `contains`, …).
        return Refusals((Refusal("value_error", loc, "Value error, not as documented", value, schema),))
    return Refusals()


class _TooMuchError(Exception):
    """A value and a schema that take more steps than a refusal is worth."""


class _Walk:
    """Collects what is wrong with one value, deepest first as far as places are known."""

    def __init__(self, text: bool, steps: list[int]) -> None:
        self.text = text
        self.steps = steps
        self.entries: list[Refusal] = []
        self.converted: list[tuple[Loc, Schema, str]] = []

    def value(self, places: Sequence[Schema], value: Any, loc: Loc, depth: int) -> None:
        if depth > _MAX_DEPTH or len(self.entries) >= _MAX_ENTRIES:
            return
        self.steps[0] -= 1
        if self.steps[0] < 0:
            raise _TooMuchError
        parts = parts_of(places, Direction.REQUEST)
        before = len(self.entries)
        for part in parts:
            if value is None and part.read.get("nullable"):
                continue
            seen = self.typed(part, value, loc)
            if len(self.entries) > before:
                return  # of another type: nothing else is worth telling
            self.constrained(part, seen, loc)
            for keyword in ("anyOf", "oneOf"):
                if keyword in part.read:
                    self.union(part, keyword, value, loc, depth)
        if isinstance(value, dict):
            self.object(parts, value, loc, depth)
        elif isinstance(value, list):
            self.array(parts, value, loc, depth)

    def refuse(self, kind: str, loc: Loc, msg: str, value: Any, place: Schema, **ctx: Any) -> None:
        self.entries.append(Refusal(kind, loc, msg, value, place, ctx))

    # --- types -------------------------------------------------------------------------------------------------------

    def typed(self, part: Part, value: Any, loc: Loc) -> Any:
        """The value as one of the part's types, converted where Pydantic converts."""
        kinds = part.read.get("type")
        if not kinds or any(is_of(kind, value) for kind in kinds):
            return value
        for kind in kinds:
            made = converted(kind, value, part.read.get("format", ""))
            if made is not None:
                if not (self.text and isinstance(value, str)):
                    self.converted.append((loc, part.place, f"{_shown(value)} for {kind}"))
                return made[0]
        wanted = next((kind for kind in kinds if kind != "null"), "null")
        kind, msg = _type_message(wanted, value, part)
        self.refuse(kind, loc, msg, value, part.place)
        return value

    def constrained(self, part: Part, value: Any, loc: Loc) -> None:
        read, place = part.read, part.place
        for keyword, kind in (("enum", "enum"), ("const", "literal_error")):
            if keyword in read:
                members = read["enum"] if keyword == "enum" else [read["const"]]
                if not any(_same(value, one) for one in members):
                    expected = _listed(members)
                    self.refuse(kind, loc, f"Input should be {expected}", value, place, expected=expected)
                    return
        if isinstance(value, str):
            self.string(part, value, loc)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.number(part, value, loc)

    def string(self, part: Part, value: str, loc: Loc) -> None:
        read, place = part.read, part.place
        form = _FORMATS.get(read.get("format", ""))
        if form is not None and not reads_as(read["format"], value):
            kind, msg = form
            self.refuse(kind, loc, msg, value, place, error="invalid format")
            return
        if form is not None and not self.text and has_format(read["format"], value) is False:
            self.converted.append((loc, place, f"{_shown(value)} for {read['format']}"))
        least, most = read.get("minLength", 0), read.get("maxLength")
        if len(value) < least:
            msg = f"String should have at least {least} character{'s' * (least != 1)}"
            self.refuse("string_too_short", loc, msg, value, place, min_length=least)
        elif most is not None and len(value) > most:
            msg = f"String should have at most {most} character{'s' * (most != 1)}"
            self.refuse("string_too_long", loc, msg, value, place, max_length=most)
        elif "pattern" in read and judge(pattern_schema(read["pattern"]), value).valid is False:
            msg = f"String should match pattern '{read['pattern']}'"
            self.refuse("string_pattern_mismatch", loc, msg, value, place, pattern=read["pattern"])

    def number(self, part: Part, value: float, loc: Loc) -> None:
        for keyword, kind, name, words, fails in _BOUNDS:
            if keyword in part.read and fails(value, part.read[keyword]):
                bound = part.read[keyword]
                bound = int(bound) if float(bound).is_integer() else bound
                self.refuse(kind, loc, f"Input should be {words} {bound}", value, part.place, **{name: bound})

    # --- unions, objects, arrays -------------------------------------------------------------------------------------

    def union(self, part: Part, keyword: str, value: Any, loc: Loc, depth: int) -> None:
        branches = part.branches(keyword)
        outcomes: list[_Walk] = []
        for branch in branches[:_MAX_ENTRIES]:
            inner = _Walk(self.text, self.steps)
            inner.value([branch], value, loc, depth + 1)
            if not inner.entries and not inner.converted:
                return
            outcomes.append(inner)
        fitting = [one for one in outcomes if not one.entries]
        if fitting:
            self.converted += fitting[0].converted
            return
        # A union with null is an optional value: Pydantic tells what is wrong with the value.
        told = [(one, branch) for one, branch in zip(outcomes, branches, strict=False) if not _is_null(branch)]
        chosen = self.tagged(part, told, value)
        if len(chosen) == 1:
            tag = self.tag(part, value)
            where = (*loc, tag) if tag else loc
            self.entries += [replace(one, loc=(*where, *one.loc[len(loc) :])) for one in chosen[0][0].entries]
            return
        for number, (outcome, branch) in enumerate(chosen):
            label = _label(branch, number)
            for one in outcome.entries:
                where = (*loc, label, *one.loc[len(loc) :])
                self.entries.append(Refusal(one.type, where, one.msg, one.input, one.place, one.ctx))

    def tagged(self, part: Part, told: list[tuple[_Walk, Schema]], value: Any) -> list[tuple[_Walk, Schema]]:
        """The branch that the discriminator names, where there is one; else the branches as they are."""
        tag = self.tag(part, value)
        if not tag:
            return told
        mapping = part.read["discriminator"].get("mapping")
        target = mapping.get(tag, "") if isinstance(mapping, Mapping) else ""
        wanted = str(target).rpartition("/")[2] or tag
        return [one for one in told if _reference(one[1]).rpartition("/")[2] == wanted] or told

    def tag(self, part: Part, value: Any) -> str:
        """What a value says for the discriminator (OpenAPI 3.1, 4.8.25), empty where there is none."""
        told = part.read.get("discriminator")
        name = told.get("propertyName") if isinstance(told, Mapping) else None
        found = value.get(name) if isinstance(name, str) and isinstance(value, dict) else None
        return found if isinstance(found, str) else ""

    def object(self, parts: Sequence[Part], value: dict[str, Any], loc: Loc, depth: int) -> None:
        described: dict[str, list[Schema]] = {}
        for part in parts:
            for name in part.read.get("properties", {}):
                described.setdefault(name, []).append(child(part.place, "properties", name))
        missing: dict[str, Schema] = {}
        for part in parts:
            for name in part.read.get("required", ()):
                if name not in value:
                    missing.setdefault(name, part.place)
        # In the order of the model's fields, as Pydantic goes through them.
        for name, places in described.items():
            if name in missing:
                self.refuse("missing", (*loc, name), "Field required", value, missing.pop(name))
            elif name in value:
                self.value(places, value[name], (*loc, name), depth + 1)
        for name, place in missing.items():
            self.refuse("missing", (*loc, name), "Field required", value, place)
        for part in parts:
            self.further(part, described, value, loc, depth)

    def further(self, part: Part, described: Mapping[str, Any], value: dict[str, Any], loc: Loc, depth: int) -> None:
        """Properties beyond the described ones: forbidden, or with a schema of their own."""
        rest = part.read.get("additionalProperties")
        if rest is None or rest is True or part.read.get("patternProperties"):
            return
        own = part.read.get("properties", {})
        for name in value:
            if name in own:
                continue
            if isinstance(rest, Mapping):
                self.value([child(part.place, "additionalProperties")], value[name], (*loc, name), depth + 1)
            elif name not in described:
                msg = "Extra inputs are not permitted"
                self.refuse("extra_forbidden", (*loc, name), msg, value[name], part.place)

    def array(self, parts: Sequence[Part], value: list[Any], loc: Loc, depth: int) -> None:
        for part in parts:
            read, dialect = part.read, part.place.resource.dialect
            least, most = read.get("minItems", 0), read.get("maxItems")
            if len(value) < least:
                msg = f"List should have at least {least} item{'s' * (least != 1)} after validation, not {len(value)}"
                self.refuse("too_short", loc, msg, value, part.place,
                            field_type="List", min_length=least, actual_length=len(value))  # fmt: skip
            if most is not None and len(value) > most:
                msg = f"List should have at most {most} item{'s' * (most != 1)} after validation, not {len(value)}"
                self.refuse("too_long", loc, msg, value, part.place,
                            field_type="List", max_length=most, actual_length=len(value))  # fmt: skip
            prefix = len(read.get("prefixItems", ()))
            for index, one in enumerate(value):
                if index < prefix:
                    under = origin("prefixItems", part.raw, dialect)
                    self.value([child(part.place, under, index)], one, (*loc, index), depth + 1)
                elif "items" in read:
                    self.value([child(part.place, origin("items", part.raw, dialect))], one, (*loc, index), depth + 1)
                if len(self.entries) >= _MAX_ENTRIES:
                    return


# --- words -----------------------------------------------------------------------------------------------------------

_BOUNDS: tuple[tuple[str, str, str, str, Any], ...] = (
    ("minimum", "greater_than_equal", "ge", "greater than or equal to", lambda value, bound: value < bound),
    ("exclusiveMinimum", "greater_than", "gt", "greater than", lambda value, bound: value <= bound),
    ("maximum", "less_than_equal", "le", "less than or equal to", lambda value, bound: value > bound),
    ("exclusiveMaximum", "less_than", "lt", "less than", lambda value, bound: value >= bound),
    ("multipleOf", "multiple_of", "multiple_of", "a multiple of", lambda value, bound: not _is_multiple(value, bound)),
)
_FORMATS: Mapping[str, tuple[str, str]] = {
    "date": ("date_from_datetime_parsing", "Input should be a valid date or datetime, invalid format"),
    "date-time": ("datetime_from_date_parsing", "Input should be a valid datetime or date, invalid format"),
    "time": ("time_parsing", "Input should be in a valid time format, invalid format"),
    "duration": ("time_delta_parsing", "Input should be a valid duration, invalid format"),
    "uuid": ("uuid_parsing", "Input should be a valid UUID, invalid format"),
    "email": ("value_error", "value is not a valid email address: invalid format"),
    "uri": ("url_parsing", "Input should be a valid URL, invalid format"),
    "ipv4": ("ip_v4_address", "Input is not a valid IPv4 address"),
    "ipv6": ("ip_v6_address", "Input is not a valid IPv6 address"),
}
_OF_FORMAT: Mapping[str, tuple[str, str]] = {
    "date": ("date_type", "Input should be a valid date"),
    "date-time": ("datetime_type", "Input should be a valid datetime"),
    "time": ("time_type", "Input should be a valid time"),
    "duration": ("time_delta_type", "Input should be a valid timedelta"),
    "uuid": ("uuid_type", "UUID input should be a string, bytes or UUID object"),
}
_INEXACT = (
    "date_from_datetime_inexact",
    "Datetimes provided to dates should have zero time - e.g. be exact dates",
)
_WANTED: Mapping[str, tuple[str, str, str]] = {
    "integer": ("int", "a valid integer", "unable to parse string as an integer"),
    "number": ("float", "a valid number", "unable to parse string as a number"),
    "boolean": ("bool", "a valid boolean", "unable to interpret input"),
}


def _type_message(wanted: str, value: Any, part: Part) -> tuple[str, str]:
    if wanted in _WANTED:
        name, what, unable = _WANTED[wanted]
        if isinstance(value, str):
            return f"{name}_parsing", f"Input should be {what}, {unable}"
        if wanted == "integer" and isinstance(value, float):
            return "int_from_float", "Input should be a valid integer, got a number with a fractional part"
        return f"{name}_type", f"Input should be {what}"
    if wanted == "object":
        if part.read.get("properties"):
            msg = "Input should be a valid dictionary or object to extract fields from"
            return "model_attributes_type", msg
        return "dict_type", "Input should be a valid dictionary"
    form = part.read.get("format", "")
    if wanted == "string" and form in _OF_FORMAT:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and form in ("date", "time"):
            return _INEXACT if form == "date" else _FORMATS["time"]
        return _OF_FORMAT[form]
    return {
        "array": ("list_type", "Input should be a valid list"),
        "null": ("none_required", "Input should be None"),
    }.get(wanted, ("string_type", "Input should be a valid string"))


def _is_multiple(value: float, bound: float) -> bool:
    if not bound:
        return True
    quotient = value / bound
    return math.isfinite(quotient) and abs(quotient - round(quotient)) < 1e-9


def _same(value: Any, member: Any) -> bool:
    return bool(value == member) and isinstance(value, bool) is isinstance(member, bool)


def _listed(members: Iterable[Any]) -> str:
    shown = [repr(one) for one in list(members)[:50]]
    return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _is_null(place: Schema) -> bool:
    return [part.read.get("type") for part in parts_of([place], Direction.REQUEST)] == [("null",)]


def _reference(place: Schema) -> str:
    from zeues_contracts.schema.references import node_at

    node = node_at(place)
    return str(node.get("$ref", "")) if isinstance(node, Mapping) else ""


def _label(place: Schema, number: int) -> str:
    """How Pydantic names a member of a union: the model, or the type."""
    name = _reference(place).rpartition("/")[2]
    if name:
        return name
    kinds = next((part.read["type"] for part in parts_of([place], Direction.REQUEST) if "type" in part.read), ())
    short = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}
    label = short.get(kinds[0], kinds[0]) if kinds else str(number)
    if label != "list":
        return label
    items = child(place, "items")
    try:
        return f"list[{_label(items, 0)}]"
    except KeyError:
        return label
