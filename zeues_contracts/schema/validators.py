"""What two independent validators say of a value: jsonschema (Python) and jsonschema-rs (Rust).

A verdict is given only where both agree. Both judge the same standalone 2020-12 document; for Python's ``re`` the
patterns are rewritten so that they mean what ECMA-262 says, and for Rust's engine those that it does not take as they
are. Neither is imported before the first question.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from zeues_contracts.schema.dialects.bundle import BundleError, bundle, bundle_with_places
from zeues_contracts.schema.patterns import PatternBudget, UnsupportedPattern, compile_pattern
from zeues_contracts.schema.types import Resource, Schema, Settings

__all__ = ["Judgement", "Pair", "confirm", "judge", "judge_document", "pair_for", "python_validator", "unfit"]

MAX_DEPTH = 150
"""Deepest value that is judged: both validators recurse into values."""
MAX_VALUES = 200_000
"""Members of a value that is judged."""
MAX_BRANCHING = 200_000
"""Schemas that apply to one value."""
SHORT = 14
"""Characters up to which no pattern takes long, however it backtracks."""
MAX_LEVELS = 6
"""Values nested deeper than this are judged by the schema in full."""
_KEPT = 512


class Judgement(msgspec.Struct, frozen=True):
    """``valid`` as both validators say; ``None`` where they differ or cannot tell, with the reason."""

    valid: bool | None
    reason: str = ""


def judge(schema: Schema, value: Any, settings: Settings | None = None) -> Judgement:
    """Whether a value is one of the schema's, under the settings, as both validators agree."""
    pair = pair_for(schema, value, settings or Settings())
    return Judgement(None, pair) if isinstance(pair, str) else pair.judge(value)


def pair_for(schema: Schema, value: Any, settings: Settings) -> Pair | str:
    """Both validators of a schema for values as deep as this one, or why there are none. The last are remembered."""
    levels = _levels(value)
    key = (id(schema.resource), schema.pointer, levels, *msgspec.structs.astuple(settings))
    known = _compiled.get(key)
    if known is None or known[0] is not schema.resource:
        try:
            document, places = bundle_with_places(schema, settings, levels)
            if _branching(document) > MAX_BRANCHING:
                raise BundleError(f"more than {MAX_BRANCHING} schemas apply to one value")
            known = (schema.resource, Pair(document, settings.format_assertion, places))
        except (BundleError, RecursionError) as error:
            known = (schema.resource, f"cannot validate: {error}")
        _compiled[key] = known
        while len(_compiled) > _KEPT:
            _compiled.popitem(last=False)
    else:
        _compiled.move_to_end(key)
    return known[1]


def _branching(document: Mapping[str, Any]) -> int:
    """How many schemas apply to one value at most: validators visit each of them, however often it is referred to.

    A schema that applies itself to the same value counts once; validators notice that themselves.
    """
    definitions = document.get("$defs", {})
    weights: dict[str, int] = {}

    def direct(node: Any, links: list[str]) -> int:
        count, stack = 0, [node]
        while stack:
            one = stack.pop()
            if not isinstance(one, Mapping):
                continue
            count += 1
            if "$ref" in one:
                links.append(one["$ref"].rpartition("/")[2])
            stack += [one[key] for key in ("not", "if", "then", "else") if key in one]
            for key in ("allOf", "anyOf", "oneOf"):
                stack += one.get(key, ())
            stack += one.get("dependentSchemas", {}).values()
        return count

    for start in definitions:
        stack: list[tuple[str, list[str], int]] = [(start, [], -1)]
        while stack:
            name, links, own = stack.pop()
            if own < 0:
                if name in weights:
                    continue
                weights[name] = 1  # for the time being, and for one that leads back to itself
                own = direct(definitions.get(name), links)
                stack.append((name, links, own))
                stack += [(link, [], -1) for link in links if link not in weights]
            else:
                weights[name] = min(own + sum(weights.get(link, 1) for link in links), MAX_BRANCHING + 1)
    return max(weights.values(), default=0)


def judge_document(document: Any, value: Any, *, formats: bool = False) -> Judgement:
    """Whether a value is valid under a standalone 2020-12 document; not remembered."""
    return Pair(document, formats).judge(value)


def confirm(sub: Schema, sup: Schema, witness: Any, settings: Settings | None = None) -> str:
    """Whether both validators say that a value is of the first schema and not of the second: "" if so, else why not."""
    inside = _judge_alone(sub, witness, settings)
    if inside.valid is not True:
        return inside.reason or "the value is not valid under the first schema"
    outside = _judge_alone(sup, witness, settings)
    if outside.valid is not False:
        return outside.reason or "the value is valid under the second schema"
    return ""


