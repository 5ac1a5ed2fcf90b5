"""Two documents in, findings out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zeues_contracts.config import DriftConfig
from zeues_contracts.drift.bump import version_step
from zeues_contracts.drift.collect import Collector
from zeues_contracts.drift.framework import GROUP, upgrade
from zeues_contracts.drift.kinds import may_break
from zeues_contracts.drift.labels import owner_of
from zeues_contracts.drift.model import NOTHING, DriftResult, Use
from zeues_contracts.drift.operations import compare_operation, operation_added, operation_removed
from zeues_contracts.drift.overlay import Overlay
from zeues_contracts.drift.pair import Pair
from zeues_contracts.drift.policy import STABILITY, Policy, stability
from zeues_contracts.drift.prose import Prose, described, prose
from zeues_contracts.drift.schemas import SchemaJudge
from zeues_contracts.drift.security import compare_schemes
from zeues_contracts.drift.servers import compare_servers, moved_paths
from zeues_contracts.drift.units import HOOK, Survey, hooks_of, one_dialect, survey
from zeues_contracts.drift.walk import Side, Walk
from zeues_contracts.findings import Level
from zeues_contracts.openapi.model import Document, Operation, OperationKey
from zeues_contracts.openapi.references import look_up
from zeues_contracts.rules import rule
from zeues_contracts.schema.difference import Way
from zeues_contracts.schema.references import escape, without_dynamic

__all__ = ["drift"]

UNFELT = frozenset({"text-changed", "operation-id-changed", "tags-changed", "framework-upgrade"})
"""Rules of what no request or response shows."""
MAX_NOTES = 10
MAX_TEXTS = 24
"""Texts up to which examples and extensions are taken apart; where more changed they are only named."""


def drift(
    old: Document,
    new: Document,
    *,
    service: str = "",
    config: DriftConfig | None = None,
    today: dt.date | None = None,
    roles: tuple[str, str] = ("snapshot", "live"),
    values: bool = True,
) -> DriftResult:
    """What changed from an older document to a newer one, judged by what it means to those who use the service.

    ``today`` is the day on which sunsets are judged. ``roles`` name the two documents in the findings' places.
    ``values`` says whether examples and extensions that changed are taken apart, as details to read.
    Findings have their rules' default levels; the result depends on nothing but the arguments. No I/O.
    """
    settings = config or DriftConfig()
    policy = Policy(today or dt.datetime.now(dt.UTC).date(), settings.deprecation_days)
    collector = Collector(service)
    moved = moved_paths(old, new)
    found = survey(old, new) if not moved else None
    dialect = one_dialect(old, new) if found is not None else None
    if found is not None:
        # They were looked through for references that depend on the caller.
        for document in (old, new):
            without_dynamic(document.resource)
    joined = found is not None and dialect is not None

    def walking(overlay: Overlay | None) -> Walk:
        pair = Pair(old, new, settings, policy, overlay, dialect, found.marked if found is not None else None)
        return Walk(pair, collector, SchemaJudge(pair, collector))

    walk = walking(Overlay(new.resource.contents) if joined else None)
    if found is not None and joined:
        _joined(walk, found, walking)
    else:
        for key in old.keys:
            other = moved.get(key, key)
            if other in new.keys:
                compare_operation(Side(walk, _name(old, new, other)), old.operation(key), new.operation(other))
    collector.unstable.update(_unstable(old, new))
    for key in old.keys:
        if key not in new.keys and key not in moved:
            operation_removed(Side(walk, _name(old, new, key)), old.operation(key))
    arrived = set(moved.values())
    for key in new.keys:
        if key not in old.keys and key not in arrived:
            operation_added(Side(walk, _name(old, new, key)), _name(old, new, key), _written(new, key, found)[1])
    _components(walk, found)
    if found is not None and joined:
        _vanished(walk, found)
    _webhooks(walk, only_ends=found is not None and joined)
    _security(walk)
    compare_servers(walk, moved=bool(moved))
    _texts(walk, found, values)
    _framework(walk)
    _version(walk)
    findings = collector.findings(old, new, roles)
    touched = {name for one in findings if rule(one.rule).slug not in UNFELT for name in one.operations}
    return DriftResult(findings, tuple(sorted(touched)), version_step(findings), tuple(_notes(old, new, roles)))


def _joined(plain: Walk, found: Survey, walking: Callable[[Overlay | None], Walk]) -> None:
    """Judge operations that changed by themselves, and component schemas once for all that reach them."""
    old, new = plain.pair.old, plain.pair.new
    crossing = 0
    work: list[tuple[str, Use]] = []
    moved: set[str] = set()
    serious: set[str] = set(found.changed_schemas) if found.mentions(b'"unevaluated') else set()
    for pointer in sorted(found.changed_schemas):
        for use in found.uses:
            if not (found.reaching(pointer, use) or found.crossing(pointer, use)):
                continue
            changes = plain.schemas.changes(use, old.schema(pointer), new.schema(pointer))
            if changes:
                work.append((pointer, use))
                if any(may_break(change, use.sense) for change in changes):
                    serious.add(pointer)
                # A property more in an open object is passed over, in whatever combination it stands.
                if any(change.direction is not Way.EQUAL and change.keyword != "properties" for change in changes):
                    moved.add(pointer)
                if any(change.direction is not Way.EQUAL for change in changes):
                    # Who comes to it from elsewhere meets it as it is now, which beside the older one cannot be seen.
                    crossing |= found.crossing(pointer, use)
    # What may break somebody is looked at once more where it meets others in a combination, or travels as text.
    overlay = Overlay(
        new.resource.contents,
        found.changed_schemas,
        frozenset(serious),
        old.resource.contents,
        found.new,
        frozenset(moved),
    )
    meeting = walking(overlay) if overlay.turned else plain
    for pointer, use in work:
        if pointer not in overlay.grown:
            units = overlay.alone(pointer)
            reaching = found.reaching(pointer, use) if units is None else found.through(pointer, use, units)
            operations = found.named(reaching & ~crossing)
            if operations:
                plain.schemas.compare(use, old.schema(pointer), new.schema(pointer), operations, pointer)
    for pointer in sorted(overlay.grown):
        for use in found.uses:
            operations = found.touched(pointer, use, crossing)
            if operations:
                meeting.schemas.compare(use, old.schema(pointer), new.schema(pointer), operations, pointer)
    exact = walking(None) if crossing else plain
    met = 0
    for path in overlay.paths:
        met |= found.of_path(path)
    for name in overlay.hooks:
        met |= found.of_path(f"{HOOK}{name}")
    for part in overlay.parts:
        met |= found.naming(part)
    for index, key in enumerate(found.both):
        crosses, meets = crossing >> index & 1, met >> index & 1
        if crosses or meets or key in found.judged:
            walk = exact if crosses else meeting if meets else plain
            if key in new.keys:
                compare_operation(Side(walk, found.names[key]), old.operation(key), new.operation(key))
            else:
                compare_operation(_hook_side(walk, key), _hook(old, key), _hook(new, key))


def _notes(old: Document, new: Document, roles: tuple[str, str]) -> Iterator[str]:
    """How the documents were taken where they were not clean, or not of one kind."""
    if old.dialect is not new.dialect:
        yield f"OpenAPI {old.version} against {new.version}: compared by what each version means"
    for document, role in zip((old, new), roles, strict=True):
        for note in document.notes[:MAX_NOTES]:
            yield f"{role}: {document.source}{'#' if note.pointer else ''}{note.pointer}: {note.message}"
        if len(document.notes) > MAX_NOTES:
            yield f"{role}: and {len(document.notes) - MAX_NOTES} more notes"


def _unstable(old: Document, new: Document) -> Iterator[str]:
    """Operations of the older document that were marked as not stable yet."""
    paths = old.raw.get("paths")
    for key, (path, method) in old.keys.items():
        item = paths.get(path) if isinstance(paths, Mapping) else None
        raw = item.get(method.lower()) if isinstance(item, Mapping) else None
        level, known = stability(raw) if isinstance(raw, Mapping) else ("stable", True)
        if known and STABILITY[level] < STABILITY["beta"]:
            yield _name(old, new, key)


def _name(old: Document, new: Document, key: OperationKey) -> str:
    path, method = new.keys.get(key) or old.keys[key]
    return f"{method} {path}"


def _webhooks(walk: Walk, *, only_ends: bool) -> None:
    """Webhooks: requests that the service sends. ``only_ends``: those of both documents have been compared already."""
    keys_of = hooks_of if only_ends else _hook_keys
    before, after = (keys_of(document) for document in (walk.pair.old, walk.pair.new))
    for key in before:
        if key not in after:
            operation_removed(_hook_side(walk, key), _hook(walk.pair.old, key))
        elif not only_ends:
            compare_operation(_hook_side(walk, key), _hook(walk.pair.old, key), _hook(walk.pair.new, key))
    for key in after:
        if key not in before:
            other = _hook(walk.pair.new, key)
            operation_added(_hook_side(walk, key), other.name, other.pointer)


def _hook_keys(document: Document) -> dict[OperationKey, Operation]:
    return {OperationKey(one.method, f"{HOOK}{name}"): one for name, many in document.webhooks.items() for one in many}


def _hook(document: Document, key: OperationKey) -> Operation:
    """A webhook's operation by the key that :func:`~zeues_contracts.drift.units.hooks_of` gives it."""
    return next(one for one in document.webhook(key.path.removeprefix(HOOK)) if one.method == key.method)


