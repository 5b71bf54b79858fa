"""What nobody could see in a review is not proposed, and a branch's name does nothing but name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from codemods import inventory, registry
from codemods.model import Edit, Facts, Finding
from codemods.tree import Files
from workers import config, discover, visible

_FACTS = Facts(today=date(2026, 11, 26), floor=(3, 12), pythons=((3, 12),))
_UTCNOW = "from datetime import datetime\n\nBORN = datetime.utcnow()  # {}\nNAME = '{}'\n"


def _found(path: str, text: str, id_: str = "aware-utcnow") -> discover.Discovery:
    known = {id_: registry.catalogue()[id_]}
    return discover.run(Files({path: text.encode()}), known, _FACTS, config.defaults())


@pytest.mark.parametrize(
    "character", ["\u202e", "\u2066", "\u200b", "\u200f", "\u2060", "\ufeff", "\U000e0041"]
)
def test_a_line_with_characters_that_nobody_sees_is_not_written_again(character: str) -> None:
    found = _found("clock.py", _UTCNOW.format(f"a{character}b", ""))
    assert found.findings == ()
    assert [p.message for p in found.problems] == [
        "skipped: `aware-utcnow` would write a line with characters that nobody sees"
    ]


@pytest.mark.parametrize(("comment", "name"), [("é", "ä"), ("\u200d", ""), ("", "\u202e"), ("", "\u200b")])
def test_what_can_be_seen_and_what_stays_as_it_is_keep_nothing_back(comment: str, name: str) -> None:
    found = _found("clock.py", "\ufeff" + _UTCNOW.format(comment, name))
    assert [f.line for f in found.findings] == [1, 3]
    assert found.problems == ()


@pytest.mark.parametrize("name", ["she\u202elf", "she\u200blf", "sh\u0435lf", "shelf\u2060", "\uff53helf"])
def test_a_package_whose_name_hides_something_is_no_requirement(name: str) -> None:
    tree = Files({"requirements.txt": f"{name}==1.0\nplain==1.0\n".encode()})
    (manifest,) = inventory.read(tree).manifests
    assert [r.name for r in manifest.requirements] == ["plain"]


_HOSTILE = (
    "$(touch x)",
    "a;curl h",
    "a`id`",
    "a|b",
    "a&b",
    "a b",
    "a\nb",
    "a'b",
    'a"b',
    "${{ x }}",
    "-rf",
    "../x",
    "é",
)


@pytest.mark.parametrize("target", [*_HOSTILE, "a" * 201])
def test_what_a_branch_may_not_be_named_after_is_not_proposed(target: str) -> None:
    kept, problems = visible.sifted([_finding(target)])
    assert kept == []
    assert [p.message for p in problems] == [
        "skipped: what `upgrade-dependency` is about has a name that no branch may have"
    ]


@pytest.mark.parametrize(
    "target", ["", "django", "zope.interface", "github.com/actions/checkout", "shop.Price.old_net"]
)
def test_ordinary_names_are_names_of_branches(target: str) -> None:
    found = _finding(target)
    assert visible.sifted([found]) == ([found], [])


def test_a_file_is_named_once_for_all_that_is_left_out_of_it() -> None:
    edit = Edit("a.txt", b"a\n", "\u202eb\n".encode())
    found = [replace(_finding("django"), edit=edit, message=words) for words in ("one", "two")]
    assert len(visible.sifted(found)[1]) == 1


def _finding(target: str) -> Finding:
    return Finding("upgrade-dependency", "a.txt", 1, "seen", None, target)
