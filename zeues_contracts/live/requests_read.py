"""Is a request that was sent in the set of requests that the document accepts? Pure.

A request is text; what its parts stand for depends on schema and style (OpenAPI 3.1, 4.8.12). Where the style is one
that is not read here, or a body is no JSON, the answer is that it cannot be told, and nothing is claimed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from zeues_contracts.exchange import Request
from zeues_contracts.live.judging import readings
from zeues_contracts.live.mock.refusals import refusals_of
from zeues_contracts.live.validating import problems
from zeues_contracts.openapi.model import Document, Operation, Parameter
from zeues_contracts.openapi.security import ignored_headers
from zeues_contracts.schema.faults import Fault
from zeues_contracts.schema.types import Direction

__all__ = ["InputProblem", "RequestReading", "carries_credentials", "read_request"]

_FALSE_TRUE = frozenset("0 1 t f y n on off yes no true false".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One reason why a request is outside of what the document accepts.

    ``where`` is ``body``, ``query``, ``path``, ``header`` or ``cookie``; ``missing`` says that a required input is not
    there; ``coercible`` that a lenient parser converts it (``"5"`` for 5).
    """

    where: str
    name: str
    message: str
    missing: bool = False
    coercible: bool = False
    pointer: str = ""
    value: Any = None
    value_pointer: str = ""


@dataclass(frozen=True, slots=True)
class RequestReading:
    """What a request is to its document; ``valid`` is ``None`` when it cannot be told.

    ``plain`` says that a valid request holds nothing that a parser may refuse although no schema can say so (NUL,
    numbers beyond the machine's, formats that are not checked here).
    """

    valid: bool | None
    problems: tuple[InputProblem, ...] = ()
    plain: bool = True


def read_request(
    document: Document, operation: Operation, request: Request, path_values: Mapping[str, str]
) -> RequestReading:
    """Read a request as its operation documents it."""
    found: list[InputProblem] = []
    unsure = False
    plain = True
    query = _query(urlsplit(request.url).query)
    cookies = _cookies(request)
    ignored = ignored_headers(document, operation)
    for parameter in operation.parameters:
        if parameter.location == "header" and parameter.name.lower() in ignored:
            unsure = unsure or parameter.required  # services that were made from code may want it all the same
            continue
        values = _values(parameter, request, query, cookies, path_values)
        if values is None:
            unsure = True
            continue
        if not values:
            if parameter.required:
                what = f"the required {parameter.location} parameter {parameter.name} is missing"
                found.append(
                    InputProblem(parameter.location, parameter.name, what, missing=True, pointer=parameter.pointer)
                )
            continue
        told = _parameter(document, parameter, values)
        if told is None:
            unsure = True
        elif told:
            what = f"the {parameter.location} parameter {parameter.name} is {values[0][:60]!r}: {told[0].message}"
            found.append(
                InputProblem(
                    parameter.location,
                    parameter.name,
                    what,
                    coercible=_coercible_text(values, _types(parameter.raw.get("schema"), document)),
                    pointer=told[0].schema_pointer or parameter.pointer,
                    value=values if len(values) > 1 else values[0],
                )
            )
        # Null has no text of its own: whether a parser reads `null` as null is not said anywhere.
        plain = plain and _is_plain(values) and "null" not in values
    body = _body(document, operation, request)
    if body is None:
        unsure = True
    else:
        found += body[0]
        plain = plain and body[1]
    if found:
        # What is certainly wrong is wrong, whatever else could not be read.
        return RequestReading(False, tuple(found), plain)
    return RequestReading(None if unsure else True, (), plain)


def _query(text: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    try:
        for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=1000):
            values.setdefault(name, []).append(value)
    except ValueError:
        return {}
    return values


def _cookies(request: Request) -> dict[str, str]:
    try:
        jar: SimpleCookie = SimpleCookie(request.header("cookie") or "")
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _values(
    parameter: Parameter,
    request: Request,
    query: Mapping[str, list[str]],
    cookies: Mapping[str, str],
    path_values: Mapping[str, str],
) -> list[str] | None:
    """The texts of a parameter; empty when it is not there, ``None`` for a style that is not read here."""
    if parameter.location == "query":
        if parameter.style not in ("", "form"):
            return None
        kind = parameter.raw.get("schema", {}) if isinstance(parameter.raw.get("schema"), Mapping) else {}
        if kind.get("type") == "object":
            return None
        return list(query.get(parameter.name, []))
    if parameter.style not in ("", "simple", "form"):
        return None
    if parameter.location == "path":
        # Templates are compared without names: the position tells when the names differ.
        if parameter.name in path_values:
            return [path_values[parameter.name]]
        return None
    if parameter.location == "header":
        value = request.header(parameter.name)
        return [] if value is None else [value]
    if parameter.location == "cookie":
        return [cookies[parameter.name]] if parameter.name in cookies else []
    return None


