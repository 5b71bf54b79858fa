"""The server's policy: what it takes away from files, and what it leaves as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.road import CONFIG, FILES, JOB, NAME, PLENTY, UTCNOW, Road
from tests.workers.cases import opened
from tests.workers.test_foresight import change
from workers import config, inheritance, merging, policy, rules, settings
from workers.config import Config
from workers.policy import Policy
from workers.settings import SettingsError

STRICT = """\
automerge: false
unsafe: false
release-age: 7
improvements: {unbounded-job: false, upgrade-dependency/django: false}
limits: {open: 5, first: 3, per-day: 2}
capacity: {minutes-per-week: 120}
"""
SAFE = rules.About("aware-utcnow", "upgrade", "safe")
UNSAFE = rules.About("unbounded-request", "reliability", "unsafe")


def bounds(text: str = STRICT) -> Policy:
    read = policy.read(text, "policy.yml")
    assert isinstance(read, Policy), str(read)
    return read


def said(text: str) -> Config:
    read = config.read(text, "kotsu.yml", organisation=True)
    assert isinstance(read, Config), str(read)
    return read


def under(road: Road, text: str) -> None:
    object.__setattr__(road.world.settings, "policy", bounds(text))


# --- what it takes away


@pytest.mark.parametrize("key", ["automerge: true", "rules: [{match: {improvement: '*'}, automerge: true}]"])
def test_nobody_may_merge_by_itself_and_no_rule_goes_round_it(key: str) -> None:
    assert rules.wishes(said(key), SAFE).automerge
    assert not rules.wishes(policy.held(said(key), bounds()), SAFE).automerge


@pytest.mark.parametrize(
    "key", ["unsafe: true", "rules: [{match: {applicability: unsafe}, unsafe: true, automerge: true}]"]
)
def test_unsafe_edits_stay_off_whatever_a_rule_says(key: str) -> None:
    wished = rules.wishes(policy.held(said(key), bounds()), UNSAFE)
    assert (wished.unsafe, wished.automerge) == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        "{unbounded-job: true, upgrade-dependency/Django: true, upgrade-dependency: true}",
        "{unbounded-job: {enabled: true}, upgrade-dependency/django: {enabled: true}}",
    ],
)
def test_an_improvement_stays_off_by_any_spelling(text: str) -> None:
    found = policy.held(said(f"improvements: {text}"), bounds())
    for key in ("unbounded-job", "unbounded-job/x", "upgrade-dependency/django", "upgrade-dependency/Django"):
        assert not found.enabled_for(key)
    assert not found.runs("unbounded-job")
    assert found.enabled_for("upgrade-dependency/flask")


def test_the_stricter_number_wins_for_files_and_rules() -> None:
    text = "release-age: 1\nlimits: {open: 9, per-day: 1}\nrules: [{match: {package: a}, release-age: 0}]\n"
    found = policy.held(said(text), bounds())
    assert (found.limits.open, found.limits.first, found.limits.per_day) == (5, 2, 1)
    assert (found.release_age, found.rules[0].release_age) == (7, 7)
    assert found.capacity.minutes_per_week == 120


def test_what_an_organisation_allows_is_held_as_well() -> None:
    whole = inheritance.merged(said("automerge: true\nlimits: {open: 50}"), said("labels: [mine]"))
    found = policy.held(whole, bounds())
    assert (found.automerge, found.limits.open, found.labels) == (False, 5, ("mine",))


# --- what it leaves


def test_without_a_policy_nothing_changes() -> None:
    given = said("automerge: true\nlimits: {open: 50}")
    assert policy.held(given, None) == given
    assert policy.beyond(given, None) == ""


def test_a_policy_that_says_nothing_changes_nothing() -> None:
    given = said("automerge: true\nunsafe: true\nlimits: {open: 50}\nimprovements: {unbounded-job: true}")
    assert policy.held(given, bounds("{}")) == given
    assert policy.beyond(given, bounds("{}")) == ""


def test_a_stricter_file_keeps_its_word() -> None:
    text = "release-age: 30\nlimits: {open: 1}\ncapacity: {minutes-per-week: 10}\nunsafe: false\n"
    found = policy.held(said(text), bounds())
    assert (found.release_age, found.limits.open, found.capacity.minutes_per_week) == (30, 1, 10)
    assert policy.beyond(said(text), bounds()) == ""


def test_a_file_that_asks_for_nothing_hears_nothing() -> None:
    assert policy.beyond(config.defaults(), bounds()) == ""
    assert policy.beyond(said("improvements: {unbounded-job: false}\nlabels: [x]"), bounds()) == ""


# --- what is said


def test_one_sentence_names_all_that_is_not_had() -> None:
    text = "automerge: true\nrelease-age: 1\nlimits: {open: 9}\nimprovements: {unbounded-job: true}\n"
    assert policy.beyond(said(text), bounds()) == (
        "The policy of this server allows less than this file asks for: `automerge` stays false, "
        "`unbounded-job` stays off, `release-age` is 7 at least, `limits.open` is 5 at most."
    )


def test_a_branch_that_asks_for_more_reads_so_and_does_not_fail(road: Road) -> None:
    road.add()
    under(road, "automerge: false")
    check = change(road, PLENTY + b"automerge: true\n")
    assert check.conclusion == "neutral"
    assert str(check.output["summary"]).startswith("The policy of this server allows less than")
    assert str(check.output["title"]).startswith("With this file: 3 pull requests")


def test_a_branch_that_asks_for_no_more_reads_nothing_of_it(road: Road) -> None:
    road.add()
    under(road, "automerge: false")
    check = change(road, PLENTY + b"labels: [x]\n")
    assert check.conclusion == "success"
    assert "policy" not in str(check.output["summary"])


def test_what_was_open_is_closed_by_the_policy_in_its_name(road: Road) -> None:
    road.add()
    road.scan()
    assert {JOB, UTCNOW} <= {*road.keys()}
    under(road, f"improvements: {{{JOB}: false}}")
    road.scan()
    assert {JOB, UTCNOW} & {*road.keys()} == {UTCNOW}
    said_ = [c.body for p in road.hub.pulls(NAME, "closed") for c in p.comments]
    assert any("The policy of this server does not allow it" in body for body in said_)


def test_a_rule_that_brings_it_back_is_withheld_in_the_policys_name(road: Road) -> None:
    road.add({**FILES, CONFIG: PLENTY + b"rules: [{match: {improvement: '*'}, enabled: true}]\n"})
    under(road, "improvements: {upgrade-dependency/shelf: false}")
    road.scan()
    assert road.withheld()["upgrade-dependency/shelf"][0] == "policy"


def test_what_was_to_be_merged_before_the_policy_came_is_not(road: Road) -> None:
    found = opened(road)
    found.note(automerge=True)
    under(road, "automerge: false")
    with found.case() as case:
        assert merging.attend(case) is False
    assert found.issue.state == "open"


# --- the file


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("automerg: false", '1:1: unknown key "automerg": did you mean "automerge"?'),
        ("limits: {opne: 3}", '1:10: unknown key "opne"'),
        ("limits: {open: 101}", '1:16: "open" must be at most 100'),
        ("rules: []", '1:1: unknown key "rules"'),
        ("improvements: {unbounded-job: true}", '1:31: "unbounded-job" must be'),
        ("improvements: {unbounded-jobb: false}", '1:16: unknown improvement "unbounded-jobb"'),
        ("[]", "1:1: the file is no mapping"),
        ("a: [", "1:"),
    ],
)
def test_a_mistake_stops_the_process_at_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "policy.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        settings.read({"KOTSU_POLICY": str(path)})
    assert f"{path}:{words}" in str(caught.value)


def test_a_policy_that_cannot_be_read_is_not_no_policy(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.read({"KOTSU_POLICY": str(tmp_path / "nowhere.yml")})


def test_no_variable_is_no_policy() -> None:
    assert settings.read({}).policy is None
