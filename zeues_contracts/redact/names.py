"""Names that secrets go by: of headers, query parameters, cookies, properties and variables."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

# Relative, here and beside: a recorder in a stranger's process loads this folder by its path, under a name of its own.
from .known import known_names

__all__ = ["is_secret_name", "is_secret_parameter", "is_weak_name"]

_SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "set-cookie2",
        "x-amz-security-token",
        "x-forwarded-access-token",
        "x-goog-iap-jwt-assertion",
        "x-vault-token",
        "www-authenticate-info",
    }
)
# fmt: off
_SECRET_WORDS = frozenset({
    "password", "passwd", "passwort", "passphrase", "pwd", "secret", "secrets", "authorization",
    "authentication", "apikey", "accesskey", "secretkey", "privatekey", "cookie", "cookies", "credential",
    "credentials", "jwt", "bearer", "otp", "totp", "cvv", "cvc", "pin", "csrf", "xsrf", "csrftoken",
    "csrfmiddlewaretoken", "sessionid", "sid", "jsessionid", "phpsessid", "contrasena", "clave", "psk", "ssn",
    "passcode", "dbpass", "userpass", "hmac",
})
_SECRET_PAIRS = frozenset({
    "api/key", "access/key", "secret/key", "private/key", "signing/key", "encryption/key", "auth/key",
    "master/key", "session/id", "session/key", "shared/key", "account/key", "client/assertion",
    "subscription/key", "function/key", "pass/code", "mfa/code", "otp/code", "verification/code", "code/verifier",
    "db/pass", "database/pass", "user/pass", "smtp/pass", "mail/pass", "ftp/pass", "root/pass", "admin/pass",
    "redis/pass", "login/pass", "proxy/pass", "ldap/pass", "new/pass", "old/pass", "my/pass",
})
_TOKENS = frozenset({"token", "accesstoken", "refreshtoken", "idtoken", "authtoken", "signature", "sig", "auth", "sas"})
# Where these count something, their plural is no secret.
_COUNTED = frozenset({"max", "min", "total", "prompt", "completion", "input", "output", "used", "cached", "num", "n"})
# Also the words of containers and counts: of these only text right below is taken out, numbers and objects stay.
_WEAK = frozenset({"auth", "session", "tokens", "signature"})
_VALUE_WORDS = frozenset({"value", "values", "text", "string", "plain", "raw"})
# A name that ends so tells something about a secret, or holds a cursor: the value is no secret.
_HARMLESS = frozenset({
    "at", "date", "time", "type", "types", "count", "counts", "length", "size", "limit", "limits", "policy",
    "url", "uri", "endpoint", "enabled", "disabled", "required", "expired", "expires", "expiry", "ttl",
    "name", "id", "description", "hint", "strength", "set", "changed", "valid", "format", "field", "fields",
    "schema", "scheme", "method", "methods", "status", "error", "errors", "message", "algorithm", "alg", "total",
})
# fmt: on
_CURSORS = frozenset({"page", "next", "prev", "previous", "continuation", "cursor", "sync", "pagination"})


def is_secret_name(name: str) -> bool:
    """Whether a header, parameter, property or variable of this name holds a secret."""
    # A known name with a hyphen is that of a header wherever it stands; `key` or `id` may be a property as well.
    return _is_secret_name(name) or ("-" in name and name.lower() in known_names())


def is_secret_parameter(name: str) -> bool:
    """Whether a header, query parameter or cookie of this name holds a secret: by its words, or since it is known."""
    return _is_secret_name(name) or name.lower() in known_names()


@lru_cache(maxsize=4096)
def _is_secret_name(name: str) -> bool:
    if name.lower() in _SECRET_HEADERS or name.lower() == "pass":
        return True
    words = _bare(_words(name))
    if not words:
        return False
    if words[-1] in _HARMLESS and not (words[-1] == "id" and f"{'/'.join(words[-2:])}" in _SECRET_PAIRS):
        return False
    if words[-1] == "session":
        return words[:-1] in ([], ["x"], ["user"], ["auth"], ["login"], ["admin"])
    single = [_singular(word) for word in words]
    if any(one in _SECRET_WORDS for word, alone in zip(words, single, strict=True) for one in (word, alone)):
        return True
    if any(f"{a}/{b}" in _SECRET_PAIRS for a, b in itertools.pairwise(single)):
        return True
    if words[-1] == "tokens" and any(word in _COUNTED for word in words):
        return False
    return (words[-1] in _TOKENS or single[-1] in _TOKENS) and not any(word in _CURSORS for word in words)


def is_weak_name(name: str) -> bool:
    """Whether the name is also that of containers and counts, so that only text right below it is a secret."""
    words = _bare(_words(name))
    return bool(words) and words[-1] in _WEAK and not any(_singular(word) in _SECRET_WORDS for word in words)


def _bare(words: list[str]) -> list[str]:
    """The words of a name without numbers at their ends, and without a last word that says `value`."""
    found = [word.rstrip("0123456789") for word in words]
    found = [word for word in found if word]
    return found[:-1] if len(found) > 1 and found[-1] in _VALUE_WORDS else found


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 5 and word.endswith("s") else "key" if word == "keys" else word


def _words(name: str) -> list[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name[:100])
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", spaced)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]
