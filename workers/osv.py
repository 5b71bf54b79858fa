"""Reads OSV's records of published weaknesses, and believes nothing that it cannot check."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from codemods.weaknesses import SEVERITIES, Advisory, Span

_ECOSYSTEM = "PyPI"
_KNOWN = ("CVE-", "GHSA-", "PYSEC-")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9]{1,15}-[A-Za-z0-9-]{1,60}")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ORDER = ("introduced", "last_affected", "fixed")
"""The kinds of event, as they follow one another at the same version."""
_ZERO = Version("0")
_MOST, _IDS, _LONGEST_VERSION, _LONGEST_SUMMARY = 20_000, 20, 100, 160


def read(record: object) -> Mapping[str, Advisory]:
    """Return what a record says of the distributions on PyPI, by normalised name.

    Nothing is said by a record that was withdrawn. A part that cannot be read is left out, and so is all
    that is about other ecosystems.
    """
    if not isinstance(record, Mapping) or record.get("withdrawn"):
        return {}
    ids = _ids([record.get("id"), *_listed(record.get("aliases"))[:_IDS]])
    if not ids:
        return {}
    bare = Advisory(ids, _summary(record), _day(record.get("published")), severity=_severity(record))
    found: dict[str, Advisory] = {}
    for affected in _listed(record.get("affected")):
        name = _name(affected)
        if name:
            known = found.get(name, bare)
            spans = (*known.affected, *_spans(affected))
            found[name] = replace(known, affected=spans, versions=known.versions | _versions(affected))
    return {name: _short(advisory) for name, advisory in found.items() if _is_about_something(advisory)}


def merged(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    """Return each weakness once: what shares a name is the same one, also by way of a third."""
    groups: list[tuple[set[str], list[Advisory]]] = []
    for advisory in advisories:
        ids, members = set(advisory.ids), [advisory]
        apart = [group for group in groups if group[0].isdisjoint(ids)]
        for group in groups if len(apart) < len(groups) else ():
            if not group[0].isdisjoint(advisory.ids):
                ids |= group[0]
                members += group[1]
        groups = [*apart, (ids, members)]
    return tuple(sorted((_as_one(members) for _, members in groups), key=lambda a: a.ids))


def _as_one(group: Sequence[Advisory]) -> Advisory:
    """Return one advisory for several; who knows no end of it knows less than who does."""
    ending = [a for a in group if all(s.fixed or s.last for s in a.affected)]
    spans = (s for a in group for s in a.affected if not ending or s.fixed or s.last)
    return _short(
        Advisory(
            _ids([i for a in group for i in a.ids]),
            min((a.summary for a in group if a.summary), key=lambda text: (len(text), text), default=""),
            min((a.published for a in group if a.published), default=""),
            tuple(dict.fromkeys(spans)),
            frozenset(v for a in group for v in a.versions),
            max((a.severity for a in group), key=SEVERITIES.index),
        )
    )


def _short(advisory: Advisory) -> Advisory:
    """Return an advisory without the versions that its spans hold anyhow."""
    alone = (v for v in advisory.versions if not any(span.holds(v) for span in advisory.affected))
    return replace(advisory, versions=frozenset(alone))


def write(advisories: Iterable[Advisory]) -> str:
    """Return advisories as one line of text."""
    return json.dumps([_written(a) for a in advisories], separators=(",", ":"))


def _written(advisory: Advisory) -> Sequence[object]:
    spans = [[v and str(v) for v in (s.first, s.fixed, s.last)] for s in advisory.affected]
    versions = [str(v) for v in sorted(advisory.versions)]
    return [advisory.ids, advisory.summary, advisory.published, spans, versions, advisory.severity]


def parse(text: str | bytes) -> tuple[Advisory, ...]:
    """Return the advisories of such a line; ValueError for any other."""
    return tuple(
        Advisory(
            tuple(ids),
            summary,
            published,
            tuple(Span(*(v and Version(v) for v in span)) for span in spans),
            frozenset(map(Version, versions)),
            severity,
        )
        for ids, summary, published, spans, versions, severity in json.loads(text)
    )


def _listed(value: object) -> Sequence[object]:
    return value[:_MOST] if isinstance(value, list) else ()


def _ids(values: Iterable[object]) -> tuple[str, ...]:
    """Return names of a weakness, the best known first; what does not look like one is left out."""
    names = {value for value in values if isinstance(value, str) and _ID.fullmatch(value)}
    rank = {
        name: next((n for n, p in enumerate(_KNOWN) if name.startswith(p)), len(_KNOWN)) for name in names
    }
    return tuple(sorted(names, key=lambda name: (rank[name], name)))


def _summary(record: Mapping[str, object]) -> str:
    """Return the summary, or else the beginning of the details, as one printable line."""
    for value in (record.get("summary"), record.get("details")):
        if isinstance(value, str) and (plain := _line(value[: 4 * _LONGEST_SUMMARY])):
            return plain if len(plain) <= _LONGEST_SUMMARY else f"{plain[: _LONGEST_SUMMARY - 1].rstrip()}…"
    return ""


def _line(text: str) -> str:
    spaced = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(spaced.split())


def _day(value: object) -> str:
    if not isinstance(value, str) or not _DAY.match(value):
        return ""
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        return ""


def _severity(record: Mapping[str, object]) -> str:
    """Return the word that GitHub's advisories have for it; a vector of CVSS is no word."""
    said = record.get("database_specific")
    word = said.get("severity") if isinstance(said, Mapping) else None
    plain = word.lower() if isinstance(word, str) else ""
    return plain if plain in SEVERITIES else ""


