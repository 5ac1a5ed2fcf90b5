"""Levels as the configuration sets them: presets, then rules, services and operations, the narrowest setting winning.

From the weakest to the strongest: the preset's level of the rule, ``levels`` of the configuration, ``levels`` of the
service, ``operation-levels`` of the service. A finding of several operations takes an operation's level only where all
of its operations have one, and then the worst of them: silencing one operation silences nobody else's finding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from zeues_contracts.config import Config, ServiceConfig
from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Finding, Level
from zeues_contracts.rules import all_rules, rule

__all__ = ["apply_levels", "check_levels", "level_of"]


def apply_levels(findings: Sequence[Finding], config: Config, service: str = "") -> tuple[Finding, ...]:
    """The findings at the levels of the configuration, in their order; those that are ``off`` are left out.

    ``service`` is the service of findings that name none. A level that a finding got on purpose (other than its rule's
    default) is kept under the presets; an explicit setting wins over it. Raises :class:`UsageError` for a rule that
    does not exist.
    """
    check_levels(config)
    tables: dict[str, _Levels] = {}
    kept = []
    for finding in findings:
        name = finding.service or service
        table = tables.get(name)
        if table is None:
            table = tables[name] = _Levels(config, config.services.get(name))
        level = table.of(finding)
        if level is not Level.OFF:
            kept.append(finding if level is finding.level else finding.with_(level=level))
    return tuple(kept)


def level_of(code: str, config: Config, service: str = "", operation: str = "") -> Level:
    """The level that a rule has for a service and an operation (both may be empty)."""
    entry = rule(code)
    operations = (operation,) if operation else ()
    probe = Finding(entry.code, entry.level, entry.cause, "", service, operations)
    return _Levels(config, config.services.get(service)).of(probe)


def check_levels(config: Config) -> None:
    """Refuse levels of rules that do not exist, with the nearest one that does."""
    tables: list[tuple[str, Mapping[str, str]]] = [("levels", config.levels)]
    for name, service in config.services.items():
        tables.append((f"services.{name}.levels", service.levels))
        tables += [
            (f'services.{name}.operation-levels."{operation}"', table)
            for operation, table in service.operation_levels.items()
        ]
    for place, table in tables:
        for key in table:
            _code(key, place, config.source)


class _Levels:
    """The settings for one service, rules by code and operations by their normalised name."""

    def __init__(self, config: Config, service: ServiceConfig | None) -> None:
        self.preset = config.preset
        self.by_rule = {_code(key): Level(value) for key, value in config.levels.items()}
        self.by_operation: dict[str, dict[str, Level]] = {}
        if service is not None:
            self.by_rule |= {_code(key): Level(value) for key, value in service.levels.items()}
            for operation, table in service.operation_levels.items():
                levels = self.by_operation.setdefault(_normal(operation), {})
                levels |= {_code(key): Level(value) for key, value in table.items()}

    def of(self, finding: Finding) -> Level:
        code = finding.rule
        general = self.by_rule.get(code)
        if general is None:
            general = self._preset_level(finding)
        if not self.by_operation or not finding.operations:
            return general
        levels = [self.by_operation.get(_normal(one), {}).get(code) for one in finding.operations]
        if all(level is None for level in levels):
            return general
        return max((general if level is None else level for level in levels), key=lambda level: level.rank)

    def _preset_level(self, finding: Finding) -> Level:
        try:
            entry = rule(finding.rule)
        except KeyError:
            return finding.level
        return entry.level_in(self.preset) if finding.level is entry.level else finding.level


def _code(key: str, place: str = "levels", source: str = "") -> str:
    try:
        return rule(key).code
    except KeyError:
        import difflib

        names = [name for entry in all_rules() for name in (entry.code, entry.slug)]
        near = difflib.get_close_matches(key.strip(), names, n=1) or difflib.get_close_matches(
            key.strip().upper(), names, n=1
        )
        hint = f"did you mean `{near[0]}`?" if near else "`zeues-contracts rules` lists them"
        where = f"{source}: " if source else ""
        raise UsageError(f"{where}`{place}`: there is no rule `{key[:60]}`", hint=hint) from None


def _normal(operation: str) -> str:
    """Method in upper case, path parameters nameless: ``GET /a/{}`` (OpenAPI 3.1, 4.8.8)."""
    method, _, path = operation.strip().partition(" ")
    return f"{method.upper()} {re.sub(r'{[^{}/]*}', '{}', path.strip())}"
