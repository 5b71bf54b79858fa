"""Looks at pages on a ledger, without a server: two organisations, and somebody who is of one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType

import pytest

from app.pages.view import Cell, Link, Shown, View
from app.visitors import Visitor
from tests.fleet import NOW
from workers import ledger
from workers.ledger import Ledger
from workers.messages import Repository

SHOP, SITE, VAULT = 1, 2, 3
ACME, OTHER = 7, 8
_NAMES = {SHOP: ("acme", "shop", ACME), SITE: ("acme", "site", ACME), VAULT: ("other", "vault", OTHER)}
ADA = Visitor("ada", "key-of-ada", {SHOP: "admin", SITE: "pull"})
BOB = Visitor("bob", "key-of-bob", {SHOP: "push"})
LOCAL = Visitor("whoever runs this server", "key")


@dataclass
class Looker:
    """Shows a page to Ada, or to somebody else."""

    book: Ledger

    def view(self, visitor: Visitor = ADA, path: Mapping[str, str] | None = None, **query: str) -> View:
        return View(self.book, visitor, NOW, query, path or {})

    def at(
        self, page: ModuleType, visitor: Visitor = ADA, path: Mapping[str, str] | None = None, **query: str
    ) -> Shown:
        shown: Shown = page.show(self.view(visitor, path, **query))
        return shown

    def pull(  # noqa: PLR0913 -- what a pull request is, each by its name
        self,
        repository: int,
        number: int,
        *,
        improvement: str = "bare-except",
        key: str = "",
        state: str = "open",
        days: float = 1,
        opened: datetime = NOW - timedelta(days=20),
        **more: object,
    ) -> None:
        """Write a pull request that was merged or closed so many days after it was opened."""
        self.book.save_proposal(
            repository,
            key=key or f"{improvement}/{number}",
            improvement=improvement,
            title=f"Mend {number}",
            branch=f"kotsu/{number}",
            number=number,
            url=f"https://github.com/pull/{number}",
            head_sha="a" * 40,
            digest="",
            minutes=2,
            now=opened,
            **more,
        )
        if state != "open":
            self.book.close_proposal(repository, number, state, opened + timedelta(days=days))


@pytest.fixture
def looker(sqlite_url: str) -> Iterator[Looker]:
    book = ledger.open(sqlite_url)
    for id_, (owner, name, installation) in _NAMES.items():
        book.upsert_repository(Repository(id_, owner, name, "main", installation), NOW)
    yield Looker(book)
    book.close()


def figures(shown: Shown) -> Mapping[str, Cell]:
    return {figure.key: figure.value for figure in shown.figures}


def column(shown: Shown, table: str, key: str) -> list[Cell]:
    """Return the cells below a title, a link as its words."""
    cells = [row[key] for row in shown.table(table).rows]
    return [cell.words if isinstance(cell, Link) else cell for cell in cells]
