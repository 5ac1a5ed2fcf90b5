"""Which statuses a consumer takes, from what it compared and from the source around the comparison.

Each demand is a condition on the status in which all else is unknown; it is evaluated for every status there is.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from zeues_contracts.consumers.recording.sources import Demand, Source, chain_of, demand_on, load_source
from zeues_contracts.consumers.recording.spool import Site, StatusRead

__all__ = ["accepted_statuses", "status_words"]

_ALL = frozenset(range(100, 600))
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
_BY_KIND: Mapping[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class _UnknownError(Exception):
    """A part of an expression that the source does not tell."""


def accepted_statuses(reads: Sequence[StatusRead]) -> frozenset[int]:
    """The statuses from 100 to 599 that the consumer takes for a success of its test; all where it does not say."""
    places: dict[Site | None, list[StatusRead]] = {}
    for read in reads:
        places.setdefault(read.site, []).append(read)
    must = _ALL
    may: set[int] = set()
    vague: set[int] = set()
    for site, events in places.items():
        told = _told(site, tuple(events))
        if told is None:
            vague |= _vaguely(events)
            continue
        statuses, certain = told
        if certain:
            must &= statuses
        else:
            may |= statuses
    if may and must & may:
        must &= may
    elif must == _ALL and vague:
        must = frozenset(vague)
    return must


@lru_cache(maxsize=10_000)
def _told(site: Site | None, events: tuple[StatusRead, ...]) -> tuple[frozenset[int], bool] | None:
    """The statuses that the code at a place takes, and whether all else fails; ``None`` where it does not tell."""
    kinds = {event.kind for event in events}
    if "raise" in kinds:
        return frozenset(range(100, 400)), True
    if site is None:
        return None
    source = load_source(site.file)
    node = source.at(site) if source is not None else None
    if source is None or node is None:
        return None
    matched = _of_match(source, node, events)
    if matched is not None:
        return matched
    demand = demand_on(source, node)
    if demand is None:
        return None
    judge = _Judge(source, demand, events, node)
    statuses = frozenset(one for one in _ALL if judge.truth(demand.expression, one) is not (not demand.wanted))
    if demand.branch is not None and not demand.must:
        # The branches that were not looked at, since an earlier one was taken, are ways to pass as well.
        for branch in chain_of(source, demand.branch):
            other = demand_on(source, branch.test)
            if other is not None and not other.must:
                statuses |= {one for one in _ALL if judge.truth(branch.test, one) is True}
    if not statuses or statuses == _ALL:
        return None
    return statuses, demand.must


def _of_match(source: Source, node: ast.expr, events: Iterable[StatusRead]) -> tuple[frozenset[int], bool] | None:
    """``match status: case 200: …``: the values of the cases that do not fail."""
    from zeues_contracts.consumers.recording.sources import ends

    for child, parent in source.ancestors(node):
        if isinstance(parent, ast.Match) or (isinstance(parent, ast.MatchValue) and isinstance(child, ast.expr)):
            statement = next((one for _, one in source.ancestors(node) if isinstance(one, ast.Match)), None)
            if statement is None:
                return None
            taken: set[int] = set()
            for case in statement.cases:
                if ends(case.body) != "fail":
                    values = [one.value for one in ast.walk(case.pattern) if isinstance(one, ast.Constant)]
                    taken |= {one for one in values if isinstance(one, int)}
            return (frozenset(taken), True) if taken else None
        if isinstance(parent, ast.stmt):
            return None
    return None


def _vaguely(events: Iterable[StatusRead]) -> set[int]:
    """What an event suggests where the source does not tell: what one compares with is usually what one wants."""
    found: set[int] = set()
    for event in events:
        if event.kind in ("==", "!=") and event.operand is not None and 100 <= event.operand < 600:
            found.add(event.operand)
        elif event.kind == "ok":
            found |= set(range(200, 300))
    return found


class _Judge:
    """Evaluates an expression for a status; ``None`` is unknown (three-valued logic, as in SQL)."""

    def __init__(self, source: Source, demand: Demand, events: Sequence[StatusRead], node: ast.expr) -> None:
        self.source = source
        self.events = events
        self.node = node
        self.status: set[int] = set()
        dumps = {ast.dump(one) for one in self._status_expressions(node)}
        # The places that are the status, wherever the block asks for it: by identity, which costs nothing to look up.
        around = [demand.expression]
        if demand.branch is not None:
            around += [one.test for one in chain_of(source, demand.branch)]
        self.status = {id(one) for top in around for one in ast.walk(top) if ast.dump(one) in dumps}

    def _status_expressions(self, node: ast.expr) -> list[ast.expr]:
        """The sides of a comparison that are not values of the source: the status is among them."""
        if not isinstance(node, ast.Compare):
            return [node.left] if isinstance(node, ast.BinOp) else []
        sides = [one for one in (node.left, *node.comparators) if not self._known(one)]
        if len(sides) > 1:
            named = [one for one in sides if _looks_like_status(one)]
            sides = named or sides[:1]
        inner = [one.left if isinstance(one, ast.BinOp) else one for one in sides]
        return [one.args[0] if isinstance(one, ast.Call) and len(one.args) == 1 else one for one in inner]

    def _known(self, node: ast.expr) -> bool:
        try:
            self._value(node, -1)
        except _UnknownError:
            return False
        return True

    def truth(self, node: ast.expr, status: int) -> bool | None:
        """Whether an expression holds."""
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(one, status) for one in node.values]
            deciding = not isinstance(node.op, ast.And)
            if deciding in parts:
                return deciding
            return None if None in parts else not deciding
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.truth(node.operand, status)
            return None if inner is None else not inner
        if node is self.node or (isinstance(node, ast.Call) and self.node is node.func):
            asked = [event for event in self.events if event.kind in ("ok", "error")]
            if asked:
                return status < 400 if asked[0].kind == "ok" else status >= 400
        try:
            if isinstance(node, ast.Compare):
                return self._compare(node, status)
            value = self._value(node, status)
        except _UnknownError:
            return self._by_events(node, status)
        return bool(value)

    def _compare(self, node: ast.Compare, status: int) -> bool:
        left = self._value(node.left, status)
        for sign, right in zip(node.ops, node.comparators, strict=True):
            value = self._value(right, status)
            compare = _COMPARE[type(sign)]
            try:
                if not compare(left, value):
                    return False
            except TypeError:
                raise _UnknownError from None
            left = value
        return True

    def _by_events(self, node: ast.expr, status: int) -> bool | None:
        """A comparison with a value that only the run knew."""
        if node is not self.node or not isinstance(node, ast.Compare) or len(node.ops) != 1:
            return None
        known = [event for event in self.events if event.kind in _BY_KIND and event.operand is not None]
        if not known:
            return None
        held = [_BY_KIND[event.kind](status, event.operand or 0) for event in known]
        if isinstance(node.ops[0], ast.In):
            return any(held)
        if isinstance(node.ops[0], ast.NotIn):
            return not any(held)
        return held[0] if len(set(held)) == 1 else any(held)

    def _value(self, node: ast.expr, status: int) -> Any:
        if status >= 0 and id(node) in self.status:
            return status
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return [self._value(one, status) for one in node.elts]
        if isinstance(node, ast.Dict):
            return [self._value(one, status) for one in node.keys if one is not None]
        if isinstance(node, ast.Name) and node.id in self.source.constants:
            return self._value(self.source.constants[node.id], status)
        if isinstance(node, ast.Attribute):
            return _named_status(node)
        if isinstance(node, ast.BinOp):
            left, right = self._value(node.left, status), self._value(node.right, status)
            operations = {ast.FloorDiv: operator.floordiv, ast.Add: operator.add, ast.Sub: operator.sub}
            operations |= {ast.Mod: operator.mod, ast.Div: operator.truediv}
            act = operations.get(type(node.op))
            if act is None or not isinstance(left, int) or not isinstance(right, int) or right == 0:
                raise _UnknownError
            return act(left, right)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            values = [self._value(one, status) for one in node.args]
            if node.func.id == "range" and values and all(isinstance(one, int) for one in values):
                return range(*values[:3])
            if node.func.id in ("int", "frozenset", "set", "tuple", "list") and len(values) == 1:
                return values[0]
        raise _UnknownError


def _named_status(node: ast.Attribute) -> int:
    """``HTTPStatus.OK``, ``requests.codes.ok``, ``status.HTTP_200_OK``."""
    import http
    import re

    numbered = re.fullmatch(r"HTTP_(\d{3})_\w+", node.attr)
    if numbered is not None:
        return int(numbered[1])
    owner = node.value
    last = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    if last in ("HTTPStatus", "codes", "http_status"):
        found = http.HTTPStatus.__members__.get(node.attr.upper())
        if found is not None:
            return int(found)
    raise _UnknownError


def _looks_like_status(node: ast.expr) -> bool:
    text = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return text in ("status_code", "status", "code", "status_", "sc")


def status_words(accepted: frozenset[int]) -> tuple[str, ...]:
    """``200`` or ``4XX`` each; empty for all. 1XX is never final, and clients follow 3XX: they are named alone only."""
    if accepted >= _ALL:
        return ()
    words: list[str] = []
    whole = [hundred for hundred in range(1, 6) if all(hundred * 100 + one in accepted for one in range(100))]
    for hundred in range(1, 6):
        here = sorted(one for one in accepted if one // 100 == hundred)
        if hundred in whole:
            if hundred not in (1, 3) or whole == [hundred]:
                words.append(f"{hundred}XX")
        elif len(here) <= 20:
            words += [str(one) for one in here]
    return tuple(words)
