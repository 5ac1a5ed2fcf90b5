"""What commands about contracts are given by name: services, files of contracts, and consumers."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.consumers import Contract

__all__ = ["Named", "contract_named", "sorted_names"]

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


@dataclass(frozen=True, slots=True)
class Named:
    """Names by what they are; each of them in the order given."""

    services: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    consumers: tuple[str, ...] = ()


def sorted_names(names: Sequence[str], config: Config) -> Named:
    """What each name is of: a configured service, a file, or a consumer. Raises :class:`UsageError` for none of them.

    A service is meant before a file of the same name. Without a configuration the first name that is neither a file nor
    a consumer is what the service is to be called.
    """
    services: list[str] = []
    files: list[Path] = []
    consumers: list[str] = []
    known: list[str] | None = None
    for name in dict.fromkeys(names):
        if name in config.services:
            services.append(name)
        elif Path(name).is_file():
            files.append(Path(name))
        else:
            known = list(dict.fromkeys(one.consumer for one in _configured(config))) if known is None else known
            if name in known:
                consumers.append(name)
            elif _is_like_path(name):
                files.append(Path(name))  # that it is not there is told where it is read
            elif config.services:
                raise _unknown(name, (*config.services, *known))
            else:
                services.append(name)
    return Named(tuple(services), tuple(files), tuple(consumers))


def contract_named(name: str, config_file: Path | None) -> Contract:
    """The contract of a file, else the one of a consumer or of a service. Raises :class:`UsageError`."""
    from zeues_contracts.config import load_config
    from zeues_contracts.consumers import read_contract

    if Path(name).is_file():
        return read_contract(Path(name))
    config = load_config(config_file)
    every = _configured(config)
    found = [one for one in every if one.consumer == name]
    if not found and name in config.services:
        found = [one for one in every if one.service in ("", name)]
        if not found:
            raise UsageError(f"no consumer has a contract about {name}", hint="`zeues-contracts contracts list`")
    if not found and _is_like_path(name):
        return read_contract(Path(name))  # which tells that it is not there
    if not found:
        raise _unknown(name, (*(one.consumer for one in every), *config.services))
    if len(found) > 1:
        raise UsageError(f"which contract of {name}? there are {len(found)}", hint=f"name the file: {_files(found)}")
    return found[0]


def _is_like_path(name: str) -> bool:
    return "/" in name or "\\" in name or Path(name).suffix.lower() in _SUFFIXES


def _configured(config: Config) -> list[Contract]:
    """The contracts of all services, each file once; without a configuration those that are where they usually are."""
    from zeues_contracts.consumers import read_contracts

    found: dict[str, Contract] = {}
    for service in config.services or ("",):
        for one in read_contracts(config, service):
            found.setdefault(one.source, one)
    return list(found.values())


def _files(contracts: Iterable[Contract]) -> str:
    return ", ".join(one.source for one in contracts)


def _unknown(name: str, known: Sequence[str]) -> UsageError:
    listed = list(dict.fromkeys(known))
    near = difflib.get_close_matches(name, listed, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(listed[:20])}" if listed else ""
    return UsageError(
        f"there is no service, consumer or file {name[:100]!r}", hint=hint or "name the file of a contract"
    )
