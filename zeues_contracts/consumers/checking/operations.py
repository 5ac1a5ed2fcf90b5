"""Which documented operation an interaction means, or what is near it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from zeues_contracts.consumers.checking.model import Problem
from zeues_contracts.consumers.model import Interaction
from zeues_contracts.findings import Level
from zeues_contracts.openapi.matching import Match, all_matches, known_methods
from zeues_contracts.openapi.model import Document, Operation, OperationKey

__all__ = ["Found", "find_operation"]


@dataclass(frozen=True, slots=True)
class Found:
    """The operation of an interaction, with the path values of a concrete path; or why there is none."""

    operation: Operation | None = None
    path_values: Mapping[str, str] = field(default_factory=dict)
    problem: Problem | None = None


def find_operation(
    document: Document, interaction: Interaction, fits: Callable[[Match], bool] | None = None, *, prefix: str = ""
) -> Found:
    """The operation that an interaction names: by operationId, by template, or by a concrete path.

    Where a concrete path may mean several templates, the first whose parameters take its values is meant (``fits``).
    ``prefix`` is the path of the service's base URL, below which the document's paths lie.
    """
    method, blank, path = interaction.operation.partition(" ")
    if not blank:
        named = next((one for one in document.operations.values() if one.operation_id == method), None)
        return Found(named) if named is not None else Found(problem=_unknown_id(document, method))
    path = path.partition("?")[0].partition("#")[0]
    found = _below(document, interaction, method, path, fits)
    if found.operation is None and prefix and path.startswith(f"{prefix}/"):
        below = _below(document, interaction, method, path[len(prefix) :], fits)
        return below if below.operation is not None else found
    return found


def _below(
    document: Document, interaction: Interaction, method: str, path: str, fits: Callable[[Match], bool] | None
) -> Found:
    key = OperationKey(method.upper(), re.sub(r"\{[^{}/]*\}", "{}", path))
    if key in document.keys:
        return Found(document.operation(key))
    if "{" in path:
        # The template of a contract, below the path of a server: compared as templates are.
        shaped = re.sub(r"\{[^{}/]*\}", "{x}", path)
        matches = [one for one in all_matches(document, method, shaped) if _same_shape(one, path)]
        if matches:
            return Found(matches[0].operation)
        return Found(problem=_unknown(document, interaction, method, path))
    matches = list(all_matches(document, method, path))
    if not matches:
        return Found(problem=_unknown(document, interaction, method, path))
    best = next((one for one in matches if fits is None or fits(one)), matches[0])
    return Found(best.operation, best.path)


def _same_shape(match: Match, path: str) -> bool:
    return match.operation.path.count("{") == path.count("{")


def _unknown_id(document: Document, name: str) -> Problem:
    names = [one.operation_id for one in document.operations.values() if one.operation_id]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return Problem(
        "ZC301",
        f"calls the operationId `{name[:100]}`, which no operation has",
        name,
        "/operation",
        hint=f"did you mean `{near[0]}`?" if near else "write `METHOD /path` where an operation has no operationId",
    )


def _unknown(document: Document, interaction: Interaction, method: str, path: str) -> Problem:
    # An interaction that expects 404 or 405 of a path that is not there gets what it expects.
    statuses = interaction.expect.statuses
    level = Level.INFO if statuses and all(one in ("404", "405", "4XX") for one in statuses) else None
    methods = known_methods(document, re.sub(r"\{[^{}/]*\}", "x", path))
    if methods:
        listed = " and ".join([", ".join(methods[:-1]), methods[-1]] if len(methods) > 1 else methods)
        return Problem(
            "ZC302",
            f"calls {method} {path}; the path has {listed}",
            f"{method} {path}",
            "/operation",
            hint=f"did you mean {methods[0]} {path}?" if len(methods) == 1 else "",
            level=level,
        )
    near = _nearest(document, method, path)
    return Problem(
        "ZC301",
        f"calls {method} {path}, which is not documented",
        f"{method} {path}",
        "/operation",
        hint=f"the nearest that is documented: {near}" if near else "",
        level=level,
    )


def _nearest(document: Document, method: str, path: str) -> str:
    """The most similar operation; segments count, and the method breaks ties."""
    shaped = re.sub(r"\{[^{}/]*\}", "{}", path)
    best: tuple[float, str] = (0.0, "")
    for key, (template, verb) in list(document.keys.items())[:5000]:
        ratio = difflib.SequenceMatcher(None, shaped.lower(), _filled(key.path, shaped).lower()).ratio()
        score = ratio + (0.02 if verb.upper() == method.upper() else 0.0)
        if score > best[0]:
            best = (score, f"{verb.upper()} {template}")
    return best[1] if best[0] >= 0.6 else ""


def _filled(template: str, path: str) -> str:
    """A template with the segments of a concrete path where it has parameters, so that values do not count."""
    ours, theirs = template.split("/"), path.split("/")
    if len(ours) != len(theirs):
        return template
    return "/".join(two if one == "{}" else one for one, two in zip(ours, theirs, strict=True))
