"""A version with a published weakness: how far it moves, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from packaging.version import Version

from codemods import testing, weaknesses
from codemods.dependencies import fix_vulnerable_dependency as rule
from codemods.dependencies import upgrade_dependency
from codemods.model import Facts, Finding
from codemods.tree import Files
from codemods.weaknesses import Advisory, Span

_FIXED = "CVE-2026-1 GHSA-aa-bb 2026-11-01 <1.1 It falls"


def _facts(advisories: list[str], releases: list[str], **more: object) -> Facts:
    said = {"releases": {"shelf": releases}, "advisories": {"shelf": advisories}, **more}
    return testing.facts(said)


def _find(files: Mapping[str, str], facts: Facts) -> list[Finding]:
    return list(rule.find(Files({path: text.encode() for path, text in files.items()}), facts))


def _shelf(facts: Facts) -> list[Finding]:
    return _find({"requirements.txt": "shelf==1.0\n"}, facts)


def _after(found: list[Finding]) -> dict[str, str]:
    return {f.edit.path: (f.edit.after or b"").decode() for f in found if f.edit}


def test_a_fix_tells_names_summary_day_and_exposure() -> None:
    (found,) = _shelf(_facts([_FIXED], ["1.0 2026-01-01", "1.1 2026-10-31", "2.0 2026-11-01"]))
    assert _after([found]) == {"requirements.txt": "shelf==1.1\n"}
    assert found.message == (
        "`shelf` 1.0 → 1.1 (fixes CVE-2026-1, GHSA-aa-bb, `It falls`, published 2026-11-01,"
        " 23 days of exposure)"
    )
    assert found.title == "Upgrade shelf from 1.0 to 1.1 to fix CVE-2026-1"


@pytest.mark.parametrize("uploaded", ["2026-11-24", ""])
def test_a_fix_that_is_too_young_says_that_it_skips_the_release_age(uploaded: str) -> None:
    (found,) = _shelf(_facts([_FIXED], ["1.0 2026-01-01", f"1.1 {uploaded}"]))
    assert _after([found]) == {"requirements.txt": "shelf==1.1\n"}
    assert found.message.endswith("; skips the release age)")


def test_several_places_tell_of_the_weakness_once() -> None:
    files = {"a/requirements.txt": "shelf==1.0\n", "b/requirements.txt": "shelf==1.0\n"}
    found = _find(files, _facts([_FIXED], ["1.0 2026-01-01", "1.1 2026-10-31"]))
    assert ["fixes" in f.message for f in found] == [True, False]


def test_many_weaknesses_are_counted_and_the_last_ones_named() -> None:
    many = [f"CVE-2026-{n:02} 2026-10-{n:02} <1.1 Number {n}" for n in range(1, 21)]
    (found,) = _shelf(_facts(many, ["1.0 2026-01-01", "1.1 2026-10-31"]))
    assert found.title == "Upgrade shelf from 1.0 to 1.1 to fix 20 vulnerabilities"
    assert found.message.startswith("`shelf` 1.0 → 1.1 (fixes CVE-2026-20, `Number 20`")
    assert "also CVE-2026-17," in found.message
    assert found.message.endswith(" and 8 more)")


def test_what_stays_is_named() -> None:
    facts = _facts([_FIXED, "CVE-2026-2 >=0"], ["1.0 2026-01-01", "1.1 2026-10-31"])
    (found,) = _shelf(facts)
    assert "still affected by CVE-2026-2, which no release fixes yet" in found.message


def test_what_stays_because_something_is_in_the_way_is_named_with_it() -> None:
    facts = _facts([_FIXED, "CVE-2026-2 <2"], ["1.0 2026-01-01", "1.1 2026-10-31", "2.0 2026-10-31 >=3.12"])
    (found,) = _shelf(replace(facts, pythons=((3, 11), (3, 12))))
    assert _after([found]) == {"requirements.txt": "shelf==1.1\n"}
    assert (
        "still affected by CVE-2026-2: fixed in 2.0, but `shelf` 2.0 needs Python `>=3.12`" in found.message
    )


@pytest.mark.parametrize(
    ("needing", "said"),
    [
        (["nail"], "needed by `nail`;"),
        (["bolt", "nail"], "needed by `bolt`, `nail`;"),
        (["a", "b", "c", "d", "e"], "needed by `a`, `b`, `c` and 2 more;"),
    ],
)
def test_what_only_a_lock_file_names_is_told_with_those_that_need_it(needing: list[str], said: str) -> None:
    entry = '[[package]]\nname = "{}"\nversion = "1.0"\nsource = {{ registry = "https://pypi.org/simple" }}\n'
    entries = [entry.format(name) + 'dependencies = [{ name = "shelf" }]\n' for name in needing]
    own = '[[package]]\nname = "case"\nversion = "1"\nsource = { virtual = "." }\n'
    files = {"uv.lock": "".join([own, *entries, entry.format("shelf")])}
    facts = _facts([_FIXED], ["1.0 2026-01-01", "1.1 2026-10-31"])
    (found,) = _find(files, replace(facts, tools=frozenset({"uv"})))
    assert found.message.startswith(f"`shelf` 1.0 → 1.1 ({said} fixes CVE-2026-1")
    assert (found.path, found.line) == ("uv.lock", files["uv.lock"].splitlines().index('name = "shelf"') + 1)
    assert found.refresh is not None


def test_a_release_that_brings_another_weakness_is_no_fix() -> None:
    facts = _facts([_FIXED, "CVE-2026-2 ==1.1"], ["1.0 2026-01-01", "1.1 2026-10-31", "1.2 2026-10-31"])
    assert _after(_shelf(facts)) == {"requirements.txt": "shelf==1.2\n"}


def test_a_version_that_does_not_install_here_makes_room_for_the_next() -> None:
    facts = _facts([_FIXED], ["1.0 2026-01-01", "1.1 2026-10-31", "1.2 2026-10-31"])
    facts = replace(facts, refused={"shelf": {Version("1.1"): "`plank` wants another"}})
    assert _after(_shelf(facts)) == {"requirements.txt": "shelf==1.2\n"}
    facts = replace(facts, refused={"shelf": {Version(v): "`plank` wants another" for v in ("1.1", "1.2")}})
    (found,) = _shelf(facts)
    assert found.edit is None
    assert "; fixed in 1.1, but `shelf` 1.1 does not install here: `plank` wants another" in found.message


def test_a_held_line_holds_the_pin_beside_it_and_says_what_it_keeps() -> None:
    files = {"requirements.txt": "shelf==1.0\n", "constraints.txt": "shelf<1.1\n"}
    (found,) = _find(files, _facts([_FIXED], ["1.0 2026-01-01", "1.1 2026-10-31"]))
    assert (found.edit, found.target) == (None, "shelf")
    assert "CVE-2026-1" in found.message
    assert "constraints" in found.message


def test_a_text_of_somebody_else_stays_in_its_span_of_code() -> None:
    told = weaknesses.told((Advisory(("CVE-1",), "a `b` [c](https://d.test) @e"),), date(2026, 1, 1))
    assert told == "CVE-1, `a 'b' [c](https://d.test) @e`"


@pytest.mark.parametrize("long", [10, 60])
def test_a_title_fits(long: int) -> None:
    facts = _facts([f"CVE-{'1' * long} <1.1"], ["1.0 2026-01-01", "1.1 2026-10-31"])
    (found,) = _shelf(facts)
    assert len(found.title) <= 72
    assert found.title.startswith("Upgrade shelf ")


@pytest.mark.parametrize(
    ("span", "held", "free"),
    [
        (Span(), ["0", "9"], []),
        (Span(Version("1.0"), Version("2.0")), ["1.0", "1.9", "2.0rc1"], ["0.9", "1.0rc1", "2.0"]),
        (Span(last=Version("1.5")), ["0", "1.5"], ["1.5.post1", "1.6"]),
    ],
)
def test_a_span_holds_what_lies_between_its_bounds(span: Span, held: list[str], free: list[str]) -> None:
    assert all(span.holds(Version(v)) for v in held)
    assert not any(span.holds(Version(v)) for v in free)


def test_an_upgrade_does_not_go_to_a_release_with_a_new_weakness() -> None:
    facts = _facts(["CVE-2026-2 >=2"], ["1.0 2026-01-01", "1.9 2026-01-02", "2.0 2026-01-03"])
    tree = Files({"requirements.txt": b"shelf==1.0\n"})
    (found,) = upgrade_dependency.find(tree, facts)
    assert _after([found]) == {"requirements.txt": "shelf==1.9\n"}
    assert "`shelf` 2.0 is affected by CVE-2026-2" in found.message


def test_an_upgrade_goes_on_where_the_weakness_is_old_and_stays() -> None:
    facts = _facts(["CVE-2026-2 >=0"], ["1.0 2026-01-01", "2.0 2026-01-03"])
    (found,) = upgrade_dependency.find(Files({"requirements.txt": b"shelf==1.0\n"}), facts)
    assert _after([found]) == {"requirements.txt": "shelf==2.0\n"}
