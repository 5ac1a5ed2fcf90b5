"""The static check: does each consumer fit what the document promises? No request is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from zeues_contracts.consumers.checking.findings import Noted, findings_of
from zeues_contracts.consumers.checking.model import Problem, Scene, remembering
from zeues_contracts.consumers.model import Contract, Interaction
from zeues_contracts.findings import Finding
from zeues_contracts.openapi.model import Document

if TYPE_CHECKING:
    from zeues_contracts.config import ServiceConfig

__all__ = ["check_contracts", "interaction_problems"]


def check_contracts(
    contracts: Sequence[Contract],
    document: Document,
    *,
    service: str = "",
    settings: ServiceConfig | None = None,
    added: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """What of the contracts the document does not promise, as findings at their rules' default levels.

    Requests have to be accepted; documented answers have to be ones that are expected. The same thing wrong in several
    interactions of one consumer is one finding that hits them all. ``settings`` tells which headers the configuration
    adds to every request, ``added`` names others that go with each. Levels of a configuration are applied by
    ``levels.apply_levels``.
    """
    headers = frozenset(name.lower() for name in (*(settings.headers if settings is not None else ()), *added))
    prefix = urlsplit(settings.base_url).path.rstrip("/") if settings is not None else ""
    noted: list[Noted] = []
    with remembering():
        for contract in contracts:
            for interaction in contract.interactions:
                operation, problems = interaction_problems(interaction, document, headers=headers, prefix=prefix)
                noted += [(contract, interaction, operation, problem) for problem in problems]
    return findings_of(noted, document, service)


def interaction_problems(
    interaction: Interaction, document: Document, *, headers: frozenset[str] = frozenset(), prefix: str = ""
) -> tuple[str, tuple[Problem, ...]]:
    """The documented operation of an interaction (``METHOD /path``, empty where there is none) and its problems."""
    from zeues_contracts.consumers.checking.operations import find_operation
    from zeues_contracts.consumers.checking.parameters import value_fits
    from zeues_contracts.openapi.matching import Match

    def fits(match: Match) -> bool:
        parameters = {one.name: one for one in match.operation.parameters if one.location == "path"}
        return all(name not in parameters or value_fits(parameters[name], one) for name, one in match.path.items())

    found = find_operation(document, interaction, fits, prefix=prefix)
    if found.operation is None:
        return "", (found.problem,) if found.problem is not None else ()
    scene = Scene(document, interaction, found.operation, found.path_values, headers)
    return scene.name, tuple(_problems(scene))


def _problems(scene: Scene) -> Iterator[Problem]:
    from zeues_contracts.consumers.checking.answers import answer_problems
    from zeues_contracts.consumers.checking.bodies import body_problems
    from zeues_contracts.consumers.checking.parameters import parameter_problems
    from zeues_contracts.consumers.checking.security import security_problems

    if scene.operation.deprecated:
        sunset = scene.operation.raw.get("x-sunset")
        yield Problem(
            "ZC303",
            "uses a deprecated operation" + (f", which ends on {sunset}" if sunset else ""),
            "deprecated",
            "/operation",
            document=scene.operation.pointer,
            hint="move to what replaces it",
            side="operation",
            path="deprecated",
        )
    yield from security_problems(scene)
    yield from parameter_problems(scene)
    yield from body_problems(scene)
    yield from answer_problems(scene)
