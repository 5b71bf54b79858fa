"""What a comment tells us: one command in its first line, or a sentence about what was not understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import commands, marker
from workers.commands import Command, Misunderstood, Verb

NOW = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("/kotsu rebase", "rebase"),
        ("/KOTSU  Snooze   30d  \r\nbecause of the release", "Snooze 30d"),
        ("/kotsu", ""),
        ("/kotsu\nnever", ""),
        ("/kotsu why django", "why django"),
    ],
)
def test_the_first_line_counts(body: str, said: str) -> None:
    assert commands.spoken(body) == said


@pytest.mark.parametrize(
    "body",
    [
        "> /kotsu never",
        " /kotsu never",
        "\n/kotsu never",
        "please /kotsu never",
        "`/kotsu never`",
        "/kotsudo never",
        "/kotsu/never",
        "/kotsu-never",
        "",
    ],
)
def test_what_is_quoted_indented_or_said_later_is_not_for_us(body: str) -> None:
    assert commands.spoken(body) is None


@pytest.mark.parametrize("verb", [v for v in Verb if v not in (Verb.SNOOZE, Verb.WHY)])
def test_each_command_is_known_in_any_case(verb: Verb) -> None:
    assert commands.read(verb.upper(), NOW) == Command(verb)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("snooze", "2026-04-30"),
        ("snooze 30d", "2026-04-30"),
        ("snooze 2W", "2026-04-14"),
        ("snooze 1 week", "2026-04-07"),
        ("snooze 1m", "2026-04-30"),
        ("snooze 11m", "2027-02-28"),
        ("snooze 1d", "2026-04-01"),
        ("snooze 2026-12-31", "2026-12-31"),
        ("snooze 365d", "2027-03-31"),
    ],
)
def test_a_snooze_knows_its_end(said: str, day: str) -> None:
    found = commands.read(said, NOW)
    assert isinstance(found, Command)
    assert found.until is not None
    assert f"{found.until:%Y-%m-%d}" == day


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("snooze 0d", "is over already"),
        ("snooze 2026-03-30", "is over already"),
        ("snooze 2026-03-31", "is over already"),
        ("snooze 13m", "more than a year"),
        ("snooze 999999d", "more than a year"),
        ("snooze 2028-01-01", "more than a year"),
        ("snooze 2026-02-30", "is no time"),
        ("snooze tomorrow", "is no time"),
        ("snooze -1d", "is no time"),
        ("snooze 99999999d", "is no time"),
        ("rebse", "did you mean `/kotsu rebase`?"),
        ("xyzzy", "Commands: `/kotsu rebase`"),
        ("never ever", "takes nothing behind it"),
        ("help me", "takes nothing behind it"),
    ],
)
def test_what_cannot_be_done_is_told_with_the_way_out(said: str, words: str) -> None:
    found = commands.read(said, NOW)
    assert isinstance(found, Misunderstood)
    assert words in found.sentence


def test_why_takes_a_name_and_not_too_much_of_it() -> None:
    assert commands.read("why", NOW) == Command(Verb.WHY)
    assert commands.read("why upgrade-dependency/django", NOW) == Command(
        Verb.WHY, "upgrade-dependency/django"
    )
    assert commands.read("why " + "x" * 999, NOW) == Command(Verb.WHY, "x" * 200)


def test_the_table_has_every_command() -> None:
    assert set(commands.MEANINGS) == {*Verb}
    assert all(f"`/kotsu {verb}" in commands.help_table() for verb in Verb)


@given(said=st.text(max_size=400))
def test_whatever_is_said_there_is_one_answer(said: str) -> None:
    body = commands.spoken(f"/kotsu {said}")
    assert body is not None
    found = commands.read(body, NOW)
    if isinstance(found, Misunderstood):
        assert len(found.sentence) < 1_000
    elif found.until:
        assert NOW < found.until <= NOW + timedelta(days=366)


def test_what_is_nested_without_end_says_nothing_of_a_pull_request() -> None:
    body = f'<!-- kotsu: {{"parts": {"[" * 100_000}}} -->\n\nText'
    assert marker.metadata(body) == {}
