"""Lock files are written again by their own tools: a real uv on a local index, and nothing that builds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from uv import find_uv_bin

from demo.index import LocalIndex
from tests.workers.world import World, edits, words
from workers import sandbox

PYTHONS = ((3, 11), (3, 13))
STATIC = """\
[project]
name = "shop"
version = "1"
requires-python = ">=3.11"
dependencies = [{}]
"""


class Locked(World):
    """Projects with a uv.lock, which a real uv has written from the index as it is."""

    def lock(self, files: Mapping[str, str], folder: Path) -> dict[str, str]:
        """Return the files with a lock file beside the first of them."""
        self.run(files, folder, "lock")
        return {**files, "uv.lock": (folder / "uv.lock").read_text()}

    def accepts(self, files: Mapping[str, str], folder: Path) -> bool:
        """Say whether uv finds its lock file up to date."""
        return self.run(files, folder, "lock", "--check") == 0

    def run(self, files: Mapping[str, str], folder: Path, *arguments: str) -> int:
        for path, text in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        given = sandbox.environment(self.index.url, folder.parent / "store", folder, self.extra)
        return subprocess.run(
            [find_uv_bin(), *arguments, "--quiet"], cwd=folder, env=given, check=False
        ).returncode


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Locked]:
    with LocalIndex({}) as index:
        yield Locked(index, tmp_path / "store")


def changed(before: str, after: str) -> list[str]:
    """Return the lines that are in one of two texts alone, as a diff marks them."""
    old, new = before.splitlines(), after.splitlines()
    return [f"-{line}" for line in old if line not in new] + [f"+{line}" for line in new if line not in old]


def test_a_range_that_admits_the_newest_moves_the_lock_file_alone(world: Locked, tmp_path: Path) -> None:
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0", requires=["plank"])
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    world.index.release("shelf", "1.1", requires=["plank"])
    world.index.release("plank", "1.1")
    found = world.proven(files, PYTHONS)
    made = edits(found)["shelf"]
    assert list(made) == ["uv.lock"]
    assert {c for c in changed(files["uv.lock"], made["uv.lock"]) if "version" in c} == {'+version = "1.1"'}
    assert 'name = "plank"\nversion = "1.0"' in made["uv.lock"]
    assert [f.message for f in found] == ["`shelf` 1.0 → 1.1"]
    assert [f.title for f in found] == ["Upgrade shelf from 1.0 to 1.1"]
    assert world.accepts({**files, **made}, tmp_path / "again")


def test_each_distribution_of_a_lock_file_stays_on_its_index(tmp_path: Path) -> None:
    with LocalIndex({}) as public, LocalIndex({}) as inner:
        world = Locked(public, tmp_path / "store", inner.url.replace("http://", "http://me:canary@"))
        inner.release("plank", "1.0")
        public.release("plank", "9.9")
        public.release("shelf", "1.0", requires=["plank"])
        files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
        public.release("shelf", "1.1", requires=["plank"])
        made = edits(world.proven(files, PYTHONS))["shelf"]
        assert world.accepts({**files, **made}, tmp_path / "again")
    assert f'name = "plank"\nversion = "1.0"\nsource = {{ registry = "{inner.url}" }}' in made["uv.lock"]
    assert f'name = "shelf"\nversion = "1.1"\nsource = {{ registry = "{public.url}" }}' in made["uv.lock"]
    assert "canary" not in made["uv.lock"]


def test_a_cap_and_the_lock_file_move_together(world: Locked, tmp_path: Path) -> None:
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1,<2"')}, tmp_path / "shop")
    world.index.release("shelf", "2.0")
    made = edits(world.proven(files, PYTHONS))["shelf"]
    assert made["pyproject.toml"] == STATIC.format('"shelf>=1,<3"')
    assert 'specifier = ">=1,<3"' in made["uv.lock"]
    assert world.accepts({**files, **made}, tmp_path / "again")


def test_what_has_to_move_along_is_told(world: Locked, tmp_path: Path) -> None:
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    world.index.release("plank", "2.0")
    world.index.release("screw", "1.0")
    world.index.release("shelf", "2.0", requires=["plank>=2", "screw"])
    found = world.proven(files, PYTHONS)
    assert [f.message for f in found] == [
        "`shelf` 1.0 → 2.0, and with it `plank` 1.0 → 2.0, `screw` 1.0 (new)"
    ]
    assert world.accepts({**files, **edits(found)["shelf"]}, tmp_path / "again")


def test_what_would_move_along_has_to_be_old_enough(world: Locked, tmp_path: Path) -> None:
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    world.index.release("plank", "2.0", uploaded="2026-11-23T08:00:00Z")
    world.index.release("shelf", "2.0", requires=["plank>=2"])
    found = world.proven(files, PYTHONS, release_age=7)
    assert edits(found) == {}
    (said,) = words(found)
    assert said.startswith("`shelf`: it would take `plank` 2.0 along, which is 1 day old")


def test_who_is_in_the_way_is_named(world: Locked, tmp_path: Path) -> None:
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    files = world.lock({"pyproject.toml": STATIC.format('"plank", "shelf"')}, tmp_path / "shop")
    world.index.release("plank", "2.0")
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert words(found) == ["`plank` 2.0 does not install here: `shelf` in `pyproject.toml` wants `plank<2`"]


def test_nothing_of_the_repository_runs(world: Locked, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    project = STATIC.replace('version = "1"', 'dynamic = ["version"]').format('"shelf>=1"')
    backend = f"open({str(trace)!r}, 'w')\nfrom hatchling.build import *\n"
    files = {
        "pyproject.toml": project
        + '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n',
        "own.py": backend,
        "setup.py": backend,
    }
    world.index.release("shelf", "1.0")
    static = files["pyproject.toml"].replace('dynamic = ["version"]', 'version = "1"')
    lock = world.lock({"pyproject.toml": static}, tmp_path / "shop")["uv.lock"]
    files["uv.lock"] = lock.replace('name = "shop"\nversion = "1"\n', 'name = "shop"\n')
    world.index.release("shelf", "1.1")
    made = edits(world.proven(files, PYTHONS))["shelf"]
    assert 'name = "shop"\nsource = { editable = "." }\n' in made["uv.lock"]
    assert 'version = "1.1"' in made["uv.lock"]
    assert not trace.exists()


def test_what_is_known_only_after_a_build_is_left_alone(world: Locked, tmp_path: Path) -> None:
    world.index.release("shelf", "1.0")
    group = '[dependency-groups]\ndev = ["shelf>=1"]\n'
    files = world.lock({"pyproject.toml": STATIC.format("") + group}, tmp_path / "shop")
    files["pyproject.toml"] = files["pyproject.toml"].replace(
        "dependencies = []", 'dynamic = ["dependencies"]'
    )
    world.index.release("shelf", "1.1")
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert words(found) == ["`shelf`: the dependencies of `pyproject.toml` are known only when it is built"]


def test_a_lock_file_that_is_behind_its_project_is_left_alone(world: Locked, tmp_path: Path) -> None:
    world.index.release("shelf", "1.0")
    world.index.release("plank", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    files["pyproject.toml"] = STATIC.format('"shelf>=1", "plank"')
    world.index.release("shelf", "1.1")
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert "uv does not write `uv.lock` as it stands" in words(found)[0]


def test_all_members_of_a_workspace_move_with_their_one_lock_file(world: Locked, tmp_path: Path) -> None:
    root = STATIC.format('"shelf>=1,<2"') + '[tool.uv.workspace]\nmembers = ["packages/*"]\n'
    member = STATIC.replace('"shop"', '"till"').format('"shelf==1.0"')
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": root, "packages/till/pyproject.toml": member}, tmp_path / "shop")
    world.index.release("shelf", "2.0")
    made = edits(world.proven(files, PYTHONS))["shelf"]
    assert sorted(made) == ["packages/till/pyproject.toml", "pyproject.toml", "uv.lock"]
    assert world.accepts({**files, **made}, tmp_path / "again")


def test_a_project_beside_a_workspace_needs_no_lock_file(world: Locked, tmp_path: Path) -> None:
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    files["examples/pyproject.toml"] = STATIC.replace('"shop"', '"example"').format('"plank==1.0"')
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    assert list(edits(world.proven(files, PYTHONS))["plank"]) == ["examples/pyproject.toml"]


def test_a_comment_holds_the_lock_file_too(world: Locked, tmp_path: Path) -> None:
    world.index.release("shelf", "1.0")
    project = STATIC.format('\n    "shelf>=1",  # kotsu: hold\n')
    files = world.lock({"pyproject.toml": project}, tmp_path / "shop")
    world.index.release("shelf", "1.1")
    assert edits(world.proven(files, PYTHONS)) == {}


def test_a_line_of_releases_moves_within_itself(world: Locked, tmp_path: Path) -> None:
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf==1.*"')}, tmp_path / "shop")
    world.index.release("shelf", "1.1")
    world.index.release("shelf", "2.0")
    found = world.proven(files, PYTHONS)
    assert list(edits(found)["shelf"]) == ["uv.lock"]
    assert 'version = "1.1"' in edits(found)["shelf"]["uv.lock"]


def test_an_entry_of_another_index_is_not_asked_for(world: Locked, tmp_path: Path) -> None:
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    files["uv.lock"] = files["uv.lock"].replace(world.index.url.rstrip("/"), "http://169.254.169.254/simple")
    world.index.release("shelf", "1.1")
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert "may come from http://169.254.169.254/simple" in words(found)[0]


def test_a_distribution_without_a_wheel_stays_as_it_is_and_is_not_built(
    world: Locked, tmp_path: Path
) -> None:
    world.index.release("plank", "1.0", requires=["screw"])
    world.index.release("screw", "1.0")
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1", "plank"')}, tmp_path / "shop")
    head, wheels, tail = files["uv.lock"].partition("wheels = [\n")
    files["uv.lock"] = head + tail.partition("]\n")[2]
    assert wheels
    project = world.index.projects["plank"]
    project["files"] = [f for f in project["files"] if not f["filename"].endswith(".whl")]
    world.index.release("shelf", "1.1")
    made = edits(world.proven(files, PYTHONS))["shelf"]["uv.lock"]
    assert 'name = "shelf"\nversion = "1.1"' in made
    start = files["uv.lock"].index('name = "plank"')
    assert files["uv.lock"][start : files["uv.lock"].index("[[package]]", start)] in made


@pytest.mark.parametrize(
    "text", ["", "version = 1\n", "[[package]]\nname = 1\n", "{", "\0", "[[package]]\n" * 2]
)
def test_a_lock_file_that_cannot_be_read_is_a_reason_and_no_more(world: Locked, text: str) -> None:
    world.index.release("shelf", "1.0")
    world.index.release("shelf", "2.0")
    found = world.proven({"pyproject.toml": STATIC.format('"shelf==1.0"'), "uv.lock": text}, PYTHONS)
    assert edits(found) == {}
    assert words(found)
