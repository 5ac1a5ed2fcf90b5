"""Interactions in the making: which of them say the same, and what they are called."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec

__all__ = [
    "Draft",
    "give_names",
    "outline_of_answer",
    "outline_of_request",
    "said",
    "same_as",
    "same_test",
    "test_name",
    "text_of",
]


@dataclass(slots=True)
class Draft:
    """An interaction that may be joined with others; ``outline`` tells its shape, ``said`` its values too."""

    test: str
    operation: str
    request: RequestSpec
    expect: Expectation
    outline: str
    said: str
    id: str = ""


def test_name(told: str) -> str:
    """The name of a test without what a runner adds to it: parameters in brackets."""
    return re.sub(r"\[.*\]$", "", told.strip(), flags=re.DOTALL)


def same_as(group: Sequence[Draft], order: Sequence[Draft], draft: Draft) -> Draft | None:
    """An interaction that says the same: the one before it, or one that came over and over."""
    equal = [other for other in group if other.said == draft.said]
    alike = [other for other in equal if other.expect.statuses == draft.expect.statuses]
    if alike and ((order and order[-1] is alike[-1]) or len(alike) >= 3):
        return alike[-1]
    return None


def said(spec: RequestSpec) -> str:
    """A request as text, equal for requests that say the same."""
    parts = [{name: one.value for name, one in part.items()} for part in _parts(spec)]
    body = None if spec.body is None else [spec.body.value]
    return text_of([*parts, body, spec.media_type])


def text_of(value: Any) -> str:
    """A value as text, equal for equal values."""
    import orjson

    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, UnicodeError):  # integers beyond 64 bits, lone surrogates
        return json.dumps(value, sort_keys=True, default=str)


def outline_of_request(spec: RequestSpec) -> list[Any]:
    """The names of what is sent, without values."""
    body = spec.body.value if spec.body is not None else None
    return [*(sorted(part) for part in _parts(spec)), _keys(body), spec.media_type]


def _parts(spec: RequestSpec) -> tuple[Mapping[str, Payload], ...]:
    return (spec.path, spec.query, spec.headers, spec.cookies)


def _keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _keys(one) for name, one in value.items()}
    return [_keys(value[0])] if isinstance(value, list) and value else type(value).__name__


def outline_of_answer(expect: Expectation) -> list[Any]:
    """What is expected, as values that can be compared."""
    return [expect.statuses, sorted(expect.headers), expect.body.schema if expect.body is not None else None]


def give_names(drafts: Iterable[Draft], existing: Contract | None) -> None:
    """Ids: those of the existing contract for what is the same, else words of the test and the path."""
    known = list(existing.interactions) if existing is not None else []
    waiting = list(drafts)
    taken = {one.id for one in known}
    for strict in (True, False):
        for draft in list(waiting):
            fits = [one for one in known if _is_it(one, draft, strict=strict)]
            if fits:
                draft.id = fits[0].id
                known.remove(fits[0])
                waiting.remove(draft)
    for draft in waiting:
        base = _words(draft)
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        draft.id = name
        taken.add(name)


def _is_it(one: Interaction, draft: Draft, *, strict: bool) -> bool:
    nameless = re.sub(r"\{[^{}/]*\}", "{}", one.operation.strip())
    if nameless != re.sub(r"\{[^{}/]*\}", "{}", draft.operation):
        return False
    if not same_test(one.test, draft.test):
        return False
    return said(one.request) == draft.said if strict else True


def same_test(one: str, other: str) -> bool:
    """Whether two names are of the same test: equal, or one has the file and class that the other leaves out."""
    if one == other:
        return True
    short = [re.split(r"::|\.", name)[-1] for name in (test_name(one), test_name(other))]
    return bool(one and other) and short[0] == short[1] and ("::" not in one or "::" not in other)


def _words(draft: Draft) -> str:
    test = re.split(r"::|\.", draft.test)[-1]
    test = re.sub(r"^test_?(?=\D)", "", test)
    method, _, path = draft.operation.partition(" ")
    segments = [one for one in path.split("/") if one and not one.startswith("{")]
    last = segments[-1] if segments else "root"
    verb = "" if method in ("GET", "POST") else f"{method.lower()}-"
    text = f"{test}-{verb}{last}" if test else f"{method.lower()}-{last}"
    text = re.sub(r"[^0-9A-Za-z]+", "-", re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", text)).strip("-").lower()
    return text[:80] or "interaction"
