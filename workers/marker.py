"""Reads and writes what a pull request of ours says of itself, in the comment at the front of its body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from workers import calm
from workers.wording import LOGIN

_METADATA = re.compile(r"\A<!-- kotsu: (\{.*?\}) -->")
_MOST = 10_000
_MEMBER = re.compile(r"[!-~]{1,300}")
_LONGEST_WORD = 20


def metadata(body: str) -> Mapping[str, object]:
    """Return what a pull request of ours says of itself in the comment at the front of its body."""
    found = _METADATA.match(body)
    try:
        said = json.loads(found[1]) if found else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def with_metadata(body: str, **changes: object) -> str:
    """Return a body that says other things of itself; what is None is not said any more."""
    found = _METADATA.match(body)
    said = {name: value for name, value in {**metadata(body), **changes}.items() if value is not None}
    rest = body[found.end() :] if found else f"\n\n{body}"
    return f"<!-- kotsu: {calm.data(said)} -->{rest}"


def word(about: Mapping[str, object]) -> str:
    """Return the word with which a pull request of ours says that it was closed; ``""`` without one."""
    said = about.get("word")
    return said if isinstance(said, str) and said.isalpha() and len(said) <= _LONGEST_WORD else ""


def until(about: Mapping[str, object]) -> datetime | None:
    """Return the moment up to which the word counts; None without one."""
    return _moment(about.get("until"))


def changed(about: Mapping[str, object]) -> datetime | None:
    """Return since when a pull request of ours proposes what it does; None where it never was another."""
    return _moment(about.get("changed"))


def versions(about: Mapping[str, object]) -> tuple[str, ...]:
    """Return what a pull request of ours says it moves to, ``name==version``."""
    return tuple(name for name in _names(about.get("versions")) if name and not set(name) & set(" \t\r\n"))


def apart(about: Mapping[str, object]) -> tuple[str, ...]:
    """Return the members of a group that a pull request of ours says go alone, ``name==version``."""
    return tuple(name for name in _names(about.get("apart")) if _MEMBER.fullmatch(name))


def answers(about: Mapping[str, object]) -> tuple[str, ...]:
    """Return the weaknesses that a pull request of ours says it fixes, each by one name."""
    return _names(about.get("answers"))


def marks(about: Mapping[str, object]) -> tuple[str, ...]:
    """Return the marks of the files that a pull request of ours says it changes."""
    return tuple(name for name in _names(about.get("files")) if name.isalnum())


def parts(about: Mapping[str, object]) -> int:
    """Return how many parts there were when a pull request of ours was written; 1 is the whole."""
    said = about.get("parts")
    return said if isinstance(said, int) and 1 < said <= _MOST else 1


def price(about: Mapping[str, object]) -> Mapping[str, object]:
    """Return what a pull request of ours says that it costs: minutes, whose, and whether beyond a budget."""
    cost, team = about.get("cost"), about.get("team")
    return {
        "cost": cost if isinstance(cost, int) and 0 < cost <= _MOST else 0,
        "team": team if isinstance(team, str) and LOGIN.fullmatch(team) else "",
        "overdraft": about.get("overdraft") is True,
    }


def _moment(said: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _names(said: object) -> tuple[str, ...]:
    return tuple(name for name in said if isinstance(name, str)) if isinstance(said, list) else ()
