"""How a large improvement is divided, which parts are open, and that these stay what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods.model import About, Applicability, Category, Edit, Finding
from codemods.registry import Improvement
from workers import config, owners, plan
from workers.config import Config
from workers.model import Past, Plan, State, mark
from workers.reasons import Reason

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TWO_TEAMS = "/shop/ @acme/shop\n/web/ @ada\n/docs/ docs@example.com\n"


def improvement(id_: str) -> Improvement:
    module = ModuleType(id_)
    about = About(f"Do {id_}", Category.HYGIENE, Applicability.SAFE, "None.", (), (), minutes=5)
    module.ABOUT = about  # type: ignore[attr-defined]
    return Improvement(id_, "python", module)


CATALOGUE: Mapping[str, Improvement] = {id_: improvement(id_) for id_ in ("sweep", "tidy")}


def finding(path: str, lines: int = 1, id_: str = "sweep", target: str = "") -> Finding:
    """A file that changes so many lines."""
    edit = Edit(path, b"\n" * lines, b"")
    return Finding(id_, path, 1, "it is better so", edit, target)


def files(folder: str, count: int) -> list[str]:
    return [f"{folder}/{n:02}.py" for n in range(count)]


def made(
    paths: Iterable[str | Finding],
    *before: Past,
    codeowners: str = "",
    everything: bool = False,
    **limits: int,
) -> Plan:
    findings = [finding(p) if isinstance(p, str) else p for p in paths]
    limits = {"open": 99, "first": 99, **limits}
    said = Config(limits=config.Limits(**limits))  # type: ignore[arg-type]
    owned = owners.read(codeowners)
    return plan.make(findings, CATALOGUE, said, before, NOW, everything=everything, owners=owned)


def parts(found: Plan) -> dict[str, list[str]]:
    return {c.key: [edit.path for edit in c.edits] for c in found.now}


def divided(paths: Iterable[str | Finding], codeowners: str = "", **limits: int) -> list[list[str]]:
    """The files of every part, in the order of the parts."""
    return list(parts(made(paths, codeowners=codeowners, everything=True, **limits)).values())


def opened(key: str, paths: Iterable[str], of: int = 1, state: State = State.OPEN, days: int = 3) -> Past:
    marks = tuple(mark(path) for path in paths)
    return Past(key, state, NOW - timedelta(days=days), marks=marks, parts=of)


def titles(found: Plan) -> dict[str, str]:
    return {c.key: c.title + c.number for c in found.now} | {w.key: w.title for w in found.later}


# --- what is small


def test_what_fits_is_one_whoever_owns_it() -> None:
    some = [*files("shop", 10), *files("web", 10)]
    (candidate,) = made(some, codeowners=TWO_TEAMS, everything=True).now
    assert (candidate.key, candidate.number, candidate.owner) == ("sweep", "", "")
    assert len(candidate.edits) == 20


def test_a_single_file_is_one_however_large() -> None:
    (candidate,) = made([finding("a.py", 5000)]).now
    assert (candidate.part, candidate.parts) == (1, 1)


def test_exactly_as_many_lines_as_are_allowed_are_one() -> None:
    some = [finding("a.py", 120), finding("b.py", 80)]
    assert divided(some) == [["a.py", "b.py"]]
    assert divided([*some, finding("c.py")]) == [["a.py", "b.py"], ["c.py"]]


def test_many_places_in_few_files_are_one() -> None:
    assert len(divided([finding("a.py", 1) for _ in range(90)])) == 1


def test_what_has_a_target_moves_as_one() -> None:
    some = [finding(path, target="shelf") for path in files("shop", 60)]
    (candidate,) = made(some, codeowners=TWO_TEAMS).now
    assert (candidate.key, len(candidate.edits), candidate.owner) == ("sweep/shelf", 60, "")


def test_two_improvements_wait_for_each_other_in_nothing() -> None:
    some = [finding(path, id_=id_) for id_ in CATALOGUE for path in files("shop", 30)]
    assert list(parts(made(some))) == ["sweep", "tidy"]


# --- how it is divided


def test_each_part_belongs_to_one_owner() -> None:
    some = [*files("lib", 3), *files("shop", 9), *files("web", 12)]
    assert divided(some, TWO_TEAMS) == [files("lib", 3), files("shop", 9), files("web", 12)]


def test_an_owner_of_many_folders_has_them_in_one_part() -> None:
    some = [*files("a", 3), *files("b", 15), *files("c", 3)]
    assert divided(some, "/a/ @ada\n/c/ @ada\n") == [[*files("a", 3), *files("c", 3)], files("b", 15)]


def test_the_login_or_team_is_asked_and_nobody_in_doubt() -> None:
    some = [f for folder in ("docs", "lib", "shop", "web") for f in files(folder, 6)]
    found = made(some, codeowners=TWO_TEAMS, everything=True)
    assert [c.owner for c in found.now] == ["", "", "acme/shop", "ada"]
    assert {c.owner for c in made(some, codeowners="* @ada @bob", everything=True).now} == {""}
    assert {c.owner for c in made(some, codeowners="* @ada a@b.example", everything=True).now} == {"ada"}


def test_directories_stay_together_where_they_fit() -> None:
    some = [*files("a", 12), *files("b", 12), *files("c", 8)]
    assert divided(some) == [files("a", 12), [*files("b", 12), *files("c", 8)]]


def test_a_directory_that_does_not_fit_is_divided_further_down() -> None:
    some = [*files("src/a", 15), *files("src/b/x", 9), *files("src/b/y", 15), "src/z.py"]
    assert divided(some) == [files("src/a", 15), files("src/b/x", 9), [*files("src/b/y", 15), "src/z.py"]]


def test_a_flat_directory_is_divided_in_its_order() -> None:
    some = files("a", 45)
    assert divided(some) == [some[:20], some[20:40], some[40:]]


def test_a_folder_that_is_named_like_another_is_another() -> None:
    some = [*files("shop", 15), *files("shop-web", 15)]
    assert divided(some) == [files("shop-web", 15), files("shop", 15)]


def test_a_file_that_is_too_large_is_a_part_of_its_own() -> None:
    some = ["a.py", finding("b.py", 900), "c.py"]
    assert divided(some) == [["a.py"], ["b.py"], ["c.py"]]


def test_a_tree_as_deep_as_git_allows_can_be_divided() -> None:
    deep = "/".join("a" * 2000)
    assert divided([f"{deep}/x.py", f"{deep}/y.py"], files=1) == [[f"{deep}/x.py"], [f"{deep}/y.py"]]


# --- how many are open


def test_one_part_is_open_and_the_others_say_how_many_wait() -> None:
    found = made(files("a", 75))
    assert list(parts(found)) == ["sweep"]
    assert [w.key for w in found.later] == ["sweep.2", "sweep.3", "sweep.4"]
    assert {w.reason for w in found.later} == {Reason.SERIES_LIMIT}
    (sentence,) = {w.sentence for w in found.later}
    expected = "3 parts of it wait until an earlier one is merged: `limits.series` allows 1 at a time."
    assert sentence == expected
    assert titles(found) == {
        "sweep": "Do sweep (part 1 of 4)",
        "sweep.2": "Do sweep (part 2 of 4)",
        "sweep.3": "Do sweep (part 3 of 4)",
        "sweep.4": "Do sweep (part 4 of 4)",
    }


def test_one_that_waits_is_one() -> None:
    (withheld,) = made(files("a", 25)).later
    assert withheld.sentence.startswith("1 part of it waits until")


def test_as_many_are_open_as_a_repository_wants() -> None:
    assert list(parts(made(files("a", 75), series=3))) == ["sweep", "sweep.2", "sweep.3"]
    assert list(parts(made(files("a", 75), series=3, open=2))) == ["sweep", "sweep.2"]


def test_a_small_part_does_not_overtake() -> None:
    some = [*files("a", 20), *files("b", 19), "c.py"]
    assert list(parts(made([*some, "d.py"]))) == ["sweep"]


def test_a_part_that_waits_for_another_reason_is_not_overtaken() -> None:
    found = made(files("a", 45), first=0, per_day=0)
    assert [w.reason for w in found.later] == [Reason.DAY_LIMIT, Reason.SERIES_LIMIT, Reason.SERIES_LIMIT]


# --- what is open stays what it is


def test_a_part_that_is_open_keeps_its_files_when_an_earlier_one_is_merged() -> None:
    third, second = files("c", 20), files("b", 20)
    found = made([*second, *third], opened("sweep.2", second, of=3), series=2)
    assert parts(found) == {"sweep": third, "sweep.2": second}
    assert titles(found) == {"sweep": "Do sweep (part 1 of 2)", "sweep.2": "Do sweep (part 2 of 2)"}


def test_what_is_left_waits_for_a_part_that_is_open() -> None:
    found = made([*files("b", 20), *files("c", 20)], opened("sweep.2", files("b", 20), of=3))
    assert parts(found) == {"sweep.2": files("b", 20)}
    assert [(w.key, w.reason) for w in found.later] == [("sweep", Reason.SERIES_LIMIT)]


def test_the_last_part_keeps_its_number_while_it_is_open() -> None:
    found = made(files("c", 9), opened("sweep.3", files("c", 9), of=3))
    assert titles(found) == {"sweep.3": "Do sweep (part 3 of 3)"}


def test_new_findings_do_not_move_what_is_open() -> None:
    mine = files("b", 20)
    found = made([*files("a", 9), *mine, *files("z", 3)], opened("sweep", mine, of=2), everything=True)
    assert parts(found) == {"sweep": mine, "sweep.2": [*files("a", 9), *files("z", 3)]}


def test_a_part_that_is_open_takes_nothing_from_others_even_where_all_would_fit() -> None:
    found = made([*files("a", 3), *files("b", 3)], opened("sweep", files("b", 3), of=2))
    assert parts(found) == {"sweep": files("b", 3)}
    assert [w.key for w in found.later] == ["sweep.2"]


def test_a_whole_that_is_open_takes_what_is_new_while_it_fits() -> None:
    found = made([*files("a", 3), *files("b", 3)], opened("sweep", files("b", 3)))
    assert parts(found) == {"sweep": [*files("a", 3), *files("b", 3)]}
    assert found.later == ()


def test_a_whole_that_is_open_keeps_its_files_when_more_do_not_fit() -> None:
    found = made([*files("a", 19), *files("b", 3)], opened("sweep", files("b", 3)))
    assert parts(found) == {"sweep": files("b", 3)}
    assert titles(found)["sweep.2"] == "Do sweep (part 2 of 2)"


def test_a_file_that_is_done_leaves_its_part_and_nothing_takes_its_place() -> None:
    mine = files("b", 20)
    found = made([*files("a", 20), *mine[1:]], opened("sweep", mine, of=2))
    assert parts(found) == {"sweep": mine[1:]}


def test_a_part_that_has_nothing_left_takes_what_waits() -> None:
    found = made(files("a", 25), opened("sweep.2", files("gone", 5), of=2))
    assert parts(found) == {"sweep.2": files("a", 20)}
    assert [w.key for w in found.later] == ["sweep"]


def test_one_whose_files_nobody_knows_goes_on_with_the_first() -> None:
    assert parts(made(files("a", 25), opened("sweep", ()))) == {"sweep": files("a", 20)}
    assert parts(made(files("a", 15), opened("sweep", ()))) == {"sweep": files("a", 15)}


def test_what_is_left_after_a_merge_starts_at_one_again() -> None:
    found = made(files("b", 25), opened("sweep", files("a", 20), of=3, state=State.MERGED))
    assert titles(found) == {"sweep": "Do sweep (part 1 of 2)", "sweep.2": "Do sweep (part 2 of 2)"}
    found = made(files("b", 5), opened("sweep", files("a", 20), of=2, state=State.MERGED))
    assert titles(found) == {"sweep": "Do sweep"}


# --- answers


@pytest.mark.parametrize("key", ["sweep", "sweep.2", "sweep.3"])
def test_a_part_that_was_closed_is_an_answer_about_all_of_them(key: str) -> None:
    found = made(files("a", 45), opened(key, files("a", 20), of=3, state=State.CLOSED))
    assert parts(found) == {}
    assert {w.reason for w in found.later} == {Reason.DECLINED}


def test_a_part_that_is_open_goes_on_when_another_was_closed() -> None:
    closed = opened("sweep", files("a", 20), of=3, state=State.CLOSED, days=5)
    mine = files("b", 20)
    found = made([*files("a", 20), *mine, *files("c", 5)], opened("sweep.2", mine, of=3), closed)
    assert parts(found) == {"sweep.2": mine}
    assert [w.reason for w in found.later] == [Reason.DECLINED, Reason.DECLINED]


def test_a_closed_part_stays_an_answer_when_a_later_one_is_merged() -> None:
    merged = opened("sweep.2", files("b", 20), of=3, state=State.MERGED, days=1)
    closed = opened("sweep", files("a", 20), of=3, state=State.CLOSED)
    assert parts(made(files("a", 25), merged, closed)) == {}


def test_a_target_that_ends_with_a_number_is_no_part() -> None:
    closed = opened("sweep/zope.2", (), state=State.CLOSED)
    some = [finding("a.txt", target=name) for name in ("zope", "zope.2")]
    assert list(parts(made(some, closed))) == ["sweep/zope"]


# --- all of it

PATHS = st.lists(
    st.sampled_from([f"{a}/{b}/{c}.py" for a in "xyz" for b in "pq" for c in "1234"]), unique=True
)


@settings(deadline=None, max_examples=100)
@given(
    before=PATHS,
    after=PATHS,
    merged=st.sets(st.integers(1, 5)),
    series=st.integers(1, 4),
    several=st.integers(1, 6),
)
def test_whatever_is_merged_and_found_an_open_part_keeps_what_is_left_of_its_files(
    before: list[str], after: list[str], merged: set[int], series: int, several: int
) -> None:
    said = "/x/ @ada\n/y/p/ @bob\n"
    first = made(before, codeowners=said, files=several, series=series)
    past = [
        opened(c.key, [e.path for e in c.edits], c.parts, State.MERGED if c.part in merged else State.OPEN)
        for c in first.now
    ]
    done = {path for c in first.now if c.part in merged for path in parts(first)[c.key]}
    left = sorted({*before, *after} - done)
    second = made(left, *past, codeowners=said, files=several, series=series)
    numbers = parts(made(left, *past, codeowners=said, files=several, everything=True))
    assert sorted(path for some in numbers.values() for path in some) == left
    assert {**numbers, **parts(second)} == numbers
    is_whole = first.now and first.now[0].parts == 1
    for p in past:
        mine = parts(first)[p.key]
        if p.state is State.OPEN and set(mine) & set(left):
            now = numbers[p.key]
            assert now == [path for path in left if path in mine] or (is_whole and set(mine) <= set(now))
            assert p.key in parts(second)
    assert len(parts(second)) <= max(series, sum(p.state is State.OPEN for p in past))