def _judge_alone(schema: Schema, value: Any, settings: Settings | None) -> Judgement:
    """As :func:`judge`, for a value that is judged once: only what it has members for is compiled."""
    wanted = settings or Settings()
    names = _names(value)
    if len(names) > MAX_DEPTH:
        return judge(schema, value, settings)
    try:
        document = bundle(schema, wanted, len(names) - 1, names)
    except (BundleError, RecursionError) as error:
        return Judgement(None, f"cannot validate: {error}")
    if _branching(document) > MAX_BRANCHING:
        return Judgement(None, f"cannot validate: more than {MAX_BRANCHING} schemas apply to one value")
    return Pair(document, wanted.format_assertion).judge(value)


def _names(value: Any) -> list[set[str]]:
    """The names of the members of a value, by level; at most one level more than is judged."""
    found: list[set[str]] = []
    level = [value]
    while level and len(found) <= MAX_DEPTH:
        names: set[str] = set()
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                names.update(one)
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        found.append(names)
        level = below
    return found


_compiled: OrderedDict[tuple[Any, ...], tuple[Resource, Pair | str]] = OrderedDict()


class Pair:
    """Both validators of one standalone document, each compiled when it is first needed.

    ``places`` tells of each definition what it was made of, where somebody asks.
    """

    def __init__(self, document: Any, formats: bool, places: Mapping[str, Schema] | None = None) -> None:
        self.document = document
        self.formats = formats
        self.places = places or {}
        self._rust: Any = None
        self._python: Any = None
        self._formatted: Pair | None = None

    def with_formats(self) -> Pair:
        """Both validators of the same document, which also judge formats."""
        if self._formatted is None:
            self._formatted = self if self.formats else Pair(self.document, True, self.places)
        return self._formatted

    def judge(self, value: Any) -> Judgement:
        """What both say of a value."""
        why = unfit(value)
        if why:
            return Judgement(None, f"cannot validate: {why}")
        verdicts: list[bool] = []
        for name, ask in (("jsonschema-rs", self.ask_rust), ("jsonschema", self.ask_python)):
            try:
                verdicts.append(ask(value))
            except RecursionError:
                return Judgement(None, f"cannot validate: {name} recurses too deep")
            except (KeyboardInterrupt, SystemExit, MemoryError):
                raise
            except BaseException as error:  # whatever a validator stumbles over, a panic of Rust too: it cannot tell
                return Judgement(None, f"cannot validate: {name}: {_first_line(error)}")
        if verdicts[0] is not verdicts[1]:
            words = ["invalid", "valid"]
            return Judgement(None, f"jsonschema-rs says {words[verdicts[0]]}, jsonschema says {words[verdicts[1]]}")
        return Judgement(verdicts[0])

    def ask_rust(self, value: Any) -> bool:
        """Whether jsonschema-rs takes a value; raises whatever it raises."""
        return bool(self._of_rust().is_valid(value))

    def errors(self, value: Any) -> Iterator[Any]:
        """What jsonschema-rs says against a value, one by one."""
        return iter(self._of_rust().iter_errors(value))

    def _of_rust(self) -> Any:
        if self._rust is None:
            import jsonschema_rs

            document = _with_patterns(self.document, _rust_pattern)
            self._rust = jsonschema_rs.Draft202012Validator(document, validate_formats=self.formats)
        return self._rust

    def ask_python(self, value: Any) -> bool:
        """Whether jsonschema takes a value; raises whatever it raises."""
        if self._python is None:
            self._python = python_validator(self.document, self.formats)
        return bool(self._python.is_valid(value))


def python_validator(document: Any, formats: bool) -> Any:
    """Jsonschema's validator of a standalone document, its patterns rewritten for Python's engine."""
    import jsonschema

    checker = None
    if formats:
        from zeues_contracts.schema.format_checks import format_checker

        checker = format_checker()
    patterns: list[str] = []

    def rewritten(pattern: str) -> str:
        patterns.append(pattern)
        return _python_pattern(pattern)

    readable = _with_patterns(document, rewritten)
    judges = _guarded() if patterns else jsonschema.Draft202012Validator
    return judges(readable, format_checker=checker)


