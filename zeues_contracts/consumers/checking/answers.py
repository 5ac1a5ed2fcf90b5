"""The answer that one interaction expects against what its operation documents: status, media type, headers, body."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.consumers.checking.bodies import fits_media_type, is_json
from zeues_contracts.consumers.checking.expectations import expectation_problems
from zeues_contracts.consumers.checking.model import RESPONSES, Problem, Scene, ask
from zeues_contracts.consumers.checking.wire import readings
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import MediaType, Response
from zeues_contracts.schema.types import Refuted, Resource, Schema
from zeues_contracts.schema.validators import judge_document

__all__ = ["answer_problems", "documented_for"]

# Headers that every answer may have; OpenAPI leaves Content-Type to `content` (3.1, 4.8.17).
_EVERYDAY = frozenset(
    {"content-type", "content-length", "date", "server", "connection", "transfer-encoding", "vary", "cache-control"}
)


def documented_for(responses: Mapping[str, Response], status: str) -> list[Response]:
    """The documented responses that a status or a range means: itself, its range, else ``default``."""
    keys = {key.upper(): one for key, one in responses.items()}
    wanted = status.upper()
    if wanted in keys:
        return [keys[wanted]]
    if wanted.endswith("XX"):
        found = [one for key, one in keys.items() if len(key) == 3 and key[0] == wanted[0] and key[1:].isdigit()]
        return found or ([keys["DEFAULT"]] if "DEFAULT" in keys else [])
    ranged = keys.get(f"{wanted[:1]}XX") or keys.get("DEFAULT")
    return [ranged] if ranged is not None else []


def answer_problems(scene: Scene) -> Iterator[Problem]:
    """What is relied on in the answer and not promised."""
    expect = scene.interaction.expect
    responses = scene.operation.responses
    matched: dict[str, Response] = {}
    undocumented: list[str] = []
    for status in expect.statuses or _successes(responses):
        found = documented_for(responses, status)
        if not found:
            undocumented.append(status)
        for one in found:
            matched.setdefault(one.status, one)
    if undocumented and not matched:
        # Alternatives are tolerated, not relied on, where one of them is documented.
        for status in undocumented:
            yield _undocumented(scene, status)
    yield from _accepts(scene, matched)
    for status, response in matched.items():
        shown = status if status.isdigit() or status.endswith("XX") else (expect.statuses or (status,))[0]
        yield from _headers(scene, response, shown)
        yield from _body(scene, response, shown)


def _successes(responses: Mapping[str, Response]) -> list[str]:
    """Of an interaction that names no status: the documented successes."""
    return [key for key in responses if key[:1] == "2"] or [key for key in responses if key == "default"]


def _undocumented(scene: Scene, status: str) -> Problem:
    listed = ", ".join(scene.operation.responses) or "none"
    failure = status[:1] in "45"
    return Problem(
        "ZC331" if failure else "ZC330",
        f"{scene.name} does not document {status}, which is relied on",
        f"response {status}",
        "/expect/status",
        document=f"{scene.operation.pointer}/responses",
        explanation=f"documented statuses: {listed}",
        hint=_declare(status) if failure else f"expect one of {listed}",
        details=(f"documented are {listed}",),
        side="response",
        path="status",
        status=status,
    )


def _declare(status: str) -> str:
    if not status.isdigit():
        return "have the service document its refusals"
    return f"have the service document it (FastAPI: `responses={{{status}: ...}}` of the route)"


def _accepts(scene: Scene, matched: Mapping[str, Response]) -> Iterator[Problem]:
    """What the consumer says that it accepts, or expects, against the documented media types."""
    expect = scene.interaction.expect
    wanted = [expect.media_type] if expect.media_type else []
    where = "/expect/media-type"
    header = scene.interaction.request.headers.get("accept")
    if not wanted and header is not None and isinstance(header.value, str):
        wanted = [one.strip() for one in header.value.split(",") if "q=0" not in one.replace(" ", "").split(";")[1:]]
        where = "/request/headers/accept"
    if not wanted:
        return
    for response in matched.values():
        offered = list(response.content)
        if not offered:
            continue
        if any(_agree(one, two) for one in wanted for two in offered):
            continue
        yield Problem(
            "ZC332",
            f"{scene.name} ({response.status}) answers {' or '.join(offered)}, not {' or '.join(wanted)}",
            f"response {response.status} media type",
            where,
            document=response.pointer,
            hint=f"accept {offered[0]}",
            side="response",
            path="media-type",
            status=response.status,
        )


def _agree(wanted: str, offered: str) -> bool:
    ours = wanted.partition(";")[0].strip().lower()
    theirs = offered.partition(";")[0].strip().lower()
    return fits_media_type(ours, theirs) or fits_media_type(theirs, ours)


def _headers(scene: Scene, response: Response, status: str) -> Iterator[Problem]:
    documented = {name.lower(): one for name, one in response.headers.items()}
    for name, payload in scene.interaction.expect.headers.items():
        if name in _EVERYDAY and name not in documented:
            continue
        header = documented.get(name)
        pointer = payload.pointer or f"/expect/headers/{name}"
        if header is None:
            near = difflib.get_close_matches(name, list(documented), n=1)
            yield Problem(
                "ZC333",
                f"{scene.name} ({status}) does not document the header `{name}`, which is relied on",
                f"response {status} header {name}",
                pointer,
                document=response.pointer,
                hint=f"is `{near[0]}` meant?" if near else "",
                level=Level.INFO if payload.optional else None,
                side="response",
                path=f"header/{name}",
                status=status,
            )
            continue
        if header.schema is None or payload.schema == {}:
            continue
        answer = ask(header.schema, Schema(Resource(payload.schema)), RESPONSES)
        if isinstance(answer, Refuted) and not _readable(payload.schema, answer.witness):
            yield Problem(
                "ZC340",
                f"{scene.name} ({status}): the header `{name}` may be other than expected",
                f"response {status} header {name}",
                pointer,
                document=header.pointer,
                schema=header.schema,
                witness=answer.witness,
                explanation=answer.explanation.sentence if answer.explanation is not None else "",
                side="response",
                path=f"header/{name}",
                status=status,
            )


def _readable(expected: Any, value: Any) -> bool:
    """Whether the text of a header's value can be read as what is expected."""
    if isinstance(value, list | dict):
        return False
    return any(judge_document(expected, one).valid is not False for one in readings(value))


