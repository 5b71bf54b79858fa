"""Puts upgrades that belong together into one proposal; majors stay alone, but for those of one release."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from codemods.model import Finding, Upgrade
from codemods.registry import Improvement
from workers import apart, rules
from workers.config import Config
from workers.draft import TITLE
from workers.model import Apart, Past, Trial, key_of

_DATA = Path(__file__).with_suffix(".toml")
_STUBS = "types-"
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class _Group:
    """What several upgrades have in common: a name, and the words for its members."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """Patterns of names whose upgrades are one group, majors too where they are released together."""

    group: _Group
    names: tuple[str, ...]
    majors: bool


_DEVELOPMENT = _Group("development-group", "development dependencies")


def bundled(
    findings: Iterable[Finding],
    catalogue: Mapping[str, Improvement],
    config: Config,
    past: Sequence[Past],
    alone: Sequence[Apart] = (),
) -> list[Finding]:
    """Return the findings, those of one group with its name and its title.

    A distribution that kotsu.yml or an earlier pull request speaks of by its own name stays by itself; so
    does what is urgent, the upgrade that waits for it, and what broke its group and goes ``alone`` since.
    """
    listed = list(findings)
    urgent = {f.target for f in listed if f.changes and catalogue[f.improvement].about.urgent}
    moving = {f.target: f for f in listed if f.upgrade and f.changes and f.target not in urgent}
    known = {p.key for p in past if p.word != "superseded"}
    said = _said(listed, moving, catalogue, config)
    members: dict[tuple[str, _Group], list[str]] = {}
    for name, finding in sorted(moving.items()):
        key = key_of(finding.improvement, name)
        group = _group(finding.upgrade, moving) if finding.upgrade else None
        lonely = finding.upgrade is not None and apart.goes_alone(finding.upgrade, alone)
        if group and key not in known and name in said and not lonely:
            members.setdefault((finding.improvement, group), []).append(name)
    members = {place: _alike(names, said) for place, names in members.items()}
    made = {
        name: (group, names)
        for (improvement, group), names in members.items()
        # One that is left of a group whose pull request is open stays in it.
        if len(names) > 1 or key_of(improvement, group.name) in known
        for name in names
    }
    return [_in(f, *made[f.target]) if f.upgrade and f.target in made else f for f in listed]


def only(findings: Iterable[Finding], trial: Trial) -> list[Finding]:
    """Return the findings of a trial's members, as one group."""
    improvement, _, name = trial.group.partition("/")
    wanted = trial.newest
    of = (f for f in findings if f.improvement == improvement and f.target in wanted and f.changes)
    return [replace(f, group=name, title=f"Try {', '.join(wanted)}") for f in of]


def _said(
    findings: Iterable[Finding],
    moving: Mapping[str, Finding],
    catalogue: Mapping[str, Improvement],
    config: Config,
) -> Mapping[str, tuple[int, ...]]:
    """Return for what is wanted and moves which rules speak of it by name."""
    places: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        places.setdefault((finding.improvement, finding.target), []).append(finding)
    said: dict[str, tuple[int, ...]] = {}
    for name, finding in moving.items():
        id_ = finding.improvement
        about = rules.about_one(catalogue[id_], places[id_, name])
        if config.enabled_for(key_of(id_, name)) and rules.wishes(config, about).enabled:
            said[name] = rules.named(config, about)
    return said


def _alike(names: Sequence[str], said: Mapping[str, tuple[int, ...]]) -> list[str]:
    """Return the most of some names that the same rules speak of."""
    counts = Counter(said[name] for name in names)
    kept = min(counts, key=lambda numbers: (-counts[numbers], numbers))
    return [name for name in names if said[name] == kept]


def _in(finding: Finding, group: _Group, names: Sequence[str]) -> Finding:
    if len(names) == 1:
        return replace(finding, group=group.name)
    some = f"Upgrade {', '.join(names[:-1])} and {names[-1]}"
    is_short = len(names) <= _SHOWN and len(some) <= TITLE
    return replace(
        finding, group=group.name, title=some if is_short else f"Upgrade {len(names)} {group.words}"
    )


def _group(upgrade: Upgrade, moving: Collection[str]) -> _Group | None:
    """Return the group that an upgrade may join, None when it stays alone."""
    name = upgrade.name
    for rule in _rules():
        if (rule.majors or not upgrade.is_major) and any(fnmatchcase(name, p) for p in rule.names):
            return rule.group
    package = name.removeprefix(_STUBS)
    if {package, _STUBS + package} <= set(moving):
        return _Group(f"{package}-group", "distributions")
    return _DEVELOPMENT if upgrade.development and not upgrade.is_major else None


@cache
def _rules() -> tuple[_Rule, ...]:
    told = tomllib.loads(_DATA.read_text("utf-8"))
    return (*_read(told["together"], majors=True), *_read(told["alike"], majors=False))


def _read(table: Mapping[str, Mapping[str, Sequence[str]]], *, majors: bool) -> Iterator[_Rule]:
    for name, entry in table.items():
        words = f"distributions of {name}" if majors else name
        yield _Rule(_Group(f"{name}-group", words), tuple(entry["names"]), majors)
