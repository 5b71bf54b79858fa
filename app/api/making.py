"""Makes the API: its routes, who may ask, and what is answered where something is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.access import Access
from app.api import PATH, asking, listings, of_repository, pages, pulls, reports, seen
from app.api.problems import PROBLEMS, problem, schemas
from app.guard import Refused
from workers.ledger import Ledger, Unavailable
from workers.people import PeopleError

_SUMMARY = "What Kotsu sees, proposes and withholds in the repositories that the token's maker may see."


def make(book: Ledger, access: Access, clock: Callable[[], datetime]) -> FastAPI:
    """Return the application that answers `PATH` and what is below it."""
    api = FastAPI(
        title="Kotsu",
        version=version("kotsu-app"),
        summary=_SUMMARY,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_name,
        redirect_slashes=False,
    )
    api.state.book, api.state.access, api.state.clock = book, access, clock
    for router in (
        listings.router,
        of_repository.router,
        pulls.router,
        reports.router,
        seen.router,
        pages.router,
    ):
        api.include_router(router, prefix=PATH, responses=PROBLEMS, dependencies=[Depends(asking.view)])
    api.add_api_route(f"{PATH}/openapi.json", _document, include_in_schema=False)
    for error, answer in _ANSWERS.items():
        api.add_exception_handler(error, answer)
    return api


def _name(route: APIRoute) -> str:
    return route.name


def _document(request: Request) -> dict[str, Any]:
    """Return the description of the API: it holds no secret, and says what a token is for."""
    described: dict[str, Any] = request.app.openapi()
    described["components"]["schemas"] |= schemas()
    return described


async def _refused(_request: Request, error: Exception) -> Response:
    found = error if isinstance(error, Refused) else Refused(500, "")
    return problem(found.status, found.words)


async def _http(_request: Request, error: Exception) -> Response:
    found = error if isinstance(error, HTTPException) else HTTPException(500)
    words = "There is nothing here." if found.status_code == _NOT_FOUND else str(found.detail)
    return problem(found.status_code, words, found.headers)


async def _invalid(_request: Request, error: Exception) -> Response:
    """Say which parameter is wrong; what was given is not repeated."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    wrong = [{"parameter": str(one["loc"][-1]), "detail": str(one["msg"])} for one in found]
    return problem(422, "A parameter is not what it must be.", errors=wrong)


async def _unavailable(_request: Request, _error: Exception) -> Response:
    return problem(503, "The ledger cannot be read now: try again in a moment.")


async def _silent(_request: Request, error: Exception) -> Response:
    return problem(502, str(error))


_NOT_FOUND = 404
_ANSWERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    Refused: _refused,
    HTTPException: _http,
    RequestValidationError: _invalid,
    Unavailable: _unavailable,
    PeopleError: _silent,
}
