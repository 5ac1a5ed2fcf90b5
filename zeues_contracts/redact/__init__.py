"""Secrets out of whatever is shown or kept: the one place that knows what a secret looks like.

Secrets are told by the name that they go by (headers, query parameters, JSON keys) and by their shape (JWT, bearer
tokens, the prefixed keys of well-known services, passwords inside of URLs), and by being known: whoever resolves
headers, passwords or a document's own keys tells them to :func:`know`. What is taken out becomes ``***``; the structure
around it stays, so that a recording remains usable.
"""

from __future__ import annotations

# Relative: a recorder in a stranger's process loads this folder by its path, under a name of its own.
from .known import (
    PLACEHOLDER,
    forget,
    is_known_value,
    know,
    know_headers,
    knows_values,
    redact_known,
    redact_known_bytes,
)
from .names import is_secret_name, is_secret_parameter
from .texts import redact_body, redact_headers, redact_json, redact_text, redact_url

__all__ = [
    "PLACEHOLDER",
    "forget",
    "is_known_value",
    "is_secret_name",
    "is_secret_parameter",
    "know",
    "know_headers",
    "knows_values",
    "redact_body",
    "redact_headers",
    "redact_json",
    "redact_known",
    "redact_known_bytes",
    "redact_text",
    "redact_url",
]
