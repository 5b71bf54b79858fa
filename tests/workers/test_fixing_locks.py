"""A published weakness in what only a lock file names: found, and fixed by writing that file again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.version import Version

from codemods.weaknesses import Advisory, Span
from demo.index import LocalIndex
from tests.workers.test_fixing import FIX, UPGRADE, Scans, after, keys
from tests.workers.test_lockers import HEAD, PIP_COMPILE, STATIC, Locked, changed
from workers.reasons import Reason

FALLS = Advisory(("CVE-2026-1", "GHSA-aa-bb"), "It falls", "2026-11-20", (Span(None, Version("1.1")),))


class Shelves(Scans):
    """Projects that need a shelf, which needs a plank that nothing here names."""

    def __init__(self, index: LocalIndex, folder: Path) -> None:
        super().__init__(index, folder / "store")
        self.folder, self.locked = folder, Locked(index, folder / "store")
        self.known = {"plank": (FALLS,)}
        index.release("nail", "1.0", requires=["plank"])
        index.release("plank", "1.0")

    def lock(self, *needs: str) -> dict[str, str]:
        """Return a project that needs these, with its lock file."""
        wanted = ", ".join(f'"{need}"' for need in needs)
        return self.locked.lock({"pyproject.toml": STATIC.format(wanted)}, self.folder / "shop")


@pytest.fixture
def shelves(tmp_path: Path) -> Iterator[Shelves]:
    with LocalIndex({}) as index:
        yield Shelves(index, tmp_path)


def test_the_lock_file_alone_moves_to_the_lowest_fix(shelves: Shelves) -> None:
    files = shelves.lock("nail")
    shelves.index.release("plank", "1.1", uploaded="2026-11-24T08:00:00Z")
    shelves.index.release("plank", "1.2")
    report = shelves.run(files)
    (fix,) = report.proposals
    assert (fix.key, fix.title) == (f"{FIX}/plank", "Upgrade plank from 1.0 to 1.1 to fix CVE-2026-1")
    assert list(after(fix)) == ["uv.lock"]
    lines = changed(files["uv.lock"], after(fix)["uv.lock"])
    assert [line for line in lines if "version" in line] == ['+version = "1.1"']
    place = files["uv.lock"].splitlines().index('name = "plank"') + 1
    assert f"| `uv.lock` | {place} | `plank` 1.0 → 1.1 (needed by `nail`; fixes CVE-2026-1" in fix.body
    assert "4 days of exposure; skips the release age)" in fix.body
    assert shelves.locked.accepts({**files, **after(fix)}, shelves.folder / "again")
    assert report.withheld == ()


def test_what_needs_it_moves_along_where_it_may(shelves: Shelves) -> None:
    shelves.index.release("bolt", "1.0", requires=["plank<1.1"])
    files = shelves.lock("bolt")
    shelves.index.release("bolt", "1.5", requires=["plank"])
    shelves.index.release("plank", "1.1")
    (fix,) = shelves.run(files, only=(FIX,)).proposals
    assert "and with it `bolt` 1.0 → 1.5" in fix.body


def test_who_wants_the_weak_one_is_named(shelves: Shelves) -> None:
    shelves.index.release("bolt", "1.0", requires=["plank<1.1"])
    files = shelves.lock("bolt==1.0")
    shelves.index.release("plank", "1.1")
    report = shelves.run(files, only=(FIX,))
    assert report.proposals == []
    (said,) = report.withheld
    place = files["uv.lock"].splitlines().index('name = "plank"') + 1
    assert (said.key, said.reason) == (f"{FIX}/plank", Reason.ADVICE)
    assert said.sentence.startswith(f"`uv.lock:{place}`: `plank` 1.0, needed by `bolt`, is affected by CVE")
    assert said.sentence.endswith(
        "fixed in 1.1, but `plank` 1.1 does not install here: `bolt` in `pyproject.toml` wants `plank<1.1`"
    )


def test_who_wants_the_weak_one_is_named_where_nothing_names_that_either(shelves: Shelves) -> None:
    shelves.index.release("bolt", "1.0", requires=["plank<1.1"])
    shelves.index.release("nail", "2.0", requires=["bolt"])
    files = shelves.lock("nail>=2")
    shelves.index.release("plank", "1.1")
    (said,) = shelves.run(files, only=(FIX,)).withheld
    assert "`plank` 1.1 does not install here: `bolt` in `uv.lock` wants `plank<1.1`" in said.sentence


def test_a_lock_file_that_its_tool_would_write_differently_is_a_reason(shelves: Shelves) -> None:
    files = shelves.lock("nail")
    shelves.index.release("plank", "1.1")
    files["pyproject.toml"] = STATIC.format('"nail", "bolt"')
    shelves.index.release("bolt", "1.0")
    report = shelves.run(files, only=(FIX,))
    assert report.proposals == []
    (said,) = report.withheld
    assert "Upgrade plank from 1.0 to 1.1 to fix CVE-2026-1: uv does not write `uv.lock`" in said.sentence


def test_a_compiled_set_changes_in_the_one_block(shelves: Shelves) -> None:
    shelves.index.release("plank", "1.1")
    compiled = PIP_COMPILE + "nail==1.0\n    # via -r requirements.in\nplank==1.0\n    # via nail\n"
    (fix,) = shelves.run({"requirements.in": "nail\n", "requirements.txt": compiled}).proposals
    assert after(fix) == {"requirements.txt": compiled.replace("plank==1.0", "plank==1.1")}
    assert "| `requirements.txt` | 9 | `plank` 1.0 → 1.1 (needed by `nail`; fixes CVE-2026-1" in fix.body


def test_layers_of_compiled_sets_move_together(shelves: Shelves) -> None:
    shelves.index.release("plank", "1.1")
    head = HEAD.format("make upgrade")
    base = head + "nail==1.0\n    # via -r requirements/base.in\nplank==1.0\n    # via nail\n"
    dev = head + (
        "nail==1.0\n    # via -r requirements/base.txt\n"
        "plank==1.0\n    # via\n    #   -r requirements/base.txt\n    #   nail\n"
    )
    files = {
        "requirements/base.in": "nail\n",
        "requirements/base.txt": base,
        "requirements/dev.in": "-r base.txt\n",
        "requirements/dev.txt": dev,
    }
    (fix,) = shelves.run(files).proposals
    compiled = [path for path in files if path.endswith(".txt")]
    assert after(fix) == {path: files[path].replace("plank==1.0", "plank==1.1") for path in compiled}


def test_each_lock_file_moves_by_itself(shelves: Shelves) -> None:
    """Another project's pin of the next line is no reason to go there."""
    files = shelves.lock("nail")
    for version in ("1.1", "2.0"):
        shelves.index.release("plank", version)
    (fix,) = shelves.run({**files, "docs/requirements.txt": "plank==2.0\n"}).proposals
    assert list(after(fix)) == ["uv.lock"]
    assert 'name = "plank"\nversion = "1.1"' in after(fix)["uv.lock"]


