"""The commands of ``snapshot`` as people call them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.unit.snapshots.documents import raw
from tests.unit.snapshots.project import Project, with_property
from zeues_contracts.snapshots import verify_files
from zeues_contracts.snapshots.waivers import read_waivers


def changes(project: Project) -> list[list[str]]:
    """Fingerprint, level, rule and the rest of each change."""
    out = project.ok("snapshot", "review", "--list")
    return [line.split(maxsplit=3) for line in out.splitlines() if re.match(r"[0-9a-f]{12} ", line)]


def test_update_creates_then_refuses_breaking_changes_without_a_reason(project: Project) -> None:
    assert "Took the first snapshot: snapshots/shop.json" in project.ok("snapshot", "update")
    assert "nothing has changed" in project.ok("snapshot", "update")
    assert len(project.entries()) == 1
    project.live(with_property("when"))
    assert "Approved" in project.ok("snapshot", "update")
    project.live(with_property("size", required=True, base=with_property("when")))
    before = project.files.snapshot.read_bytes(), project.files.ledger.read_bytes()
    code, _, err = project.run("snapshot", "update")
    assert code == 2
    assert "breaking" in err
    assert "`size`" in err
    assert "--reason" in err
    assert (project.files.snapshot.read_bytes(), project.files.ledger.read_bytes()) == before
    project.ok("snapshot", "update", "--reason", "2.0")
    assert project.entries()[-1].reason == "2.0"
    assert {one.level for one in project.entries()[-1].accepted} >= {"error"}
    assert project.run("snapshot", "verify")[0] == 0


def test_the_ledger_names_no_folders_of_the_machine(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    project.ok("snapshot", "update", "--document", str(project.folder / "live.json"))
    assert project.entries()[-1].source == "live.json"
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "other.json"
    elsewhere.write_text(json.dumps(with_property("when")))
    project.ok("snapshot", "update", "--document", str(elsewhere))
    assert project.entries()[-1].source == "other.json"
    assert str(project.folder) not in project.files.ledger.read_text()


def test_in_ci_nothing_is_written_unless_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    for command in (["update"], ["review", "--accept-all"], ["resolve"], ["waive", "0123456789ab", "--until", "30d"]):
        code, _, err = project.run("snapshot", *command)
        assert code == 2
        assert "CI is set" in err
    assert not project.files.snapshot.exists()
    project.ok("snapshot", "update", "--ci")
    assert project.files.snapshot.exists()


def test_a_dry_run_writes_nothing(project: Project) -> None:
    assert "would be the first" in project.ok("snapshot", "update", "--dry-run")
    assert not project.files.snapshot.exists()
    project.ok("snapshot", "update")
    project.live(with_property("when", required=True))
    out = project.ok("snapshot", "update", "--dry-run")
    assert "would be approved" in out
    assert len(project.entries()) == 1


def test_review_by_flags(project: Project) -> None:
    project.ok("snapshot", "update")
    live = with_property("when", required=True)
    live["paths"]["/carts"] = {"get": {"responses": {"200": {"description": "carts"}}}}
    project.live(live)
    listed = changes(project)
    carts = next(one for one in listed if "/carts" in one[3])
    bad = next(one for one in listed if one[1] == "error")
    others = [one[0] for one in listed if one not in (carts, bad)]
    code, _, err = project.run("snapshot", "review", "--accept", bad[0])
    assert code == 2
    assert "without a reason" in err
    arguments = ["--accept", carts[0][:6], "--waive", f"{bad[0]}=2999-01-31", "--reason", "carts first"]
    out = project.ok("snapshot", "review", *arguments, *(f"--reject={one}" for one in others))
    assert f"1 accepted, {len(others)} rejected, 1 waived" in out
    assert "/carts" in project.contents()["paths"]
    assert project.contents()["components"] == raw()["components"]
    (waiver,) = read_waivers(project.files.waivers)
    assert waiver.fingerprint == bad[0]
    assert waiver.by == "Ada"
    assert waiver.level == "error"
    assert project.run("snapshot", "verify")[0] == 0
    left = changes(project)
    assert sorted(one[0] for one in left) == sorted([bad[0], *others])


def test_accept_all_but_what_is_named(project: Project) -> None:
    project.ok("snapshot", "update")
    live = with_property("when")
    live["paths"]["/carts"] = {"get": {"responses": {"200": {"description": "carts"}}}}
    project.live(live)
    carts = next(one for one in changes(project) if "/carts" in one[3])
    project.ok("snapshot", "review", "--accept-all", "--reject", carts[0])
    assert "/carts" not in project.contents()["paths"]
    assert "when" in project.contents()["components"]["schemas"]["Order"]["properties"]
    assert [one[0] for one in changes(project)] == [carts[0]]


def test_what_hangs_together_is_told_and_can_be_taken_together(project: Project) -> None:
    project.ok("snapshot", "update")
    live = with_property("note")
    # One edit, of which a request feels two things: no document has the one without the other.
    live["components"]["schemas"]["Order"]["properties"]["id"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    project.live(live)
    one = next(one for one in changes(project) if "`id`, in requests: type" in one[3])
    code, _, err = project.run("snapshot", "review", "--accept", one[0], "--reason", "x")
    assert code == 2
    assert "hangs together" in err
    assert "--together" in err
    out = project.ok("snapshot", "review", "--accept", one[0], "--reason", "x", "--together")
    assert "Accepted besides" in out
    assert len(project.entries()[-1].accepted) > 1
    assert "note" not in project.contents()["components"]["schemas"]["Order"]["properties"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--accept", "ffffffffffff"], "there is no change"),
        (["--accept", "zz"], "there is no change"),
        (["--waive", "0123456789ab"], "there is no date"),
        (["--waive", "{0}=soon", "--reason", "x"], "not a date"),
        (["--waive", "{0}=2001-01-01", "--reason", "x"], "is past"),
        (["--accept", "{0}", "--reject", "{0}"], "were both given"),
        (["--waive", "{0}=2999-01-01"], "wants a reason"),
    ],
)
def test_flags_that_make_no_sense(project: Project, arguments: list[str], said: str) -> None:
    project.ok("snapshot", "update")
    project.live(with_property("when"))
    first = changes(project)[0][0]
    before = project.files.ledger.read_bytes()
    code, _, err = project.run("snapshot", "review", *(one.replace("{0}", first) for one in arguments))
    assert code == 2
    assert said in err
    assert project.files.ledger.read_bytes() == before


def test_without_a_terminal_the_changes_are_listed(project: Project) -> None:
    project.ok("snapshot", "update")
    assert "nothing to review" in project.ok("snapshot", "review")
    project.live(with_property("when"))
    code, out, _ = project.run("snapshot", "review")
    assert code == 1
    assert "--accept FINGERPRINT" in out


def test_verify_tells_and_mends(project: Project) -> None:
    assert project.run("snapshot", "verify")[0] == 0
    project.ok("snapshot", "update")
    project.files.snapshot.write_text(json.dumps(with_property("edited")))
    code, out, _ = project.run("snapshot", "verify", "--no-color")
    assert code == 1
    assert "ZC601" in out
    assert "--adopt" in out
    for command in (["update", "--reason", "x"], ["review", "--accept-all", "--reason", "x"]):
        code, _, err = project.run("snapshot", *command)
        assert code == 2
        assert "ZC601" in err
    assert project.run("snapshot", "verify", "--adopt")[0] == 2
    project.ok("snapshot", "verify", "--adopt", "--reason", "edited on purpose")
    assert project.entries()[-1].action == "adopt"
    project.files.snapshot.write_bytes(project.files.snapshot.read_bytes().replace(b"\n", b"\r\n"))
    code, out, _ = project.run("snapshot", "verify")
    assert (code, "ZC609" in out) == (0, True)
    project.ok("snapshot", "verify", "--repair")
    assert b"\r" not in project.files.snapshot.read_bytes()


def test_verify_against_git_finds_what_the_chain_cannot(project: Project) -> None:
    project.git("init", "-q", "-b", "main")
    project.ok("snapshot", "update")
    project.commit("1")
    project.live(with_property("when"))
    project.ok("snapshot", "update")
    project.commit("2")
    first = project.git("show", "HEAD~1:snapshots/shop.json").stdout
    ledger = project.git("show", "HEAD~1:snapshots/shop.ledger.jsonl").stdout
    # Both files as they were a commit ago are a whole pair: only git knows that an approval is gone.
    project.files.snapshot.write_text(first)
    project.files.ledger.write_text(ledger)
    code, out, _ = project.run("snapshot", "verify")
    assert (code, "ZC604" in out) == (1, True)
    assert project.run("snapshot", "verify", "--against", "")[0] == 0
    assert project.run("snapshot", "verify", "--against", "HEAD~1")[0] == 0


def test_waive_prune_and_remove(project: Project) -> None:
    project.ok("snapshot", "update")
    live = with_property("when", required=True)
    project.live(live)
    bad = next(one for one in changes(project) if one[1] == "error")
    assert project.run("snapshot", "waive", bad[0])[0] == 2
    out = project.ok("snapshot", "waive", bad[0], "--until", "2999-01-31", "--reason", "the app follows")
    assert "Waived until 2999-01-31" in out
    project.files.waivers.write_text(project.files.waivers.read_text().replace("[[waiver]]", "# ask Bob\n[[waiver]]"))
    project.ok("snapshot", "waive", "shop", bad[0], "--until", "2999-02-28", "--reason", "later still")
    text = project.files.waivers.read_text()
    assert text.count("[[waiver]]") == 1
    assert "# ask Bob" in text
    assert "2999-02-28" in text
    assert project.entries()[-1].action == "waive"
    assert "took out 0 waivers" in project.ok("snapshot", "waive", "--prune")
    project.live(raw())
    assert "took out 1 waiver" in project.ok("snapshot", "waive", "--prune")
    assert read_waivers(project.files.waivers) == ()
    assert project.run("snapshot", "waive", "--remove", "0123456789ab")[0] == 2
    assert verify_files(project.files) == ()


def test_waive_what_a_report_tells(project: Project, tmp_path: Path) -> None:
    from zeues_contracts.findings import Cause, Finding, Level, Report
    from zeues_contracts.report import render

    project.ok("snapshot", "update")
    finding = Finding("ZC401", Level.ERROR, Cause.VIOLATION, "outside of the schema", "shop", ("GET /orders",), "body")
    (tmp_path / "report.json").write_text(render(Report((finding,)), "json"))
    arguments = ["--until", "30d", "--reason", "known", "--report", "report.json"]
    project.ok("snapshot", "waive", finding.fingerprint, *arguments)
    assert read_waivers(project.files.waivers)[0].rule == "ZC401"
    # Drift alone was looked at: what a violation's waiver is for was not, so it is not called unused.
    assert "took out 0 waivers" in project.ok("snapshot", "waive", "--prune")


def test_environments(project: Project) -> None:
    project.ok("snapshot", "update", "--env", "production")
    project.live(with_property("when", required=True))
    project.ok("snapshot", "update", "--env", "staging")
    names = sorted(one.name for one in project.files.snapshot.parent.iterdir())
    assert names == [
        "shop.production.json",
        "shop.production.ledger.jsonl",
        "shop.staging.json",
        "shop.staging.ledger.jsonl",
    ]
    code, out, _ = project.run("snapshot", "diff", "--env", "production", "--env", "staging")
    assert code == 1
    assert "`when`" in out
    assert project.run("snapshot", "diff", "--env", "staging", "--env", "staging")[0] == 0
    assert project.run("snapshot", "diff", "--env", "../x", "--env", "staging")[0] == 2
    assert project.run("snapshot", "verify", "--env", "staging")[0] == 0
    project.live(raw())
    project.ok("snapshot", "update")
    assert project.run("snapshot", "diff", "--env", "production")[0] == 0
    project.live(with_property("when", required=True))
    assert project.run("snapshot", "diff")[0] == 1


def test_log_in_all_formats(project: Project) -> None:
    assert project.run("snapshot", "log")[0] == 2
    project.ok("snapshot", "update")
    project.live(with_property("when", required=True))
    project.ok("snapshot", "update", "--reason", "orders have a date *now*")
    out = project.ok("snapshot", "log")
    assert out.index("orders have a date") < out.index("took the first snapshot")
    assert "Ada updated the snapshot" in out
    assert "accepted error" in out
    value = json.loads(project.ok("snapshot", "log", "--format", "json"))
    assert [one["action"] for one in value["entries"]] == ["create", "update"]
    assert value["entries"][1]["accepted"][0]["level"] == "error"
    markdown = project.ok("snapshot", "log", "-f", "markdown", "--limit", "1")
    assert markdown.count("\n## ") == 1
    assert "**breaking**" in markdown
    assert "*now*" not in markdown
    project.ok("snapshot", "log", "-f", "markdown", "-o", "CHANGES.md")
    assert (project.folder / "CHANGES.md").read_text().startswith("# Changes of shop")


def test_pending_is_left_and_taken_up(project: Project) -> None:
    project.ok("snapshot", "update")
    assert "nothing to review" in project.ok("snapshot", "pending")
    project.live(with_property("when"))
    assert "Next: zeues-contracts snapshot review --from" in project.ok("snapshot", "pending")
    project.live(with_property("other"))
    project.ok("snapshot", "update", "--from", "snapshots/shop.pending.json")
    assert "when" in project.contents()["components"]["schemas"]["Order"]["properties"]
    assert not project.files.pending.exists()
    code, _, err = project.run("snapshot", "review", "--from", "live.json", "--accept-all")
    assert code == 2
    assert "not a pending file" in err


def test_a_pending_file_with_another_source_is_refused(project: Project) -> None:
    project.ok("snapshot", "update")
    project.live(with_property("when"))
    project.ok("snapshot", "pending")
    arguments = ["--from", "snapshots/shop.pending.json", "--url", "http://localhost:1"]
    code, _, err = project.run("snapshot", "update", *arguments)
    assert code == 2
    assert "gives the document already" in err


def test_nothing_in_the_way_of_an_update_is_a_traceback(project: Project) -> None:
    project.ok("snapshot", "update")
    project.files.snapshot.write_text("{")
    for command in ("update", "review", "verify", "diff"):
        code, out, err = project.run("snapshot", command)
        assert code in (1, 2), (command, out, err)
        assert "defect" not in err
    project.files.snapshot.unlink()
    project.files.snapshot.mkdir()
    for command in ("update", "review", "verify", "log"):
        code, out, err = project.run("snapshot", command)
        assert "defect" not in err, (command, code, out, err)
