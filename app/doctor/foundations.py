"""The checks of what Kotsu stands on: the database, the broker, and whether anybody works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from app.doctor.findings import Finding, Patient, fine, note, skipped, wrong
from codemods import lifecycles
from workers import ledger
from workers.ledger import Condition, JobState, Ledger
from workers.settings import SettingsError

APART = timedelta(seconds=30)
"""By how much two clocks may differ: leases and signatures are told by them."""
_LOWEST = {"sqlite": (3, 35), "postgresql": (10,)}
"""The first SQLite that returns what it wrote and drops columns, and PostgreSQL that the driver knows."""
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_OLDEST_BROKER = (6, 2)
_IDLE = timedelta(minutes=15)
"""After how long without a look at GitHub no worker lives; one looks each five minutes."""
_OVERDUE = timedelta(minutes=10)


def database(patient: Patient) -> Iterator[Finding]:
    """Find a database that cannot be used, is too old, has another schema or another time."""
    try:
        found = ledger.condition(patient.settings.database_url)
    except (ledger.Unavailable, OSError, ValueError) as error:
        yield wrong(
            f"the database does not answer: {error}",
            "see that it runs, and that KOTSU_DATABASE_URL (or KOTSU_DATA_DIR) is right",
        )
        return
    yield from judged(found, patient.now)


def judged(found: Condition, now: datetime) -> Iterator[Finding]:
    """Find what is wrong with a database by what it says of itself."""
    name, version = _NAMES[found.name], ".".join(map(str, found.version[:3]))
    lowest = _LOWEST[found.name]
    end = lifecycles.known()["postgres"].cycle(version) if found.name == "postgresql" else None
    if found.version < lowest:
        needed = ".".join(map(str, lowest))
        yield wrong(f"{name} is {version}", f"install {needed} or newer: Kotsu needs what came with it")
    elif end and end.ends <= now.date():
        yield note(f"{name} {version} {lifecycles.last_fix(end.ends, now.date())}", "move to a newer one")
    else:
        yield fine(f"{name} is {version}")
    if words := ledger.unfit(found.revision):
        sentence, _, fix = words.partition(": ")
        yield wrong(sentence, fix)
    else:
        yield fine(f"the schema is {found.revision}")
    if found.now is not None:
        yield clocks("the database", found.now, now)


def clocks(whose: str, theirs: datetime, ours: datetime) -> Finding:
    """Compare another clock with this machine's."""
    apart = ours - theirs
    if abs(apart) <= APART:
        return fine(f"this machine's clock is that of {whose}")
    direction = "ahead of" if apart > timedelta() else "behind"
    return wrong(
        f"this machine's clock is {abs(apart).total_seconds():.0f} s {direction} that of {whose}",
        "set the wrong one right, and keep it so (`timedatectl set-ntp true`)",
    )


def broker(patient: Patient) -> Iterator[Finding]:
    """Find a broker that cannot be used, is old, or throws away what it carries."""
    if patient.settings.embedded:
        yield skipped("the worker runs inside of `kotsu serve` (KOTSU_BROKER_URL is not set)")
        return
    try:
        from workers import queue  # noqa: PLC0415 -- it reads the environment, which may be wrong
    except SettingsError:
        yield skipped("the settings have to be right first")
        return
    try:
        yield from carried(queue.told(patient.settings.broker_url))
    except queue.BrokerError as error:
        yield wrong(
            f"the broker cannot be asked: {error}",
            "see that Redis runs, and that KOTSU_BROKER_URL is right with its password; until then jobs wait",
        )


def carried(said: Mapping[str, object]) -> Iterator[Finding]:
    """Find what is wrong with a broker by what it says of itself."""
    version = str(said.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < _OLDEST_BROKER:
        yield note(f"Redis is {version}", "install 6.2 or newer: older ones get no fixes")
    else:
        name, own = ("Valkey", said["valkey_version"]) if "valkey_version" in said else ("Redis", version)
        yield fine(f"{name} is {own}")
    policy = str(said.get("maxmemory_policy", "noeviction"))
    if policy != "noeviction":
        yield wrong(
            f"the broker throws messages away when it is full ({policy})",
            "`redis-cli CONFIG SET maxmemory-policy noeviction`, and the same in its configuration",
        )


def work(patient: Patient) -> Iterator[Finding]:
    """Find that nobody works, that jobs wait for long, or that some were given up."""
    url = patient.settings.database_url
    try:
        if not ledger.current(url):
            yield skipped("the schema has to be right first")
            return
        book = ledger.open(url, patience=1.5)
        try:
            yield from _done(book, patient.now)
        finally:
            book.close()
    except (ledger.Unavailable, OSError, ValueError):
        yield skipped("the database has to answer first")


def _done(book: Ledger, now: datetime) -> Iterator[Finding]:
    from workers import reconcile  # noqa: PLC0415 -- it brings the hands along, which other checks do not need

    last, tally = reconcile.last(book), book.tally(now)
    start = "start `kotsu serve`, or in a fleet `kotsu worker` and `kotsu beat`, and read what they log"
    if last is None:
        yield note("no worker has been at work with this database yet", start)
    elif now - last > _IDLE:
        yield wrong(f"no worker was at work since {last:%Y-%m-%d %H:%M} UTC", start)
    else:
        yield fine(f"a worker was at work at {last:%H:%M} UTC")
    if tally.oldest > _OVERDUE:
        yield wrong(
            f"the first job has waited for {tally.oldest.total_seconds() / 60:.0f} minutes beyond its time",
            "start more workers (`docker compose up --detach --scale worker=4`), and read what they log",
        )
    else:
        yield fine(f"{tally.jobs.get(JobState.QUEUED, 0)} jobs wait, none beyond its time")
    if given_up := tally.jobs.get(JobState.POISONED, 0):
        newest = book.jobs(JobState.POISONED)[-1]
        yield note(
            f"{given_up} jobs were given up after {ledger.TRIES} tries", f"the last one: {newest.last_error}"
        )
