"""Rules of kotsu.yml: who they are about, and who has the last word."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from codemods import registry
from codemods.model import Edit, Facts, Finding, Upgrade
from workers import bundles, config, draft, inheritance, plan, rules
from workers.config import Broken, Config
from workers.model import Plan
from workers.reasons import Reason
from workers.rules import About
from workers.wants import Wishes

CATALOGUE = registry.catalogue()
UPGRADE = "upgrade-dependency"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DJANGO = About(UPGRADE, "upgrade", "unsafe", (("django",),), ("requirements.txt",), ("major",))
CLOCK = About("aware-utcnow", "upgrade", "safe", (), ("shop/clock.py", "tests/clock.py"))


def said(text: str, *, organisation: bool = False) -> Config:
    read = config.read(text, "kotsu.yml", organisation=organisation)
    assert isinstance(read, Config), str(read)
    return read


def wishes(rules_text: str, about: About = DJANGO, before: str = "") -> Wishes:
    return rules.wishes(said(f"{before}\nrules:\n{rules_text}"), about)


MATCHING = [
    "improvement: upgrade-dependency",
    "improvement: [aware-utcnow, upgrade-*]",
    "category: upgrade",
    "applicability: unsafe",
    "package: django",
    "package: Django",
    "package: [flask, dj*]",
    "path: requirements.txt",
    "path: requirements*",
    "update: major",
    "update: [minor, major]",
    "{category: upgrade, package: django, update: major, path: '*.txt'}",
]
OTHERS = [
    "improvement: aware-utcnow",
    "category: [security, hygiene]",
    "applicability: safe",
    "package: django-filter",
    "package: jango",
    "path: requirements/",
    "update: minor",
    "{category: upgrade, package: flask}",
]


def block(match: str, rest: str = "labels: [ruled]") -> str:
    inner = match if match.startswith("{") else f"{{{match}}}"
    return f"  - match: {inner}\n    {rest}\n"


@pytest.mark.parametrize("match", MATCHING)
def test_a_rule_that_matches_counts(match: str) -> None:
    assert wishes(block(match)).labels == ("ruled",)


@pytest.mark.parametrize("match", OTHERS)
def test_a_rule_about_something_else_changes_nothing(match: str) -> None:
    assert wishes(block(match)) == rules.wishes(config.defaults(), DJANGO)


def test_the_last_rule_that_says_something_counts_option_by_option() -> None:
    first = block("package: '*'", "labels: [one]\n    reviewers: [ada]")
    found = wishes(first + block("package: django", "labels: [two]"))
    assert (found.labels, found.reviewers) == (("two",), ("ada",))


def test_no_labels_are_something_that_is_said() -> None:
    assert wishes(block("package: django", "labels: []")).labels == ()


@pytest.mark.parametrize("match", ["path: shop/", "path: tests/**", "package: '*'", "update: major"])
def test_a_rule_is_about_a_proposal_only_if_it_is_about_all_of_it(match: str) -> None:
    assert wishes(block(match), CLOCK).labels == ("kotsu",)
    assert wishes(block("path: [shop/, tests/]"), CLOCK).labels == ("ruled",)


def test_what_may_change_behaviour_is_merged_by_itself_only_where_a_rule_says_so() -> None:
    on = "automerge: true"
    assert not wishes(block("package: django", on), before=on).automerge
    assert not wishes(block("applicability: [safe]", on)).automerge
    assert wishes(block("applicability: unsafe", on)).automerge
    assert wishes(block("package: x", on), CLOCK, before=on).automerge
    assert not wishes(
        block("applicability: unsafe", on) + block("package: django", "automerge: no")
    ).automerge


def test_patterns_of_many_stars_cost_nothing() -> None:
    many = "*a" * 60 + "b"
    about = About(UPGRADE, "upgrade", "unsafe", (("a" * 4000,),), ("a" * 4000,))
    begin = time.perf_counter()
    assert wishes(block(f"package: '{many}'") + block(f"path: '{many}'"), about).labels == ("kotsu",)
    assert time.perf_counter() - begin < 0.5


# What is proposed.


def move(name: str, after: str = "2.0", path: str = "requirements.txt") -> Finding:
    upgrade = Upgrade(name, Version("1.0"), Version(after), development=True)
    edit = Edit(path, b"", f"{name}=={after}".encode())
    return Finding(
        UPGRADE, path, 1, f"{name} moves", edit, target=name, title=f"Upgrade {name}", upgrade=upgrade
    )


def planned(text: str, *findings: Finding) -> Plan:
    given = said(text)
    grouped = bundles.bundled(findings, CATALOGUE, given, ())
    return plan.make(grouped, CATALOGUE, given, (), NOW, everything=True)


def keys(made: Plan) -> dict[str, list[str]]:
    return {c.key.partition("/")[2]: sorted(c.targets) for c in made.now}


def test_a_rule_switches_off_and_a_later_one_on_again() -> None:
    text = f"rules:\n{block('category: upgrade', 'enabled: false')}"
    made = planned(text, move("shelf"))
    assert [(w.key, w.reason) for w in made.later] == [("upgrade-dependency/shelf", Reason.DISABLED)]
    assert keys(planned(text + block("package: shelf", "enabled: true"), move("shelf"))) == {
        "shelf": ["shelf"]
    }


def test_a_rule_switches_nothing_on_that_is_switched_off_by_name() -> None:
    rule = block("package: shelf", "enabled: true")
    for before in ("enabled: false", "improvements: {upgrade-dependency: false}"):
        assert keys(planned(f"{before}\nrules:\n{rule}", move("shelf"))) == {}


def test_a_rule_that_wants_what_is_off_by_default_lets_it_run() -> None:
    off = next(i.id for i in CATALOGUE.values() if not i.about.default)
    assert not said("").runs(off, by_default=False)
    assert said(f"rules:\n{block(f'improvement: {off}', 'enabled: true')}").runs(off, by_default=False)
    assert not said(f"rules:\n{block(f'improvement: {off}')}").runs(off, by_default=False)
    assert not said(f"rules:\n{block('improvement: ' + chr(34) + '*' + chr(34), 'enabled: true')}").runs(
        off, by_default=False
    )


def test_unsafe_edits_are_a_rules_matter() -> None:
    rule = block("package: shelf", "unsafe: false")
    made = planned(f"rules:\n{rule}", move("shelf", "1.1"), move("board", "3.0"))
    assert keys(made) == {"board": ["board"]}
    assert [w.reason for w in made.later] == [Reason.UNSAFE]


def test_who_a_rule_speaks_of_by_name_moves_apart_from_its_group() -> None:
    findings = [move(name, "1.1") for name in ("a", "b", "c", "d")]
    assert keys(planned("", *findings)) == {"development-group": ["a", "b", "c", "d"]}
    by_name = planned(f"rules:\n{block('package: c', 'reviewers: [ada]')}", *findings)
    assert keys(by_name) == {"development-group": ["a", "b", "d"], "c": ["c"]}
    assert keys(planned(f"rules:\n{block('package: [a, b, c, d]')}", *findings)) == keys(
        planned("", *findings)
    )
    off = planned(f"rules:\n{block('package: c', 'enabled: false')}", *findings)
    assert keys(off) == {"development-group": ["a", "b", "d"]}


def test_a_rule_about_steps_is_about_a_group_only_if_all_take_them() -> None:
    rule = f"rules:\n{block('update: patch')}"
    for after, labels in (("1.0.1", "ruled"), ("1.1", "kotsu")):
        (made,) = planned(rule, move("a", "1.0.1"), move("b", after)).now
        wished = draft.write(made, CATALOGUE[UPGRADE], said(rule), semantic=False)
        assert labels in wished.labels


def test_a_rule_decides_about_labels_reviewers_and_how_it_is_opened() -> None:
    rest = "labels: [deps]\n    reviewers: [ada]\n    open-as: branch\n    automerge: true"
    text = f"rules:\n{block('{package: shelf, applicability: unsafe}', rest)}"
    proposals = [
        draft.write(c, CATALOGUE[UPGRADE], said(text), semantic=False)
        for c in planned(text, move("shelf"), move("board")).now
    ]
    found = {p.key.partition("/")[2]: (p.labels[0], p.reviewers, p.open_as, p.automerge) for p in proposals}
    assert found == {"shelf": ("deps", ("ada",), "branch", True), "board": ("kotsu", (), "draft", False)}


AGES = """\
release-age: 3
rules:
  - match: {category: upgrade}
    release-age: 5
  - match: {package: "Shelf*"}
    release-age: 9
  - match: {update: major}
    release-age: 30
  - match: {improvement: upgrade-action, package: [shelf]}
    release-age: 1
