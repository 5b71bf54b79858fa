"""A repository through the years: what is proposed on which day, and whether all places agree afterwards."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from codemods import lifecycles, project, registry, testing
from codemods.lifecycle import new_python_in_matrix, python_floor, python_that_disagrees
from codemods.model import Facts, Finding
from codemods.python import dead_version_branch
from codemods.tree import Files
from codemods.version_places import everywhere
from codemods.version_places.model import Place, Role
from tests.codemods import harbour

_RULES = ("new_python_in_matrix", "python_floor", "python_that_disagrees")
_MOVES = [
    ("2025-08-03", "Raise the lowest Python from 3.9 to 3.10"),
    ("2025-12-07", "Test on Python 3.14"),
    ("2026-08-02", "Raise the lowest Python from 3.10 to 3.11"),
    ("2026-12-06", "Test on Python 3.15"),
    ("2027-08-08", "Raise the lowest Python from 3.11 to 3.12"),
    ("2027-12-05", "Test on Python 3.16"),
    ("2028-08-06", "Raise the lowest Python from 3.12 to 3.13"),
]
"""Each within a week after its day: 90 days before an end, 60 days after a release."""


def _findings(name: str, tree: Files, today: date) -> list[Finding]:
    rule = registry.load(f"codemods.lifecycle.{name}")
    return list(rule.module.find(tree, Facts(today=today).only(rule.about, {})))


def _said(places: tuple[Place, ...]) -> list[str]:
    return [f"{c.place.path}: {c.sentence}" for c in everywhere.contradictions(places)]


def test_each_proposal_comes_on_its_day_and_leaves_one_statement_in_all_places() -> None:
    files, moves = dict(harbour.files()), []
    assert _said(everywhere.read(Files(files))) == []
    for week in range(187):
        today = date(2025, 6, 1) + timedelta(weeks=week)
        for name in _RULES:
            found = _findings(name, Files(files), today)
            moves += list(dict.fromkeys((today.isoformat(), f.title) for f in found))
            files |= {f.edit.path: f.edit.after or b"" for f in found if f.edit}
            assert _said(everywhere.read(Files(files))) == []
    assert [(day, title) for day, title in moves if title not in {t for _, t in _MOVES}] == []
    assert moves == _MOVES


def test_every_place_moves_with_the_floor() -> None:
    tree = Files(harbour.files())
    before = everywhere.read(tree)
    found = _findings("python_floor", tree, date(2026, 11, 26))
    after = everywhere.read(
        Files({**tree.files, **{f.edit.path: f.edit.after or b"" for f in found if f.edit}})
    )
    kinds = {(p.path, p.what, p.role) for p in before}
    assert {(p.path, p.what, p.role) for p in after} == kinds
    assert len(kinds) >= len({p.path for p in before}) > 12
    assert {p.minor for p in after if p.role in {Role.DECLARED, Role.TARGET, Role.RUNS}} == {(3, 11)}


def test_the_floor_is_urgent_from_the_day_of_the_last_fix_on() -> None:
    found = _findings("python_floor", Files(harbour.files()), date(2025, 9, 1))
    assert {f.ends for f in found} == {"2025-10-31"}
    assert {f.target for f in found} == {"3.9"}


def test_branches_for_the_old_python_are_dead_only_after_the_floor_is_raised() -> None:
    module = b"import sys\n\nif sys.version_info >= (3, 11):\n    import tomllib as t\n"
    module += b"else:\n    import tomli as t\n"
    rule = registry.load(dead_version_branch.__name__)

    def after(files: dict[str, bytes]) -> bytes:
        declared = project.read(Files(files))
        facts = Facts(today=date(2026, 11, 26), floor=declared.floor, pythons=declared.pythons)
        return testing.run(rule, "harbour.py", module, facts)[0]

    files = dict(harbour.files())
    assert after(files) == module
    found = _findings("python_floor", Files(files), date(2026, 11, 26))
    assert after({**files, **{f.edit.path: f.edit.after or b"" for f in found if f.edit}}) != module


def test_one_place_that_says_something_else_is_found() -> None:
    files = dict(harbour.files())
    for path, data in harbour.files().items():
        changed = data.replace(b"3.9", b"3.8").replace(b"39", b"38")
        assert _said(everywhere.read(Files({**files, path: changed}))), path


def test_a_place_that_cannot_follow_keeps_all_the_others_back() -> None:
    files = {**harbour.files(), "Dockerfile": b"FROM python:3.9-slim-buster\n"}
    (found,) = _findings("python_floor", Files(files), date(2026, 11, 26))
    assert (found.edit, found.path, found.ends) == (None, "Dockerfile", "2025-10-31")
    assert _findings("python_that_disagrees", Files(files), date(2026, 11, 26)) == []


def test_a_lock_file_that_repeats_the_declaration_keeps_it_back() -> None:
    lock = b'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n\n[[package]]\nname = "harbour"\n'
    files = {**harbour.files(), "uv.lock": lock + b'version = "1.0"\nsource = { editable = "." }\n'}
    (found,) = _findings("python_floor", Files(files), date(2026, 11, 26))
    assert found.edit is None
    assert "`uv.lock` would have to be written again" in found.message


def test_a_calendar_that_has_come_to_its_end_proposes_nothing() -> None:
    assert lifecycles.lowest(date(2040, 1, 1), 90) is None
    assert _findings("python_floor", Files(harbour.files()), date(2040, 1, 1)) == []


@pytest.mark.parametrize("name", list(lifecycles.known()))
def test_the_calendar_is_in_order_and_has_its_source(name: str) -> None:
    product = lifecycles.known()[name]
    assert product.source.startswith("https://")
    assert all(c.begins is None or c.begins < c.ends for c in product.cycles.values())
    assert set(product.words.values()) <= set(product.cycles)
    for version, cycle in product.cycles.items():
        assert product.cycle(f"{version}.1") == cycle
        assert not cycle.patch or cycle.patch.startswith(f"{version}.")


def test_what_is_proposed_asks_nobody() -> None:
    tree = Files(harbour.files())
    rules = (new_python_in_matrix, python_floor, python_that_disagrees)
    assert {rule.ask(tree) for rule in rules} == {frozenset()}


def test_the_fixture_is_where_the_page_is() -> None:
    assert Path(harbour.__file__).with_suffix(".md").is_file()
