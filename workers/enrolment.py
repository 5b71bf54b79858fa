"""Learns which repositories an installation has, and forgets those that are gone."""

from __future__ import annotations

from collections.abc import Iterable

from workers import campaigning, snapshot
from workers.github import GoneError
from workers.ledger import Job, Standing
from workers.messages import Priority
from workers.world import DroppedError, World


def install(here: World, job: Job) -> None:
    """List an installation's repositories, and queue a scan of each that is worked on."""
    installation_id = job.installation_id or 0
    try:
        listed = list(here.app.repositories(installation_id))
    except GoneError as error:
        raise DroppedError(f"GitHub does not let us see installation {installation_id}: {error}") from None
    for about in listed:
        standing = Standing.SKIPPED if about.skipped else Standing.ACTIVE
        here.book.upsert_repository(about.repository, here.clock(), standing, about.skipped)
    # What belongs to a campaign must not be proposed everywhere before the campaign is known.
    campaigning.declare(here, installation_id)
    if here.book.campaigns.of(installation_id):
        here.campaign_soon(installation_id, Priority.CONFIGURATION)
    for about in listed:
        if not about.skipped:
            here.scan_soon(about.repository.id, installation_id, Priority.SCHEDULE)


def remove(here: World, job: Job) -> None:
    """Forget what may no longer be seen, with the files that were fetched of it."""
    listed = job.detail.get("repositories")
    if isinstance(listed, list):
        gone = [int(i) for i in listed]
        _forget_files(here, gone)
        here.book.remove_repositories(gone, here.clock())
    elif job.installation_id is not None:
        _forget_files(here, [place.id for place in here.book.repositories(job.installation_id)])
        here.book.remove_installation(job.installation_id, here.clock())


def _forget_files(here: World, gone: Iterable[int]) -> None:
    """Delete what was fetched; before the rows, for without them nobody would know what there is."""
    for repository_id in gone:
        snapshot.forget(here.settings.data_dir / "mirrors" / f"{repository_id}.git")
