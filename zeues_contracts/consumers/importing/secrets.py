"""Secrets out of what is imported, before anything is written: what stood there comes from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zeues_contracts.consumers.forms.shortening import literal, written_name
from zeues_contracts.redact import PLACEHOLDER, is_secret_parameter, redact_json, redact_text

__all__ = ["clean_form", "clean_header", "clean_text", "variable"]


def variable(name: str) -> str:
    """The environment variable that a secret of this name is taken from: ``x-api-key`` → ``X_API_KEY``."""
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").upper()
    return plain if plain and not plain[0].isdigit() else f"SECRET_{plain}".rstrip("_")


def clean_header(name: str, value: str) -> str:
    """The form of a header's value: a secret one by its variable, ``Authorization`` with its scheme kept."""
    lower = name.lower()
    if lower in ("authorization", "proxy-authorization"):
        scheme, blank, _ = value.strip().partition(" ")
        return f"{scheme} ${{TOKEN}}" if blank and scheme.isalpha() else "$env:TOKEN"
    if is_secret_parameter(name):
        return f"$env:{variable(name)}"
    return clean_text(name, value)


def clean_text(name: str, value: str) -> str:
    """The form of a text that goes by a name (a query parameter, a cookie)."""
    if is_secret_parameter(name) and value:
        return f"$env:{variable(name)}"
    clean = redact_text(value)
    return f"$env:{variable(name)}" if PLACEHOLDER in clean and PLACEHOLDER not in value else str(literal(clean))


def clean_form(value: Any, name: str = "secret") -> Any:
    """The form of a JSON value that is sent: itself, secrets by their variables."""
    return _form(value, redact_json(value), name)


def _form(value: Any, clean: Any, name: str) -> Any:
    if isinstance(value, Mapping) and isinstance(clean, Mapping):
        form: dict[str, Any] = {}
        for key, one in value.items():
            shown, two = (key, clean[key]) if key in clean else next(iter(redact_json({key: one}).items()))
            form[_free(written_name(str(shown)), form)] = _form(one, two, str(key))
        return form
    if isinstance(value, list) and isinstance(clean, list):
        return [_form(one, two, name) for one, two in zip(value, clean, strict=True)]
    if value == clean:
        return literal(value)
    return f"$env:{variable(name)}" if isinstance(value, str) else literal(clean)


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """A name that nothing has yet: names that are secrets themselves all become the same placeholder."""
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3))) if one not in taken)
