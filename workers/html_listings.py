"""Reads the page of links that an index without JSON has of one distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from urllib.parse import unquote

from workers import listings


def read(page: str, name: str) -> Mapping[str, object]:
    """Return a page of PEP 503 in the shape of PEP 691's JSON; UnusableError says what is wrong.

    Such a page names no distribution, so its files alone show whose it is; and it knows no upload times.
    """
    links = _Links()
    try:
        # Never closed: then the parser would look at an unfinished tag's rest once for each character of it.
        links.feed(page)
    except (AssertionError, ValueError) as error:
        raise listings.UnusableError("the index's page cannot be read") from error
    return {
        "name": name,
        "meta": {"api-version": links.about.get("pypi:repository-version")},
        "project-status": {"status": links.about.get("pypi:project-status")},
        "files": links.files,
    }


class _Links(HTMLParser):
    """Collects what links and ``meta`` elements say; all else is for people."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[Mapping[str, object]] = []
        self.about: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Take one element's attributes."""
        given = dict(attrs)
        if tag == "a" and (address := given.get("href")):
            if len(self.files) >= listings.MOST_FILES:
                raise listings.UnusableError(listings.TOO_MANY)
            self.files.append(_file(address, given))
        elif tag == "meta":
            self.about[given.get("name") or ""] = given.get("content") or ""


def _file(address: str, given: Mapping[str, str | None]) -> Mapping[str, object]:
    """Return what a link says of its file, under the names that JSON has for it."""
    path, _, fragment = address.partition("#")
    marks = dict(mark.partition("=")[::2] for mark in fragment.split("&"))
    return {
        "filename": unquote(path.partition("?")[0].rpartition("/")[2]),
        "url": path,
        "core-metadata": True if {"data-core-metadata", "data-dist-info-metadata"} & given.keys() else None,
        "hashes": {"sha256": marks["sha256"]} if "sha256" in marks else {},
        "requires-python": given.get("data-requires-python"),
        "yanked": "data-yanked" in given,
    }
