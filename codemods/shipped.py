"""Reads what a library says of the migrations that it brings along: data, of which nothing is run."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from packaging.version import InvalidVersion, Version

from codemods import boundaries
from codemods.boundaries import Boundary
from codemods.manifests import toml_document
from codemods.model import About, Applicability, Category, plain

FILE = "kotsu-migrations.toml"
"""Stands in the import package of a wheel, not in a folder below it."""
MODULES = (
    *("__future__", "collections", "collections.abc", "contextlib", "dataclasses", "enum", "functools"),
    *("itertools", "operator", "re", "string", "textwrap", "typing"),
    *("libcst", "libcst.helpers", "libcst.matchers", "libcst.metadata"),
    *("codemods.arguments", "codemods.certain", "codemods.guards", "codemods.layout", "codemods.leftovers"),
    *("codemods.moved", "codemods.names", "codemods.nodes", "codemods.reach", "codemods.renamed"),
    *("codemods.scopes", "codemods.shipped", "codemods.writing"),
)
"""What a migration may import: nothing else is there where it runs."""

_MOST, _MOST_CHANGES = 50, 500
_LARGEST = 256 * 1024
_MODULE = re.compile(r"[A-Za-z_]\w{0,60}(?:\.[A-Za-z_]\w{0,60}){0,3}", re.ASCII)
_SLUG = re.compile(r"[a-z][a-z0-9]{0,30}(?:-[a-z0-9]{1,30}){0,5}")
_ADDRESS = re.compile(r"https://[\w.:/?#&=%~+,;@!-]{1,300}", re.ASCII)
_KEYS = frozenset(
    {"name", "module", "crosses", "since", "title", "risk", "why", "needles", "references", "tests"}
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a migration is told: the versions in use and proposed, and the lowest one that stays possible.

    ``floor`` is the lowest Python (major, minor) that the project declares, None when it declares none.
    """

    before: str
    after: str
    lowest: str
    floor: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing of a migration counts; ``words`` say why, as the end of a sentence."""

    words: str


class MistakeError(ValueError):
    """The file has a mistake; the text says which, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration that a ``distribution`` (normalised name) brings, in its makers' words.

    Nobody but `workers.enclosure` runs the ``source``.
    """

    id: str
    distribution: str
    about: About
    why: str
    source: str = field(repr=False)
    kind: ClassVar[str] = "migrations"

    @property
    def crosses(self) -> Version:
        """The version with which the old way stops working."""
        return Version(self.about.crosses.removeprefix(">="))

    @property
    def since(self) -> Version:
        """The lowest version in which the new way works."""
        return Version(self.about.since or self.about.crosses.removeprefix(">="))


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a release brings: migrations that may be run, what changes in it, and sentences for people."""

    migrations: tuple[Migration, ...] = ()
    boundary: Boundary | None = None
    sentences: tuple[str, ...] = ()


def imports(source: str) -> list[str]:
    """Return the modules that a migration's source imports, and may."""
    named = (name for node in ast.walk(ast.parse(source)) for name in _imported(node))
    return [name for name in dict.fromkeys(named) if name in MODULES]


def listed(text: str) -> Mapping[str, Any]:
    """Return what a file holds; MistakeError says what is wrong with it as a whole."""
    if len(text) > _LARGEST:
        raise MistakeError(f"it is larger than {_LARGEST // 1024} KiB")
    try:
        found: dict[str, Any] = toml_document.parse(text.encode())
    except ValueError as error:
        raise MistakeError(str(error)[:120]) from None
    if unknown := sorted(found.keys() - {"modules", "migration", "change", "note"}):
        raise MistakeError(f"{_named(unknown[0])} is none of modules, migration, change and note")
    for name, most in (("migration", _MOST), ("change", _MOST_CHANGES), ("note", _MOST_CHANGES)):
        tables = found.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise MistakeError(f"{name} has to be tables: [[{name}]]")
        if len(tables) > most:
            raise MistakeError(f"it has more than {most} tables {name}")
    return found


