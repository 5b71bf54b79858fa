"""Decides which release a requirement may move to, and how its specifier is written then."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from codemods import pythons
from codemods.manifests import poetry
from codemods.manifests.model import Clause
from codemods.model import Release, step

_CAP = re.compile(r"(\d+(?:\.\d+)*)(\.?(?:a|b|rc|dev)\d*)?")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a release must meet for one requirement.

    ``minors`` are the Pythons it has to run on; ``kept`` those of them that the version in use runs on;
    ``wheel`` whether that has wheels; ``prereleases`` whether they are asked for; ``age`` days a release must
    be old, or by the step from the version in ``use`` where ``ages`` are given; ``digests`` whether the
    requirement pins hashes.
    """

    today: date
    age: int
    minors: tuple[pythons.Minor, ...] = ()
    kept: tuple[pythons.Minor, ...] = ()
    wheel: bool = False
    prereleases: bool = False
    digests: bool = False
    ages: Mapping[str, int] = field(default_factory=dict)
    use: Version | None = None

    def age_of(self, version: Version) -> int:
        """Return how many days old a release must be."""
        return self.ages.get(step(self.use, version), self.age)


def refusal(release: Release, terms: Terms) -> str:
    """Return why a release may not be proposed, in words that follow its number; ``""`` when it may."""
    if release.yanked or release.version.local:
        return "was yanked" if release.yanked else "is a local build"
    if release.version.is_prerelease and not terms.prereleases:
        return "is a pre-release"
    if lost := _lost(release, terms):
        asked = release.requires_python or "another Python"
        return f"needs Python `{asked}`; this project supports {pythons.words(lost)}"
    return _incomplete(release, terms) or _too_young(release, terms)


def _lost(release: Release, terms: Terms) -> tuple[pythons.Minor, ...]:
    """Return the Pythons that a release would drop.

    A project without an upper bound seems to support Pythons that the version in use refuses as well: above
    its newest, nothing can be lost.
    """
    if not release.requires_python:
        return ()
    admitted = pythons.admitted(release.requires_python) or ()
    newest = max(terms.kept, default=None)
    return tuple(m for m in terms.minors if m not in admitted and (newest is None or m <= newest))


def _incomplete(release: Release, terms: Terms) -> str:
    if terms.wheel and not release.wheel:
        return "has no wheel, and the version in use has"
    return "has no sha256 digests on the index" if terms.digests and not release.hashes else ""


def _too_young(release: Release, terms: Terms) -> str:
    age = terms.age_of(release.version)
    if age <= 0:
        return ""
    uploaded = day(release)
    if uploaded is None:
        return "has no upload time on the index, so its age is unknown"
    days = max((terms.today - uploaded).days, 0)
    if days >= age:
        return ""
    return f"is {_days(days)} old; proposals wait until a release is {_days(age)} old"


def day(release: Release) -> date | None:
    """Return the day that a release was uploaded on, None when that is not known."""
    try:
        return date.fromisoformat(release.uploaded[:10])
    except ValueError:
        return None


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def best(versions: Collection[Version]) -> Version | None:
    """Return the newest of some versions, a final release before any pre-release; None of none."""
    return max(versions, key=lambda v: (not v.is_prerelease, v), default=None)


def newest(releases: Iterable[Release]) -> Release | None:
    """Return the newest release that is offered to everybody."""
    return max(filter(is_offered, releases), key=lambda r: r.version, default=None)


def is_offered(release: Release) -> bool:
    """Say whether a release is for everybody: neither yanked nor a pre-release nor a local build."""
    return not (release.yanked or release.version.is_prerelease or release.version.local)


def admits(clauses: Sequence[Clause], version: Version) -> bool:
    """Say whether a specifier admits a version, pre-releases included; one that is invalid admits none."""
    return admits_text(",".join(c.text for c in clauses), version)


def admits_text(specifier: str, version: Version) -> bool:
    """Say the same of a specifier's text."""
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except ValueError:  # which is also said of a number with thousands of digits
        return False


