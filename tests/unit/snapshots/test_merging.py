from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.snapshots.documents import raw
from tests.unit.snapshots.project import Project, with_property
from zeues_contracts.errors import UsageError
from zeues_contracts.snapshots import verify_files
from zeues_contracts.snapshots.ledger import make_entry, parse_ledger, tips
from zeues_contracts.snapshots.merging import driver, merge_json, merge_ledgers


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1}, {"a": 3}, {"a": 3}),
        ({"a": 1}, {"a": 2}, {"a": 2}, {"a": 2}),
        ({}, {"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}, {"b": 2}, {}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, {"a": {}}, {"a": {"c": 2}}),
        ({"r": ["x"]}, {"r": ["x", "y"]}, {"r": ["x", "z"]}, {"r": ["x", "y", "z"]}),
        ({"r": ["x", "y"]}, {"r": ["y"]}, {"r": ["x", "y", "z"]}, {"r": ["y", "z"]}),
        ({"a": 1}, {"a": 1}, {"a": 1.0}, {"a": 1.0}),
        ({"a": 1}, {"a": True}, {"a": 1}, {"a": True}),
    ],
)
def test_json_is_merged_by_structure(base: Any, ours: Any, theirs: Any, merged: Any) -> None:
    result = merge_json(base, ours, theirs)
    assert result.conflicts == ()
    assert json.dumps(result.value) == json.dumps(merged)
    other = merge_json(base, theirs, ours).value
    if "r" not in base:  # the order of a set of texts follows the side that is merged into
        assert json.dumps(other, sort_keys=True) == json.dumps(merged, sort_keys=True)
    else:
        assert sorted(other["r"]) == sorted(merged["r"])


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "places"),
    [
        ({"a": 1}, {"a": 2}, {"a": 3}, ("/a",)),
        ({"a/b": {"x": 1}}, {}, {"a/b": {"x": 2}}, ("/a~1b",)),
        ({"a": [1]}, {"a": [2]}, {"a": [3]}, ("/a",)),
        ({}, {"a": 1}, {"a": True}, ("/a",)),
        ([], {}, 7, ("",)),
    ],
)
def test_what_both_changed_is_a_conflict(base: Any, ours: Any, theirs: Any, places: tuple[str, ...]) -> None:
    assert merge_json(base, ours, theirs).conflicts == places


def entry(previous: str, after: str, actor: str) -> bytes:
    return make_entry(action="update", previous=previous, before="", after=after, actor=actor)


def test_ledgers_are_joined_by_an_entry_and_no_line_is_lost() -> None:
    base = entry("", "sha256:1", "Ada")
    root = parse_ledger(base).entries[0].hash
    ours, theirs = base + entry(root, "sha256:2", "Bob"), base + entry(root, "sha256:1", "Eve")
    merged = merge_ledgers(base, ours, theirs, actor="Ada")
    ledger = parse_ledger(merged)
    assert [one.actor for one in ledger.entries] == ["Ada", "Bob", "Eve", "Ada"]
    assert ledger.entries[-1].after == "sha256:2"  # the branch that changed the snapshot
    assert len(tips(ledger)) == 1
    assert merge_ledgers(base, ours, base) == ours
    assert merge_ledgers(base, ours, ours) == ours


def test_ledgers_of_which_both_changed_the_snapshot_wait_for_it() -> None:
    base = entry("", "sha256:1", "Ada")
    root = parse_ledger(base).entries[0].hash
    ours, theirs = base + entry(root, "sha256:2", "Bob"), base + entry(root, "sha256:3", "Eve")
    assert len(tips(parse_ledger(merge_ledgers(base, ours, theirs)))) == 2
    joined = parse_ledger(merge_ledgers(base, ours, theirs, merged="sha256:4"))
    assert len(tips(joined)) == 1
    assert joined.entries[-1].after == "sha256:4"


def test_a_broken_ledger_is_not_merged() -> None:
    with pytest.raises(UsageError, match="line 1"):
        merge_ledgers(b"", b"nonsense\n", b"")


def branches(project: Project, *, same: bool = False) -> None:
    """Two branches, each of which approved a change of its own."""
    project.git("init", "-q", "-b", "main")
    project.ok("snapshot", "update")
    project.commit("1")
    project.git("checkout", "-qb", "topic")
    project.live(with_property("a_when"))
    project.ok("snapshot", "update", "--reason", "on the topic")
    project.commit("2")
    project.git("checkout", "-q", "main")
    if same:
        project.live(with_property("a_when"))
    else:
        live = raw()
        live["paths"]["/carts"] = {"get": {"responses": {"200": {"description": "carts"}}}}
        project.live(live)
    project.ok("snapshot", "update", "--reason", "on main")
    project.commit("3")


def resolved(project: Project) -> None:
    assert verify_files(project.files) == ()
    reasons = [one.reason for one in project.entries()]
    assert "on the topic" in reasons
    assert "on main" in reasons
    assert project.entries()[-1].action == "merge"
    assert project.run("snapshot", "verify")[0] == 0


def test_git_left_conflict_markers_in_the_ledger(project: Project) -> None:
    branches(project)
    assert project.git("merge", "topic", check=False).returncode == 1
    assert b"<<<<<<<" in project.files.ledger.read_bytes()
    code, out, _ = project.run("snapshot", "verify")
    assert (code, "ZC606" in out, "snapshot resolve" in out) == (1, True, True)
    assert project.run("snapshot", "update", "--reason", "x")[0] == 2
    out = project.ok("snapshot", "resolve")
    assert "Joined" in out
    resolved(project)
    assert "/carts" in project.contents()["paths"]
    assert "a_when" in project.contents()["components"]["schemas"]["Order"]["properties"]
    project.commit("merged")
    assert project.run("snapshot", "verify", "--against", "HEAD^2")[0] == 0


