"""The command that tells what a week brought, from the ledger alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import click

from app import database, pausing
from workers import ledger
from workers.evaluation import letter, report
from workers.evaluation.report import SOON, Known
from workers.ledger import InstallationRow, Ledger, Standing


def _week(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    """Refuse what is no week."""
    try:
        if given is not None:
            report.begin(given)
    except ValueError:
        raise click.BadParameter(f"{given!r} is no week: write one as 2026-W48") from None
    return given


@click.command("report")
@click.option("--week", callback=_week, help="A week as 2026-W48; without it the last one that is over.")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(letter.FORMATS)),
    default="markdown",
    show_default=True,
    help="How it is written; HTML as mail programs show it.",
)
@click.option("--organisation", help="Of one account alone, by its name on GitHub.")
def tell(week: str | None, form: str, organisation: str | None) -> None:
    """Tell what a week brought: merged, waiting, fresher or not, ending, weak, saved, and what pauses.

    It reads the database (KOTSU_DATABASE_URL) and asks nobody else. What waits, ends or pauses is told as it
    is now.
    """
    with database.opened() as book:
        now = ledger.clock(book)()
        chosen = _chosen(book.installations(), organisation)
        about = week or report.last(now)
        told = [report.made(known(book, one, about, now), about, now) for one in chosen]
    click.echo(letter.FORMATS[form](told), nl=False)


def _chosen(rows: list[InstallationRow], organisation: str | None) -> list[InstallationRow]:
    there = [row for row in rows if row.state != Standing.REMOVED]
    if organisation is None:
        return there
    found = [row for row in there if row.account.lower() == organisation.lower()]
    if not found:
        names = ", ".join(sorted(row.account for row in there)) or "none"
        raise click.UsageError(f"The App is not installed on {organisation}; it is on: {names}.")
    return found


def known(
    book: Ledger, of: InstallationRow, week: str, now: datetime, seen: Collection[int] | None = None
) -> Known:
    """Return what a report about a week takes of one installation, of the repositories ``seen`` if given."""
    there = (row for row in book.repositories(of.id) if row.state != Standing.REMOVED)
    places = {row.id: row.full_name for row in there if seen is None or row.id in seen}
    outlines = book.outlines.read(None if seen is None else places, installation_id=of.id)
    told = pausing.held(book.pauses.read(of.id), homes := dict.fromkeys(places, of.id))
    if seen is not None:
        told = pausing.uncounted(pausing.of_teams(told, outlines, homes))
    return Known(
        organisation=of.account,
        names=places,
        outlines=outlines,
        freshness=book.freshness.last(report.compared(week, now), places),
        endings=book.horizons.read(places, now.date() + SOON),
        exposures=book.exposures.read(places),
        pauses=[*told, *(row for id_, row in book.pauses.wholes().items() if id_ in places)],
    )