def _hook_side(walk: Walk, key: OperationKey) -> Side:
    return Side(walk, f"{key.method} {key.path.removeprefix(HOOK)}", True, "webhook, ")


def _security(walk: Walk) -> None:
    old, new = walk.pair.old, walk.pair.new
    if old.security_schemes == new.security_schemes:
        return
    used: dict[str, list[str]] = {}
    for key in old.keys:
        if key in new.keys:
            one, other = old.operation(key), new.operation(key)
            names = {name for alternative in one.security for name in alternative}
            for name in names & {name for alternative in other.security for name in alternative}:
                used.setdefault(name, []).append(other.name)
    compare_schemes(walk, used)


def _components(walk: Walk, found: Survey | None) -> None:
    """What component schemas say besides the set of values, each once."""
    if found is None:
        return
    for pointer in sorted(found.changed_schemas):
        for use in found.uses:
            operations = found.touched(pointer, use)
            if operations:
                old, new = walk.pair.old.schema(pointer), walk.pair.new.schema(pointer)
                walk.schemas.extras(use, old, new, operations, pointer)


def _vanished(walk: Walk, found: Survey) -> None:
    """Component schemas that are gone while the newer document still refers to them: nobody knows what it means."""
    for pointer, use, operations in found.vanished():
        walk.schemas.tell(
            "schema-undecided",
            use,
            (),
            "is gone, and the newer document still refers to it; whether that breaks anybody is not known",
            operations,
            pointer,
            old=pointer,
            new="",
            lead=pointer,
            before=look_up(walk.pair.old.raw, pointer),
        )


