"""Which release is chosen, and how a specifier is written then."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from codemods import pythons, versions
from codemods.manifests import pep508
from codemods.manifests.model import Clause
from codemods.model import Release

_TODAY = date(2026, 11, 24)


def _clauses(specifier: str) -> tuple[Clause, ...]:
    located = pep508.locate(f"x{specifier}", 0)
    assert located is not None
    return located.clauses


def _moved(specifier: str, version: str, *, keep_floor: bool = False) -> str | None:
    clauses = _clauses(specifier)
    changes = versions.rewritten(clauses, Version(version), keep_floor=keep_floor)
    if changes is None:
        return None
    texts = [c.text for c in clauses]
    for index, text in changes:
        texts[index] = text
    return ",".join(texts)


@pytest.mark.parametrize(
    ("before", "version", "after"),
    [
        ("==4.2", "5.2.8", "==5.2.8"),
        ("==1.0", "1!2.0", None),
        ("==1!1.0", "1!2.0", "==1!2.0"),
        ("==1.0", "2.0.post1", "==2.0.post1"),
        (">=10,<15", "15.3.1", ">=10,<16"),
        (">=10,<15.2", "15.3.1", ">=10,<15.4"),
        (">=10,<15.0", "15.3.1", ">=10,<16.0"),
        (">=10,<15.0.0", "16.3.1", ">=10,<17.0.0"),
        (">=0.3,<0.10.0", "0.115.2", ">=0.3,<0.116.0"),
        (">=1,<2.0.dev0", "2.1", ">=1,<3.0.dev0"),
        (">=1,<2024", "2026.1", ">=1,<2027"),
        (">=1,<=1.4", "2.1.3", ">=1,<=2.1.3"),
        (">=1,!=1.3,<2", "2.0", ">=1,!=1.3,<3"),
        (">=1,!=2.0,<2", "2.0", None),
        (">=1,<2", "1.9", ">=1,<2"),
        (">=3,<4", "2.0", None),
        ("~=1.4.2", "2.3.1", "~=2.3.1"),
        ("~=1.4", "2.3.1", "~=2.3"),
        ("~=1.4", "1.9", "~=1.4"),
        ("==1.*", "2.0", None),
        ("===1.0", "2.0", None),
        ("<0", "1.0", None),
        ("==2.0", "1.0", None),
    ],
)
def test_a_specifier_keeps_its_shape(before: str, version: str, after: str | None) -> None:
    assert _moved(before, version) == after


@pytest.mark.parametrize(
    ("before", "version", "after"),
    [
        ("~=1.4", "2.3.1", ">=1.4,<3"),
        ("~=1.4.2", "2.3.1", ">=1.4.2,<2.4"),
        ("~=0.4.2", "0.5.0", ">=0.4.2,<0.6"),
        ("~=1.4,!=1.5", "2.0", ">=1.4,<3,!=1.5"),
    ],
)
def test_the_floor_of_a_library_stays(before: str, version: str, after: str) -> None:
    assert _moved(before, version, keep_floor=True) == after


_RELEASES = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
_VERSIONS = _RELEASES.map(lambda r: Version(".".join(map(str, r))))
_SHAPES = st.sampled_from(
    ["=={a}", "~={a}", ">={a},<{b}", ">{a},<={b}", ">={a},<{b},!={c}", "<{b}", ">={a}", "<={b}"]
)


@given(_SHAPES, _VERSIONS, _VERSIONS, _VERSIONS, _VERSIONS, st.lists(_VERSIONS, max_size=20), st.booleans())
def test_packaging_agrees_with_every_rewritten_specifier(  # noqa: PLR0913, PLR0917 -- one draw each
    shape: str,
    a: Version,
    b: Version,
    c: Version,
    new: Version,
    others: list[Version],
    keep_floor: bool,  # noqa: FBT001 -- drawn
) -> None:
    before = shape.format(a=a, b=b, c=c)
    after = _moved(before, str(new), keep_floor=keep_floor)
    assume(after is not None)
    assert after is not None
    assert new in SpecifierSet(after)
    if new in SpecifierSet(before):
        assert after == before
    if keep_floor or "~" not in before:
        kept = [v for v in others if v in SpecifierSet(before)]
        assert "==" in before or all(v in SpecifierSet(after) for v in kept)
    assert not versions.floor(_clauses(before)) or new >= versions.floor(_clauses(before))  # type: ignore[operator]


def _release(version: str = "2.0", uploaded: str = "2026-01-01T00:00:00Z", **more: object) -> Release:
    return Release(Version(version), uploaded, **more)  # type: ignore[arg-type]


def _refusal(release: Release, **more: object) -> str:
    return versions.refusal(release, versions.Terms(**{"today": _TODAY, "age": 3, **more}))  # type: ignore[arg-type]


def test_a_release_without_fault_is_taken() -> None:
    assert _refusal(_release()) == ""


def test_a_yanked_release_and_a_local_build_are_not() -> None:
    assert _refusal(_release(yanked=True)) == "was yanked"
    assert _refusal(_release("2.0+cpu")) == "is a local build"


def test_a_prerelease_is_taken_only_when_asked_for() -> None:
    for version in ("2.0a1", "2.0.dev3", "2.0rc1"):
        assert _refusal(_release(version)) == "is a pre-release"
        assert _refusal(_release(version), prereleases=True) == ""
    assert versions.best([Version("2.0"), Version("2.1a1")]) == Version("2.0")
    assert versions.best([Version("2.0a1"), Version("2.1a1")]) == Version("2.1a1")


def test_a_release_is_old_enough_on_the_day_it_reaches_the_age() -> None:
    assert _refusal(_release(uploaded="2026-11-21T23:59:59Z")) == ""
    assert "is 2 days old" in _refusal(_release(uploaded="2026-11-22T00:00:00Z"))
    assert "is 0 days old" in _refusal(_release(uploaded="2026-12-24T00:00:00Z"))
    assert _refusal(_release(uploaded="2026-12-24T00:00:00Z"), age=0) == ""


def test_an_unknown_upload_time_waits() -> None:
    assert "unknown" in _refusal(_release(uploaded=""))
    assert "unknown" in _refusal(_release(uploaded="soon"))


def test_a_release_that_drops_a_python_of_the_project_is_refused() -> None:
    words = _refusal(_release(requires_python=">=3.10"), minors=((3, 9), (3, 10)), kept=((3, 9), (3, 10)))
    assert words == "needs Python `>=3.10`; this project supports 3.9"


def test_a_python_above_all_that_the_version_in_use_runs_on_cannot_be_lost() -> None:
    minors = ((3, 12), (3, 13), (3, 14))
    assert _refusal(_release(requires_python=">=3.10,<3.14"), minors=minors, kept=minors[:2]) == ""
    assert _refusal(_release(requires_python=">=3.10,<3.14"), minors=minors, kept=minors) != ""
    assert _refusal(_release(requires_python="unreadable"), minors=minors, kept=minors) != ""


def test_a_release_without_wheels_or_digests_is_refused_where_they_are_needed() -> None:
    assert "no wheel" in _refusal(_release(wheel=False), wheel=True)
    assert "digests" in _refusal(_release(), digests=True)


def test_minors_are_found_by_membership() -> None:
    assert pythons.admitted(">=3.8.1,<3.11") == ((3, 8), (3, 9), (3, 10))
    assert pythons.admitted("!=3.9.*,>=3.8,<3.11") == ((3, 8), (3, 10))
    assert pythons.admitted(">=2.7,!=3.0.*,!=3.1.*,<3.3") == ((2, 7), (3, 2))
    assert pythons.admitted(">=3.14.*") == ((3, 14), (3, 15))
    assert pythons.admitted("~=3.13") == ((3, 13), (3, 14), (3, 15))
    assert pythons.admitted("nonsense") is None


def test_markers_restrict_minors_and_nothing_else() -> None:
    assert pythons.marked("python_version >= '3.14'") == ((3, 14), (3, 15))
    assert pythons.marked("python_full_version < '2.7.9'") == ((2, 7),)
    assert pythons.marked("sys_platform == 'win32'") == pythons.MINORS
    assert pythons.marked("extra == 'web'") == pythons.MINORS
    assert pythons.marked("") == pythons.MINORS


@given(st.lists(st.tuples(st.sampled_from([">=", "<", "!=", "~="]), st.integers(0, 15)), max_size=3))
def test_minors_agree_with_packaging(parts: list[tuple[str, int]]) -> None:
    specifier = ",".join(f"{operator}3.{minor}" for operator, minor in parts)
    found = pythons.admitted(specifier)
    wanted = SpecifierSet(specifier)
    assert found == tuple(
        m for m in pythons.MINORS if any(f"{m[0]}.{m[1]}.{p}" in wanted for p in range(100))
    )


def test_a_number_of_thousands_of_digits_is_no_version() -> None:
    long = "9" * 5_000
    assert versions.parsed(long) is None
    assert not versions.admits_text(f"<{long}", Version("1"))
    assert pythons.admitted(f"<{long}") is None
    assert pythons.admitted(",".join(["!=3.9"] * 1_000)) is None
    assert pythons.marked(f'python_version < "{long}"') == pythons.MINORS


def test_what_a_requirement_installs_today() -> None:
    offered = [
        _release("1.0"),
        _release("1.5"),
        _release("1.6", yanked=True),
        _release("2.0a1"),
        _release("2.0"),
    ]
    assert versions.in_use(_clauses("==1.0"), offered) == Version("1.0")
    assert versions.in_use(_clauses(">=1,<2"), offered) == Version("1.5")
    assert versions.in_use(_clauses(">=3"), offered) is None


@pytest.mark.parametrize(
    ("use", "version", "days"),
    [("1.2.3", "2.0", 30), ("1.2.3", "1.3", 9), ("1.2.3", "1.2.4", 1), ("0.1", "0.2", 30), (None, "1.0", 30)],
)
def test_how_old_a_release_must_be_goes_by_the_step_to_it(use: str | None, version: str, days: int) -> None:
    terms = versions.Terms(
        _TODAY, 3, ages={"major": 30, "minor": 9, "patch": 1}, use=Version(use) if use else None
    )
    assert terms.age_of(Version(version)) == days
    for age in (days - 1, days):
        release = Release(Version(version), uploaded=(_TODAY - timedelta(days=age)).isoformat())
        assert bool(versions.refusal(release, terms)) == (age < days)
