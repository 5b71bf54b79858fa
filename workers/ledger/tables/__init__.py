"""The tables of the ledger, by what they are about."""

from workers.ledger.tables.people import audit, credential, session, token
from workers.ledger.tables.proposed import (
    campaign,
    event,
    pause,
    proposal,
    reservation,
    scan,
    trial,
    withheld,
    word,
)
from workers.ledger.tables.seen import debt, exposure, freshness, horizon, line, promise
from workers.ledger.tables.shape import metadata
from workers.ledger.tables.work import (
    OPEN,
    answer,
    blob_result,
    delivery,
    installation,
    job,
    mark,
    quota,
    repository,
)

__all__ = [
    "OPEN",
    "answer",
    "audit",
    "blob_result",
    "campaign",
    "credential",
    "debt",
    "delivery",
    "event",
    "exposure",
    "freshness",
    "horizon",
    "installation",
    "job",
    "line",
    "mark",
    "metadata",
    "pause",
    "promise",
    "proposal",
    "quota",
    "repository",
    "reservation",
    "scan",
    "session",
    "token",
    "trial",
    "withheld",
    "word",
]
