"""Migrations on odd roads: beside themselves, switched off, in groups, in many files, failing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import libcst as cst
import pytest
from packaging.version import Version

from codemods import registry
from codemods.boundaries import Boundary, Change
from codemods.model import Facts, Release, Releases
from codemods.tree import Files
from workers import config, scan
from workers.model import Past, Report, State, Trial
from workers.solver import Solver

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_RETRY = b'from urllib3.util.retry import Retry\n\nretry = Retry(total=3, method_whitelist=["GET"])\n'
_UPGRADE, _ALONE = "upgrade-dependency/urllib3", "urllib3-retry-allowed-methods"
_OLD: Mapping[str, bytes] = {"requirements.txt": b"urllib3==1.25.0\n", "shop/net.py": _RETRY}
_KNOWN: Mapping[str, bytes] = {**_OLD, "requirements.txt": b"urllib3==1.26.18\n"}
_VERSIONS = {"urllib3": ("1.25.0", "1.26.18", "2.2.0"), "pydantic": ("1.10.2", "2.9.0")}


def _scanned(files: Mapping[str, bytes], *, said: str = "", **more: Any) -> Report:
    known = registry.catalogue()
    given = config.read(said.encode(), "kotsu.yml") if said else config.defaults()
    assert isinstance(given, config.Config)
    found = {
        name: Releases(name, tuple(Release(Version(v), "2026-01-01T00:00:00Z") for v in versions))
        for name, versions in _VERSIONS.items()
    }
    request = scan.Request(
        tree=Files(dict(files)),
        catalogue={id_: i for id_, i in known.items() if id_ in {"upgrade-dependency", _ALONE}},
        config=given,
        now=_NOW,
        lookup=lambda names: {name: found[name] for name in names if name in found},
        migrations=known,
        solver=Solver(lambda *_: "", lambda _: b""),
        everything=True,
    )
    return scan.run(replace(request, **more))


def _proposed(report: Report) -> dict[str, list[str]]:
    return {p.key: [edit.path for edit in p.edits] for p in report.proposals}


def _withheld(report: Report) -> dict[str, str]:
    return {w.key: w.reason.id for w in report.withheld}


_BOTH = ["requirements.txt", "shop/net.py"]


# --- by itself, or with the upgrade: once


def test_what_goes_by_itself_goes_before_the_upgrade_that_would_take_it_along() -> None:
    report = _scanned(_KNOWN)
    assert _proposed(report) == {_ALONE: ["shop/net.py"]}
    assert _withheld(report) == {_UPGRADE: "same-code"}
    (waiting,) = report.withheld
    assert waiting.sentence == f"`{_ALONE}` changes the same code, and comes first."


@pytest.mark.parametrize(("opened", "waits"), [(_UPGRADE, _ALONE), (_ALONE, _UPGRADE)])
def test_what_is_open_goes_on_and_the_other_waits(opened: str, waits: str) -> None:
    report = _scanned(_KNOWN, past=[Past(opened, State.OPEN, _NOW)])
    assert list(_proposed(report)) == [opened]
    assert _withheld(report) == {waits: "same-code"}


def test_what_somebody_said_no_to_rides_with_the_upgrade_that_needs_it() -> None:
    report = _scanned(_KNOWN, past=[Past(_ALONE, State.CLOSED, _NOW)])
    assert _proposed(report) == {_UPGRADE: _BOTH}
    assert _withheld(report) == {_ALONE: "declined"}


def test_once_it_is_merged_the_upgrade_takes_nothing_along() -> None:
    (first,) = _scanned(_KNOWN).proposals
    after = {**_KNOWN, **{edit.path: edit.after or b"" for edit in first.edits}}
    assert _proposed(_scanned(after)) == {_UPGRADE: ["requirements.txt"]}


def test_two_that_change_different_files_do_not_wait_for_each_other() -> None:
    said = f"improvements:\n  {_ALONE}:\n    ignore: [shop/**]\n"
    report = _scanned({**_KNOWN, "tools/net.py": _RETRY}, said=said)
    assert _proposed(report) == {_ALONE: ["tools/net.py"]}
    assert _withheld(report) == {_UPGRADE: "same-code"}
    assert _proposed(_scanned({**_KNOWN, "tools/net.py": b"import urllib3\n"}, said=said)) == {
        _UPGRADE: ["requirements.txt"]
    }


def test_what_is_right_only_with_the_upgrade_never_goes_by_itself() -> None:
    model = b"from typing import Optional\nfrom pydantic import BaseModel\n\n\n"
    model += b"class A(BaseModel):\n    x: Optional[int]\n"
    known = registry.catalogue()
    ids = {"upgrade-dependency", "pydantic-optional-default"}
    catalogue = {id_: i for id_, i in known.items() if id_ in ids}
    new = _scanned({"requirements.txt": b"pydantic==2.9.0\n", "a.py": model}, catalogue=catalogue)
    assert (_proposed(new), _withheld(new)) == ({}, {})
    old = _scanned({"requirements.txt": b"pydantic==1.10.2\n", "a.py": model}, catalogue=catalogue)
    assert _proposed(old) == {"upgrade-dependency/pydantic": ["a.py", "requirements.txt"]}


# --- what people said of it


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "ignore:\n  - shop/**\n"),
        ({}, f"improvements:\n  {_ALONE}: false\n"),
        ({}, f"improvements:\n  {_ALONE}:\n    ignore: [shop/**]\n"),
        ({}, f"rules:\n  - match: {{ improvement: {_ALONE} }}\n    enabled: false\n"),
        ({}, "rules:\n  - match: { improvement: urllib3-*, path: shop/* }\n    enabled: false\n"),
        ({"shop/net.py": _RETRY.replace(b'"])', b'"])  # kotsu: ignore')}, ""),
        ({"shop/net.py": _RETRY.replace(b'"])', b'"])  # kotsu: ignore[%s]' % _ALONE.encode())}, ""),
        ({"shop/net.py": b"# kotsu: ignore-file\n" + _RETRY}, ""),
    ],
)
def test_what_is_left_alone_stays_and_the_upgrade_comes(files: dict[str, bytes], said: str) -> None:
    report = _scanned({**_OLD, **files}, said=said)
    assert _proposed(report) == {_UPGRADE: ["requirements.txt"]}
    assert "0 rewritten, 1 for you" in report.proposals[0].body


@pytest.mark.parametrize(
    "said",
    [
        "improvements:\n  upgrade-dependency:\n    ignore: [shop/**]\n",
        f"rules:\n  - match: {{ improvement: {_ALONE}, path: tools/* }}\n    enabled: false\n",
    ],
)
def test_what_is_said_of_something_else_stops_nothing(said: str) -> None:
    assert _proposed(_scanned(_OLD, said=said)) == {_UPGRADE: _BOTH}


def test_an_upgrade_that_is_switched_off_takes_nothing_along() -> None:
    said = f"improvements:\n  {_UPGRADE}: false\n"
    assert _proposed(_scanned(_OLD, said=said)) == {}


# --- several together, and many files

_TWO = b"""from pydantic import BaseModel
from urllib3.util.retry import Retry