"""


def test_the_age_of_releases_goes_by_name_and_step() -> None:
    facts = rules.facts(Facts(today=date(2026, 1, 1), release_age=3), CATALOGUE[UPGRADE], said(AGES))
    assert facts.ages("shelf-life") == {"major": 30, "minor": 9, "patch": 9}
    assert facts.ages("board") == {"major": 30, "minor": 5, "patch": 5}
    other = rules.facts(Facts(today=date(2026, 1, 1), release_age=3), CATALOGUE["upgrade-action"], said(AGES))
    assert other.ages("shelf") == {"major": 1, "minor": 1, "patch": 1}


def test_an_improvement_that_asks_for_no_age_gets_the_facts_that_it_got_before() -> None:
    known, clock = Facts(today=date(2026, 1, 1)), CATALOGUE["aware-utcnow"]
    assert rules.facts(known, clock, said(AGES)) == rules.facts(known, clock, said(""))


def test_without_an_age_rules_have_none_either() -> None:
    facts = rules.facts(
        Facts(today=date(2026, 1, 1), release_age=0), CATALOGUE[UPGRADE], said(AGES).ageless()
    )
    assert set(facts.ages("shelf").values()) == {0}


# A mistake stops what it is about.


def broken(text: str) -> Config:
    read = config.read(text, "kotsu.yml")
    assert isinstance(read, Broken)
    assert read.mistakes
    assert read.sound is not None, str(read)
    return read.sound


def waiting(given: Config, *findings: Finding) -> dict[str, str]:
    made = plan.make(
        bundles.bundled(findings, CATALOGUE, given, ()), CATALOGUE, given, (), NOW, everything=True
    )
    assert {w.reason for w in made.later} <= {Reason.BROKEN_CONFIGURATION}
    return {w.key.partition("/")[2]: w.sentence for w in made.later}


CONCERNED = {
    "an option of another improvement": ("improvements: {unbounded-request: {timeout: soon}}", set()),
    "the improvement": ("improvements:\n  upgrade-dependency: {ignore: [/x]}", {"shelf", "board"}),
    "one target": ("improvements:\n  upgrade-dependency/Shelf: never", {"shelf"}),
    "a rule that matches": (f"rules:\n{block('package: shelf', 'enabeld: false')}", {"shelf"}),
    "a rule about a part": (f"rules:\n{block('path: requirements.txt', 'labels: 3')}", {"shelf", "board"}),
    "a rule about others": (f"rules:\n{block('update: patch', 'labels: 3')}", set()),
    "a rule whose one word is wrong": (
        f"rules:\n{block('{package: shelf, update: huge}', 'enabled: false')}",
        {"shelf"},
    ),
    "a rule whose improvement is none": (
        f"rules:\n{block('{improvement: upgrade-dependancy, package: board}', 'enabled: false')}",
        {"board"},
    ),
    "a campaign, which counts elsewhere": ("campaigns: {a: {improvement: aware-utcnow}}", set()),
    "a budget, which counts elsewhere": ("capacity: {organisation: {open: 1}}", set()),
}


@pytest.mark.parametrize("situation", CONCERNED)
def test_a_mistake_stops_what_it_is_about(situation: str) -> None:
    text, expected = CONCERNED[situation]
    found = waiting(broken(text), move("shelf"), move("board"))
    assert found.keys() == expected
    assert all("kotsu.yml:" in sentence for sentence in found.values())


EVERYTHING = [
    "limits: {open: x}",
    "improvements: {upgrade-dependancy: false}",
    "improvements: 3",
    "rules: 3",
    "rules: [3]",
    f"rules:\n{block('packege: shelf', 'enabled: false')}",
    f"rules:\n{block('improvement: upgrade-dependancy', 'enabled: false')}",
    "rules:\n  - match: {}\n    enabled: false\n",
    "rules:\n  - enabled: false\n",
    "labels: [a\n",
    "- a",
]


@pytest.mark.parametrize("text", EVERYTHING)
def test_a_mistake_that_may_be_about_anything_stops_everything(text: str) -> None:
    read = config.read(text, "kotsu.yml")
    assert isinstance(read, Broken)
    assert read.sound is None


def test_what_holds_beside_a_mistake_holds() -> None:
    text = f"labels: [ours]\nrules:\n{block('package: shelf', 'labels: 3')}{block('package: board')}"
    assert rules.wishes(broken(text), DJANGO).labels == ("ours",)
    assert len(broken(text).rules) == 1


# Inheritance.

ORGANISATION = """\
enabled: true
labels: [org, deps]
limits: {open: 9, first: 8}
improvements:
  unbounded-job: false
  unbounded-request: {timeout: 30, ignore: [a/]}
