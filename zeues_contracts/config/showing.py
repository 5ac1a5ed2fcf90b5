"""What is in force as TOML, each value with the place that it came from. Secrets are replaced."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from zeues_contracts.config.loading import Resolved
from zeues_contracts.config.structure import Path, dotted, keys_of
from zeues_contracts.redact import redact_headers, redact_url

__all__ = ["Value", "values_in_force"]

DEFAULT = "default"


class Value(msgspec.Struct, frozen=True):
    """One key: its table and name as written in TOML, its value as JSON values and as TOML text, and its origin."""

    path: Path
    value: Any
    text: str
    origin: str


def values_in_force(resolved: Resolved) -> list[Value]:
    """Every key of the configuration, tables in the order of the types."""
    return list(_values(resolved.config, (), resolved.origins))


def _values(table: Any, path: Path, origins: Mapping[Path, str]) -> Iterator[Value]:
    """The keys of a table first, then its tables: the order that TOML asks for."""
    inner: list[tuple[Path, Any]] = []
    for key in keys_of(type(table)):
        value = getattr(table, key.replace("-", "_"))
        here = (*path, key)
        if isinstance(value, msgspec.Struct) or (isinstance(value, Mapping) and value):
            inner.append((here, value))
        else:
            yield _value(here, value, origins)
    for here, value in inner:
        yield from (
            _values(value, here, origins) if isinstance(value, msgspec.Struct) else _mapping(value, here, origins)
        )


def _mapping(table: Mapping[str, Any], path: Path, origins: Mapping[Path, str]) -> Iterator[Value]:
    simple = {key: value for key, value in table.items() if not isinstance(value, msgspec.Struct | Mapping)}
    for key, value in simple.items():
        shown = redact_headers(((key, str(value)),))[0][1] if path[-1] == "headers" else value
        yield _value((*path, key), shown, origins)
    for key, value in table.items():
        if key not in simple:
            here = (*path, key)
            yield from (
                _values(value, here, origins) if isinstance(value, msgspec.Struct) else _mapping(value, here, origins)
            )


def _value(path: Path, value: Any, origins: Mapping[Path, str]) -> Value:
    if isinstance(value, str) and "://" in value:
        value = redact_url(value)
    plain = msgspec.to_builtins(value)
    return Value(path, plain, _toml(plain), _origin(path, origins))


def _origin(path: Path, origins: Mapping[Path, str]) -> str:
    for length in range(len(path), 0, -1):
        if path[:length] in origins:
            return origins[path[:length]]
    return DEFAULT


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's; what JSON leaves as it is and TOML refuses is written as an escape as well.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{dotted((str(key),))} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return '""' if value is None else str(value)
