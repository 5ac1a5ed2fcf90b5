"""Types in one line: ``int``, ``opt str``, ``str | null``, ``'ARM' | 'SOLD'``, ``[{worker_id: int, end?: date}]``.

type    = part {"|" part}
part    = "opt" part | name | literal | "[" [type {"," type}] "]" | "{" [member {"," member}] "}"
member  = (name | quoted) ["?"] ":" type
literal = quoted text | number | "true" | "false"
"""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

from zeues_contracts.consumers.forms.words import TYPES, FormError, union

__all__ = ["items_schema", "object_schema", "optional", "parse_type"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<name>[A-Za-z_](?:[A-Za-z0-9_]|-(?=[A-Za-z0-9_]))*)
      | (?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')
      | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)
      | (?P<sign>[][{}|,:?]))""",
    re.VERBOSE,
)
_LONGEST = 20_000
_DEEPEST = 50


def parse_type(text: str, pointer: str = "") -> tuple[Any, bool]:
    """The schema of a compact type, and whether what it stands for may be missing (``opt``).

    Raises :class:`FormError` that names the first thing that is not understood.
    """
    if len(text) > _LONGEST:
        raise FormError(pointer, f"a type of more than {_LONGEST} characters")
    parser = _Parser(text, pointer)
    schema, may_miss = parser.type(0)
    parser.end()
    return schema, may_miss


def object_schema(members: list[tuple[str, Any, bool]]) -> dict[str, Any]:
    """An object of which these properties are read; others may be there (JSON Schema's open world)."""
    schema: dict[str, Any] = {"type": "object"}
    if members:
        schema["properties"] = {name: one for name, one, _ in members}
    required = [name for name, _, may_miss in members if not may_miss]
    if required:
        schema["required"] = required
    return schema


def items_schema(items: list[Any]) -> dict[str, Any]:
    """``[X]``: any number of X. ``[X, Y]``: an X, then a Y, then whatever comes. ``[]``: any list."""
    if not items:
        return {"type": "array"}
    if len(items) == 1:
        return {"type": "array", "items": items[0]} if items[0] != {} else {"type": "array"}
    return {"type": "array", "prefixItems": items, "minItems": len(items)}


def optional(schema: Any) -> Any:
    """What ``opt`` adds: the value may be null as well (that it may be missing is said by whoever holds it)."""
    return {} if schema == {} else union([schema, {"type": "null"}])


class _Parser:
    def __init__(self, text: str, pointer: str) -> None:
        self.text = text
        self.pointer = pointer
        self.at = 0
        self.kind = ""
        self.token = ""
        self._next()

    def _next(self) -> None:
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            rest = self.text[self.at :].strip()
            if rest:
                raise self._error(rest[:1])
            self.kind = self.token = ""
            self.at = len(self.text)
            return
        self.kind = found.lastgroup or ""
        self.token = found[self.kind]
        self.at = found.end()

    def _error(self, what: str) -> FormError:
        shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        where = f"`{what}` in `{shown}`" if what and what != shown else f"`{shown}`" if shown else "an empty type"
        near = difflib.get_close_matches(what, [*TYPES, "opt"], n=1) if self.kind == "name" or what else []
        quoted = json.dumps(self.text[:60], ensure_ascii=False)
        hint = f"did you mean `{near[0]}`? " if near else ""
        return FormError(
            self.pointer, f"{where} is no type", f"{hint}exactly this text is written {{$const: {quoted}}}"
        )

    def end(self) -> None:
        if self.kind:
            raise self._error(self.token)

    def _take(self, sign: str) -> bool:
        if self.kind == "sign" and self.token == sign:
            self._next()
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            shown = self.text if len(self.text) <= 60 else self.text[:57] + "..."
            raise FormError(self.pointer, f"`{sign}` is missing in `{shown}`", "as in [{worker_id: int}]")

    def type(self, depth: int) -> tuple[Any, bool]:
        if depth > _DEEPEST:
            raise FormError(self.pointer, f"a type nested deeper than {_DEEPEST} levels")
        parts = [self._part(depth)]
        while self._take("|"):
            parts.append(self._part(depth))
        if len(parts) == 1:
            return parts[0]
        return union([schema for schema, _ in parts]), any(may_miss for _, may_miss in parts)

    def _part(self, depth: int) -> tuple[Any, bool]:
        kind, word = self.kind, self.token
        if kind == "name":
            if word == "opt":
                self._next()
                if depth > _DEEPEST:
                    raise FormError(self.pointer, f"a type nested deeper than {_DEEPEST} levels")
                schema, _ = self._part(depth + 1)
                return optional(schema), True
            if word in ("true", "false"):
                self._next()
                return {"const": word == "true"}, False
            known = TYPES.get(word)
            if known is None:
                raise self._error(word)
            self._next()
            return dict(known), False
        if kind == "quoted":
            self._next()
            return {"const": _unquoted(word)}, False
        if kind == "number":
            self._next()
            return {"const": _number(word)}, False
        if self._take("["):
            return self._items(depth), False
        if self._take("{"):
            return self._members(depth), False
        raise self._error(word)

    def _items(self, depth: int) -> Any:
        items: list[Any] = []
        while not self._take("]"):
            if items:
                self._need(",")
            items.append(self.type(depth + 1)[0])
        return items_schema(items)

    def _members(self, depth: int) -> Any:
        members: list[tuple[str, Any, bool]] = []
        while not self._take("}"):
            if members:
                self._need(",")
            if self.kind not in ("name", "quoted", "number"):
                raise self._error(self.token)
            name = _unquoted(self.token) if self.kind == "quoted" else self.token
            self._next()
            question = self._take("?")
            self._need(":")
            schema, may_miss = self.type(depth + 1)
            members.append((name, schema, question or may_miss))
        return object_schema(members)


def _number(token: str) -> int | float:
    return int(token) if re.fullmatch(r"-?[0-9]{1,400}", token) else float(token)


def _unquoted(token: str) -> str:
    if token[0] == "'":
        return token[1:-1].replace("''", "'")
    try:
        return str(json.loads(token))
    except ValueError:
        return token[1:-1]
