"""The issue that shows one repository: what is open, waiting and withheld, what was said, what was found."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from urllib.parse import quote

from codemods import quoted, standing
from workers import boxes, calm, owed, whynot
from workers.boxes import Box
from workers.messages import DASHBOARD
from workers.model import Stage
from workers.owed import Digest
from workers.reasons import Reason

TITLE = "Kotsu dashboard"
_FRONT, _LONGEST = 15_000, 60_000
"""Characters of the part about pull requests, and of the whole, at most; GitHub takes 65,536."""
_ROW = 2_000
_SEAM = "\n\n<!-- kotsu-scan -->\n\n"
"""What parts the body in two: what others wrote is one line each, so it cannot look like this."""
_HEAD = re.compile(rf"{re.escape(DASHBOARD)}: (\{{.*?\}}) -->")
_HURRIED = frozenset(r.id for r in Reason if r.passes or r is Reason.REPOSITORY_PAUSED)
_INTRODUCTION = (
    "What Kotsu does here. A box that is ticked is done at the next moment; `/kotsu why NAME` in a comment "
    "tells what is known of a name, `/kotsu help` what else can be said. Close this issue to be rid of it."
)
_WAITING = (
    ("Waiting for review", (Stage.READY,)),
    ("Waiting for checks", (Stage.DRAFT, Stage.BRANCH)),
    ("Red: nobody is asked", (Stage.RED,)),
    ("Drafts of people: left alone", (Stage.HELD,)),
)
_ASKED = frozenset({"now", "never", "again"})
"""What boxes here can ask for."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed pull request that is an answer: its key, its title, its number, and what was said."""

    key: str
    title: str
    number: int
    word: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a file asks for: a name, and the versions as they are written there."""

    path: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last scan came to; ``never`` are keys that somebody refused here, ``problems`` are lines.

    ``wanted`` are keys that somebody asked for, and that are neither there nor refused yet; ``promises`` are
    those in comments that people should read first.
    """

    kept: Sequence[whynot.Kept] = ()
    closed: Sequence[Closed] = ()
    never: Collection[str] = ()
    dependencies: Sequence[Dependency] = ()
    problems: Sequence[str] = ()
    wanted: Collection[str] = ()
    promises: Digest = owed.NOTHING


@dataclass(slots=True)
class _Page:
    """A text that grows up to so many characters, and always ends well."""

    room: int
    parts: list[str] = field(default_factory=list)

    def add(self, heading: str, rows: Iterable[str], *, folded: str = "", reserve: int = 0) -> None:
        """Add a section, with as many of its rows as fit when ``reserve`` characters are kept free."""
        listed = list(rows)
        if not listed:
            return
        top = f"### {heading}\n\n" + (f"<details><summary>{folded}</summary>\n\n" if folded else "")
        end = "\n\n</details>" if folded else ""
        room = self.room - reserve - len(top) - len(end) - 60  # for the row that says how many there are more
        shown = 0
        for row in listed:
            room -= len(row) + 1
            if room < 0:
                break
            shown += 1
        more = [f"- … and {len(listed) - shown} more"] if shown < len(listed) else []
        text = top + "\n".join([*listed[:shown], *more]) + end
        if len(text) + 2 <= self.room:
            self.parts.append(text)
            self.room -= len(text) + 2

    def __str__(self) -> str:
        return "\n\n".join(self.parts)


def render(proposed: Sequence[whynot.Proposed], seen: Seen) -> str:
    """Return the issue's body, of 60,000 characters at most."""
    boxed = sorted(key for key in seen.wanted if Box("now", key).can_be_written)
    said = {"version": 1, "never": sorted(seen.never), **({"wanted": boxed} if boxed else {})}
    head = f"{_head(said)}\n\n{_front(proposed)}{_SEAM}"
    page = _Page(_LONGEST - len(head))
    page.add("Asked for", _asked_for(seen), reserve=20_000)
    page.add("Withheld", _kept(seen), reserve=20_000)
    page.add("Closed: tick what shall be proposed again", _closed(seen), reserve=15_000)
    page.add("Promises in comments", _promises(seen.promises), reserve=8_000)
    files = len({d.path for d in seen.dependencies})
    total = f"{len(seen.dependencies)} in {files} file{'s' * (files != 1)}"
    page.add("Dependencies", _dependencies(seen.dependencies), folded=total, reserve=3_000)
    page.add("Problems", (f"- {calm.line(line)[:_ROW]}" for line in seen.problems))
    return f"{head}{page}\n"


def refreshed(body: str, proposed: Sequence[whynot.Proposed]) -> str:
    """Return a body with its part about pull requests as it is now; the rest is the last scan's."""
    top, seam, rest = body.replace("\r\n", "\n").partition(_SEAM)
    found = _HEAD.match(top)
    return f"{found[0]}\n\n{_front(proposed)}{seam}{rest}" if found and seam else body


def never(body: str) -> frozenset[str]:
    """Return the keys that somebody refused here for good."""
    return _keys(body, "never")


def wanted(body: str) -> frozenset[str]:
    """Return the keys whose boxes were written ticked: of those, one that is empty was unticked."""
    return _keys(body, "wanted")


def _keys(body: str, name: str) -> frozenset[str]:
    names = _said(body).get(name)
    return frozenset(n for n in names if isinstance(n, str)) if isinstance(names, list) else frozenset()