@lru_cache(maxsize=1)
def _guarded() -> Any:
    """Jsonschema's validator, except that a pattern which may backtrack without end is matched by its automaton."""
    import jsonschema

    def pattern(_validator: Any, wanted: str, instance: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(instance, str) and not _is_found(wanted, instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {wanted!r}")

    def pattern_properties(validator: Any, wanted: Mapping[str, Any], instance: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(instance, dict):
            for one, inner in wanted.items():
                for name, value in instance.items():
                    if _is_found(one, name):
                        yield from validator.descend(value, inner, path=name, schema_path=one)

    def additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if not isinstance(instance, dict):
            return
        named, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        for name, value in instance.items():
            if name not in named and not any(_is_found(one, name) for one in patterns):
                if isinstance(wanted, dict):
                    yield from validator.descend(value, wanted, path=name)
                elif wanted is False:
                    yield jsonschema.ValidationError(f"{name!r} is not described")

    changed = {"patternProperties": pattern_properties, "additionalProperties": additional_properties}
    extend: Any = jsonschema.validators.extend
    return extend(jsonschema.Draft202012Validator, {"pattern": pattern, **changed})


def _is_found(pattern: str, text: str) -> bool:
    if len(text) > SHORT and _backtracks(pattern):
        return compile_pattern(pattern).accepts(text)
    return re.search(pattern, text) is not None


@lru_cache(maxsize=4096)
def _backtracks(pattern: str) -> bool:
    """Whether a repetition stands inside of another one, and the automaton of the pattern is there to take over."""
    from zeues_contracts.schema.patterns.syntax import parse, repeats_inside_repeats

    try:
        nested = repeats_inside_repeats(parse(pattern))
        return nested and bool(compile_pattern(pattern))
    except (UnsupportedPattern, PatternBudget):
        return False


@lru_cache(maxsize=4096)
def _python_pattern(pattern: str) -> str:
    from zeues_contracts.schema.patterns.portable import portable

    try:
        return portable(pattern)
    except (UnsupportedPattern, PatternBudget):
        return pattern


@lru_cache(maxsize=4096)
def _rust_pattern(pattern: str) -> str:
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError):
        return _python_pattern(pattern)
    return pattern


def _with_patterns(node: Any, rewrite: Callable[[str], str]) -> Any:
    """A document with its patterns rewritten; only where schemas stand, never in enumerations."""
    if not isinstance(node, Mapping):
        return node
    out: dict[str, Any] = {}
    for keyword, given in node.items():
        if keyword == "pattern" and isinstance(given, str):
            out[keyword] = rewrite(given)
        elif keyword == "patternProperties" and isinstance(given, Mapping):
            out[keyword] = _rewritten_names(given, rewrite)
        elif keyword in ("properties", "$defs", "dependentSchemas") and isinstance(given, Mapping):
            out[keyword] = {name: _with_patterns(one, rewrite) for name, one in given.items()}
        elif keyword in ("allOf", "anyOf", "oneOf", "prefixItems") and isinstance(given, list):
            out[keyword] = [_with_patterns(one, rewrite) for one in given]
        elif keyword in ("enum", "const", "default", "examples"):
            out[keyword] = given
        else:
            out[keyword] = _with_patterns(given, rewrite)
    return out


def _rewritten_names(given: Mapping[str, Any], rewrite: Callable[[str], str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, one in given.items():
        inner = _with_patterns(one, rewrite)
        new = rewrite(name)
        out[new] = {"allOf": [out[new], inner]} if new in out else inner
    return out


def _levels(value: Any) -> int | None:
    """How deep a value is nested, 0 for a scalar or an empty container; ``None`` for one that is deep."""
    level = [value]
    for depth in range(MAX_LEVELS + 1):
        below: list[Any] = []
        for one in level:
            if isinstance(one, list):
                below.extend(one)
            elif isinstance(one, dict):
                below.extend(one.values())
        if not below:
            return depth
        level = below
    return None


def unfit(value: Any) -> str:
    """Why a value cannot be judged by both, or an empty string: too deep, too large, or no JSON that travels."""
    seen = 0
    level = [value]
    depth = 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return f"a value nested more than {MAX_DEPTH} deep"
        below: list[Any] = []
        for one in level:
            seen += 1
            if isinstance(one, str):
                if not _travels(one):
                    return "a string with a lone surrogate"
            elif isinstance(one, float):
                if not math.isfinite(one):
                    return "a number beyond the range of floating point"
            elif isinstance(one, list):
                below.extend(one)
            elif isinstance(one, dict):
                if not all(isinstance(name, str) and _travels(name) for name in one):
                    return "a member name that is no JSON string"
                below.extend(one.values())
            elif one is not None and not isinstance(one, int):
                return f"a {type(one).__name__}, which is no JSON value"
        if seen + len(below) > MAX_VALUES:
            return f"a value of more than {MAX_VALUES} members"
        level = below
    return ""


def _travels(text: str) -> bool:
    return text.isascii() or not any(0xD800 <= ord(char) < 0xE000 for char in text)


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0][:200] if text else type(error).__name__
