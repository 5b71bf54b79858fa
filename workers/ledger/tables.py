"""The tables of the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)

from workers.ledger.columns import Moment, Names, Number

metadata = MetaData()


def _moment(name: str, *, nullable: bool = False, index: bool = False) -> Column[datetime]:
    return Column(name, Moment, nullable=nullable, index=index or None)


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''"))


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


installation = Table(
    "installation",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    _words("account"),
    Column("state", String(20), nullable=False),
    _words("reason"),
    _moment("updated"),
)

repository = Table(
    "repository",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("installation_id", Number, nullable=False, index=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    _words("default_branch"),
    Column("state", String(20), nullable=False),
    _words("reason"),
    _moment("updated"),
    _moment("due", nullable=True),
    Column("dashboard", Integer),
    Index("repository_due", "due"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("guid", String(100), primary_key=True),
    Column("event", Text, nullable=False),
    _words("action"),
    Column("installation_id", Number),
    Column("repository_id", Number),
    Column("job_id", Number),
    _moment("received", index=True),
)

OPEN = "state IN ('queued', 'running')"

job = Table(
    "job",
    metadata,
    Column("id", Number, primary_key=True),
    Column("key", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("installation_id", Number),
    Column("repository_id", Number),
    Column("detail", JSON, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    _moment("due"),
    _moment("lease_until", nullable=True),
    Column("lease_owner", Text),
    Column("fence", Integer, nullable=False, server_default=text("0")),
    Column("again", Boolean, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("deaths", Integer, nullable=False, server_default=text("0")),
    Column("last_error", Text),
    _moment("created"),
    _moment("finished", nullable=True),
    Index("job_open_key", "key", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index(
        "job_running_repository",
        "repository_id",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
    _partial("job_lease", "lease_until", where="state = 'running'"),
    Column("turn", Number),
    _partial("job_line", "priority", "installation_id", "due", "id", where="state = 'queued'"),
    _partial("job_held", "installation_id", where="state = 'running'"),
    _partial("job_served", "installation_id", "turn", where="turn IS NOT NULL"),
    _partial("job_turn", "turn", where="turn IS NOT NULL"),
    Index("job_finished", "finished"),
)


def _of_repository() -> Column[int]:
    return Column("repository_id", Number, ForeignKey("repository.id", ondelete="CASCADE"), nullable=False)


proposal = Table(
    "proposal",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("key", Text, nullable=False),
    Column("improvement", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("head_sha", String(64), nullable=False),
    Column("digest", String(128), nullable=False),
    Column("minutes", Integer, nullable=False),
    _moment("opened_at"),
    _moment("closed_at", nullable=True),
    Column("answers", Names, nullable=False, server_default=text("''")),
    Column("marks", Names, nullable=False, server_default=text("''")),
    Column("parts", Integer, nullable=False, server_default=text("1")),
    Column("stage", String(20), nullable=False, server_default=text("'ready'")),
    Column("cost", Integer, nullable=False, server_default=text("0")),
    _words("team"),
    Column("overdraft", Boolean, nullable=False, server_default=false()),
    Column("reviewers", Names, nullable=False, server_default=text("''")),
    _moment("asked_at", nullable=True),
    _moment("reviewed_at", nullable=True),
    Column("nudges", Integer, nullable=False, server_default=text("0")),
    _moment("due", nullable=True),
    Column("failure", JSON(none_as_null=True)),
    Column("versions", Names, nullable=False, server_default=text("''")),
    Column("automerge", Boolean, nullable=False, server_default=false()),
    _words("based"),
    _moment("based_at", nullable=True),
    Column("wanted", Names, nullable=False, server_default=text("''")),
    Column("word", String(20), nullable=False, server_default=text("''")),
    _moment("until", nullable=True),
    Column("written", String(64), nullable=False, server_default=text("''")),
    _words("closed_by"),
    _words("because"),
    _words("merged_sha"),
    _words("broke"),
    Column("edit", Text),
    _moment("reverted_at", nullable=True),
    Index("proposal_due", "due"),
    Index("proposal_number", "repository_id", "number", unique=True),
    Index(
        "proposal_open_key",
        "repository_id",
        "key",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

withheld = Table(
    "withheld",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("key", Text, nullable=False),
    Column("improvement", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("targets", Names, nullable=False, server_default=text("''")),
    _moment("since", nullable=True),
    _moment("seen", nullable=True),
    Column("cost", Integer, nullable=False, server_default=text("0")),
    Column("value", Integer, nullable=False, server_default=text("0")),
    _words("team"),
    Index("withheld_repository", "repository_id"),
)

reservation = Table(
    "reservation",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("key", Text, nullable=False),
    _words("team"),
    Column("cost", Integer, nullable=False),
    _moment("at"),
    Index("reservation_key", "repository_id", "key", unique=True),
)

scan = Table(
    "scan",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("head_sha", String(64), nullable=False),
    _moment("started"),
    _moment("finished", nullable=True),
    _words("outcome"),
    Column("counts", JSON, nullable=False),
    Column("job_id", Number),
    Index("scan_repository", "repository_id", "started"),
)

blob_result = Table(
    "blob_result",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("result", Text, nullable=False),
    _moment("used_at", index=True),
)

trial = Table(
    "trial",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("key", Text, nullable=False),
    Column("red", String(64), nullable=False),
    Column("members", Names, nullable=False),
    Column("branch", Text, nullable=False),
    Column("head_sha", String(64), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("failure", JSON(none_as_null=True)),
    _moment("started"),
    _moment("finished", nullable=True),
    Index("trial_repository", "repository_id", "key"),
)

word = Table(
    "word",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("source", String(100), nullable=False),
    Column("number", Integer, nullable=False),
    Column("command", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    _moment("at"),
    Index("word_source", "repository_id", "source", unique=True),
)

campaign = Table(
    "campaign",
    metadata,
    Column("id", Number, primary_key=True),
    Column("installation_id", Number, nullable=False),
    Column("name", Text, nullable=False),
    Column("improvement", Text, nullable=False),
    Column("repositories", JSON, nullable=False),
    Column("sizes", JSON, nullable=False),
    Column("brake", Integer, nullable=False),
    Column("declared", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    _words("reason"),
    Column("waves", JSON, nullable=False),
    _moment("started"),
    _moment("seen"),
    _moment("due", nullable=True),
    _moment("finished", nullable=True),
    Index("campaign_name", "installation_id", "name", unique=True),
    Index("campaign_due", "due"),
)

mark = Table(
    "mark",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
    _moment("at"),
)

debt = Table(
    "debt",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("day", Date, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("due", "orphaned", "not_yet", "unconditional")),
    Index("debt_day", "repository_id", "day", unique=True),
)

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", Number, nullable=False, index=True),
    Column("login", Text, nullable=False),
    Column("token", Text, nullable=False),
    _moment("created"),
    _moment("until", index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Number, primary_key=True),
    _moment("at", index=True),
    Column("who", Text, nullable=False),
    Column("action", String(50), nullable=False),
    Column("installation_id", Number, index=True),
    Column("repository_id", Number),
    _words("target"),
    Column("detail", JSON, nullable=False),
)

credential = Table(
    "credential",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
    _moment("changed"),
)

quota = Table(
    "quota",
    metadata,
    Column("installation_id", Number, primary_key=True, autoincrement=False),
    _moment("rests", nullable=True),
    _moment("spares", nullable=True),
    _words("reason"),
    _moment("creates", nullable=True),
)

answer = Table(
    "answer",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("key", Text, nullable=False),
    Column("kept", Text, nullable=False),
    _moment("at", index=True),
    Index("answer_key", "repository_id", "key", unique=True),
)

event = Table(
    "event",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("proposal_id", Number, nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    _moment("at", index=True),
    Column("changed", JSON, nullable=False),
    Index("event_repository", "repository_id", "id"),
)

pause = Table(
    "pause",
    metadata,
    Column("id", Number, primary_key=True),
    Column("installation_id", Number, nullable=False),
    Column("improvement", Text, nullable=False),
    _moment("since"),
    Column("merged", Integer, nullable=False),
    Column("decided", Integer, nullable=False),
    _moment("ended", nullable=True),
    _words("ended_by"),
    Index("pause_improvement", "installation_id", "improvement"),
)

freshness = Table(
    "freshness",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("day", Date, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ("dependencies", "known", "days")),
    *(Column(name, Integer, nullable=False) for name in ("majors", "minors", "patches")),
    Index("freshness_day", "repository_id", "day", unique=True),
)

horizon = Table(
    "horizon",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("kind", String(20), nullable=False),
    Column("subject", Text, nullable=False),
    Column("ends", Date, nullable=False, index=True),
    _words("path"),
    _words("key"),
    Index("horizon_repository", "repository_id"),
)

exposure = Table(
    "exposure",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("advisory", Text, nullable=False),
    Column("package", Text, nullable=False),
    _words("severity"),
    _words("key"),
    Column("published", Date),
    _moment("since"),
    _moment("gone", nullable=True),
    Index("exposure_advisory", "repository_id", "advisory", "package"),
)

promise = Table(
    "promise",
    metadata,
    Column("id", Number, primary_key=True),
    _of_repository(),
    Column("path", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("standing", String(20), nullable=False),
    _words("owner"),
    Column("written", Date),
    Column("due", Date),
    Index("promise_repository", "repository_id"),
)

line = Table(
    "line",
    metadata,
    Column("id", Number, primary_key=True),
    Column("job_id", Number, nullable=False, index=True),
    _moment("at", index=True),
    Column("level", String(10), nullable=False),
    Column("said", Text, nullable=False),
    Column("about", JSON, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("id", Number, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("who", Text, nullable=False),
    _moment("created"),
    _moment("until", nullable=True),
    _moment("used", nullable=True),
)
