"""Whom a change of the document hits: the interactions that fitted before it and do not fit after it, because of it.

Each interaction is checked against both documents. What is wrong with the new one alone is the doing of a change, and
of which one is told by the place: the schema or part of the document that decides, and what of it (a type, a bound, a
property that is required).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from zeues_contracts.consumers.checking import interaction_problems
from zeues_contracts.consumers.checking.answers import documented_for
from zeues_contracts.consumers.checking.model import REQUESTS, RESPONSES, Problem, remembering
from zeues_contracts.consumers.checking.operations import find_operation
from zeues_contracts.consumers.checking.views import faces, places_at, property_of
from zeues_contracts.consumers.model import Contract, Interaction
from zeues_contracts.findings import Finding, Hit, Level
from zeues_contracts.openapi.model import Document, MediaType, Operation
from zeues_contracts.openapi.references import place_of
from zeues_contracts.schema.references import child, escape, unescape
from zeues_contracts.schema.types import Schema, Settings

__all__ = ["with_hits"]

_BOUNDS = frozenset(
    {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
        "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    }
)  # fmt: skip
# What of a schema a rule of drift is about, where it is about one thing: only problems of that kind are its doing.
_ABOUT: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("ZC260", "ZC261", "ZC280", "ZC281", "ZC282"), frozenset({"required"})),
    **dict.fromkeys(("ZC262",), frozenset({"properties", "additionalProperties", "unevaluatedProperties"})),
    **dict.fromkeys(("ZC266", "ZC286"), frozenset({"null", "type", "anyOf", "oneOf", "enum", "const"})),
    **dict.fromkeys(("ZC267", "ZC287"), _BOUNDS),
    **dict.fromkeys(("ZC269", "ZC289"), frozenset({"pattern"})),
    **dict.fromkeys(("ZC270", "ZC290"), frozenset({"format"})),
    **dict.fromkeys(("ZC272",), frozenset({"additionalProperties", "unevaluatedProperties", "propertyNames"})),
    **dict.fromkeys(("ZC265", "ZC284", "ZC285"), frozenset({"enum", "const", "type", "pattern", "anyOf", "oneOf"})),
}
# Rules about a whole part of an operation, and the problems that they cause.
_WHOLE: Mapping[str, frozenset[str]] = {
    "ZC201": frozenset({"ZC301", "ZC302"}),
    "ZC204": frozenset({"ZC303", "ZC305"}),
    "ZC225": frozenset({"ZC320"}),
    "ZC227": frozenset({"ZC321"}),
    "ZC228": frozenset({"ZC322"}),
    "ZC235": frozenset({"ZC332", "ZC345", "ZC346"}),
    "ZC245": frozenset({"ZC304"}),
    "ZC247": frozenset({"ZC304"}),
}
# Changes of a whole value: what it holds breaks with it.
_WIDE = frozenset({"ZC264", "ZC271", "ZC274", "ZC283", "ZC291", "ZC294"})
_STATUS = frozenset({"ZC231", "ZC232"})
_MOST_REACHED = 2000
_KEYWORDS = frozenset(
    {
        "type", "enum", "const", "required", "pattern", "format", "default", "nullable", "additionalProperties",
        "items", "properties", "anyOf", "oneOf", "allOf", "not", "$ref", "readOnly", "writeOnly", "deprecated",
        "prefixItems", "unevaluatedProperties", "propertyNames", "patternProperties", *_BOUNDS,
    }
)  # fmt: skip


def with_hits(
    findings: Iterable[Finding], contracts: Sequence[Contract], old: Document, new: Document
) -> tuple[Finding, ...]:
    """The drift findings with the interactions that each of them breaks.

    A finding that breaks somebody (level error) and hits no interaction of the contracts says so in its details.
    """
    given = tuple(findings)
    if not contracts:
        return given
    hits: dict[int, dict[Hit, None]] = {}
    count = 0
    with remembering():
        for contract in contracts:
            for interaction in contract.interactions:
                count += 1
                hit = Hit(contract.consumer, interaction.id, interaction.place)
                for index in _causes(given, interaction, old, new):
                    hits.setdefault(index, {})[hit] = None
    return tuple(_with(finding, hits.get(index, {}), count) for index, finding in enumerate(given))


def _with(finding: Finding, hits: Mapping[Hit, None], count: int) -> Finding:
    if hits:
        return finding.with_(hits=tuple(dict.fromkeys((*finding.hits, *hits))))
    if finding.level is not Level.ERROR or finding.hits:
        return finding
    many = f"{count} known interactions" if count != 1 else "one known interaction"
    told = f"it breaks none of the {many} of consumers" if count != 1 else f"it does not break the {many} of consumers"
    evidence = msgspec.structs.replace(finding.evidence, details=(*finding.evidence.details, told))
    return finding.with_(evidence=evidence)


@dataclass(frozen=True, slots=True)
class _View:
    """An interaction's operation in both documents, as far as each has it."""

    interaction: Interaction
    old: Operation | None
    new: Operation | None
    documents: tuple[Document, Document]

    def names(self) -> frozenset[str]:
        return frozenset(_normal(one.name) for one in (self.old, self.new) if one is not None)


