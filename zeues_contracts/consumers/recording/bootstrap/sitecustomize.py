"""Runs when a Python process starts that ``contracts record`` watches; then runs the sitecustomize that it hides.

Any Python may come by here: it is written so that an old one can read it, and leaves that alone.
"""
# ruff: noqa: PTH100, PTH118, PTH120, S110 - before any import of a stranger's process, and never a word

import os
import sys


def _start():  # type: () -> None
    """Load the hook by its path, under a name of its own: this package need not be installed there."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [one for one in sys.path if not one or os.path.abspath(one) != here]
    try:
        if sys.version_info >= (3, 11) and os.environ.get("ZEUES_CONTRACTS_SPOOL"):
            from importlib.machinery import ModuleSpec, SourceFileLoader

            name = "_zeues_contracts_recorder"
            folder = os.path.join(os.path.dirname(here), "hook")
            file = os.path.join(folder, "__init__.py")
            module = type(sys)(name)
            module.__file__, module.__path__ = file, [folder]
            module.__spec__ = ModuleSpec(name, SourceFileLoader(name, file), origin=file, is_package=True)
            module.__spec__.submodule_search_locations = [folder]
            sys.modules[name] = module
            __import__(name + ".install")
            module.install.install()
    except Exception:
        pass


def _chain():  # type: () -> None
    """The sitecustomize that would have run: ours stands before it on the path."""
    try:
        import importlib.machinery
        import importlib.util

        spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    except Exception:
        return
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    ours = sys.modules.pop("sitecustomize", None)
    sys.modules["sitecustomize"] = module
    try:
        spec.loader.exec_module(module)
    except ImportError:
        if ours is not None:
            sys.modules["sitecustomize"] = ours


_start()
_chain()