def _body(scene: Scene, response: Response, status: str) -> Iterator[Problem]:
    body = scene.interaction.expect.body
    if body is None or body.schema == {}:
        return
    empty = status in ("204", "205", "304") or scene.operation.method == "HEAD"
    if not response.content:
        level = Level.ERROR if empty else None
        yield Problem(
            "ZC346",
            f"{scene.name} ({status}) documents no body, and one is relied on",
            f"response {status} body",
            body.pointer or "/expect/body",
            document=response.pointer,
            hint="have the service document the body" if not empty else "nothing is sent with this status",
            level=level,
            side="response",
            path="body",
            status=status,
        )
        return
    media = _media(scene, response)
    if media is None:
        return  # told by the media type
    if media.schema is None:
        yield Problem(
            "ZC345",
            f"{scene.name} ({status}) does not describe the answer's body, which is relied on",
            f"response {status} body undescribed",
            body.pointer or "/expect/body",
            document=media.pointer,
            explanation=f"{media.name} has no schema: every value is documented, whatever the service sends",
            hint="have the service declare what it answers",
            side="response",
            path="body",
            status=status,
        )
        return
    yield from expectation_problems(
        scene, media.schema, body.schema, status=status, pointer=body.pointer or "/expect/body"
    )


def _media(scene: Scene, response: Response) -> MediaType | None:
    """The media type that the consumer reads: the one it names, else JSON, else the only one."""
    content = response.content
    wanted = scene.interaction.expect.media_type
    if wanted:
        fitting = [one for name, one in content.items() if _agree(wanted, name)]
        return fitting[0] if fitting else None
    found = [one for name, one in content.items() if is_json(name)]
    return found[0] if found else next(iter(content.values()), None)
