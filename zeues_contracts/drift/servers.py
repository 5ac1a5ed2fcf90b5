"""Servers: where operations are reached. What a framework writes for each deployment is no drift."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from zeues_contracts.drift.walk import Walk
from zeues_contracts.openapi.model import Server

__all__ = ["compare_servers"]


def compare_servers(walk: Walk) -> None:
    """Compare the documents' own servers.

    FastAPI adds ``servers: [{url: ROOT_PATH}]`` for each deployment behind a proxy; a lone relative URL on either side
    says where this copy of the document was fetched, and nothing about the API.
    """
    if walk.pair.config.ignore_servers:
        return
    old, new = walk.pair.old.servers, walk.pair.new.servers
    before, after = _urls(old), _urls(new)
    if before == after or (_by_deployment(old) and _by_deployment(new)):
        return
    for url in before:
        if url not in after:
            _say(walk, "server-removed", url, "is no longer named", _of(old, url), new="/servers" if new else "")
    for url in after:
        if url not in before:
            _say(walk, "server-added", url, "is named now", "", new=_of(new, url))


def _say(walk: Walk, rule: str, url: str, sentence: str, old: str, new: str = "") -> None:
    walk.collector.add(rule, f"server {url}", f"server {url}: {sentence}", (), shared=True, old=old, new=new)


def _urls(servers: Iterable[Server]) -> list[str]:
    return list(dict.fromkeys(_plain(one.expanded) for one in servers))


def _of(servers: Iterable[Server], url: str) -> str:
    return next((one.pointer for one in servers if _plain(one.expanded) == url), "")


def _plain(url: str) -> str:
    return re.sub(r"(?<!:)/+$", "", url) or "/"


def _by_deployment(servers: tuple[Server, ...]) -> bool:
    return all(not urlsplit(one.expanded).netloc for one in servers) and len(servers) == 1
