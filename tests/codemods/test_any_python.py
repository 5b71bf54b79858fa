"""Whatever Python stands in a file: no improvement fails, what it writes is Python, and once is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from codemods import engine, registry
from codemods.model import Facts, Finding
from tests.codemods import python_mixes

_DICE = st.randoms(use_true_random=False)
_QUICK = settings(max_examples=80, deadline=None, derandomize=True, database=None)
_FLOORS = pytest.mark.parametrize("floor", [None, (3, 8), (3, 9), (3, 10), (3, 12), (3, 14)], ids=str)
_READ_PYTHON = ("python", "migrations")
_PATHS = ("shop/views.py", "tests/test_views.py", "shop/views.pyi", "manage.py")


def _examined(path: str, data: bytes, facts: Facts, modules: Sequence[str]) -> engine.Examined:
    known = {m: registry.load(m) for m in modules}
    newest = replace(facts, dependencies={i.distribution: Version("9999") for i in known.values()})
    asked = {m: newest.only(i.about, {}, i.distribution) for m, i in known.items()}
    wanted = [m for m, i in known.items() if engine.applies(i, asked[m])]
    needed = engine.needed(data, wanted)
    examined = engine.examine(engine.Task(path, data, tuple((m, asked[m]) for m in needed)))
    assert [p for p in examined.problems if not p.message.startswith("skipped: ")] == []
    return examined


def _check(path: str, text: str, facts: Facts) -> None:
    by_id = {id_: m for id_, m in registry.ids().items() if registry.kind(m) in _READ_PYTHON}
    modules = list(by_id.values())
    for id_, found in _examined(path, text.encode(), facts, modules).findings.items():
        edit = next((f.edit for f in found if f.edit), None)
        if edit and edit.after is not None:
            engine.parse(edit.after.decode())
            again: Sequence[Finding] = _examined(path, edit.after, facts, [by_id[id_]]).findings.get(id_, ())
            assert [f.message for f in again] == [], f"{id_}: a second run finds something"


@_FLOORS
@_QUICK
@given(dice=_DICE)
def test_cases_in_surroundings_of_all_kinds(floor: tuple[int, int] | None, dice: Random) -> None:
    facts = Facts(today=date(2026, 11, 24), floor=floor)
    _check(dice.choice(_PATHS), python_mixes.mixed(dice, python_mixes.texts()), facts)


@_FLOORS
@_QUICK
@given(dice=_DICE)
def test_modules_that_people_wrote_with_changes_in_them(floor: tuple[int, int] | None, dice: Random) -> None:
    facts = Facts(today=date(2026, 11, 24), floor=floor)
    _check(dice.choice(_PATHS), python_mixes.mixed(dice, python_mixes.modules()), facts)


def test_most_of_what_is_mixed_is_python() -> None:
    dice = Random(1)
    read = 0
    for _ in range(200):
        try:
            engine.parse(python_mixes.mixed(dice, python_mixes.texts()))
            read += 1
        except engine.Unreadable:
            pass
    assert read > 60
