"""Live updates: an endless stream of server-sent events, one Redis connection each for as long as it is open."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from zeues_contracts.standin.locks import Locks, LockServerError, Subscription
from zeues_contracts.standin.routes.answering import DetailRoute, Kit, answers
from zeues_contracts.standin.service import Refusal

__all__ = ["router"]


# One event, as the framework's own streams document it (`itemSchema` is OpenAPI 3.2, and read in 3.1 documents too).
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string"},
        "data": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    },
}


class _Held(StreamingResponse):
    """A stream that gives its subscription back when it ends, also when its client left before the first byte."""

    def __init__(self, content: AsyncIterator[str], held: contextlib.AsyncExitStack) -> None:
        super().__init__(content, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await super().__call__(scope, receive, send)


def router(kit: Kit) -> APIRouter:
    """The router of a scenario."""
    made = APIRouter(prefix="/api", route_class=DetailRoute, tags=["SSE"])
    locks, settings, scenario = kit.workshop.locks, kit.workshop.settings, kit.workshop.scenario
    told: dict[str, Any] = {"response_model": None}
    if scenario.documents_stream:
        content = {"text/event-stream": {"itemSchema": _EVENT}}
        told |= {"response_class": StreamingResponse, "response_description": "Events, without an end"}
        told["responses"] = {200: {"content": content}, **answers(kit, 503)}

    @made.get("/sse/stream", **told)
    async def sse_stream() -> Any:
        """Changes of state as they happen."""
        held = contextlib.AsyncExitStack()
        subscription = await _open(locks, held)
        return _Held(_events(subscription, settings.heartbeat), held)

    return made


async def _open(locks: Locks, held: contextlib.AsyncExitStack) -> Subscription:
    try:
        return await held.enter_async_context(locks.subscribe())
    except LockServerError as error:
        raise Refusal(503, f"SSE stream unavailable: {error}", headers={"Retry-After": "5"}) from error


async def _events(subscription: Subscription, heartbeat: float) -> AsyncIterator[str]:
    yield 'retry: 3000\nevent: connected\ndata: {"message": "connected"}\n\n'
    while True:
        try:
            event = await subscription.next(heartbeat)
        except LockServerError:
            return  # the client comes back by itself, and is told 503
        if event is None:
            yield ": keep-alive\n\n"
            continue
        name = json.loads(event).get("event", "message")
        yield f"event: {name}\ndata: {event}\n\n"
