"""Seeing modules when they are imported. Needs next to nothing: every Python process that is watched imports it."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["PatchFinder"]


class PatchFinder:
    """A finder that finds nothing itself: it lets the others find, and patches a module of interest once it is run."""

    def __init__(self, patches: dict[str, Callable[[Any], None]]) -> None:
        self.patches = patches
        self.paused = False
        self._finding: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec of another finder, its loader told to patch the module when it has run."""
        if self.paused or name not in self.patches or name in self._finding:
            return None
        self._finding.add(name)
        try:
            for finder in list(sys.meta_path):
                if finder is self or not hasattr(finder, "find_spec"):
                    continue
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    self._patch_after_run(name, spec.loader)
                    return spec
        except Exception:
            return None
        finally:
            self._finding.discard(name)
        return None

    def patch(self, name: str, module: Any) -> None:
        """Patch a module that has run. What fails leaves the library unwatched."""
        try:
            known = self.patches.get(name)
            if known is not None:
                known(module)
        except Exception:  # a version that we do not know
            return

    def patch_imported(self) -> None:
        """Patch what is imported already."""
        for name in list(self.patches):
            module = sys.modules.get(name)
            if module is not None:
                self.patch(name, module)

    def _patch_after_run(self, name: str, loader: Any) -> None:
        run = getattr(loader, "exec_module", None)
        if run is None or isinstance(loader, type):
            return

        def exec_module(module: Any) -> Any:
            result = run(module)
            self.patch(name, module)
            return result

        try:
            loader.exec_module = exec_module
        except Exception:  # a loader of slots: the library goes unwatched
            return
