"""Is an answer what a consumer expects? Pure: an expectation and an exchange in, sentences out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zeues_contracts.consumers.model import Expectation, Payload
from zeues_contracts.exchange import Exchange
from zeues_contracts.live.judging import readings
from zeues_contracts.redact import redact_headers

__all__ = ["status_fits", "unmet"]


def status_fits(status: int, wanted: str) -> bool:
    """Whether a status falls under ``200`` or ``4XX``; an empty text takes any."""
    text = wanted.strip().upper()
    if not text or text in ("*", "DEFAULT"):
        return True
    return len(text) == 3 and all(sign == "X" or sign == digit for sign, digit in zip(text, str(status), strict=False))


def unmet(expectation: Expectation, exchange: Exchange) -> tuple[str, ...]:
    """What of an expectation an exchange does not meet, one sentence each; empty when all is met."""
    response = exchange.response
    if response is None:
        return (f"no answer came: {exchange.error_text or exchange.error}",)
    found: list[str] = []
    wanted = expectation.statuses
    if wanted and not any(status_fits(response.status, one) for one in wanted):
        found.append(f"status {response.status}, expected {' or '.join(wanted)}")
        return tuple(found)  # the body of another status was never expected to fit
    kind = expectation.media_type.split(";")[0].strip().lower()
    if kind and response.media_type != kind:
        found.append(f"media type {response.media_type or 'none'}, expected {kind}")
    for name, payload in expectation.headers.items():
        value = response.header(name)
        if value is None:
            found.append(f"the header {name} is missing")
        elif not any(_fits(payload, reading)[0] for reading in readings(value)):
            found.append(f"the header {name} is {redact_headers(((name, value),))[0][1][:80]!r}, not as expected")
    if expectation.body is not None:
        found += _body(expectation.body, response.body, response.media_type)
    return tuple(found)


def _body(payload: Payload, body: bytes, kind: str) -> list[str]:
    value: Any
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        if kind.endswith("json") or not kind:
            return ["the body is no JSON"]
        value = body.decode("utf-8", "replace")
    fits, why = _fits(payload, value)
    return [] if fits else [f"the body is not as expected: {one}" for one in why]


def _fits(payload: Payload, value: Any) -> tuple[bool, list[str]]:
    """Both validators have to refuse before an answer is called unexpected."""
    import jsonschema
    import jsonschema_rs

    schema: Any = payload.schema
    if isinstance(schema, Mapping):
        schema = dict(schema)
    try:
        why = []
        for error in jsonschema_rs.Draft202012Validator(schema, retriever=_nothing).iter_errors(value):
            where = "".join(f"/{part}" for part in error.instance_path)
            why.append(f"at {where or '/'}: {str(error.message)[:200]}")
            if len(why) >= 3:
                break
        if not why or jsonschema.Draft202012Validator(schema).is_valid(value):
            return True, []
    except Exception:  # an expectation that cannot be read is the contract room's finding, not the service's fault
        return True, []
    return False, why


def _nothing(uri: str) -> Any:
    raise ValueError(f"{uri} is not loaded")
