"""One page as the router and the templates know it: a module with a path, a title and what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import ModuleType
from urllib.parse import quote

from app.pages.view import Shown, View, query

_STANDS = ("from", "after", "before")
"""What the names of those end with that say where in a long table somebody stands."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: ``path`` may have parts in braces, ``name`` is its template and its name in JSON."""

    name: str
    path: str
    title: str
    make: Callable[[View], Shown]

    def show(self, view: View) -> Shown:
        """Return what it shows; of what it cannot be narrowed to it says so."""
        shown = self.make(view)
        for one in shown.filters:
            if one.chosen and one.chosen not in dict(one.options):
                return replace(shown, lead=f"Nothing here has the {one.title.lower()} “{one.chosen}”.")
        return shown

    @property
    def stem(self) -> str:
        """Its path before ``.json`` and ``.csv``."""
        return _stem(self.path, self.name)

    def at(self, path: Mapping[str, str], asked: Mapping[str, str]) -> At:
        """Return the page where a visitor stands."""
        filled = self.path
        for name, value in path.items():
            filled = filled.replace(f"{{{name}}}", quote(value, safe=""))
        is_one = filled != self.path
        return At(self, filled, _stem(filled, self.name, is_one=is_one), asked)


@dataclass(frozen=True, slots=True)
class At:
    """A page at an address, with what was asked of it; ``stem`` is as that of the page."""

    page: Page
    path: str
    stem: str
    asked: Mapping[str, str]

    @property
    def name(self) -> str:
        """The page's name."""
        return self.page.name

    @property
    def title(self) -> str:
        """The page's title."""
        return self.page.title

    @property
    def json(self) -> str:
        """The address of the same as JSON."""
        return f"{self.stem}.json{query(**self.asked)}"

    def csv(self, table: str) -> str:
        """Return the address of one of its tables as CSV: all of it, wherever in it somebody stands."""
        asked = {name: value for name, value in self.asked.items() if not name.endswith(_STANDS)}
        return f"{self.stem}.csv{query(**{**asked, 'table': table})}"


def _stem(path: str, name: str, *, is_one: bool = False) -> str:
    """Return what ``.json`` is put behind; a name at the end of a path may itself end like that."""
    return f"{path.rstrip('/')}/{name}" if is_one or path.endswith(("/", "}")) else path


def of(module: ModuleType) -> Page:
    """Return the page that a module is."""
    return Page(module.NAME, module.PATH, module.TITLE, module.show)
