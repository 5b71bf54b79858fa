"""Files are examined by several processes, and the one that kills its process costs only itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from codemods import engine
from codemods.model import Facts
from codemods.tree import Files
from tests.workers.improvements import GREET, Improvements
from workers import config, discover, errands, spread
from workers.errands import Spread
from workers.model import Discovery
from workers.spread import Processes

FACTS = Facts(today=date(2026, 3, 2))
DEADLY = "\n    import os\n    if b'die' in source.data:\n        os._exit(1)" + GREET
ENDLESS = "\n    while b'die' in source.data:\n        pass" + GREET
TELLING = "\n    import os\n    yield Advice(0, str(os.getpid()))\n"


def files(count: int, *deadly: int) -> dict[str, bytes]:
    return {f"{n:03}.py": b"# hello, die\n" if n in deadly else b"# hello\n" for n in range(count)}


def found(improvements: Improvements, tree: dict[str, bytes], how: Spread) -> Discovery:
    catalogue = improvements.catalogue()
    if isinstance(how, Processes):
        how.modules = [i.module.__name__ for i in catalogue.values()]
    return discover.run(Files(tree), catalogue, FACTS, config.defaults(), spread=how)


def test_several_processes_find_what_one_finds(improvements: Improvements) -> None:
    improvements.comments("greet_more")
    tree = files(60)
    alone = found(improvements, tree, map)
    assert len(alone.findings) == 60
    assert found(improvements, tree, Processes(2)) == alone
    assert found(improvements, tree, Processes(1)) == alone


def test_few_files_stay_in_this_process(improvements: Improvements) -> None:
    improvements.comments("tell_more", TELLING)
    few = found(improvements, files(spread._FEW - 1), Processes(2))
    assert {f.message for f in few.findings} == {str(os.getpid())}
    many = found(improvements, files(spread._FEW), Processes(2))
    assert str(os.getpid()) not in {f.message for f in many.findings}


@pytest.mark.parametrize("deadly", [(0,), (59,), (20, 21, 45)])
def test_a_file_that_kills_its_process_is_a_problem_and_the_rest_goes_on(
    improvements: Improvements, deadly: tuple[int, ...]
) -> None:
    improvements.comments("greet_more", DEADLY)
    discovery = found(improvements, files(60, *deadly), Processes(2))
    assert [p.path for p in discovery.problems] == [f"{n:03}.py" for n in deadly]
    assert {p.message for p in discovery.problems} == {"skipped: it crashes the parser"}
    assert [f.path for f in discovery.findings] == [f"{n:03}.py" for n in range(60) if n not in deadly]


@pytest.mark.parametrize("count", [1, 2])
def test_a_file_that_never_ends_is_skipped_and_the_rest_goes_on(
    improvements: Improvements, count: int
) -> None:
    improvements.comments("greet_more", ENDLESS)
    discovery = found(improvements, files(60, 7), Processes(count, deadline=0.2))
    assert [(p.path, p.message) for p in discovery.problems] == [
        ("007.py", "skipped: it takes more than 0.2 seconds")
    ]
    assert [f.path for f in discovery.findings] == [f"{n:03}.py" for n in range(60) if n != 7]


@pytest.mark.parametrize(("kilobytes", "seconds"), [(1, "0.2"), (150, "0.3"), (900, "0.6")])
def test_a_large_file_may_take_longer(improvements: Improvements, kilobytes: int, seconds: str) -> None:
    improvements.comments("greet_more", ENDLESS)
    tree = {"a.py": b"# hello, die\n".ljust(kilobytes * 1000, b"\n")}
    problems = found(improvements, tree, Processes(1, deadline=0.2)).problems
    assert [p.message for p in problems] == [f"skipped: it takes more than {seconds} seconds"]


def test_in_a_thread_few_files_have_a_process_that_can_be_interrupted(improvements: Improvements) -> None:
    improvements.comments("greet_more", ENDLESS)
    with ThreadPoolExecutor(1) as threads:
        how = Processes(2, deadline=0.2)
        discovery = threads.submit(found, improvements, files(3, 1), how).result()
    assert [p.path for p in discovery.problems] == ["001.py"]
    assert [f.path for f in discovery.findings] == ["000.py", "002.py"]


def test_an_improvement_that_catches_everything_does_not_catch_its_end(improvements: Improvements) -> None:
    catching = ENDLESS.replace(
        "pass", "try:\n            len(source.data)\n        except Exception:\n            pass"
    )
    improvements.comments("greet_more", catching)
    discovery = found(improvements, files(2, 0), Processes(1, deadline=0.2))
    assert [p.path for p in discovery.problems] == ["000.py"]


def test_the_largest_file_at_hand_goes_first() -> None:
    sizes = [3, 1, 4, 1, 5]
    tasks = [engine.Task(f"{n}.py", b"#" * size, ()) for n, size in enumerate(sizes)]
    assert [len(t.data) for t in spread._largest_first(iter(tasks))] == [5, 4, 3, 1, 1]


def test_no_more_files_are_held_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "_WINDOW", 10)
    taken = 0

    def tasks() -> Iterator[engine.Task]:
        nonlocal taken
        for n in range(100):
            taken += 1
            yield engine.Task(f"{n}.py", b"####", ())

    first = next(iter(spread._largest_first(tasks())))
    assert (first.path, taken) == ("0.py", 3)


def test_nothing_to_do_starts_no_process(improvements: Improvements) -> None:
    improvements.comments("greet_more")
    assert found(improvements, {}, Processes(2)).findings == ()


def test_every_task_is_answered_once(improvements: Improvements) -> None:
    improvements.comments("greet_more")
    (name,) = (i.module.__name__ for i in improvements.catalogue().values())
    tasks = [engine.Task(path, data, ((name, FACTS),)) for path, data in files(40).items()]
    answers = [examined.path for examined in Processes(2, [name])(errands.EXAMINE, iter(tasks))]
    assert sorted(answers) == [task.path for task in tasks]