def test_a_plain_upgrade_leaves_it_alone(shelves: Shelves) -> None:
    files = shelves.lock("nail")
    shelves.index.release("plank", "1.1")
    shelves.known = {}
    report = shelves.run(files)
    assert (keys(report), report.withheld) == ([], ())
    assert shelves.run(files, only=(UPGRADE,)).proposals == []


def test_what_a_build_needs_is_another_matter(shelves: Shelves) -> None:
    """A requirement of the build says nothing about what is locked."""
    files = shelves.lock("nail")
    build = '[build-system]\nrequires = ["plank==1.0"]\nbuild-backend = "plank"\n'
    shelves.index.release("plank", "1.1")
    report = shelves.run({**files, "pyproject.toml": files["pyproject.toml"] + build}, only=(FIX,))
    assert "1.1" in "".join(p.title for p in report.proposals) + "".join(w.sentence for w in report.withheld)


def test_nothing_else_is_taken_back_to_an_older_release(shelves: Shelves) -> None:
    """A release from before somebody thought of a cap fits everything, as far as a resolver knows."""
    shelves.index.release("bolt", "0.9", requires=["plank"])
    shelves.index.release("bolt", "1.0", requires=["plank!=1.1"])
    files = shelves.lock("bolt")
    for version in ("1.1", "1.2"):
        shelves.index.release("plank", version)
    (fix,) = shelves.run(files, only=(FIX,)).proposals
    assert fix.title == "Upgrade plank from 1.0 to 1.2 to fix CVE-2026-1"
    assert "with it" not in fix.body


