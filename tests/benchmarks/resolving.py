"""Puts single updates of compiled requirement sets before uv, which builds nothing, and counts conflicts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ours as kotsu
import theirs as renovate

from codemods import pythons
from tests import archives
from workers import resolver
from workers.sandbox import NoAnswerError

_COMPILED = re.compile(rb"(?:pip-compile|uv pip compile|hatch-pip-compile|pip-compile-multi)", re.IGNORECASE)
_HEAD = 2_000
_ROUNDS = 8
_AT_A_TIME = 4
_ELSEWHERE = re.compile(r"\s*(?:-e\b|--editable|file:|\.|[\w.\[\]-]+\s*@|git\+|https?:)")


@dataclass(frozen=True, slots=True)
class Count:
    """How many updates were ``asked`` about, how many did not resolve, how many nobody can judge."""

    asked: int = 0
    conflicts: int = 0
    unknown: int = 0

    def __add__(self, other: Count) -> Count:
        """Return both together."""
        return Count(self.asked + other.asked, self.conflicts + other.conflicts, self.unknown + other.unknown)

    def said(self) -> str:
        """Return the figures for people."""
        return (
            f"{self.conflicts} of {self.asked} do not resolve ({self.unknown} more: the set itself does not)"
        )


def theirs(
    root: Path, facts: Iterable[renovate.Fact], minors: Sequence[pythons.Minor], folder: Path
) -> Count:
    """Count Renovate's updates of pins in compiled files; one of a name to a version is one branch."""
    branches: dict[tuple[str, str], dict[str, set[tuple[str, str]]]] = {}
    for fact in facts:
        if fact.value.startswith("==") and _is_compiled(root / fact.path):
            for value, version in fact.proposed:
                where = branches.setdefault((fact.name, version), {})
                where.setdefault(fact.path, set()).add((fact.value, value))
    changed = [
        {path: _moved((root / path).read_text(), name, values) for path, values in files.items()}
        for (name, _), files in sorted(branches.items())
    ]
    return _all(root, changed, minors, folder)


def ours(
    root: Path, proposals: Iterable[kotsu.Proposal], minors: Sequence[pythons.Minor], folder: Path
) -> Count:
    """Count Kotsu's proposals that change a compiled file or what one is compiled from."""
    changed: list[dict[str, str]] = []
    with kotsu.scratch(root, folder) as copy:
        for proposal in proposals:
            paths = [p for p in proposal.files if p.endswith((".txt", ".in"))]
            with kotsu.patched(copy, proposal.patch):
                texts = {path: (copy / path).read_text() for path in paths}
            changed += [texts] if texts else []
    return _all(root, changed, minors, folder)


def _all(
    root: Path, changed: Sequence[Mapping[str, str]], minors: Sequence[pythons.Minor], folder: Path
) -> Count:
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        return sum(threads.map(lambda texts: _judged(root, texts, minors, folder), changed), Count())


def _is_compiled(path: Path) -> bool:
    return path.suffix == ".txt" and bool(_COMPILED.search(path.read_bytes()[:_HEAD]))


def _moved(text: str, name: str, values: Iterable[tuple[str, str]]) -> str:
    """Return a requirements file with other pins of one distribution."""
    pattern = re.sub(r"[-_.]+", "[-_.]+", name)
    for old, new in values:
        line = rf"(?im)^({pattern}(?:\[[^\]]*\])?\s*){re.escape(old)}(?![\w.])"
        text = re.sub(line, lambda found, new=new: found[1] + new, text)
    return text


def _judged(root: Path, texts: Mapping[str, str], minors: Sequence[pythons.Minor], folder: Path) -> Count:
    """Return one update: a conflict when any file of it resolves unchanged and not changed on a Python."""
    judged = False
    for path, text in sorted(texts.items()):
        base = _joined(root, path, (root / path).read_text())
        changed = _joined(root, path, text)
        for python in _asked(minors):
            if _resolves(base, python, folder):
                judged = True
                if not _resolves(changed, python, folder):
                    return Count(asked=1, conflicts=1)
    return Count(asked=1) if judged else Count(unknown=1)


def _asked(minors: Sequence[pythons.Minor]) -> Iterable[str]:
    """Return the declared lowest and highest Python; where none is declared, two that are common."""
    ends = (minors[0], minors[-1]) if minors else ((3, 9), (3, 12))
    return dict.fromkeys(f"{major}.{minor}" for major, minor in ends)


def _joined(root: Path, path: str, text: str) -> str:
    """Return what is installed with a file: its own lines and those that it includes or is bound to.

    Hashes are nothing to a resolver; what comes from a path or an address would have to be built.
    """
    lines = []
    for line in text.replace("\\\n", " ").splitlines():
        plain = re.sub(r"\s--hash=\S+|(?:^|\s)#.*", "", line).rstrip()
        named = re.match(r"\s*(?:-r|-c|--requirement|--constraint)[ =]?\s*(\S+)", plain)
        if named:
            other = (root / path).parent / named[1]
            inside = other.resolve().is_relative_to(root) and other.is_file()
            lines.append(_joined(root, str(other.relative_to(root)), other.read_text()) if inside else "")
        elif plain and not plain.lstrip().startswith("-") and not _ELSEWHERE.match(plain):
            lines.append(plain)
    return "\n".join(lines)


@cache
def _resolves(requirements: str, python: str, folder: Path) -> bool:
    """Say whether uv finds a set, without what has no wheel; what it cannot say counts as no."""
    ask = _resolver(folder)
    without: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        try:
            words = ask(requirements, "", python, without)
        except NoAnswerError:
            return False
        fresh = resolver.lacking(words) - without
        if not fresh:
            return not words
        without |= fresh
    return False


@cache
def _resolver(folder: Path) -> resolver.Resolve:
    store = folder / "uv-cache"
    store.mkdir(parents=True, exist_ok=True)
    return resolver.asking(archives.index() or "https://pypi.org/simple", store)
