"""Is what answers at the address the service at all? Asked before anything is held against its document.

A gateway with a document of its own, another team's service on a port that was used again, a route that leads nowhere:
compared with the snapshot all of them look as if everything had changed. So where the live document shares no operation
with the approved one, a few of both are asked for, by GET alone: a newer version of the service answers as its new
document says, and has something of the old one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from zeues_contracts.exchange import Exchange, Request
from zeues_contracts.findings import Cause
from zeues_contracts.live.kinship import kinship
from zeues_contracts.live.limits import is_lever, is_listed
from zeues_contracts.live.outages import ANOTHER_SERVICE
from zeues_contracts.triage.classify import classify, classify_exchange
from zeues_contracts.triage.gateways import gateway_mark
from zeues_contracts.triage.model import Confidence, Verdict
from zeues_contracts.triage.texts import alike_text, texts
from zeues_contracts.triage.wording import clip

if TYPE_CHECKING:
    from zeues_contracts.live.limits import Bounds
    from zeues_contracts.live.sending import Sender
    from zeues_contracts.openapi.model import Document, Operation

__all__ = ["Asked", "ask_identity", "ask_these", "ask_whereabouts", "judge_identity", "judge_whereabouts"]

_ASKED = 3
_NOWHERE = "/zeues-contracts-no-such-path"
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation of a document that was asked for by GET, and what came."""

    operation: Operation
    exchange: Exchange

    @property
    def mark(self) -> str:
        """How the answer shows that a gateway made it; empty where nothing shows it."""
        response = self.exchange.response
        return gateway_mark(response, self.exchange.request) if response is not None else ""

    @property
    def state(self) -> str:
        """``there``, ``gone`` (nothing has that path), ``out``, or ``unclear``."""
        response = self.exchange.response
        if response is not None and response.status in _GONE:
            # A thing of that name may not exist although its operation does.
            return "unclear" if "{" in self.operation.path and not self.mark else "gone"
        if response is None or classify_exchange(self.exchange).is_outage:
            return "out"
        if response.status in (401, 403) or 300 <= response.status < 400:
            return "unclear"
        return "there"

    @property
    def told(self) -> str:
        """``GET /items answered 404``, with the mark of a gateway where it has one."""
        response = self.exchange.response
        if response is None:
            return f"{self.operation.name} was not answered: {self.exchange.error_text or self.exchange.error}"
        path = self.operation.name
        if self.operation.method != "GET":
            path = f"{path}, asked by GET,"
        return f"{path} answered {response.status}" + (f" ({self.mark})" if self.mark else "")


def _candidates(operations: Iterable[Operation], unsafe: Sequence[str], *, strict: bool) -> Iterator[Operation]:
    """Operations that may be asked for by GET, those without input first; ``strict``: no others."""
    ranked: list[tuple[int, Operation]] = []
    for one in operations:
        names = (one.name, f"GET {one.path}")
        if is_lever(one.path, one.operation_id) or any(is_listed(name, one.operation_id, unsafe) for name in names):
            continue
        if one.method != "GET":
            # A path that takes POST alone answers GET with 405 where it is, with 404 where it is not.
            rank = 1 if "{" not in one.path else 3
        elif "{" in one.path:
            rank = 2
        else:
            rank = 0 if not any(parameter.required for parameter in one.parameters) else 1
        if rank == 0 or not strict:
            ranked.append((rank, one))
    seen: set[str] = set()
    for _, one in sorted(ranked, key=lambda item: item[0]):
        if one.path not in seen:
            seen.add(one.path)
            yield one


def ask_these(
    operations: Iterable[Operation],
    sender: Sender,
    bounds: Bounds,
    unsafe: Sequence[str] = (),
    *,
    most: int = _ASKED,
) -> tuple[Asked, ...]:
    """Up to three of some operations that take no input (or ``most``), asked for."""
    return _ask(operations, sender, bounds, unsafe, strict=True, most=most)


def _ask(
    operations: Iterable[Operation],
    sender: Sender,
    bounds: Bounds,
    unsafe: Sequence[str],
    *,
    strict: bool = False,
    most: int = _ASKED,
) -> tuple[Asked, ...]:
    asked: list[Asked] = []
    for operation in _candidates(operations, unsafe, strict=strict):
        path = re.sub(r"\{[^{}/]*\}", "1", operation.path)
        request = Request("GET", sender.base_url + path, (("accept", "application/json"),))
        asked.append(Asked(operation, sender.send(request, bounds)))
        if len(asked) == most or asked[-1].exchange.response is None:
            break
    return tuple(asked)


