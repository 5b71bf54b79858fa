"""What all places of a version of Python have in common: what they state, in which bytes and notation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from codemods.pythons import Minor

VERSION = r"(?P<version>(?P<major>[23])\.(?P<minor>\d{1,2})(?:\.(?P<patch>\d{1,2}))?)(?![\d.]*\d)"
"""A version with dots, of which the last part may be missing."""
JOINED = r"(?P<version>(?P<major>[23])(?P<minor>\d{1,2}))(?!\d)"
"""A version without dots: 39 and 310."""


class Role(Enum):
    """What a place states with its version."""

    DECLARED = "the lowest Python that installs it"
    TARGET = "the lowest Python that a tool writes or checks for"
    LISTED = "one of the Pythons that it is tested on, or said to run on"
    RUNS = "the one Python that something runs on"
    CAP = "the first Python that does not install it any more"
    TOLD = "words that people read, or a condition"
    UNKNOWN = "something that cannot be read"


class Shape(Enum):
    """How a version is written."""

    DOTTED = "3.9"
    PATCHED = "3.9.18"
    ZERO = "3.9.0"
    JOINED = "39"
    TAIL = "9"


@dataclass(frozen=True, slots=True)
class Row:
    """The list that a version stands in: the bytes of all its elements, in their order.

    ``keeps`` says that the lowest Python has to be among them; ``moves`` that none of them goes where it can
    move, as each holds more than a version. ``holder`` are the bytes that go where no
    element is left, None where one has to be. ``broken`` says why none can be taken out, ``""`` if they can.
    """

    elements: tuple[tuple[int, int], ...]
    keeps: bool = True
    moves: bool = False
    holder: tuple[int, int] | None = None
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One version of Python in the bytes ``start`` to ``end`` of a file; ``what`` names the place for people.

    ``before`` is written in front of another version. A ``bare`` one is a plain scalar of YAML, where 3.10
    would be a number and needs quotes. ``row`` is the list whose element ``index`` it stands in; ``kin`` says
    what it is if it is no plain CPython (``pypy``, ``other``): neither takes the place of the other.
    ``stuck`` says why no other version can be written here, ``""`` when one can.
    """

    path: str
    start: int
    end: int
    minor: Minor
    role: Role
    what: str
    shape: Shape = Shape.DOTTED
    before: str = ""
    bare: bool = False
    row: Row | None = None
    index: int = 0
    kin: str = ""
    stuck: str = ""


def minor(found: re.Match[str]) -> Minor:
    """Return the version that `VERSION` or `JOINED` matched."""
    return int(found["major"]), int(found["minor"])


def shape(found: re.Match[str]) -> Shape:
    """Return how `VERSION` is written."""
    return Shape.PATCHED if found["patch"] else Shape.DOTTED


def written(place: Place, wanted: Minor, patch: str = "") -> bytes:
    """Return a version in the notation of a place; ``patch`` is one in full, for places that have that."""
    dotted = f"{wanted[0]}.{wanted[1]}"
    text = {
        Shape.DOTTED: dotted,
        Shape.PATCHED: patch or dotted,
        Shape.ZERO: f"{dotted}.0",
        Shape.JOINED: f"{wanted[0]}{wanted[1]}",
        Shape.TAIL: str(wanted[1]),
    }[place.shape]
    quote = '"' if place.bare and text == dotted and text.endswith("0") else ""
    return f"{quote}{place.before}{text}{quote}".encode()


NEWEST_PYPY = (3, 11)
"""The newest Python that PyPy is one of (https://pypy.org/download.html)."""

_OPERATOR = r"(?P<operator>\^|~=|~|===?|!=|<=|>=|<|>|=)?"
_CLAUSE = re.compile(rf"{_OPERATOR}[ \t]*(?P<number>(?P<release>\d+(?:\.\d+)*)(?P<wild>\.\*)?)")
_PARTS = 2


