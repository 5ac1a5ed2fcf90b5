"""What credentials a document asks for, where they go, and how they are configured. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zeues_contracts.openapi.model import Document, Operation

__all__ = ["Credential", "credentials_of", "every_credential", "how_to_give"]


@dataclass(frozen=True, slots=True)
class Credential:
    """A security scheme by its name, and what carries it.

    ``place`` is ``header``, ``cookie`` or ``query``; ``name`` that of the header, cookie or parameter; ``value`` is
    what to write into the configuration, with a variable for the secret.
    """

    scheme: str
    place: str
    name: str
    value: str

    @property
    def header(self) -> str:
        """The header that carries it, empty where none can."""
        return {"header": self.name, "cookie": "Cookie"}.get(self.place, "")

    @property
    def told(self) -> str:
        """``key (header X-Api-Key)``; of what goes into ``Authorization`` the scheme alone."""
        return self.scheme if self.name == "Authorization" else f"{self.scheme} ({self.place} {self.name})"


def credentials_of(document: Document, operation: Operation) -> tuple[Credential, ...]:
    """What the first alternative of an operation's security asks for; empty where it asks for nothing."""
    names = dict.fromkeys(scheme for alternative in operation.security[:1] for scheme in alternative)
    return tuple(_credential(document, name) for name in names)


def every_credential(document: Document) -> Iterator[Credential]:
    """All schemes of a document, those of operations first."""
    seen: set[str] = set()
    asked = [one for operation in document.operations.values() for one in credentials_of(document, operation)]
    for one in (*asked, *(_credential(document, name) for name in document.security_schemes)):
        if one.scheme not in seen:
            seen.add(one.scheme)
            yield one


def _credential(document: Document, name: str) -> Credential:
    scheme = document.security_schemes.get(name)
    raw: Mapping[str, Any] = scheme.raw if scheme is not None else {}
    kind, style = str(raw.get("type", "")), str(raw.get("scheme", "")).lower()
    if kind == "apiKey":
        place, carrier = str(raw.get("in") or "header"), str(raw.get("name") or name)
        variable = re.sub(r"[^A-Z0-9]+", "_", re.sub(r"^X-", "", carrier.upper())).strip("_") or "API_KEY"
        value = f"{carrier}=${{{variable}}}" if place == "cookie" else f"${{{variable}}}"
        return Credential(name, place, carrier, value)
    word = "Basic ${CREDENTIALS}" if kind == "basic" or style == "basic" else "Bearer ${TOKEN}"
    return Credential(name, "header", "Authorization", word)


def how_to_give(service: str, wanted: Sequence[Credential], configured: Collection[str] = ()) -> str:
    """The next step for who has no credentials configured: the setting that holds them.

    ``configured`` are the headers that are sent already.
    """
    sent = {name.lower() for name in configured}
    missing = [one for one in wanted if one.header.lower() not in sent] or list(wanted)
    where = f"[services.{service}] " if service else ""
    headers: dict[str, str] = {}
    for one in missing:
        if one.header:
            headers[one.header] = f"{headers[one.header]}; {one.value}" if one.header in headers else one.value
    if missing and not headers:
        one = missing[0]
        return (
            f"{one.told} goes into the query, which no configured header carries: give it in the interactions of the "
            f'contracts (`query: {{{_key(one.name)}: "$env:{one.value[2:-1]}"}}`)'
        )
    told = ", ".join(
        f'{_key(name)} = "{value}"' for name, value in (headers or {"Authorization": "Bearer ${TOKEN}"}).items()
    )
    return f"give it with --header, or in the configuration: {where}headers = {{ {told} }}"


def _key(name: str) -> str:
    """A bare key of TOML, or one in quotation marks."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'
