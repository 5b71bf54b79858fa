"""What few people want pauses, for those who do not want it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fleet import NOW
from tests.workers.outlines import DAY, closed, merged, outline
from workers.answered import Word
from workers.evaluation.outline import Outline
from workers.evaluation.pausing import ALL, WHOLE, Whose, barring, sentence, wanting
from workers.model import CONFIGURE

A, B, C = "acme/apples", "acme/birds", "acme/clouds"


@dataclass(frozen=True)
class Row:
    installation_id: int = 7
    improvement: str = "aware-utcnow"
    team: str = ""
    place: int | None = None
    merged: int = 5
    decided: int = 22
    ended: datetime | None = None
    since: datetime = NOW
    begun_by: str = ""


def spread(yes: int, no: int) -> list[Outline]:
    """Return what many repositories decided, each about one."""
    answers = [*merged(yes), *closed(no)]
    return [outline(one.state, repository_id=100 + n) for n, one in enumerate(answers)]


def found(*outlines: Outline, pauses: tuple[Row, ...] = ()) -> list[tuple[Whose, int, int]]:
    return [(one.whose, one.merged, one.decided) for one in wanting(outlines, pauses, NOW)]


def test_what_few_merge_of_twenty_pauses_for_all() -> None:
    assert found(*spread(7, 13)) == [(ALL, 7, 20)]


def test_forty_percent_are_enough() -> None:
    assert found(*spread(8, 12)) == []


def test_nineteen_are_too_few_to_tell() -> None:
    assert found(*spread(0, 19)) == []


def test_what_decides_nothing_does_not_count() -> None:
    assert found(*spread(7, 12), *closed(9, word=Word.SUPERSEDED), outline()) == []


def test_a_team_that_closes_everything_decides_for_itself_alone() -> None:
    others = [*merged(9, team=B), *closed(3, team=B), *merged(3, team=C)]
    assert found(*closed(40, team=A), *others) == [(Whose(A), 0, 40)]


def test_teams_that_close_everything_together_decide_for_themselves_alone() -> None:
    both = [*closed(40, team=A), *closed(30, team=B)]
    assert found(*both, *merged(5, team=C), *closed(2, team=C)) == [(Whose(A), 0, 40), (Whose(B), 0, 30)]


def test_a_team_with_few_of_its_own_pauses_alone_where_the_others_want_it() -> None:
    assert found(*closed(12, team=A), *merged(6, team=B), *closed(4, team=B)) == [(Whose(A), 0, 12)]


def test_nobody_pauses_for_the_few_that_a_team_closed() -> None:
    assert found(*closed(9, team=A), *merged(7, team=B), *closed(9, team=C)) == []


def test_what_no_team_wants_pauses_for_all() -> None:
    assert found(*closed(12, team=A), *closed(12, team=B), *merged(2, team=B)) == [(ALL, 2, 26)]


def test_without_teams_a_repository_decides_for_itself() -> None:
    assert found(*closed(25, repository_id=3), *merged(4, repository_id=4)) == [(Whose(place=3), 0, 25)]


def test_those_who_say_no_too_are_no_reason_to_leave_one_out_however_few_they_are() -> None:
    assert found(*closed(11, repository_id=1), *closed(9, repository_id=2)) == [(ALL, 0, 20)]
    assert found(*closed(19, team=A), *closed(1, team=B)) == [(ALL, 0, 20)]
    assert found(*closed(19, team=A), *merged(1, team=B)) == [(Whose(A), 0, 19)]


def test_another_installation_and_another_improvement_are_none_of_its_business() -> None:
    other = [*spread(3, 16), *closed(4, installation_id=8), *closed(4, improvement="raise")]
    assert found(*other) == []


def test_that_nobody_wants_a_kotsu_yml_pauses_nothing() -> None:
    assert found(*closed(30, improvement=CONFIGURE)) == []


def test_what_was_wanted_once_and_is_not_any_more_pauses() -> None:
    old = {"opened": NOW - 200 * DAY, "closed_at": NOW - 180 * DAY}
    assert found(*merged(50, team=A, **old), *closed(20, team=A)) == [(Whose(A), 0, 20)]


def test_of_old_ones_the_newest_twenty_are_told_from() -> None:
    old = [outline("closed", team=A, closed_at=NOW - n * DAY) for n in range(100, 115)]
    older = [outline("merged", team=A, closed_at=NOW - n * DAY) for n in range(115, 150)]
    assert found(*old, *older) == [(Whose(A), 5, 20)]


def test_what_pauses_already_is_not_paused_again() -> None:
    assert found(*spread(0, 30), pauses=(Row(),)) == []
    assert found(*closed(30, team=A), *merged(5, team=B), pauses=(Row(team=A.title()),)) == []


def test_where_a_team_pauses_it_says_nothing_about_the_others() -> None:
    assert found(*closed(30, team=A), *closed(19, team=B), pauses=(Row(team=A),)) == []


def test_after_a_pause_only_what_was_opened_later_counts() -> None:
    let_go_on = Row(ended=NOW - 5 * DAY)
    assert found(*spread(0, 30), pauses=(let_go_on,)) == []
    new = closed(20, team=A, opened=NOW - 4 * DAY)
    assert found(*new, *spread(0, 10), pauses=(let_go_on,)) == [(Whose(A), 0, 20)]


def test_a_pause_of_a_team_holds_for_that_team() -> None:
    assert barring([Row(team=A)], "aware-utcnow", A.upper()) == Row(team=A)
    assert barring([Row(team=A)], "aware-utcnow", B) is None
    assert barring([Row(team=A)], "aware-utcnow", "") is None
    assert barring([Row(team=A)], "raise", A) is None
    assert barring([Row(place=4)], "aware-utcnow", "") == Row(place=4)
    assert barring([Row(place=4)], "aware-utcnow", A) is None
    assert barring([Row()], "aware-utcnow", A) == Row()


def test_the_sentence_says_how_many_of_how_many_and_how_it_goes_on() -> None:
    assert sentence(Row(place=4)) == (
        "It pauses in this repository: of 22 that were decided, 5 were merged. It goes on when somebody says "
        "so on the page of improvements, or where kotsu.yml has `aware-utcnow: true` under `improvements`."
    )


@pytest.mark.parametrize("row", [Row(), Row(team=A)])
def test_of_many_repositories_no_count_is_said(row: Row) -> None:
    assert ": few of them were merged. It goes on" in sentence(row)
    assert not {"22", "5"} & set(sentence(row).split())


def test_a_repository_that_pauses_says_who_paused_it_and_who_resumes_it() -> None:
    assert sentence(Row(improvement=WHOLE, place=4, begun_by="ada")) == (
        "This repository is paused by `ada` since 2026-03-02: whoever may write to it resumes it on its page."
    )


def test_that_a_repository_pauses_takes_no_vote_and_pauses_no_improvement_there() -> None:
    rows = (Row(improvement=WHOLE, place=100, ended=NOW), Row(improvement=WHOLE, place=101))
    assert found(*spread(7, 13), pauses=rows) == [(ALL, 7, 20)]
    assert barring(rows, "aware-utcnow", "") is None


@given(
    st.lists(st.tuples(st.sampled_from([B, C]), st.booleans()), max_size=60),
    st.integers(0, 200),
)
@example([(B, False)] * 12 + [(C, True)] * 8, 8)
def test_however_much_one_team_closes_the_others_are_treated_as_without_it(
    others: list[tuple[str, bool]], hostile: int
) -> None:
    rest = [outline("merged" if yes else "closed", team=team) for team, yes in others]
    without = {whose for whose, *_ in found(*rest)}
    within = {whose for whose, *_ in found(*rest, *closed(hostile, team=A))}
    share = sum(yes for _, yes in others) / max(1, len(others))
    if share >= 0.4 and not without:
        assert within <= {Whose(A)}
