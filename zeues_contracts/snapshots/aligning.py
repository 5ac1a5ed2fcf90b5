"""Components that only changed their name, called by the old one again, so that their contents can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from zeues_contracts.openapi.references import MISSING, look_up
from zeues_contracts.schema.references import unescape

__all__ = ["align", "renamed_components"]

_MAX_DEPTH = 200


def renamed_components(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Pointers of components of the new document, and of those of the old one whose place they take.

    Told by use: where one was referred to, now the other is; the old one is gone and the new one was not there.
    """
    votes: Counter[tuple[str, str]] = Counter()
    _swaps(old, new, votes, 0)
    found: dict[str, str] = {}
    for (before, after), _ in sorted(votes.items(), key=lambda item: (-item[1], item[0])):
        one, other = before.removeprefix("#"), after.removeprefix("#")
        same_shelf = one.rpartition("/")[0] == other.rpartition("/")[0]
        fresh = other not in found and one not in found.values()
        if (
            same_shelf
            and fresh
            and look_up(new, one) is MISSING
            and look_up(old, other) is MISSING
            and look_up(new, other) is not MISSING
        ):
            found[other] = one
    return found


def align(new: Mapping[str, Any], renamed: Mapping[str, str]) -> Mapping[str, Any]:
    """The new document with its components under the names given; it means the same."""
    if not renamed:
        return new
    result = _rewrite(new, renamed, 0)
    for after, before in renamed.items():
        holder = look_up(result, after.rpartition("/")[0])
        # `result` is a fresh copy throughout: writing to it changes nobody else's value.
        holder[unescape(before.rpartition("/")[2])] = holder.pop(unescape(after.rpartition("/")[2]))
    aligned: Mapping[str, Any] = result
    return aligned


def _swaps(old: Any, new: Any, votes: Counter[tuple[str, str]], depth: int) -> None:
    if depth > _MAX_DEPTH or old is new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        one, other = old.get("$ref"), new.get("$ref")
        if isinstance(one, str) and isinstance(other, str) and one != other and one[:2] == other[:2] == "#/":
            votes[one, other] += 1
        for key, value in old.items():
            if key in new:
                _swaps(value, new[key], votes, depth + 1)
    elif isinstance(old, list) and isinstance(new, list):
        for one, other in zip(old, new, strict=False):
            _swaps(one, other, votes, depth + 1)


def _rewrite(value: Any, renamed: Mapping[str, str], depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return value
    if isinstance(value, Mapping):
        return {
            key: _reference(one, renamed)
            if isinstance(one, str) and (key == "$ref" or one.startswith("#/"))
            else _rewrite(one, renamed, depth + 1)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_rewrite(one, renamed, depth + 1) for one in value]
    return value


def _reference(reference: str, renamed: Mapping[str, str]) -> str:
    pointer = reference.removeprefix("#")
    for after, before in renamed.items():
        if pointer == after or pointer.startswith(after + "/"):
            return f"#{before}{pointer[len(after) :]}"
    return reference
