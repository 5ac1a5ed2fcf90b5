"""Which items of a list a read is of: each one, that of an index, or one that was picked.

The hook tells by which index an item was got. The source tells whether that index is written out or counts up, and
whether a loop reads of each item or of those alone that it looks for.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from zeues_contracts.consumers.lists import some_item
from zeues_contracts.consumers.recording.hook.reads import EACH, SOME
from zeues_contracts.consumers.recording.nodes import Path
from zeues_contracts.consumers.recording.sources import Source, load_source
from zeues_contracts.consumers.recording.spool import BodyRead, Site
from zeues_contracts.consumers.recording.uses import static_key

__all__ = ["Indexes", "asks_for_key", "located", "subject_of"]

_PICKS = frozenset({"next", "min", "max", "pop", "choice", "reduce"})
_DEEPEST = 8


class Indexes:
    """Turns the steps of paths into what they mean; made of all reads of one body."""

    def __init__(self, reads: Sequence[BodyRead]) -> None:
        self._how: dict[tuple[Path, int], set[str]] = {}
        for read in reads:
            if read.kind == "item" and isinstance(read.found, int):
                self._how.setdefault((read.path, read.found), set()).add(_index_at(read.site))
        self._known: dict[Path, Path] = {}
        self._mixed = {
            self._steps(path) for (path, step), how in self._how.items() if step == SOME and "written" in how
        }

    def meant(self, read: BodyRead) -> Path:
        """The path of a read with its steps as they are meant."""
        path = self._steps(read.path)
        if EACH not in path:
            return path
        source, node = located(read.site)
        subject = subject_of(read, node) if node is not None else None
        if source is None or node is None or subject is None:
            return path
        if read.key is not None and asks_for_key(source, node, ast.dump(subject), read.key):
            return path
        up = picked_above(source, node, subject)
        at = len(path) - 1 - up if up is not None else -1
        return (*path[:at], SOME, *path[at + 1 :]) if at >= 0 and read.path[at] == EACH else path

    def unordered(self, schema: dict[str, Any], path: Path) -> dict[str, Any]:
        """What is demanded of the first items of a list that was brought into another order is so of some."""
        if path in self._mixed and "prefixItems" in schema:
            told = [one for one in schema["prefixItems"] if one]
            return some_item(told[0]) if told else {"type": "array"}
        if not self._mixed or "properties" not in schema:
            return schema
        properties = {name: self.unordered(one, (*path, name)) for name, one in schema["properties"].items()}
        return {**schema, "properties": properties}

    def _steps(self, raw: Path) -> Path:
        known = self._known.get(raw)
        if known is not None:
            return known
        found: list[str | int] = []
        for index, step in enumerate(raw):
            how = self._how.get((raw[:index], step)) if isinstance(step, int) else None
            if how is None:
                found.append(step)
            else:
                found.append(EACH if "each" in how else step if "written" in how else SOME)
        self._known[raw] = tuple(found)
        return self._known[raw]


@lru_cache(maxsize=5000)
def _index_at(site: Site | None) -> str:
    """How the source says an index: ``written`` out, counting up over ``each``, or ``some`` other way."""
    source, node = located(site)
    if source is None or not isinstance(node, ast.Subscript):
        return "some"
    if static_key(node) is not None:
        return "written"
    name = node.slice.id if isinstance(node.slice, ast.Name) else ""
    if not name:
        return "some"
    scope = source.function(node)
    given = [one for one in ast.walk(scope) if isinstance(one, ast.Name) and one.id == name]
    stores = [source.parents.get(one) for one in given if not isinstance(one.ctx, ast.Load)]
    if any(_counts(source, one) for one in stores):
        return "each"
    only = stores[0] if len(stores) == 1 else None
    value = only.value if isinstance(only, ast.Assign) else source.constants.get(name) if not stores else None
    return "written" if isinstance(value, ast.Constant) else "some"


def _counts(source: Source, holder: ast.AST | None) -> bool:
    """``for i in range(…)``, ``for i, one in enumerate(…)``, ``i += 1``."""
    if isinstance(holder, ast.Tuple):
        holder = source.parents.get(holder)
    if isinstance(holder, ast.AugAssign):
        return True
    if not isinstance(holder, ast.For | ast.comprehension):
        return False
    called = holder.iter.func if isinstance(holder.iter, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in ("range", "enumerate", "zip")


@lru_cache(maxsize=5000)
def picked_above(source: Source, node: ast.expr, subject: ast.expr) -> int | None:
    """How many keys above a read the source picked the item that it reads of; ``None`` where it reads of each."""
    return _picked(source, node, subject, 0, 0)


def _picked(source: Source, read: ast.expr, subject: ast.expr, up: int, depth: int) -> int | None:
    if depth > _DEEPEST:
        return None
    if isinstance(subject, ast.NamedExpr | ast.Await):
        return _picked(source, read, subject.value, up, depth + 1)
    if isinstance(subject, ast.BoolOp):
        return _picked(source, read, subject.values[0], up, depth + 1)
    if isinstance(subject, ast.Subscript):
        if isinstance(static_key(subject), str):
            return _picked(source, read, subject.value, up + 1, depth + 1)
        return None if isinstance(subject.slice, ast.Slice) else up
    if isinstance(subject, ast.Call):
        name = subject.func.attr if isinstance(subject.func, ast.Attribute) else getattr(subject.func, "id", "")
        if name == "get" and isinstance(subject.func, ast.Attribute):
            return _picked(source, read, subject.func.value, up + 1, depth + 1)
        return up if name in _PICKS else None
    if isinstance(subject, ast.Name):
        return _of_name(source, read, subject, up, depth)
    return None


def _of_name(source: Source, read: ast.expr, name: ast.Name, up: int, depth: int) -> int | None:
    for child, parent in source.ancestors(name):
        loops: list[ast.For | ast.AsyncFor | ast.comprehension] = []
        if isinstance(parent, ast.For | ast.AsyncFor) and child in parent.body:
            loops = [parent]
        elif isinstance(parent, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            loops = list(parent.generators)
        for loop in loops:
            if any(isinstance(one, ast.Name) and one.id == name.id for one in ast.walk(loop.target)):
                scope = parent
                chosen = _filtered(source, loop.iter) or _under_condition(source, read, name.id, scope)
                return up if chosen else None
    scope = source.function(name)
    given = [
        one
        for one in ast.walk(scope)
        if isinstance(one, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name.id for t in one.targets)
    ]
    before = [one for one in given if one.lineno <= name.lineno]
    if not before:
        unpacked = [
            one
            for one in ast.walk(scope)
            if isinstance(one, ast.Tuple | ast.List)
            and isinstance(one.ctx, ast.Store)
            and isinstance(source.parents.get(one), ast.Assign)
            and any(isinstance(t, ast.Name) and t.id == name.id for t in one.elts)
        ]
        return up if unpacked else None
    found = [_picked(source, read, one.value, up, depth + 1) for one in before]
    told = next((one for one in found if one is not None), None)
    if told is not None:
        return told
    looked_for = [one.value for one in before if isinstance(one.value, ast.Name) and one.value.id != name.id]
    return up if any(_is_loop_name(source, one) for one in looked_for) else None


def _is_loop_name(source: Source, name: ast.Name) -> bool:
    """``for one in rows: if …: found = one``."""
    return any(
        isinstance(parent, ast.For | ast.AsyncFor)
        and any(isinstance(one, ast.Name) and one.id == name.id for one in ast.walk(parent.target))
        for _, parent in source.ancestors(name)
    )


def _filtered(source: Source, iterated: ast.expr) -> bool:
    """Whether what is walked over was chosen by a condition: ``[one for one in rows if …]``, also by its name."""
    if isinstance(iterated, ast.GeneratorExp | ast.ListComp):
        return any(one.ifs for one in iterated.generators)
    if isinstance(iterated, ast.Call):
        return getattr(iterated.func, "id", "") == "filter"
    if isinstance(iterated, ast.Name):
        for one in ast.walk(source.function(iterated)):
            named = isinstance(one, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == iterated.id for t in one.targets
            )
            if named and isinstance(one, ast.Assign) and not isinstance(one.value, ast.Name):
                return _filtered(source, one.value)
    return False


def _under_condition(source: Source, read: ast.expr, name: str, scope: ast.AST) -> bool:
    """Whether a loop comes to a read for those items alone that it looks for."""
    for child, parent in source.ancestors(read):
        if isinstance(parent, ast.If | ast.IfExp) and child is not parent.test and _names(parent.test, name):
            return True
        if isinstance(parent, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            tests = [test for one in parent.generators for test in one.ifs]
            if child not in parent.generators and any(_names(one, name) for one in tests):
                return True
        if isinstance(child, ast.stmt):
            for earlier in source.block(child):
                if earlier is child:
                    break
                leaves = isinstance(earlier, ast.If) and isinstance(earlier.body[-1], ast.Continue | ast.Break)
                if leaves and isinstance(earlier, ast.If) and _names(earlier.test, name):
                    return True
        if parent is scope:
            return False
    return False


def _names(expression: ast.expr, name: str) -> bool:
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(expression))


def asks_for_key(source: Source, node: ast.expr, subject: str, key: str) -> bool:
    """Whether the code comes to a read only where the key is there: ``if "x" in data: data["x"]``."""
    for child, parent in source.ancestors(node):
        tests: Sequence[ast.expr] = ()
        if isinstance(parent, ast.If | ast.IfExp) and (
            child in parent.body if isinstance(parent, ast.If) else child is parent.body
        ):
            tests = _conjuncts(parent.test)
        elif isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.And) and isinstance(child, ast.expr):
            tests = parent.values[: parent.values.index(child)]
        elif isinstance(parent, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            tests = [one for each in parent.generators for test in each.ifs for one in _conjuncts(test)]
        if any(_finds(one, subject, key) for one in tests):
            return True
    return False


def _conjuncts(test: ast.expr) -> Sequence[ast.expr]:
    return test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else (test,)


def _finds(test: ast.expr, subject: str, key: str) -> bool:
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.In):
        left = test.left.value if isinstance(test.left, ast.Constant) else None
        return left == key and ast.dump(test.comparators[0]) == subject
    asked = test.left if isinstance(test, ast.Compare) else test
    if not isinstance(asked, ast.Call) or not isinstance(asked.func, ast.Attribute) or asked.func.attr != "get":
        return False
    first = asked.args[0].value if asked.args and isinstance(asked.args[0], ast.Constant) else None
    return first == key and ast.dump(asked.func.value) == subject


# -- the source of a read -----------------------------------------------------------------------------------------


def located(site: Site | None) -> tuple[Source | None, ast.expr | None]:
    """The source of a site and the expression there."""
    if site is None:
        return None, None
    source = load_source(site.file)
    return (None, None) if source is None else (source, source.at(site))


def subject_of(read: BodyRead, node: ast.expr) -> ast.expr | None:
    """The expression in the source that stands for the value that was read from."""
    if isinstance(node, ast.Compare) and read.kind == "in" and len(node.comparators) == 1:
        return node.comparators[0]
    if isinstance(node, ast.Compare) and read.kind == "equal":
        return node.left
    if isinstance(node, ast.Attribute) and read.kind == "wants":
        return node.value
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and (read.kind == "maybe" or node.func.attr == "keys"):
            return node.func.value
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("issubset", "issuperset") and node.args:
            return node.args[0]
        if isinstance(node.func, ast.Name) and node.args and read.kind in ("type", "len", "iter"):
            return node.args[0]
    if isinstance(node, ast.Subscript):
        return node.value
    return None
