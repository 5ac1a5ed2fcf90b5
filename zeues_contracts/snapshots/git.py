"""Documents out of git revisions.

git is run without a shell, and a revision never becomes an argument that could be an option: it is refused if it begins
with a dash, and git is told that options have ended. What is read from it is an object name that git gave itself.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from zeues_contracts.config import Config
    from zeues_contracts.openapi.model import Document

__all__ = [
    "Commit",
    "commits_of",
    "git_document",
    "identity",
    "in_revision",
    "is_git_spec",
    "is_repo",
    "merge_base",
    "resolve_revision",
    "show",
    "show_file",
    "snapshot_at",
    "staged",
    "versions_of",
]

_SECONDS = 30
_MAX_BYTES = 32 * 1024 * 1024
_SPEC = re.compile(r"[^:/\\][^:]*:[^:].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its object name, author (name alone), time (ISO 8601 with offset) and first line."""

    id: str
    author: str
    time: str
    subject: str


def is_repo(folder: Path) -> bool:
    """Whether a folder is inside of a git working tree."""
    try:
        return _run(["rev-parse", "--is-inside-work-tree"], folder).stdout.strip() == b"true"
    except UsageError:
        return False


def is_git_spec(spec: str) -> bool:
    """Whether a text has the shape ``REV:path``; a URL, a drive and the name of a file that exists do not."""
    if "://" in spec or not _SPEC.fullmatch(spec) or re.match(r"[A-Za-z]:[\\/]", spec):
        return False
    try:
        return not Path(spec).exists()
    except (OSError, ValueError):
        return False


def resolve_revision(revision: str, cwd: Path | None = None) -> str:
    """The object name of a revision's commit.

    ``A...B`` is the merge base of both, ``A...`` that of A and HEAD: what a pull request branched off from. Raises
    :class:`UsageError` with what to do for a revision that is not there.
    """
    _check_revision(revision)
    if "..." in revision:
        left, _, right = revision.partition("...")
        return merge_base(left or "HEAD", right or "HEAD", cwd)
    done = _run(["rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"], cwd)
    name = done.stdout.decode("ascii", "replace").strip()
    if done.returncode or not re.fullmatch(r"[0-9a-f]{40,64}", name):
        raise _no_revision(revision, cwd)
    return name


def merge_base(left: str, right: str = "HEAD", cwd: Path | None = None) -> str:
    """The object name of the best common ancestor of two revisions. Raises :class:`UsageError` where there is none."""
    names = [resolve_revision(one, cwd) for one in (left, right)]
    done = _run(["merge-base", *names], cwd)
    name = done.stdout.decode("ascii", "replace").split()
    if done.returncode or not name:
        raise UsageError(
            f"{left} and {right} have no common ancestor that git knows here",
            hint="in a shallow clone fetch the history: git fetch --unshallow (actions/checkout: fetch-depth: 0)",
        )
    return name[0]


def show(revision: str, path: str, cwd: Path | None = None, *, limit: int = _MAX_BYTES) -> bytes:
    """The bytes of a file in a revision, at most ``limit``.

    ``path`` is from the top of the repository, or from ``cwd`` when it begins with ``./`` or ``../``, as in git.
    Raises :class:`UsageError` for a revision or file that is not there.
    """
    commit = resolve_revision(revision, cwd)
    if not path or "\0" in path or "\n" in path:
        raise UsageError(f"{revision}:{path[:80]!r}: not the name of a file", hint="write it as REV:path/to/file.json")
    found = _blob(commit, path, cwd)
    if found is None:
        near = _blob(commit, f"./{path}", cwd) if not path.startswith((".", "/")) else None
        raise UsageError(
            f"{path}: there is no such file in {revision}",
            hint=f"from this folder it is {revision}:./{path}"
            if near
            else "the path is from the top of the repository",
        )
    size = _run(["cat-file", "-s", found], cwd).stdout.decode("ascii", "replace").strip()
    if size.isdigit() and int(size) > limit:
        raise UsageError(f"{revision}:{path}: larger than {limit} bytes", hint="raise `limits.max-bytes`")
    done = _run(["cat-file", "blob", found], cwd)
    if done.returncode:
        raise UsageError(f"{revision}:{path}: cannot be read: {_said(done)}")
    return done.stdout


def show_file(spec: str, cwd: Path | None = None, *, limit: int = _MAX_BYTES) -> bytes:
    """The bytes that ``REV:path`` names, see :func:`show`."""
    revision, colon, path = spec.partition(":")
    if not colon or not revision or not path:
        raise UsageError(f"{spec[:200]!r}: not of the form REV:path", hint="for example main:snapshots/service.json")
    return show(revision, path, cwd, limit=limit)


def git_document(spec: str, config: Config | None = None, cwd: Path | None = None) -> Document:
    """The document that ``REV:path`` names. References to other files are not followed: git has them, not the disk."""
    from zeues_contracts.config import LimitsConfig
    from zeues_contracts.openapi import parse_document

    limits = config.limits if config is not None else LimitsConfig()
    return parse_document(show_file(spec, cwd, limit=limits.max_bytes), spec, limits=limits, external_refs="none")


