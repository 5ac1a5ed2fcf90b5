"""Where in the consumer's code something happens: the test on the stack, and the place of a read."""

from __future__ import annotations

import contextvars
import itertools
import os
import sys
from types import CodeType, FrameType
from typing import Any

__all__ = ["Site", "consumer_site", "current_test", "inherited_test", "is_foreign", "resolve", "site_above"]

Site = tuple[int, int]
"""A code object by its identity and the offset of the instruction in it; resolved to lines when it is written down.

By identity, since code objects of two files may be equal, and their hash takes long. They are kept: see ``_codes``.
"""

# Code that stands between the consumer and the answer. What it reads, it reads for itself.
_FOREIGN = frozenset({
    "requests", "urllib3", "httpx", "httpcore", "httpx2",
    "httpcore2", "aiohttp", "http", "urllib", "json", "simplejson", "copy", "pickle",
    "enum", "asyncio", "_pytest", "pluggy", "pprint", "reprlib", "requests_toolbelt", "anyio", "starlette", "socket",
    "_collections_abc", "collections", "email", "functools", "contextlib", "concurrent", "threading",
    "_zeues_contracts_recorder", "yarl", "multidict", "h11", "h2",
})  # fmt: skip
_OWN = f"{__name__.rpartition('.')[0]}."
_MOST_CODES = 50_000
_codes: dict[int, CodeType] = {}
_foreign: dict[int, bool] = {}

inherited_test: contextvars.ContextVar[str] = contextvars.ContextVar("zeues_contracts_test", default="")
"""The test that started this thread or task; set for its context alone."""


def is_foreign(frame: FrameType) -> bool:
    """Whether a frame belongs to a library that carries answers rather than to the consumer."""
    code = frame.f_code
    known = _foreign.get(id(code))
    if known is None:
        name = str(frame.f_globals.get("__name__", ""))
        known = name.partition(".")[0] in _FOREIGN or name.startswith(_OWN) or code.co_filename == "<frozen abc>"
        if len(_codes) < _MOST_CODES:
            _codes[id(code)] = code
            _foreign[id(code)] = known
    return known


def consumer_site(depth: int) -> Site | None:
    """The place ``depth`` frames above, where that is the consumer's code; ``None`` where a library stands there."""
    frame: FrameType | None = sys._getframe(depth)
    if frame is not None and frame.f_code.co_filename == "<frozen abc>":
        frame = frame.f_back  # isinstance() with an abstract class
    return None if frame is None else _site(frame)


def _site(frame: FrameType) -> Site | None:
    identity = id(frame.f_code)
    # What is not kept (there is too much of it) has no place that could be told later.
    return None if is_foreign(frame) or identity not in _codes else (identity, frame.f_lasti)


def site_above(depth: int) -> Site | None:
    """The nearest place above that is the consumer's own."""
    frame: FrameType | None = sys._getframe(depth)
    for _ in range(30):
        if frame is None:
            return None
        if not is_foreign(frame):
            return _site(frame)
        frame = frame.f_back
    return None


def current_test() -> str:
    """The test that is running: pytest's own word, else the nearest function on the stack that is named like one."""
    told = os.environ.get("PYTEST_CURRENT_TEST")
    if told:
        return told.rpartition(" (")[0] or told
    frame: FrameType | None = sys._getframe(1)
    for _ in range(200):
        if frame is None:
            break
        name = frame.f_code.co_name
        if name.startswith("test") and _is_test(name):
            return frame.f_code.co_qualname.rpartition("<locals>.")[2]
        frame = frame.f_back
    return inherited_test.get()


def _is_test(name: str) -> bool:
    """``test_x`` and, as unittest has it, ``testX``."""
    return name[4:5] == "_" or name[4:5].isupper()


_resolved: dict[Site, list[Any]] = {}


def resolve(site: Site | None) -> list[Any] | None:
    """A site as JSON: file, function, first line, last line, first column, last column (from 1 and 0, as ``ast``)."""
    if site is None:
        return None
    known = _resolved.get(site)
    if known is None:
        known = _resolve(_codes[site[0]], site[1])
        if len(_resolved) < 20_000:
            _resolved[site] = known
    return known


def _resolve(code: CodeType, offset: int) -> list[Any]:
    place = next(itertools.islice(code.co_positions(), max(0, offset // 2), None), (None, None, None, None))
    line, end, column, end_column = place
    file = code.co_filename
    if file and not file.startswith("<"):
        file = os.path.abspath(file)  # noqa: PTH100 - a name that may be bytes of any kind
    return [file, code.co_qualname, line or code.co_firstlineno, end, column, end_column]
