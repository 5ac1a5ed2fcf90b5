from __future__ import annotations

import tomllib
from datetime import date

import pytest

from zeues_contracts.errors import UsageError
from zeues_contracts.findings import Cause, Finding, Level
from zeues_contracts.snapshots.waivers import (
    apply_waivers,
    parse_until,
    parse_waivers,
    waiver_of,
    with_waiver,
    without_waivers,
)

TODAY = date(2026, 3, 1)
LATER = date(2026, 6, 1)
FINDING = Finding(
    "ZC260", Level.WARNING, Cause.DRIFT, "is required", "shop", ("POST /orders",), "schema Order: when", state="abc"
)
OTHER = FINDING.with_(subject="schema Order: size")


def waive(finding: Finding, until: date = LATER, reason: str = "the app follows") -> str:
    return with_waiver("", waiver_of(finding, until, reason, "Ada"))


def applied(text: str, *findings: Finding, **more: object) -> tuple[list[str], list[str], list[str]]:
    kept, waived, extra = apply_waivers(findings, parse_waivers(text, "w.toml"), TODAY, **more)  # type: ignore[arg-type]
    return [one.subject for one in kept], [one.subject for one in waived], [one.rule for one in extra]


def test_a_waiver_tolerates_its_finding_and_no_other() -> None:
    assert applied(waive(FINDING), FINDING, OTHER) == (["schema Order: size"], ["schema Order: when"], [])


def test_the_last_day_counts() -> None:
    assert applied(waive(FINDING, TODAY), FINDING)[1] == ["schema Order: when"]


def test_an_expired_waiver_is_a_finding_and_hides_nothing() -> None:
    text = waive(FINDING, date(2026, 2, 28))
    assert applied(text, FINDING) == (["schema Order: when"], [], ["ZC611"])
    (extra,) = apply_waivers((), parse_waivers(text, "w.toml"), TODAY)[2]
    assert "1 day ago" in extra.message
    assert extra.place is not None
    assert extra.place.line == 4
    assert applied(text)[2] == ["ZC611"]  # and not unused besides


def test_an_unused_waiver_is_a_finding_where_its_cause_was_looked_for() -> None:
    text = waive(FINDING)
    assert applied(text)[2] == ["ZC612"]
    assert applied(text, causes=[Cause.DRIFT])[2] == ["ZC612"]
    assert applied(text, causes=[Cause.MISMATCH])[2] == []


@pytest.mark.parametrize(
    "now",
    [FINDING.with_(level=Level.ERROR), FINDING.with_(state="another"), FINDING.with_(level=Level.ERROR, state="x")],
)
def test_a_waiver_never_hides_what_got_worse(now: Finding) -> None:
    assert applied(waive(FINDING), now) == (["schema Order: when"], [], ["ZC613"])


def test_what_got_better_is_still_tolerated() -> None:
    assert applied(waive(FINDING), FINDING.with_(level=Level.INFO))[1] == ["schema Order: when"]


def test_a_waiver_written_by_hand_needs_no_state() -> None:
    text = f'[[waiver]]\nfingerprint = "{FINDING.fingerprint}"\nuntil = 2026-06-01\nreason = "x"\n'
    assert applied(text, FINDING.with_(state="anything"))[1] == ["schema Order: when"]


def test_of_two_waivers_the_later_stands_and_the_other_is_unused() -> None:
    text = waive(FINDING, date(2026, 4, 1)) + waive(FINDING).partition("\n\n")[2]
    assert applied(text, FINDING)[1:] == (["schema Order: when"], ["ZC612"])


HAND = f'''# Our waivers.
# Ask the platform team.

# Bob asked for this one.
[[waiver]]
fingerprint = "{FINDING.fingerprint}"   # when
until = "2026-04-01"
reason = """
[[waiver]]
is text in here
"""

[[waiver]]
fingerprint = "{OTHER.fingerprint}"
until = 2026-04-01
reason = 'quotes "here"'
# the end
'''


