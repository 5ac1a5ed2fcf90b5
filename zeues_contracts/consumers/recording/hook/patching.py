"""Putting watchers around functions of libraries, once, in a way that leaves no trace when they fail."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["PatchFinder", "replace", "watch_imports"]

Patch = Callable[[Any], None]


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Put ``make(original)`` in the place of a function of a class or module; where there is none, do nothing."""
    original = owner.__dict__.get(name) if isinstance(owner, type) else getattr(owner, name, None)
    if original is None or getattr(original, "__zeues_contracts__", False):
        return
    if isinstance(original, property):
        getter = original.fget
        if getter is None or getattr(getter, "__zeues_contracts__", False):
            return
        made = functools.wraps(getter)(make(getter))
        made.__zeues_contracts__ = True  # type: ignore[attr-defined]
        setattr(owner, name, property(made, original.fset, original.fdel, original.__doc__))
        return
    if isinstance(original, classmethod):
        inner = original.__func__
        if getattr(inner, "__zeues_contracts__", False):
            return
        made = functools.wraps(inner)(make(inner))
        made.__zeues_contracts__ = True  # type: ignore[attr-defined]
        setattr(owner, name, classmethod(made))
        return
    made = functools.wraps(original)(make(original))
    made.__zeues_contracts__ = True  # type: ignore[attr-defined]
    setattr(owner, name, made)


class PatchFinder:
    """A finder that finds nothing itself: it lets the others find, and patches a module of interest once it is run."""

    def __init__(self, patches: dict[str, Patch]) -> None:
        self.patches = patches
        self._finding: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec of another finder, its loader told to patch the module when it has run."""
        patch = self.patches.get(name)
        if patch is None or name in self._finding:
            return None
        self._finding.add(name)
        try:
            for finder in list(sys.meta_path):
                if finder is self or not hasattr(finder, "find_spec"):
                    continue
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    _patch_after_run(spec.loader, patch)
                    return spec
        except Exception:
            return None
        finally:
            self._finding.discard(name)
        return None


def _patch_after_run(loader: Any, patch: Patch) -> None:
    run = getattr(loader, "exec_module", None)
    if run is None or isinstance(loader, type):
        return

    def exec_module(module: Any) -> Any:
        result = run(module)
        _try(patch, module)
        return result

    try:
        loader.exec_module = exec_module
    except Exception:  # a loader of slots: the library goes unwatched
        return


def _try(patch: Patch, module: Any) -> None:
    try:
        patch(module)
    except Exception:  # a version that we do not know: the library goes unwatched
        return


def watch_imports(patches: dict[str, Patch]) -> PatchFinder:
    """Patch what is imported already, and the rest when it is imported."""
    finder = PatchFinder(patches)
    sys.meta_path.insert(0, finder)
    for name, patch in patches.items():
        module = sys.modules.get(name)
        if module is not None:
            _try(patch, module)
    return finder
