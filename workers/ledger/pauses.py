"""Pauses: improvements that an organisation or a team does not want, by what became of them there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, insert, or_, select, update

from workers.ledger.tables import pause
from workers.ledger.transactions import reading, writing


@dataclass(frozen=True, slots=True)
class PauseRow:
    """An improvement that pauses in an installation ``since`` a moment: ``merged`` of ``decided`` were.

    It pauses for one ``team``, or in one repository (``place``, its id), where it names any, else everywhere.
    It ``ended`` at another, by the word of ``ended_by``; only what was opened after that counts again.
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


def holding(connection: Connection, installation_id: int, repository_id: int) -> Sequence[PauseRow]:
    """Return the pauses that hold now in one repository, for all there or for a team."""
    mine = (pause.c.installation_id == installation_id, pause.c.ended.is_(None))
    here = or_(pause.c.place.is_(None), pause.c.place == repository_id)
    return _rows(connection, _WANTED.where(*mine, here))


@dataclass(frozen=True, slots=True)
class Pauses:
    """The page of the ledger about improvements that pause; moments are aware."""

    engine: Engine

    def begin(  # noqa: PLR0913 -- the columns of a pause, each named at the call
        self,
        installation_id: int,
        improvement: str,
        now: datetime,
        *,
        merged: int,
        decided: int,
        team: str = "",
        place: int | None = None,
    ) -> bool:
        """Let an improvement pause, for a team or in a repository alone if given; false where it does."""
        about = {"installation_id": installation_id, "improvement": improvement, "team": team, "place": place}
        with writing(self.engine) as connection:
            known = select(pause.c.id).where(*_is(about), pause.c.ended.is_(None)).with_for_update()
            if connection.execute(known).first() is not None:
                return False
            connection.execute(insert(pause).values(**about, since=now, merged=merged, decided=decided))
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
        """Return those of one installation or all, the oldest first; those that have ended too."""
        wanted = _WANTED
        if installation_id is not None:
            wanted = wanted.where(pause.c.installation_id == installation_id)
        with reading(self.engine) as connection:
            return _rows(connection, wanted)


def _is(about: Mapping[str, object]) -> list[ColumnElement[bool]]:
    return [pause.c[name].is_not_distinct_from(value) for name, value in about.items()]


def _rows(connection: Connection, wanted: Select[Any]) -> list[PauseRow]:
    return [PauseRow(**row) for row in connection.execute(wanted).mappings()]


_WANTED = select(*(pause.c[name] for name in PauseRow.__dataclass_fields__)).order_by(pause.c.id)
