"""ZC2xx, drift: a newer document against an older one.

ZC201 to ZC209 operations and their life; ZC215 to ZC221 parameters; ZC225 to ZC230 request bodies; ZC231 to ZC242
responses; ZC245 to ZC252 security, servers, callbacks; ZC253 to ZC259 and ZC298, ZC299 of any place; ZC260 to ZC276
schemas of what the service takes; ZC280 to ZC297 schemas of what it gives.
"""

from __future__ import annotations

from zeues_contracts.rules.drift import messages, operations, requests, responses, shared
from zeues_contracts.rules.model import Rule

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (*operations.RULES, *messages.RULES, *shared.RULES, *requests.RULES, *responses.RULES),
        key=lambda entry: entry.code,
    )
)
