"""A difference as people read it: the places that changed between two schemas, each with its direction.

>>> from zeues_contracts.schema.difference import difference
>>> from zeues_contracts.schema.types import Resource
>>> old = Resource({"properties": {"id": {"minimum": 0}}}).schema()
>>> new = Resource({"properties": {"id": {"minimum": 1}}}).schema()
>>> [str(change) for change in difference(old, new)]
['id: minimum 0 became 1']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zeues_contracts.schema.difference.model import MISSING, Change, Contains, Way, path_text
from zeues_contracts.schema.types import Answer, Schema, Settings

if TYPE_CHECKING:
    from zeues_contracts.schema.difference.walk import Differ

__all__ = ["MISSING", "Change", "Contains", "Differ", "Way", "differ", "difference", "path_text"]


def differ(context: Any = None, settings: Settings | None = None) -> Differ:
    """A :class:`Differ` that asks the engine, and remembers its answers: one for a pair of documents is right.

    ``context`` is handed to ``contains``; ``settings`` are the context's unless given.
    """
    from zeues_contracts.schema import Context
    from zeues_contracts.schema import contains as engine
    from zeues_contracts.schema.difference.walk import Differ

    wanted = settings or getattr(context, "settings", None) or Settings()
    # One that was made for other settings would judge other sets.
    asked = context if context is not None and context.settings == wanted else Context(wanted)

    def ask(sub: Schema, sup: Schema) -> Answer:
        return engine(sub, sup, asked)

    return Differ(ask, wanted)


def difference(
    old: Schema, new: Schema, context: Any = None, *, settings: Settings | None = None
) -> tuple[Change, ...]:
    """The minimal list of places that changed between two schemas, in the order in which the value is walked.

    Places whose text and references are the same are passed over; a rewrite that containment proves to accept the same
    values is no change, whatever it looks like. A component is walked once, at the path where it is met first, so that
    the list is as long as what changed and no longer. Of annotations, ``format``, ``default``, ``deprecated``,
    ``readOnly``, ``writeOnly`` and the ``content…`` keywords are told, with the direction *equal*; titles, descriptions
    and examples are not.

    For many questions on the same two documents take one :func:`differ` and ask its :meth:`~Differ.changes`.
    """
    return differ(context, settings).changes(old, new)


def __getattr__(name: str) -> Any:
    # The walk is loaded where something differs (PEP 562): two documents that are alike need none of it.
    if name == "Differ":
        from zeues_contracts.schema.difference.walk import Differ

        return Differ
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
