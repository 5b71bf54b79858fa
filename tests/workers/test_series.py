"""The parts of a large improvement on the road: whatever happens to one, an open one stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.road import CLOCK, CONFIG, NAME, PLENTY, UTCNOW, Road
from workers import marker
from workers.model import mark

SECOND, THIRD = f"{UTCNOW}.2", f"{UTCNOW}.3"
FOLDERS = ("a", "b", "c")
LARGE = {f"{folder}/{n}.py": CLOCK for folder in FOLDERS for n in range(2)}
PAIRS = PLENTY + b"  files: 2\n"
TWICE = PAIRS + b"  series: 2\n"


def files(road: Road, key: str) -> list[str]:
    """The files that an open pull request changes."""
    base, proposed = (road.hub.files(NAME, f"kotsu/{key}{up}") for up in ("~1", ""))
    return sorted(path for path, data in proposed.items() if base.get(path) != data)


def title(road: Road, key: str) -> str:
    return road.pull(key).title


def merge(road: Road, key: str) -> None:
    number = road.pull(key).number
    road.hub.merge(NAME, number)
    road.follow(number)


def test_parts_come_one_after_the_other_until_all_is_done(road: Road) -> None:
    road.add({**LARGE, CONFIG: PAIRS})
    road.scan()
    assert road.keys() == [UTCNOW]
    assert title(road, UTCNOW).endswith("(part 1 of 3)")
    assert road.withheld()[THIRD] == (
        "series-limit",
        "2 parts of it wait until an earlier one is merged: `limits.series` allows 1 at a time.",
    )
    seen = []
    for ending in ("(part 1 of 3)", "(part 1 of 2)", "equivalent"):
        assert road.keys() == [UTCNOW]
        assert title(road, UTCNOW).endswith(ending)
        seen += files(road, UTCNOW)
        merge(road, UTCNOW)
        road.scan()
    assert road.keys() == []
    assert sorted(seen) == sorted(LARGE)


def test_a_part_that_is_open_is_not_written_again_when_another_is_merged(road: Road) -> None:
    repository = road.add({**LARGE, CONFIG: TWICE})
    road.scan()
    assert road.keys() == [UTCNOW, SECOND]
    before = (repository.branch(f"kotsu/{SECOND}"), title(road, SECOND), road.pull(SECOND).body)
    merge(road, UTCNOW)
    road.scan()
    assert (repository.branch(f"kotsu/{SECOND}"), title(road, SECOND), road.pull(SECOND).body) == before
    assert files(road, SECOND) == ["b/0.py", "b/1.py"]
    assert sorted(road.keys()) == [UTCNOW, SECOND]
    assert files(road, UTCNOW) == ["c/0.py", "c/1.py"]


@pytest.mark.parametrize("is_lost", ["ledger", "body"])
def test_what_a_part_holds_is_known_while_one_of_two_remembers_it(
    road: Road, tmp_path: Path, is_lost: str
) -> None:
    road.add({**LARGE, CONFIG: TWICE})
    road.scan()
    if is_lost == "ledger":
        road.forget(tmp_path / "new.db")
    else:
        road.pull(SECOND).body = "Nothing to see here."
    merge(road, UTCNOW)
    road.scan()
    assert files(road, SECOND) == ["b/0.py", "b/1.py"]
    assert files(road, UTCNOW) == ["c/0.py", "c/1.py"]


def test_a_part_is_updated_with_its_own_files_alone(road: Road) -> None:
    road.add({**LARGE, CONFIG: TWICE})
    road.scan()
    merge(road, UTCNOW)
    later = CLOCK + b"\n\nDIED = datetime.utcnow()\n"
    road.hub.push(NAME, {"b/1.py": later, "a/0.py": later})
    road.scan()
    assert b"DIED = datetime.now" in road.proposed(SECOND, "b/1.py")
    assert road.proposed(SECOND, "a/0.py") == later
    assert title(road, SECOND).endswith("(part 2 of 3)")


def test_a_part_that_was_closed_comes_back_under_no_other_number(road: Road) -> None:
    road.add({**LARGE, CONFIG: TWICE})
    road.scan()
    number = road.pull(SECOND).number
    road.hub.close(NAME, number)
    road.follow(number)
    merge(road, UTCNOW)
    road.scan()
    assert road.keys() == []
    assert {reason for reason, _ in road.withheld().values()} == {"declined"}


def test_small_ones_are_neither_numbered_nor_divided(road: Road) -> None:
    road.add({**LARGE, CONFIG: PLENTY})
    road.scan()
    assert road.keys() == [UTCNOW]
    assert "part" not in title(road, UTCNOW)
    about = marker.metadata(road.pull(UTCNOW).body or "")
    assert "parts" not in about
    assert about["files"] == [mark(path) for path in LARGE]


def test_the_owners_of_a_part_are_wanted(road: Road) -> None:
    owned = b"/a/ @ada-example\n/b/ @bob-example @ada-example\n/c/ ada@example.com\n"
    repository = road.add({**LARGE, CONFIG: PAIRS + b"  series: 3\n", "CODEOWNERS": owned})
    road.scan()
    assert road.keys() == [UTCNOW, SECOND, THIRD]
    wanted = {row.wanted for row in road.world.book.proposals(repository.id)}
    assert wanted == {("ada-example",), ("ada-example", "bob-example"), ()}


def test_whoever_is_named_in_the_configuration_is_wanted_instead_of_the_owner(road: Road) -> None:
    given = PAIRS + b"reviewers: [bob-example]\n"
    repository = road.add({**LARGE, CONFIG: given, "CODEOWNERS": b"* @ada-example\n"})
    road.scan()
    assert {row.wanted for row in road.world.book.proposals(repository.id)} == {("bob-example",)}


@pytest.mark.parametrize(
    "said", [{}, {"files": 3, "parts": "3"}, {"files": [1, "a b"], "parts": 0}, {"parts": True}]
)
def test_a_body_that_says_nonsense_says_nothing(said: dict[str, object]) -> None:
    assert (marker.marks(said), marker.parts(said)) == ((), 1)
