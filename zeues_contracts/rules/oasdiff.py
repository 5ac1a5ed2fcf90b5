"""oasdiff's rule ids and ours, for teams that move: theirs name keyword and place, ours the effect and the place.

Their ids of schemas are made of a place (``request-body``, ``response-property``, …) and of what happened there; what
narrows breaks a request, and what widens breaks a response, so one row here stands for many ids of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

__all__ = ["EXACT", "PLACES", "SCHEMA_CHANGES", "markdown", "ours", "table"]

EXACT: Mapping[str, str] = {
    "api-removed-without-deprecation": "operation-removed",
    "api-path-removed-without-deprecation": "operation-removed",
    "api-removed-before-sunset": "operation-removed",
    "api-path-removed-before-sunset": "operation-removed",
    "api-removed-with-deprecation": "announced-removal",
    "api-path-removed-with-deprecation": "announced-removal",
    "endpoint-added": "operation-added",
    "endpoint-deprecated": "deprecation-changed",
    "endpoint-deprecated-with-sunset": "deprecation-changed",
    "endpoint-reactivated": "deprecation-changed",
    "api-deprecated-sunset-missing": "sunset-policy",
    "api-deprecated-sunset-parse": "sunset-policy",
    "api-path-sunset-parse": "sunset-policy",
    "api-sunset-date-too-small": "sunset-policy",
    "api-sunset-date-changed-too-small": "sunset-withdrawn",
    "sunset-deleted": "sunset-withdrawn",
    "api-invalid-stability-level": "stability-lowered",
    "api-stability-decreased": "stability-lowered",
    "api-operation-id-added": "operation-id-changed",
    "api-operation-id-removed": "operation-id-changed",
    "api-tag-added": "tags-changed",
    "api-tag-removed": "tags-changed",
    "api-security-added": "security-stronger",
    "api-security-removed": "security-weaker",
    "api-security-scope-added": "security-stronger",
    "api-security-scope-removed": "security-weaker",
    "api-global-security-added": "security-stronger",
    "api-global-security-removed": "security-weaker",
    "api-global-security-scope-added": "security-stronger",
    "api-global-security-scope-removed": "security-weaker",
    "api-security-component-added": "security-declaration-changed",
    "api-security-component-removed": "security-declaration-changed",
    "api-security-component-type-changed": "security-scheme-changed",
    "api-security-component-oauth-scope-added": "security-declaration-changed",
    "api-security-component-oauth-scope-changed": "security-declaration-changed",
    "api-security-component-oauth-scope-removed": "security-declaration-changed",
    "api-security-component-oauth-token-url-changed": "security-declaration-changed",
    "api-security-component-oauth-url-changed": "security-declaration-changed",
    "api-version-not-bumped": "version-not-raised",
    "api-major-version-not-bumped": "version-not-raised",
    "api-version-decreased": "text-changed",
    "new-required-request-parameter": "required-parameter-added",
    "new-optional-request-parameter": "optional-parameter-added",
    "new-required-request-default-parameter-to-existing-path": "required-parameter-added",
    "new-optional-request-default-parameter-to-existing-path": "optional-parameter-added",
    "new-required-request-header-property": "request-property-became-required",
    "request-parameter-removed": "parameter-removed",
    "request-parameter-removed-with-deprecation": "announced-removal",
    "request-parameter-removed-before-sunset": "parameter-removed",
    "request-parameter-became-required": "parameter-became-required",
    "request-parameter-became-optional": "parameter-relaxed",
    "request-parameter-deprecated": "deprecation-changed",
    "request-parameter-deprecated-sunset-missing": "sunset-policy",
    "request-parameter-reactivated": "deprecation-changed",
    "request-parameter-sunset-parse": "sunset-policy",
    "request-parameter-sunset-date-too-small": "sunset-policy",
    "request-parameter-sunset-date-changed-too-small": "sunset-withdrawn",
    "request-parameter-sunset-deleted": "sunset-withdrawn",
    "request-parameter-default-value-added": "parameter-default-changed",
    "request-parameter-default-value-changed": "parameter-default-changed",
    "request-parameter-default-value-removed": "parameter-default-changed",
    "request-parameter-style-changed": "parameter-serialisation-changed",
    "request-parameter-explode-changed": "parameter-serialisation-changed",
    "request-parameter-became-allow-reserved": "parameter-relaxed",
    "request-parameter-became-not-allow-reserved": "parameter-serialisation-changed",
    "request-body-added-required": "request-body-required",
    "request-body-added-optional": "request-body-relaxed",
    "request-body-became-required": "request-body-required",
    "request-body-became-optional": "request-body-relaxed",
    "request-body-removed": "request-body-removed",
    "request-body-media-type-added": "request-media-type-added",
    "request-body-media-type-removed": "request-media-type-removed",
    "request-body-media-type-schema-added": "request-narrowed",
    "response-body-media-type-schema-added": "response-narrowed",
    "request-body-media-type-schema-removed": "request-widened",
    "response-body-media-type-schema-removed": "response-widened",
    "response-media-type-added": "response-media-type-added",
    "response-media-type-removed": "response-media-type-removed",
    "response-media-type-name-specialized": "response-media-type-added",
    "response-media-type-name-changed": "response-media-type-added",
    "response-media-type-name-generalized": "response-media-type-removed",
    "response-success-status-removed": "success-status-removed",
    "response-non-success-status-removed": "status-removed",
    "response-success-status-added": "status-added",
    "response-non-success-status-added": "status-added",
    "required-response-header-removed": "response-header-removed",
    "optional-response-header-removed": "optional-response-header-removed",
    "response-header-became-optional": "response-header-became-optional",
    "response-header-became-required": "response-narrowed",
    "response-header-added": "response-header-added",
    "new-required-request-property": "request-property-became-required",
    "new-required-request-property-with-default": "request-property-required-with-default",
    "new-optional-request-property": "request-property-added",
    "request-property-became-required": "request-property-became-required",
    "request-property-became-required-with-default": "request-property-required-with-default",
    "request-property-became-optional": "request-widened",
    "request-property-removed": "request-property-removed",
    "request-property-x-extensible-enum-value-removed": "request-values-removed",
    "request-optional-property-became-not-write-only": "marks-changed",
    "request-optional-property-became-read-only": "marks-changed",
    "request-required-property-became-not-read-only": "request-property-became-required",
    "request-required-property-became-read-only": "marks-changed",
    "request-required-property-became-write-only": "marks-changed",
    "response-required-property-removed": "response-required-property-removed",
    "response-optional-property-removed": "response-property-removed",
    "response-required-property-added": "response-property-added",
    "response-optional-property-added": "response-property-added",
    "response-property-became-optional": "response-property-became-optional",
    "response-property-became-required": "response-narrowed",
    "response-optional-property-became-write-only": "marks-changed",
    "response-required-property-became-write-only": "response-required-property-removed",
    "response-required-property-became-not-write-only": "response-write-only-shown",
    "response-required-property-became-read-only": "marks-changed",
    "response-required-property-became-not-read-only": "marks-changed",
    "response-required-write-only-property-added": "",
    "response-required-write-only-property-removed": "",
    "response-optional-write-only-property-added": "",
    "response-optional-write-only-property-removed": "",
    "response-write-only-property-became-required": "",
    "response-write-only-property-enum-value-added": "",
    "request-read-only-property-enum-value-removed": "",
    "request-read-only-property-min-increased": "",
    "request-read-only-property-exclusive-min-increased": "",
    "response-property-stability-decreased": "stability-lowered",
    "request-property-stability-decreased": "stability-lowered",
    "response-mediatype-enum-value-removed": "response-narrowed",
    "api-schema-removed": "",
}
"""Their id to our slug; the empty slug where nothing that anybody sends or gets has changed, which we do not tell."""

PLACES = (
    "request-body",
    "request-property",
    "request-parameter",
    "request-parameter-property",
    "request-header-property",
    "response-body",
    "response-property",
    "response-header",
)

_BOUND = ("request-bound-tightened", "response-narrowed")
_LOOSE = ("request-widened", "response-bound-loosened")
_LESS = ("request-narrowed", "response-narrowed")
_MORE = ("request-widened", "response-widened")
_RISING = (
    "min", "min-length", "min-items", "min-contains", "min-properties", "exclusive-min", "multiple-of",
)  # fmt: skip
_FALLING = ("max", "max-length", "max-items", "max-contains", "max-properties", "exclusive-max")


def _bounds() -> Iterator[tuple[str, tuple[str, str]]]:
    for name in _RISING:
        yield f"{name}-increased", _BOUND
        yield f"{name}-set", _BOUND
        yield f"{name}-added", _BOUND
        yield f"{name}-decreased", _LOOSE
        yield f"{name}-removed", _LOOSE
    for name in _FALLING:
        yield f"{name}-decreased", _BOUND
        yield f"{name}-set", _BOUND
        yield f"{name}-added", _BOUND
        yield f"{name}-increased", _LOOSE
        yield f"{name}-removed", _LOOSE


SCHEMA_CHANGES: Mapping[str, tuple[str, str]] = {
    **dict(_bounds()),
    "unique-items-added": _BOUND,
    "unique-items-removed": _LOOSE,
    "type-changed": ("request-type-changed", "response-type-changed"),
    "type-specialized": ("request-type-changed", "response-narrowed"),
    "type-generalized": ("request-widened", "response-type-changed"),
    "type-compatible": ("request-widened", "response-narrowed"),
    "list-of-types-narrowed": ("request-type-changed", "response-narrowed"),
    "list-of-types-widened": ("request-widened", "response-type-changed"),
    "became-enum": ("request-values-removed", "response-narrowed"),
    "enum-value-removed": ("request-values-removed", "response-narrowed"),
    "enum-value-added": ("request-widened", "response-values-added"),
    "const-added": ("request-values-removed", "response-narrowed"),
    "const-changed": ("request-values-removed", "response-values-added"),
    "const-removed": ("request-widened", "response-values-opened"),
    "became-nullable": ("request-widened", "response-may-be-null"),
    "became-not-nullable": ("request-null-refused", "response-narrowed"),
    "pattern-added": ("request-pattern-tightened", "response-narrowed"),
    "pattern-changed": ("request-pattern-tightened", "response-pattern-loosened"),
    "pattern-removed": ("request-widened", "response-pattern-loosened"),
    "pattern-generalized": ("request-widened", "response-pattern-loosened"),
    "any-of-added": ("request-widened", "response-choice-added"),
    "any-of-removed": ("request-choice-removed", "response-narrowed"),
    "one-of-added": ("request-widened", "response-choice-added"),
    "one-of-removed": ("request-choice-removed", "response-narrowed"),
    "all-of-added": ("request-choice-removed", "response-narrowed"),
    "all-of-removed": ("request-widened", "response-choice-added"),
    "all-of-added-annotation-only": ("text-changed", "text-changed"),
    "all-of-removed-annotation-only": ("text-changed", "text-changed"),
    "wrapped-in-one-of": ("request-narrowed", "response-widened"),
    "default-value-added": ("default-changed", "default-changed"),
    "default-value-changed": ("default-changed", "default-changed"),
    "default-value-removed": ("default-changed", "default-changed"),
    "discriminator-added": ("discriminator-extended", "discriminator-extended"),
    "discriminator-removed": ("discriminator-extended", "discriminator-extended"),
    "discriminator-property-name-changed": ("discriminator-extended", "discriminator-extended"),
    "discriminator-mapping-added": ("discriminator-extended", "discriminator-changed"),
    "discriminator-mapping-changed": ("discriminator-extended", "discriminator-extended"),
    "discriminator-mapping-deleted": ("discriminator-changed", "discriminator-extended"),
    "content-encoding-changed": ("content-encoding-changed", "content-encoding-changed"),
    "content-media-type-changed": ("content-encoding-changed", "content-encoding-changed"),
    "content-schema-added": ("content-encoding-changed", "content-encoding-changed"),
    "content-schema-removed": ("content-encoding-changed", "content-encoding-changed"),
    "contains-added": _LESS,
    "contains-removed": _MORE,
    "dependent-required-added": _LESS,
    "dependent-required-changed": ("request-narrowed", "response-widened"),
    "dependent-required-removed": _MORE,
    "dependent-schema-added": _LESS,
    "dependent-schema-removed": _MORE,
    "if-added": _LESS,
    "if-removed": _MORE,
    "then-added": _LESS,
    "then-removed": _MORE,
    "else-added": _LESS,
    "else-removed": _MORE,
    "not-added": _LESS,
    "not-removed": _MORE,
    "prefix-items-added": ("request-narrowed", "response-narrowed"),
    "prefix-items-removed": ("request-widened", "response-widened"),
    "pattern-property-added": ("request-object-closed", "response-narrowed"),
    "pattern-property-removed": ("request-widened", "response-object-opened"),
    "property-names-added": ("request-object-closed", "response-narrowed"),
    "property-names-removed": ("request-widened", "response-object-opened"),
    "unevaluated-items-added": ("request-object-closed", "response-narrowed"),
    "unevaluated-items-removed": ("request-widened", "response-object-opened"),
    "unevaluated-properties-added": ("request-object-closed", "response-narrowed"),
    "unevaluated-properties-removed": ("request-widened", "response-object-opened"),
    "deprecated": ("deprecation-changed", "deprecation-changed"),
    "deprecated-with-sunset": ("deprecation-changed", "deprecation-changed"),
    "deprecated-sunset-missing": ("sunset-policy", "sunset-policy"),
    "deprecated-sunset-invalid": ("sunset-policy", "sunset-policy"),
    "sunset-date-too-small": ("sunset-policy", "sunset-policy"),
    "reactivated": ("deprecation-changed", "deprecation-changed"),
}
"""What happened at a place (the end of their id): our slug for requests, and for responses."""


def ours(name: str) -> str | None:
    """Our slug for an id of theirs: "" for what we do not tell since nothing changed, ``None`` for an unknown id."""
    if name in EXACT:
        return EXACT[name]
    for place in sorted(PLACES, key=len, reverse=True):
        slugs = SCHEMA_CHANGES.get(name.removeprefix(f"{place}-")) if name.startswith(f"{place}-") else None
        if slugs is not None:
            return slugs[place.startswith("response")]
    return None


def table() -> tuple[tuple[str, str], ...]:
    """Every row: their id (``PLACE`` stands for any place of a message), our slug; sorted by id."""
    rows = list(EXACT.items())
    for change, (taken, given) in SCHEMA_CHANGES.items():
        rows.append((f"request-PLACE-{change}", taken))
        rows.append((f"response-PLACE-{change}", given))
    return tuple(sorted(rows))


def markdown() -> str:
    """The table as Markdown, ending in a line break."""
    from zeues_contracts.rules import rule

    rows = [
        f"| {theirs} | {f'{rule(slug).code} {slug}' if slug else 'nothing on the wire changed'} |"
        for theirs, slug in table()
    ]
    lines = [
        "| oasdiff | zeues-contracts |",
        "| --- | --- |",
        *rows,
        "",
        f"PLACE is one of {', '.join(sorted({place.partition('-')[2] for place in PLACES}))}.",
    ]
    return "\n".join(lines) + "\n"