rules:
  - match: {category: upgrade}
    reviewers: [acme/platform]
  - match: {package: django}
    enabled: false
capacity:
  organisation: {open: 50}
  teams: {acme/platform: {open: 5}}
  per-day: 4
review: {away: {ada: 2026-12-31}}
campaigns: {clocks: {improvement: aware-utcnow}}
"""
OWN = """\
labels: [mine]
limits: {open: 2}
improvements:
  unbounded-request: {timeout: 5}
rules:
  - match: {package: django}
    enabled: true
review: {away: {grace: 2026-11-30}}
"""


def test_a_repository_has_the_last_word_key_by_key() -> None:
    found = inheritance.merged(said(ORGANISATION, organisation=True), said(OWN))
    assert (found.labels, found.limits.open, found.limits.first) == (("mine",), 2, 8)
    assert not found.enabled_for("unbounded-job")
    assert found.options("unbounded-request") == {"timeout": 5}
    assert found.globs("unbounded-request") == ("a/",)
    wished = rules.wishes(found, DJANGO)
    assert (wished.enabled, wished.reviewers) == (True, ("acme/platform",))
    assert set(found.review.away) == {"ada", "grace"}


def test_what_is_for_all_repositories_stays_the_organisations() -> None:
    found = inheritance.merged(said(ORGANISATION, organisation=True), said(OWN + "capacity: {per-day: 1}"))
    assert found.capacity.organisation.open == 50
    assert found.capacity.teams["acme/platform"].open == 5
    assert found.capacity.per_day == 1
    assert set(found.campaigns) == {"clocks"}


def test_nothing_that_is_said_twice_changes_anything() -> None:
    organisation = said(ORGANISATION, organisation=True)
    same = inheritance.merged(organisation, config.defaults())
    assert same == organisation
    own = inheritance.merged(config.defaults(), said(OWN))
    assert rules.wishes(own, DJANGO) == rules.wishes(said(OWN), DJANGO)
    assert (own.limits, own.improvements) == (said(OWN).limits, said(OWN).improvements)


def test_doubts_of_both_files_stay() -> None:
    one, other = broken("improvements: {aware-utcnow: 3}"), broken("improvements: {unbounded-job: 3}")
    assert [d.name for d in inheritance.merged(one, other).doubts] == ["aware-utcnow", "unbounded-job"]


WORDS = {
    "improvement": ["upgrade-dependency", "aware-*", "*"],
    "category": ["upgrade", "security"],
    "applicability": ["safe", "unsafe"],
    "package": ["django", "dj*", "shelf"],
    "path": ["requirements.txt", "shop/", "*.py"],
    "update": ["major", "minor"],
}
MATCHES = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in WORDS.items()}).filter(bool)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans(),
        "unsafe": st.booleans(),
        "automerge": st.booleans(),
        "labels": st.sampled_from([["a"], []]),
    },
).filter(bool)
RULES = st.lists(st.tuples(MATCHES, SETTINGS), min_size=1, max_size=4)
ABOUTS = [
    DJANGO,
    CLOCK,
    About(UPGRADE, "upgrade", "unsafe", (("django",), ("shelf",)), ("requirements.txt",), ("major", "patch")),
]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(RULES, st.data())
def test_what_a_broken_rule_would_have_changed_waits(
    drawn: list[tuple[dict[str, str], dict[str, object]]], data: st.DataObject
) -> None:
    rules_said = [{"match": match, **rest} for match, rest in drawn]
    whole = said(json.dumps({"rules": rules_said}))
    number = data.draw(st.integers(0, len(rules_said) - 1))
    rules_said[number]["enabeld"] = False
    left = broken(json.dumps({"rules": rules_said}))
    for about in ABOUTS:
        if rules.wishes(left, about) != rules.wishes(whole, about):
            assert rules.doubt(left, about)
