"""A slice of the fuzzing, the same each time: whatever others send, no bug, no long time, no large memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import fuzz, trying, values
from tests.fuzz.target import Target

_MANY = {"GitHub's answers": 60, "deliveries": 40, "pages without sign-in": 40, "pages behind sign-in": 40}
_OF_FILES, _ELSE = 3, 30
_SEED = 1


@pytest.mark.parametrize("name", list(fuzz.TARGETS))
def test_whatever_others_send_is_no_fault_of_ours(name: str, tmp_path: Path) -> None:
    count = _MANY.get(name, _OF_FILES if name.startswith("files: ") else _ELSE)
    with fuzz.TARGETS[name](tmp_path) as target:
        trying.warm(name, target)
        found = [trying.case(name, target, _SEED, number) for number in range(count)]
    assert [str(fault) for fault in found if fault] == []


def _raise(_: object) -> None:
    raise KeyError("shelf")


def _compute(_: object) -> None:
    while True:
        pass


def _found(run: Callable[[object], object]) -> str:
    return str(trying.case("a target", Target(lambda _: "given", run), _SEED, 7))


def test_a_bug_is_found_with_the_number_that_shows_it_again() -> None:
    assert _found(_raise).startswith("case 7: KeyError: 'shelf'\n")


def test_what_never_ends_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SECONDS", 0.1)
    assert "more than 0.1 s" in _found(_compute)


def test_what_takes_much_memory_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter((1_000, 1_000 + trying.MEMORY + 1_024))
    monkeypatch.setattr(trying, "_largest", lambda: next(told))
    assert "201 MiB of memory" in _found(str)


def test_what_is_refused_is_no_fault() -> None:
    assert trying.case("a target", Target(lambda _: "", _raise, (LookupError,)), _SEED, 1) is None


def test_a_number_draws_the_same_case_each_time() -> None:
    def given(number: int) -> Sequence[object]:
        dice = trying.drawn("a target", _SEED, number)
        return [values.changed({"a": [1, {"b": "c"}]}, dice) for _ in range(9)]

    assert given(3) == given(3) != given(4)


def test_a_value_that_is_changed_leaves_the_one_it_came_from() -> None:
    value = {"a": [1, {"b": "c"}]}
    assert any(values.changed(value, Random(n)) != value for n in range(9))
    assert value == {"a": [1, {"b": "c"}]}
