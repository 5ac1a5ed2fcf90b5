"""Headers of answers that note which of them are asked for.

The object that a library hands out stays the same one; its class becomes a subclass of what it was. What is not a plain
class of Python (aiohttp's proxies) is left alone, and nothing is noted of it.
"""

from __future__ import annotations

import contextlib
from typing import Any

from .reads import Reads

__all__ = ["track_headers"]

_READS = "_zeues_contracts_reads"
_tracked: dict[type, type] = {}


def track_headers(headers: Any, reads: Reads) -> None:
    """Let a mapping of headers note what is asked of it. Never raises."""
    with contextlib.suppress(Exception):
        cls = type(headers)
        if cls in _tracked.values() or issubclass(cls, dict | tuple | list):
            return
        made = _tracked.get(cls)
        if made is None:
            made = _tracked[cls] = _class(cls)
        headers.__class__ = made
        headers.__dict__[_READS] = reads


def _class(cls: Any) -> Any:
    """A subclass that is in everything but its notes what it was; copies and pickles are of the class itself."""

    def watching(kind: str, original: Any) -> Any:
        def asked(self: Any, name: Any, *default: Any, **options: Any) -> Any:
            __tracebackhide__ = True
            known = self.__dict__
            reads = known.pop(_READS, None)
            if reads is None:  # a library's own question, or one inside of another
                return original(self, name, *default, **options)
            try:
                reads.note_header(kind, name, found=_has(self, name))
                return original(self, name, *default, **options)
            finally:
                known[_READS] = reads

        return asked

    def _has(self: Any, name: Any) -> bool:
        return bool(cls.__contains__(self, name))

    def reduced(self: Any, protocol: Any) -> Any:
        import copyreg

        twin = cls.__new__(cls)
        twin.__dict__.update({key: value for key, value in self.__dict__.items() if key != _READS})
        # As a protocol below 2 has it: later ones insist on the object's own class.
        return (copyreg._reconstructor, (cls, object, None), twin.__getstate__())  # type: ignore[attr-defined]

    # `message["x"]` of the standard library gives None for what is not there; all others raise.
    plain = "maybe" if cls.__module__.startswith(("http", "email")) and cls.__name__ == "HTTPMessage" else "get"
    members = {
        "__getitem__": watching(plain, cls.__getitem__),
        "__contains__": watching("in", cls.__contains__),
        "get": watching("maybe", cls.get),
        "__reduce_ex__": reduced,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
    }
    return type(cls.__name__, (cls,), members)
