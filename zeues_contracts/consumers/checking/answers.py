"""The answer that one interaction expects against what its operation documents: status, media type, headers, body."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.consumers.checking.bodies import fits_media_type, is_json
from zeues_contracts.consumers.checking.deprecations import deprecated_reads
from zeues_contracts.consumers.checking.expectations import expectation_problems
from zeues_contracts.consumers.checking.model import NONE, RESPONSES, Problem, Scene, ask, schema_of
from zeues_contracts.consumers.checking.wire import readings
from zeues_contracts.consumers.model import Payload
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import MediaType, Response
from zeues_contracts.schema.complaints import complaints
from zeues_contracts.schema.types import Refuted, Schema
from zeues_contracts.schema.validators import judge, judge_document

__all__ = ["answer_problems", "documented_for"]

# Headers that every answer may have; OpenAPI leaves Content-Type to `content` (3.1, 4.8.17).
_EVERYDAY = frozenset(
    {"content-type", "content-length", "date", "server", "connection", "transfer-encoding", "vary", "cache-control"}
)
# Standard headers of answers (RFC 9110, RFC 9111 and others): few documents name them, and their meaning is known.
_STANDARD = frozenset(
    {
        "accept-ranges", "age", "allow", "content-disposition", "content-encoding", "content-language",
        "content-location", "content-range", "etag", "expires", "last-modified", "link", "location",
        "proxy-authenticate", "retry-after", "set-cookie", "strict-transport-security", "warning", "www-authenticate",
        "access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers",
        "access-control-expose-headers", "access-control-max-age", "access-control-allow-credentials",
    }
)  # fmt: skip

_DEEPEST = 50


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
        f"relies on {status}, which is not documented",
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
        offered = list(response.content) or _produced(scene)
        if not offered:
            continue
        if any(_agree(one, two) for one in wanted for two in offered):
            continue
        yield Problem(
            "ZC332",
            f"accepts {' or '.join(wanted)}, and {response.status} answers {' or '.join(offered)}",
            f"response {response.status} media type",
            where,
            document=response.pointer,
            hint=f"accept {offered[0]}",
            side="response",
            path="media-type",
            status=response.status,
        )


def _produced(scene: Scene) -> list[str]:
    """What Swagger 2.0 says of the media types of answers, also of those without a schema (``produces``)."""
    given = scene.operation.raw.get("produces", scene.document.raw.get("produces"))
    swagger = scene.document.version.startswith("2") and isinstance(given, list)
    return [str(one) for one in given] if swagger and given else []


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
                f"relies on the header `{name}` ({status}), which is not documented",
                f"response {status} header {name}",
                pointer,
                document=response.pointer,
                hint=f"is `{near[0]}` meant?" if near else "",
                level=Level.INFO if payload.optional else Level.WARNING if name in _STANDARD else None,
                side="response",
                path=f"header/{name}",
                status=status,
            )
            continue
        if header.schema is None or payload.schema == {}:
            continue
        answer = ask(header.schema, schema_of(payload.schema), RESPONSES)
        if isinstance(answer, Refuted) and not _readable(payload.schema, answer.witness):
            yield Problem(
                "ZC344" if _overlaps(payload.schema, header.schema) else "ZC340",
                f"expects something of the header `{name}` ({status}) that it need not be",
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


def _overlaps(expected: Any, documented: Schema) -> bool:
    """Whether what is expected is one of the documented values, or a part of them: then it may come."""
    if not isinstance(expected, Mapping):
        return False
    values = expected.get("enum", [expected["const"]] if "const" in expected else None)
    if values is not None:
        return any(judge(documented, one, RESPONSES).valid for value in values for one in readings(value))
    return set(expected) - {"type"} != set()


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
        # Refusals are often documented by their status alone; an answer that is wanted is documented with its body.
        level = Level.ERROR if empty or status[:1] in "123" else None
        yield Problem(
            "ZC346",
            f"relies on a body ({status}), and none is documented",
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
            "ZC346",
            f"relies on a body ({status}), and nothing is documented of it",
            f"response {status} body",
            body.pointer or "/expect/body",
            document=media.pointer,
            explanation=f"{media.name} has no schema",
            hint="have the service document the body",
            level=Level.ERROR if status[:1] in "123" else None,
            side="response",
            path="body",
            status=status,
        )
        return
    kind = media.name.partition(";")[0].strip().lower()
    if not is_json(kind) and not kind.startswith("text/"):
        yield Problem(
            "ZC349",
            f"cannot be judged by the answer's body ({status}): {kind} is not read here",
            f"response {status} body {kind}",
            body.pointer or "/expect/body",
            document=media.pointer,
            level=Level.INFO,
            side="response",
            path="body",
            status=status,
        )
        return
    where = body.pointer or "/expect/body"
    yield from deprecated_reads(media.schema, body.schema, status=status, pointer=where)
    shown = _shown(media.schema, body)
    yield from expectation_problems(media.schema, body.schema, status=status, pointer=where, shown=shown)
    if body.value is not None:
        yield from _example(media.schema, body.value, status, where)


def _shown(schema: Schema, body: Payload) -> Any:
    """What a contract shows of the answer, where that is a part of a documented one; else ``NONE``."""
    value = body.value if body.value is not None else _constant(body.schema, 0)
    if value is NONE or complaints(schema, value, RESPONSES, partial=True):
        return NONE
    return value


def _constant(expected: Any, depth: int) -> Any:
    """The value that an expectation gives by itself, as far as it does."""
    if not isinstance(expected, Mapping) or depth > _DEEPEST:
        return NONE
    if "const" in expected:
        return expected["const"]
    properties = expected.get("properties")
    if expected.get("type") == "object" and isinstance(properties, Mapping):
        members = {name: _constant(one, depth + 1) for name, one in properties.items()}
        return {name: one for name, one in members.items() if one is not NONE} or NONE
    first = expected.get("prefixItems", [expected["items"]] if "items" in expected else [])
    if expected.get("type") == "array" and isinstance(first, list):
        items = [_constant(one, depth + 1) for one in first]
        return NONE if not items or NONE in items else items
    return NONE


def _example(schema: Schema, value: Any, status: str, pointer: str) -> Iterator[Problem]:
    """What a contract shows as an example of the answer and no answer ever is; properties may be left out of it."""
    told = complaints(schema, value, RESPONSES, partial=True)
    for one in told[:5]:
        yield Problem(
            "ZC347",
            f"shows an answer by example ({status}) that is not documented: {one.sentence}",
            f"response {status} example {one.pointer} {one.name}".rstrip(),
            pointer,
            schema=schema,
            witness=value,
            witness_pointer=one.pointer,
            explanation=one.sentence,
            hint="show an example that the document allows",
            side="response",
            path=f"body{one.pointer}",
            status=status,
            keyword=one.keyword,
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
