"""Who closed a pull request, and what they said of it at the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import last_words
from workers.conversation import Conversation, Did, Happened

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANN, BOB, KOTSU = "ann", "bob", "kotsu[bot]"


def said(text: str, who: str = ANN, hours: float = 0, did: Did = Did.COMMENTED) -> Happened:
    return Happened(did, who, NOON + timedelta(hours=hours), person=not who.endswith("[bot]"), text=text)


def end(who: str = ANN, hours: float = 0) -> Happened:
    return said("", who, hours, Did.CLOSED)


def read(*events: Happened, word: str = "") -> tuple[str, str]:
    return last_words.read(Conversation(tuple(sorted(events, key=lambda e: e.at))), word)


def test_who_closes_without_a_word_gives_no_reason() -> None:
    assert read(end()) == (ANN, "")
    assert read(said("I like it", BOB), end()) == (ANN, "")


def test_what_the_closer_said_near_the_end_is_the_reason() -> None:
    assert read(said("We pin this.", hours=-1), end()) == (ANN, "We pin this.")
    assert read(said("An older word", hours=-30), end()) == (ANN, "")
    assert read(said("First", hours=-2), said("Not now", hours=-1, did=Did.REVIEWED), end()) == (
        ANN,
        "Not now",
    )
    assert read(end(), said("Sorry, a mistake of mine", hours=1)) == (ANN, "Sorry, a mistake of mine")


def test_the_last_closing_counts() -> None:
    events = (said("No", hours=-50), end(hours=-49), said("", BOB, -40, Did.REOPENED), end(BOB))
    assert read(*events) == (BOB, "")


def test_a_command_is_the_reason_of_whoever_gave_it() -> None:
    ours = said("`/kotsu never`: it is closed for good.", KOTSU)
    assert read(said("/kotsu never", BOB, -1), ours, end(KOTSU), word="never") == (BOB, "/kotsu never")
    assert read(said("/kotsu  Snooze 30d\r\n\r\nAfter the fair.", BOB, -1), end(KOTSU), word="snooze") == (
        BOB,
        "/kotsu Snooze 30d",
    )


def test_a_box_is_a_command_of_nobody_known() -> None:
    assert read(said("/kotsu why", BOB, -1), end(KOTSU), word="never") == (KOTSU, "/kotsu never")


def test_where_we_close_our_sentence_is_the_reason() -> None:
    ours = said("`tests` has failed, so it is closed.\n\n<!-- kotsu-said: closed:red -->\n", KOTSU)
    assert read(said("/kotsu why", BOB, -1), ours, end(KOTSU), word="red") == (
        KOTSU,
        "`tests` has failed, so it is closed.",
    )


def test_what_nobody_tells_is_not_known() -> None:
    assert read(said("No")) == ("", "")
    assert last_words.read(Conversation(whole=False), "red") == ("", "")


PARAGRAPHS = {
    "the first": ("Not here.\nNor there.\n\nBecause of this and that.", "Not here. Nor there."),
    "no quotation": ("> Shall we?\n> Yes?\n\nNo.", "No."),
    "nothing hidden": ("<!-- a template\n\nof theirs -->\nNo.", "No."),
    "nothing hidden to the end": ("No. <!-- and so on", "No."),
    "no signs that nobody sees": ("No\u202e \x00\x1b[31mway", "No [31mway"),
    "nothing": (" \n\n\t\n", ""),
}


@pytest.mark.parametrize(("text", "kept"), PARAGRAPHS.values(), ids=PARAGRAPHS)
def test_a_paragraph_is_kept(text: str, kept: str) -> None:
    assert read(said(text), end()) == (ANN, kept)


@given(st.text(max_size=900))
def test_whatever_is_said_is_one_short_line(text: str) -> None:
    _, kept = read(said(text), end())
    assert len(kept) <= last_words.LONGEST
    assert kept.isprintable()
    assert kept == kept.strip()
