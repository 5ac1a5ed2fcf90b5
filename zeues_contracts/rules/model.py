"""What a rule is, and the kinds of example that prove it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

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


class DriftExample(msgspec.Struct, frozen=True):
    """Two documents, as YAML text; the rule fires on ``old`` → ``new`` and not on either with itself."""

    old: str
    new: str


class ContractExample(msgspec.Struct, frozen=True):
    """A document and a contract, both as YAML text; the rule fires when the contract is checked against it."""

    document: str
    contract: str


class ExchangeExample(msgspec.Struct, frozen=True):
    """A document (YAML) and exchanges; the rule fires when they are judged.

    Each exchange is a mapping with ``method``, ``path``, ``status`` and optionally ``request_body``, ``body``,
    ``headers``, ``error``.
    """

    document: str
    exchanges: tuple[Mapping[str, Any], ...]


class PreflightExample(msgspec.Struct, frozen=True):
    """What a URL answered on the way to the document: ``(url, status, body)`` each; or the document text alone."""

    answers: tuple[tuple[str, int, str], ...] = ()
    document: str = ""


class HistoryExample(msgspec.Struct, frozen=True):
    """A snapshot's text, its ledger's lines and its waivers' text, on which the rule fires.

    ``live`` is the live document (YAML) where drift has a part in it, ``journal`` what a run that was cut off left.
    """

    snapshot: str = ""
    ledger: str = ""
    waivers: str = ""
    live: str = ""
    journal: str = ""


Example = DriftExample | ContractExample | ExchangeExample | PreflightExample | HistoryExample


class Rule(msgspec.Struct, frozen=True):
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