def _name(affected: object) -> str:
    """Return the normalised name of a distribution on PyPI, ``""`` for anything else."""
    package = affected.get("package") if isinstance(affected, Mapping) else None
    if not isinstance(package, Mapping) or package.get("ecosystem") != _ECOSYSTEM:
        return ""
    said = package.get("name")
    name = canonicalize_name(said[:_LONGEST_VERSION]) if isinstance(said, str) else ""
    return name if _NAME.fullmatch(name) else ""


def _is_about_something(advisory: Advisory) -> bool:
    return bool(advisory.affected or advisory.versions)


def _versions(affected: object) -> frozenset[Version]:
    listed = _listed(affected.get("versions")) if isinstance(affected, Mapping) else ()
    return frozenset(v for v in map(_version, listed) if v)


def _version(value: object) -> Version | None:
    return _parsed(value) if isinstance(value, str) and len(value) <= _LONGEST_VERSION else None


@lru_cache(maxsize=65536)
def _parsed(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _spans(affected: object) -> Iterator[Span]:
    ranges = _listed(affected.get("ranges")) if isinstance(affected, Mapping) else ()
    for listed in ranges:
        if isinstance(listed, Mapping) and listed.get("type") == "ECOSYSTEM":
            yield from _between(_listed(listed.get("events")))


def _between(events: Sequence[object]) -> list[Span]:
    """Return the versions between events, none where one of them cannot be read."""
    steps = [step for event in events if isinstance(event, Mapping) for step in event.items()]
    points: list[tuple[Version, int]] = []
    limits: list[Version] = []
    for kind, value in steps:
        version = _version(value)
        if kind == "limit" and value == "*":
            continue
        if version is None or kind not in (*_ORDER, "limit"):
            return []
        if kind == "limit":
            limits.append(version)
        else:
            points.append((version, _ORDER.index(kind)))
    is_limited = limits and ("limit", "*") not in steps
    spans = _walked(sorted(points))
    return [cut for span in spans if (cut := _before(span, max(limits)))] if is_limited else spans


def _walked(points: Iterable[tuple[Version, int]]) -> list[Span]:
    """Return the spans that events open and close, in the order of their versions."""
    spans: list[Span] = []
    start: Version | None = None
    for version, kind in points:
        if _ORDER[kind] == "introduced":
            start = start or version
        elif start is not None:
            is_last = _ORDER[kind] == "last_affected"
            spans.append(Span(_first(start), None, version) if is_last else Span(_first(start), version))
            start = None
    return [*spans, Span(_first(start))] if start is not None else spans


def _first(start: Version) -> Version | None:
    """Return where a span begins: OSV writes 0 for before everything, pre-releases of 0 too."""
    return None if start == _ZERO else start


def _before(span: Span, limit: Version) -> Span | None:
    """Return what of a span lies before a version, None when nothing does."""
    if span.first is not None and span.first >= limit:
        return None
    end = span.fixed or span.last
    return span if end is not None and end < limit else Span(span.first, fixed=limit)
