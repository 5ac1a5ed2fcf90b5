"""Whether a contract's structure is that of the published meta-schema, told in words that name the place."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from zeues_contracts.consumers.forms.words import FormError, escape

__all__ = ["check_structure", "meta_schema", "meta_schema_text", "publish_schema"]


def meta_schema_text() -> str:
    """The text of the published meta-schema, as the package has it."""
    return (files("zeues_contracts.consumers") / "data" / "contract.schema.json").read_text("utf-8")


@lru_cache(maxsize=1)
def meta_schema() -> Mapping[str, Any]:
    """The published meta-schema of contract files (JSON Schema 2020-12)."""
    schema: Mapping[str, Any] = json.loads(meta_schema_text())
    return schema


def publish_schema(folder: Path) -> None:
    """Put the meta-schema beside contracts, where their first line tells editors to look; a current one stays."""
    from zeues_contracts.consumers.writing import SCHEMA_FILE
    from zeues_contracts.files import write_atomically

    target, text = folder / SCHEMA_FILE, meta_schema_text()
    try:
        if target.read_text("utf-8") == text:
            return
    except (OSError, UnicodeDecodeError):
        pass
    write_atomically(target, text)


@lru_cache(maxsize=1)
def _validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(dict(meta_schema()))


@lru_cache(maxsize=1)
def _quick() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(dict(meta_schema()))


def _quickly_valid(value: Any) -> bool:
    """Whether the fast validator takes a value; the other one has the words, and the last word."""
    try:
        return bool(_quick().is_valid(value))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return False


def check_structure(value: Any) -> None:
    """Raise :class:`FormError` for the first place, in the order of the file, that the meta-schema refuses."""
    if _quickly_valid(value):
        return
    errors = sorted(_validator().iter_errors(value), key=lambda one: (len(list(one.absolute_path)), str(one.validator)))
    if not errors:
        return
    raise _told(errors[0], value)


def _told(error: Any, whole: Any) -> FormError:
    path = [str(part) for part in error.absolute_path]
    pointer = "".join(f"/{escape(part)}" for part in path)
    where = path[-1] if path else "the contract"
    if path and path[-1].isdigit():
        where = f"{path[-2]}[{path[-1]}]" if len(path) > 1 else where
    keyword, given = error.validator, error.instance
    if keyword == "additionalProperties" and isinstance(given, Mapping):
        known = list(error.schema.get("properties", {}))
        unknown = next(str(key) for key in given if key not in known)
        near = difflib.get_close_matches(unknown, known, n=1)
        listed = ", ".join(one for one in known if one != "$schema")
        hint = f"did you mean `{near[0]}`? there are {listed}" if near else f"there are {listed}"
        return FormError(f"{pointer}/{escape(unknown)}", f"`{unknown[:60]}` is not known in `{where}`", hint)
    if keyword == "required" and isinstance(given, Mapping):
        missing = next(one for one in error.validator_value if one not in given)
        return FormError(pointer, f"`{missing}` is missing in `{where}`", _MISSING.get(missing, ""))
    if path and path[-1] == "status":
        for index, one in enumerate(given if isinstance(given, list) else ()):
            if not _is_status(one):
                pointer, given = f"{pointer}/{index}", one
                break
        return FormError(pointer, f"{_shown(given)} is no status", "as in 200, 4XX or [200, 409]")
    if keyword == "const" and path == ["version"]:
        return FormError(pointer, f"version {_shown(given)} of the format is not known", "this tool reads version 1")
    if keyword == "type":
        wanted = error.validator_value if isinstance(error.validator_value, str) else " or ".join(error.validator_value)
        text = f"`{where}` is {_kind(given)}, it has to be {_KINDS.get(wanted, wanted)}"
        return FormError(pointer, text, _hint(wanted, where))
    return FormError(pointer, f"`{where}`: {str(error.message)[:200]}")


def _is_status(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and 100 <= value <= 599
    return isinstance(value, str) and re.fullmatch(r"[1-5](?:[0-9]{2}|[xX]{2})", value) is not None


_MISSING = {
    "version": "begin the file with `version: 1`",
    "consumer": "name who sends and expects: `consumer: e2e-suite`",
    "interactions": "as in `interactions: [{id: health, operation: GET /health}]`",
    "id": "name the interaction, once in the file",
    "operation": "as in `operation: GET /things/{id}`, or an operationId",
}
_KINDS = {"object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number"}


def _hint(wanted: str, where: str) -> str:
    if wanted == "string":
        return "put it in quotes"
    return "as in `operation: GET /things`, `id: things`" if wanted == "object" and "interactions" in where else ""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "text" if isinstance(value, str) else f"a number ({value})"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
