"""What is proposed resolves, or it is withheld with who is in the way: a real resolver on a local index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.index import LocalIndex
from tests.workers.world import World, edits, words
from workers import solver


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with LocalIndex({}) as index:
        yield World(index, tmp_path / "store")


def test_what_resolves_says_on_which_pythons(world: World) -> None:
    world.index.release("shelf", "1.0")
    world.index.release("shelf", "2.0")
    found = world.proven({"requirements.txt": "shelf==1.0\n"})
    assert edits(found) == {"shelf": {"requirements.txt": "shelf==2.0\n"}}
    assert [f.message for f in found] == ["`shelf` 1.0 → 2.0 (resolves on Python 3.10 and 3.13)"]


def test_a_line_that_wants_an_older_one_is_named(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    found = world.proven({"requirements.txt": "plank==1.0\nshelf==1.0\n"})
    assert edits(found) == {}
    assert words(found) == [
        "`plank` 2.0 does not install here: `shelf` in `requirements.txt` wants `plank<2`"
    ]


def test_a_release_in_between_is_taken_where_the_newest_does_not_resolve(world: World) -> None:
    for version in ("1.0", "1.1", "2.0"):
        world.index.release("plank", version)
    world.index.release("shelf", "1.0", requires=["plank<2"])
    found = world.proven({"requirements.txt": "plank==1.0\nshelf==1.0\n"})
    assert edits(found) == {"plank": {"requirements.txt": "plank==1.1\nshelf==1.0\n"}}
    assert "2.0 does not install here" in found[0].message


def test_another_file_that_includes_this_one_holds_too(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    files = {"requirements/base.txt": "plank==1.0\n", "requirements/dev.txt": "-r base.txt\nshelf==1.0\n"}
    found = world.proven(files)
    assert edits(found) == {}
    assert "`shelf` in `requirements/dev.txt` wants `plank<2`" in " ".join(words(found))


def test_two_that_pin_each_other_move_together(world: World) -> None:
    for version in ("1.0", "2.0"):
        world.index.release("plank", version, requires=[f"shelf=={version}"])
        world.index.release("shelf", version, requires=[f"plank=={version}"])
    found = world.proven({"requirements.txt": "plank==1.0\nshelf==1.0\n"})
    assert edits(found) == {"plank": {"requirements.txt": "plank==2.0\nshelf==2.0\n"}}
    assert {f.title for f in found} == {"Upgrade plank and shelf together"}


def test_one_that_can_go_first_goes_alone(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    world.index.release("shelf", "2.0", requires=["plank>=1"])
    found = world.proven({"requirements.txt": "plank==1.0\nshelf==1.0\n"})
    assert edits(found) == {"shelf": {"requirements.txt": "plank==1.0\nshelf==2.0\n"}}
    assert "`shelf` in `requirements.txt` wants `plank<2`" in " ".join(words(found))


def test_a_constraint_counts(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0", requires=["shelf>=2"])
    world.index.release("shelf", "1.0")
    world.index.release("shelf", "2.0")
    files = {"requirements.txt": "-c constraints.txt\nplank==1.0\n", "constraints.txt": "shelf<2\n"}
    found = world.proven(files)
    assert edits(found) == {}
    assert "`plank` wants `shelf>=2`, and `constraints.txt` has `shelf<2`" in " ".join(words(found))


def test_requirements_that_do_not_resolve_today_prove_nothing(world: World) -> None:
    world.index.release("plank", "1.0", requires=["shelf>=2"])
    world.index.release("plank", "2.0", requires=["shelf>=2"])
    world.index.release("shelf", "1.0")
    found = world.proven({"requirements.txt": "plank==1.0\nshelf==1.0\n"})
    assert edits(found) == {}
    assert "do not resolve as they are, so nothing can be proven" in " ".join(words(found))


@pytest.mark.parametrize("line", ["shelf==1.0", "shelf>=1.0", "shelf>=1.0,<2", "shelf>=1.0,!=3"])
def test_a_line_without_a_wheel_is_left_out_of_the_question_and_named(world: World, line: str) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    world.index.release("shelf", "0.9")
    world.index.release("shelf", "1.0", wheel=False)
    world.index.release("shelf", "1.1", wheel=False)
    found = world.proven({"requirements.txt": f"plank==1.0\n{line}\n"})
    assert edits(found) == {"plank": {"requirements.txt": f"plank==2.0\n{line}\n"}}
    assert "without `shelf`, which has no wheel" in found[0].message


@pytest.mark.parametrize(
    ("tag", "moves"),
    [
        ("cp313-cp313-manylinux_2_17_x86_64", False),
        ("cp310-abi3-manylinux_2_17_x86_64", True),
        ("py2-none-any", False),
    ],
)
def test_a_release_without_a_wheel_for_a_python_of_the_project_is_not_taken(
    world: World, tag: str, *, moves: bool
) -> None:
    world.index.release("shelf", "1.0")
    world.index.release("shelf", "2.0", tags=(tag,))
    found = world.proven({"requirements.txt": "shelf==1.0\n"})
    assert bool(edits(found)) == moves, words(found)


def test_where_no_python_is_declared_one_is_found_that_resolves(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    found = world.proven({"requirements.txt": "plank==1.0\n"}, pythons=())
    assert "resolves on Python 3.12" in found[0].message


def test_an_index_that_fails_proves_nothing(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    world.solver = solver.on("http://127.0.0.1:9/simple/", Path("/nonexistent"))
    found = world.proven({"requirements.txt": "plank==1.0\n"})
    assert edits(found) == {}
    assert "the resolver gave no answer" in " ".join(words(found))


def test_an_extra_is_installed_with_the_project_itself(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    project = """
[project]
name = "own"
dependencies = ["shelf==1.0"]

