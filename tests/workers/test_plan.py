"""What is proposed now, what waits, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods.model import About, Applicability, Category, Edit, Finding
from codemods.registry import Improvement
from workers import config, plan
from workers.config import Config, Switch
from workers.model import Past, Plan, State
from workers.reasons import Reason

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def improvement(
    id_: str, category: Category, applicability: Applicability, *, urgent: bool = False
) -> Improvement:
    module = ModuleType(id_)
    about = About(f"Do {id_}", category, applicability, "None.", (), (), minutes=5, urgent=urgent)
    module.ABOUT = about  # type: ignore[attr-defined]
    return Improvement(id_, "python", module)


CATALOGUE: Mapping[str, Improvement] = {
    "guard": improvement("guard", Category.SECURITY, Applicability.UNSAFE),
    "sweep": improvement("sweep", Category.HYGIENE, Applicability.SAFE),
    "raise": improvement("raise", Category.UPGRADE, Applicability.SAFE),
    "heal": improvement("heal", Category.SECURITY, Applicability.UNSAFE, urgent=True),
}


def finding(id_: str, path: str = "a.py", target: str = "", lines: int = 1) -> Finding:
    edit = Edit(
        path, b"".join(b"%d\n" % n for n in range(lines)), b"".join(b"%d!\n" % n for n in range(lines))
    )
    return Finding(id_, path, 1, "it is better so", edit, target)


def targets(*names: str) -> list[Finding]:
    return [finding("raise", target=name) for name in names]


def past(key: str, state: State, days_ago: int = 10) -> Past:
    return Past(key, state, NOW - timedelta(days=days_ago))


def made(findings: Sequence[Finding], *before: Past, everything: bool = False, **said: object) -> Plan:
    limits = config.Limits.model_validate(said.pop("limits", {}))
    given = Config.model_validate({"limits": limits, **said})
    return plan.make(findings, CATALOGUE, given, before, NOW, everything=everything)


def keys(found: Plan) -> list[str]:
    return [candidate.key for candidate in found.now]


def reasons(found: Plan) -> dict[str, Reason]:
    return {withheld.key: withheld.reason for withheld in found.later}


# --- beside each other


def _clashing() -> Mapping[str, Improvement]:
    swap = improvement("swap", Category.SPEED, Applicability.SAFE)
    swap.module.ABOUT = replace(swap.about, clashes=("sweep",))  # type: ignore[attr-defined]
    return {**CATALOGUE, "swap": swap}


@pytest.mark.parametrize(("opened", "waits"), [("sweep", "swap"), ("swap", "sweep")])
def test_what_would_be_wrong_beside_something_waits_for_it(opened: str, waits: str) -> None:
    found, before = [finding("sweep"), finding("swap")], [past(opened, State.OPEN)]
    planned = plan.make(found, _clashing(), config.defaults(), before, NOW, everything=True)
    assert keys(planned) == [opened]
    assert reasons(planned) == {waits: Reason.SAME_CODE}


def test_of_two_that_would_be_wrong_beside_each_other_one_is_proposed() -> None:
    found = [finding("sweep"), finding("swap")]
    planned = plan.make(found, _clashing(), config.defaults(), (), NOW, everything=True)
    assert len(keys(planned)) == len(reasons(planned)) == 1


def test_what_clashes_waits_for_nothing_in_another_file_and_for_no_other_improvement() -> None:
    found = [finding("sweep", "b.py"), finding("swap", "a.py"), finding("raise", "a.py", "x")]
    planned = plan.make(found, _clashing(), config.defaults(), (), NOW, everything=True)
    assert sorted(keys(planned)) == ["raise/x", "swap", "sweep"]


# --- pace


def test_a_new_repository_gets_two_at_once() -> None:
    found = made(targets("a", "b", "c", "d"))
    assert keys(found) == ["raise/a", "raise/b"]
    assert reasons(found) == {"raise/c": Reason.DAY_LIMIT, "raise/d": Reason.DAY_LIMIT}


def test_after_the_first_two_there_is_one_a_day() -> None:
    done = [past("x", State.MERGED, 5), past("y", State.MERGED, 5)]
    assert keys(made(targets("a", "b"), *done)) == ["raise/a"]
    assert keys(made(targets("a", "b"), past("z", State.MERGED, 0), *done)) == []


def test_a_day_is_a_day_of_the_calendar_in_utc() -> None:
    late = Past("z", State.MERGED, NOW.replace(hour=0) - timedelta(seconds=1))
    done = [past("x", State.MERGED, 5), past("y", State.MERGED, 5)]
    assert keys(made(targets("a", "b"), late, *done)) == ["raise/a"]


def test_three_open_ones_are_enough() -> None:
    waiting = [past(key, State.OPEN) for key in ("x", "y", "z")]
    assert reasons(made(targets("a"), *waiting)) == {"raise/a": Reason.OPEN_LIMIT}
    assert keys(made(targets("a"), *waiting[:2], capacity={"gentle": 0})) == ["raise/a"]


def test_every_limit_can_be_set() -> None:
    many = targets("a", "b", "c", "d", "e")
    assert len(keys(made(many, limits={"first": 4, "open": 9}))) == 4
    assert len(keys(made(many, limits={"first": 5, "open": 1}))) == 1
    assert len(keys(made(many, limits={"per_day": 3}, capacity={"gentle": 0}))) == 3
    assert keys(made(many, limits={"open": 0})) == []
    assert keys(made(many, limits={"first": 0, "per_day": 0})) == []


def test_it_does_not_matter_how_often_a_day_is_planned() -> None:
    many = targets("a", "b", "c", "d", "e")
    limits = {"first": 2, "per_day": 3, "open": 9}
    opened: list[Past] = []
    for _ in range(4):
        found = made(many, *opened, limits=limits, capacity={"gentle": 0})
        opened = [past(key, State.OPEN, 0) for key in keys(found)]
    assert len(opened) == 3


def test_everything_at_once_ignores_the_pace_alone() -> None:
    many = [*targets("a", "b", "c", "d"), finding("guard")]
    found = made(many, past("raise/a", State.CLOSED), everything=True, unsafe=False)
    assert keys(found) == ["raise/b", "raise/c", "raise/d"]
    assert reasons(found) == {"raise/a": Reason.DECLINED, "guard": Reason.UNSAFE}


# --- what is urgent


def test_what_is_urgent_waits_for_no_pace_and_comes_first() -> None:
    waiting = [past(key, State.OPEN, 0) for key in ("x", "y", "z")]
    urgent = [finding("heal", target=name) for name in ("d", "e")]
    found = made([*targets("a"), *urgent], *waiting, limits={"open": 0, "first": 0, "per_day": 0})
    assert keys(found) == ["heal/d", "heal/e"]
    assert reasons(found) == {"raise/a": Reason.OPEN_LIMIT}


def test_what_is_urgent_takes_the_place_of_others() -> None:
    found = made([*targets("a", "b"), finding("heal", target="d")])
    assert keys(found) == ["heal/d", "raise/a"]


def test_two_about_one_target_do_not_come_at_once() -> None:
    found = made([*targets("a", "b"), finding("heal", target="a")], everything=True)
    assert keys(found) == ["heal/a", "raise/b"]
    assert reasons(found) == {"raise/a": Reason.FIX_FIRST}


@pytest.mark.parametrize("said", [{"unsafe": False}, {"improvements": {"heal": Switch(enabled=False)}}])
def test_who_does_not_want_the_urgent_one_gets_the_other(said: dict[str, object]) -> None:
    assert keys(made([*targets("a"), finding("heal", target="a")], **said)) == ["raise/a"]


def test_a_declined_upgrade_is_no_answer_to_a_fix() -> None:
    both = [*targets("a"), finding("heal", target="a")]
    assert keys(made(both, past("raise/a", State.CLOSED))) == ["heal/a"]
    assert keys(made(both, past("heal/a", State.CLOSED))) == ["raise/a"]


def test_an_advice_that_is_urgent_holds_nothing_up() -> None:
    advice = Finding("heal", "a.txt", 1, "nothing fixes it", target="a")
    assert keys(made([*targets("a"), advice])) == ["raise/a"]


# --- answers


def test_a_closed_pull_request_is_an_answer_and_stays_one() -> None:
    long_ago = past("raise/a", State.CLOSED, 4000)
    assert reasons(made(targets("a"), long_ago)) == {"raise/a": Reason.DECLINED}


def test_what_was_merged_may_return() -> None:
    assert keys(made(targets("a"), past("raise/a", State.MERGED))) == ["raise/a"]


def test_the_latest_answer_counts() -> None:
    closed, merged = past("raise/a", State.CLOSED, 2), past("raise/a", State.MERGED, 9)
    assert reasons(made(targets("a"), closed, merged)) == {"raise/a": Reason.DECLINED}
    assert keys(made(targets("a"), past("raise/a", State.MERGED, 1), closed)) == ["raise/a"]


def healing(*answers: tuple[str, ...]) -> Finding:
    return replace(finding("heal", target="a"), answers=answers)


@pytest.mark.parametrize(
    ("answers", "is_declined"),
    [
        ([("CVE-1", "GHSA-1")], True),
        ([("CVE-9", "GHSA-1")], True),
        ([("GHSA-2",)], True),
        ([("GHSA-3",)], False),
        ([("GHSA-1",), ("GHSA-3",)], False),
    ],
    ids=["the same", "by another name", "of an earlier no", "a new one", "a new one beside"],
)
def test_a_closed_fix_is_an_answer_about_what_it_named(
    answers: list[tuple[str, ...]], *, is_declined: bool
) -> None:
    closed = [
        replace(past("heal/a", State.CLOSED, 2), answers=("GHSA-1",)),
        replace(past("heal/a", State.CLOSED, 9), answers=("GHSA-2",)),
    ]
    found = made([healing(*answers)], *closed)
    assert reasons(found) == ({"heal/a": Reason.DECLINED} if is_declined else {})


def test_a_closed_fix_that_names_nothing_is_an_answer_about_everything() -> None:
    found = made([healing(("CVE-1",))], past("heal/a", State.CLOSED))
    assert reasons(found) == {"heal/a": Reason.DECLINED}


def test_a_no_before_a_merge_counts_no_more() -> None:
    merged = past("heal/a", State.MERGED, 5)
    before = replace(past("heal/a", State.CLOSED, 9), answers=("CVE-1",))
    after = replace(past("heal/a", State.CLOSED, 2), answers=("CVE-2",))
    assert keys(made([healing(("CVE-1",))], after, merged, before)) == ["heal/a"]


def test_an_open_one_is_an_update_and_takes_no_new_place() -> None:
    full = [past(key, State.OPEN, 0) for key in ("raise/b", "raise/x", "raise/y")]
    found = made(targets("a", "b"), *full)
    assert keys(found) == ["raise/b"]
    assert reasons(found) == {"raise/a": Reason.OPEN_LIMIT}


# --- what a repository says


def switched(**said: bool) -> Config:
    switches = {key.replace("__", "/"): Switch(enabled=value) for key, value in said.items()}
    return Config().model_copy(update={"improvements": switches})


def test_a_target_that_is_switched_off_is_not_proposed() -> None:
    found = plan.make(targets("django", "flask"), CATALOGUE, switched(raise__django=False), (), NOW)
    assert keys(found) == ["raise/flask"]
    assert reasons(found) == {"raise/django": Reason.DISABLED}


def test_a_target_can_be_the_only_one() -> None:
    given = switched(**{"raise": False, "raise__django": True})
    assert keys(plan.make(targets("django", "flask"), CATALOGUE, given, (), NOW)) == ["raise/django"]


def test_nobody_gets_advice_about_what_is_switched_off() -> None:
    advice = Finding("raise", "a.txt", 1, "it is held", target="django")
    found = plan.make([advice], CATALOGUE, switched(raise__django=False), (), NOW)
    assert reasons(found) == {"raise/django": Reason.DISABLED}


def test_who_wants_only_safe_changes_gets_no_others() -> None:
    found = made([finding("guard"), finding("sweep")], unsafe=False)
    assert keys(found) == ["sweep"]
    assert reasons(found) == {"guard": Reason.UNSAFE}


def test_an_advice_keeps_its_sentence_and_its_place() -> None:
    (withheld,) = made([Finding("sweep", "b.py", 7, "ask *Ada*")]).later
    assert withheld.reason is Reason.ADVICE
    assert withheld.sentence == "`b.py:7`: ask *Ada*"


# --- size


def test_a_large_improvement_is_split_and_its_parts_wait() -> None:
    found = made([finding("sweep", f"{n:02}.py") for n in range(25)])
    assert keys(found) == ["sweep"]
    assert len(found.now[0].edits) == 20
    assert reasons(found) == {"sweep.2": Reason.SERIES_LIMIT}


def test_a_file_is_never_split() -> None:
    found = made(
        [finding("sweep", f"{n}.py", lines=60) for n in range(3)], limits={"lines": 100}, everything=True
    )
    assert [len(c.edits) for c in found.now] == [1, 1, 1]
    assert keys(found) == ["sweep", "sweep.2", "sweep.3"]


def test_what_has_a_target_moves_as_one() -> None:
    found = made([finding("raise", f"{n:02}.txt", "django") for n in range(25)])
    assert len(found.now[0].edits) == 25


def test_findings_of_one_file_share_its_edit() -> None:
    twice = [finding("sweep"), finding("sweep")]
    (candidate,) = made(twice).now
    assert len(candidate.edits) == 1
    assert candidate.minutes == 10


def test_the_safe_and_valuable_come_first() -> None:
    found = made([finding("guard"), finding("sweep"), *targets("a")], limits={"first": 9})
    assert keys(found) == ["raise/a", "sweep", "guard"]


# --- all of it

FINDINGS = st.builds(
    lambda id_, path, target, advice: Finding(
        id_, path, 1, "m", None if advice else finding(id_, path).edit, target
    ),
    st.sampled_from(sorted(CATALOGUE.keys() - {"heal"})),
    st.sampled_from([f"{n}.py" for n in range(30)]),
    st.sampled_from(["", "", "a", "b"]),
    st.booleans(),
)
PAST = st.builds(
    past, st.sampled_from(["guard", "sweep", "raise/a"]), st.sampled_from(list(State)), st.integers(0, 3)
)


@settings(deadline=None, max_examples=60)
@given(findings=st.lists(FINDINGS, max_size=40), before=st.lists(PAST, max_size=5), everything=st.booleans())
def test_everything_found_is_proposed_or_withheld_exactly_once(
    findings: list[Finding], before: list[Past], *, everything: bool
) -> None:
    found = made(findings, *before, everything=everything, limits={"files": 3}, unsafe=False)
    whole = made(findings, everything=True, limits={"files": 3})
    advice = [w for w in found.later if w.reason is Reason.ADVICE]
    assert len(advice) == sum(f.edit is None for f in findings)
    candidates = {c.key: c for c in whole.now}
    said = Counter([*keys(found), *(w.key for w in found.later if w.reason is not Reason.ADVICE)])
    assert said == Counter(candidates.keys())
    held = Counter(f for c in candidates.values() for f in c.findings)
    assert held == Counter(f for f in findings if f.edit is not None)
    assert all(w.sentence for w in found.later)


def test_the_order_of_findings_does_not_matter() -> None:
    some = [*targets("b", "a"), finding("sweep", "z.py"), finding("sweep", "a.py"), finding("guard")]
    assert made(some) == made(some[::-1])


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_a_sentence_and_has_a_name(reason: Reason) -> None:
    assert reason.value.endswith((".", ".)"))
    assert reason.id.replace("-", "").isalpha()


# --- what stays


def test_a_candidate_knows_the_places_of_its_targets_that_stay() -> None:
    held = replace(finding("raise", "held.txt", target="a"), edit=None)
    others = [replace(held, target="b"), replace(held, improvement="heal"), replace(held, target="")]
    grouped = [replace(f, group="letters") for f in targets("a", "c")]
    found = made([*grouped, held, *others])
    assert [candidate.left for candidate in found.now] == [(held,)]
    assert made([finding("sweep"), *others]).now[0].left == ()