def _parameter(document: Document, parameter: Parameter, values: Sequence[str]) -> tuple[Fault, ...] | None:
    if parameter.schema is None:
        media = parameter.content.get("application/json")
        if media is None or media.schema is None:
            return None
        try:
            return problems(media.schema, json.loads(values[0]), Direction.REQUEST, formats=False)
        except (ValueError, RecursionError):
            return (Fault("", "type", "not JSON", parameter.pointer),)
    first: tuple[Fault, ...] | None = ()
    for reading in _readings(parameter, values):
        told = problems(parameter.schema, reading, Direction.REQUEST, formats=False)
        if told is None:
            return None
        if not told:
            return ()
        first = first or told
    # Several values where one is documented: which of them a server takes is not said anywhere.
    return None if len(values) > 1 and not _takes_many(parameter) else first


def _takes_many(parameter: Parameter) -> bool:
    schema = parameter.raw.get("schema")
    return isinstance(schema, Mapping) and schema.get("type") == "array"


def _readings(parameter: Parameter, values: Sequence[str]) -> Iterable[Any]:
    if parameter.location == "query" and (parameter.explode or parameter.style == "") and _takes_many(parameter):
        # One entry per value, each read by itself; combinations only where all are of one kind.
        options = [readings(value) for value in values]
        yield list(values)
        yield [option[1] if len(option) > 1 and not isinstance(option[1], list) else option[0] for option in options]
        if len(values) == 1:
            yield from (option for option in options[0] if isinstance(option, list))
        return
    for value in values:
        yield from readings(value)


def _body(document: Document, operation: Operation, request: Request) -> tuple[list[InputProblem], bool] | None:
    """The problems of a body and whether it is plain; ``None`` when it cannot be told."""
    documented = operation.request_body
    if documented is None:
        return [], True
    if not request.body:
        if documented.required:
            what = InputProblem("body", "", "the required body is missing", missing=True, pointer=documented.pointer)
            return [what], True
        return [], True
    kind = (request.header("content-type") or "").split(";")[0].strip().lower()
    media = next(
        (one for name, one in documented.content.items() if name.split(";")[0].strip().lower() in (kind, "*/*")), None
    )
    if media is None or not (kind == "application/json" or kind.endswith("+json")):
        return None
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        what = InputProblem("body", "", f"the body is no JSON: {error}"[:200], pointer=media.pointer)
        return [what], True
    if media.schema is None:
        return [], _is_plain([value])
    told = problems(media.schema, value, Direction.REQUEST, formats=False)
    if told is None:
        return None
    # What a lenient parser converts wherever it stands, inside of unions too, where keywords do not tell.
    lenient = bool(told) and not refusals_of(media.schema, value, ("body",)).entries
    found = [
        InputProblem(
            "body",
            problem.missing or problem.place,
            f"the body is outside of its schema at {problem.pointer or '/'}: {problem.message}",
            missing=problem.keyword == "required",
            coercible=lenient or _coercible(document, problem),
            pointer=problem.schema_pointer,
            value=value,
            value_pointer=problem.pointer,
        )
        for problem in told
    ]
    plain = _is_plain([value]) and not found and not problems(media.schema, value, Direction.REQUEST)
    return found, plain and not _unknown_formats(document, media.schema.pointer, value)


_KNOWN_FORMATS = frozenset(
    {"date", "date-time", "time", "uuid", "email", "ipv4", "ipv6", "int32", "int64", "float", "double"}
)


def _unknown_formats(document: Document, pointer: str, value: Any) -> bool:
    """Whether a format that is not checked here may decide about a body: then nobody can say that it is valid."""
    # Reachable schemas are walked with their references, each once.
    seen: set[str] = set()
    stack: list[Any] = [_at(document.raw, [part for part in pointer.split("/") if part])]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack.extend(here)
        elif isinstance(here, Mapping):
            name = here.get("format")
            if isinstance(name, str) and name not in _KNOWN_FORMATS:
                return True
            reference = here.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/") and reference not in seen:
                seen.add(reference)
                stack.append(_at(document.raw, reference[2:].split("/")))
            stack.extend(item for key, item in here.items() if key not in ("example", "examples", "default", "enum"))
    return False


