"""The configuration of one repository: what holds, who said so, and what another file would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.pages.view import Cell, Column, Figure, Shown, Table, View

if TYPE_CHECKING:
    from workers.config import Broken, Config
    from workers.effective import Known, Value
    from workers.located import Mistake

PATH = "/configuration/{owner}/{name}"
NAME = "configured"
TITLE = "Configuration"

_PASTED = "kotsu.yml"
_VALUES = (
    Column("name", "Key", about="key-of-configuration"),
    Column("value", "Holds"),
    Column("origin", "Said by", about="origin"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a ``text``: ``changes`` is None where nothing of it would hold."""

    text: str
    mistakes: Sequence[Mistake]
    changes: Sequence[tuple[Value | None, Value | None]] | None


def show(view: View) -> Shown:
    """Show what held for a repository when it was scanned last."""
    return _shown(view, _known(view), None)


def checked(view: View, text: str) -> Shown:
    """Show the same with what is wrong in a text that somebody pasted, and what it would change."""
    from workers import config  # noqa: PLC0415 -- loads YAML and models, which a process that starts does not need

    known = _known(view)
    is_common = view.repository.name.lower() == config.COMMON
    found = config.read(text.replace("\r\n", "\n"), _PASTED, organisation=is_common)
    return _shown(view, known, _verdict(text, found, known))


def _known(view: View) -> Known | None:
    from workers import effective  # noqa: PLC0415 -- the same

    key = effective.key(view.repository.id)
    return effective.read(view.book.recall([key]).get(key, ""))


def _shown(view: View, known: Known | None, verdict: Verdict | None) -> Shown:
    from workers import effective  # noqa: PLC0415 -- the same

    values = effective.values(known) if known else ()
    rows = [_cells(value) for value in values]
    said = [value for value in values if value.origin is not effective.Origin.DEFAULT]
    figures = [Figure("said", "Said by somebody", len(said), "origin", "#values")] if known else []
    unknown = "Nothing is known yet: it is read with the next look at the repository."
    return Shown(
        figures,
        [Table("values", "What holds", _VALUES, rows, unknown)],
        {"verdict": verdict, "pasted": _PASTED},
        title=f"Configuration of {view.repository.full_name}",
        lead=_lead(known),
    )


def _lead(known: Known | None) -> str:
    if known is None:
        return ""
    where = (
        f"`{known.path}` of commit {known.commit[:12]}"
        if known.path
        else "The repository has no file of its own"
    )
    if not known.mistakes and known.holds:
        return f"{where}, read {known.at:%Y-%m-%d %H:%M} UTC{': no mistakes' if known.path else ''}."
    first = known.mistakes[0] if known.mistakes else "the organisation's file cannot be read"
    then = "What is not in doubt holds." if known.holds else "Nothing is proposed until it is mended."
    return f"{where} has mistakes: {first}. {then}"


def _cells(value: Value) -> Mapping[str, Cell]:
    return {"name": value.name, "value": value.value, "origin": value.origin.value}


def _verdict(text: str, found: Config | Broken, known: Known | None) -> Verdict:
    """Return the mistakes of a text, and what it would change as far as it holds."""
    from workers import config, effective  # noqa: PLC0415 -- the same

    if not isinstance(found, config.Broken):
        return Verdict(text, (), effective.changed(known or effective.NOTHING, found))
    sound = found.sound
    pairs = None if sound is None else effective.changed(known or effective.NOTHING, sound)
    return Verdict(text, found.mistakes, pairs)