def _causes(findings: Sequence[Finding], interaction: Interaction, old: Document, new: Document) -> Iterator[int]:
    """The findings that break an interaction."""
    view = _View(
        interaction, find_operation(old, interaction).operation, find_operation(new, interaction).operation, (old, new)
    )
    names = view.names()
    mine = [i for i, one in enumerate(findings) if any(_normal(name) in names for name in one.operations)]
    if view.old is None or not mine:
        return  # what was never documented is no change's doing
    _, before = interaction_problems(interaction, old)
    known = {_identity(one) for one in before}
    _, after = interaction_problems(interaction, new)
    fresh = [one for one in after if _identity(one) not in known]
    for problem in fresh:
        places = _places(view, problem)
        found = [i for i in mine if _fits(findings[i], problem, places)]
        if not found:
            above = _above(view, problem)
            found = [i for i in mine if findings[i].rule in _WIDE and _is_about(findings[i], problem, above)]
        if not found and not problem.keyword:
            # What was asked as one breaks by something below it.
            below = _reachable(view, problem)
            found = [i for i in mine if _is_about(findings[i], problem, below)]
        yield from found


def _identity(problem: Problem) -> tuple[str, str, str]:
    return problem.rule, problem.subject, problem.pointer


def _normal(operation: str) -> str:
    method, _, path = operation.partition(" ")
    return f"{method.upper()} {re.sub(r'{[^{}/]*}', '{}', path)}"


def _fits(finding: Finding, problem: Problem, places: frozenset[str]) -> bool:
    code = finding.rule
    if code in _WHOLE or problem.rule in ("ZC301", "ZC302", "ZC303", "ZC304", "ZC320", "ZC321", "ZC322", "ZC332"):
        return problem.rule in _WHOLE.get(code, frozenset())
    if code in _STATUS or problem.path == "status":
        return code in _STATUS and problem.path == "status" and problem.status in finding.subject
    if finding.level is Level.INFO or not _same_side(code, problem):
        return False
    wanted = _ABOUT.get(code)
    if wanted is not None and problem.keyword and problem.keyword not in wanted:
        return False
    where, _, name = problem.path.partition("/")
    if where in ("query", "path", "header", "cookie") and finding.subject.startswith(f"{where} parameter {name}"):
        return True
    return bool(places & _focus(finding))


def _is_about(finding: Finding, problem: Problem, places: frozenset[str]) -> bool:
    if finding.level is Level.INFO or finding.rule in _WHOLE or finding.rule in _STATUS:
        return False
    return _same_side(finding.rule, problem) and bool(places & _focus(finding))


def _same_side(code: str, problem: Problem) -> bool:
    number = int(code[2:]) if code[2:].isdigit() else 0
    if 215 <= number <= 230 or 260 <= number <= 279:
        return problem.side == "request"
    if 231 <= number <= 244 or 280 <= number <= 297:
        return problem.side == "response"
    return True


