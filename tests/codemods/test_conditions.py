"""What a TODO says is a condition only where nothing else can be meant."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from codemods import conditions
from codemods.clauses import Closed, Condition, Confidence, Day, Listed, Reached, Together
from codemods.mentions import Progress, Ticket
from codemods.model import Facts

_TODAY = date(2026, 11, 24)


def _told(condition: Condition | None) -> str | None:
    if condition is None:
        return None
    if isinstance(condition, Day):
        return condition.day.isoformat()
    if isinstance(condition, Closed):
        return f"{condition.issue} closed"
    if isinstance(condition, Listed):
        return f"{'-' if condition.gone else '+'}{condition.name}"
    if isinstance(condition, Together):
        return ", ".join(str(_told(one)) for one in condition.all)
    return f"{condition.name} {'>' if condition.above else '>='} {condition.version}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("remove when we drop Python 3.8", "python > 3.8"),
        ("once we drop support for 3.8", "python > 3.8"),
        ("after dropping py38", "python > 3.8"),
        ("until we can drop Python 2.7", "python > 2.7"),
        ("when we drop py2", "python > 2"),
        ("remove once Python 3.8 and 3.9 are dropped", "python > 3.9"),
        ("when dropping Python 3.7, 3.8", "python > 3.8"),
        ("after we drop Python < 3.9", "python >= 3.9"),
        ("when Python 3.8 support is dropped", "python > 3.8"),
        ("when support for Python 3.8 is removed.", "python > 3.8"),
        ("once we no longer support python3.8", "python > 3.8"),
        ("when Python 3.8 reaches end-of-life", "python > 3.8"),
        ("remove when Python 3.8 is no longer supported", "python > 3.8"),
        ("when Python 3.9 is the minimum", "python >= 3.9"),
        ("When Python 3.11+ is the minimum, use Required", "python >= 3.11"),
        ("Remove after Python 3.14 is min", "python >= 3.14"),
        ("once python3.9 is our oldest supported version", "python >= 3.9"),
        ("once we bump the minimum Python version to 3.10", "python >= 3.10"),
        ("when we only support Python 3.9+", "python >= 3.9"),
        ("when we're on Python 3.12", "python >= 3.12"),
        ("once django>=4.2 is required", "django >= 4.2"),
        ("when we require Django 4.2", "django >= 4.2"),
        ("remove this when we upgrade to Django 4", "django >= 4"),
        ("remove once we stop supporting pandas<1.4.3", "pandas >= 1.4.3"),
        ("remove after sparse<0.19.0 is dropped", "sparse >= 0.19.0"),
        ("remove when numpy>2.3.0 is the minimum version", "numpy > 2.3.0"),
        ("when minimum supported SciPy is 1.11.2", "scipy >= 1.11.2"),
        ("when the minimum version of SciPy supported is 1.12", "scipy >= 1.12"),
        ("when our minimum supported numpy version is >=2.", "numpy >= 2"),
        ("once min NumPy >=2.4.0:", "numpy >= 2.4.0"),
        ("once 3.10 is the minimal supported matplotlib version.", "matplotlib >= 3.10"),
        ("remove in 2.0", "own >= 2.0"),
        ("this test can be removed after v3.0 (once it is the default)", "own >= 3.0"),
        ("once 2.0 is released", "own >= 2.0"),
        ("remove after 2025-06-01", "2025-06-02"),
        ("remove this after June 2025", "2025-07-01"),
        ("Remove `compat` after Dec/2022.", "2023-01-01"),
        ("remove by Q3 2025", "2025-07-01"),
        ("delete on 21 March 2026", "2026-03-21"),
        ("remove after the end of 2025", "2026-01-01"),
        ("skip until 2025-06", "2025-06-01"),
        ("expires 2025-01-01", "2025-01-01"),
        ("by 2025-01-01: fix this", "2025-01-01"),
        ("Update it once setuptools is bumped to >=77", "setuptools >= 77"),
        ("until pandas gets updated to 3.0", "pandas >= 3.0"),
        ("once we drop Python 3.7 This comprehension needs 3.8.", "python > 3.7"),
        ("Remove when Scipy 1.12 is the minimum supported version Use git grep", "scipy >= 1.12"),
        ("remove when #123 is fixed", "#123 closed"),
        ("until the fix for acme/shop#7 is released, keep this", "acme/shop#7 closed"),
        ("once https://github.com/acme/shop/issues/7 is closed.", "acme/shop#7 closed"),
        ("after PR #12 has been merged", "#12 closed"),
        ("remove once #12 has landed", "#12 closed"),
        ("don't forget to remove by 2025-01-01", "2025-01-01"),
        ("to be removed in 2025", "2025-01-01"),
        ("after 2025-01-01, remove this", "2025-01-02"),
        ("a hack. Expires 2026-01-01", "2026-01-01"),
        ("fails on Windows, remove when #12 is fixed", "#12 closed"),
        ("skipped until #12 is fixed", "#12 closed"),
        ("no longer needed once we drop Python 3.8", "python > 3.8"),
        ("catch_warnings can go when we drop Python 3.8", "python > 3.8"),
        ("Remove `way` after 1.1 is released", "own >= 1.1"),
    ],
)
def test_words_of_time_make_a_condition(text: str, told: str) -> None:
    condition = conditions.read(text)
    assert _told(condition) == told
    assert condition is not None
    assert condition.confidence is Confidence.READ
    assert condition.words in text


@pytest.mark.parametrize(
    "text",
    [
        *("", "fix this", "2019-03-02 bob: fix this", "slow since 2019-03-02", "this broke after 2019-03-02"),
        *("remove rows created after 2020-01-01", "Remove a couple months after 21 March 2026"),
        *("remove after 2025-13-01", "remove in 2 weeks", "never remove after 2025-01-01"),
        *("drop Python 3.8", "Python 3.8 has no such method", "fails when on fire", "remove in Python 3.12"),
        *("Remove in NetBox v4.7", "when we dropped Python 3.8 it broke", "after we dropped Python 3.8"),
        *("once numpy drops Python 3.8", "don't remove when we drop Python 3.8", "when we drop Python 3.8+"),
        *("when we drop Python 3.8 and Django 3.2", "when we drop Python 3.8, or after 2025"),
        *("once it is in, and when we drop Python 3.8", "when we drop 32 bit support"),
        *("when we drop support for Redis 6", "when psycopg2 is dropped", "when PyPy 8.0.1 gets released!"),
        *("Remove once the API v4 is removed", "when we bump the compute RPC API to v6.0"),
        *(
            "when we drop Python 3.7 Windows support",
            "when it is bumped to 2.0",
            "when version is bumped to 2",
        ),
        "once NumPy 2 is the minimum supported version and Pandas 3 is too",
        "once NumPy 2 is the minimum supported version on Windows",
        *("Remove in version 3.0 of the object", "when the schema version 2 is dropped"),
        "once support for managing Python <3.11 environments dropped",
        "when Django 4.2 is required by the plugin",
        *("see #123", "fixed in #123", "add a fix for #123", "when #123 is hit, this fails", "caused by #12"),
        *("don't remove until we know that #123 works", "once https://example.com/issues/7 is closed"),
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert conditions.read(text) is None


@pytest.mark.parametrize(
    "text",
    [
        # What was done, and what was so at some time.
        *("removed in 2019", "what was deleted in 2021", "support was dropped in 2015, tests are still here"),
        *(
            "they dropped it in 2021.",
            "removed in 2.0",
            "dropped in 2.0, use bar",
            "deleted in 1.8; see there",
        ),
        *("before 2012-01-01: no data", "until 2018, this was handled by foo", "after 2025, it is different"),
        # What happens then, or has to be said then.
        *("fails when we're on Python 3.9", "segfaults when on numpy 2", "broken after #12 was merged"),
        *("only happens when upgrading to Django 5.0", "this worked until #12 was merged"),
        *("this broke after #12 landed", "fails once #12 is merged", "notify bob when #12 is closed"),
        *("this will break when we upgrade to Django 5.0", "test what happens when we drop Python 3.8"),
        *("used when Django 4 is required", "raise an error when Python 3.8 is not supported"),
        # Days and versions of something else.
        *("add a test where the token expires on 2020-01-01", "a fixture with expiry date 2020-01-01"),
        *(
            "delete after 2000",
            "remove code for 1.0",
            "remove after 1.1.2020",
            "regression after 1.5 release",
        ),
        *("the numpy API changed after the 2.0 release", "remove the numpy hack once 2.0 is released"),
        *("mongo workaround, remove when 3.6 is dropped", "for protobuf: remove when 3.9 is the minimum"),
        *("remove when upstream #12 is fixed", "remove when #12 is fixed (on launchpad)"),
        # What is denied, or not all of it.
        *("cannot remove this after 2020-01-01", "shouldn't be removed after 2020-01-01"),
        *("no need to remove after 2020-01-01", "don't ever remove after 2020-01-01"),
        *("not a workaround for acme/shop#7", "replace the workaround for acme/shop#7 by a better one"),
        *("remove once Python 3.8 is dropped (and #13 is fixed)", "remove in 2.0 (unless bob needs it)"),
        *("remove once Python 3.8 is dropped; also needs #13", "when we drop Python 3.8 - not before 2030"),
        *("remove after 2025-01-01 (2030 for LTS)", "remove after 2025-01-01. No, after 2030-01-01"),
    ],
)
def test_a_story_and_half_a_condition_are_none(text: str) -> None:
    assert conditions.read(text) is None


@pytest.mark.parametrize(
    ("bracket", "told"),
    [
        *(("2026-11-01", "2026-11-01"), ("2026-11", "2026-11-01"), ("expires 2026-11-01", "2026-11-01")),
        *(("py>=3.12", "python >= 3.12"), ("python > 3.8", "python > 3.8"), ("Django>=4.2", "django >= 4.2")),
        *(("own>=2.0", "own >= 2.0"), ("py38", "python > 3.8"), ("bob", None)),
        *(("#123 closed", "#123 closed"), ("#123", "#123 closed"), ("GH-12 is fixed", "#12 closed")),
        *(("Acme/Shop#7 merged", "acme/shop#7 closed"), ("#123 reopened", None), ("SHOP-12 closed", None)),
        ("https://github.com/acme/shop/pull/7#issuecomment-1", "acme/shop#7 closed"),
        *(("+httpx", "+httpx"), ("-Six", "-six"), ("- six", None), ("httpx", None)),
        *(("py>=3.12, -six", "python >= 3.12, -six"), ("py>=3.12, soon", None), ("py>=3.12,", None)),
    ],
)
def test_brackets_are_a_grammar(bracket: str, told: str | None) -> None:
    assert _told(conditions.read("remove in 1.0", bracket=bracket)) == told


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        *(("2019-01-01", None), ("ann", None), ("1.10", None), ("until 2026-11-01", "2026-11-01")),
        *(("PY311", "python > 3.11"), ("numpy>=2.5", "numpy >= 2.5"), ("#123", None), ("-ann", None)),
    ],
)
def test_a_day_in_parentheses_is_one_of_writing(owner: str, told: str | None) -> None:
    assert _told(conditions.read("fix this", owner=owner)) == told


@pytest.mark.parametrize(
    ("text", "facts", "due"),
    [
        ("when we drop Python 3.8", Facts(_TODAY, floor=(3, 8)), False),
        ("when we drop Python 3.8", Facts(_TODAY, floor=(3, 9)), True),
        ("when we drop Python 2", Facts(_TODAY, floor=(3, 9)), True),
        ("when we drop Python 3", Facts(_TODAY, floor=(3, 14)), False),
        ("when Python 3.9 is the minimum", Facts(_TODAY, floor=(3, 9)), True),
        ("when we drop Python 3.8", Facts(_TODAY), None),
        ("when we drop 3.8", Facts(_TODAY, floor=(3, 9), own_version=Version("3.9")), None),
        ("when we drop 3.8", Facts(_TODAY, floor=(3, 9), own_version=Version("2.1")), True),
        ("remove in 3.8", Facts(_TODAY, floor=(3, 9), own_version=Version("3.9")), None),
        ("remove in 2.0", Facts(_TODAY, own_version=Version("2.0.dev1")), False),
        ("remove in 2.0", Facts(_TODAY, own_version=Version("2.0.1")), True),
        ("when we drop Django 4.2", Facts(_TODAY, dependencies={"django": Version("4.2.9")}), False),
        ("when we drop Django 4.2", Facts(_TODAY, dependencies={"django": Version("5.0")}), True),
        ("when we drop Django 4.2", Facts(_TODAY), None),
        ("remove in 2.0", Facts(_TODAY, own_version=Version("11.4")), True),
        ("remove in 2.0", Facts(_TODAY, own_version=Version("34.0.0")), None),
        ("remove in version 2.0", Facts(_TODAY, own_version=Version("2026.10.1")), None),
        ("remove on 2026-11-24", Facts(_TODAY), True),
        ("remove after 2026-11-24", Facts(_TODAY), False),
    ],
)
def test_the_facts_say_whether_it_is_due(text: str, facts: Facts, due: bool | None) -> None:  # noqa: FBT001 -- expected
    condition = conditions.read(text)
    assert condition is not None
    assert conditions.due(condition, facts) is due


def test_a_workaround_waits_for_the_issue_beside_it() -> None:
    condition = conditions.read("workaround for https://github.com/acme/shop/issues/7")
    assert isinstance(condition, Closed)
    assert (str(condition.issue), condition.confidence) == ("acme/shop#7", Confidence.GUESSED)


@pytest.mark.parametrize(
    ("bracket", "due"),
    [
        *(("#1 closed", True), ("#2 closed", False), ("#3 closed", False), ("#4 closed", None)),
        *(("+httpx", True), ("+six", False), ("-six", True), ("-httpx", False)),
        *(("#1 closed, -six", True), ("#1 closed, -httpx", False), ("#1 closed, #4 closed", None)),
        ("#4 closed, -httpx", False),
    ],
)
def test_brackets_are_compared_with_the_facts(bracket: str, due: bool | None) -> None:  # noqa: FBT001 -- expected
    issues = {
        "#1": Ticket(Progress.DONE, "2026-01-01"),
        "#2": Ticket(Progress.OPEN),
        "#3": Ticket(Progress.DROPPED, "2026-01-01"),
    }
    condition = conditions.read("", bracket=bracket)
    assert condition is not None
    facts = Facts(_TODAY, issues=issues, listed=frozenset({"httpx"}))
    assert conditions.due(condition, facts) is due


def test_without_manifests_nobody_knows_what_is_listed() -> None:
    condition = conditions.read("", bracket="-six")
    assert condition is not None
    assert conditions.due(condition, Facts(_TODAY)) is None


@given(st.dates(date(2001, 1, 1), date(2098, 1, 1)), st.dates(date(2001, 1, 1), date(2098, 1, 1)))
def test_a_day_is_due_from_then_on(day: date, today: date) -> None:
    condition = conditions.read("x", bracket=day.isoformat())
    assert condition == Day(day, day.isoformat(), Confidence.STATED)
    assert conditions.due(condition, Facts(today)) is (today >= day)
    after = conditions.read(f"remove after {day.isoformat()}")
    assert isinstance(after, Day)
    assert after.day == day + timedelta(days=1)


@given(st.integers(3, 20), st.integers(3, 20))
def test_what_is_dropped_is_below_the_floor(minor: int, floor: int) -> None:
    facts = Facts(_TODAY, floor=(3, floor))
    dropped = conditions.read(f"when we drop Python 3.{minor}")
    required = conditions.read(f"when we require Python 3.{minor}")
    assert isinstance(dropped, Reached)
    assert isinstance(required, Reached)
    assert conditions.due(dropped, facts) is (floor > minor)
    assert conditions.due(required, facts) is (floor >= minor)
