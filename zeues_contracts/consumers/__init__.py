"""What consumers send and expect: the contract format, the static check, impact, import and export."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeues_contracts.consumers.checking import check_contracts
    from zeues_contracts.consumers.merging import merge_contracts
    from zeues_contracts.consumers.model import Contract, Expectation, Interaction, Payload, RequestSpec
    from zeues_contracts.consumers.reading import parse_contract, read_contract, read_contracts
    from zeues_contracts.consumers.writing import write_contract

__all__ = [
    "Contract",
    "Expectation",
    "Interaction",
    "Payload",
    "RequestSpec",
    "check_contracts",
    "merge_contracts",
    "parse_contract",
    "read_contract",
    "read_contracts",
    "write_contract",
]

# Name -> module: imported on first use (PEP 562).
_HOMES = {
    "Contract": "model",
    "Expectation": "model",
    "Interaction": "model",
    "Payload": "model",
    "RequestSpec": "model",
    "check_contracts": "checking",
    "merge_contracts": "merging",
    "parse_contract": "reading",
    "read_contract": "reading",
    "read_contracts": "reading",
    "write_contract": "writing",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