def _coercible(document: Document, problem: Fault) -> bool:
    """Whether lenient parsers (Pydantic's lax mode, Jackson, form binders) convert the value."""
    parts = [part for part in problem.schema_pointer.split("/") if part]
    schema = _at(document.raw, parts[:-1]) if parts else None
    wanted = _types(schema, document)
    value = problem.instance
    if problem.keyword not in ("type", "anyOf", "oneOf", "enum", "const"):
        return False
    if isinstance(value, bool):
        return bool(wanted & {"integer", "number"})
    if isinstance(value, str):
        text = value.strip()
        if wanted & {"integer", "number"} and re.fullmatch(
            r"[+-]?[\d_]*\.?\d*(?:[eE][+-]?\d+)?|[+-]?(?:inf|nan)\w*", text, re.IGNORECASE
        ):
            return bool(text)
        return "boolean" in wanted and text.lower() in _FALSE_TRUE
    if isinstance(value, int | float):
        if "boolean" in wanted and value in (0, 1):
            return True
        if "integer" in wanted and float(value).is_integer():
            return True
        return bool(wanted & {"string:date", "string:date-time", "string:time", "string:duration", "string:binary"})
    return False


def _types(schema: Any, document: Document, depth: int = 0) -> set[str]:
    if depth > 8 or not isinstance(schema, Mapping):
        return set()
    found: set[str] = set()
    kind = schema.get("type")
    for name in [kind] if isinstance(kind, str) else kind if isinstance(kind, list) else []:
        found.add(str(name))
        if name == "string" and isinstance(schema.get("format"), str):
            found.add(f"string:{schema['format']}")
    for key in ("anyOf", "oneOf", "allOf"):
        branches = schema.get(key)
        for branch in branches if isinstance(branches, list) else []:
            found |= _types(branch, document, depth + 1)
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        found |= _types(_at(document.raw, reference[2:].split("/")), document, depth + 1)
    return found


def _coercible_text(values: Sequence[str], wanted: set[str]) -> bool:
    """Texts that lenient parsers take for a number or a boolean although JSON spells them otherwise."""
    if "boolean" in wanted and all(value.strip().lower() in _FALSE_TRUE for value in values):
        return True
    if not wanted & {"integer", "number"}:
        return False
    lenient = re.compile(r"\s*[+-]?[\d_]+(?:\.\d*)?(?:[eE][+-]?\d+)?\s*|\s*[+-]?(?:inf|infinity|nan)\s*", re.IGNORECASE)
    # What is spelled as JSON spells it was refused for its value, not for its spelling.
    return all(lenient.fullmatch(value) and len(readings(value)) <= 2 for value in values)


def _is_plain(values: Sequence[Any]) -> bool:
    """Whether values hold nothing that parsers and stores stumble over although every schema allows it."""
    stack: list[Any] = list(values)
    while stack:
        here = stack.pop()
        if isinstance(here, str):
            if any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) <= 0xDFFF for char in here):
                return False
            if re.match(r"\s|.*\s$|0000|.*:60(?:\D|$)", here) or len(here) > 2000 or not here:
                return False
        elif isinstance(here, bool) or here is None:
            continue
        elif isinstance(here, int | float):
            if abs(here) > 2**31:
                return False
        elif isinstance(here, dict):
            stack.extend(here.values())
            stack.extend(here)
        elif isinstance(here, list):
            stack.extend(here)
    return True


def carries_credentials(document: Document, operation: Operation, request: Request) -> bool | None:
    """Whether a request carries credentials for one of the operation's security alternatives.

    ``None`` where none are needed or where they cannot be seen (mutual TLS, an unknown scheme).
    """
    if not operation.security or any(not alternative for alternative in operation.security):
        return None
    query = _query(urlsplit(request.url).query)
    cookies = _cookies(request)
    for alternative in operation.security:
        carried = True
        for name in alternative:
            scheme = document.security_schemes.get(name)
            raw: Mapping[str, Any] = scheme.raw if scheme is not None else {}
            kind = raw.get("type")
            label = str(raw.get("name", ""))
            if kind in ("http", "oauth2", "openIdConnect", "basic"):
                carried = carried and request.header("authorization") is not None
            elif kind == "apiKey" and raw.get("in") == "header":
                carried = carried and request.header(label) is not None
            elif kind == "apiKey" and raw.get("in") == "query":
                carried = carried and label in query
            elif kind == "apiKey" and raw.get("in") == "cookie":
                carried = carried and label in cookies
            else:
                return None
        if carried:
            return True
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
