"""The first pull request of a repository: it is asked what it wants before anything else is opened."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from demo.github import git
from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, SHELF, UTCNOW, Road
from tests.workers.test_answering import told
from workers import config, marker, onboarding
from workers.model import Report

KEY = onboarding.KEY


@pytest.fixture
def asked(road: Road) -> Road:
    """A repository without kotsu.yml that was looked at once."""
    road.hub.repository(NAME, FILES)
    road.scan()
    return road


def number(road: Road) -> int:
    return road.pull(KEY).number


def test_a_repository_is_asked_first_and_nothing_else_is_opened(asked: Road) -> None:
    asked.scan()
    assert asked.keys(state="all") == [KEY]
    assert asked.branches() == {KEY}
    assert {reason for reason, _ in asked.withheld().values()} == {"onboarding"}
    assert asked.withheld().keys() == {UTCNOW, JOB, SHELF}
    assert asked.proposed(KEY, CONFIG).decode() == onboarding.template()


def test_it_shows_the_first_diffs_as_they_would_be(asked: Road) -> None:
    body = asked.pull(KEY).body or ""
    assert "3 pull requests, if nothing is changed" in body
    assert "-BORN = datetime.utcnow()\n" in body
    assert "-shelf==1.0\n+shelf==2.0\n" in body
    assert body.count("```diff\n") == 3
    assert marker.metadata(body)["key"] == KEY


def test_after_the_merge_it_begins(asked: Road) -> None:
    first = number(asked)
    asked.hub.merge(NAME, first)
    asked.follow(first)
    assert sorted(asked.keys()) == [UTCNOW, JOB]
    assert KEY not in asked.withheld()


def test_what_was_changed_in_it_counts_after_the_merge(asked: Road) -> None:
    asked.hub.push(NAME, {CONFIG: b"improvements: {unbounded-job: false}\n"}, branch=f"kotsu/{KEY}")
    asked.scan()
    assert asked.hub.files(NAME, f"kotsu/{KEY}")[CONFIG].startswith(b"improvements")
    asked.hub.merge(NAME, number(asked))
    asked.scan()
    assert sorted(asked.keys()) == [UTCNOW, SHELF]


def test_to_close_it_is_an_answer_for_the_repository(asked: Road) -> None:
    first = number(asked)
    asked.hub.close(NAME, first)
    asked.follow(first)
    asked.hub.push(NAME, {"shop/more.py": CLOCK})
    asked.scan()
    assert asked.keys(state="all") == [KEY]
    ((reason, sentence),) = asked.withheld().values()
    assert reason == "declined"
    assert "left alone" in sentence


def test_to_delete_its_branch_is_one_too(asked: Road) -> None:
    asked.hub.delete_branch(NAME, f"kotsu/{KEY}")
    asked.scan()
    assert asked.keys() == []
    assert asked.branches() == set()


def test_it_is_remembered_though_the_ledger_is_lost(asked: Road, tmp_path: Path) -> None:
    asked.hub.close(NAME, number(asked))
    asked.forget(tmp_path / "new.db")
    asked.scan()
    assert asked.keys(state="all") == [KEY]
    assert asked.withheld()[KEY][0] == "declined"


def test_to_open_it_again_is_a_yes(asked: Road) -> None:
    issue = asked.pull(KEY)
    asked.hub.close(NAME, issue.number)
    asked.follow(issue.number)
    issue.state, issue.closed_at = "open", None
    asked.scan()
    assert {reason for reason, _ in asked.withheld().values()} == {"onboarding"}
    asked.hub.merge(NAME, issue.number)
    asked.scan()
    assert len(asked.keys()) == 2


def test_a_file_of_ones_own_is_an_answer_as_well(asked: Road) -> None:
    asked.hub.close(NAME, number(asked))
    asked.hub.push(NAME, {"kotsu.yml": b"limits: {first: 9, open: 9}\n"})
    asked.scan()
    assert sorted(asked.keys()) == [UTCNOW, JOB, SHELF]


@pytest.mark.parametrize("path", config.PATHS)
def test_whoever_adds_the_file_by_hand_is_not_asked_any_more(asked: Road, path: str) -> None:
    first = number(asked)
    asked.hub.push(NAME, {path: b"limits: {first: 9, open: 9}\n"})
    asked.scan()
    asked.scan()
    assert sorted(asked.keys()) == [UTCNOW, JOB, SHELF]
    assert said(asked, first) == [onboarding.HAS_ONE]
    assert KEY not in asked.branches()
    asked.hub.push(NAME, {path: None})
    asked.scan()
    assert KEY not in set(asked.keys())


def test_a_question_that_was_opened_again_ends_with_the_file_but_only_once(asked: Road) -> None:
    first = number(asked)
    asked.hub.close(NAME, first)
    asked.follow(first)
    asked.hub.people.reopen(NAME, first)
    asked.follow(first)
    asked.scan()
    assert asked.keys() == [KEY]
    head = asked.hub.find(NAME).branch(f"kotsu/{KEY}") or ""
    asked.hub.push(NAME, {"kotsu.yml": b"limits: {first: 9, open: 9}\n"})
    asked.scan()
    assert sorted(asked.keys()) == [UTCNOW, JOB, SHELF]
    assert said(asked, first) == [onboarding.HAS_ONE]
    git.move_ref(asked.hub.find(NAME).folder, f"refs/heads/kotsu/{KEY}", head)
    asked.hub.people.reopen(NAME, first)
    asked.follow(first)
    asked.scan()
    assert KEY in set(asked.keys())
    assert said(asked, first) == [onboarding.HAS_ONE]


def test_a_question_that_was_opened_again_stays_though_nobody_else_is_asked(asked: Road) -> None:
    first = number(asked)
    asked.hub.close(NAME, first)
    asked.follow(first)
    asked.hub.people.reopen(NAME, first)
    asked.hub.repository("acme/.github", {"kotsu.yml": b"onboarding: false\n"})
    asked.scan()
    assert (KEY in set(asked.keys()), said(asked, first)) == (True, [])


def test_what_a_person_wrote_on_its_branch_stays_open(asked: Road) -> None:
    asked.hub.push(NAME, {CONFIG: b"limits: {first: 9, open: 9}\n"}, branch=f"kotsu/{KEY}")
    asked.hub.push(NAME, {"kotsu.yml": b"limits: {first: 9, open: 9}\n"})
    asked.scan()
    assert KEY in set(asked.keys())
    (words,) = said(asked, number(asked))
    assert words.endswith("It stays open, as others have written to its branch.")


def test_an_organisation_takes_back_its_question(asked: Road) -> None:
    first = number(asked)
    asked.hub.repository("acme/.github", {"kotsu.yml": b"onboarding: false\n"})
    asked.scan()
    assert said(asked, first) == [onboarding.UNASKED]
    assert KEY not in set(asked.keys())


def test_where_everything_is_switched_off_nobody_is_asked(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": b"enabled: false\n"})
    road.hub.repository(NAME, FILES)
    road.scan()
    assert road.keys(state="all") == []


def test_a_snoozed_question_comes_back(asked: Road) -> None:
    asked.hub.people.grant(NAME, "ada-example")
    first = number(asked)
    told(asked, asked.hub.comment(NAME, first, "/kotsu snooze 30d"), first)
    reason, sentence = asked.withheld()[KEY]
    assert (reason, asked.keys()) == ("snoozed", [])
    assert sentence.startswith("It is snoozed until ")
    asked.days(31)
    assert asked.keys() == [KEY]


def test_never_is_an_answer_for_the_repository(asked: Road) -> None:
    asked.hub.people.grant(NAME, "ada-example")
    first = number(asked)
    told(asked, asked.hub.comment(NAME, first, "/kotsu never"), first)
    asked.days(400)
    assert asked.keys() == []
    assert asked.withheld()[KEY][0] == "declined"
    (words,) = said(asked, first)
    assert words == "It is closed, and this repository is left alone until it has a kotsu.yml."


@pytest.mark.parametrize("more", [{"archived": True}, {"fork": True}])
def test_what_is_left_alone_is_not_asked(road: Road, more: dict[str, bool]) -> None:
    road.hub.repository(NAME, FILES, **more)
    road.hub.repository("acme/empty")
    road.scan()
    road.scan("acme/empty")
    assert road.keys(state="all") == road.keys("acme/empty", "all") == []


def test_a_mistake_in_it_stops_nothing_but_its_merge(asked: Road) -> None:
    first = number(asked)
    asked.hub.push(NAME, {CONFIG: b"limits: {open: many}\n"}, branch=f"kotsu/{KEY}")
    asked.follow(first)
    asked.days(20)
    assert asked.keys() == [KEY]
    assert said(asked, first) == []
    asked.hub.merge(NAME, first)
    asked.scan()
    ((reason, sentence),) = asked.withheld().values()
    assert (reason, asked.keys()) == ("broken-configuration", [])
    assert "line 1" in sentence


def said(road: Road, of: int) -> list[str]:
    """Return what we said on a pull request, without our marks."""
    bodies = (c.body for c in road.hub.find(NAME).issues[of].comments if c.author.login == "kotsu[bot]")
    return [re.sub(r"\s*<!--.*?-->\s*", "", body, flags=re.DOTALL) for body in bodies]


def test_who_removes_the_file_later_is_not_asked_again(asked: Road) -> None:
    asked.hub.merge(NAME, number(asked))
    asked.hub.push(NAME, {CONFIG: None})
    asked.scan()
    assert f"kotsu/{KEY}" not in asked.branches()
    assert len(asked.keys()) == 2


def test_a_repository_in_which_we_were_at_work_is_not_asked(road: Road, tmp_path: Path) -> None:
    road.add()
    road.scan()
    opened = road.keys()
    for key in opened:
        road.hub.close(NAME, road.pull(key).number)
    road.hub.push(NAME, {CONFIG: None})
    road.forget(tmp_path / "new.db")
    road.scan()
    assert KEY not in road.keys(state="all")
    assert {reason for reason, _ in road.withheld().values()} == {"declined"}


def test_an_organisation_can_do_without_the_question(road: Road) -> None:
    road.hub.repository("acme/.github", {"kotsu.yml": b"onboarding: false\nlimits: {first: 3}\n"})
    road.hub.repository(NAME, FILES)
    road.scan()
    assert sorted(road.keys()) == [UTCNOW, JOB, SHELF]


def test_it_counts_in_no_limit(asked: Road) -> None:
    asked.hub.push(NAME, {CONFIG: b"limits: {open: 1, first: 1, per-day: 0}\n"}, branch=f"kotsu/{KEY}")
    asked.hub.merge(NAME, number(asked))
    asked.scan()
    assert len(asked.keys()) == 1


def test_looked_at_again_it_is_not_written_again(asked: Road) -> None:
    asked.news()
    asked.hub.push(NAME, {"shop/more.py": CLOCK})
    asked.scan()
    assert asked.writes() == []


def test_a_repository_without_anything_to_improve_is_asked_too(road: Road) -> None:
    road.hub.repository(NAME, {"README.md": b"# Shop\n"})
    road.scan()
    assert "Nothing for now" in (road.pull(KEY).body or "")


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^# ( *[a-z-]+:)", r"\1", text)


def test_the_file_holds_nothing_until_it_is_changed() -> None:
    text = onboarding.template()
    assert config.read(text, CONFIG) == config.defaults()
    assert len(text.splitlines()) <= 80
    assert max(map(len, text.splitlines())) <= 140


def test_every_line_of_the_file_is_valid_without_its_mark() -> None:
    read = config.read(uncommented(onboarding.template()), CONFIG)
    assert isinstance(read, config.Config), str(read)
    for name in ("limits", "checks", "review", "rules", "labels", "release_age", "open_as"):
        assert getattr(read, name) == getattr(config.defaults(), name)


def test_every_option_of_a_repository_stands_in_the_file() -> None:
    shown = yaml.safe_load(uncommented(onboarding.template()))
    common = {"campaigns", "onboarding"}
    assert shown.keys() == {f.alias for f in config.Config.model_fields.values()} - common
    limits = {f.alias for f in config.Limits.model_fields.values()}
    assert shown["limits"].keys() == limits


@pytest.mark.parametrize(
    "text",
    [
        "````\n@everyone closes #1\n",
        "\N{RIGHT-TO-LEFT OVERRIDE}abc\x1b[31m\n",
        "x" * 5000 + "\n",
        "y\n" * 500,
    ],
)
def test_a_preview_breaks_out_of_nothing(text: str) -> None:
    fenced = onboarding._fenced(f"+{text}")
    first, *lines, last = fenced.split("\n")
    assert first == f"{last}diff"
    assert not any(line.startswith(last) for line in lines)
    assert all(line.isprintable() and len(line) <= 160 for line in lines)
    assert len(lines) <= 61


def test_a_title_speaks_to_nobody() -> None:
    assert onboarding._plain("Use `x` of @ada for #1 <b>") == "Use \\`x\\` of @\u200bada for #\u200b1 \\<b\\>"


def test_many_findings_are_withheld_and_one_thing_is_proposed() -> None:
    found = onboarding.report(Report((), (), ()), config.defaults())
    assert [p.key for p in found.proposals] == [KEY]
