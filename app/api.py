"""What scripts may ask of a repository: what is open, withheld and promised, and what its CI costs."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from workers import machine_time, whynot
from workers.ledger import Ledger, RepositoryRow, Standing, Unavailable

_REPOSITORY = "/api/v1/repositories/{owner}/{name}"
_OPEN = "open"
_LONGEST = 500
_BEARER = "bearer"

Answer = Callable[[Request], Response]


def routes(book: Ledger, token: str) -> Mapping[str, Answer]:
    """Return the answers by path; who has not got the token learns nothing."""
    return {
        f"{_REPOSITORY}/plan": _answering(book, token, _plan),
        f"{_REPOSITORY}/debt": _answering(book, token, _debt),
        f"{_REPOSITORY}/minutes": _answering(book, token, _minutes),
    }


def _answering(
    book: Ledger, token: str, about: Callable[[Ledger, RepositoryRow, Request], Response]
) -> Answer:
    def answer(request: Request) -> Response:
        if not is_known(request, token):
            return PlainTextResponse(
                "A token is needed: Authorization: Bearer …\n", 401, {"WWW-Authenticate": "Bearer"}
            )
        try:
            known = book.named(request.path_params["owner"], request.path_params["name"])
            if known is None or known.state == Standing.REMOVED:
                return PlainTextResponse("Kotsu does not know this repository.\n", 404)
            return about(book, known, request)
        except Unavailable:
            return PlainTextResponse("The ledger cannot be read now.\n", 503)

    return answer


def is_known(request: Request, token: str) -> bool:
    """Tell whether a request brings the token; nobody does where there is none."""
    given = request.headers.getlist("authorization")
    scheme, _, value = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    same = hmac.compare_digest(value.strip().encode("utf-8", "replace"), token.encode())
    return bool(token) and scheme.lower() == _BEARER and same


def _plan(book: Ledger, known: RepositoryRow, request: Request) -> Response:
    about = request.query_params.get("about", "")[:_LONGEST]
    proposed, kept = book.proposals(known.id, _OPEN), book.withheld(known.id)
    if about:
        proposed = list(whynot.proposed_about(proposed, about))
        kept = list(whynot.kept_about(kept, about))
    done = next((scan for scan in book.scans(known.id) if scan.finished), None)
    seen = {
        "commit": done.head_sha if done else None,
        "scanned": done.finished.isoformat() if done and done.finished else None,
    }
    return JSONResponse({**whynot.as_json(known.full_name, proposed, kept), **seen})


def _debt(book: Ledger, known: RepositoryRow, request: Request) -> Response:  # noqa: ARG001 -- one of several
    days = [
        {"day": day.isoformat(), **{standing.replace(" ", "-"): n for standing, n in counted.items()}}
        for day, counted in book.debts.of(known.id).items()
    ]
    return JSONResponse({"version": 1, "repository": known.full_name, "days": days})


def _minutes(book: Ledger, known: RepositoryRow, request: Request) -> Response:  # noqa: ARG001 -- one of several
    """Answer with what is known; that somebody asked lets the next looks at the repository learn it."""
    now, key, parts = datetime.now(UTC), machine_time.key(known.id), machine_time.parts(known.id)
    told = book.recall([key, parts], now)
    book.remember({machine_time.wish(known.id): ""}, now)
    shape = {"version": 1, "repository": known.full_name}
    if key not in told:
        return JSONResponse({**shape, "week": None, "workflows": [], "saving": []}, 202)
    spent, counted = json.loads(told[key]), json.loads(told.get(parts, "{}"))
    saving = [
        {"key": row.key, "number": row.number, **machine_time.saved(spent["workflows"], counted[row.key])}
        for row in book.proposals(known.id, _OPEN)
        if row.key in counted
    ]
    return JSONResponse({**shape, **spent, "saving": saving})
