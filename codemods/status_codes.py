"""The HTTP status codes that Starlette, and FastAPI with it, call by the names of RFC 9110."""

from __future__ import annotations

_NEW = {
    "HTTP_413_REQUEST_ENTITY_TOO_LARGE": "HTTP_413_CONTENT_TOO_LARGE",
    "HTTP_414_REQUEST_URI_TOO_LONG": "HTTP_414_URI_TOO_LONG",
    "HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE": "HTTP_416_RANGE_NOT_SATISFIABLE",
    "HTTP_422_UNPROCESSABLE_ENTITY": "HTTP_422_UNPROCESSABLE_CONTENT",
}
OLD = tuple(name.encode() for name in _NEW)
"""The words without which a file names none of them in the old way."""


def names(*homes: str) -> dict[str, str]:
    """Return the new dotted names by the old ones, in the module `status` of each library."""
    return {f"{home}.status.{old}": f"{home}.status.{new}" for home in homes for old, new in _NEW.items()}
