"""What is found in a tree, and what need not be looked for again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from codemods.model import Edit, Facts, Finding
from codemods.tree import Files
from tests.workers.improvements import Improvements
from workers import config, discover
from workers.config import Config, Switch
from workers.model import Discovery

FACTS = Facts(today=date(2026, 3, 2), floor=(3, 11))
HELLO = b"# hello\n"
NOTHING = "\n    yield from ()\n"
ONE = "\n    for path in tree.paths():\n        yield Finding('whole-tree', path, 1, 'seen', None, 'x')\n"


@dataclass(frozen=True)
class Seen(Files):
    """Files that know who read them."""

    reads: list[str] = field(default_factory=list)

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return super().read(path)


@dataclass
class Remembering:
    """A memory that lasts as long as the test."""

    kept: dict[str, str] = field(default_factory=dict)

    def recall(self, keys: Sequence[str]) -> Mapping[str, str]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def remember(self, items: Mapping[str, str]) -> None:
        self.kept |= items


@pytest.fixture
def stubs(improvements: Improvements) -> Improvements:
    improvements.comments("greet_more")
    return improvements


def found(
    stubs: Improvements,
    files: Mapping[str, bytes],
    memory: discover.Memory | None = None,
    facts: Facts = FACTS,
    given: Config | None = None,
) -> tuple[Discovery, list[str]]:
    """What was found, and which files were read for it."""
    tree = Seen(files)
    given = given or config.defaults()
    return discover.run(tree, stubs.catalogue(), facts, given, memory=memory), tree.reads


def paths(discovery: Discovery) -> list[str]:
    return [f.path for f in discovery.findings]


# --- which files


def test_a_file_without_a_needle_is_no_task(stubs: Improvements) -> None:
    told: list[tuple[int, int]] = []
    tree = Files({"a.py": HELLO, "b.py": b"", "c.py": HELLO, "README.rst": HELLO})
    found = discover.run(
        tree, stubs.catalogue(), FACTS, config.defaults(), progress=lambda *now: told.append(now)
    )
    assert paths(found) == ["a.py", "c.py"]
    assert found.files == 3
    assert told == [(1, 3), (3, 3)]


def test_ignored_vendored_and_generated_files_are_left_alone(stubs: Improvements) -> None:
    files = {
        "a.py": HELLO,
        "vendor/b.py": HELLO,
        "c_pb2.py": HELLO,
        "d.py": b"# @generated\n" + HELLO,
        "e.py": b"# kotsu: ignore-file\n" + HELLO,
        "docs/f.py": HELLO,
        "old/g.py": HELLO,
        "node_modules/h.py": HELLO,
    }
    switch = Switch(ignore=("old/*",))
    given = Config(ignore=("docs/",)).model_copy(update={"improvements": {"greet-more": switch}})
    assert paths(found(stubs, files, given=given)[0]) == ["a.py"]


def test_an_improvement_can_leave_tests_alone(stubs: Improvements) -> None:
    stubs.comments("greet_once", about='needles=(b"hello",), tests=False,')
    discovery, _ = found(stubs, {"tests/a.py": HELLO, "test_b.py": HELLO, "c.py": HELLO})
    assert [f.path for f in discovery.findings if f.improvement == "greet-once"] == ["c.py"]
    assert len([f for f in discovery.findings if f.improvement == "greet-more"]) == 3


def test_a_selection_is_of_the_file_and_of_the_command(stubs: Improvements) -> None:
    stubs.comments("greet_once")
    catalogue = stubs.catalogue()
    off = Config().model_copy(update={"improvements": {"greet-once": Switch(enabled=False)}})
    assert set(discover.select(catalogue, off)) == {"greet-more"}
    assert set(discover.select(catalogue, config.defaults(), only=["greet-once"])) == {"greet-once"}
    assert set(discover.select(catalogue, config.defaults(), skip=["greet-once"])) == {"greet-more"}
    assert not discover.select(catalogue, off, only=["greet-once"])
    assert not discover.select(catalogue, Config(enabled=False))


def test_what_is_off_by_default_runs_where_it_is_named(stubs: Improvements) -> None:
    stubs.comments("greet_once", about='needles=(b"hello",), default=False,')
    catalogue = stubs.catalogue()

    def selected(switch: Switch | None, *only: str) -> set[str]:
        switches = {} if switch is None else {"greet-once": switch}
        given = Config().model_copy(update={"improvements": switches})
        return set(discover.select(catalogue, given, only=only))

    assert selected(None) == {"greet-more"}
    assert selected(Switch()) == {"greet-more", "greet-once"}
    assert selected(None, "greet-once") == {"greet-once"}
    assert selected(Switch(enabled=False), "greet-once") == set()


def test_what_is_right_only_on_the_way_over_a_version_does_not_go_by_itself(stubs: Improvements) -> None:
    stubs.comments("greet_once", about='needles=(b"hello",), alone=False,')
    discovery, _ = found(stubs, {"a.py": HELLO})
    assert {f.improvement for f in discovery.findings} == {"greet-more"}


def test_an_ignored_path_is_ignored_by_those_that_see_the_whole_tree(stubs: Improvements) -> None:
    stubs.dependencies("whole_tree", ONE)
    given = Config(ignore=("b.txt",))
    assert paths(found(stubs, {"a.txt": b"", "b.txt": b""}, given=given)[0]) == ["a.txt"]


# --- problems


def test_an_improvement_that_fails_is_a_problem_and_the_others_go_on(stubs: Improvements) -> None:
    stubs.comments("greet_badly", "\n    raise ValueError('no')\n    yield\n")
    stubs.dependencies("whole_tree", "\n    raise OSError('neither')\n")
    discovery, _ = found(stubs, {"a.py": HELLO})
    assert [(p.path, p.message) for p in discovery.problems] == [
        (".", "whole-tree failed: OSError: neither"),
        ("a.py", "greet-badly failed: ValueError: no"),
    ]
    assert [f.improvement for f in discovery.findings] == ["greet-more"]


def test_a_problem_is_told_again_by_every_scan(stubs: Improvements) -> None:
    stubs.comments("greet_badly", "\n    raise ValueError('no')\n    yield\n")
    memory = Remembering()
    first, _ = found(stubs, {"a.py": HELLO}, memory)
    second, reads = found(stubs, {"a.py": HELLO}, memory)
    assert first == second
    assert reads


# --- memory


FILES = {
    "a.py": HELLO,
    "b.py": b"# nothing of the kind\n",
    "crlf.py": b"\xef\xbb\xbf# hello\r\nx = 1\r\n# hello",
    "latin.py": b"# -*- coding: latin-1 -*-\n# \xe9 hello\n",
    "twin.py": HELLO,
}


def test_a_second_scan_finds_the_same_and_examines_nothing(stubs: Improvements) -> None:
    memory = Remembering()
    cold, _ = found(stubs, FILES)
    first, _ = found(stubs, FILES, memory)
    stubs.forget()
    second, reads = found(stubs, FILES, memory)
    assert cold == first == second
    assert len(second.findings) == 5
    # What has an edit is read to make it again; nothing else is.
    assert sorted(set(reads)) == ["a.py", "crlf.py", "latin.py", "twin.py"]
    assert len(reads) == 4


def test_a_file_that_changed_is_looked_at_again_and_no_other(stubs: Improvements) -> None:
    memory = Remembering()
    found(stubs, FILES, memory)
    changed = {**FILES, "b.py": b"# hello, after all\n"}
    warm, reads = found(stubs, changed, memory)
    assert warm == found(stubs, changed)[0]
    assert sorted(reads) == ["a.py", "b.py", "crlf.py", "latin.py", "twin.py"]
    assert found(stubs, FILES, memory)[0] == found(stubs, FILES)[0]


def test_what_a_path_means_is_part_of_what_is_remembered(stubs: Improvements) -> None:
    memory = Remembering()
    found(stubs, {"a.py": HELLO}, memory)
    moved, _ = found(stubs, {"a_pb2.py": HELLO, "b.py": HELLO}, memory)
    assert paths(moved) == ["b.py"]


COUNTING = (
    """
    with open({counter!r}, "a") as counter:
        counter.write(source.path + "\\n")"""
    + NOTHING
)


def calls(counter: Path) -> list[str]:
    said = counter.read_text("utf-8").split() if counter.exists() else []
    counter.unlink(missing_ok=True)
    return said


def counted(stubs: Improvements, name: str, tmp_path: Path, about: str = "", more: str = "") -> Path:
    """Write an improvement that notes each file it is shown."""
    counter = tmp_path / name
    stubs.comments(name, more + COUNTING.format(counter=str(counter)), f'needles=(b"hello",), {about}')
    return counter


def test_a_changed_improvement_forgets_its_own_results_alone(stubs: Improvements, tmp_path: Path) -> None:
    memory = Remembering()
    one, other = counted(stubs, "one", tmp_path), counted(stubs, "other", tmp_path)
    found(stubs, FILES, memory)
    assert calls(one) == calls(other) == ["a.py", "crlf.py", "latin.py", "twin.py"]
    counted(stubs, "one", tmp_path, more="\n    # another way to say it")
    found(stubs, FILES, memory)
    assert len(calls(one)) == 4
    assert calls(other) == []


def test_changed_facts_make_only_those_look_again_who_asked(stubs: Improvements, tmp_path: Path) -> None:
    memory = Remembering()
    asks, does_not = (
        counted(stubs, "asks", tmp_path, 'asks=("floor",),'),
        counted(stubs, "does_not", tmp_path),
    )
    found(stubs, FILES, memory)
    calls(asks), calls(does_not)
    found(stubs, FILES, memory, replace(FACTS, today=date(2027, 1, 1)))
    assert (calls(asks), calls(does_not)) == ([], [])
    found(stubs, FILES, memory, replace(FACTS, floor=(3, 12)))
    assert (len(calls(asks)), calls(does_not)) == (4, [])


def test_the_same_facts_in_another_process_are_the_same(stubs: Improvements, tmp_path: Path) -> None:
    # Sets of words have another order in each process; these numbers have one by how the set is filled.
    memory = Remembering()
    counter = counted(stubs, "asks", tmp_path, 'asks=("absent",),')
    found(stubs, FILES, memory, replace(FACTS, absent=frozenset((0, 8))))  # type: ignore[arg-type]
    calls(counter)
    found(stubs, FILES, memory, replace(FACTS, absent=frozenset((8, 0))))  # type: ignore[arg-type]
    assert calls(counter) == []


def test_a_changed_option_makes_its_improvement_look_again(stubs: Improvements, tmp_path: Path) -> None:
    memory = Remembering()
    has, has_not = (
        counted(stubs, "has", tmp_path, 'options={"loud": True},'),
        counted(stubs, "has_not", tmp_path),
    )
    found(stubs, FILES, memory)
    calls(has), calls(has_not)
    quiet = Config().model_copy(update={"improvements": {"has": Switch(options={"loud": False})}})
    found(stubs, FILES, memory, given=quiet)
    assert (len(calls(has)), calls(has_not)) == (4, [])


def test_advice_and_edits_of_one_file_are_revived_together(stubs: Improvements) -> None:
    stubs.comments(
        "greet_more",
        """
    yield Splice(2, 7, b"hellos", "first")
    yield Advice(8, "ask Ada")
    yield Splice(len(source.data) - 1, len(source.data), b"!\\n", "last")
