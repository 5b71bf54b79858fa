"""Who wrote the lines of a file is asked about once for each of its states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from codemods.tree import Files
from tests.workers.test_discover import Remembering
from workers import authors
from workers.model import Blame

_ANN = [Blame(1, 3, "Ann", date(2024, 2, 29), "ann")]


def _nobody(path: str) -> Sequence[Blame] | None:
    raise AssertionError(path)


def test_the_same_file_is_not_asked_about_again() -> None:
    memory, tree = Remembering(), Files({"a.py": b"x"})
    assert authors.remembered(lambda _: _ANN, tree, memory)("a.py") == _ANN
    assert authors.remembered(_nobody, tree, memory)("a.py") == _ANN


def test_a_changed_file_is_asked_about_again() -> None:
    memory = Remembering()
    authors.remembered(lambda _: _ANN, Files({"a.py": b"x"}), memory)("a.py")
    assert authors.remembered(lambda _: (), Files({"a.py": b"y"}), memory)("a.py") == ()


def test_what_nobody_could_tell_is_asked_for_again() -> None:
    memory, tree = Remembering(), Files({"a.py": b"x"})
    assert authors.remembered(lambda _: None, tree, memory)("a.py") == ()
    assert authors.remembered(lambda _: _ANN, tree, memory)("a.py") == _ANN


def test_only_so_many_files_are_asked_about() -> None:
    tree = Files({f"{n}.py": b"x" for n in range(5)})
    blame = authors.remembered(lambda _: _ANN, tree, Remembering(), most=3)
    assert [bool(blame(path)) for path in tree.paths()] == [True, True, True, False, False]
    assert blame("0.py") == _ANN
