"""Files are examined by several processes, and the one that kills its process costs only itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from codemods import engine
from codemods.model import Facts
from codemods.tree import Files
from tests.workers.improvements import GREET, Improvements, package
from workers import config, discover, spread
from workers.model import Discovery
from workers.spread import Processes

FACTS = Facts(today=date(2026, 3, 2))
DEADLY = "\n    import os\n    if b'die' in source.data:\n        os._exit(1)" + GREET
TELLING = "\n    import os\n    yield Advice(0, str(os.getpid()))\n"


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Improvements]:
    monkeypatch.syspath_prepend(tmp_path)
    made = package(tmp_path)
    yield made
    made.forget()


def files(count: int, *deadly: int) -> dict[str, bytes]:
    return {f"{n:03}.py": b"# hello, die\n" if n in deadly else b"# hello\n" for n in range(count)}


def found(stubs: Improvements, tree: dict[str, bytes], how: discover.Spread) -> Discovery:
    return discover.run(Files(tree), stubs.catalogue(), FACTS, config.defaults(), spread=how)


def test_several_processes_find_what_one_finds(stubs: Improvements) -> None:
    stubs.comments("greet_more")
    tree = files(60)
    alone = found(stubs, tree, map)
    assert len(alone.findings) == 60
    assert found(stubs, tree, Processes(2)) == alone
    assert found(stubs, tree, Processes(1)) == alone


def test_few_files_stay_in_this_process(stubs: Improvements) -> None:
    stubs.comments("tell_more", TELLING)
    few = found(stubs, files(spread._FEW - 1), Processes(2))
    assert {f.message for f in few.findings} == {str(os.getpid())}
    many = found(stubs, files(spread._FEW), Processes(2))
    assert str(os.getpid()) not in {f.message for f in many.findings}


@pytest.mark.parametrize("deadly", [(0,), (59,), (20, 21, 45)])
def test_a_file_that_kills_its_process_is_a_problem_and_the_rest_goes_on(
    stubs: Improvements, deadly: tuple[int, ...]
) -> None:
    stubs.comments("greet_more", DEADLY)
    discovery = found(stubs, files(60, *deadly), Processes(2))
    assert [p.path for p in discovery.problems] == [f"{n:03}.py" for n in deadly]
    assert {p.message for p in discovery.problems} == {"skipped: it crashes the parser"}
    assert [f.path for f in discovery.findings] == [f"{n:03}.py" for n in range(60) if n not in deadly]


def test_nothing_to_do_starts_no_process(stubs: Improvements) -> None:
    stubs.comments("greet_more")
    assert found(stubs, {}, Processes(2)).findings == ()


def test_every_task_is_answered_once(stubs: Improvements) -> None:
    stubs.comments("greet_more")
    (name,) = (i.module.__name__ for i in stubs.catalogue().values())
    tasks = [engine.Task(path, data, ((name, FACTS),)) for path, data in files(40).items()]
    answers = [examined.path for examined in Processes(2)(engine.examine, iter(tasks))]
    assert sorted(answers) == [task.path for task in tasks]
