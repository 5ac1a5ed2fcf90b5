"""Where references lead: base URIs, anchors, pointers. Nothing is loaded.

JSON Schema Core 2020-12, 8.2 (identifiers, anchors, references) and its forerunners: ``id`` in Draft 4, ``$id: "#x"``
as an anchor up to Draft 7, identifiers beside ``$ref`` ignored up to Draft 7.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

import msgspec

from zeues_contracts.schema.types import Dialect, Resource, Schema

__all__ = [
    "base_of",
    "child",
    "escape",
    "has_own_vocabulary",
    "joined_uri",
    "node_at",
    "resolve",
    "sole_dynamic_anchor",
    "unescape",
]

_OLD = frozenset({Dialect.DRAFT_4, Dialect.DRAFT_6, Dialect.DRAFT_7})
_OPENAPI_OLD = frozenset({Dialect.SWAGGER_2_0, Dialect.OPENAPI_3_0})
# What holds values, not schemas: an `$id` in there identifies nothing.
_VALUES = frozenset({"enum", "const", "default", "example", "examples"})
_MISSING = object()

MAX_INDEXED = 2_000_000
"""Nodes of a document that are looked through for identifiers."""
MAX_KEPT = 200_000
"""Places of a document that are remembered with what stands there."""


def escape(token: str) -> str:
    """One reference token of a JSON pointer (RFC 6901, 3)."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """What a reference token stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def child(schema: Schema, *tokens: str | int) -> Schema:
    """The place below a place."""
    return Schema(schema.resource, schema.pointer + "".join(f"/{escape(str(token))}" for token in tokens))


def node_at(schema: Schema) -> Any:
    """What stands at a place. Raises ``KeyError`` where nothing does."""
    pointer = schema.pointer
    nodes = _index(schema.resource).nodes
    found = nodes.get(pointer, _MISSING)
    if found is _MISSING:
        # Places are asked for from the top down: the one above, or above that, is known most of the time.
        start, above = _MISSING, pointer
        for _ in range(3):
            above = above[: max(above.rfind("/"), 0)]
            start = nodes.get(above, _MISSING)
            if start is not _MISSING or not above:
                break
        if start is _MISSING:
            start, above = schema.resource.contents, ""
        found = _walk(start, pointer[len(above) :])
        if found is _MISSING:
            raise KeyError(pointer)
        if len(nodes) >= MAX_KEPT:
            nodes.clear()
        nodes[pointer] = found
    return found


def kept_of(resource: Resource) -> dict[Any, Any]:
    """What others want to remember of a document, under keys of their own, for as long as it is remembered."""
    kept = _index(resource).kept
    if len(kept) >= MAX_KEPT:
        kept.clear()
    return kept


def mentions_dynamic(resource: Resource) -> bool:
    """Whether a document, or one that it refers to, has a reference whose target depends on the caller."""
    kept = kept_of(resource)
    found: bool | None = kept.get("dynamic")
    if found is None:
        names = ("$dynamicRef", "$recursiveRef")
        found = kept["dynamic"] = any(_mentions(one.contents, names) for one in _resources(resource))
    return found


def without_dynamic(resource: Resource) -> Resource:
    """A document of which it is known that it has no such reference, so that nobody looks for one."""
    kept_of(resource)["dynamic"] = False
    return resource


def resolve(schema: Schema, reference: str) -> Schema | None:
    """The place that a reference, which stands in the schema object at a place, leads to; ``None`` if nowhere.

    Nothing is loaded: a reference out of the resource is looked for among its ``others``.
    """
    resource = schema.resource
    index = _index(resource)
    base, root = base_of(schema)
    target, fragment = joined_uri(base, reference) if not reference.startswith("#") else (base, reference[1:])
    if not reference.startswith("#") and target != base:
        found = _find_root(schema, target)
        if found is None:
            return None
        resource, root = found
        index = _index(resource)
    fragment = unquote(fragment)
    if fragment and not fragment.startswith("/"):
        pointer = index.anchors.get((root, fragment))
        return None if pointer is None else Schema(resource, pointer)
    place = Schema(resource, root + fragment)
    if _walk(resource.contents, place.pointer) is _MISSING:
        return None
    return place


def joined_uri(base: str, reference: str) -> tuple[str, str]:
    """The absolute URI that a reference means beside a base, and its fragment (RFC 3986, 5).

    What is no URI at all (brackets that hold no address) is taken as it is written, and leads nowhere.
    """
    try:
        target, fragment = urldefrag(urljoin(base, reference))
    except ValueError:
        target, _, fragment = reference.partition("#")
    return target, fragment


def base_of(schema: Schema) -> tuple[str, str]:
    """The base URI at a place, and the pointer of the (embedded) resource's root that has it."""
    resource = schema.resource
    index = _index(resource)
    if len(index.roots) == 1:
        return index.roots[""], ""
    best = ""
    for root in index.roots:
        inside = not root or schema.pointer == root or schema.pointer.startswith(root + "/")
        if len(root) > len(best) and inside:
            best = root
    return index.roots.get(best, resource.uri), best


def sole_dynamic_anchor(schema: Schema, reference: str) -> Schema | None:
    """Where a ``$dynamicRef`` leads whatever the dynamic scope, or ``None`` where that cannot be told beforehand.

    It is a plain reference unless it names a ``$dynamicAnchor`` (Core 8.2.3.2), and it can lead to one place only
    where a single one of that name exists.
    """
    found = resolve(schema, reference)
    if found is None:
        return None
    name = unquote(reference.partition("#")[2])
    node = node_at(found)
    if not isinstance(node, Mapping) or node.get("$dynamicAnchor") != name:
        return found
    if schema.resource.others or found.resource is not schema.resource:
        return None
    return found if _index(found.resource).dynamic.get(name, 0) == 1 else None


