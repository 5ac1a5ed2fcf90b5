"""Writing files whole or not at all, and the one JSON form in which values are kept."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from zeues_contracts.errors import UsageError

__all__ = ["canonical_json", "inside_project", "target_of", "write_atomically"]


def write_atomically(path: Path, data: bytes | str, *, follow: bool = True) -> None:
    """Write a file so that a reader, or a crash at any moment, meets the old content or the new, never a part.

    The content goes to a temporary file in the same folder, is flushed to disk, and replaces the target in one step
    (POSIX ``rename``). The mode of an existing file is kept. A symbolic link stays one and its target is written, where
    that is in the same project: a repository can hold links that its reader never saw. Without ``follow`` the link
    itself is replaced. What is no file (``/dev/null``, a pipe) is written to as it is. Raises :class:`UsageError` where
    it cannot be written.
    """
    import tempfile

    content = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    target = target_of(path, follow)
    try:
        if target.exists() and not target.is_file():
            # A device or a pipe (/dev/null, /dev/stdout) is written to; it must not be replaced by a file.
            with target.open("wb") as open_one:
                open_one.write(content)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, _mode_for(target))  # noqa: PTH101 - a name, not a Path, comes from mkstemp
            os.replace(name, target)  # noqa: PTH105
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)  # noqa: PTH108
            raise
        _sync_folder(target.parent)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, two spaces and a final newline: the same value gives the same bytes everywhere.

    Integers of any size and numbers keep their spelling as Python has them; raises :class:`UsageError` for what JSON
    cannot hold (NaN, infinities).
    """
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # Integers beyond 64 bits, lone surrogates: the standard library is slower and takes them.
        import json

        try:
            text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise UsageError(f"a value cannot be written as JSON: {error}") from None
        return text.encode("utf-8", "surrogatepass") + b"\n"


def target_of(path: Path, follow: bool = True) -> Path:
    """The file to replace: that of a link, if it may be followed. Raises :class:`UsageError` where it may not."""
    here = Path(os.path.realpath(path.parent)) / path.name
    if not follow or not here.is_symlink():
        return here
    target = Path(os.path.realpath(here))
    project = _project_of(here.parent)
    if not target.is_relative_to(project):
        raise UsageError(
            f"{path}: a symbolic link that leads out of {project}, which is not followed",
            hint=f"write to {target} by its own name, or remove the link",
        )
    return target


def inside_project(path: Path, root: str, setting: str) -> Path:
    """A file of ours that is named from the folder ``root``, refused where a link leads it out of the project.

    A repository can hold links that its reader never saw, of a folder as well as of a file. What is outside by its own
    name (``../shared/api.json``, an absolute path) is meant so, and let by. ``setting`` is the key of the configuration
    that could name it. Raises :class:`UsageError`.
    """
    base = Path(os.path.realpath(root or "."))
    project = _project_of(base)
    here = Path(root or ".").absolute()
    named = Path(os.path.normpath(path.absolute()))
    if named.is_relative_to(here):
        named = base / named.relative_to(here)
    if not named.is_relative_to(project):
        return path
    real = Path(os.path.realpath(named))
    if not real.is_relative_to(project):
        raise UsageError(
            f"{path}: a symbolic link leads out of {project}, to {real}, and is not followed",
            hint=f"give the real path as `{setting}` in the configuration, or remove the link",
        )
    return path


def _project_of(folder: Path) -> Path:
    """The nearest folder that is a repository or has a configuration, else the folder itself."""
    for one in (folder, *folder.parents):
        if any((one / name).exists() for name in (".git", "zeues-contracts.toml", "pyproject.toml")):
            return one
    return folder


def _mode_for(target: Path) -> int:
    try:
        if target.is_symlink():
            raise FileNotFoundError  # the link is replaced: the mode of what it leads to says nothing
        return target.stat().st_mode & 0o777
    except OSError:
        # mkstemp makes private files; a new file gets what open() would have given it.
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets folders be opened."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with contextlib.suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
