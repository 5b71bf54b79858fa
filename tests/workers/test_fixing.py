"""A published weakness through a whole scan: what is asked, what is proposed first, and what waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.version import Version

from codemods import registry
from codemods.model import Releases
from codemods.tree import Files
from codemods.weaknesses import Advisory, Span
from demo.index import LocalIndex
from tests.workers.test_lockers import Locked
from workers import config, indexes, scan, solver
from workers.model import Past, Proposal, Report, State
from workers.reasons import Reason

FIX, UPGRADE = "fix-vulnerable-dependency", "upgrade-dependency"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
FALLS = Advisory(("CVE-2026-1", "GHSA-aa-bb"), "It @falls", "2026-11-20", (Span(None, Version("1.1")),))
ONE = {"requirements.txt": "shelf==1.0\n"}


class Scans:
    """Scans of a few files by the two improvements, on a local index with a real resolver."""

    def __init__(self, index: LocalIndex, store: Path) -> None:
        self.index = index
        self.solver = solver.on(index.url, store)
        self.looked_up: list[frozenset[str]] = []
        self.advised: list[frozenset[str]] = []
        self.known: Mapping[str, tuple[Advisory, ...]] = {"shelf": (FALLS,)}
        self.words = ""
        for version in ("1.0", "1.1", "2.0"):
            index.release("shelf", version)

    def lookup(self, names: frozenset[str]) -> Mapping[str, Releases]:
        self.looked_up.append(names)
        return indexes.answer(names, self.index.url)

    def advise(self, names: frozenset[str]) -> tuple[Mapping[str, tuple[Advisory, ...]], str]:
        self.advised.append(names)
        return {name: found for name, found in self.known.items() if name in names}, self.words

    def run(
        self,
        files: Mapping[str, str] = ONE,
        only: Sequence[str] = (FIX, UPGRADE),
        past: Sequence[Past] = (),
        **said: object,
    ) -> Report:
        known = registry.catalogue()
        return scan.run(
            scan.Request(
                tree=Files({path: text.encode() for path, text in files.items()}),
                catalogue={id_: known[id_] for id_ in only},
                config=config.Config.model_validate(said),
                now=NOW,
                lookup=self.lookup,
                advise=self.advise,
                solver=self.solver,
                past=past,
            )
        )


@pytest.fixture
def scans(tmp_path: Path) -> Iterator[Scans]:
    with LocalIndex({}) as index:
        yield Scans(index, tmp_path / "store")


def keys(report: Report) -> list[str]:
    return [proposal.key for proposal in report.proposals]


def after(proposal: Proposal) -> dict[str, str]:
    return {edit.path: (edit.after or b"").decode() for edit in proposal.edits}


def test_the_fix_goes_first_and_the_upgrade_waits_for_it(scans: Scans) -> None:
    report = scans.run()
    (fix,) = report.proposals
    assert (fix.key, after(fix)) == (f"{FIX}/shelf", {"requirements.txt": "shelf==1.1\n"})
    assert fix.title == "Upgrade shelf from 1.0 to 1.1 to fix CVE-2026-1"
    assert fix.labels == ("kotsu", "security", "needs-review")
    row = next(line for line in fix.body.splitlines() if line.startswith("| `requirements.txt`"))
    for words in ("CVE-2026-1, GHSA-aa-bb, `It @falls`", "4 days of exposure", "resolves on Python"):
        assert words in row
    assert [(w.key, w.reason) for w in report.withheld] == [(f"{UPGRADE}/shelf", Reason.FIX_FIRST)]
    assert scans.advised == [{"shelf"}]


def test_a_fix_waits_neither_for_the_release_age_nor_for_the_limits(scans: Scans) -> None:
    scans.index.release("plank", "1.0")
    scans.index.release("plank", "1.1", uploaded="2026-11-24T08:00:00Z")
    scans.known = {"plank": (FALLS,)}
    opened = [Past(key, State.OPEN, NOW) for key in ("a", "b", "c")]
    report = scans.run({"requirements.txt": "plank==1.0\nshelf==1.0\n"}, past=opened)
    (fix,) = report.proposals
    assert fix.key == f"{FIX}/plank"
    assert "skips the release age" in fix.body
    assert {w.key: w.reason for w in report.withheld if w.reason is not Reason.ADVICE} == {
        f"{UPGRADE}/shelf": Reason.OPEN_LIMIT
    }


def test_a_fix_goes_on_to_the_lowest_release_that_installs(scans: Scans) -> None:
    scans.index.release("plank", "1.0", requires=["shelf!=1.1,!=2.0"])
    scans.index.release("shelf", "3.0")
    scans.index.release("shelf", "4.0")
    (fix,) = scans.run({"requirements.txt": "plank==1.0\nshelf==1.0\n"}).proposals
    assert after(fix) == {"requirements.txt": "plank==1.0\nshelf==3.0\n"}


def test_a_fix_that_does_not_install_is_said_with_who_is_in_the_way(scans: Scans) -> None:
    scans.index.release("plank", "1.0", requires=["shelf==1.0"])
    report = scans.run({"requirements.txt": "plank==1.0\nshelf==1.0\n"})
    assert report.proposals == []
    said = {w.key: w.sentence for w in report.withheld}
    assert "affected by CVE-2026-1" in said[f"{FIX}/shelf"]
    assert "`plank` in `requirements.txt` wants `shelf==1.0`" in said[f"{FIX}/shelf"]
    assert f"{UPGRADE}/shelf" in said


def test_what_only_a_lock_file_holds_back_moves_there_alone(scans: Scans, tmp_path: Path) -> None:
    project = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'
    scans.index.release("nail", "1.0")
    locked = Locked(scans.index, tmp_path / "store")
    files = locked.lock({"pyproject.toml": f'{project}dependencies = ["nail"]\n'}, tmp_path / "shop")
    for version in ("1.1", "2.0"):
        scans.index.release("nail", version, uploaded="2026-11-24T08:00:00Z")
    scans.known = {"nail": (FALLS,)}
    (fix,) = scans.run(files).proposals
    assert fix.title == "Upgrade nail from 1.0 to 1.1 to fix CVE-2026-1"
    assert list(after(fix)) == ["uv.lock"]
    assert 'name = "nail"\nversion = "1.1"' in after(fix)["uv.lock"]
    assert "`nail` 1.0 → 1.1 (fixes CVE-2026-1, GHSA-aa-bb, `It @falls`" in fix.body


def test_what_does_not_resolve_today_names_the_fix_that_stays_undone(scans: Scans) -> None:
    scans.index.release("plank", "1.0", requires=["nowhere==7"])
    for number in range(3, 9):
        scans.index.release("shelf", f"{number}.0")
    report = scans.run({"requirements.txt": "plank==1.0\nshelf==1.0\n"}, only=(FIX,))
    assert report.proposals == []
    (said,) = report.withheld
    assert "CVE-2026-1" in said.sentence
    assert "nothing can be proven" in said.sentence


def test_a_fix_alone_asks_the_index_only_about_what_has_an_advisory(scans: Scans) -> None:
    scans.index.release("plank", "1.0")
    files = {"requirements.txt": "plank==1.0\nshelf==1.0\n"}
    assert keys(scans.run(files, only=(FIX,))) == [f"{FIX}/shelf"]
    assert scans.advised == [{"plank", "shelf"}]
    assert scans.looked_up[0] == {"shelf"}


def test_nobody_is_asked_for_advisories_that_nobody_wants(scans: Scans) -> None:
    assert scans.run(only=("aware-utcnow",)).proposals == []
    assert scans.advised == []


def test_a_source_that_fails_is_a_problem_and_no_more(scans: Scans) -> None:
    scans.known, scans.words = {}, "the source of advisories answered 500"
    report = scans.run()
    assert keys(report) == [f"{UPGRADE}/shelf"]
    assert [(p.path, p.line, p.message) for p in report.problems] == [(".", 1, scans.words)]


def test_the_fix_can_be_switched_off_for_one_name(scans: Scans) -> None:
    report = scans.run(improvements={f"{FIX}/shelf": config.Switch(enabled=False)})
    assert keys(report) == [f"{UPGRADE}/shelf"]