def specifier(path: str, text: str, start: int, what: str) -> list[Place]:
    """Return what a specifier of Pythons at byte ``start`` says: its lower bounds and its caps."""
    stuck = f"`{text.strip()[:60]}` is written in a way that is not edited yet" if "|" in text else ""
    found = []
    for clause in _CLAUSE.finditer(text):
        parts = [int(part[:4]) for part in clause["release"].split(".")]
        version = (parts[0], parts[1] if len(parts) >= _PARTS else 0)
        at, end = start + clause.start("number"), start + clause.end()
        operator = clause["operator"] or ("==" if clause["wild"] or len(parts) >= _PARTS else "")
        if operator in {"<", "<="}:
            above = operator == "<=" or any(parts[_PARTS:])
            first = (version[0], version[1] + 1) if above else version
            found.append(Place(path, at, end, first, Role.CAP, what, stuck=stuck))
        elif operator == ">":
            begin = start + clause.start()
            found.append(Place(path, begin, end, version, Role.DECLARED, what, before=">=", stuck=stuck))
        elif operator in {">=", "^", "~=", "~", "==", "===", "="} and len(parts) >= _PARTS:
            at_end = end if operator == ">=" else end - len(clause["wild"] or "")
            form = _form(operator, len(parts))
            found.append(Place(path, at, at_end, version, Role.DECLARED, what, form, stuck=stuck))
        elif operator in {">=", "^", "~=", "~"}:
            found.append(Place(path, at, end, version, Role.DECLARED, what, stuck=stuck))
    return found


def _form(operator: str, parts: int) -> Shape:
    if parts <= _PARTS or operator in {">=", "^"}:
        return Shape.DOTTED
    return Shape.PATCHED if operator in {"==", "===", "="} else Shape.ZERO


_CLASSIFIER = re.compile(
    r"Programming Language :: Python :: (?:(?P<version>(?P<major>\d)\.(?P<minor>\d{1,2}))|2)\s*"
)


def classifier(path: str, text: str, start: int, row: Row, index: int) -> list[Place]:
    """Return what a classifier at byte ``start`` says of a Python."""
    found = _CLASSIFIER.fullmatch(text)
    if found is None:
        return []
    what = "a classifier"
    if not found["version"]:
        end = start + len(text)
        return [Place(path, start, end, (2, 0), Role.LISTED, what, row=row, index=index, kin="other")]
    span = start + found.start("version"), start + found.end("version")
    return [Place(path, *span, minor(found), Role.LISTED, what, row=row, index=index)]


_LISTED = re.compile(rf"(?P<kin>pypy-?|graalpy-?)?(?:py(?:thon)?-?)?{VERSION}(?P<rest>(?:t|-dev|\.x)?)")


def listed(  # noqa: PLR0913, PLR0917 -- where it stands, and what it is
    path: str, text: str, start: int, what: str, row: Row, index: int, *, bare: bool = False
) -> list[Place]:
    """Return the version that an element of a list is: 3.9, pypy-3.9, 3.13t."""
    found = _LISTED.fullmatch(text)
    if found is None:
        return []
    kin = _kin(found["kin"] or "", found["rest"])
    span = start + found.start("version"), start + found.end("version")
    plain = bare and span == (start, start + len(text))
    return [Place(path, *span, minor(found), Role.LISTED, what, shape(found), "", plain, row, index, kin)]


def _kin(name: str, rest: str = "") -> str:
    if name.startswith("pypy"):
        return "pypy"
    return "other" if name.startswith("graalpy") or rest in {"t", "-dev"} else ""


_FACTOR = re.compile(rf"(?:^|(?<=-))(?P<kin>pypy|py|cp)-?(?:{JOINED}|(?P<dotted>3\.\d{{1,2}}))(?=-|$|\*)")
_BARE_FACTOR = re.compile(r"(?P<version>(?P<major>[23])\.(?P<minor>\d{1,2}))(?=-|$)")


