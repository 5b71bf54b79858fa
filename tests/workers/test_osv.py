"""What OSV's records come to, and how little harm those do that nobody should have written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from codemods.weaknesses import Advisory, Span
from workers import osv


def record(*events: dict[str, str], versions: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    """A record about one distribution, `shelf`."""
    affected: dict[str, Any] = {"package": {"ecosystem": "PyPI", "name": "Shelf"}}
    if events:
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": list(events)}]
    if versions is not None:
        affected["versions"] = versions
    return {"id": "GHSA-aaaa-bbbb-cccc", "affected": [affected], **more}


def shelf(said: dict[str, Any]) -> Advisory:
    return osv.read(said)["shelf"]


def affected(advisory: Advisory, *versions: str) -> list[str]:
    return [version for version in versions if advisory.concerns(Version(version))]


def test_a_record_says_its_names_what_it_is_and_since_when() -> None:
    found = shelf(
        record(
            {"introduced": "1.0"},
            {"fixed": "1.5"},
            aliases=["PYSEC-2024-1", "CVE-2024-1", "not one"],
            summary="The shelf falls",
            published="2024-03-01T12:00:00.5Z",
        )
    )
    assert found.ids == ("CVE-2024-1", "GHSA-aaaa-bbbb-cccc", "PYSEC-2024-1")
    assert (found.summary, found.published) == ("The shelf falls", "2024-03-01")
    assert affected(found, "0.9", "1.0", "1.4.9", "1.5", "2.0") == ["1.0", "1.4.9"]


@pytest.mark.parametrize(
    ("events", "versions"),
    [
        ([{"introduced": "0"}], ["0.dev1", "0.1", "1.0", "1.5", "2.0", "3.0"]),
        ([{"introduced": "0"}, {"fixed": "1.5"}], ["0.dev1", "0.1", "1.0"]),
        ([{"fixed": "1.5"}, {"introduced": "0"}], ["0.dev1", "0.1", "1.0"]),
        ([{"introduced": "0"}, {"last_affected": "1.5"}], ["0.dev1", "0.1", "1.0", "1.5"]),
        ([{"introduced": "1.0"}, {"last_affected": "1.0"}], ["1.0"]),
        (
            [{"introduced": "2.0"}, {"fixed": "1.0"}, {"introduced": "0"}, {"fixed": "3.0"}],
            ["0.dev1", "0.1", "2.0"],
        ),
        ([{"introduced": "1.0", "fixed": "1.5"}], ["1.0"]),
        ([{"introduced": "0"}, {"limit": "1.5"}], ["0.dev1", "0.1", "1.0"]),
        ([{"introduced": "2.0"}, {"limit": "1.5"}], []),
        ([{"introduced": "1.0"}, {"limit": "1.5"}, {"limit": "*"}], ["1.0", "1.5", "2.0", "3.0"]),
    ],
)
def test_events_open_and_close_what_is_affected(events: list[dict[str, str]], versions: list[str]) -> None:
    found = osv.read(record(*events)).get("shelf", Advisory(()))
    assert affected(found, "0.dev1", "0.1", "1.0", "1.5", "2.0", "3.0") == versions


def test_versions_count_that_no_range_holds() -> None:
    found = shelf(record({"introduced": "1.0"}, {"fixed": "1.5"}, versions=["1.0", "1.1", "0.3", "none"]))
    assert found.versions == {Version("0.3")}
    assert affected(found, "0.2", "0.3", "1.1") == ["0.3", "1.1"]


@pytest.mark.parametrize(
    "kind",
    [
        {"type": "SEMVER", "events": [{"introduced": "0"}]},
        {"type": "GIT", "repo": "https://h.test/shelf", "events": [{"introduced": "0"}]},
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "not a version"}]},
        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"revoked": "1.0"}]},
        {"type": "ECOSYSTEM", "events": [{"introduced": 0}]},
        {"type": "ECOSYSTEM", "events": {"introduced": "0"}},
        {"type": "ECOSYSTEM"},
        None,
    ],
)
def test_a_range_that_cannot_be_read_says_nothing(kind: object) -> None:
    said = record()
    said["affected"][0]["ranges"] = [kind]
    assert osv.read(said) == {}


@pytest.mark.parametrize(
    "said",
    [
        record({"introduced": "0"}, withdrawn="2024-03-01T00:00:00Z"),
        record({"introduced": "0"}, id=None),
        record({"introduced": "0"}, id="../../etc"),
        record({"introduced": "0"}, affected="everything"),
        record({"introduced": "0"}, affected=[{"package": {"ecosystem": "npm", "name": "shelf"}}]),
        record({"introduced": "0"}, affected=[{"package": {"ecosystem": "PyPI", "name": ["shelf"]}}]),
        record({"introduced": "0"}, affected=[{"package": {"ecosystem": "PyPI", "name": "a/b"}}]),
        [],
        None,
        "GHSA",
    ],
)
def test_what_is_withdrawn_or_no_record_says_nothing(said: object) -> None:
    assert osv.read(said) == {}


def test_a_text_becomes_one_printable_short_line() -> None:
    text = "A\x1b[31m shelf\n\u202efalls\x00 " + "and falls " * 100_000
    summary = shelf(record({"introduced": "0"}, summary=text)).summary
    assert summary.startswith("A [31m shelf falls and falls")
    assert summary.endswith("…")
    assert summary.isprintable()
    assert len(summary) <= 160


def test_without_a_summary_the_details_begin() -> None:
    said = record({"introduced": "0"}, summary=7, details="Shelf before 2 falls.\n\nOften.")
    assert shelf(said).summary == "Shelf before 2 falls. Often."


@pytest.mark.parametrize("published", ["yesterday", "2024-13-45T00:00:00Z", 7, None, "2024"])
def test_a_day_that_is_none_is_unknown(published: object) -> None:
    assert shelf(record({"introduced": "0"}, published=published)).published == ""


def test_one_weakness_has_one_advisory_whatever_names_it_has() -> None:
    one = Advisory(("GHSA-a-a", "PYSEC-1-1"), "A long title", "2024-02-02", (Span(None, Version("1.5")),))
    two = Advisory(("CVE-1-1", "GHSA-a-a"), "Short", "2024-02-01", (Span(Version("2.0"), Version("2.5")),))
    other = Advisory(("CVE-9-9",), "Another", "", (Span(),))
    three = Advisory(("OTHER-1", "PYSEC-1-1"), "", "", (), frozenset({Version("1.0"), Version("7.0")}))
    merged = osv.merged([one, other, two, three])
    assert [a.ids for a in merged] == [("CVE-1-1", "GHSA-a-a", "PYSEC-1-1", "OTHER-1"), ("CVE-9-9",)]
    assert (merged[0].summary, merged[0].published) == ("Short", "2024-02-01")
    assert affected(merged[0], "1.0", "1.9", "2.1", "7.0") == ["1.0", "2.1", "7.0"]


def test_who_knows_of_a_fix_knows_more_than_who_does_not() -> None:
    open_end = Advisory(("CVE-1-1", "PYSEC-1-1"), affected=(Span(),))
    fixed = Advisory(("CVE-1-1", "GHSA-a-a"), affected=(Span(None, Version("2.0")),))
    (merged,) = osv.merged([open_end, fixed])
    assert affected(merged, "1.0", "2.0") == ["1.0"]
    (merged,) = osv.merged([open_end])
    assert affected(merged, "1.0", "2.0") == ["1.0", "2.0"]


def test_what_is_written_is_read_again() -> None:
    found = osv.merged(
        [
            shelf(record({"introduced": "0"}, {"last_affected": "1.5"}, versions=["3.0"], summary="A “b”")),
            Advisory(("CVE-9-9",), affected=(Span(Version("1!2.0"), Version("3")), Span())),
        ]
    )
    line = osv.write(found)
    assert "\n" not in line
    assert osv.parse(line) == found


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(["0", "1.5", "PyPI"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["introduced", "fixed", "limit", "last_affected", "events", "ecosystem", "name"])
            | st.text(max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=9,
)


@given(affected=_JSON, events=_JSON, name=_JSON, summary=_JSON)
def test_no_record_is_too_odd(affected: object, events: object, name: object, summary: object) -> None:
    package = {"ecosystem": "PyPI", "name": name}
    listed = [affected, {"package": package, "versions": affected, "ranges": [events]}]
    ranged = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}], "versions": ["1.0"]}
    said = {"id": "CVE-1-1", "summary": summary, "details": affected, "affected": [*listed, ranged]}
    for advisory in osv.read(json.loads(json.dumps(said))).values():
        assert advisory.summary.isprintable()
        assert osv.parse(osv.write([advisory])) == (advisory,)


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ({"severity": "HIGH"}, "high"),
        ({"severity": "Moderate"}, "moderate"),
        ({"severity": "dreadful"}, ""),
        ({"severity": ["HIGH"]}, ""),
        ("HIGH", ""),
        (None, ""),
    ],
)
def test_how_bad_it_is_counts_where_a_known_word_says_it(said: object, severity: str) -> None:
    assert shelf(record({"introduced": "0"}, database_specific=said)).severity == severity


def test_of_several_words_for_one_weakness_the_worst_counts() -> None:
    known = [
        shelf(record({"introduced": "0"}, database_specific={"severity": word}))
        for word in ("LOW", "CRITICAL", "")
    ]
    (one,) = osv.merged(known)
    assert one.severity == "critical"
    assert osv.parse(osv.write([one])) == (one,)