def modules(found: Mapping[str, Any]) -> list[str]:
    """Return the modules that a file names, dotted below the package that it stands in, each once."""
    return list(dict.fromkeys(_module(where, table) for where, table in _numbered(found)))


def migrations(
    found: Mapping[str, Any], sources: Mapping[str, str], distribution: str, version: Version
) -> tuple[Migration, ...]:
    """Return the migrations of a file; ``sources`` are their modules' texts, ``version`` is the release's."""
    made = [_migration(table, where, sources, distribution, version) for where, table in _numbered(found)]
    ids = [migration.id for migration in made]
    if twice := next((id_ for id_ in ids if ids.count(id_) > 1), ""):
        raise MistakeError(f"two migrations are called {twice}")
    return tuple(made)


def boundary(found: Mapping[str, Any]) -> Boundary | None:
    """Return what changes in the library by its own words; None where it has none."""
    if not (found.get("change") or found.get("note")):
        return None
    for name, known in (("change", _CHANGE), ("note", _NOTE)):
        for number, table in enumerate(found.get(name, ()), 1):
            _typed(table, known, f"{name} {number}")
    roots = _words(found, "modules", "the file", most=20)
    if not roots or not all(_MODULE.fullmatch(root) for root in roots):
        raise MistakeError("modules has to name what code imports")
    try:
        return boundaries.parsed(found)
    except ValueError as error:
        raise MistakeError(f"{error}") from None


_CHANGE: Mapping[str, tuple[type, int]] = {
    "name": (str, 200),
    "at": (str, 40),
    "what": (str, 300),
    "by": (str, 200),
    "hand": (str, 400),
    "url": (str, 300),
    "beyond": (int, 100),
    "lacks": (int, 100),
}
_NOTE: Mapping[str, tuple[type, int]] = {
    "at": (str, 40),
    "text": (str, 600),
    "url": (str, 300),
    "uses": (list, 50),
}
_REQUIRED = {"change": ("name", "at", "what"), "note": ("at", "text", "url")}


def _typed(table: Mapping[str, Any], known: Mapping[str, tuple[type, int]], where: str) -> None:
    """Raise MistakeError for what a table of values should not hold."""
    for key, value in table.items():
        kind, most = known.get(key, (type(None), 0))
        if key not in known:
            raise MistakeError(f"{where} has the unknown key {_named(key)}")
        if type(value) is not kind or _size(value) > most:
            raise MistakeError(f"{where}: {key} is no {kind.__name__} of {most} at most")
    if missing := [key for key in _REQUIRED[where.partition(" ")[0]] if not table.get(key)]:
        raise MistakeError(f"{where} has no {missing[0]}")
    if table.get("url") and not _ADDRESS.fullmatch(table["url"]):
        raise MistakeError(f"{where}: url has to begin with https://")


def _size(value: Any) -> int:  # noqa: ANN401 -- whatever TOML holds
    """Return a number, or a length; of a list that has not only short texts, more than anybody allows."""
    if isinstance(value, list) and not all(isinstance(one, str) and len(one) <= 200 for one in value):  # noqa: PLR2004 -- as names
        return 10_000
    return int(value) if isinstance(value, int) else len(value)