def test_git_left_conflict_markers_in_the_snapshot_too(project: Project) -> None:
    branches(project)
    project.git("checkout", "-q", "topic")
    project.live(with_property("b_size"))  # beside what main adds: git's lines collide, the structure does not
    project.ok("snapshot", "update", "--reason", "more of the topic")
    project.commit("4")
    project.git("checkout", "-q", "main")
    project.live(with_property("c_tags"))
    project.ok("snapshot", "update", "--reason", "more of main")
    project.commit("5")
    project.git("merge", "topic", check=False)
    assert b"<<<<<<<" in project.files.snapshot.read_bytes()
    assert "Merged snapshots/shop.json by its structure" in project.ok("snapshot", "resolve")
    properties = project.contents()["components"]["schemas"]["Order"]["properties"]
    assert {"b_size", "c_tags"} <= set(properties)
    resolved(project)


def test_both_changed_one_thing_and_somebody_has_to_decide(project: Project) -> None:
    project.git("init", "-q", "-b", "main")
    project.ok("snapshot", "update")
    project.commit("1")
    for branch, kind in (("topic", "string"), ("main", "boolean")):
        project.git("checkout", "-q", *(["-b", "topic"] if branch == "topic" else ["main"]))
        live = raw()
        live["components"]["schemas"]["Order"]["properties"]["id"] = {"type": kind}
        project.live(live)
        project.ok("snapshot", "update", "--reason", f"on {branch}")
        project.commit(branch)
    project.git("merge", "topic", check=False)
    code, _, err = project.run("snapshot", "resolve")
    assert code == 2
    assert "/components/schemas/Order/properties/id/type" in err
    project.git("checkout", "--theirs", "snapshots/shop.json")
    project.ok("snapshot", "resolve")
    assert verify_files(project.files) == ()
    assert project.contents()["components"]["schemas"]["Order"]["properties"]["id"] == {"type": "string"}


def test_what_neither_branch_approved_wants_a_reason(project: Project) -> None:
    branches(project)
    project.git("merge", "topic", check=False)
    merged = json.loads(project.files.snapshot.read_bytes())
    merged["components"]["schemas"]["Order"]["properties"]["smuggled"] = {"type": "string"}
    project.files.snapshot.write_text(json.dumps(merged))
    code, _, err = project.run("snapshot", "resolve")
    assert code == 2
    assert "/components/schemas/Order/properties/smuggled" in err
    assert b"<<<<<<<" in project.files.ledger.read_bytes()
    project.ok("snapshot", "resolve", "--reason", "agreed on in the merge")
    resolved(project)


def test_what_one_branch_approved_is_not_dropped_without_a_reason(project: Project) -> None:
    branches(project)
    project.git("merge", "topic", check=False)
    project.git("checkout", "HEAD", "--", "snapshots/shop.json")
    code, _, err = project.run("snapshot", "resolve")
    assert code == 2
    assert "/components/schemas/Order/properties/a_when" in err


def test_a_merge_that_took_both_sides_as_lines(project: Project) -> None:
    branches(project)
    (project.folder / ".gitattributes").write_text("*.jsonl merge=union\n")
    project.git("merge", "topic", check=False)
    assert b"<<<<<<<" not in project.files.ledger.read_bytes()
    assert [one.rule for one in verify_files(project.files)] == ["ZC606"]
    project.ok("snapshot", "resolve", "--reason", "both")
    resolved(project)
    assert project.entries()[-1].reason == "both"
    assert "no branches to join" in project.ok("snapshot", "resolve")


def test_the_merge_driver_merges_while_git_does(project: Project) -> None:
    branches(project)
    project.use_merge_driver()
    done = project.git("merge", "--no-edit", "topic", check=False)
    assert done.returncode == 0, done
    assert "snapshot resolve" in done.stdout + done.stderr
    project.ok("snapshot", "resolve")
    resolved(project)


def test_the_merge_driver_is_all_where_only_one_branch_changed_the_snapshot(project: Project) -> None:
    branches(project, same=True)
    project.use_merge_driver()
    done = project.git("merge", "--no-edit", "topic", check=False)
    assert done.returncode == 0, done
    resolved(project)


def test_the_merge_driver_leaves_a_conflict_to_git(project: Project) -> None:
    (project.folder / "base").write_text('{"a": 1}')
    (project.folder / "ours").write_text('{"a": 2}')
    (project.folder / "theirs").write_text('{"a": 3}')
    code, _, err = project.run("snapshot", "merge-driver", "base", "ours", "theirs", "snapshots/shop.json")
    assert code == 1
    assert "/a" in err
    assert (project.folder / "ours").read_text() == '{"a": 2}'


def test_a_merge_driver_told_no_name_knows_a_ledger_by_its_contents(project: Project) -> None:
    base = entry("", "sha256:1", "Ada")
    root = parse_ledger(base).entries[0].hash
    ours = base + entry(root, "sha256:2", "Bob")
    for name, data in (("base", base), ("ours", ours), ("theirs", base)):
        (project.folder / name).write_bytes(data)
    assert driver(*(project.folder / one for one in ("base", "ours", "theirs")), "") == ""
    assert (project.folder / "ours").read_bytes() == ours


def test_nothing_to_resolve(project: Project) -> None:
    code, _, err = project.run("snapshot", "resolve")
    assert code == 2
    assert "no ledger" in err
    project.ok("snapshot", "update")
    assert "no branches to join" in project.ok("snapshot", "resolve")
    project.files.snapshot.write_text(json.dumps(with_property("edited")))
    assert project.run("snapshot", "resolve")[0] == 2
