"""What GitHub answered before: it is asked whether that still holds, which costs nothing where it does."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import Any

_MOST = 512 * 1024
"""Bytes of an answer that is remembered; a longer one is asked for anew."""
_VARIES = ("accept", "authorization", "cookie")
ASKS = {"If-None-Match": "?"}
"""The header of a request that what is known may answer; on its way it is filled in, or taken off."""
NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class _Answer:
    """A body with its ETag; one that ends in ``*`` is computed for each token."""

    tag: str
    body: str


class Known:
    """Answers by address; ``kept`` is what `kept` returned an earlier time, None where none are to be.

    GitHub puts the token into an answer's ETag, and each of our jobs has a new one: what it gives for an
    answer and one token tells what it would give for the same answer and another. Where that does not come
    out, its own ETag is sent, as on servers that leave the token out of it.
    """

    def __init__(self, kept: str | None = None) -> None:
        self._keeps, self._before, self._now = kept is not None, _read(kept or ""), dict[str, _Answer]()

    def ask(self, request: Any) -> None:  # noqa: ANN401 -- the HTTP client's
        """Fill in the header of a request, or take it off."""
        if request.headers.get("if-none-match") != ASKS["If-None-Match"]:
            return
        del request.headers["if-none-match"]
        if known := self._found(str(request.url)):
            request.headers["If-None-Match"] = known.tag.replace("*", _digest(request, known.body))

    def answer(self, response: Any) -> Any:  # noqa: ANN401 -- the HTTP client's, JSON
        """Return the JSON of an answer, from memory where nothing changed; ValueError where it is none."""
        url = str((*response.history, response)[0].request.url)
        tag = str(response.headers.get("etag") or "")
        known = self._found(url)
        if response.status_code == NOT_MODIFIED and known is not None:
            self._now[url] = known
            return json.loads(known.body)
        found = response.json()
        if self._keeps and tag and len(response.content) <= _MOST:
            body = response.content.decode()
            self._now[url] = _Answer(tag.replace(_digest(response.request, body), "*"), body)
        return found

    def kept(self) -> str | None:
        """Return what to remember of the answers, None where that is remembered already."""
        if not self._keeps or self._now == self._before:
            return None
        plain = json.dumps({url: (one.tag, one.body) for url, one in self._now.items()})
        return base64.b64encode(zlib.compress(plain.encode())).decode()

    def _found(self, url: str) -> _Answer | None:
        return self._now.get(url) or self._before.get(url)


def _digest(request: Any, body: str) -> str:  # noqa: ANN401 -- the HTTP client's
    told = [request.headers[name] for name in _VARIES if name in request.headers]
    return hashlib.sha256(":".join((*told, body)).encode()).hexdigest()


def _read(kept: str) -> dict[str, _Answer]:
    if not kept:
        return {}
    plain = json.loads(zlib.decompress(base64.b64decode(kept)))
    return {url: _Answer(tag, body) for url, (tag, body) in plain.items()}