def _numbered(found: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for number, table in enumerate(found.get("migration", ()), 1):
        yield f"migration {number}", table


def _migration(
    table: Mapping[str, Any],
    where: str,
    sources: Mapping[str, str],
    distribution: str,
    version: Version,
) -> Migration:
    if unknown := sorted(table.keys() - _KEYS):
        raise MistakeError(f"{where} has the unknown key {_named(unknown[0])}")
    name, module = _text(table, "name", where, 80), _module(where, table)
    if not _SLUG.fullmatch(name):
        raise MistakeError(f"{where}: name has to be lower-case words with hyphens")
    if module not in sources:
        raise MistakeError(f"{where}: the wheel has no module {module} beside {FILE}")
    needles = _words(table, "needles", where, most=50)
    if not needles or not all(len(n) > 2 and n.isascii() and n.isprintable() for n in needles):  # noqa: PLR2004 -- shorter ones are everywhere
        raise MistakeError(f"{where}: needles have to be texts of three characters at least")
    crosses, since = _versions(table, where, version)
    references = _words(table, "references", where, most=10)
    if not all(map(_ADDRESS.fullmatch, references)):
        raise MistakeError(f"{where}: references have to begin with https://")
    about = About(
        title=_text(table, "title", where, 80),
        category=Category.UPGRADE,
        applicability=Applicability.UNSAFE,
        risk=_text(table, "risk", where, 400),
        references=references,
        needles=tuple(needle.encode() for needle in needles),
        minutes=4,
        tests=bool(table.get("tests", True)),
        crosses=crosses,
        since=since,
    )
    why = _text(table, "why", where, 4000, _docstring(sources[module], where))
    return Migration(f"{plain(distribution)}-{name}", plain(distribution), about, why, sources[module])


def _versions(table: Mapping[str, Any], where: str, version: Version) -> tuple[str, str]:
    crosses = _text(table, "crosses", where, 40)
    since = _text(table, "since", where, 40, crosses.removeprefix(">="))
    try:
        first, over = Version(since), Version(crosses.removeprefix(">="))
    except InvalidVersion:
        raise MistakeError(f"{where}: crosses and since have to be versions, `>=4` and `3.2`") from None
    if not crosses.startswith(">=") or over > version:
        raise MistakeError(f"{where}: crosses has to be `>=` and a version up to {version}")
    if first > over:
        raise MistakeError(f"{where}: the new way has to work in {over}, which it crosses")
    return crosses, since


def _docstring(source: str, where: str) -> str:
    """Return the docstring of a module's source; MistakeError where it is no Python or imports too much."""
    if len(source) > _LARGEST:
        raise MistakeError(f"{where}: its module is larger than {_LARGEST // 1024} KiB")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise MistakeError(
            f"{where}: its module is no Python" + (f" (line {line})" if line else "")
        ) from None
    if odd := [name for node in ast.walk(tree) for name in _imported(node) if name not in MODULES]:
        raise MistakeError(f"{where}: its module imports {_named(odd[0])}, which is not there where it runs")
    if not any(isinstance(node, ast.FunctionDef) and node.name == "rewrite" for node in tree.body):
        raise MistakeError(f"{where}: its module has no function rewrite")
    return inspect.cleandoc(ast.get_docstring(tree, clean=False) or "")


def _imported(node: ast.AST) -> Sequence[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level or node.module is None:
            return ["." * node.level + (node.module or "")]
        # A package that shares nothing itself is named for its modules alone.
        return (
            [node.module]
            if node.module in MODULES
            else [f"{node.module}.{alias.name}" for alias in node.names]
        )
    return []


def _module(where: str, table: Mapping[str, Any]) -> str:
    module = _text(table, "module", where, 200)
    if not _MODULE.fullmatch(module):
        raise MistakeError(f"{where}: module has to be a dotted name below the package")
    return module


def _text(table: Mapping[str, Any], key: str, where: str, most: int, default: str = "") -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or not value.strip():
        raise MistakeError(f"{where} has no {key}")
    if len(value) > most:
        raise MistakeError(f"{where}: {key} has more than {most} characters")
    return value.strip()


def _words(table: Mapping[str, Any], key: str, where: str, *, most: int) -> tuple[str, ...]:
    value = table.get(key, [])
    is_right = isinstance(value, list) and all(isinstance(one, str) and len(one) <= 300 for one in value)  # noqa: PLR2004 -- a line or two
    if not is_right or len(value) > most:
        raise MistakeError(f"{where}: {key} has to be a list of texts")
    return tuple(value)


def _named(name: str) -> str:
    return f"`{''.join(c for c in name[:60] if c.isprintable() and c != chr(96))}`"
