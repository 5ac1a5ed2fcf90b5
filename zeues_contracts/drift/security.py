"""Security: what a caller must show. A weaker demand is compatible, a stronger one is not.

A requirement is a list of alternatives, each a set of schemes with scopes (OpenAPI 3.1, 4.8.30). The newer demand is no
stronger where each older alternative still suffices: some newer one asks for no more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from zeues_contracts.drift.exhibits import of_credentials
from zeues_contracts.drift.model import Sense
from zeues_contracts.drift.walk import Side, Walk
from zeues_contracts.openapi.model import Operation, SecurityScheme

__all__ = ["compare_schemes", "compare_security"]

Alternative = Mapping[str, tuple[str, ...]]

_PROSE = frozenset({"description"})
_ANSWERED = "a request with these credentials was answered, and no alternative of the newer requirement takes them"


def compare_security(side: Side, old: Operation, new: Operation) -> None:
    """Compare what two operations ask of their callers."""
    if old.security == new.security and _same_schemes(side.walk):
        return
    before, after = _alternatives(old), _alternatives(new)
    matches = _matching(side.walk)
    refused = [one for one in before if not any(_suffices(one, other, matches) for other in after)]
    relaxed = [one for one in after if not any(_suffices(one, other, matches, reverse=True) for other in before)]
    places: dict[str, Any] = {"old": _place(old), "new": _place(new)}
    shown: dict[str, Any] = {
        "before": [dict(one) for one in old.security],
        "after": [dict(one) for one in new.security],
    }
    if side.requests.sense is Sense.GIVES:
        if refused or relaxed:
            side.say("security-weaker", "security", "what it shows to its callbacks changed", **places, **shown)
        return
    if refused:
        request = of_credentials(side.name, refused[0], side.walk.pair.old.security_schemes)
        words = _sentence(refused, before, after)
        side.say("security-stronger", "security", words, witness=request, explanation=_ANSWERED, **places, **shown)
    elif relaxed:
        side.say("security-weaker", "security", "other credentials suffice now as well", **places, **shown)


def compare_schemes(walk: Walk, used: Mapping[str, list[str]]) -> None:
    """Compare the declarations of security schemes. ``used``: by name, the operations that ask for it in both."""
    old, new = walk.pair.old.security_schemes, walk.pair.new.security_schemes
    for name, one in old.items():
        other = new.get(name)
        if other is None:
            _say(walk, "security-declaration-changed", name, "is no longer declared", (), old=one.pointer)
        elif _plain(one) != _plain(other):
            binding = not _stays(one, other)
            operations = tuple(used.get(name, ()))
            rule = "security-scheme-changed" if binding and operations else "security-declaration-changed"
            request: dict[str, Any] = {}
            if binding and operations:
                request = {"witness": of_credentials(operations[0], {name: ()}, old), "explanation": _ANSWERED}
            _say(
                walk,
                rule,
                name,
                _difference(one, other),
                operations,
                **request,
                old=one.pointer,
                new=other.pointer,
                before=one.raw,
                after=other.raw,
            )
    for name, other in new.items():
        if name not in old:
            _say(walk, "security-declaration-changed", name, "is declared now", (), new=other.pointer)


def _say(walk: Walk, rule: str, name: str, sentence: str, operations: tuple[str, ...], **more: Any) -> None:
    label = f"security scheme {name}"
    walk.collector.add(rule, label, f"{label}: {sentence}", operations, shared=True, **more)


def _alternatives(operation: Operation) -> tuple[Alternative, ...]:
    return operation.security or ({},)


def _suffices(
    mine: Alternative, wanted: Alternative, matches: Mapping[str, frozenset[str]], *, reverse: bool = False
) -> bool:
    """Whether who satisfied ``mine`` satisfies ``wanted``."""
    for name, scopes in wanted.items():
        partners = [one for one in mine if _takes(name, one, matches, reverse=reverse)]
        if not any(set(scopes) <= set(mine[one]) for one in partners):
            return False
    return True


def _takes(wanted: str, mine: str, matches: Mapping[str, frozenset[str]], *, reverse: bool) -> bool:
    older, newer = (wanted, mine) if reverse else (mine, wanted)
    return newer in matches.get(older, frozenset({older}))


def _matching(walk: Walk) -> Mapping[str, frozenset[str]]:
    """Of each older scheme, the newer ones that take the same credential: by what they are, not by name alone."""
    old, new = walk.pair.old.security_schemes, walk.pair.new.security_schemes
    if old.keys() == new.keys() and all(_credential(old[name]) == _credential(new[name]) for name in old):
        return {name: frozenset({name}) for name in old}
    table: dict[str, frozenset[str]] = {}
    for name, one in old.items():
        alike = {other for other, two in new.items() if _stays(one, two)}
        # A scheme whose declaration changed is told once, at the declaration.
        table[name] = frozenset(alike | ({name} if name in new else set()))
    return table


def _same_schemes(walk: Walk) -> bool:
    return walk.pair.old.security_schemes.keys() == walk.pair.new.security_schemes.keys()


def _plain(scheme: SecurityScheme) -> str:
    return json.dumps({k: v for k, v in scheme.raw.items() if k not in _PROSE}, sort_keys=True, default=str)


def _credential(scheme: SecurityScheme) -> tuple[str, ...]:
    """What a caller has to show, and where: two schemes that agree take the same credential."""
    raw = scheme.raw
    kind = str(raw.get("type", ""))
    if kind == "apiKey":
        name = str(raw.get("name", ""))
        return (kind, str(raw.get("in", "")), name.lower() if raw.get("in") == "header" else name)
    if kind == "http":
        return (kind, str(raw.get("scheme", "")).lower())
    if kind == "openIdConnect":
        return (kind, str(raw.get("openIdConnectUrl", "")))
    flows = raw.get("flows")
    return (kind, *(sorted(map(str, flows)) if isinstance(flows, Mapping) else ()))


def _stays(one: SecurityScheme, other: SecurityScheme) -> bool:
    """Whether who has the older scheme's credential, or can get it, has the newer one's; further flows take nothing."""
    was, now = _credential(one), _credential(other)
    return was == now or (was[0] == now[0] == "oauth2" and set(was) <= set(now))


def _difference(one: SecurityScheme, other: SecurityScheme) -> str:
    if _credential(one) != _credential(other):
        return f"{' '.join(_credential(one))} became {' '.join(_credential(other))}"
    keys = sorted(str(key) for key in {*one.raw, *other.raw} if one.raw.get(key) != other.raw.get(key))
    return f"{', '.join(key for key in keys if key not in _PROSE)} changed"


def _sentence(refused: list[Alternative], before: tuple[Alternative, ...], after: tuple[Alternative, ...]) -> str:
    if not any(refused) or {} in [dict(one) for one in refused]:
        return f"asks for credentials now: {_words(after)}"
    return f"{_words(tuple(refused))} no longer suffices: {_words(after)}"


def _words(alternatives: tuple[Alternative, ...]) -> str:
    texts = []
    for one in alternatives:
        parts = [f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in one.items()]
        texts.append(" and ".join(parts) or "no credentials")
    return " or ".join(texts)


def _place(operation: Operation) -> str:
    return f"{operation.pointer}/security" if "security" in operation.raw else operation.pointer
