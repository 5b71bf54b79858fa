"""Follows every kind of link of ours from the front page, and notes what each answer was and cost."""

from __future__ import annotations

import re
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import httpx
from sqlalchemy import Engine, event

from app.pages import PAGES
from tests.app.serving import Server

EACH = 3
"""Of each kind of page so many are asked for, there are thousands; with a query, and of other forms, one."""
_KNOWN = sorted((one.path for one in PAGES), key=lambda path: path.count("{"))


@dataclass(frozen=True)
class Answer:
    """What came of one address: its ``kind`` is that of its shape, ``seconds`` are computing time."""

    path: str
    kind: str
    status: int
    media: str
    size: int
    statements: int
    seconds: float
    found_on: str
    missing: tuple[str, ...] | list[str] = ()

    @property
    def is_page(self) -> bool:
        return self.media.startswith("text/html")


class _Links(HTMLParser):
    """The links of a page to us, each with the part of the page that it means, and the page's own parts."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.links: list[tuple[str, str]] = []
        self.ids = {""}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        name = {"a": "href", "link": "href", "script": "src", "img": "src"}.get(tag, "")
        if link := given.get(name):
            there, part = urldefrag(urljoin(self.path, link))
            if not urlsplit(there).netloc:
                self.links.append((there, part))


def kind(address: str) -> str:
    """Return the shape of an address: names in it and values of its query are left out."""
    parts = urlsplit(address)
    names = "&".join(sorted(name for name, value in parse_qsl(parts.query) if value))
    stem, ending = re.fullmatch(r"(.*?)(\.json|\.csv)?", parts.path).groups("")  # type: ignore[union-attr]
    above, _, last = stem.rpartition("/")
    known = next((path for path in _KNOWN if re.fullmatch(_pattern(path), stem)), "")
    parent = next((path for path in _KNOWN if re.fullmatch(_pattern(path), above)), "")
    shape = known or (f"{parent}/{last}" if parent else stem)
    return f"{shape}{ending}{'?' if names else ''}{names}"


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))


def told(server: Server) -> list[dict[str, Any]]:
    return [asdict(one) for one in _walked(server)]


def _walked(server: Server) -> Iterator[Answer]:
    waiting, seen = deque([("/", "")]), {"/"}
    asked: defaultdict[str, int] = defaultdict(int)
    found: list[Answer] = []
    pages: dict[str, _Links] = {}
    while waiting:
        path, where = waiting.popleft()
        shape = kind(path)
        if asked[shape] >= (1 if re.search(r"[?]|\.(json|csv)$", shape) else EACH):
            continue
        asked[shape] += 1
        answer, text = _asked(server, path, shape, where)
        found.append(answer)
        if answer.is_page:
            pages[path] = page = _Links(path)
            page.feed(text)
            fresh = {there: None for there, _ in page.links if there not in seen}
            seen.update(fresh)
            waiting.extend((there, path) for there in fresh)
    for one in found:
        links = pages[one.path].links if one.path in pages else ()
        lost = [f"{there}#{part}" for there, part in links if there in pages and part not in pages[there].ids]
        yield Answer(**{**asdict(one), "missing": tuple(lost)})


def _asked(server: Server, path: str, shape: str, where: str) -> tuple[Answer, str]:
    with counted() as statements:
        began = time.process_time()
        answer = _got(server, path)
        seconds = time.process_time() - began
    media = answer.headers.get("content-type", "")
    size = len(answer.content)
    told = Answer(path, shape, answer.status_code, media, size, len(statements), seconds, where)
    return told, answer.text


def _got(server: Server, path: str) -> httpx.Response:
    """Ask once more where the last answer, which was a failure, ended the connection."""
    try:
        return server.get(path)
    except httpx.TransportError:
        return server.get(path)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Note the statements that this process sends to any database until the block ends."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)