def _focus(finding: Finding) -> frozenset[str]:
    """The places that a finding is about, without the keyword at the end, and with the property that it names."""
    inner = finding.subject.partition(": ")[2].rpartition("/")[2]
    found: set[str] = set()
    for place in (finding.place, *finding.related):
        if place is None or not place.pointer:
            continue
        tokens = place.pointer.split("/")
        while len(tokens) > 2 and tokens[-2] != "properties" and (tokens[-1] in _KEYWORDS or tokens[-1].isdigit()):
            tokens.pop()
        if inner and inner != "[]" and not (tokens[-1] == escape(inner) and tokens[-2:-1] == ["properties"]):
            tokens += ["properties", escape(inner)]
        found.add("/".join(tokens))
    return frozenset(found)


def _places(view: _View, problem: Problem) -> frozenset[str]:
    """The places of both documents that describe what a problem is about, through references and combinations."""
    found: set[str] = {problem.document} if problem.document else set()
    for document, operation in zip(view.documents, (view.old, view.new), strict=True):
        if operation is None:
            continue
        for root, settings in _roots(view.interaction, operation, problem):
            found |= _describing(document, root, problem.path, settings)
        for header in _headers(operation, problem):
            found.add(header)
    return frozenset(found)


def _above(view: _View, problem: Problem) -> frozenset[str]:
    """The places of what a problem's place lies in, up to the whole body."""
    found: set[str] = set()
    path = problem.path
    while "/" in path:
        path = path.rpartition("/")[0]
        found |= _places(view, replace(problem, path=path, document=""))
    return frozenset(found)


def _reachable(view: _View, problem: Problem) -> frozenset[str]:
    """The places of all that lies below a problem's place, through references; bounded."""
    found: set[str] = set()
    where, _, below = problem.path.partition("/")
    for document, operation in zip(view.documents, (view.old, view.new), strict=True):
        if operation is None:
            continue
        for root, settings in _roots(view.interaction, operation, problem):
            queue = places_at(root, f"/{below}" if below and where == "body" else "", settings)
            while queue and len(found) < _MOST_REACHED:
                for place, translated in faces(queue.pop(0), settings):
                    name = place_of(document.resource, place)
                    if name in found:
                        continue
                    found.add(name)
                    queue += [child(place, "properties", str(one)) for one in translated.get("properties", ())]
                    for keyword in ("items", "additionalProperties"):
                        if isinstance(translated.get(keyword), Mapping):
                            queue.append(child(place, keyword))
    return frozenset(found)


def _roots(interaction: Interaction, operation: Operation, problem: Problem) -> Iterator[tuple[Schema, Settings]]:
    where, _, name = problem.path.partition("/")
    if problem.side == "response" and where == "body":
        for response in documented_for(operation.responses, problem.status):
            yield from ((one, RESPONSES) for one in _schemas(response.content))
    elif where == "body" and operation.request_body is not None:
        yield from ((one, REQUESTS) for one in _schemas(operation.request_body.content))
    elif problem.side == "request":
        for parameter in operation.parameters:
            if parameter.location == where and parameter.name == name and parameter.schema is not None:
                yield parameter.schema, REQUESTS


def _schemas(content: Mapping[str, MediaType]) -> Iterator[Schema]:
    for media in content.values():
        if media.schema is not None:
            yield media.schema


def _headers(operation: Operation, problem: Problem) -> Iterator[str]:
    where, _, name = problem.path.partition("/")
    if where == "header" and problem.side == "response":
        for response in documented_for(operation.responses, problem.status):
            for key, header in response.headers.items():
                if key.lower() == name:
                    yield header.pointer
                    yield f"{response.pointer}/headers/{escape(key)}"


def _describing(document: Document, root: Schema, path: str, settings: Settings) -> set[str]:
    where, _, below = path.partition("/")
    pointer = f"/{below}" if below and where == "body" else ""
    parent, _, last = pointer.rpartition("/")
    found: set[str] = set()
    if not pointer:
        for place, _ in faces(root, settings):
            found.add(place_of(document.resource, place))
        return found
    name = unescape(last)
    for container in places_at(root, parent, settings):
        for place, _ in faces(container, settings):
            found.add(f"{place_of(document.resource, place)}/properties/{escape(name)}")
        for inner in property_of(container, name, settings):
            found |= {place_of(document.resource, one) for one, _ in faces(inner, settings)}
    if name.isdigit():
        for inner in places_at(root, pointer, settings):
            found |= {place_of(document.resource, one) for one, _ in faces(inner, settings)}
    return found
