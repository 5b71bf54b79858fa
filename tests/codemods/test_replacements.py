"""What the data file of replacements must be, and what its trigger and numbers mean."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.resources import files

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from codemods import manifests, replacements
from codemods.manifests.model import Clause
from codemods.replacements import Kind, Replacement

_KNOWN = replacements.known()
_EVERY = pytest.mark.parametrize("entry", _KNOWN.values(), ids=lambda e: e.old)


def test_there_are_enough_to_matter_and_they_are_sorted() -> None:
    assert len(_KNOWN) >= 40
    names = list(tomllib.loads((files(manifests) / "replacements.toml").read_text("utf-8")))
    assert names == sorted(names)


@_EVERY
def test_names_are_normalised(entry: Replacement) -> None:
    assert entry.old == canonicalize_name(entry.old)
    if entry.kind is not Kind.STDLIB:
        assert entry.new == canonicalize_name(entry.new)
    assert entry.new != entry.old or entry.kind is Kind.STDLIB


@_EVERY
def test_what_takes_its_place_is_there(entry: Replacement) -> None:
    assert bool(entry.new) is (entry.kind is not Kind.DEAD)
    if entry.kind is Kind.STDLIB:
        assert entry.new.partition(".")[0] in sys.stdlib_module_names
    else:
        assert entry.new not in _KNOWN


@_EVERY
def test_a_trigger_says_when_it_is_true(entry: Replacement) -> None:
    assert re.fullmatch(r"always|[a-z0-9-]+>=\d+(\.\d+)*", entry.trigger)
    assert (entry.kind is Kind.STDLIB) is entry.trigger.startswith("python>=")


@_EVERY
def test_it_is_sourced_and_said_in_one_line(entry: Replacement) -> None:
    assert re.fullmatch(r"https://\S+", entry.source)
    assert re.fullmatch(r"[A-Z`][^\n]{10,158}\.|[a-z]\S+ [^\n]{10,158}\.", entry.why)


@_EVERY
def test_only_a_new_name_carries_numbers_over(entry: Replacement) -> None:
    SpecifierSet(entry.versions)
    assert not entry.versions or entry.kind is Kind.SAME_IMPORT
    assert entry.imports or entry.kind is Kind.DEAD
    assert not entry.keep or entry.kind is Kind.STDLIB


def _clauses(*texts: str) -> tuple[Clause, ...]:
    found = [re.fullmatch(r"(\W+)(.+)", text) for text in texts]
    return tuple(Clause(m[1], m[2], 0, 0, 0) for m in found if m)


def _entry(versions: str) -> Replacement:
    text = f'[lamp]\nnew = "light"\nkind = "same-import"\ntrigger = "always"\nversions = "{versions}"\n'
    return replacements.read(f'{text}source = "https://example.org"\nwhy = "So it is."\n')["lamp"]


@pytest.mark.parametrize(
    ("versions", "clauses", "carried"),
    [
        ("", (), True),
        ("", (">=1",), False),
        (">=2", (">=2.1", "<3"), True),
        (">=2", (">=1", "<3"), False),
        (">=2", ("==2.*",), False),
        (">=2", ("===2.1",), False),
        (">=2", (">=2.1rc1",), True),
    ],
)
def test_a_specifier_means_the_same_where_all_its_numbers_do(
    versions: str,
    clauses: tuple[str, ...],
    carried: bool,  # noqa: FBT001 -- one column of the table
) -> None:
    assert _entry(versions).carries(_clauses(*clauses)) is carried


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(TypeError, match="colour"):
        replacements.read('[a]\nkind = "dead"\ncolour = "red"\n')