def ask_identity(
    snapshot: Document, live: Document, sender: Sender, bounds: Bounds, unsafe: Sequence[str] = ()
) -> tuple[tuple[Asked, ...], tuple[Asked, ...]]:
    """Up to three operations of each document, asked for by GET; of the live one none where nobody answers."""
    old = _ask(snapshot.operations.values(), sender, bounds, unsafe)
    if old and old[-1].exchange.response is None:
        return old, ()
    return old, _ask(live.operations.values(), sender, bounds, unsafe)


def judge_identity(snapshot: Document, live: Document, old: Sequence[Asked], new: Sequence[Asked]) -> Verdict | None:
    """The verdict that what answers is not the service (or is out), ``None`` where it is a newer version of it. Pure.

    ``old`` are operations of the snapshot that were asked for, ``new`` those of the live document.
    """
    out = [one for one in (*old, *new) if one.state == "out"]
    if out:
        verdict = classify([one.exchange for one in out])
        if verdict.is_outage:
            return verdict
    missing = [one for one in old if one.state == "gone"]
    there = [one for one in new if one.state == "there"]
    kin = kinship(snapshot, live)
    broken = [one for one in new if one.state == "gone"] if not there else []
    marked = [one for one in missing if one.mark]
    if kin and (there or not (broken or marked or (not live.keys and old))):
        return None
    mine, theirs = snapshot.title or "the service", live.title or "without a title"
    what = f"its document, “{theirs[:80]}”, shares no operation" if live.keys else "its document is empty: no operation"
    lines = [
        f"what answers is not the service of the snapshot, “{mine[:80]}”: {what} with it",
        *(f"{one.told}, which the snapshot has" for one in (*marked[:1], *(missing or list(old))[:2])),
        *(f"{one.told}, which its own document has" for one in (broken or there)[:2]),
        f"still, {kin}" if kin else "no title, component or path speaks for a newer version of the same service",
    ]
    witness = next((one.exchange for one in (*marked, *missing, *broken, *old, *new)), None)
    sure = Confidence.CERTAIN if missing and (broken or (marked and not kin)) else Confidence.LIKELY
    return Verdict(Cause.OUTAGE, sure, "", ANOTHER_SERVICE, tuple(dict.fromkeys(lines)), witness)


def ask_whereabouts(
    document: Document, sender: Sender, bounds: Bounds, unsafe: Sequence[str] = ()
) -> tuple[tuple[Asked, ...], Exchange | None]:
    """Up to three operations without input; where all answer alike, a path that nobody has as well, to compare."""
    asked = _ask(document.operations.values(), sender, bounds, unsafe, strict=True)
    if len(asked) < 2 or len({_words(one.exchange) for one in asked}) != 1 or asked[0].exchange.response is None:
        return asked, None
    return asked, sender.send(Request("GET", sender.base_url + _NOWHERE, (("accept", "application/json"),)), bounds)


def judge_whereabouts(asked: Sequence[Asked], nowhere: Exchange | None, *, readable: bool = True) -> Verdict | None:
    """The verdict that none of the documented operations is where the requests go. Pure.

    That every path answers well, and alike, counts only where the document was not ``readable`` there: a small service
    may have one answer.
    """
    if nowhere is None or nowhere.response is None or len(asked) < 2:
        return None
    if any(_words(one.exchange) != _words(nowhere) for one in asked):
        return None
    gone = all(one.state == "gone" and "404" not in one.operation.responses for one in asked)
    if not gone and (readable or nowhere.response.status >= 400):
        return None
    first = asked[0]
    base = nowhere.request.url.removesuffix(_NOWHERE)
    names = ", ".join(one.operation.name for one in asked)
    what = f"{names} answered {first.exchange.status}, as a path that nobody has"
    heard = next(iter(texts(nowhere.response)), "") if not gone else ""
    more = f", word for word: {clip(heard)}" if heard else ""
    lines = (f"none of the documented operations is at {base}: {what}{more}", first.told)
    return Verdict(Cause.OUTAGE, Confidence.CERTAIN, "", ANOTHER_SERVICE, lines, first.exchange)


def _words(exchange: Exchange) -> str:
    """What an answer says, without the path that was asked for: ``Cannot GET /items``."""
    response = exchange.response
    if response is None:
        return ""
    path = urlsplit(exchange.request.url).path.encode()
    return alike_text(msgspec.structs.replace(response, body=response.body.replace(path, b"...")))
