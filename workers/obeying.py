"""What people can have done with one pull request of ours: build it anew, put it off, split it, drop it."""

from __future__ import annotations

from datetime import datetime, timedelta

from workers import calm, marker, parting, whynot
from workers.answered import Word
from workers.commands import Command
from workers.ledger import ProposalRow
from workers.messages import Priority
from workers.model import State
from workers.parting import Ours
from workers.wants import Config

MONTH = timedelta(days=30)
_GROUP = "-group"


Answer = tuple[bool, str]
"""Whether it is done, and the sentence that says so."""


def rebase(ours: Ours, _: Command) -> Answer:
    """Build it anew on the newest base."""
    if ours.pull.state != State.OPEN:
        return False, f"It is {ours.pull.state}: there is nothing to build anew."
    _scan(ours, rebase=[ours.row.key])
    return True, "It is built anew on the newest base."


def recreate(ours: Ours, _: Command) -> Answer:
    """Make it as if it were new; where it is closed, open it again."""
    key, state = ours.row.key, ours.pull.state
    if state == State.MERGED:
        return False, "It is merged: there is nothing to make anew."
    if state == State.OPEN:
        _scan(ours, recreate=[key])
        return True, "It is made as if it were new."
    other = next((r for r in _open(ours) if r.key == key), None)
    if other is not None:
        return False, f"This one is closed; the same is proposed in {whynot.where(other.number, other.key)}."
    if parting.reopen(ours):
        _scan(ours, recreate=[key])
        return True, "It is open again, and made as if it were new."
    parting.release(ours, Word.WANTED)
    _scan(ours, recreate=[key])
    return (
        True,
        "Its branch is another by now: a new pull request follows if there is something to do.",
    )


def snooze(ours: Ours, command: Command) -> Answer:
    """Close it until a moment; then it comes back by itself."""
    if refusal := _not_open(ours, Word.SNOOZE):
        return False, refusal
    until = command.until or ours.here.clock() + MONTH
    _close(ours, Word.SNOOZE, until)
    return True, f"It is closed, and comes back on {until:%Y-%m-%d} if there is still something to do."


def ignore(ours: Ours, _: Command) -> Answer:
    """Close it for these versions."""
    if refusal := _not_open(ours, Word.IGNORE):
        return False, refusal
    _close(ours, Word.IGNORE)
    if not ours.row.versions:
        return True, "It is closed, and will not be proposed again."
    versions = ", ".join(map(calm.code, ours.row.versions[:10]))
    more = " and the others" if len(ours.row.versions) > 10 else ""  # noqa: PLR2004 -- the same ten
    return True, f"It is closed: {versions}{more} will not be proposed again, other versions may be."


def never(ours: Ours, _: Command) -> Answer:
    """Close it for good, and show the line that says so for everybody."""
    if refusal := _not_open(ours, Word.NEVER):
        return False, refusal
    _close(ours, Word.NEVER)
    if not ours.row.improvement:
        return True, "It is closed, and this repository is left alone until it has a kotsu.yml."
    key = ours.row.key if "/" in ours.row.key else ours.row.improvement
    return True, (
        "It is closed, and will not be proposed again. In `.github/kotsu.yml` these lines say the same:\n\n"
        f"```yaml\n{Config.snippet(key)}```"
    )


def split(ours: Ours, _: Command) -> Answer:
    """Close a group and let its members come one by one."""
    names = tuple(dict.fromkeys(v.partition("==")[0] for v in ours.row.versions))
    if not ours.row.key.endswith(_GROUP) or len(names) < 2:  # noqa: PLR2004 -- a group has two
        part = ours.row.parts > 1
        why = "it is one part of a large improvement" if part else "it is about one thing"
        return False, f"There is nothing to split: {why}."
    if refusal := _not_open(ours, Word.SPLIT):
        return False, refusal
    trials, repository_id = ours.here.book.trials, ours.row.repository_id
    if not trials.apart(repository_id).issuperset(names):
        trials.put_apart(repository_id, ours.row.key, names, ours.here.clock())
    _close(ours, Word.SPLIT)
    return True, f"It is closed; its {len(names)} members come one by one, as the limits allow."


def _scan(ours: Ours, **asked: list[str]) -> None:
    """Queue a look at the repository, with what was asked of single keys; a person waits for it."""
    ours.here.scan_soon(ours.row.repository_id, ours.job.installation_id or 0, Priority.PERSON, **asked)


def _close(ours: Ours, word: Word, until: datetime | None = None) -> None:
    """Close it with a word, and see what has room now."""
    parting.close(ours, word, until=until)
    _scan(ours)


def _open(ours: Ours) -> list[ProposalRow]:
    return ours.here.book.proposals(ours.row.repository_id, State.OPEN)


def _not_open(ours: Ours, word: Word) -> str:
    """Return why it cannot be closed, ``""`` where it can, or where this very word has closed it already."""
    said = marker.word(marker.metadata(ours.pull.body))
    if ours.pull.state == State.OPEN or (ours.pull.state == State.CLOSED and word in (ours.row.word, said)):
        return ""
    return f"It is {ours.pull.state} already."
