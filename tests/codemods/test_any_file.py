"""Whatever stands in a dependency file: reading it never fails, and only the bytes meant are changed."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from codemods import inventory, project, pythons, splices, versions
from codemods.manifests import poetry, poetry_tables
from codemods.manifests.model import Change, Format, Manifest, Requirement
from codemods.tree import Files
from tests.codemods import mutations

_FORMATS = pytest.mark.parametrize("format_", inventory.formats(), ids=lambda f: f.__name__.split(".")[-1])
_DICE = st.randoms(use_true_random=False)
_QUICK = settings(max_examples=150, deadline=None, derandomize=True, database=None)
_NAME = "entirely-other"
_VERSION = "77.7"


@_FORMATS
def test_a_format_has_cases_to_start_from(format_: Format) -> None:
    assert mutations.cases()[format_]


@_FORMATS
def test_a_format_says_where_a_name_stands(format_: Format) -> None:
    for path, data in mutations.cases()[format_]:
        for found in format_.read(path, data).requirements:
            is_key = path.endswith("Pipfile") or found.section.startswith(poetry_tables.SECTION)
            assert bool(found.named) != is_key, found
            if found.named:
                start, end = found.named
                assert canonicalize_name(data[start:end].decode()) == found.name


@_FORMATS
@_QUICK
@given(dice=_DICE)
def test_no_byte_changes_but_those_of_a_version_or_a_name(format_: Format, dice: Random) -> None:
    path, data = mutations.mutated(format_, dice)
    manifest = inventory.writing(path).read(path, data)
    for number, requirement in enumerate(manifest.requirements):
        for change in _changes(requirement):
            check(path, data, manifest, number, change)


def _changes(requirement: Requirement) -> list[Change]:
    """Return a change of each clause by itself, of all at once, and of the name."""
    clauses = [(i, _moved(c.operator, c.version)) for i, c in enumerate(requirement.clauses)]
    changes = [Change((one,)) for one in clauses]
    changes += [Change(tuple(clauses))] if len(clauses) > 1 else []
    return changes + ([Change((), name=_NAME)] if requirement.named else [])


def _moved(operator: str, version: str) -> str:
    return f"{version} || ^{_VERSION}" if operator == poetry.UNION else f"{operator}{_VERSION}"


def check(path: str, data: bytes, manifest: Manifest, number: int, change: Change) -> None:
    """Compare a file before and after one requirement changed, byte by byte and as it is read."""
    requirement = manifest.requirements[number]
    meant = [(requirement.clauses[i].at, requirement.clauses[i].end) for i, _ in change.clauses]
    meant += [requirement.named] if change.name and requirement.named else []
    written = inventory.writing(path).write(data, requirement, change)
    assert sorted((s.start, s.end) for s in written) == sorted(meant)
    after = splices.apply(data, written)
    assert _without(after, [(s.start, s.end, len(s.text)) for s in written]) == _kept(data, meant)
    read = inventory.writing(path).read(path, after)
    assert [_said(r) for r in read.requirements] == [
        _said(r, change if n == number else Change(())) for n, r in enumerate(manifest.requirements)
    ]


def _kept(data: bytes, spans: list[tuple[int, int]]) -> list[bytes]:
    """Return the pieces of a file between some spans."""
    ends = [0, *(place for span in sorted(spans) for place in span), len(data)]
    return [data[a:b] for a, b in zip(ends[::2], ends[1::2], strict=True)]


def _without(after: bytes, written: list[tuple[int, int, int]]) -> list[bytes]:
    """Return the pieces of a file between what was written, by where that stood before."""
    spans, shift = [], 0
    for start, end, length in sorted(written):
        spans.append((start + shift, start + shift + length))
        shift += length - (end - start)
    return _kept(after, spans)


def _said(requirement: Requirement, change: Change = Change(())) -> tuple[object, ...]:  # noqa: B008 -- frozen
    """Return all of a requirement but its places, as it is after a change."""
    clauses = [c.written for c in requirement.clauses]
    for index, text in change.clauses:
        clauses[index] = text
    hashes = [(h.algorithm, h.digest) for h in requirement.hashes]
    rest = (requirement.role, requirement.section, requirement.marker, requirement.line, requirement.hold)
    return (change.name or requirement.name, clauses, hashes, requirement.extras, *rest)


@_FORMATS
@_QUICK
@given(dice=_DICE)
def test_a_reference_stands_where_its_text_stands(format_: Format, dice: Random) -> None:
    path, data = mutations.mutated(format_, dice)
    for found in inventory.writing(path).read(path, data).references:
        assert data[found.at : found.end] == found.version.encode()
        assert data[found.said_at : found.said_end] == found.said.encode()


@settings(_QUICK, max_examples=300)
@given(dice=_DICE)
def test_a_tree_of_strange_files_is_read_as_a_whole(dice: Random) -> None:
    drawn = [mutations.mutated(dice.choice(inventory.formats()), dice) for _ in range(dice.randint(1, 6))]
    tree = Files(dict(drawn))
    found = inventory.read(tree)
    assert max(Counter(m.path for m in found.manifests).values(), default=1) == 1
    project.read(tree)
    for requirement in (r for m in found.manifests for r in m.requirements):
        pythons.marked(requirement.marker)
        versions.floor(requirement.clauses)
        versions.in_use(requirement.clauses, ())


_REPEATED = 20_000
_UNITS = (b" ", b"\n", b"\r", b"\\\n", b"(", b"1.", b"a,", b">=1,", b"||^1", b"# via a\n    ")
"""What regular expressions, and the parsers below them, are slow on once it is repeated."""


@_FORMATS
def test_the_same_over_and_over_takes_no_more_time_than_it_is_long(format_: Format) -> None:
    path, data = max(mutations.cases()[format_], key=lambda case: len(case[1]))
    ends = [n for n in range(1, len(data)) if data[n : n + 1].isspace() != data[n - 1 : n].isspace()]
    for unit in _UNITS:
        for place in (0, *ends[:: len(ends) // 2]):
            started = time.process_time()
            format_.read(path, data[:place] + unit * (_REPEATED // len(unit)) + data[place:])
            assert time.process_time() - started < 2, (unit, place)


@_FORMATS
def test_a_number_of_thousands_of_digits_is_no_version(format_: Format) -> None:
    for path, data in mutations.cases()[format_]:
        for requirement in format_.read(path, data).requirements:
            for clause in requirement.clauses:
                long = data[: clause.at] + b"9" * 5_000 + data[clause.end :]
                assert "9" * 5_000 not in {
                    c.version for r in format_.read(path, long).requirements for c in r.clauses
                }
