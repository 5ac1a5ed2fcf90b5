"""Credentials: what an operation requires and whether the consumer sends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zeues_contracts.consumers.checking.model import Problem, Scene
from zeues_contracts.findings import Level

__all__ = ["security_problems"]


def security_problems(scene: Scene) -> Iterator[Problem]:
    """That none of the security alternatives is met (OpenAPI 3.1, 4.8.30: one of them has to be)."""
    alternatives = scene.operation.security
    if not alternatives or any(not one for one in alternatives):
        return
    # Which refusal comes first is said nowhere: a consumer that wants to be refused (401, 403, 422) may be for this.
    if scene.expects_refusal():
        return
    wanted: list[str] = []
    certain = True
    for alternative in alternatives:
        missing = [name for name in alternative if not _sent(scene, name)]
        if not missing:
            return
        # Of OAuth 2 and OpenID Connect a document does not say where the token goes: the header is the usual place.
        certain = certain and any(_scheme(scene, name).get("type") in ("apiKey", "http", "basic") for name in missing)
        wanted.append(" and ".join(_words(scene, name) for name in missing))
    listed = " or ".join(dict.fromkeys(wanted))
    own = "security" in scene.operation.raw
    yield Problem(
        "ZC304",
        f"sends no credentials, and they are required: {listed}",
        "security",
        "/request",
        document=f"{scene.operation.pointer}/security" if own else "/security",
        hint='send them from the environment: `headers: {authorization: "Bearer ${TOKEN}"}`'
        if "authorization" in listed
        else "send them from the environment: `$env:NAME`",
        level=None if certain else Level.WARNING,
        side="request",
        path="security",
    )


def _sent(scene: Scene, name: str) -> bool:
    raw = _scheme(scene, name)
    kind, request = raw.get("type"), scene.interaction.request
    label = str(raw.get("name", ""))
    if kind == "apiKey":
        where = raw.get("in")
        if where == "header":
            return label.lower() in request.headers or label.lower() in scene.headers
        if where == "cookie":
            return label in request.cookies or "cookie" in request.headers or "cookie" in scene.headers
        return label in request.query
    if kind in ("oauth2", "openIdConnect"):
        # RFC 6750, 2: the header, a field of a form, or the query.
        body = request.body.value if request.body is not None else None
        tokens = (request.query, request.cookies, body if isinstance(body, Mapping) else {})
        return any("access_token" in one for one in tokens) or _authorized(scene, "")
    if kind in ("http", "basic"):
        return _authorized(scene, "basic" if kind == "basic" else str(raw.get("scheme", "")).lower())
    return True  # mutual TLS, or a scheme that is not known: nothing to be seen in a contract


def _authorized(scene: Scene, scheme: str) -> bool:
    if "authorization" in scene.headers:
        return True
    payload = scene.interaction.request.headers.get("authorization")
    if payload is None:
        return False
    # Of a token that is not set here the scheme may be written all the same: `Basic ${TOKEN}`.
    value = payload.shown if payload.unset else payload.value
    if not isinstance(value, str) or value.startswith("$") or not scheme or not payload.is_example:
        return True
    # Another scheme than the one required (RFC 9110, 11.1: names are compared without case) is none.
    given = value.strip().partition(" ")[0].lower()
    return given == scheme or not value.strip().partition(" ")[1] or scheme not in ("basic", "bearer")


def _scheme(scene: Scene, name: str) -> Mapping[str, Any]:
    scheme = scene.document.security_schemes.get(name)
    return scheme.raw if scheme is not None else {}


def _words(scene: Scene, name: str) -> str:
    raw = _scheme(scene, name)
    kind = raw.get("type")
    if kind == "apiKey":
        where = {"header": "the header", "cookie": "the cookie"}.get(str(raw.get("in")), "the query parameter")
        return f"{where} `{raw.get('name')}`"
    if kind == "http":
        return f"the header `authorization` ({str(raw.get('scheme', '')).capitalize() or 'http'})"
    return "the header `authorization`"
