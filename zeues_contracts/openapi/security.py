"""What security requirements mean for the messages of an operation."""

from __future__ import annotations

from zeues_contracts.openapi.model import Document, Operation

__all__ = ["carries_authorization", "ignored_headers"]

# OpenAPI 3.1, 4.8.12.2: parameters of these names are ignored: media types and security requirements tell of them.
_IGNORED = frozenset({"accept", "content-type"})


def ignored_headers(document: Document, operation: Operation) -> frozenset[str]:
    """The header parameters, in lower case, that say nothing although they are written.

    ``Authorization`` is one of them where a security scheme tells of it; elsewhere the parameter is all that is said.
    """
    return _IGNORED | {"authorization"} if carries_authorization(document, operation) else _IGNORED


def carries_authorization(document: Document, operation: Operation) -> bool:
    """Whether a security scheme in force tells of the header ``Authorization`` (OpenAPI 3.1, 4.8.27)."""
    for alternative in operation.security:
        for name in alternative:
            scheme = document.security_schemes.get(name)
            if scheme is None:
                return True  # it is named and not described: it may be any
            kind = scheme.raw.get("type")
            key = scheme.raw.get("in") == "header" and str(scheme.raw.get("name", "")).lower() == "authorization"
            if kind in ("http", "oauth2", "openIdConnect") or (kind == "apiKey" and key):
                return True
    return False
