"""Places as tools that annotate source files want them: a file below the root, with a line."""

from __future__ import annotations

from pathlib import PurePath

import msgspec

from zeues_contracts.findings import Finding, Place
from zeues_contracts.report.words import is_url, relative

__all__ = ["FilePlace", "file_place", "file_places"]


class FilePlace(msgspec.Struct, frozen=True):
    """A path relative to the root with forward slashes, and the line and column (from 1) where they are known."""

    path: str
    line: int | None
    column: int | None
    place: Place


def file_place(place: Place, root: str) -> FilePlace | None:
    """The file of a place, ``None`` for what is no file below the root (URLs, documents of other folders)."""
    if not place.source or is_url(place.source) or "\0" in place.source:
        return None
    path = relative(place.source, root)
    if PurePath(path).is_absolute() or ".." in PurePath(path).parts or path in ("-", "standard input"):
        return None
    line = place.line if place.line is not None and place.line > 0 else None
    column = place.column if line is not None and place.column is not None and place.column > 0 else None
    return FilePlace(path, line, column, place)


def file_places(finding: Finding, root: str) -> list[FilePlace]:
    """The files of a finding, the best one to annotate first: its own place, related ones, the contracts it hits."""
    places = [finding.place, *finding.related, *(hit.place for hit in finding.hits)]
    found = [file_place(place, root) for place in places if place is not None]
    return list(dict.fromkeys(one for one in found if one is not None))
