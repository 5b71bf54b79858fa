"""The ledger as one value: every method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from workers.ledger import deliveries, jobs, memory, places, proposals, schema
from workers.ledger.faults import losing_a_race_is_nothing, translated
from workers.ledger.pages import Pages
from workers.ledger.rows import (
    InstallationRow,
    Job,
    JobState,
    ProposalRow,
    Recorded,
    RepositoryRow,
    ScanRow,
    Standing,
    Tally,
    WithheldRow,
)
from workers.ledger.tables import job, proposal
from workers.ledger.transactions import reading, writing
from workers.messages import Event, Kind, Priority, Repository

NO_DELAY = timedelta()


@dataclass(frozen=True, slots=True)
class Ledger(Pages):
    """The only door to the database; moments are aware and given, `Unavailable` is the expected error."""

    def _write(self) -> AbstractContextManager[Connection]:
        return writing(self.engine)

    def _read(self) -> AbstractContextManager[Connection]:
        return reading(self.engine)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    # --- deliveries and jobs

    def record(self, event: Event, now: datetime) -> Recorded:
        """Record a delivery together with its job; a repeated one finds the job of the first."""
        with self._write() as connection:
            return deliveries.record(connection, [event], now)[0]

    def record_all(self, events: Sequence[Event], now: datetime) -> list[Recorded | Exception]:
        """Record deliveries in one transaction; one that cannot be has its error, and spoils no other."""
        with self._write() as connection:
            return deliveries.record_all(connection, events, now)

    def enqueue(  # noqa: PLR0913 -- a job has as many columns, and each is named at the call
        self,
        kind: Kind,
        key: str,
        now: datetime,
        *,
        installation_id: int | None = None,
        repository_id: int | None = None,
        priority: int = Priority.SCHEDULE,
        detail: Mapping[str, object] | None = None,
        delay: timedelta = NO_DELAY,
    ) -> int:
        """Open a job, or fold the work into the open one of the same key; return the job's id."""
        work = jobs.Work(kind, key, installation_id, repository_id, priority, detail or {})
        with self._write() as connection:
            return jobs.enqueue(connection, [work], now, delay)[key]

    def claim(self, owner: str, now: datetime, lease: timedelta) -> Job | None:
        """Take the job whose turn it is (see `turns`) for the length of the lease; ``None``: there is none.

        A job whose lease ran out is taken again; one that was begun `jobs.TRIES` times without an end is
        parked instead. Jobs of one repository never run at the same time.
        """
        with translated(), losing_a_race_is_nothing(), self.engine.begin() as connection:
            return jobs.claim(connection, owner, now, lease)
        return None

    def renew(self, claimed: Job, now: datetime, lease: timedelta) -> bool:
        """Lengthen the lease from now; false when the job was lost to another worker."""
        with self._write() as connection:
            return jobs.renew(connection, claimed, now, lease)

    def holds(self, claimed: Job) -> bool:
        """Tell whether the claim is still the newest: ask before every write to the world."""
        with self._read() as connection:
            return jobs.holds(connection, claimed)

    def finish(self, claimed: Job, now: datetime) -> bool:
        """Close the job, or queue it anew where an event came in meanwhile; false when it was lost."""
        with self._write() as connection:
            return jobs.finish(connection, claimed, now)

    def retry(self, claimed: Job, error: str, now: datetime, delay: timedelta) -> JobState | None:
        """Queue the job for a later try, or park it after the last; ``None`` when it was lost."""
        with self._write() as connection:
            return jobs.retry(connection, claimed, error, now, delay)

    def postpone(self, claimed: Job, reason: str, until: datetime) -> bool:
        """Queue the job for later without counting the try (rate limits); false when it was lost."""
        with self._write() as connection:
            return jobs.postpone(connection, claimed, reason, until)

    def fail(self, claimed: Job, error: str, now: datetime) -> JobState | None:
        """Park the job as poisoned at once: another try cannot help; ``None`` when it was lost."""
        with self._write() as connection:
            return jobs.fail(connection, claimed, error, now)

    def strike(self, claimed: Job, name: str, item: str) -> None:
        """Take an item off a list of the job's detail: it is done, and the job may well run again."""
        with self._write() as connection:
            jobs.strike(connection, claimed, name, item)

    def release(self, owner: str, now: datetime) -> int:
        """Queue again what workers whose name starts with ``owner`` ran (``""``: all); return how many."""
        with self._write() as connection:
            return jobs.release(connection, owner, now)

    def due(self, now: datetime, limit: int = 100) -> list[int]:
        """Return the ids of the jobs that could be claimed now, the most urgent first."""
        with self._read() as connection:
            return jobs.due(connection, now, limit)

    def job(self, job_id: int) -> Job | None:
        """Return the job as it stands."""
        with self._read() as connection:
            return jobs.get(connection, job_id)

    def jobs(self, state: JobState, limit: int = 100) -> list[Job]:
        """Return the newest jobs in a state."""
        with self._read() as connection:
            return jobs.listed(connection, state, limit)

    # --- installations and repositories

    def upsert_repository(
        self, known: Repository, now: datetime, state: str = Standing.ACTIVE, reason: str = ""
    ) -> None:
        """Write the repository as GitHub's list of the installation has it, whatever was known before."""
        with self._write() as connection:
            places.upsert_repository(connection, known, now, state, reason)

    def repositories(self, installation_id: int | None = None) -> list[RepositoryRow]:
        """Return the repositories of one installation, or all, by name; removed ones too."""
        with self._read() as connection:
            return places.repositories(connection, installation_id)

    def repository(self, repository_id: int) -> RepositoryRow | None:
        """Return one repository."""
        with self._read() as connection:
            return places.get_repository(connection, repository_id)

    def named(self, owner: str, name: str) -> RepositoryRow | None:
        """Return the repository of a name; one that was removed only where nothing else is called so."""
        with self._read() as connection:
            return places.named(connection, owner, name)

    def installation(self, installation_id: int) -> InstallationRow | None:
        """Return one installation."""
        with self._read() as connection:
            return places.get_installation(connection, installation_id)

    def installations(self) -> list[InstallationRow]:
        """Return all installations by account; removed ones too."""
        with self._read() as connection:
            return places.installations(connection)

    def set_state(self, repository_id: int, state: str, reason: str, now: datetime) -> None:
        """Write whether the repository is worked on (see `Standing`), and why not."""
        with self._write() as connection:
            places.set_state(connection, repository_id, state, reason, now)

    def set_installation(self, installation_id: int, account: str, state: str, now: datetime) -> None:
        """Write an installation and its state (see `Standing`)."""
        with self._write() as connection:
            places.notice_installations(connection, [(installation_id, account, state)], now)

    def pause(self, installation_id: int, reason: str, now: datetime) -> None:
        """Write why nothing can be done for an installation, until its state is written again."""
        with self._write() as connection:
            places.pause(connection, installation_id, reason, now)

    def look_again(self, repository_id: int, due: datetime | None, *, after: datetime | None = None) -> None:
        """Write when a repository is to be looked at by itself; None: when something happens there.

        Nothing is written where another moment than ``after`` stands there by now.
        """
        with self._write() as connection:
            places.look_again(connection, repository_id, due, after)

    def set_dashboard(self, repository_id: int, number: int | None) -> None:
        """Write the number of the issue that shows a repository; None: there is none."""
        with self._write() as connection:
            places.set_dashboard(connection, repository_id, number)

    def due_repositories(self, now: datetime, limit: int = 100) -> list[RepositoryRow]:
        """Return repositories that are to be looked at by now, the longest overdue first."""
        with self._read() as connection:
            return places.due_repositories(connection, now, limit)

    def remove_repositories(self, repository_ids: Sequence[int], now: datetime) -> None:
        """Delete repositories with everything known about them."""
        with self._write() as connection:
            places.forget(connection, repository_ids, now)

    def remove_installation(self, installation_id: int, now: datetime) -> None:
        """Delete everything known about an installation; only its row stays, marked as removed."""
        with self._write() as connection:
            places.remove_installation(connection, installation_id, now)

    # --- proposals, withheld, scans

    def proposals(self, repository_id: int | None = None, state: str | None = None) -> list[ProposalRow]:
        """Return pull requests of ours, the newest first: of one repository or all, in one state or any.

        ``edit`` is left out; `proposal` has it.
        """
        with self._read() as connection:
            return proposals.proposals(connection, repository_id, state)

    def save_proposal(  # noqa: PLR0913 -- a row has as many columns, and each is named at the call
        self,
        repository_id: int,
        *,
        key: str,
        improvement: str,
        title: str,
        branch: str,
        number: int,
        url: str,
        head_sha: str,
        digest: str,
        minutes: int,
        now: datetime,
        opened: datetime | None = None,
        answers: tuple[str, ...] = (),
        marks: tuple[str, ...] = (),
        parts: int = 1,
        **more: object,
    ) -> ProposalRow:
        """Write the open pull request of a key; a row that is there keeps the moment it was ``opened``.

        ``more`` are other columns (see `ProposalRow`); a row that is there keeps those that are not named.
        """
        row = {
            "repository_id": repository_id,
            "key": key,
            "improvement": improvement,
            "title": title,
            "branch": branch,
            "number": number,
            "url": url,
            "head_sha": head_sha,
            "digest": digest,
            "minutes": minutes,
            "answers": answers,
            "marks": marks,
            "parts": parts,
            **more,
        }
        with self._write() as connection:
            return proposals.save_proposal(connection, row, now, opened or now)

    def close_proposal(
        self,
        repository_id: int,
        number: int,
        state: str,
        closed: datetime,
        *,
        now: datetime | None = None,
        **values: object,
    ) -> bool:
        """Write that a pull request is ``merged`` or ``closed`` since a moment, and some columns more.

        False when it is none of ours. ``now`` is when we learned it, that moment unless given.
        """
        said = {"state": state, "closed_at": closed, **values}
        with self._write() as connection:
            return proposals.change_proposal(connection, repository_id, number, said, now or closed)

    def reopen_proposal(self, repository_id: int, number: int, now: datetime) -> bool:
        """Write that a pull request is open again; false when it is none of ours, or its key has another."""
        with losing_a_race_is_nothing(), self._write() as connection:
            return proposals.change_proposal(connection, repository_id, number, proposals.ANEW, now)
        return False

    def proposal(self, repository_id: int, number: int) -> ProposalRow | None:
        """Return one pull request of ours by its number, None when it is none."""
        with self._read() as connection:
            return proposals.proposal_of(connection, repository_id, number)

    def change_proposal(self, repository_id: int, number: int, now: datetime, **values: object) -> bool:
        """Write some columns of a pull request (see `ProposalRow`); false when it is none of ours."""
        with self._write() as connection:
            return proposals.change_proposal(connection, repository_id, number, values, now)

    def due_proposals(self, now: datetime, limit: int = 100) -> list[ProposalRow]:
        """Return pull requests that are to be looked at again by now, the longest overdue first."""
        with self._read() as connection:
            return proposals.due_proposals(connection, now, limit)

    def told(self, row: ProposalRow) -> None:
        """Take away the moment at which a pull request was due, unless it is due at another by now."""
        with self._write() as connection:
            proposals.told(connection, row)

    def newest(self, installation_id: int, count: int) -> list[datetime]:
        """Return when the newest pull requests of an installation were opened, the newest first."""
        with self._read() as connection:
            return proposals.newest(connection, installation_id, count)

    def replace_withheld(self, repository_id: int, rows: Sequence[WithheldRow]) -> None:
        """Forget what the last scan withheld, and remember what this one did."""
        with self._write() as connection:
            proposals.replace_withheld(connection, repository_id, rows)

    def withheld(self, repository_id: int) -> list[WithheldRow]:
        """Return what the last scan withheld, in its order."""
        with self._read() as connection:
            return proposals.withheld_rows(connection, repository_id)

    def start_scan(self, repository_id: int, head_sha: str, now: datetime, job_id: int | None = None) -> int:
        """Open a scan's row and return its id."""
        with self._write() as connection:
            return proposals.start_scan(connection, repository_id, head_sha, now, job_id)

    def finish_scan(self, scan_id: int, outcome: str, counts: Mapping[str, int], now: datetime) -> None:
        """Write how a scan ended, and how much it found of what."""
        with self._write() as connection:
            proposals.finish_scan(connection, scan_id, outcome, counts, now)

    def scans(self, repository_id: int, limit: int = 20) -> list[ScanRow]:
        """Return the scans of a repository, the newest first."""
        with self._read() as connection:
            return proposals.scans(connection, repository_id, limit)

    # --- memory

    def recall(self, keys: Sequence[str], now: datetime | None = None) -> dict[str, str]:
        """Return the results remembered under these keys; with ``now``, they count as used."""
        with self._read() as connection:
            known = memory.recall(connection, keys)
        if known and now is not None:
            with self._write() as connection:
                memory.touch(connection, list(known), now)
        return known

    def remember(self, items: Mapping[str, str], now: datetime) -> None:
        """Keep results under their keys (at most 200 characters each)."""
        with self._write() as connection:
            memory.remember(connection, items, now)

    def prune(self, now: datetime, remembered: int = memory.REMEMBERED) -> None:
        """Delete some of what is older than anybody asks for, and the results that were used longest ago."""
        with self._write() as connection:
            memory.prune(connection, now, remembered)

    # --- the state of the ledger itself

    def tally(self, now: datetime) -> Tally:
        """Count jobs, proposals and installations that rest, and say how long waiting jobs are overdue."""
        resting = len(self.quotas.resting(now))
        with self._read() as connection:
            counted = [memory.counted(connection, column) for column in (job.c.state, proposal.c.state)]
            return Tally(counted[0], counted[1], jobs.waits(connection, now), resting)

    def revision(self) -> str:
        """Return the schema's revision, ``""`` for an empty database."""
        with self._read() as connection:
            return schema.revision(connection)
