"""Reads CODEOWNERS by GitHub's rules: whose file is it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from codemods.model import Tree
from workers.wording import LOGIN

PATHS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for the file; the first one that is there counts."""
LARGEST = 3 * 1024 * 1024
"""Bytes of a file that GitHub reads at most."""
_MOST = 2_000  # patterns with a wildcard, each of which is compared with each path
_LONGEST = 4_096  # characters of a pattern; git takes no longer path
_DEEPEST = 64  # folders of a pattern, and of a path that is compared with one that has a wildcard
_COMMENT = re.compile(r"\s#")
_WORDS = re.compile(r"(?:\\ |\S)+")
_REFUSED = re.compile(r"!|[^\\]*\\|.*[\[\]]|/$")
_LONGEST_ADDRESS = 254  # characters, as the protocol of mail has it
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DEEP = "**"


@dataclass(frozen=True, slots=True)
class Owners:
    """Who owns what: logins, teams as ``organisation/team``, and the addresses of mails.

    ``said`` are the owners of each line, by its number; ``plain`` maps patterns without a wildcard to the
    last line that has them, ``wild`` holds the others by their folders, the last line first.
    """

    said: Sequence[tuple[str, ...]] = ()
    plain: Mapping[str, int] = field(default_factory=dict)
    wild: Sequence[tuple[int, tuple[str, ...]]] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path as the last pattern that matches it names them; perhaps none."""
        parts = path.split("/")
        line = max((self.plain.get(form, -1) for form in _forms(parts)), default=-1)
        for number, pattern in self.wild if len(parts) <= _DEEPEST else ():
            if number < line:
                break
            if _matches(parts, pattern):
                line = number
                break
        return self.said[line] if line >= 0 else ()

    def among(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Return the logins and teams that own any of the paths; the address of a mail is no login."""
        return tuple(sorted({name for path in set(paths) for name in self.of(path) if "@" not in name}))


def found(tree: Tree) -> Owners:
    """Return what a tree's CODEOWNERS says; one that GitHub does not read says nothing."""
    there = set(tree.paths())
    path = next((p for p in PATHS if p in there), None)
    if path is None:
        return Owners()
    try:
        data = tree.read(path)
        return read(data.decode("utf-8-sig")) if len(data) <= LARGEST else Owners()
    except (OSError, UnicodeDecodeError):
        return Owners()


def read(text: str) -> Owners:
    """Return what the text of a CODEOWNERS says; a line that is not well formed is skipped."""
    said: list[tuple[str, ...]] = []
    plain: dict[str, int] = {}
    wild: list[tuple[int, tuple[str, ...]]] = []
    for pattern, owners in _lines(text):
        if {"*", "?"}.isdisjoint(pattern):
            plain[pattern] = len(said)
        else:
            wild.append((len(said), _folders(pattern)))
        said.append(owners)
    # Nobody writes so many by hand, and comparing them all would take minutes.
    return Owners(said, plain, wild[::-1]) if len(wild) <= _MOST else Owners()


def _lines(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield patterns with their owners; one that starts at the root has a slash at its front."""
    for line in text.split("\n"):
        pattern, *words = _WORDS.findall(_COMMENT.split(line, maxsplit=1)[0]) or ("#",)
        pattern = pattern.replace("\\ ", " ")
        owners = tuple(_owner(word) for word in words)
        is_long = len(pattern) > _LONGEST or pattern.count("/") > _DEEPEST
        if is_long or pattern.startswith("#") or _REFUSED.match(pattern) or "" in owners:
            continue
        anchored = not pattern.startswith("/") and "/" in pattern.rstrip("/")
        yield "/" * anchored + pattern, tuple(sorted(set(owners)))


def _owner(word: str) -> str:
    """Return a login or team without its @ and in lower case, or an address; ``""`` for anything else."""
    if len(word) > _LONGEST_ADDRESS:
        return ""
    if word.startswith("@"):
        return word[1:].lower() if LOGIN.fullmatch(word[1:]) else ""
    return word.lower() if _EMAIL.fullmatch(word) else ""


def _forms(parts: Sequence[str]) -> Iterator[str]:
    """Yield every pattern without a wildcard that a path matches, by itself or by a folder it lies in."""
    prefix = ""
    for number, name in enumerate(parts, start=1):
        prefix += f"/{name}"
        yield from (prefix, name)
        if number < len(parts):
            yield from (f"{prefix}/", f"{name}/")


def _folders(pattern: str) -> tuple[str, ...]:
    """Return a pattern part by part, where ``**`` stands for any number of folders.

    What is named is a file or a folder with all that is in it; a star alone names only what is right there.
    """
    names = pattern.removeprefix("/").split("/")
    if not pattern.startswith("/") and names[0] != _DEEP:
        names.insert(0, _DEEP)
    if names[-1] in {"", _DEEP}:
        return (*names[:-1], _DEEP, "*")
    return tuple(names) if names[-1] == "*" else (*names, _DEEP)


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Compare part by part; where it fails, the last ``**`` takes one part more: no earlier one has to."""
    place = there = 0
    back: tuple[int, int] | None = None
    while place < len(parts):
        if there < len(pattern) and pattern[there] == _DEEP:
            back, there = (place, there + 1), there + 1
        elif there < len(pattern) and fnmatchcase(parts[place], pattern[there]):
            place, there = place + 1, there + 1
        elif back is not None:
            place, there = back[0] + 1, back[1]
            back = (place, there)
        else:
            return False
    return all(name == _DEEP for name in pattern[there:])