def snapshot_at(config: Config, service: str, revision: str) -> Document:
    """The snapshot of a service as a revision has it. Raises :class:`UsageError` where that has none."""
    from zeues_contracts.openapi import parse_document
    from zeues_contracts.snapshots.store import snapshot_path

    folder, name = _beside(snapshot_path(config, service), Path(config.root) if config.root else Path.cwd())
    data = show(revision, f"./{name}", folder, limit=config.limits.max_bytes)
    return parse_document(
        data, f"{revision}:{name.removeprefix('./')}", limits=config.limits, external_refs=config.external_refs
    )


def commits_of(file: Path, *, limit: int = 1000, everywhere: bool = False) -> tuple[Commit, ...]:
    """The commits that touched a file, oldest first, at most the ``limit`` newest; none where git knows nothing.

    ``everywhere`` looks at all branches, not at the history of HEAD alone.
    """
    folder, name = _beside(file, Path.cwd())
    try:
        done = _run(
            [
                "log",
                f"--max-count={limit}",
                "--format=%H%x1f%an%x1f%aI%x1f%s",
                "--no-color",
                *(["--all"] if everywhere else []),
                "--",
                f"./{name}",
            ],
            folder,
        )
    except UsageError:
        return ()
    if done.returncode:
        return ()
    found = []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        parts = line.split("\x1f", 3)
        if len(parts) == 4:
            found.append(Commit(*parts))
    return tuple(reversed(found))


def versions_of(file: Path, *, limit: int = 500, everywhere: bool = False) -> Iterator[tuple[Commit, bytes]]:
    """A file's contents in each commit that touched it, oldest first; commits that removed it are left out."""
    folder, name = _beside(file, Path.cwd())
    for commit in commits_of(file, limit=limit, everywhere=everywhere):
        found = _blob(commit.id, f"./{name}", folder)
        if found is not None:
            done = _run(["cat-file", "blob", found], folder)
            if done.returncode == 0 and len(done.stdout) <= _MAX_BYTES:
                yield commit, done.stdout


def in_revision(revision: str, file: Path) -> bytes | None:
    """A file as a revision has it; ``None`` where there is no such file, revision or repository."""
    folder, name = _beside(file, Path.cwd())
    try:
        commit = resolve_revision(revision, folder)
        found = _blob(commit, f"./{name}", folder)
        done = _run(["cat-file", "blob", found], folder) if found is not None else None
    except UsageError:
        return None
    return done.stdout if done is not None and done.returncode == 0 else None


def staged(file: Path, stage: int) -> bytes | None:
    """A file's side in a merge that stopped: 1 the base, 2 ours, 3 theirs; ``None`` where there is none."""
    folder, name = _beside(file, Path.cwd())
    try:
        done = _run(["rev-parse", "--verify", "--quiet", "--end-of-options", f":{stage}:./{name}"], folder)
        blob = done.stdout.decode("ascii", "replace").strip()
        if done.returncode or not re.fullmatch(r"[0-9a-f]{40,64}", blob):
            return None
        return _run(["cat-file", "blob", blob], folder).stdout
    except UsageError:
        return None


def identity(folder: Path) -> tuple[str, str]:
    """Name and email that git would commit under, empty where it has none."""
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    found = []
    for key in ("user.name", "user.email"):
        try:
            done = _run(["config", "--get", key], folder)
        except UsageError:
            return "", ""
        found.append(done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else "")
    return found[0], found[1]


def _beside(file: Path, root: Path) -> tuple[Path, str]:
    """The nearest folder that exists on the way to a file, and the file's name from there."""
    folder = file.absolute().parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        folder = root
    return folder, os.path.relpath(file.absolute(), folder)


def _blob(commit: str, path: str, cwd: Path | None) -> str | None:
    done = _run(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:{path}"], cwd)
    name = done.stdout.decode("ascii", "replace").strip()
    if done.returncode or not re.fullmatch(r"[0-9a-f]{40,64}", name):
        return None
    kind = _run(["cat-file", "-t", name], cwd).stdout.strip()
    return name if kind == b"blob" else None


def _check_revision(revision: str) -> None:
    if not revision.strip() or revision.startswith("-") or re.search(r"[\x00-\x20\x7f:]", revision):
        raise UsageError(
            f"{revision[:80]!r}: not a git revision", hint="give a branch, a tag or a commit, such as main or v1.2"
        )


def _no_revision(revision: str, cwd: Path | None) -> UsageError:
    here = cwd or Path.cwd()
    if not is_repo(here):
        return UsageError(f"{revision}: {here} is not in a git repository", hint="run it inside of the repository")
    return UsageError(
        f"{revision}: git knows no such revision here",
        hint="fetch it first (in CI with fetch-depth: 0), or look at git branch --all and git tag",
    )


def _run(arguments: Sequence[str], cwd: Path | None) -> subprocess.CompletedProcess[bytes]:
    # A caller's GIT_DIR and the like (a hook sets them) are for the repository that it runs in, which is ours too.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603 - no shell; revisions are checked, names come from git
            ["git", "--no-pager", "-c", "core.quotePath=false", *arguments],  # noqa: S607 - the user's git
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("git was not found", hint="install git, or give a file instead of a revision") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"git did not answer within {_SECONDS} s") from None
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror or error}") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
