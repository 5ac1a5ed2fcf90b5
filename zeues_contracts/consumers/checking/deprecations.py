"""What is read of an answer although it is deprecated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.consumers.checking.model import RESPONSES, Problem
from zeues_contracts.consumers.checking.views import is_deprecated, items_of, property_of
from zeues_contracts.schema.references import escape
from zeues_contracts.schema.types import Schema

__all__ = ["deprecated_reads"]

_DEEPEST = 20
_MOST = 50


def deprecated_reads(schema: Schema, expected: Any, *, status: str, pointer: str) -> Iterator[Problem]:
    """The properties that an expectation names and the document marks as deprecated, the outermost first."""
    count = 0
    queue: list[tuple[Any, list[Schema], str, str]] = [(expected, [schema], "", "")]
    while queue and count < _MOST:
        wanted, places, path, at = queue.pop(0)
        if not isinstance(wanted, Mapping) or at.count("/") > _DEEPEST:
            continue
        branches = (*wanted.get("anyOf", ()), *wanted.get("allOf", ()))
        queue += [(branch, places, path, at) for branch in branches]
        first = wanted.get("prefixItems")
        for items in (wanted.get("items"), wanted.get("contains"), *(first if isinstance(first, list) else ())):
            if not isinstance(items, Mapping):
                continue
            below = [one for place in places for one in items_of(place, 10**6, RESPONSES)]
            queue.append((items, below, f"{path}[]", f"{at}/0"))
        properties = wanted.get("properties")
        for name, inner in properties.items() if isinstance(properties, Mapping) else ():
            below = [one for place in places for one in property_of(place, str(name), RESPONSES)]
            here, where = (f"{path}.{name}" if path else str(name)), f"{at}/{escape(str(name))}"
            if is_deprecated(below, RESPONSES):
                count += 1
                yield Problem(
                    "ZC305",
                    f"reads `{here}` ({status}), which is deprecated",
                    f"response {status} {here} deprecated",
                    f"{pointer}{where}",
                    schema=below[0],
                    side="response",
                    path=f"body{where}",
                    status=status,
                    keyword="deprecated",
                )
            elif below:
                queue.append((inner, below, here, where))
