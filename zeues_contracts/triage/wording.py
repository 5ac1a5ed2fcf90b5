"""What the words of a failure say: which sign they hold, what they name, and how to quote them."""

from __future__ import annotations

from functools import lru_cache

from zeues_contracts.exchange import Response
from zeues_contracts.triage.bug_signs import BUGS
from zeues_contracts.triage.fingerprints import BugSign, OutageSign, dependency_in
from zeues_contracts.triage.history import History
from zeues_contracts.triage.outage_signs import OUTAGES
from zeues_contracts.triage.texts import texts

__all__ = ["bug_in", "clip", "dependency_of", "outage_in", "quote", "quoted_in_bug"]


# Failures repeat themselves: a run has few texts and many exchanges.
@lru_cache(maxsize=256)
def outage_in(text: str, *, any_text: bool = False) -> OutageSign | None:
    """The first sign of an outage in a text; with ``any_text`` those too that no driver alone would say."""
    for sign in OUTAGES:
        if (sign.specific or any_text) and sign.regex.search(text):
            return sign
    return None


@lru_cache(maxsize=256)
def bug_in(text: str) -> BugSign | None:
    """The first sign of a programming error in a text."""
    return next((bug for bug in BUGS if bug.regex.search(text)), None)


def quoted_in_bug(text: str, sign: OutageSign) -> bool:
    """Whether the bug only quotes the outage's words: ``invalid literal for int(): 'Too many connections'``."""
    found = sign.regex.search(text)
    if found is None:
        return False
    line_start = text.rfind("\n", 0, found.start()) + 1
    before, after = text[line_start : found.start()], text[found.end() :]
    return before[-1:] in "'\"`" and before[-1:] != "" and after[:1] in "'\"`" and bug_in(before) is not None


def dependency_of(sign: OutageSign, text: str, history: History, response: Response) -> str:
    """What is out: the sign's own, else what the text names, else what a probe says in the same words."""
    if sign.dependency and sign.dependency not in ("database", "DNS", "TLS"):
        return sign.dependency
    named = dependency_in(text)
    if named:
        return named
    for probe in history.down:
        if probe.dependency and (sign.regex.search(probe.text) or len(history.down) == 1):
            return probe.dependency
    whole = dependency_in(" ".join(texts(response))[:4096])
    if whole:
        return whole
    if sign.slug == "pool-exhausted" and not sign.dependency:
        return _named_by_others(history)
    return sign.dependency


def _named_by_others(history: History) -> str:
    """The dependency that any other failing answer of the group names."""
    for one in history.seen:
        if one.exchange.response is not None and one.failed:
            named = dependency_in(" ".join(texts(one.exchange.response))[:4096])
            if named:
                return named
    return ""


def quote(text: str, sign: OutageSign | BugSign) -> str:
    """The part of a text around the telling words, at most 160 characters."""
    found = sign.regex.search(text)
    if found is None:
        return clip(text)
    line_start = max(text.rfind("\n", 0, found.start()) + 1, found.start() - 60)
    line_end = text.find("\n", found.end())
    end = len(text) if line_end < 0 else line_end
    return clip(text[line_start : min(end, found.end() + 100)])


def clip(text: str) -> str:
    """A text in one line of at most 160 characters, in quotation marks."""
    line = " ".join(text.split())
    return f"“{line[:160]}…”" if len(line) > 160 else f"“{line}”"
