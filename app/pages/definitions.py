"""What the words and numbers of the pages mean, and where their definitions come from."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from app.pages.view import Column, Shown, Table, View

PATH = "/definitions"
NAME = "definitions"
TITLE = "Definitions"

_COLUMNS = (
    Column("name", "Name"),
    Column("title", "Title"),
    Column("words", "Words"),
    Column("source", "Source"),
)


@cache
def all_of_them() -> dict[str, dict[str, str]]:
    """Return the definitions by name: each has a ``title``, ``words``, and perhaps a ``source``."""
    return tomllib.loads((Path(__file__).parent / "definitions.toml").read_text("utf-8"))


def show(view: View) -> Shown:  # noqa: ARG001 -- one of several
    """Show all of them."""
    known = sorted(all_of_them().items(), key=lambda item: item[1]["title"].lower())
    rows = [{"name": name, "source": None, **about} for name, about in known]
    return Shown(tables=[Table("definitions", TITLE, _COLUMNS, rows, "None.")], values={"known": known})