def is_off(body: str) -> bool:
    """Say whether kotsu.yml switched the issue off when it was written last."""
    return _said(body).get("off") is True


def switched(body: str, *, off: bool) -> str:
    """Return a body that says whether kotsu.yml has switched it off."""
    found = _HEAD.match(body)
    said = {**_said(body), "off": off}
    rest = body[found.end() :] if found else f"\n\n{body}"
    return _head(said) + rest


def ticked(body: str) -> Sequence[Box]:
    """Return the boxes of ours that are ticked; what else people write here asks nothing."""
    return [box for box in boxes.ticked(body) if box.verb in _ASKED and box.key]


def _head(said: Mapping[str, object]) -> str:
    return f"{DASHBOARD}: {calm.data(said)} -->"


def _said(body: str) -> Mapping[str, object]:
    found = _HEAD.search(body)
    try:
        said = json.loads(found[1]) if found else {}
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _front(proposed: Sequence[whynot.Proposed]) -> str:
    page = _Page(_FRONT)
    page.parts.append(_INTRODUCTION)
    page.room -= len(_INTRODUCTION)
    for heading, stages in _WAITING:
        page.add(heading, (_open(row) for row in proposed if row.stage in stages), reserve=3_000)
    if len(page.parts) == 1:
        page.parts.append("Nothing is open.")
    return str(page)


def _open(row: whynot.Proposed) -> str:
    beyond = " (beyond a limit or a budget)" if row.overdraft else ""
    waits = whynot.waits_for(row)
    words = "" if waits == whynot.STAGES[Stage.READY] else f": {waits}"
    return f"- {whynot.where(row.number, row.key)} {calm.line(row.title)[:_ROW]}{beyond}{words}"


def _asked_for(seen: Seen) -> Iterator[str]:
    """Yield what is asked for and not there yet, with its box ticked: who unticks it takes it back."""
    titles = {row.key: calm.line(row.title) for row in seen.kept}
    for key in sorted(seen.wanted):
        box, title = Box("now", key), titles.get(key, "It was not found this time: it is looked for again.")
        yield f"{box.on if box.can_be_written else '-'} {calm.code(key)} {title}"[:_ROW]


def _kept(seen: Seen) -> Iterator[str]:
    order = [reason.id for reason in Reason]
    known = sorted(seen.kept, key=lambda row: order.index(row.reason) if row.reason in order else len(order))
    for reason, group in groupby(known, key=lambda row: row.reason):
        words = next((r.value for r in Reason if r.id == reason), reason)
        yield f"- **{calm.line(words)}** (`{reason}`)"
        for row in group:
            yield from _lines(row, words, is_wanted=row.key in seen.wanted)


def _lines(row: whynot.Kept, words: str, *, is_wanted: bool) -> Iterator[str]:
    sentence = "" if row.sentence == words else f": {calm.line(row.sentence)[:_ROW]}"
    text = f"{calm.line(row.title)[:_ROW]} ({calm.code(row.key)}){sentence}"
    if row.reason in _HURRIED and Box("now", row.key).can_be_written:
        # One string, so that it is shown as a whole or not at all.
        refuse = f"      {Box('never', row.key)} never propose it"
        propose = "" if is_wanted else f"      {Box('now', row.key)} propose it now\n"
        yield f"  - {text}\n{propose}{refuse}"
    else:
        yield f"  - {text}"


def _closed(seen: Seen) -> Iterator[str]:
    for row in seen.closed:
        until = f" until {row.until:%Y-%m-%d}" if row.until else ""
        said = f" ({calm.line(row.word)}{until})" if row.word else ""
        yield _again(row.key, f"{whynot.where(row.number, row.key)} {calm.line(row.title)}{said}")
    for key in sorted(set(seen.never) - {row.key for row in seen.closed}):
        yield _again(key, f"{calm.code(key)} (never)")


def _promises(found: Digest) -> Iterator[str]:
    for one in (*found.due, *found.orphaned, *found.oldest):
        stood, promise = one.debt.stood, one.debt.promise
        place = f"{one.debt.path}:{promise.line}"
        path = quote(one.debt.path, errors="replace")
        address = f"{found.address}/{path}#L{promise.line}"
        facts = (stood.standing.value, stood.why, f"since {one.since}" if one.since else "")
        whose = f" ({calm.code(one.owner)})" if one.owner else ""
        said = calm.line("; ".join(filter(None, facts)))
        yield f"- [{calm.code(place)}]({address}): {quoted.span(standing.shown(promise))}{whose}: {said}"[
            :_ROW
        ]
    others = sum(found.counted.values()) - len((*found.due, *found.orphaned, *found.oldest))
    if others:
        yield f"- … and {others} more: `kotsu todo` shows all of them"


def _again(key: str, text: str) -> str:
    box = Box("again", key)
    return f"{box} {text[:_ROW]}" if box.can_be_written else f"- {text[:_ROW]}"


def _dependencies(found: Sequence[Dependency]) -> Iterator[str]:
    for path, group in groupby(sorted(found, key=lambda d: (d.path, d.name)), key=lambda d: d.path):
        names = list(dict.fromkeys(calm.code(f"{d.name} {d.version}".strip()) for d in group))
        row = f"- {calm.code(path)}: "
        for count, name in enumerate(names):
            if len(row) + len(name) > _ROW:
                row += f"… and {len(names) - count} more, "
                break
            row += f"{name}, "
        yield row.removesuffix(", ")
