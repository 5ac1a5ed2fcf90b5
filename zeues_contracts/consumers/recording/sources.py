"""The consumer's source around a read: what a test demands of what it looks at.

A comparison alone says little: ``if status == 200: return failed()`` wants anything but 200. So the source is read
around the place: assertions, the branches of an ``if`` (one that raises, returns ``False``, counts or prints a
failure), values that are returned. What cannot be told stays unknown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from zeues_contracts.consumers.recording.spool import Site

__all__ = ["Demand", "Source", "chain_of", "demand_on", "ends", "load_source"]

_MAX_SOURCE = 4 * 1024 * 1024
_FAIL_NAME = re.compile(
    r"(?:^|_)(?:fail|failed|fails|failure|failures|error|errors|err|errs|abort|fatal|wrong|bad|die|reject|rejected|broken"
    r"|problem|problems|fallo|fallos|fallado|falla|fallas|mal|ko)(?:$|_)",
    re.IGNORECASE,
)
_PASS_NAME = re.compile(
    r"(?:^|_)(?:pass|passed|passes|ok|okay|success|successes|succeed|succeeded|good|exito|exitos|paso|bien|valid|correct"
    r"|passing)(?:$|_)",
    re.IGNORECASE,
)
_ASSERT_NAME = re.compile(
    r"^(?:assert|check|expect|require|ensure|verify|must|should|ok$|comprobar|verificar)", re.IGNORECASE
)
_DENIAL = re.compile(r"(?:False|Not|Falsy|IsNone)$")
_FAIL_TEXT = re.compile(
    r"\bFAIL|\bERROR|\bKO\b|\bfail|\berror|\bfall[oó]|\bnot ok\b|\bwrong\b|\bbad\b|\bunexpected|[❌✗✘✖⛔🔴]"
)
_PASS_TEXT = re.compile(r"\bPASS|\bOK\b|\bSUCCESS|\bpassed\b|\bsuccess|\bcorrecto\b|\b[eé]xito\b|[✅✓✔🟢]")
_WALKING = frozenset({"list", "tuple", "set", "iter", "sorted", "enumerate", "min", "max", "map", "filter", "zip"})


@dataclass(frozen=True, slots=True)
class Demand:
    """An expression that the consumer wants to be true (``wanted``) or false.

    ``must``: else the test fails at once. Otherwise it is one way among others to pass: ``branch`` is then the ``if``
    whose body passes.
    """

    expression: ast.expr
    wanted: bool
    must: bool = True
    branch: ast.If | None = None


class Source:
    """A parsed file with the parents of its nodes."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self.parents: dict[ast.AST, ast.AST] = {}
        self._by_line: dict[int, list[ast.expr]] = {}
        self._loops: dict[tuple[int, int], ast.For | ast.AsyncFor] = {}
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node
            if isinstance(node, ast.expr):
                self._by_line.setdefault(node.lineno, []).append(node)
            elif isinstance(node, ast.For | ast.AsyncFor):
                self._loops[node.lineno, node.col_offset] = node
        self.constants = _constants(self.tree)

    def at(self, site: Site) -> ast.expr | None:
        """The expression at a site: the one with its very place, else the smallest that holds it."""
        around: list[ast.expr] = []
        last = (site.end_line or site.line, site.end_column or 0)
        first = (site.line, site.column or 0)
        for line in range(site.line, max(0, site.line - 60), -1):
            for node in self._by_line.get(line, ()):
                begin = (node.lineno, node.col_offset)
                end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
                if begin == first and end == last:
                    return node
                if begin <= first and end >= last:
                    around.append(node)
        return min(around, key=_size, default=None)

    def iterated(self, site: Site) -> ast.expr | None:
        """The expression that is walked over at a site, which may be that of the loop (up to Python 3.12)."""
        loop = self._loops.get((site.line, site.column or 0))
        if loop is not None and site.end_line == loop.end_lineno and site.end_column == loop.end_col_offset:
            return loop.iter
        node = self.at(site)
        if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
            # The first is walked over where the comprehension stands, the others inside of it.
            inside = site.function.rpartition(".")[2].startswith("<")
            found = node.generators[1:] if inside else node.generators[:1]
            return found[0].iter if len(found) == 1 else None
        handed = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _WALKING
        return node.args[0] if handed and isinstance(node, ast.Call) and node.args else node

    def ancestors(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """Pairs of (child, parent) from a node upwards, to the function that holds it."""
        while node in self.parents:
            parent = self.parents[node]
            yield node, parent
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                return
            node = parent

    def function(self, node: ast.AST) -> ast.AST:
        """The function around a node, or the module."""
        for _, parent in self.ancestors(node):
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                return parent
        return self.tree

    def block(self, statement: ast.stmt) -> Sequence[ast.stmt]:
        """The list of statements that a statement stands in."""
        parent = self.parents.get(statement)
        for name in ("body", "orelse", "finalbody", "handlers"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and statement in block:
                return block
        return [statement]


@lru_cache(maxsize=500)
def load_source(file: str) -> Source | None:
    """The source of a file, or ``None`` where there is none to be read."""
    path = Path(file)
    try:
        if not path.is_file() or path.stat().st_size > _MAX_SOURCE:
            return None
        import tokenize

        with tokenize.open(path) as text:
            return Source(text.read())
    except (OSError, SyntaxError, ValueError, RecursionError, UnicodeError):
        return None


def demand_on(source: Source, node: ast.expr, *, depth: int = 0) -> Demand | None:
    """What the code demands of the truth of an expression, or of one that it is a part of."""
    here: ast.expr = node
    for child, parent in source.ancestors(node):
        if isinstance(parent, ast.BoolOp | ast.UnaryOp | ast.Compare | ast.NamedExpr):
            here = parent if isinstance(parent, ast.expr) else here
        elif isinstance(parent, ast.Call):
            name = _called(parent)
            if child is parent.func or name in ("isinstance", "len", "bool", "int", "str", "all", "any", "issubclass"):
                here = parent
            elif _ASSERT_NAME.match(name.rpartition(".")[2]):
                return Demand(here, wanted=_DENIAL.search(name) is None)
            else:
                return None
        elif isinstance(parent, ast.Attribute | ast.Subscript | ast.Await):
            here = parent
        elif isinstance(parent, ast.Assert):
            return Demand(here, wanted=True) if child is parent.test else None
        elif isinstance(parent, ast.If):
            return _of_branches(source, here, parent) if child is parent.test else None
        elif isinstance(parent, ast.IfExp):
            return _of_choice(here, parent) if child is parent.test else None
        elif isinstance(parent, ast.Return):
            return Demand(here, wanted=True)
        elif isinstance(parent, ast.Assign | ast.AnnAssign):
            return _of_name(source, here, parent, depth)
        elif isinstance(parent, ast.keyword):
            return Demand(here, wanted=True) if _PASS_NAME.search(parent.arg or "") else None
        elif isinstance(parent, ast.Dict):
            key = parent.keys[parent.values.index(here)] if here in parent.values else None
            named = isinstance(key, ast.Constant) and _PASS_NAME.search(str(key.value))
            return Demand(here, wanted=True) if named else None
        elif isinstance(parent, ast.GeneratorExp | ast.ListComp | ast.comprehension):
            here = parent if isinstance(parent, ast.expr) else here
        else:
            return None
    return None


def chain_of(source: Source, branch: ast.If) -> list[ast.If]:
    """All ``if`` and ``elif`` of the block that holds one, in order: the ways that a test has."""
    parent = source.parents.get(branch)
    while isinstance(parent, ast.If) and parent.orelse == [branch]:
        branch, parent = parent, source.parents.get(parent)
    found: list[ast.If] = []
    for statement in source.block(branch):
        here: ast.stmt | None = statement
        while isinstance(here, ast.If):
            found.append(here)
            here = here.orelse[0] if len(here.orelse) == 1 else None
    return found


def _of_branches(source: Source, test: ast.expr, statement: ast.If) -> Demand | None:
    """Which branch of an ``if`` is the one that fails."""
    inside = ends(statement.body)
    if inside == "fail":
        return Demand(test, wanted=False)
    after = statement.orelse or _following(source, statement)
    outside = ends(after)
    if inside == "pass":
        return Demand(test, wanted=True, must=False, branch=statement)
    if outside == "fail" and (statement.orelse or _leaves(statement.body)):
        return Demand(test, wanted=True, must=False, branch=statement)
    if outside == "pass" and statement.orelse:
        return Demand(test, wanted=False)
    return None


def _following(source: Source, statement: ast.stmt) -> Sequence[ast.stmt]:
    block = source.block(statement)
    return block[list(block).index(statement) + 1 :]


def _leaves(block: Sequence[ast.stmt]) -> bool:
    return bool(block) and isinstance(block[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)


def _of_choice(test: ast.expr, choice: ast.IfExp) -> Demand | None:
    """``"PASS" if test else "FAIL"``."""
    good, bad = _value_says(choice.body), _value_says(choice.orelse)
    if good == "pass" or bad == "fail":
        return Demand(test, wanted=True)
    if good == "fail" or bad == "pass":
        return Demand(test, wanted=False)
    return None


def _of_name(source: Source, value: ast.expr, statement: ast.Assign | ast.AnnAssign, depth: int) -> Demand | None:
    """``ok = test``: what is demanded of the name afterwards."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    if not isinstance(target, ast.Name):
        says = isinstance(target, ast.Subscript) or _PASS_NAME.search(_name(target))
        return Demand(value, wanted=True) if says else None
    if depth < 3:
        for node in ast.walk(source.function(statement)):
            later = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id == target.id
            if later and isinstance(node, ast.Name) and node.lineno >= statement.lineno:
                found = demand_on(source, node, depth=depth + 1)
                if found is not None and _is_negation_of(found.expression, target.id) is not None:
                    negated = _is_negation_of(found.expression, target.id)
                    return Demand(value, wanted=found.wanted != negated, must=found.must)
    return Demand(value, wanted=True) if _PASS_NAME.search(target.id) else None


def _is_negation_of(expression: ast.expr, name: str) -> bool | None:
    """``False`` for ``name``, ``True`` for ``not name``, ``None`` for anything else."""
    if isinstance(expression, ast.Name) and expression.id == name:
        return False
    if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.Not):
        inner = _is_negation_of(expression.operand, name)
        return None if inner is None else not inner
    return None


def ends(block: Sequence[ast.stmt]) -> str:
    """What a block of statements means for the test: ``fail``, ``pass``, or empty where it does not say."""
    for statement in block:
        said = _says(statement)
        if said:
            return said
    return ""


def _says(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Raise):
        return "fail"
    if isinstance(statement, ast.Assert):
        value = statement.test
        return "fail" if isinstance(value, ast.Constant) and not value.value else ""
    if isinstance(statement, ast.Return):
        return _value_says(statement.value) if statement.value is not None else ""
    if isinstance(statement, ast.Expr):
        return _value_says(statement.value)
    if isinstance(statement, ast.AugAssign):
        return _name_says(_name(statement.target))
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        value = statement.value
        named = _name_says(_name(target))
        if isinstance(value, ast.Constant) and isinstance(value.value, bool):
            if named == "fail":
                return "fail" if value.value else "pass"
            if named == "pass" or isinstance(target, ast.Subscript):
                return "pass" if value.value else "fail"
            return ""
        if isinstance(target, ast.Subscript) or named:
            return _value_says(value)
    return ""


def _value_says(value: ast.expr | None) -> str:
    if isinstance(value, ast.Constant):
        if value.value is True:
            return "pass"
        if value.value is False:
            return "fail"
        return _text_says(value.value) if isinstance(value.value, str) else ""
    if isinstance(value, ast.JoinedStr):
        return _text_says(_text(value))
    if isinstance(value, ast.Tuple) and value.elts:
        return next((said for one in value.elts if (said := _value_says(one))), "")
    if isinstance(value, ast.Dict):
        for key, one in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and _name_says(str(key.value)):
                return _value_says(one)
        return ""
    if isinstance(value, ast.Await):
        return _value_says(value.value)
    if isinstance(value, ast.Call):
        return _call_says(value)
    return ""


def _call_says(call: ast.Call) -> str:
    name = _called(call)
    owner, _, last = name.rpartition(".")
    if last in ("exit", "_exit") or name in ("exit", "quit"):
        code = call.args[0] if call.args else None
        return "fail" if isinstance(code, ast.Constant) and code.value not in (0, None) else ""
    if last in ("print", "echo", "write", "info", "log", "debug"):
        return _text_says(" ".join(_text(one) for one in call.args))
    if last in ("error", "critical", "exception", "fatal"):
        return "fail"
    if last in ("append", "add", "extend", "update"):
        named = _name_says(owner)
        return named or next((said for one in call.args if (said := _value_says(one))), "")
    return _name_says(last)


def _name_says(name: str) -> str:
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name.rpartition(".")[2])
    if _FAIL_NAME.search(words):
        return "fail"
    return "pass" if _PASS_NAME.search(words) else ""


def _text_says(text: str) -> str:
    if _FAIL_TEXT.search(text):
        return "fail"
    return "pass" if _PASS_TEXT.search(text) else ""


def _text(value: ast.expr) -> str:
    return " ".join(
        one.value for one in ast.walk(value) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    )


def _called(call: ast.Call) -> str:
    return _name(call.func)


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return ""


def _size(node: ast.expr) -> tuple[int, int]:
    lines = (node.end_lineno or node.lineno) - node.lineno
    return (lines, (node.end_col_offset or 0) - node.col_offset if not lines else 0)


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Names that a module gives a value once, at its top."""
    found: dict[str, ast.expr] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                found[target.id] = statement.value
    return found
