"""Reads what people tell us in the first line of a comment: one command, or what was not understood."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType

from workers import calm


class Verb(StrEnum):
    """What can be told us."""

    REBASE = "rebase"
    RECREATE = "recreate"
    SNOOZE = "snooze"
    IGNORE = "ignore"
    NEVER = "never"
    WHY = "why"
    SPLIT = "split"
    HELP = "help"


MEANINGS: Mapping[Verb, tuple[str, str]] = MappingProxyType(
    {
        Verb.REBASE: ("rebase", "builds the change anew on the newest base"),
        Verb.RECREATE: ("recreate", "makes it as if it were new, and opens it again where it is closed"),
        Verb.SNOOZE: ("snooze 30d", "closes it until then: `30d`, `2w`, `3m` or `2026-12-31`"),
        Verb.IGNORE: ("ignore", "closes it; a newer version may be proposed"),
        Verb.NEVER: ("never", "closes it for good, whatever comes"),
        Verb.WHY: ("why NAME", "tells what is known of a name, or of this pull request"),
        Verb.SPLIT: ("split", "closes a group; its members come one by one"),
        Verb.HELP: ("help", "shows this table"),
    }
)
"""How each command is written, and what it does."""

LONGEST = 200
"""Characters of what somebody wrote that are repeated at most."""
SHORTEST_SNOOZE, LONGEST_SNOOZE = timedelta(days=1), timedelta(days=366)
_CALL = re.compile(r"/kotsu(?![\w/-])[ \t]*([^\r\n]*)", re.IGNORECASE)
_SPAN = re.compile(r"([0-9]{1,6}) ?(d|days?|w|weeks?|m|months?)", re.IGNORECASE)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody wants: a name to tell about (``why``), or the moment up to which to wait (``snooze``)."""

    verb: Verb
    name: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """What nobody understands, with the sentence that says so."""

    sentence: str


def spoken(body: str) -> str | None:
    """Return what a comment tells us, in one line without our name; None when it does not speak to us.

    Only its very first characters count: what is quoted, indented or said later is not for us.
    """
    found = _CALL.match(body)
    return " ".join(found[1].split()) if found else None


def read(said: str, now: datetime) -> Command | Misunderstood:
    """Return the command; ``said`` is what `spoken` returns, ``now`` is UTC."""
    first, _, rest = said.partition(" ")
    word = first.lower()
    if not word:
        return Command(Verb.HELP)
    if word not in {*Verb}:
        near = get_close_matches(word, [*Verb], 1)
        hint = f": did you mean `/kotsu {near[0]}`?" if near else "."
        return Misunderstood(f"I do not know {_quoted(first)}{hint} {help_line()}")
    verb, argument = Verb(word), rest.strip()
    if verb is Verb.WHY:
        return Command(verb, argument[:LONGEST])
    if verb is Verb.SNOOZE:
        return _snooze(argument, now)
    if argument:
        return Misunderstood(f"`/kotsu {verb}` takes nothing behind it, and here stands {_quoted(argument)}.")
    return Command(verb)


def _snooze(argument: str, now: datetime) -> Command | Misunderstood:
    until = _moment(argument or "30d", now)
    if until is None:
        return Misunderstood(
            f"{_quoted(argument)} is no time: write `30d`, `2w`, `3m`, or a day such as `2026-12-31`."
        )
    if until < now + SHORTEST_SNOOZE and until.date() <= now.date():
        return Misunderstood(f"{_quoted(argument)} is over already or less than a day: choose a later day.")
    if until > now + LONGEST_SNOOZE:
        return Misunderstood(
            f"{_quoted(argument)} is more than a year: choose an earlier day, or say `/kotsu never`."
        )
    return Command(Verb.SNOOZE, until=until)


def _moment(argument: str, now: datetime) -> datetime | None:
    if _DAY.fullmatch(argument):
        try:
            return datetime.combine(date.fromisoformat(argument), time(), UTC)
        except ValueError:
            return None
    found = _SPAN.fullmatch(argument)
    if found is None:
        return None
    count, unit = int(found[1]), found[2][0].lower()
    if unit == "m":
        return _months_later(now, count)
    return now + timedelta(days=min(count * (7 if unit == "w" else 1), 9_999))


def _months_later(now: datetime, count: int) -> datetime:
    """Return the same day some months later, or the last day of a month that is shorter."""
    month = now.month - 1 + min(count, 999)
    year, month = now.year + month // _MONTHS, month % _MONTHS + 1
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


def _quoted(text: str) -> str:
    """Return what somebody wrote, as code and not too much of it."""
    return calm.code(text if len(text) <= LONGEST else text[:LONGEST] + "…")


def help_line() -> str:
    """Return the commands in one line."""
    return "Commands: " + ", ".join(f"`/kotsu {verb}`" for verb in Verb) + "."


def help_table() -> str:
    """Return the commands as a table."""
    rows = (f"| `/kotsu {written}` | {does} |" for written, does in MEANINGS.values())
    return "\n".join(("| command | does |", "| :-- | :-- |", *rows))