def test_what_moves_along_is_one_that_is_old_enough_where_there_is_one(shelves: Shelves) -> None:
    shelves.index.release("bolt", "1.0")
    files = shelves.lock("bolt", "nail")
    shelves.index.release("bolt", "1.5", uploaded="2026-11-01T08:00:00Z")
    shelves.index.release("bolt", "1.6", uploaded="2026-11-23T08:00:00Z")
    shelves.index.release("plank", "1.1", requires=["bolt>1"])
    (fix,) = shelves.run(files, only=(FIX,)).proposals
    assert "and with it `bolt` 1.0 → 1.5 |" in fix.body


def test_what_moves_along_need_not_be_old_enough_where_none_is(shelves: Shelves) -> None:
    shelves.index.release("bolt", "1.0")
    files = shelves.lock("bolt", "nail")
    shelves.index.release("bolt", "1.5", uploaded="2026-11-23T08:00:00Z")
    shelves.index.release("screw", "1.0", uploaded="2026-11-23T08:00:00Z")
    shelves.index.release("plank", "1.1", requires=["bolt>1", "screw"])
    (fix,) = shelves.run(files, only=(FIX,)).proposals
    assert (
        "and with it `bolt` 1.0 → 1.5 (skips the release age), `screw` 1.0 (new, skips the release age) |"
        in fix.body
    )


def test_nothing_moves_along_into_a_weakness(shelves: Shelves) -> None:
    shelves.index.release("bolt", "1.0")
    files = shelves.lock("bolt", "nail")
    shelves.index.release("bolt", "1.5")
    shelves.index.release("plank", "1.1", requires=["bolt>1"])
    bends = Advisory(("CVE-2026-2",), "It bends", "2026-11-20", versions=frozenset({Version("1.5")}))
    shelves.known = {"plank": (FALLS,), "bolt": (bends,)}
    report = shelves.run(files, only=(FIX,))
    assert report.proposals == []
    (said,) = report.withheld
    assert said.sentence.endswith("it would take `bolt` 1.5 along, which is affected by CVE-2026-2")


def test_a_cap_leads_back_into_its_own_line_however_many_releases_lie_above_it(shelves: Shelves) -> None:
    shelves.index.release("bolt", "1.0", requires=["plank<2"])
    files = shelves.lock("bolt")
    for version in ("1.1", *(f"2.{number}" for number in range(9))):
        shelves.index.release("plank", version)
    bends = Advisory(("CVE-2026-2",), "It bends", "2026-11-20", (Span(None, Version("2.0")),))
    shelves.known = {"plank": (FALLS, bends)}
    (fix,) = shelves.run(files, only=(FIX,)).proposals
    assert fix.title == "Upgrade plank from 1.0 to 1.1 to fix CVE-2026-1"
    assert (
        "still affected by CVE-2026-2: fixed in 2.0, but `plank` 2.0 does not install here:"
        " `bolt` in `pyproject.toml` wants `plank<2`" in fix.body
    )


def test_a_lock_file_that_is_in_the_way_of_others_is_left_out(shelves: Shelves) -> None:
    shelves.index.release("bolt", "1.0", requires=["plank<1.1"])
    here, there = shelves.lock("nail"), shelves.lock("bolt==1.0")
    stale = {**here, "pyproject.toml": STATIC.format('"nail", "shelf"')}
    shelves.index.release("plank", "1.1")
    files = {
        f"{folder}/{path}": text
        for folder, found in (("a", there), ("b", here), ("c", stale))
        for path, text in found.items()
    }
    report = shelves.run(files, only=(FIX,))
    (fix,) = report.proposals
    assert (fix.title, list(after(fix))) == ("Upgrade plank from 1.0 to 1.1 to fix CVE-2026-1", ["b/uv.lock"])
    said = sorted(w.sentence for w in report.withheld)
    assert "fixed in 1.1, but `plank`: `bolt` in `a/pyproject.toml` wants `plank<1.1`" in said[0]
    assert "fixed in 1.1, but `plank`: uv does not write `c/uv.lock` as it stands" in said[1]
