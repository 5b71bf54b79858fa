"""Reads one string of a TOML file as the requirement it is, with the comments that stand by it."""

from __future__ import annotations

import posixpath
import re

from codemods.manifests import comments, pep508, toml_strings
from codemods.manifests.model import Manifest, Requirement, Role

_NEAR = 1000
_MOST_ABOVE = 20
_OPTION = re.compile(r"(-r|--requirement|-c|--constraint)[ =]?\s*([^\s{}]+)")
_IN_LIST = re.compile(r"[^#\"'\n]*(#.*)?$")
_IN_TABLE = re.compile(r"(?:[^#\"'\n]|\"[^\"\n]*\"|'[^'\n]*')*(#.*)?$")


def declared(path: str, text: str, literal: toml_strings.Literal, section: str, role: Role) -> Manifest:
    """Return what an element of a list declares: a requirement, another file, or a name from an address."""
    if option := _OPTION.fullmatch(literal.raw):
        file = posixpath.normpath(posixpath.join(posixpath.dirname(path), option[2]))
        is_constraint = option[1] in {"-c", "--constraint"}
        return Manifest(path, constraints=(file,)) if is_constraint else Manifest(path, includes=(file,))
    located = pep508.locate(literal.raw, literal.start)
    if located is None:
        return Manifest(path)
    if located.direct:
        return Manifest(path, private=frozenset({located.name}))
    return Manifest(path, (written(path, text, literal, section, role, located),))


def written(  # noqa: PLR0913, PLR0917 -- where a requirement stands, and what it is
    path: str, text: str, literal: toml_strings.Literal, section: str, role: Role, located: pep508.Located
) -> Requirement:
    """Return a requirement of a string, held where a comment by it asks for that."""
    capped = any(c.operator in {"<", "<="} for c in located.clauses)
    comment = comments.hold(*_comments(text, literal), capped=capped)
    return Requirement(
        located.name,
        path,
        text.count("\n", 0, literal.start) + 1,
        located.clauses,
        role,
        section,
        located.marker,
        f"the comment `{comment}`" if comment else "",
        extras=located.extras,
        named=located.named,
    )


def _comments(text: str, literal: toml_strings.Literal) -> tuple[str, str]:
    """Return the comment on a string's line, and the comments right above it; both only from near by."""
    line = text[literal.end + 1 : literal.end + _NEAR].partition("\n")[0].rstrip("\r")
    # Of several elements on one line, a comment is about the last; an inline table is one thing.
    rest = (_IN_TABLE if isinstance(literal.path[-1], str) else _IN_LIST).match(line)
    above: list[str] = []
    end = text.rfind("\n", 0, literal.start)
    while end >= 0 and len(above) < _MOST_ABOVE:
        start = text.rfind("\n", 0, end) + 1
        if not (line := text[start:end].strip()).startswith("#"):
            break
        above.insert(0, line.lstrip("#"))
        end = start - 1
    return (rest[1] or "" if rest else "").strip(), " ".join(above)