def has_own_vocabulary(schema: Schema) -> bool:
    """Whether the document names a metaschema that was loaded with it and lists vocabularies (Core 8.1.2).

    Such a one may take the assertions away, or add some that nobody here knows.
    """
    contents = schema.resource.contents
    named = contents.get("$schema") if isinstance(contents, Mapping) else None
    if not isinstance(named, str) or not schema.resource.others:
        return False
    found = _find_root(schema, named.partition("#")[0])
    meta = found[0].contents if found is not None else None
    return isinstance(meta, Mapping) and isinstance(meta.get("$vocabulary"), Mapping)


class _Index(msgspec.Struct):
    """Identifiers of one document: roots of embedded resources, and anchors by root and name."""

    roots: dict[str, str] = msgspec.field(default_factory=dict)
    by_uri: dict[str, str] = msgspec.field(default_factory=dict)
    anchors: dict[tuple[str, str], str] = msgspec.field(default_factory=dict)
    dynamic: dict[str, int] = msgspec.field(default_factory=dict)
    nodes: dict[str, Any] = msgspec.field(default_factory=dict)
    kept: dict[Any, Any] = msgspec.field(default_factory=dict)


_indexes: OrderedDict[int, tuple[Resource, _Index]] = OrderedDict()
_KEPT = 64


def _index(resource: Resource) -> _Index:
    # By identity, as resources are compared; the resource is held so that its number is not given away again.
    known = _indexes.get(id(resource))
    if known is not None and known[0] is resource:
        return known[1]
    index = _build(resource)
    _indexes[id(resource)] = (resource, index)
    while len(_indexes) > _KEPT:
        _indexes.popitem(last=False)
    return index


def _build(resource: Resource) -> _Index:
    index = _Index()
    index.roots[""] = resource.uri.partition("#")[0]
    if resource.dialect in _OPENAPI_OLD:
        index.by_uri[index.roots[""]] = ""
        return index  # their schema objects have no identifiers
    keyword = "id" if resource.dialect is Dialect.DRAFT_4 else "$id"
    if not _mentions(resource.contents, (keyword, "$anchor", "$dynamicAnchor")):
        index.by_uri[index.roots[""]] = ""
        return index
    old = resource.dialect in _OLD
    seen = 0
    stack: list[tuple[Any, str, str, str]] = [(resource.contents, "", index.roots[""], "")]
    while stack:
        node, pointer, base, root = stack.pop()
        seen += 1
        if seen > MAX_INDEXED:
            break
        if isinstance(node, list):
            stack.extend((one, f"{pointer}/{i}", base, root) for i, one in enumerate(node) if _holds(one))
            continue
        identifier = node.get(keyword)
        if isinstance(identifier, str) and not (old and isinstance(node.get("$ref"), str)):
            if identifier.startswith("#"):
                if old and len(identifier) > 1:
                    index.anchors.setdefault((root, identifier[1:]), pointer)
            else:
                uri, fragment = joined_uri(base, identifier)
                base, root = uri, pointer
                index.roots[pointer] = uri
                index.by_uri.setdefault(uri, pointer)
                if old and fragment and not fragment.startswith("/"):
                    index.anchors.setdefault((root, fragment), pointer)
        for anchor in ("$anchor", "$dynamicAnchor"):
            name = node.get(anchor)
            if isinstance(name, str) and not old:
                index.anchors.setdefault((root, name), pointer)
                if anchor == "$dynamicAnchor":
                    index.dynamic[name] = index.dynamic.get(name, 0) + 1
        stack.extend(
            (one, f"{pointer}/{escape(key)}", base, root)
            for key, one in node.items()
            if _holds(one) and key not in _VALUES and isinstance(key, str)
        )
    index.by_uri.setdefault(index.roots[""], "")
    return index


def _mentions(contents: Any, names: tuple[str, ...]) -> bool:
    """Whether one of the names occurs anywhere; told at C speed, for most documents have no identifiers at all."""
    import orjson

    try:
        text = orjson.dumps(contents)
    except TypeError:
        return True  # a number or string that it does not take: walk
    return any(f'"{name}"'.encode() in text for name in names)


def _holds(value: Any) -> bool:
    return isinstance(value, (list, dict)) and bool(value)


def _find_root(schema: Schema, uri: str) -> tuple[Resource, str] | None:
    for resource in _resources(schema.resource):
        pointer = _index(resource).by_uri.get(uri)
        if pointer is not None:
            return resource, pointer
    for key, resource in schema.resource.others.items():
        if key.partition("#")[0] == uri:
            return resource, ""
    return None


def _resources(resource: Resource) -> Iterator[Resource]:
    yield resource
    yield from resource.others.values()


def _walk(contents: Any, pointer: str) -> Any:
    node = contents
    for token in pointer.split("/")[1:]:
        key = unescape(token) if "~" in token else token
        if type(node) is dict or (not isinstance(node, list) and isinstance(node, Mapping)):
            if key not in node:
                return _MISSING
            node = node[key]
        elif isinstance(node, list):
            if not key.isascii() or not key.isdigit() or int(key) >= len(node):
                return _MISSING
            node = node[int(key)]
        else:
            return _MISSING
    return node