def is_pin(clauses: Sequence[Clause]) -> bool:
    """Say whether a specifier is one exact version."""
    return len(clauses) == 1 and clauses[0].operator == "==" and not clauses[0].version.endswith("*")


def is_bounded(clauses: Sequence[Clause]) -> bool:
    """Say whether a specifier can exclude newer versions for good: all but floors and single exclusions."""
    return any(c.operator in {"==", "===", "~=", "<", "<=", *poetry.OPERATORS} for c in clauses)


def floor(clauses: Sequence[Clause]) -> Version | None:
    """Return the lowest version that the clauses' lower bounds and pins name; None when nothing does."""
    lower = [c for c in clauses if c.operator in {"==", "===", "~=", ">=", ">", poetry.CARET, poetry.TILDE}]
    return max((v for c in lower if (v := parsed(c.version.removesuffix(".*")))), default=None)


def parsed(text: str) -> Version | None:
    """Return a version, or None for what is none."""
    try:
        return Version(text)
    except ValueError:  # see admits_text
        return None


def in_use(clauses: Sequence[Clause], releases: Iterable[Release]) -> Version | None:
    """Return the version that a requirement installs today: its pin, or the newest release it admits."""
    if is_pin(clauses):
        return parsed(clauses[0].version)
    return best([r.version for r in releases if not r.yanked and admits(clauses, r.version)])


def names_prerelease(clauses: Sequence[Clause]) -> bool:
    """Say whether a lower bound or a pin of a specifier is a pre-release."""
    lower = [parsed(c.version) for c in clauses if c.operator not in {"<", "<=", "!="}]
    return any(v.is_prerelease for v in lower if v)


def rewritten(
    clauses: Sequence[Clause], version: Version, *, keep_floor: bool
) -> tuple[tuple[int, str], ...] | None:
    """Return the clauses to change, by index, so that a version is admitted; None where no shape does.

    A pin becomes the version, a cap that excludes it moves just above it with as many parts as it has, ``~=``
    and poetry's operators keep their shape, or become a range where their floor must stay (``keep_floor``).
    Floors never change.
    """
    changes: list[tuple[int, str]] = []
    texts = [c.text for c in clauses]
    for index, clause in enumerate(clauses):
        if admits([clause], version):
            continue
        is_own = clause.operator in poetry.OPERATORS
        text = (poetry.moved if is_own else _clause)(clause, version, keep_floor=keep_floor)
        if text is None:
            return None
        changes.append((index, text))
        texts[index] = (poetry.specifier(text) or "") if is_own else text
    return tuple(changes) if admits_text(",".join(texts), version) else None


def _clause(clause: Clause, version: Version, *, keep_floor: bool) -> str | None:
    written = parsed(clause.version)
    if written is None or written > version or written.epoch != version.epoch or written.local:
        return None
    if clause.operator in {"==", "<="}:
        return f"{clause.operator}{version.public}"
    if clause.operator == "<":
        cap = _raised(clause.version, version)
        return cap and f"<{cap}"
    if clause.operator != "~=":
        return None
    parts = len(written.release)
    if keep_floor:
        cap = _raised(_joined((*written.release[: parts - 2], written.release[parts - 2] + 1)), version)
        return cap and f">={clause.version},<{cap}"
    number = _joined((version.release + (0,) * parts)[:parts])
    suffix = version.public[len(version.base_version) :] if version.is_prerelease else ""
    return f"~={number}{suffix}"


def _raised(cap: str, version: Version) -> str | None:
    """Return a cap of the same shape that is the next above a version, None for a shape that is unknown."""
    found = _CAP.fullmatch(cap)
    if not found or version.epoch:
        return None
    parts = [int(part) for part in found[1].split(".")]
    deciding = max((i for i, part in enumerate(parts) if part), default=None)
    if deciding is None:
        return None
    release = version.release + (0,) * len(parts)
    kept = [*release[:deciding], release[deciding] + 1]
    return _joined((*kept, *([0] * (len(parts) - len(kept))))) + (found[2] or "")


def _joined(parts: Iterable[int]) -> str:
    return ".".join(map(str, parts))
