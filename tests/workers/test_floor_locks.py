"""The lowest Python is raised together with the lock file that repeats it, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from demo.index import LocalIndex
from tests.workers.test_fixing import Scans, after
from tests.workers.test_lockers import STATIC, Locked

_FLOOR = "python-floor"
_PROJECT = {"pyproject.toml": STATIC.format('"nail"').replace(">=3.11", ">=3.10")}


class Floors(Scans):
    """A project that needs a nail, of which the newest release runs on no old Python."""

    def __init__(self, index: LocalIndex, folder: Path) -> None:
        super().__init__(index, folder / "store")
        self.locked = Locked(index, folder / "store")
        self.folder = folder
        index.release("nail", "1.0")
        index.release("nail", "1.1", requires_python=">=3.11")


@pytest.fixture
def floors(tmp_path: Path) -> Iterator[Floors]:
    with LocalIndex({}) as index:
        yield Floors(index, tmp_path)


def test_the_lock_file_is_written_again_and_its_tool_accepts_it(floors: Floors) -> None:
    files = floors.locked.lock(_PROJECT, floors.folder / "shop")
    report = floors.run(files, only=(_FLOOR,))
    (raised,) = report.proposals
    assert (raised.key, raised.title) == (f"{_FLOOR}/3.10", "Raise the lowest Python from 3.10 to 3.11")
    assert list(after(raised)) == ["pyproject.toml", "uv.lock"]
    assert 'requires-python = ">=3.11"' in after(raised)["uv.lock"]
    assert 'version = "1.0"' not in after(raised)["uv.lock"]
    assert floors.locked.accepts({**files, **after(raised)}, floors.folder / "again")
    assert floors.run({**files, **after(raised)}, only=(_FLOOR,)).proposals == []


def test_what_is_installed_stays_in_its_version(floors: Floors) -> None:
    files = floors.locked.lock(_PROJECT, floors.folder / "shop")
    floors.index.release("nail", "1.2", requires_python=">=3.11")
    (raised,) = floors.run(files, only=(_FLOOR,)).proposals
    assert 'version = "1.1"' in after(raised)["uv.lock"]


def test_a_lock_file_that_its_tool_would_write_differently_keeps_all_back(floors: Floors) -> None:
    files = floors.locked.lock(_PROJECT, floors.folder / "shop")
    stale = {**files, "pyproject.toml": files["pyproject.toml"].replace('"nail"', '"nail", "shelf"')}
    report = floors.run(stale, only=(_FLOOR,))
    assert report.proposals == []
    (told,) = report.withheld
    assert "uv does not write `uv.lock` as it stands" in told.sentence


def test_without_a_tool_nothing_is_edited(floors: Floors) -> None:
    files = floors.locked.lock(_PROJECT, floors.folder / "shop")
    floors.solver = replace(floors.solver, tools=frozenset())
    report = floors.run(files, only=(_FLOOR,))
    assert report.proposals == []
    assert "`uv.lock` would have to be written again" in report.withheld[0].sentence
