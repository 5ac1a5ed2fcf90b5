"""The first minute with a service: where it may be, what it may be called, and the configuration that says so."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import ServiceConfig

__all__ = ["configuration_text", "find_apps", "service_from", "service_name", "write_configuration"]

_SKIPPED = frozenset({"node_modules", "site-packages", "dist", "build", "__pycache__", "tests", "test", "docs"})
_MAX_FILES = 2000
_MAX_BYTES = 256 * 1024
# Only what is assigned at the top of a module can be named as MODULE:ATTRIBUTE.
_APP = re.compile(r"^(\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?:FastAPI|Starlette|Litestar|NinjaAPI|Quart)\(", re.MULTILINE)


def find_apps(folder: Path) -> tuple[str, ...]:
    """ASGI applications that the Python files of a project make at module level, as ``module:attribute``.

    The files are read as text, never imported; at most 2,000 of them, three folders deep. Those that lie nearest first.
    """
    found: list[tuple[int, str]] = []
    for file in _python_files(folder):
        try:
            text = file.read_text("utf-8") if file.stat().st_size <= _MAX_BYTES else ""
        except (OSError, UnicodeDecodeError):
            continue
        for match in _APP.finditer(text):
            inner = file.relative_to(folder).with_suffix("")
            parts = [part for part in inner.parts if part != "__init__"]
            if parts and all(part.isidentifier() for part in parts):
                found.append((len(parts), f"{'.'.join(parts)}:{match[1]}"))
    return tuple(name for _, name in sorted(set(found)))


def _python_files(folder: Path) -> Iterator[Path]:
    seen = 0
    for here, folders, files in os.walk(folder):
        depth = len(Path(here).relative_to(folder).parts)
        kept = [one for one in sorted(folders) if not one.startswith(".") and one not in _SKIPPED]
        # A virtual environment by whatever name has this file.
        folders[:] = [one for one in kept if not (Path(here) / one / "pyvenv.cfg").exists()] if depth < 3 else []
        for name in sorted(files):
            if name.endswith(".py"):
                seen += 1
                if seen > _MAX_FILES:
                    return
                yield Path(here) / name


def service_from(answer: str, folder: Path) -> ServiceConfig:
    """What a person means by a URL, a file or ``module:attribute``. Raises :class:`UsageError` for none of these."""
    from zeues_contracts.config import ServiceConfig
    from zeues_contracts.openapi.acquiring import is_url

    text = answer.strip()
    if is_url(text):
        return ServiceConfig(url=text)
    if text and (folder / text).is_file():
        return ServiceConfig(document=text)
    if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(\))?", text):
        return ServiceConfig(app=text)
    if re.fullmatch(r"[A-Za-z0-9.-]+:[0-9]{1,5}(?:/\S*)?", text):
        return ServiceConfig(url=f"http://{text}")
    raise UsageError(
        f"{text[:80]!r} is no URL, no file and no MODULE:APP",
        hint="give for instance http://127.0.0.1:8000/docs, main:app or openapi.json",
    )


def service_name(title: str) -> str:
    """A name for a service, from its document's title: lower case, dashes, at most 40 characters."""
    words = re.findall(r"[a-z0-9]+", title.lower())
    while len(words) > 1 and words[-1] in ("api", "service", "app", "backend", "server"):
        words.pop()
    name = "-".join(words)[:40].strip("-")
    return name if name and name != "fastapi" else "service"


def configuration_text(name: str, service: ServiceConfig, preset: str, *, first: bool) -> str:
    """The TOML of a service's table; ``first`` adds what stands at the top of a new file."""
    lines = []
    if first:
        lines += ["# What zeues-contracts checks here; `zeues-contracts config show` prints all that is in force."]
        if preset != "default":
            lines.append(f"preset = {_toml(preset)}")
        lines.append("")
    lines.append(f"[services.{name}]")
    for key in ("url", "app", "document"):
        value = getattr(service, key)
        if value:
            lines.append(f"{key} = {_toml(value)}")
    if service.headers:
        inner = ", ".join(f"{_toml(key)} = {_toml(value)}" for key, value in service.headers.items())
        lines.append(f"headers = {{ {inner} }}")
    return "\n".join(lines) + "\n"


def write_configuration(file: Path, name: str, text: str) -> None:
    """Write a new configuration, or add a service to one. Raises :class:`UsageError` where it is there already."""
    from zeues_contracts.config import load_config
    from zeues_contracts.files import write_atomically

    if not file.exists():
        write_atomically(file, text)
        return
    if name in load_config(file).services:
        raise UsageError(f"{file}: service {name!r} is there already", hint="give --name for another one")
    before = file.read_text("utf-8")
    write_atomically(file, before.rstrip("\n") + "\n\n" + text)


def _toml(value: Any) -> str:
    """A basic string (TOML 1.0, String): JSON's escapes are among TOML's, save for DEL, which must be escaped."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007F")