""",
    )
    memory = Remembering()
    files = {"a.py": b"# hello\n# \xf0\x9f\x90\x8d\nx = 1\n"}
    cold, _ = found(stubs, files, memory)
    warm, _ = found(stubs, files, memory)
    assert cold == warm
    edit = Edit("a.py", files["a.py"], b"# hellos\n# \xf0\x9f\x90\x8d\nx = 1!\n")
    assert [f.edit for f in warm.findings] == [edit, None, edit]
    assert [f.line for f in warm.findings] == [1, 2, 3]


def test_a_memory_holds_text_and_neither_paths_nor_sources(stubs: Improvements) -> None:
    memory = Remembering()
    found(stubs, {"secret/place.py": b"password = 1  # hello\n"}, memory)
    assert "password" not in repr(memory.kept)
    assert "place" not in repr(memory.kept)
    assert all(isinstance(json.loads(text), dict) for text in memory.kept.values())


def test_what_is_asked_of_the_world_is_asked_once_for_all(stubs: Improvements) -> None:
    stubs.dependencies("whole_tree", NOTHING, 'frozenset({"flask"})')
    stubs.dependencies("half_tree", NOTHING, 'frozenset({"flask", "django"})')
    assert discover.ask(Files({}), stubs.catalogue()) == {"flask", "django"}


def test_findings_come_in_one_order_however_they_were_found(stubs: Improvements) -> None:
    catalogue, tree = stubs.catalogue(), Files(FILES)

    def backwards(examine, tasks):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 -- the shape of map
        return reversed([examine(task) for task in tasks])

    one = discover.run(tree, catalogue, FACTS, config.defaults())
    other = discover.run(tree, catalogue, FACTS, config.defaults(), spread=backwards)
    assert one == other
    assert isinstance(one.findings[0], Finding)
