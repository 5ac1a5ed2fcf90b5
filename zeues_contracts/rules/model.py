"""What a rule is, and the kinds of example that prove it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zeues_contracts.findings import Cause, Finding, Level

__all__ = [
    "ContractExample",
    "DriftExample",
    "Example",
    "ExchangeExample",
    "HistoryExample",
    "PreflightExample",
    "Rule",
]


@dataclass(frozen=True, slots=True)
class DriftExample:
    """Two documents, as YAML text; the rule fires on ``old`` → ``new`` and not on either with itself."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ContractExample:
    """A document and a contract, both as YAML text; the rule fires when the contract is checked against it."""

    document: str
    contract: str


@dataclass(frozen=True, slots=True)
class ExchangeExample:
    """A document (YAML) and exchanges; the rule fires when they are judged.

    Each exchange is a mapping with ``method``, ``path``, ``status`` and optionally ``request_body``, ``body``,
    ``headers``, ``error``.
    """

    document: str
    exchanges: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PreflightExample:
    """What a URL answered on the way to the document: ``(url, status, body)`` each; or the document text alone."""

    answers: tuple[tuple[str, int, str], ...] = ()
    document: str = ""


@dataclass(frozen=True, slots=True)
class HistoryExample:
    """A snapshot's text, its ledger's lines and its waivers' text, on which the rule fires.

    ``live`` is the live document (YAML) where drift has a part in it, ``journal`` what a run that was cut off left.
    """

    snapshot: str = ""
    ledger: str = ""
    waivers: str = ""
    live: str = ""
    journal: str = ""


Example = DriftExample | ContractExample | ExchangeExample | PreflightExample | HistoryExample


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the catalogue.

    ``why`` says why it matters, ``mend`` what to do; both are sentences that ``explain`` prints. ``strict`` and
    ``tolerant`` are the levels of the presets where they differ from the default. ``example`` is run as a test.
    """

    code: str
    slug: str
    title: str
    level: Level
    cause: Cause
    why: str
    mend: str
    example: Example | None = None
    strict: Level | None = None
    tolerant: Level | None = None

    def level_in(self, preset: str) -> Level:
        """The level under a preset: ``default``, ``strict`` or ``tolerant-reader``."""
        if preset == "strict" and self.strict is not None:
            return self.strict
        if preset == "tolerant-reader" and self.tolerant is not None:
            return self.tolerant
        return self.level

    def finding(self, message: str, **fields: Any) -> Finding:
        """A finding of this rule at its default level; the configuration adjusts levels afterwards."""
        level = fields.pop("level", self.level)
        return Finding(rule=self.code, level=level, cause=self.cause, message=message, **fields)
