"""Formats as languages.

Most formats are more, or less, than the validators check, so each is held as two languages: every string of ``inner``
has the format for certain, and no string outside of ``outer`` has it. Where both are one, the format is exact.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from zeues_contracts.schema.patterns.language import Language, compile_pattern

__all__ = ["FormatBounds", "format_bounds", "from_format"]


class FormatBounds(msgspec.Struct, frozen=True):
    """A format between two languages: ``inner`` ⊆ format ⊆ ``outer``."""

    inner: Language
    outer: Language

    @property
    def exact(self) -> bool:
        """Whether the format is known exactly."""
        return self.inner is self.outer


# RFC 3339, 5.6 and appendix C: leap years are those divisible by 4 but not by 100, or by 400.
_LEAP = r"(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_YEAR_1 = r"(?!0000)"
_MONTH_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
)
_DATE = rf"(?:\d{{4}}-{_MONTH_DAY}|{_LEAP}-02-29)"
_OFFSET = r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_TIME = rf"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?{_OFFSET}"
# A leap second is one only at 23:59 UTC: which offsets go with which minute is left open between the two bounds.
_TIME_OUTER = rf"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?{_OFFSET}"
# RFC 4291, 2.2; RFC 2673, 3.2.
_OCTET = r"(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"


def _ipv6() -> str:
    """RFC 4291, 2.2 as RFC 3986, 3.2.2 spells it out, except that ``::`` may not stand for no group at all there."""
    group = "[0-9a-fA-F]{1,4}"
    tail = f"(?:{group}:{group}|{_IPV4})"
    options = [f"(?:{group}:){{6}}{tail}"]
    for before in range(8):
        # Groups before the "::", and what may follow them: at most 7 - before groups, an IPv4 tail counting as two.
        head = f"{group}(?::{group}){{{before - 1}}}" if before else ""
        room = 7 - before
        rest = [""]
        if room >= 1:
            rest.append(f"{group}(?::{group}){{0,{room - 1}}}")
        if room >= 2:
            rest.append(f"(?:{group}:){{0,{room - 2}}}{_IPV4}")
        options.append(f"{head}::(?:{'|'.join(rest)})")
    return "|".join(options)


_EXACT: dict[str, str] = {
    "uuid": r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "ipv4": f"^(?:{_IPV4})$",
    "ipv6": f"^(?:{_ipv6()})$",
    # RFC 6901, 3 and draft-handrews-relative-json-pointer-01, 3.
    "json-pointer": r"^(?:/(?:[^~/]|~[01])*)*$",
    "relative-json-pointer": r"^(?:0|[1-9]\d*)(?:#|(?:/(?:[^~/]|~[01])*)*)$",
}
_BETWEEN: dict[str, tuple[str, str]] = {
    # The year 0000 is a date to RFC 3339 and none to Python.
    "date": (f"^{_YEAR_1}{_DATE}$", f"^{_DATE}$"),
    "time": (f"^{_TIME}$", f"^{_TIME_OUTER}$"),
    "date-time": (f"^{_YEAR_1}{_DATE}T{_TIME}$", f"^{_DATE}[Tt]{_TIME_OUTER}$"),
    "duration": (
        r"^P(?:[1-9]\d{0,3}D|[1-9]\d{0,3}W|T[1-9]\d{0,3}[HMS])$",
        r"^P(?:\d+W|(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)$",
    ),
    "email": (r"^[a-z0-9]+(?:[._-][a-z0-9]+)*@[a-z0-9]+(?:\.[a-z]{2,6})$", r"@"),
    "idn-email": (r"^[a-z0-9]+(?:[._-][a-z0-9]+)*@[a-z0-9]+(?:\.[a-z]{2,6})$", r"@"),
    "hostname": (r"^[a-z][a-z0-9]{0,30}(?:\.[a-z][a-z0-9]{0,10})?$", r"^[0-9A-Za-z.-]+$"),
    "uri": (r"^https?://[a-z][a-z0-9]{0,30}\.[a-z]{2,6}(?:/[a-z0-9]*)*$", r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*$"),
    "uri-reference": (r"^(?:https?://[a-z][a-z0-9]{0,30}\.[a-z]{2,6})?(?:/[a-z0-9]+)+$", r"^[^\s<>]*$"),
}


@lru_cache(maxsize=128)
def format_bounds(name: str) -> FormatBounds | None:
    """The two languages of a format of strings; ``None`` where nothing is known of it (then it asserts nothing)."""
    if name in _EXACT:
        exact = compile_pattern(_EXACT[name])
        return FormatBounds(exact, exact)
    if name in _BETWEEN:
        inner, outer = _BETWEEN[name]
        return FormatBounds(compile_pattern(inner), compile_pattern(outer))
    return None


def from_format(name: str) -> Language | None:
    """The language of a format where it is exact against both validators, else ``None`` (:func:`format_bounds`)."""
    bounds = format_bounds(name)
    return bounds.inner if bounds is not None and bounds.exact else None