class A(BaseModel):
    class Config:
        extra = "allow"


retry = Retry(total=3, method_whitelist=["GET"])
"""


def test_the_part_of_a_group_that_is_tried_migrates_for_each_member_in_turn() -> None:
    files = {"requirements.txt": b"pydantic==1.10.2\nurllib3==1.25.0\n", "shop/a.py": _TWO}
    trial = Trial("upgrade-dependency/some-group", ("pydantic==2.9.0", "urllib3==2.2.0"))
    (proposal,) = _scanned(files, trial=trial).proposals
    assert [subject for subject, _ in proposal.commits][1:] == [
        "Migrate: pydantic-class-config",
        "Migrate: urllib3-retry-allowed-methods",
    ]
    _chained(proposal.commits)
    after = {edit.path: edit.after or b"" for edit in proposal.edits}
    assert b"ConfigDict" in after["shop/a.py"]
    assert b"allowed_methods" in after["shop/a.py"]
    assert after["requirements.txt"] == b"pydantic==2.9.0\nurllib3==2.2.0\n"


def _chained(commits: Sequence[tuple[str, Sequence[Any]]]) -> None:
    """Check that each commit edits what the one before it left."""
    left: dict[str, bytes | None] = {}
    for _, edits in commits:
        for edit in edits:
            assert left.get(edit.path, edit.before) == edit.before
            left[edit.path] = edit.after


def test_a_trial_of_one_member_migrates_for_that_one_alone() -> None:
    files = {"requirements.txt": b"pydantic==1.10.2\nurllib3==1.25.0\n", "shop/a.py": _TWO}
    (proposal,) = _scanned(files, trial=Trial("upgrade-dependency/g", ("urllib3==2.2.0",))).proposals
    assert [subject for subject, _ in proposal.commits][1:] == ["Migrate: urllib3-retry-allowed-methods"]


def test_an_upgrade_is_never_divided_however_many_files_it_migrates() -> None:
    many = {f"shop/n{number}.py": _RETRY * 8 for number in range(30)}
    (proposal,) = _scanned({**_OLD, **many}).proposals
    assert len(proposal.edits) == 32
    assert "part" not in proposal.title
    assert "241 uses of 1 changed API in 31 files; 241 rewritten, 0 for you" in proposal.body


# --- again, and where something fails


def test_what_was_written_once_gives_nothing_to_a_second_run() -> None:
    (first,) = _scanned(_OLD).proposals
    after = {**_OLD, **{edit.path: edit.after or b"" for edit in first.edits}}
    report = _scanned(after)
    assert (_proposed(report), _withheld(report)) == ({}, {})


def test_a_comparison_that_comes_later_is_no_reason_to_build_it_anew() -> None:
    known = Boundary(("urllib3",), (Change("urllib3.util.retry", Version("2"), "is gone", hand="Look."),))
    (without,) = _scanned(_OLD, compare=lambda *_: "").proposals
    (compared,) = _scanned(_OLD, compare=lambda *_: known).proposals
    assert compared.body != without.body
    assert (compared.digest, compared.change, compared.patch) == (
        without.digest,
        without.change,
        without.patch,
    )


def test_a_migration_that_fails_in_one_file_goes_on_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    module = registry.load(registry.ids()[_ALONE]).module
    rewrite = module.rewrite

    def careless(tree: cst.Module, facts: Facts) -> cst.Module:
        if "boom" in tree.code:
            raise RuntimeError("boom")
        return rewrite(tree, facts)

    monkeypatch.setattr(module, "rewrite", careless)
    report = _scanned({**_OLD, "shop/odd.py": _RETRY + b"boom = 1\n"})
    (proposal,) = report.proposals
    assert _proposed(report) == {_UPGRADE: _BOTH}
    assert [(p.path, p.message) for p in report.problems] == [
        ("shop/odd.py", f"{_ALONE} failed: RuntimeError: boom")
    ]
    assert "Not judged: `shop/odd.py`." in proposal.body
    assert "2 uses of 1 changed API in 2 files; 1 rewritten, 1 for you" in proposal.body