def test_comments_and_other_waivers_stay_as_they_are() -> None:
    third = FINDING.with_(subject="third")
    text = with_waiver(HAND, waiver_of(third, LATER, 'a "reason" with \\ and\nlines', "Ada"))
    assert text.startswith(HAND)
    assert [one.fingerprint for one in parse_waivers(text)] == [
        FINDING.fingerprint,
        OTHER.fingerprint,
        third.fingerprint,
    ]
    assert parse_waivers(text)[2].reason == 'a "reason" with \\ and lines'
    renewed = with_waiver(HAND, waiver_of(FINDING, LATER, "longer", "Ada"))
    assert "# Bob asked for this one." in renewed
    assert "is text in here" not in renewed
    assert [one.until for one in parse_waivers(renewed)] == [LATER, date(2026, 4, 1)]
    gone = without_waivers(HAND, [FINDING.fingerprint])
    assert gone.startswith("# Our waivers.\n# Ask the platform team.\n")
    assert "Bob" not in gone
    assert gone.endswith("# the end\n")
    assert [one.fingerprint for one in parse_waivers(gone)] == [OTHER.fingerprint]
    assert without_waivers(HAND, ["ffffffffffff"]) == HAND


def test_lines_are_those_of_the_headers() -> None:
    assert [one.line for one in parse_waivers(HAND)] == [5, 13]


def test_inline_tables_are_read_and_not_rewritten() -> None:
    text = f'waiver = [{{fingerprint = "{FINDING.fingerprint}", until = 2026-04-01, reason = "x"}}]\n'
    assert applied(text, FINDING)[1] == ["schema Order: when"]
    with pytest.raises(UsageError, match="not written as"):
        without_waivers(text, [FINDING.fingerprint])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[waiver]\n", "no valid TOML"),
        ("[waivers]\n", "`waivers` is not known"),
        ("waiver = 7\n", "no list of tables"),
        ("waiver = [7]\n", "a waiver is a table"),
        ("[[waiver]]\nuntil = 2026-01-01\nreason = 'x'\n", "w.toml:1: a waiver needs `fingerprint`"),
        ("\n[[waiver]]\nfingerprint = '0123456789ab'\nuntil = 2026-01-01\n", "w.toml:2: a waiver needs `reason`"),
        ("[[waiver]]\nfingerprint = '0123456789ab'\nreason = 'x'\nuntil = 'soon'\n", "`until` is no date"),
        ("[[waiver]]\nfingerprint = '0123456789ab'\nreason = 'x'\nuntil = 7\n", "`until` is no date"),
        ("[[waiver]]\nfingerprint = 'short'\nreason = 'x'\nuntil = 2026-01-01\n", "no fingerprint"),
        ("[[waiver]]\nfingerprint = 7\nreason = 'x'\nuntil = 2026-01-01\n", "`fingerprint` is no text"),
        ("[[waiver]]\nsince = 2026-01-01\n", "`since` is not known"),
        (
            "[[waiver]]\nfingerprint = '0123456789ab'\nreason = 'x'\nuntil = 2026-01-01\nlevel = 'bad'\n",
            "`level` is one of",
        ),
    ],
)
def test_what_is_no_waiver_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", "\\(")):
        parse_waivers(text, "w.toml")


def test_secrets_do_not_get_into_the_file() -> None:
    assert "hunter2" not in waive(FINDING, reason="see password=hunter2")


@pytest.mark.parametrize("reason", ['"""', "\\", "\x00\x1b", "a\nb", "é\u202e", "'''", "# no comment", "\ud800"])
def test_any_reason_can_be_written_and_read(reason: str) -> None:
    text = waive(FINDING, reason=reason)
    assert tomllib.loads(text)["waiver"][0]["fingerprint"] == FINDING.fingerprint
    assert parse_waivers(text)[0].reason


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-03-01", TODAY), ("2027-01-31", date(2027, 1, 31)), ("30d", date(2026, 3, 31)), ("2w", date(2026, 3, 15))],
)
def test_ends(text: str, day: date) -> None:
    assert parse_until(text, TODAY) == day


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "2026-02-28", "-3d", "1y"])
def test_what_is_no_end(text: str) -> None:
    with pytest.raises(UsageError):
        parse_until(text, TODAY)


def test_many_waivers_are_read_in_no_time() -> None:
    text = "".join(waive(FINDING.with_(subject=str(n))) for n in range(1000))
    assert len(parse_waivers(text)) == 1000