def factor(  # noqa: PLR0913, PLR0917 -- see listed
    path: str, text: str, start: int, what: str, row: Row, index: int
) -> list[Place]:
    """Return the version that the name of an environment of tox, or of a wheel's build, is about."""
    if found := _BARE_FACTOR.match(text):
        span = start + found.start("version"), start + found.end("version")
        return [Place(path, *span, minor(found), Role.LISTED, what, row=row, index=index)]
    found = _FACTOR.search(text)
    if found is None:
        return []
    kin = _kin(found["kin"])
    if dotted := found["dotted"]:
        span, version = found.span("dotted"), (3, int(dotted[2:]))
        form = Shape.DOTTED
    else:
        span, version, form = found.span("version"), minor(found), Shape.JOINED
    return [
        Place(
            path,
            start + span[0],
            start + span[1],
            version,
            Role.LISTED,
            what,
            form,
            row=row,
            index=index,
            kin=kin,
        )
    ]


_PIECE = re.compile(r"(?:[^\s,{}]|\{[^{}\n]*\})+")
_BRACES = re.compile(r"(?P<lead>(?:^|(?<=-))(?:py(?:3\.?)?)?)\{(?P<parts>[^{}\n]*)\}")


def environments(path: str, pieces: Sequence[tuple[int, str]], what: str) -> list[Place]:
    """Return the versions in lists of environments of tox: py{39,310}-x, py311; pieces with their bytes."""
    spans = [(at + m.start(), at + m.end(), m[0]) for at, text in pieces for m in _PIECE.finditer(text)]
    row = Row(tuple((start, end) for start, end, _ in spans))
    found: list[Place] = []
    for index, (start, _, text) in enumerate(spans):
        inner = [p for m in _BRACES.finditer(text) for p in _braced(path, m, start, what)]
        found += inner or factor(path, text, start, what, row, index)
    return found


def _braced(path: str, braces: re.Match[str], start: int, what: str) -> list[Place]:
    parts = list(re.finditer(r"[^,\s]+", braces["parts"]))
    at = start + braces.start("parts")
    row = Row(tuple((at + p.start(), at + p.end()) for p in parts))
    found: list[Place] = []
    for index, part in enumerate(parts):
        begin, end = row.elements[index]
        if braces["lead"] in {"py3", "py3."}:
            if part[0].isdigit():
                version = (3, int(part[0][:2]))
                found.append(
                    Place(path, begin, end, version, Role.LISTED, what, Shape.TAIL, row=row, index=index)
                )
        elif braces["lead"] == "py":
            if m := re.fullmatch(JOINED, part[0]):
                found.append(
                    Place(path, begin, end, minor(m), Role.LISTED, what, Shape.JOINED, row=row, index=index)
                )
            else:
                found += listed(path, part[0], begin, what, row, index)
        else:
            found += factor(path, part[0], begin, what, row, index)
    return found


_OFFICIAL = re.compile(
    r"python|(?:.*/)?library/python|docker\.io/python|public\.ecr\.aws/lambda/python|cimg/python"
)
"""Images of Python that have every version of it, also through a mirror of Docker's library."""
_TAG = re.compile(rf"(?:.*-)?(?:python)?{VERSION}(?P<variant>(?:-[\w.]+)*)")
_VARIANTS = frozenset({"", "-slim", "-alpine", "-bookworm", "-slim-bookworm", "-trixie", "-slim-trixie"})
_OLDER = frozenset({"-bullseye", "-slim-bullseye"})
_LAST_OLDER = (3, 13)
_OF_UV = "astral-sh/uv"


def image(path: str, name: str, tag: str, start: int, *, digest: bool = False) -> list[Place]:
    """Return the Python that an image's tag at byte ``start`` names; ``digest``: it is pinned by one."""
    official, of_uv = _OFFICIAL.fullmatch(name), name.endswith(_OF_UV)
    found = _TAG.fullmatch(tag)
    if found is None or not (official or name.endswith("/python") or "python" in tag):
        return []
    said, variant = minor(found), found["variant"]
    # Tags of older systems move no more, so that the newest patch releases have none.
    older = variant in _OLDER and said < _LAST_OLDER and not found["patch"]
    known = of_uv or (official and (variant in _VARIANTS or older))
    stuck = "" if known else f"whether `{name}` has one of another Python for `{tag}` is not known"
    stuck = f"`{name}` is pinned by a digest" if digest else stuck
    span = start + found.start("version"), start + found.end("version")
    return [Place(path, *span, said, Role.RUNS, f"the image `{name}`"[:80], shape(found), stuck=stuck)]
