"""Decides which promises get an issue of their own, and which issues have come to their end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from codemods import quoted, standing, suppressions
from codemods.debts import Debt
from workers import calm, marker
from workers.model import State, mark
from workers.wants import Todo

_LONGEST_TITLE = 80
_GONE = "gone"
"""The word with which we close an issue whose promise is gone: it is no person's answer."""


@dataclass(frozen=True, slots=True)
class Noted:
    """An issue of ours as it stands on GitHub."""

    number: int
    state: str
    body: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """An issue as it will be written; ``key`` is that of its promise."""

    key: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Steps:
    """What is to be done: issues to open anew, closed ones to open again, open ones to close."""

    open: Sequence[Reminder] = ()
    reopen: Sequence[tuple[Noted, Reminder]] = ()
    close: Sequence[tuple[Noted, str]] = ()


def key_of(debt: Debt) -> str:
    """Return the identity of a promise: what it says, wherever it stands by now."""
    return mark(" ".join(f"{debt.promise.tag} {standing.shown(debt.promise)}".lower().split()))


def wanted(debts: Iterable[Debt], asked: Todo, address: str) -> Mapping[str, Reminder]:
    """Return the issues that promises ask for, each once; ``address`` is that of the pages of the files.

    What has few words or characters says too little for an issue; what is skipped or silenced until another
    one is done has one already.
    """
    found: dict[str, Reminder] = {}
    for debt in debts:
        text = debt.promise.text
        if debt.promise.tag in suppressions.TAGS:
            continue
        if len(re.findall(r"\w+", text)) >= asked.words and len(text) >= asked.length:
            key = key_of(debt)
            found.setdefault(key, _reminder(key, debt, address))
    return found


def steps(found: Mapping[str, Reminder], noted: Iterable[Noted], is_unread: Callable[[str], bool]) -> Steps:
    """Return what brings our issues in step with the promises; what a person closed or opened again stays so.

    Where a file ``is_unread`` nobody knows what became of its promises: their issues stay as they are.
    """
    known = {str(said["todo"]): (one, said) for one in noted if "todo" in (said := marker.metadata(one.body))}
    new = [reminder for key, reminder in found.items() if key not in known]
    again, close = [], []
    for key, (one, said) in known.items():
        is_open = one.state == State.OPEN
        was_gone = marker.word(said) == _GONE
        if key in found and not is_open and was_gone:
            again.append((one, found[key]))
        if key not in found and is_open and not was_gone and not is_unread(str(said.get("path"))):
            close.append((one, marker.with_metadata(one.body, word=_GONE)))
    return Steps(new, again, close)


def _reminder(key: str, debt: Debt, address: str) -> Reminder:
    promise, stood = debt.promise, debt.stood
    title = calm.title(f"{promise.tag}: {quoted.without_secrets(promise.text)}")
    short = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
    place = f"{address}/{quote(debt.path, errors='replace')}#L{promise.line}"
    state = calm.line("; ".join(filter(None, (stood.standing.value, stood.why))))
    name = calm.code(f"{debt.path}:{promise.line}")
    body = (
        f"{quoted.span(standing.shown(promise))}\n\n[{name}]({place}): {state}."
        "\n\nThis issue is closed when the comment is gone; close it yourself, and it stays closed."
    )
    return Reminder(key, short, marker.with_metadata(body, todo=key, path=debt.path))
