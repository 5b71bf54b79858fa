"""Problems: what is answered where something is wrong, as RFC 9457 has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse, Response

_TYPE = "application/problem+json"
_UNAUTHORIZED = 401
_REF = "#/components/schemas/{model}"


class Wrong(BaseModel):
    """A parameter that is not what it must be."""

    parameter: str
    detail: str


class Problem(BaseModel):
    """What is wrong: ``title`` is the status in words, ``detail`` what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Wrong] = []


def _described(words: str) -> dict[str, Any]:
    shape = {"$ref": _REF.format(model=Problem.__name__)}
    return {"description": words, "content": {_TYPE: {"schema": shape}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: _described("The request brings no token that holds."),
    404: _described("It is not there, or not for whose token it is."),
    422: _described("A parameter is not what it must be."),
    502: _described("GitHub does not say now what the token's maker may see."),
    503: _described("The ledger cannot be read now."),
}


def schemas() -> Mapping[str, Any]:
    """Return the shape of a problem, for the description of the API: no route returns one by itself."""
    shapes: Mapping[str, Any] = models_json_schema([(Problem, "serialization")], ref_template=_REF)[1][
        "$defs"
    ]
    return shapes


def problem(
    status: int,
    words: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> Response:
    """Return the answer that says what is wrong, and what to do."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": words}
    told |= {"errors": list(errors)} if errors else {}
    bearer = {"WWW-Authenticate": "Bearer"} if status == _UNAUTHORIZED else {}
    return JSONResponse(told, status, {**(headers or {}), **bearer}, media_type=_TYPE)
