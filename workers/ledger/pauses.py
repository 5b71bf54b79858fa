"""Pauses: improvements that an organisation or a team does not want, and repositories as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, insert, or_, select, update

from workers.evaluation.pausing import WHOLE
from workers.ledger.tables import pause, repository
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class PauseRow:
    """An improvement that pauses in an installation ``since`` a moment: ``merged`` of ``decided`` were.

    It pauses for one ``team``, or in one repository (``place``, its id), where it names any, else everywhere.
    It ``ended`` at another, by the word of ``ended_by``; only what was opened after that counts again. With
    `WHOLE` as its name the place pauses with all of them, by the word of ``begun_by``; no other has one.
    """

    installation_id: int
    improvement: str
    since: datetime
    merged: int
    decided: int
    ended: datetime | None = None
    ended_by: str = ""
    team: str = ""
    place: int | None = None
    begun_by: str = ""


def holding(connection: Connection, installation_id: int, repository_id: int) -> Sequence[PauseRow]:
    """Return the pauses that hold now in one repository, as a whole or of improvements, for all or a team."""
    here = or_(pause.c.place.is_(None), pause.c.place == repository_id)
    mine = and_(pause.c.installation_id == installation_id, here)
    whole = and_(_IS_WHOLE, pause.c.place == repository_id)
    return _rows(connection, _WANTED.where(pause.c.ended.is_(None), or_(mine, whole)))


@dataclass(frozen=True, slots=True)
class Pauses:
    """The page of the ledger about what pauses; moments are aware."""

    engine: Engine

    def begin(  # noqa: PLR0913 -- the columns of a pause, each named at the call
        self,
        installation_id: int,
        improvement: str,
        now: datetime,
        *,
        merged: int = 0,
        decided: int = 0,
        team: str = "",
        place: int | None = None,
        who: str = "",
    ) -> bool:
        """Let an improvement pause, for a team or in a repository alone if given; false where it does."""
        about = {"installation_id": installation_id, "improvement": improvement, "team": team, "place": place}
        counts = {"merged": merged, "decided": decided}
        with writing(self.engine) as connection:
            if place is not None:
                # Who says so twice at once says it once: one waits for the other.
                mine = select(repository.c.id).where(repository.c.id == place)
                connection.execute(mine.with_for_update())
            known = select(pause.c.id).where(*_is(about), pause.c.ended.is_(None)).with_for_update()
            if connection.execute(known).first() is not None:
                return False
            connection.execute(insert(pause).values(**about, **counts, since=now, begun_by=who))
            return True

    def end(  # noqa: PLR0913 -- which pause, as `begin` has it
        self,
        installation_id: int,
        improvement: str,
        who: str,
        now: datetime,
        *,
        team: str = "",
        place: int | None = None,
    ) -> bool:
        """End the one pause that began like this, and no other; false where it does not hold."""
        about = {"installation_id": installation_id, "improvement": improvement, "team": team, "place": place}
        ended = update(pause).where(*_is(about), pause.c.ended.is_(None)).values(ended=now, ended_by=who)
        with writing(self.engine) as connection:
            return bool(connection.execute(ended).rowcount)

    def read(self, installation_id: int | None = None) -> Sequence[PauseRow]:
        """Return those of improvements in one installation or all, the oldest first; the ended ones too."""
        wanted = _WANTED.where(~_IS_WHOLE)
        if installation_id is not None:
            wanted = wanted.where(pause.c.installation_id == installation_id)
        with reading(self.engine) as connection:
            return _rows(connection, wanted)

    def wholes(self) -> Mapping[int, PauseRow]:
        """Return the pauses of whole repositories that hold now, by the repository's id.

        They go with that, whatever it is called and whichever installation sees it.
        """
        wanted = _WANTED.where(_IS_WHOLE, pause.c.ended.is_(None), pause.c.place.is_not(None))
        with reading(self.engine) as connection:
            return {row.place: row for row in _rows(connection, wanted) if row.place is not None}


def _is(about: Mapping[str, object]) -> list[ColumnElement[bool]]:
    return [pause.c[name].is_not_distinct_from(value) for name, value in about.items()]


def _rows(connection: Connection, wanted: Select[Any]) -> list[PauseRow]:
    return [PauseRow(**row) for row in connection.execute(wanted).mappings()]


_IS_WHOLE = pause.c.improvement == WHOLE
_WANTED = select(*(pause.c[name] for name in PauseRow.__dataclass_fields__)).order_by(pause.c.id)
