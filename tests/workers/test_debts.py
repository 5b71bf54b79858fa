"""How many promises a repository had is written day by day, and scripts may ask for it."""

from __future__ import annotations

from datetime import date

import pytest

from codemods.debts import Standing
from tests.app.serving import serving
from tests.fleet import NOW
from tests.road import CONFIG, FILES, NAME, Road
from workers.ledger import Ledger
from workers.messages import Repository

_TOKEN = "a-token-of-forty-characters-for-the-tests"
_FIRST, _SECOND = date(2026, 11, 25), date(2026, 11, 26)
_ON = b"dashboard: true\nlimits: {open: 0}\n"
_TODOS = b"# TODO[2020-01-01]: tidy\n# TODO: tidy\nimport x  # noqa: F401  # see #12\n"


def _known(book: Ledger, number: int = 7) -> int:
    book.upsert_repository(Repository(number, "acme", f"shop{number}", "main", 1), NOW)
    return number


def test_the_last_word_of_a_day_holds(book: Ledger) -> None:
    repository = _known(book)
    book.debts.note(repository, _FIRST, {Standing.DUE: 2})
    book.debts.note(repository, _SECOND, {Standing.DUE: 2, Standing.NOT_YET: 1})
    book.debts.note(repository, _SECOND, {Standing.ORPHANED: 1})
    nothing = dict.fromkeys(Standing, 0)
    assert book.debts.of(repository) == {
        _SECOND: {**nothing, Standing.ORPHANED: 1},
        _FIRST: {**nothing, Standing.DUE: 2},
    }
    assert list(book.debts.of(repository)) == [_SECOND, _FIRST]
    assert list(book.debts.of(repository, limit=1)) == [_SECOND]


def test_each_repository_has_its_own(book: Ledger) -> None:
    book.debts.note(_known(book, 7), _FIRST, {Standing.DUE: 1})
    assert book.debts.of(_known(book, 8)) == {}


@pytest.mark.parametrize(
    ("files", "counted"),
    [
        ({"shop/todo.py": _TODOS}, {Standing.DUE: 1, Standing.UNCONDITIONAL: 1}),
        ({}, {}),
    ],
)
def test_each_scan_counts(road: Road, files: dict[str, bytes], counted: dict[Standing, int]) -> None:
    road.add({**FILES, **files, CONFIG: _ON})
    road.scan()
    (told,) = road.world.book.debts.of(road.hub.find(NAME).id).values()
    assert told == {**dict.fromkeys(Standing, 0), **counted}


def test_nothing_is_counted_where_nobody_looked(road: Road) -> None:
    road.add({**FILES, "shop/todo.py": _TODOS, CONFIG: b"limits: [\n"})
    road.scan()
    assert road.world.book.debts.of(road.hub.find(NAME).id) == {}


def test_scripts_may_ask(road: Road) -> None:
    road.add({**FILES, "shop/todo.py": _TODOS, CONFIG: _ON})
    road.scan()
    road.world.book.close()
    with serving(road.world.settings.database_url, api_token=_TOKEN) as server:
        address = f"{server.url}/api/v1/repositories/{NAME}/debt"
        told = server.client.get(address, headers={"Authorization": f"Bearer {_TOKEN}"}).json()
        assert server.client.get(address).status_code == 401
    (today,) = told["days"]
    assert (told["repository"], today.pop("day")) == (NAME, road.world.clock().date().isoformat())
    assert today == {"due": 1, "orphaned": 0, "not-yet": 0, "unconditional": 1}
