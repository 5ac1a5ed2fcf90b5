"""One page for everything: a login, a challenge or a maintenance notice that stands before the service.

Behind such a page nothing can be judged. A single-page application answers unknown paths with its page as well, so what
counts is what operations answer that are documented to give JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.triage.model import ProbeResult
from zeues_contracts.triage.texts import page_of

if TYPE_CHECKING:
    from zeues_contracts.live.limits import Bounds
    from zeues_contracts.live.sending import Sender
    from zeues_contracts.openapi.model import Document, Operation

__all__ = ["gives_json", "one_page_for_all"]

_ASKED = 3
"""Operations that are asked besides the probes."""
_ENOUGH = 2
"""Documented operations that have to answer with the page."""


def gives_json(operation: Operation) -> bool:
    """Whether an operation can be asked without input, and all that it is documented to give on success is JSON."""
    if operation.method != "GET" or "{" in operation.path or any(one.required for one in operation.parameters):
        return False
    if any(status.startswith("3") for status in operation.responses):
        return False
    kinds = [kind for status, one in operation.responses.items() if status.startswith("2") for kind in one.content]
    return bool(kinds) and all(kind.partition(";")[0].strip().lower().endswith("json") for kind in kinds)


def one_page_for_all(
    document: Document | None,
    probed: Sequence[Exchange],
    sender: Sender,
    bounds: Bounds,
    may_ask: Sequence[Operation],
) -> tuple[tuple[ProbeResult, ...], tuple[Exchange, ...]]:
    """A probe result that says so, where every answer is the same page; and what was sent to find out.

    ``probed`` are the exchanges of the probes. Only where one of them is a page, up to three of the operations
    ``may_ask`` are asked as well; nothing is said where one of them answers as it should.
    """
    answered = [one for one in probed if one.response is not None and one.response.status not in (404, 405, 410)]
    pages = {page_of(one.response) for one in answered if one.response is not None}
    if document is None or len(pages) != 1 or None in pages:
        return (), ()
    asked: list[Exchange] = []
    met: list[tuple[Operation, Exchange]] = []
    known = {one.request.url: one for one in answered}
    for operation in may_ask:
        url = sender.base_url + operation.path
        exchange = known.get(url)
        if exchange is None:
            if len(asked) == _ASKED:
                continue
            exchange = sender.send(Request("GET", url, (("accept", "application/json"),)), bounds)
            asked.append(exchange)
        if exchange.response is None or page_of(exchange.response) not in pages:
            return (), tuple(asked)
        met.append((operation, exchange))
    if len(met) < _ENOUGH:
        return (), tuple(asked)
    first, witness = met[0]
    assert witness.response is not None
    names = ", ".join(operation.name for operation, _ in met[:3])
    what = f"the same page instead of JSON: {next(iter(pages))} ({names})"
    probe = ProbeResult(
        witness.request.url, first.path, witness.response.status, False, "", f"everything answers with {what}", witness
    )
    return (probe,), tuple(asked)
