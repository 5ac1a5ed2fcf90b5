"""Is a value in the set that a schema of the document stands for? Asked of two independent validators.

jsonschema-rs answers first; what it refuses has to be refused by jsonschema too, else nothing is claimed. Formats are
annotations (JSON Schema 2020-12 Validation, 7.2.1) and are told apart from what the sets decide.
"""

from __future__ import annotations

import copy
import datetime as dt
import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from zeues_contracts.openapi.model import Document
from zeues_contracts.schema.types import Dialect, Direction, Resource, Schema

__all__ = ["Problem", "problems"]

_URI = "urn:zeues-contracts:document"
_MAX_PROBLEMS = 20
# Where schemas live in a document: only these are brought to 2020-12. A property that is called `nullable` is none.
_MAX_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a value is outside of a schema.

    ``pointer`` points into the value, ``schema_pointer`` into the document; ``keyword`` is what decided. ``missing`` is
    the name of the property for ``required``. ``format`` problems are annotations.
    """

    pointer: str
    keyword: str
    message: str
    schema_pointer: str = ""
    instance: Any = None
    missing: str = ""
    format: str = ""

    @property
    def place(self) -> str:
        """The pointer with array indices made nameless, stable from value to value."""
        return re.sub(r"/\d+(?=/|$)", "/*", self.pointer)


@dataclass(slots=True)
class _Tools:
    """Both validators over one resource in one direction, with compiled validators by pointer."""

    root: Any
    registry: Any
    other: Any
    rust: dict[tuple[str, bool], Any]
    python: dict[str, Any]


# By document, then by resource (alive as long as the document that it belongs to) and direction.
_TOOLS: WeakKeyDictionary[Document, dict[tuple[int, Direction], _Tools]] = WeakKeyDictionary()


def problems(
    document: Document, schema: Schema, value: Any, direction: Direction, *, formats: bool = True
) -> tuple[Problem, ...] | None:
    """Why a value is outside of a schema; empty when it is inside, ``None`` when it cannot be told.

    It cannot be told where the schema cannot be compiled or the validators disagree.
    """
    try:
        tools = _tools(document, schema.resource, direction)
        rust = _rust(tools, schema.pointer, formats)
        found = []
        for error in rust.iter_errors(value):
            found.append(error)
            if len(found) >= _MAX_PROBLEMS:
                break
    except (ValueError, RecursionError, OverflowError):
        return None
    if not found:
        return ()
    told = tuple(_problem(error, value) for error in found)
    hard = tuple(problem for problem in told if not problem.format)
    soft = tuple(problem for problem in told if problem.format and _misfit(problem))
    if hard and not _python_refuses(tools, schema.pointer, value):
        return None
    return hard + soft


def _tools(document: Document, resource: Resource, direction: Direction) -> _Tools:
    per = _TOOLS.setdefault(document, {})
    key = (id(resource), direction)
    if key not in per:
        import jsonschema_rs
        import referencing
        from referencing.jsonschema import DRAFT202012

        root = _translated(resource, direction)
        pairs = [(_URI, root), *((uri, _translated(one, direction)) for uri, one in resource.others.items())]
        registry = jsonschema_rs.Registry(pairs, draft=jsonschema_rs.Draft202012, retriever=_no_network)
        other = referencing.Registry().with_resources(
            (uri, DRAFT202012.create_resource(contents)) for uri, contents in pairs
        )
        per[key] = _Tools(root, registry, other, {}, {})
    return per[key]


def _no_network(uri: str) -> Any:
    raise ValueError(f"{uri} is not loaded: nothing is fetched while judging")


def _rust(tools: _Tools, pointer: str, formats: bool) -> Any:
    key = (pointer, formats)
    if key not in tools.rust:
        import jsonschema_rs

        tools.rust[key] = jsonschema_rs.Draft202012Validator(
            {"$ref": _reference(pointer)}, registry=tools.registry, validate_formats=formats
        )
    return tools.rust[key]


def _reference(pointer: str) -> str:
    from urllib.parse import quote

    return f"{_URI}#{quote(pointer, safe='/~')}"


def _python_refuses(tools: _Tools, pointer: str, value: Any) -> bool:
    import jsonschema

    if pointer not in tools.python:
        tools.python[pointer] = jsonschema.Draft202012Validator({"$ref": _reference(pointer)}, registry=tools.other)
    try:
        return not tools.python[pointer].is_valid(value)
    except Exception:  # a schema that only one of the two can work with: no agreement, no claim
        return False


def _problem(error: Any, value: Any) -> Problem:
    path = list(error.instance_path)
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    pointer = "".join(f"/{_escaped(part)}" for part in path)
    instance = value
    for part in path:
        instance = instance[part]
    kind = type(error.kind).__name__
    if kind == "Required":
        missing = str(getattr(error.kind, "property", ""))
        keyword = "required"
    else:
        missing = ""
    schema_pointer = "".join(f"/{_escaped(part)}" for part in error.schema_path)
    name = str(getattr(error.kind, "format", "")) if kind == "Format" else ""
    return Problem(pointer, keyword, str(error.message)[:300], schema_pointer, instance, missing, name)


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


# --- the second opinion on formats (RFC 3339, 4122, 5321, 4291) ---------------------------------------------------


def _date(text: str) -> bool:
    dt.date.fromisoformat(text)
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text))


def _date_time(text: str) -> bool:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", text):
        return False
    # Leap seconds are allowed by RFC 3339 and unknown to Python.
    whole = re.sub(r"\.\d+", "", text).upper().replace("Z", "+00:00")
    dt.datetime.fromisoformat(re.sub(r":60(?=[+-])", ":59", whole))
    return True


def _time(text: str) -> bool:
    return bool(re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", text))


def _uuid(text: str) -> bool:
    return len(text) == 36 and str(uuid.UUID(text)) == text.lower()


_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date": _date,
    "date-time": _date_time,
    "time": _time,
    "uuid": _uuid,
    "email": lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+", text)),
    "ipv4": lambda text: ipaddress.IPv4Address(text) is not None,
    "ipv6": lambda text: ipaddress.IPv6Address(text) is not None,
}


def _misfit(problem: Problem) -> bool:
    """Whether the format is one that is judged, and our own reading of it refuses the text as well."""
    check = _FORMATS.get(problem.format)
    if check is None or not isinstance(problem.instance, str):
        return False
    try:
        return not check(problem.instance[:_MAX_TEXT])
    except ValueError:
        return True


# --- one dialect ---------------------------------------------------------------------------------------------------


def _translated(resource: Resource, direction: Direction) -> Any:
    """The document with its schemas in 2020-12 semantics, and without what does not go this way.

    OpenAPI 3.0 and 2.0: ``nullable``, boolean ``exclusiveMinimum``, siblings of ``$ref`` that are ignored and
    ``type: file``. All: ``required`` does not hold for ``readOnly`` properties in requests and ``writeOnly`` ones in
    responses (OpenAPI 3.0, 4.7.24.2). Nothing is copied where nothing changes.
    """
    old = resource.dialect in (Dialect.OPENAPI_3_0, Dialect.SWAGGER_2_0, Dialect.DRAFT_4)
    words = _words(resource.contents)
    marker = "readOnly" if direction is Direction.REQUEST else "writeOnly"
    if not old and marker not in words:
        return resource.contents
    root = copy.deepcopy(resource.contents)
    stack: list[Any] = [root]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack.extend(here)
        elif isinstance(here, dict):
            if old:
                _modernise(here)
            _drop_required(here, marker, root)
            stack.extend(item for name, item in here.items() if name not in ("example", "examples", "default", "enum"))
    return root


def _words(value: Any) -> set[str]:
    found: set[str] = set()
    stack: list[Any] = [value]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            found.update(str(name) for name in here)
            stack.extend(here.values())
        elif isinstance(here, list):
            stack.extend(here)
    return found


def _modernise(schema: dict[str, Any]) -> None:
    if isinstance(schema.get("$ref"), str) and len(schema) > 1 and "get" not in schema and "post" not in schema:
        reference = schema["$ref"]
        schema.clear()
        schema["$ref"] = reference
        return
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.pop(exclusive) if isinstance(schema.get(exclusive), bool) else False
        if flag and isinstance(schema.get(bound), int | float):
            schema[exclusive] = schema.pop(bound)
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
    elif schema.get("nullable") is True and "type" not in schema and schema.keys() & {"allOf", "anyOf", "oneOf"}:
        # By the letter of 3.0.3 this says nothing; everybody who writes it means what 3.1 says.
        inner = {name: schema.pop(name) for name in ("allOf", "anyOf", "oneOf") if name in schema}
        schema["anyOf"] = [inner, {"type": "null"}]
    if schema.get("type") == "file":
        del schema["type"]


def _drop_required(schema: dict[str, Any], marker: str, root: Any) -> None:
    required, properties = schema.get("required"), schema.get("properties")
    if not isinstance(required, list) or not isinstance(properties, dict):
        return
    kept = [name for name in required if not _marked(properties.get(name), marker, root)]
    if len(kept) != len(required):
        schema["required"] = kept


def _marked(schema: Any, marker: str, root: Any) -> bool:
    for _ in range(16):  # a chain of references, bounded
        if not isinstance(schema, dict):
            return False
        if schema.get(marker) is True:
            return True
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return False
        schema = _at(root, reference[2:].split("/"))
    return False


def _at(value: Any, parts: Sequence[str]) -> Any:
    for part in parts:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value
