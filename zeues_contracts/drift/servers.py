"""Servers: where operations are reached. What a framework writes for each deployment is no drift."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from zeues_contracts.drift.walk import Side, Walk
from zeues_contracts.openapi.model import Document, Operation, OperationKey, Server

__all__ = ["compare_operation_servers", "compare_servers", "moved_paths"]

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def moved_paths(old: Document, new: Document) -> Mapping[OperationKey, OperationKey]:
    """Operations that are reached where they were, though servers and paths share the address in another way.

    ``/v1/things`` on ``https://a.example`` is ``/things`` on ``https://a.example/v1``, whether the document, the path
    or the operation names the server. Only operations that have no namesake are looked at.
    """
    gone = [key for key in old.keys if key not in new.keys]
    come = [key for key in new.keys if key not in old.keys]
    if not gone or not come or not _may_have_moved(old, new, gone, come):
        return {}
    whole: dict[OperationKey, OperationKey] = {}
    reached: dict[OperationKey, set[str]] = {}
    for key in come:
        reached[key] = _addresses(new, key)
        for address in reached[key]:
            whole.setdefault(OperationKey(key.method, address), key)
    pairs: dict[OperationKey, OperationKey] = {}
    taken: set[OperationKey] = set()
    for key in gone:
        wanted = _addresses(old, key)
        there = {whole.get(OperationKey(key.method, address)) for address in wanted}
        other = there.pop() if len(there) == 1 else None
        if other is not None and other not in taken and wanted <= reached[other]:
            pairs[key] = other
            taken.add(other)
    return pairs


def _may_have_moved(old: Document, new: Document, gone: list[OperationKey], come: list[OperationKey]) -> bool:
    """Whether servers differ at all in their paths: told without building an operation."""
    if _paths(old.servers) != _paths(new.servers):
        return True
    return any(_own_servers(document, key) for document, keys in ((old, gone), (new, come)) for key in keys)


def _own_servers(document: Document, key: OperationKey) -> bool:
    path, method = document.keys[key]
    item = document.raw["paths"].get(path)
    operation = item.get(method.lower()) if isinstance(item, Mapping) else None
    return any(isinstance(one, Mapping) and ("servers" in one or "$ref" in one) for one in (item, operation))


def _addresses(document: Document, key: OperationKey) -> set[str]:
    return {prefix + key.path for prefix in _paths(document.operation(key).servers)}


def _paths(servers: Iterable[Server]) -> set[str]:
    return {_split(one.expanded).path.rstrip("/") for one in servers}


def compare_operation_servers(side: Side, old: Operation, new: Operation) -> None:
    """Compare the servers of an operation that names its own; a callback is called where its expression says."""
    pair = side.walk.pair
    if pair.config.ignore_servers or side.flipped or side.prefix:
        return
    if old.servers == pair.old.servers and new.servers == pair.new.servers:
        return
    before, after = ([_whole(server, one) for server in one.servers] for one in (old, new))
    for url, server in zip(before, old.servers, strict=True):
        if not any(_same_address(url, other) for other in after):
            words = "the operation is no longer reached there"
            at: dict[str, Any] = {"old": server.pointer or old.pointer, "new": new.pointer}
            called = {"method": old.method, "url": _plain(server.expanded).rstrip("/") + old.path}
            side.say("server-removed", f"server {server.url}", words, witness=called, **at)
    for url, server in zip(after, new.servers, strict=True):
        if not any(_same_address(url, other) for other in before):
            words = "the operation is reached there, too"
            side.say("server-added", f"server {server.url}", words, old=old.pointer, new=server.pointer or new.pointer)


def _whole(server: Server, operation: Operation) -> SplitResult:
    parts = _split(_plain(server.expanded))
    return parts._replace(path=parts.path.rstrip("/") + operation.key.path)


def _same_address(one: SplitResult, other: SplitResult) -> bool:
    """Whether two addresses are one; a relative one is taken to be on the other's host."""
    hosts = not one.netloc or not other.netloc or (one.scheme, one.netloc) == (other.scheme, other.netloc)
    return hosts and one.path == other.path


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
            at = {"old": _of(old, url), "new": "/servers" if new else ""}
            _say(walk, "server-removed", url, "is no longer named", **at, witness={"url": url})
    for url in after:
        if url not in before:
            _say(walk, "server-added", url, "is named now", new=_of(new, url))


def _say(walk: Walk, rule: str, url: str, sentence: str, **more: Any) -> None:
    walk.collector.add(rule, f"server {url}", f"server {url}: {sentence}", (), shared=True, **more)


def _host(url: str) -> tuple[str, str]:
    parts = _split(url)
    return parts.scheme, parts.netloc


def _urls(servers: Iterable[Server]) -> list[str]:
    return list(dict.fromkeys(_plain(one.expanded) for one in servers))


def _of(servers: Iterable[Server], url: str) -> str:
    return next((one.pointer for one in servers if _plain(one.expanded) == url), "")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # brackets that are no address
        return SplitResult("", "", url, "", "")


def _plain(url: str) -> str:
    """A URL as it is compared (RFC 3986, 6.2): scheme and host in lower case, no default port, no slash at the end."""
    head = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)?:?//([^/?#]*)", url)
    if head is not None:
        scheme, host = (head[1] or "").lower(), head[2].lower()
        port = _PORTS.get(scheme)
        host = host.removesuffix(f":{port}") if port is not None else host
        url = f"{scheme + ':' if scheme else ''}//{host}{url[head.end() :]}"
    return re.sub(r"(?<![:/])/+$", "", url) or "/"


def _by_deployment(servers: tuple[Server, ...]) -> bool:
    return all(not _split(one.expanded).netloc for one in servers) and len(servers) == 1
