"""Fills an empty ledger with the seeded organisation."""

from __future__ import annotations

from demo.seeded import drives, plans, sights, stories, work
from demo.seeded.town import INSTALLATION, OTHER, OWNER, RESTING, Town
from workers.ledger import Ledger, Standing


def fill(book: Ledger, town: Town) -> None:
    """Write all of it, as the ledger's own methods do; the same town gives the same rows."""
    for installation, account in ((INSTALLATION, OWNER), (RESTING, OTHER)):
        book.set_installation(installation, account, Standing.ACTIVE, town.start)
    for place in town.places:
        state = Standing.SKIPPED if place.left else Standing.ACTIVE
        book.upsert_repository(place.repository, town.start, state, place.left)
    led = drives.led(town)
    told = [life for place in town.places for life in stories.told(town, place)]
    book.lives.write([*told, *(life for drive in led for life in drive.lives.values())])
    for drive in led:
        book.campaigns.save(drive.course)
    sights.write(book, town)
    plans.write(book, town, led)
    work.write(book, town)
