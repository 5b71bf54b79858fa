"""What holds for a repository and who said so, as a scan writes it down."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet import NOW
from workers import config, effective, policy
from workers.config import Config
from workers.effective import Known, Origin
from workers.policy import Policy

OWN = """
limits: {open: 2}
ignore: [docs/**]
improvements:
  bare-except: false
  upgrade-dependency: {ignore: ["a/**"]}
  upgrade-dependency/django: false
review: {away: {ada: 2026-12-31}}
capacity: {days: [monday, friday]}
rules:
- match: {improvement: "*"}
  labels: [x]
"""
ORGANISATION = """
limits: {open: 5, first: 1}
release-age: 9
tls: {minimum: "1.3"}
capacity: {teams: {acme/core: {open: 3}}, organisation: {open: 9}, team: acme/core}
campaigns: {all: {improvement: bare-except, repositories: [secret-shop]}}
rules:
- match: {package: django}
  automerge: true
"""


def read(text: str, *, organisation: bool = False) -> Config:
    found = config.read(text, "kotsu.yml", organisation=organisation)
    assert isinstance(found, Config)
    return found


def known(own: str = "", organisation: str = "", bounds: str = "") -> Known:
    allowed = policy.read(bounds, "policy") if bounds else None
    assert allowed is None or isinstance(allowed, Policy)
    return Known(NOW, "a" * 40, "kotsu.yml", read(own), read(organisation, organisation=True), allowed)


def told(of: Known) -> Mapping[str, tuple[str, Origin]]:
    return {one.name: (one.value, one.origin) for one in effective.values(of)}


def test_each_value_names_who_said_it() -> None:
    values = told(known(OWN, ORGANISATION))
    assert values["limits.open"] == ("2", Origin.OWN)
    assert values["limits.first"] == ("1", Origin.ORGANISATION)
    assert values["limits.per-day"] == ("1", Origin.DEFAULT)
    assert values["release-age"] == ("9", Origin.ORGANISATION)
    assert values["tls.minimum"] == ('"1.3"', Origin.ORGANISATION)
    assert values["ignore"] == ('["docs/**"]', Origin.OWN)
    assert values["review.away.ada"] == ('"2026-12-31"', Origin.OWN)
    assert values["improvements.bare-except"] == ("false", Origin.OWN)
    assert values["improvements.upgrade-dependency"] == ('{"ignore": ["a/**"]}', Origin.OWN)
    assert values["rules.1"][1] == Origin.ORGANISATION
    assert values["rules.2"] == ('{"match": {"improvement": ["*"]}, "labels": ["x"]}', Origin.OWN)


def test_without_any_file_all_is_as_it_is_by_default() -> None:
    assert {origin for _, origin in told(known()).values()} == {Origin.DEFAULT}


def test_the_policy_stands_above_what_it_changes_and_nothing_else() -> None:
    bounds = "limits: {open: 1}\nautomerge: false\nimprovements: {bare-except: false, aware-utcnow: false}\n"
    values = told(known(OWN, ORGANISATION, bounds))
    assert values["limits.open"] == ("1", Origin.POLICY)
    assert values["automerge"] == ("false", Origin.DEFAULT)
    assert values["improvements.bare-except"] == ("false", Origin.OWN)
    assert values["improvements.aware-utcnow"] == ("false", Origin.POLICY)
    assert values["rules.1"] == ('{"match": {"package": ["django"]}, "automerge": false}', Origin.POLICY)


def test_what_is_about_the_organisation_as_a_whole_is_not_written_down() -> None:
    text = effective.written(known(OWN, ORGANISATION))
    assert "secret-shop" not in text
    assert not any(
        name.startswith(("campaigns", "capacity.teams", "capacity.organisation"))
        for name in told(known(OWN, ORGANISATION))
    )
    assert told(known(OWN, ORGANISATION))["capacity.team"] == ('"acme/core"', Origin.ORGANISATION)


@pytest.mark.parametrize("own", ["", OWN])
@pytest.mark.parametrize("bounds", ["", "release-age: 20\n"])
def test_what_was_written_down_is_read_the_same(own: str, bounds: str) -> None:
    before = known(own, "unsafe: false\nreviewers: [ada, acme/core]\n", bounds)
    after = effective.read(effective.written(before))
    assert after == before
    assert after
    assert effective.values(after) == effective.values(before)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "null", "[]", "no JSON", '{"at": "x"}', effective.written(known()).replace("own", "other", 1)],
)
def test_what_another_version_wrote_is_not_known(text: str) -> None:
    assert effective.read(text) is None


def test_what_names_something_that_is_no_more_is_not_known() -> None:
    text = effective.written(known("limits: {open: 2}")).replace('"open"', '"opened"')
    assert effective.read(text) is None
    short = effective.brief(text)
    assert short
    assert (short.path, short.mistakes) == ("kotsu.yml", 0)


def test_another_file_changes_what_it_says_and_what_it_leaves_out() -> None:
    changes = effective.changed(
        known("limits: {open: 2}\nimprovements: {bare-except: false}\n", "unsafe: false"),
        read("limits: {open: 4}"),
    )
    pairs = [(now and now.value, then and then.value) for now, then in changes]
    assert pairs == [("false", None), ("2", "4")]


def test_the_same_file_changes_nothing() -> None:
    assert effective.changed(known(OWN, ORGANISATION), read(OWN)) == []


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_no_number_is_above_the_policy(own: int, organisation: int, most: int) -> None:
    said = [Config.model_validate({"limits": {"open": count}}) for count in (own, organisation)]
    of = Known(NOW, "", "", *said, Policy.model_validate({"limits": {"open": most}}))
    value, origin = told(of)["limits.open"]
    assert (int(value), origin) == ((own, Origin.OWN) if own <= most else (most, Origin.POLICY))
