"""Servers: where operations are reached. What a framework writes for each deployment is no drift."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from zeues_contracts.drift.walk import Walk
from zeues_contracts.openapi.model import Document, OperationKey, Server

__all__ = ["compare_servers", "moved_paths"]


def moved_paths(old: Document, new: Document) -> Mapping[OperationKey, OperationKey]:
    """Operations that are reached where they were, though servers and paths share the address in another way.

    ``/v1/things`` on ``https://a.example`` is ``/things`` on ``https://a.example/v1``. Only operations that have no
    namesake are looked at.
    """
    before, after = _prefix(old), _prefix(new)
    if before is None or after is None or before == after:
        return {}
    whole = {OperationKey(key.method, after + key.path): key for key in new.keys if key not in old.keys}
    pairs: dict[OperationKey, OperationKey] = {}
    for key in old.keys:
        there = whole.get(OperationKey(key.method, before + key.path)) if key not in new.keys else None
        if there is not None:
            pairs[key] = there
    return pairs


def _prefix(document: Document) -> str | None:
    """The path that all servers of a document begin with; ``None`` where they differ."""
    found = {urlsplit(one.expanded).path.rstrip("/") for one in document.servers}
    return found.pop() if len(found) == 1 else None


def compare_servers(walk: Walk, *, moved: bool = False) -> None:
    """Compare the documents' own servers; ``moved``: paths moved between servers and operations, so hosts alone count.

    FastAPI adds ``servers: [{url: ROOT_PATH}]`` for each deployment behind a proxy; a lone relative URL on either side
    says where this copy of the document was fetched, and nothing about the API.
    """
    if walk.pair.config.ignore_servers:
        return
    old, new = walk.pair.old.servers, walk.pair.new.servers
    before, after = _urls(old), _urls(new)
    if before == after or (_by_deployment(old) and _by_deployment(new)):
        return
    if moved and {_host(url) for url in before} == {_host(url) for url in after}:
        return
    for url in before:
        if url not in after:
            _say(walk, "server-removed", url, "is no longer named", _of(old, url), new="/servers" if new else "")
    for url in after:
        if url not in before:
            _say(walk, "server-added", url, "is named now", "", new=_of(new, url))


def _say(walk: Walk, rule: str, url: str, sentence: str, old: str, new: str = "") -> None:
    walk.collector.add(rule, f"server {url}", f"server {url}: {sentence}", (), shared=True, old=old, new=new)


def _host(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _urls(servers: Iterable[Server]) -> list[str]:
    return list(dict.fromkeys(_plain(one.expanded) for one in servers))


def _of(servers: Iterable[Server], url: str) -> str:
    return next((one.pointer for one in servers if _plain(one.expanded) == url), "")


def _plain(url: str) -> str:
    return re.sub(r"(?<!:)/+$", "", url) or "/"


def _by_deployment(servers: tuple[Server, ...]) -> bool:
    return all(not urlsplit(one.expanded).netloc for one in servers) and len(servers) == 1
