"""Lock files are written again by their own tools: a real uv on a local index, and nothing that builds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from uv import find_uv_bin

from demo.index import LocalIndex
from tests.workers.world import World, edits, words
from workers import indexes, sandbox

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
        given = sandbox.environment(self.url, folder.parent / "store", folder, self.extra)
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
        world = Locked(public, tmp_path / "store", extra=[inner.url.replace("http://", "http://me:canary@")])
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


HEAD = """\
#
# This file is autogenerated by pip-compile with Python 3.11
# by the following command:
#
#    {}
#
"""
PIP_COMPILE = HEAD.format("pip-compile requirements.in")
SHELF = "plank==1.0\n    # via shelf\nshelf==1.0\n    # via -r requirements.in\n"


def shelves(world: Locked) -> None:
    """Publish a shelf that is made of planks, and a newer one that needs no more."""
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0", requires=["plank"])
    world.index.release("shelf", "1.1", requires=["plank"])
    world.index.release("plank", "1.1")


def test_a_compiled_file_changes_in_the_one_block(world: Locked) -> None:
    shelves(world)
    files = {"requirements.in": "shelf\n", "requirements.txt": PIP_COMPILE + SHELF}
    found = world.proven(files, PYTHONS)
    assert edits(found) == {
        "shelf": {"requirements.txt": PIP_COMPILE + SHELF.replace("shelf==1.0", "shelf==1.1")}
    }
    assert [f.message for f in found] == ["`shelf` 1.0 → 1.1 (resolves on Python 3.11 and 3.13)"]


def test_the_words_that_uv_would_not_write_stay(world: Locked) -> None:
    shelves(world)
    pinned = 'shelf[wide]==1.0 ; sys_platform != "win32"\n    # via -r requirements.in\n'
    files = {
        "requirements.in": 'shelf[wide] ; sys_platform != "win32"\n',
        "requirements.txt": HEAD.format("pip-compile --no-strip-extras requirements.in")
        + "plank==1.0\n    # via shelf\n"
        + pinned
        + "\n# The following packages are considered to be unsafe in a requirements file:\n# setuptools\n",
    }
    made = edits(world.proven(files, PYTHONS))["shelf"]["requirements.txt"]
    assert made == files["requirements.txt"].replace("[wide]==1.0", "[wide]==1.1")


def test_what_comes_and_goes_has_its_place(world: Locked) -> None:
    world.index.release("plank", "1.0")
    world.index.release("nail", "1.0")
    world.index.release("board", "1.0")
    world.index.release("shelf", "1.0", requires=["plank"])
    world.index.release("shelf", "2.0", requires=["board", "nail"])
    files = {
        "requirements.in": "nail\nshelf\n",
        "requirements.txt": PIP_COMPILE
        + "nail==1.0\n    # via -r requirements.in\nplank==1.0\n    # via shelf\n"
        + "shelf==1.0\n    # via -r requirements.in\n",
    }
    found = world.proven(files, PYTHONS)
    assert edits(found)["shelf"]["requirements.txt"] == PIP_COMPILE + (
        "board==1.0\n    # via shelf\nnail==1.0\n    # via\n    #   -r requirements.in\n    #   shelf\n"
        "shelf==2.0\n    # via -r requirements.in\n"
    )
    assert "and with it `board` 1.0 (new), `plank` (removed)" in found[0].message


def test_a_pin_in_the_source_moves_with_what_is_compiled(world: Locked) -> None:
    shelves(world)
    files = {"requirements.in": "shelf==1.0  # yes\n", "requirements.txt": PIP_COMPILE + SHELF}
    assert edits(world.proven(files, PYTHONS))["shelf"] == {
        "requirements.in": "shelf==1.1  # yes\n",
        "requirements.txt": PIP_COMPILE + SHELF.replace("shelf==1.0", "shelf==1.1"),
    }


def test_hashes_are_those_of_the_index_in_the_same_layout(world: Locked) -> None:
    shelves(world)
    files = {"requirements.in": "shelf\n"}

    def pinned(name: str, version: str, via: str) -> str:
        releases = world.lookup(frozenset({name}))[name].releases
        hashes = sorted(next(r.hashes for r in releases if str(r.version) == version))
        lines = " \\\n".join(f"    --hash=sha256:{h}" for h in hashes)
        return f"{name}=={version} \\\n{lines}\n    # via {via}\n"

    head = HEAD.format("pip-compile --generate-hashes requirements.in")
    plank, shelf = pinned("plank", "1.0", "shelf"), pinned("shelf", "1.0", "-r requirements.in")
    files["requirements.txt"] = head + plank + shelf
    made = edits(world.proven(files, PYTHONS))["shelf"]["requirements.txt"]
    assert made == head + plank + pinned("shelf", "1.1", "-r requirements.in")


def test_layers_are_compiled_one_after_the_other(world: Locked) -> None:
    shelves(world)
    head = HEAD.format("make upgrade")
    base = head + "plank==1.0\n    # via shelf\nshelf==1.0\n    # via -r requirements/base.in\n"
    dev = head + (
        "plank==1.0\n    # via\n    #   -r requirements/base.txt\n    #   shelf\n"
        "shelf==1.0\n    # via -r requirements/base.txt\n"
    )
    files = {
        "requirements/base.in": "shelf\n",
        "requirements/base.txt": base,
        "requirements/dev.in": "-r base.txt\n",
        "requirements/dev.txt": dev,
    }
    assert edits(world.proven(files, PYTHONS))["shelf"] == {
        "requirements/base.txt": base.replace("shelf==1.0", "shelf==1.1"),
        "requirements/dev.txt": dev.replace("shelf==1.0", "shelf==1.1"),
    }


def test_a_constraint_that_is_in_the_way_is_named(world: Locked) -> None:
    shelves(world)
    files = {
        "requirements.in": "-c limits.txt\nshelf\n",
        "limits.txt": "shelf<1.1\n",
        "requirements.txt": PIP_COMPILE + SHELF.replace("via -r", "via\n    #   -c limits.txt\n    #   -r"),
    }
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert "held at `<1.1` by the constraints of `limits.txt`" in words(found)[0]


@pytest.mark.parametrize(
    ("source", "head", "words_of_it"),
    [
        ("shelf\nplank\n", "pip-compile requirements.in", "does not compile `requirements.txt` as it stands"),
        ("shelf\n", "pip-compile --build-isolation requirements.in", "option `--build-isolation`"),
        ("shelf\n-e .\n", "pip-compile requirements.in", "has the option `-e`"),
        ("shelf\n--find-links https://a.test\n", "make upgrade", "may come from https://a.test"),
        ("shelf\n-c https://a.test/limits.txt\n", "make upgrade", "which is not among its files"),
        ("shelf\n-r ../../etc/passwd\n", "make upgrade", "which is not among its files"),
        ("shelf\n# hi\r--extra-index-url https://a.test/\n", "make upgrade", "control characters"),
        ("shelf\n", "pip-compile --constraint=http://a.test/x requirements.in", "`--constraint`"),
        ("shelf\n", "pip-compile --override=/etc/passwd requirements.in", "`--override`"),
        ("shelf\n", "pip-compile --group=/etc/x:dev requirements.in", "`--group`"),
    ],
    ids=["stale", "option", "editable", "links", "remote", "outside", "return", "header", "file", "group"],
)
def test_what_cannot_be_compiled_as_it_is_stays(
    world: Locked, source: str, head: str, words_of_it: str
) -> None:
    shelves(world)
    files = {"requirements.in": source, "requirements.txt": HEAD.format(head) + SHELF}
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert words_of_it in words(found)[0]


def test_what_nobody_asked_for_by_name_is_left_to_the_others(world: Locked) -> None:
    shelves(world)
    files = {
        "requirements.in": "shelf==1.1\n",
        "requirements.txt": PIP_COMPILE + SHELF.replace("f==1.0", "f==1.1"),
    }
    assert world.proven(files, PYTHONS) == []


@pytest.mark.parametrize("style", ["--annotation-style=line", "--no-annotate"])
def test_other_layouts(world: Locked, style: str) -> None:
    shelves(world)
    text = "plank==1.0                # via shelf\nshelf==1.0                # via -r requirements.in\n"
    text = text if "line" in style else "plank==1.0\nshelf==1.0\n"
    head = HEAD.format(f"pip-compile {style} requirements.in")
    made = edits(world.proven({"requirements.in": "shelf\n", "requirements.txt": head + text}, PYTHONS))
    assert made["shelf"]["requirements.txt"] == head + text.replace("shelf==1.0", "shelf==1.1")


def test_what_pip_compile_may_leave_out_moves_where_it_is(world: Locked) -> None:
    world.index.release("setuptools", "70.0")
    world.index.release("setuptools", "80.0")
    text = "# The following packages are considered to be unsafe in a requirements file:\nsetuptools==70.0\n"
    text += "    # via -r requirements.in\n"
    head = HEAD.format("pip-compile --allow-unsafe requirements.in")
    made = edits(world.proven({"requirements.in": "setuptools\n", "requirements.txt": head + text}, PYTHONS))
    assert made["setuptools"]["requirements.txt"] == head + text.replace("70.0", "80.0")


@pytest.mark.parametrize(
    "text",
    [
        SHELF.removesuffix("\n"),
        SHELF.replace("\n", "\r\n"),
        SHELF.replace("plank==1.0\n", 'plank==1.0 ; sys_platform == "win32"\n')
        + 'plank==1.0 ; sys_platform != "win32"\n    # via shelf\n',
    ],
    ids=["no final newline", "CRLF", "twice"],
)
def test_a_file_that_no_block_can_be_cut_out_of_stays(world: Locked, text: str) -> None:
    shelves(world)
    found = world.proven({"requirements.in": "shelf\n", "requirements.txt": PIP_COMPILE + text}, PYTHONS)
    assert edits(found) == {}


def test_a_marker_that_may_change_with_it_holds(world: Locked) -> None:
    world.index.release("plank", "1.0")
    world.index.release("shelf", "1.0")
    world.index.release("shelf", "1.1", requires=["plank"])
    files = {
        "requirements.in": 'shelf\nplank ; sys_platform != "darwin"\n',
        "requirements.txt": PIP_COMPILE
        + 'plank==1.0 ; sys_platform != "darwin"\n    # via -r requirements.in\n'
        + "shelf==1.0\n    # via -r requirements.in\n",
    }
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert "the environments that `plank` is for may change with it" in words(found)[0]


def test_what_a_distribution_without_a_wheel_needs_does_not_move(world: Locked) -> None:
    world.index.release("plank", "1.0")
    world.index.release("bolt", "1.0", requires=["plank<2"], wheel=False)
    files = {
        "requirements.in": "bolt\nplank\n",
        "requirements.txt": PIP_COMPILE
        + "bolt==1.0\n    # via -r requirements.in\n"
        + "plank==1.0\n    # via\n    #   -r requirements.in\n    #   bolt\n",
    }
    world.index.release("plank", "2.0")
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert "`bolt` has no wheel, so nobody knows what it goes with" in " ".join(words(found))


def test_a_hostile_workspace_builds_nothing(world: Locked, tmp_path: Path) -> None:
    trace, outside = tmp_path / "ran", tmp_path / "outside"
    outside.mkdir()
    (outside / "own.py").write_text(f"open({str(trace)!r}, 'w')\n")
    (outside / "pyproject.toml").write_text(
        '[project]\nname = "evil"\ndynamic = ["version"]\n'
        '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]\n'
    )
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    world.index.release("shelf", "1.1")
    for members in (str(outside), "/proc/self/root" + str(outside), "../../../../**"):
        files["pyproject.toml"] = (
            STATIC.format('"shelf>=1"') + f"[tool.uv.workspace]\nmembers = [{members!r}]\n"
        )
        world.proven(files, PYTHONS)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("project", "said"),
    [
        (
            STATIC.format('"shelf>=1", "evil @ http://a.test/${UV_DEFAULT_INDEX}/e.whl"'),
            "comes from an address",
        ),
        (STATIC.format('"shelf>=1"') + '[tool.uv.sources]\nshelf = {url = "http://a.test/e.whl"}\n', ""),
        (
            STATIC.format('"shelf>=1"') + '[tool.uv.sources]\nother = {git = "http://a.test/e"}\n',
            "nothing else",
        ),
        (STATIC.format('"shelf>=1"') + "[tool]\nuv = 1\n", "cannot be read"),
        (STATIC.format('"shelf>=1"').replace('version = "1"', "dynamic = 1"), "cannot be read"),
    ],
    ids=["variable", "url", "git", "tool", "dynamic"],
)
def test_a_hostile_project_is_a_reason_and_no_more(
    world: Locked, tmp_path: Path, project: str, said: str
) -> None:
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    files["pyproject.toml"] = project
    world.index.release("shelf", "1.1")
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert said in " ".join(words(found))


@pytest.mark.parametrize(
    "entry",
    [
        'name = "../../pwned"\nversion = "1"\nsource = { registry = "URL" }\nsdist = { url = "x" }\n',
        'name = "bolt"\nversion = "../../1"\nsource = { registry = "URL" }\nsdist = { url = "x" }\n',
        'name = "bolt"\nversion = "1"\n',
        'name = "bolt"\nversion = "1"\nsource = 1\n',
        'name = "bolt"\nversion = "1"\nsource = { git = "http://a.test/x" }\n',
        'name = "bolt"\nversion = "1"\nsource = { registry = "URL" }\nsdist = {}\ndependencies = [1]\n',
    ],
    ids=["name", "version", "no source", "source", "git", "dependencies"],
)
def test_a_hostile_lock_file_is_a_reason_and_writes_nothing_elsewhere(
    world: Locked, tmp_path: Path, entry: str
) -> None:
    world.index.release("shelf", "1.0")
    files = world.lock({"pyproject.toml": STATIC.format('"shelf>=1"')}, tmp_path / "shop")
    address = world.index.url.rstrip("/")
    files["uv.lock"] += f"\n[[package]]\n{entry.replace('URL', address)}"
    world.index.release("shelf", "1.1")
    found = world.proven(files, PYTHONS)
    assert edits(found) == {}
    assert words(found)
    assert not list(tmp_path.rglob("*pwned*"))


@pytest.mark.index
def test_the_real_pip_compile_has_nothing_to_change(world: Locked, tmp_path: Path) -> None:
    text = "python-dateutil==2.8.1\n    # via -r requirements.in\nsix==1.16.0\n    # via python-dateutil\n"
    head = HEAD.format("pip-compile --strip-extras requirements.in")
    files = {"requirements.in": "python-dateutil\n", "requirements.txt": head + text}
    world = Locked(world.index, tmp_path / "store", indexes.PYPI)
    made = edits(world.proven(files, PYTHONS))["python-dateutil"]
    assert list(made) == ["requirements.txt"]
    folder = tmp_path / "shop"
    command = ["tool", "run", "--from=pip-tools", "pip-compile", "--strip-extras", "requirements.in"]
    assert world.run({**files, **made}, folder, *command) == 0
    assert (folder / "requirements.txt").read_text() == made["requirements.txt"]
