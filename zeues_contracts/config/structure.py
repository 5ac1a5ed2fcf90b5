"""What the configuration's types allow at a place: keys, leaves, the names that environment variables have."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from zeues_contracts.config.model import Config, ServiceConfig

__all__ = [
    "OWN_FIELDS",
    "PREFIX",
    "SERVICE_NAME",
    "Path",
    "dotted",
    "env_name",
    "keys_of",
    "leaves",
    "place_of_key",
    "struct_at",
]

Path = tuple[str, ...]

PREFIX = "ZEUES_CONTRACTS_"
SERVICE_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""How a service may be called: the name is part of file names."""
OWN_FIELDS = frozenset({"root", "source"})
"""Fields of :class:`Config` that are found out, not written."""


def dotted(path: Path) -> str:
    """A path as it is written in messages and in TOML: ``services.shop.fuzz.seconds``; odd keys are quoted."""
    import json

    return ".".join(
        part if part and all(one.isalnum() or one in "-_" for one in part) and part.isascii() else json.dumps(part)
        for part in path
    )


def env_name(path: Path) -> str:
    """The environment variable of a place: ``ZEUES_CONTRACTS_LIMITS_MAX_BYTES``."""
    return PREFIX + "_".join("".join(one if one.isalnum() else "_" for one in part) for part in path).upper()


def keys_of(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """The keys of a table as they are written, with their types."""
    return {
        field.encode_name: field.type
        for field in msgspec.structs.fields(struct)
        if not (struct is Config and field.name in OWN_FIELDS)
    }


def struct_at(kind: Any) -> type[msgspec.Struct] | None:
    """The table type of a value's type, ``None`` where it is no table of ours."""
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def place_of_key(key: str) -> list[str]:
    """The tables in which a key would be right, as they are written."""
    found = []
    for path, struct in _tables(Config, ()):
        if key in keys_of(struct):
            found.append(f"[{dotted(path)}]" if path else "the top level")
    return found


def leaves(services: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Every place that holds one value or a list of texts, with its type, for the services named."""
    yield from _leaves(Config, ())
    for name in services:
        yield from _leaves(ServiceConfig, ("services", name))


def bare(kind: Any) -> Any:
    """A type without its annotations: ``float`` of ``Annotated[float, ...]``."""
    return typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind


def _leaves(struct: type[msgspec.Struct], path: Path) -> Iterator[tuple[Path, Any]]:
    for key, kind in keys_of(struct).items():
        inner = struct_at(kind)
        if inner is not None:
            yield from _leaves(inner, (*path, key))
            continue
        kind = bare(kind)
        origin = typing.get_origin(kind)
        is_list = origin is list and struct_at(typing.get_args(kind)[0]) is None
        if kind in (str, int, float, bool) or origin in (typing.Literal, types.UnionType) or is_list:
            yield (*path, key), kind


def _tables(struct: type[msgspec.Struct], path: Path) -> Iterator[tuple[Path, type[msgspec.Struct]]]:
    yield path, struct
    for key, kind in keys_of(struct).items():
        inner = struct_at(kind)
        if inner is None and key == "services":
            yield from _tables(ServiceConfig, ("services", "NAME"))
        elif inner is not None:
            yield from _tables(inner, (*path, key))
