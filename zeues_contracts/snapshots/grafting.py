"""Parts of operations put from one document into another, with copies of the components that differ between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from zeues_contracts.openapi.model import METHODS
from zeues_contracts.openapi.references import MISSING, look_up
from zeues_contracts.schema.references import escape, unescape
from zeues_contracts.snapshots.blending import references

__all__ = ["graft"]

_SIDES = {
    "request": ("parameters", "requestBody", "consumes"),
    "response": ("responses", "produces"),
}
_WHOLE = frozenset({"request", "response", "rest"})
_MAX_DEPTH = 200


def graft(
    target: Mapping[str, Any], source: Mapping[str, Any], contexts: Iterable[tuple[str, str]]
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The target with parts of operations as the source has them, and the components that were copied for them.

    A context is an operation as findings name it (``POST /a/{id}``, as the source or the target writes it) and
    ``request``, ``response`` or ``rest``; an operation of which all three are given is taken as a whole, one that the
    source does not have is taken away then.
    """
    sides: dict[str, set[str]] = {}
    for name, side in contexts:
        sides.setdefault(name, set()).add(side)
    work = _Graft(target, source)
    for name in sorted(sides):
        work.operation(name, sides[name])
    return work.result()


class _Graft:
    def __init__(self, target: Mapping[str, Any], source: Mapping[str, Any]) -> None:
        self.target = target
        self.source = source
        paths = target.get("paths")
        self.paths: dict[str, Any] = dict(paths) if isinstance(paths, Mapping) else {}
        self.copies: dict[str, str] = {}
        self.added: dict[str, Any] = {}
        self._differs: dict[str, bool] = {}

    def operation(self, name: str, sides: set[str]) -> None:
        """Take sides of an operation from the source."""
        method, _, path = name.partition(" ")
        key = method.lower()
        sources = self.source.get("paths")
        there_at, there = _item(sources if isinstance(sources, Mapping) else {}, path)
        here_at, here = _item(self.paths, path)
        whole = sides >= _WHOLE
        theirs = there.get(key)
        ours = here.get(key)
        if not isinstance(theirs, Mapping):
            if whole and theirs is None and ours is not None:
                self._remove(here_at, key)
            return
        if ours is None:
            if whole and here_at in ("", there_at):
                shared = {one: self._value(value, 0) for one, value in there.items() if one.lower() not in METHODS}
                self.paths[there_at] = {**(here or shared), key: self._value(theirs, 0)}
            return
        if not isinstance(ours, Mapping):
            return
        if whole and here_at == there_at:
            self.paths[here_at] = {**here, key: self._value(theirs, 0)}
            return
        mixed = dict(ours)
        for side in sides & _SIDES.keys():
            for part in _SIDES[side]:
                mixed.pop(part, None)
                if part in theirs:
                    mixed[part] = self._value(theirs[part], 0)
        if "request" in sides and here_at != there_at:
            # The template's parameters keep the names that they have in the template that stays.
            mine = [one for one in ours.get("parameters", []) if _is_in_path(one)]
            others = [one for one in mixed.get("parameters", []) if not _is_in_path(one)]
            mixed["parameters"] = [*mine, *others]
        self.paths[here_at] = {**here, key: mixed}

    def _remove(self, path: str, key: str) -> None:
        left = {one: value for one, value in self.paths[path].items() if one != key}
        self.paths[path] = left
        if not any(one.lower() in METHODS for one in left):
            del self.paths[path]

    def result(self) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        result: dict[str, Any] = {**self.target, "paths": self.paths}
        for pointer, value in self.added.items():
            result = _put(result, [unescape(one) for one in pointer.split("/")[1:]], value)
        return result, tuple(sorted(self.copies))

    def _value(self, value: Any, depth: int) -> Any:
        """A value of the source with its references led to what the source means by them."""
        if depth > _MAX_DEPTH:
            return value
        if isinstance(value, Mapping):
            return {
                key: self._reference(one)
                if key == "$ref" and isinstance(one, str)
                else self._mapping(one)
                if key == "mapping" and isinstance(one, Mapping)
                else self._value(one, depth + 1)
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self._value(one, depth + 1) for one in value]
        return value

    def _mapping(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """A discriminator's mapping holds references as plain text."""
        return {
            key: self._reference(one) if isinstance(one, str) and one.startswith("#") else self._value(one, 0)
            for key, one in mapping.items()
        }

    def _reference(self, reference: str) -> str:
        pointer = reference.removeprefix("#")
        if not pointer.startswith("/") or look_up(self.source, pointer) is MISSING:
            return reference
        if not self._is_different(pointer):
            return reference
        if pointer not in self.copies:
            self.copies[pointer] = copy = self._free(pointer)
            # Noted before its contents are copied: a component may refer to itself.
            self.added[copy] = self._value(look_up(self.source, pointer), 0)
        return f"#{self.copies[pointer]}"

    def _is_different(self, pointer: str) -> bool:
        """Whether the source means something else by a reference than the target does, there or further down."""
        if pointer not in self._differs:
            reached: set[str] = set()
            waiting = [pointer]
            different = False
            while waiting and not different:
                one = waiting.pop()
                if one in reached:
                    continue
                reached.add(one)
                theirs = look_up(self.source, one)
                ours = look_up(self.target, one)
                if theirs is MISSING:
                    continue
                if ours is MISSING:
                    # The caller brings what is missing as it is; what that leads to counts.
                    ours = theirs
                different = ours != theirs
                waiting += [ref.removeprefix("#") for ref in references(theirs) if ref.startswith("#/")]
            self._differs[pointer] = different
        return self._differs[pointer]

    def _free(self, pointer: str) -> str:
        """A place beside a component that neither document uses."""
        parent, _, name = pointer.rpartition("/")
        number = 2
        while True:
            candidate = f"{parent}/{escape(f'{unescape(name)}__{number}')}"
            if (
                look_up(self.target, candidate) is MISSING
                and look_up(self.source, candidate) is MISSING
                and candidate not in self.added
            ):
                return candidate
            number += 1


def _item(paths: Mapping[str, Any], path: str) -> tuple[str, Mapping[str, Any]]:
    """A path item and the template that it stands under: as named, or with its parameters called otherwise."""
    found = path if path in paths else ""
    if not found:
        wanted = _nameless(path)
        found = next((one for one in paths if _nameless(str(one)) == wanted), "")
    item = paths.get(found)
    return (found, item) if isinstance(item, Mapping) else ("", {})


def _nameless(path: str) -> str:
    return re.sub(r"{[^{}/]*}", "{}", path)


def _is_in_path(parameter: Any) -> bool:
    return isinstance(parameter, Mapping) and parameter.get("in") == "path"


def _put(value: Any, path: list[str], new: Any) -> Any:
    if not path:
        return new
    below = value.get(path[0], {}) if isinstance(value, Mapping) else {}
    return {**(value if isinstance(value, Mapping) else {}), path[0]: _put(below, path[1:], new)}
