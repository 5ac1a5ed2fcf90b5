"""How operations answer what is not their result: refusals, failures, and what of it the document tells."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from zeues_contracts.standin.models import ErrorDetail, ErrorEnvelope, HTTPValidationError
from zeues_contracts.standin.service import Refusal, Workshop
from zeues_contracts.standin.variants import Variants

__all__ = ["DetailRoute", "EnvelopeRoute", "Kit", "answers", "taking"]

_DESCRIPTIONS = {
    400: "The request cannot be read",
    403: "The spool belongs to another worker",
    404: "There is no such spool or worker",
    409: "The state of the spool forbids it",
    410: "The lock has expired",
    422: "Validation Error",
    503: "Redis or Google Sheets is not available",
}
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Kit:
    """What a router needs: the workshop and the bodies of the scenario."""

    workshop: Workshop
    bodies: Variants


class DetailRoute(APIRoute):
    """Refusals and failures as ``{detail}``."""

    def get_route_handler(self) -> _Handler:
        """The handler of the framework, behind the catch-all that every endpoint of the service has."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except Refusal as refusal:
                return self.refuse(refusal)
            except (HTTPException, RequestValidationError):
                raise
            except Exception as error:  # as the service has it: whatever happens becomes a 500
                return self.refuse(Refusal(500, f"Internal server error: {error}", "INTERNAL_SERVER_ERROR"))

        return handler

    def refuse(self, refusal: Refusal) -> Response:
        """The answer to a refusal."""
        return JSONResponse({"detail": refusal.message}, refusal.status, headers=refusal.headers)


class EnvelopeRoute(DetailRoute):
    """Refusals and failures as ``{success, error, message, data}``."""

    def refuse(self, refusal: Refusal) -> Response:
        """The answer to a refusal."""
        content = {"success": False, "error": refusal.error, "message": refusal.message, "data": None}
        return JSONResponse(content, refusal.status, headers=refusal.headers)


def taking(**annotations: Any) -> Callable[[_Function], _Function]:
    """Give parameters of an endpoint types that are known only when the app is made."""

    def annotate(function: _Function) -> _Function:
        function.__annotations__ = {**function.__annotations__, **annotations}
        return function

    return annotate


def answers(kit: Kit, *statuses: int, envelope: bool = False, checked: bool = False) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of an operation. ``checked`` says that it takes input, and so answers 422 (and 400 for a body).

    Where the scenario does not document its answers only the 422 is told, as the framework does by itself.
    """
    told: dict[int | str, dict[str, Any]] = {}
    if kit.workshop.scenario.documents_answers:
        for status in statuses:
            own = envelope and status != 400
            model: type[BaseModel] = ErrorEnvelope if own else ErrorDetail
            told[status] = {"model": model, "description": _DESCRIPTIONS[status]}
    if checked:
        # Ours, not the framework's: its own differs from release to release, and a document should not.
        told[422] = {"model": HTTPValidationError, "description": _DESCRIPTIONS[422]}
    return told
