"""What people asked for holds until it is there, or refused for good."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from workers import wishes
from workers.reasons import Reason


@dataclass(frozen=True)
class Row:
    key: str = "lint"
    state: str = "closed"
    word: str = "wanted"
    reason: str = ""


def is_left(reason: Reason, *, is_sure: bool = True) -> bool:
    return bool(wishes.left({"lint"}, (), [Row(reason=reason.id)], is_sure=is_sure))


@pytest.mark.parametrize("is_sure", [True, False])
def test_what_waits_goes_on_being_wanted_and_what_is_refused_does_not(*, is_sure: bool) -> None:
    lasting = {reason for reason in Reason if not is_left(reason, is_sure=is_sure)}
    refused = {Reason.DECLINED, Reason.DISABLED, Reason.POLICY, Reason.UNSAFE, Reason.LEFT_ALONE}
    refused |= {Reason.PAUSED, Reason.REPOSITORY_PAUSED}  # which nothing is that somebody wishes for
    assert lasting == (refused | {Reason.ADVICE} if is_sure else refused)


def test_what_is_open_is_wanted_no_more() -> None:
    assert wishes.left({"lint"}, {"lint"}, (), is_sure=False) == frozenset()


def test_what_was_not_found_is_forgotten_only_by_a_scan_that_is_sure() -> None:
    assert wishes.left({"lint"}, (), (), is_sure=False) == {"lint"}
    assert wishes.left({"lint"}, (), (), is_sure=True) == frozenset()


@pytest.mark.parametrize("newer", [Row(state="open", word=""), Row(word=""), Row(state="merged", word="")])
def test_a_newer_pull_request_ends_the_wish_for_it(newer: Row) -> None:
    assert set(wishes.said([Row(), newer])) == {"lint"}
    assert wishes.said([newer, Row()]) == {}
