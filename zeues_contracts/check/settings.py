"""Settings that name operations: a misspelt one would protect nothing, and nobody would know."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from zeues_contracts.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zeues_contracts.check.subject import Subject

__all__ = ["check_operations"]


def check_operations(subject: Subject) -> None:
    """Refuse entries of ``safe``, ``unsafe``, ``exclude`` and ``operation-levels`` that name no operation.

    An operation that the snapshot has counts: that it is gone from the live document is drift, not a misspelling.
    Without a live document nothing is refused. Raises :class:`UsageError` with the nearest operation.
    """
    if subject.live is None:
        return
    from zeues_contracts.live.limits import is_listed

    documents = [one for one in (subject.live, subject.snapshot) if one is not None]
    known = {one.name: one.operation_id for document in documents for one in document.operations.values()}
    for place, entry in _entries(subject):
        if any(is_listed(name, operation_id, (entry,)) for name, operation_id in known.items()):
            continue
        near = difflib.get_close_matches(entry, known, n=1, cutoff=0.5)
        raise UsageError(
            f"{subject.config.source or 'configuration'}: `services.{subject.name}.{place}`: "
            f"there is no operation `{entry[:80]}`",
            hint=f"did you mean `{near[0]}`?" if near else "write it as the document does: `METHOD /path`",
        )


def _entries(subject: Subject) -> Iterator[tuple[str, str]]:
    settings = subject.settings
    yield from (("replay.unsafe", one) for one in settings.replay.unsafe)
    yield from (("replay.safe", one) for one in settings.replay.safe)
    yield from (("fuzz.exclude", one) for one in settings.fuzz.exclude)
    yield from (("operation-levels", one) for one in settings.operation_levels)
