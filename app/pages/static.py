"""The style of the pages, their icon, and their one script, htmx, without which they work too."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HTMX = "4.0.1"
"""The version of the file beside this one; package.json pins the same, and a test compares the two."""
SCRIPT = f"/static/htmx.min.js?v={HTMX}"
"""The address of the script: another version has another one, so browsers may keep it."""
_FOLDER = Path(__file__).parent


async def _style(_request: Request) -> Response:
    return await _given("style.css", "text/css", "max-age=3600")


async def _icon(_request: Request) -> Response:
    return await _given("icon.svg", "image/svg+xml", "max-age=86400")


async def _script(_request: Request) -> Response:
    return await _given("htmx.min.js", "text/javascript", "max-age=31536000, immutable")


async def _given(name: str, media: str, cache: str) -> Response:
    text = await run_in_threadpool(partial((_FOLDER / name).read_text, "utf-8"))
    return Response(text, media_type=media, headers={"Cache-Control": cache})


ROUTES = (
    Route("/static/style.css", _style),
    Route("/static/icon.svg", _icon),
    Route("/static/htmx.min.js", _script),
)