[project.optional-dependencies]
fast = ["plank==1.0"]
"""
    found = world.proven({"pyproject.toml": project})
    assert edits(found) == {}
    assert "`shelf` in `pyproject.toml` wants `plank<2`" in " ".join(words(found))


def test_a_group_is_installed_with_the_groups_it_includes(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    project = """
[dependency-groups]
lint = ["shelf==1.0"]
dev = [{include-group = "lint"}, "plank==1.0"]
"""
    found = world.proven({"pyproject.toml": project})
    assert edits(found) == {}


def test_what_meets_nowhere_does_not_hold(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    world.index.release("shelf", "1.0", requires=["plank<2"])
    files = {"a/requirements.txt": "plank==1.0\n", "b/requirements.txt": "shelf==1.0\n"}
    assert edits(world.proven(files)) == {"plank": {"a/requirements.txt": "plank==2.0\n"}}


def test_what_another_one_needs_and_has_no_wheel_is_left_out_and_named(world: World) -> None:
    world.index.release("screw", "1.0", wheel=False)
    world.index.release("plank", "1.0", requires=["screw"])
    world.index.release("shelf", "1.0")
    world.index.release("shelf", "2.0")
    found = world.proven({"requirements.txt": "plank==1.0\nshelf==1.0\n"})
    assert edits(found) == {"shelf": {"requirements.txt": "plank==1.0\nshelf==2.0\n"}}
    assert "without `screw`, which has no wheel" in found[0].message


def test_a_group_is_proven_together_and_edited_in_one_step(world: World) -> None:
    for name in ("plank", "shelf"):
        world.index.release(name, "1.0")
        world.index.release(name, "1.1")
    found = world.proven({"requirements.txt": "plank==1.0\nshelf==1.0\n"}, group="wood-group")
    assert {f.about for f in found} == {"wood-group"}
    assert {f.edit.after for f in found if f.edit} == {b"plank==1.1\nshelf==1.1\n"}


def test_the_last_one_that_is_left_of_a_group_stays_in_it(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "2.0")
    found = world.proven({"requirements.txt": "plank==1.0\n"}, group="wood-group")
    assert [(f.about, f.title) for f in found] == [("wood-group", "Upgrade plank from 1.0 to 2.0")]


def test_a_group_that_does_not_resolve_falls_apart(world: World) -> None:
    world.index.release("plank", "1.0")
    world.index.release("plank", "1.1")
    world.index.release("shelf", "1.0")
    world.index.release("shelf", "1.1", requires=["plank<1.1"])
    found = world.proven({"requirements.txt": "plank==1.0\nshelf==1.0\n"}, group="wood-group")
    assert sorted(edits(found)) == ["plank", "shelf"]
    assert {f.about for f in found} == {"plank", "shelf"}