def _texts(walk: Walk, found: Survey | None, values: bool) -> None:
    """Descriptions, examples and extensions: one finding for each owner, and one for the document's own."""
    old, new = walk.pair.old, walk.pair.new
    entries: list[tuple[str, tuple[str, ...], str, str, list[Prose]]] = []
    for key in old.keys:
        if key in new.keys and (found is None or key in found.dirty):
            (one_node, old_place), (other_node, new_place) = (_written(document, key, found) for document in (old, new))
            if one_node != other_node:
                entries.append(("text", (_name(old, new, key),), old_place, new_place, prose(one_node, other_node)))
    for pointer in sorted(found.changed_schemas | found.changed_parts) if found is not None else ():
        touched = dict.fromkeys(name for use in found.uses for name in found.touched(pointer, use)) if found else {}
        one_node, other_node = (look_up(document.raw, pointer) for document in (old, new))
        owner = owner_of(pointer)
        label = owner.label if owner is not None else pointer
        entries.append((label, tuple(touched), pointer, pointer, prose(one_node, other_node)))
    own = [
        change
        for part in ("info", "tags", "externalDocs", "servers")
        for change in prose({part: old.raw.get(part)}, {part: new.raw.get(part)})
    ]
    entries.append(("document", (), "", "", own))
    # deepdiff takes longer to start than most comparisons take; where there is more than a few nobody reads its words.
    explains = values and sum(len(changes) for *_, changes in entries) <= MAX_TEXTS
    for label, names, old_place, new_place, changes in entries:
        if not changes:
            continue
        lines = [change.sentence for change in changes[:40]]
        count = len(changes)
        draft = walk.collector.add(
            "text-changed",
            f"{label}: text" if label != "text" else "text",
            f"{label if label != 'text' else 'operation'}: {lines[0]}"
            if count == 1
            else f"{label if label != 'text' else 'operation'}: {count} texts changed",
            names,
            shared=label != "text",
            old=old_place,
            new=new_place,
            before=changes[0].before if count == 1 else NOTHING,
            after=changes[0].after if count == 1 else NOTHING,
            group="text",
        )
        draft.details += lines if count > 1 else []
        if explains:
            draft.remarks += [line for change in changes for line in described(change)]


def _written(document: Document, key: OperationKey, found: Survey | None) -> tuple[Any, str]:
    """An operation as it is written, and where."""
    path, method = document.keys[key]
    item = document.raw["paths"][path] if found is not None else {}
    if method.lower() in item:
        return item[method.lower()], f"/paths/{escape(path)}/{method.lower()}"
    operation = document.operation(key)
    return operation.raw, operation.pointer


def _framework(walk: Walk) -> None:
    """A step of the framework's version: one line, and the group of what belongs to it."""
    step = upgrade(walk.pair.old, walk.pair.new)
    if step is None:
        return
    walk.collector.upgrade = step
    walk.collector.add("framework-upgrade", "framework", step.sentence, (), shared=True, group=GROUP)


def _version(walk: Walk) -> None:
    """Whether ``info.version`` says that something changed."""
    before, after = (_version_of(document) for document in (walk.pair.old, walk.pair.new))
    if before != after or not any(draft.level is not Level.INFO for draft in walk.collector.drafts.values()):
        return
    walk.collector.add(
        "version-not-raised",
        "version",
        f"info.version is still {after!r}, and something changed that breaks somebody" if after else "no info.version",
        (),
        shared=True,
        new="/info/version" if after else "/info",
        before=before,
        after=after,
    )


def _version_of(document: Document) -> str:
    info = document.raw.get("info")
    return str(info.get("version", "")) if isinstance(info, Mapping) else ""
