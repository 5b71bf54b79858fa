"""The issue that shows a repository: one, right, ticked, and left alone where a person closed it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from demo.github import moves
from demo.github.state import Issue
from tests.road import CONFIG, FILES, JOB, NAME, SHELF, UTCNOW, Road
from workers import dashboard
from workers.messages import Kind, command_key, dashboard_key

_ON = b"dashboard: true\nlimits: {open: 1, first: 9, per-day: 9}\n"
_ALL = b"dashboard: true\nlimits: {open: 9, first: 9, per-day: 9}\n"


def ready(road: Road, configuration: bytes = _ON) -> Issue:
    road.add({**FILES, CONFIG: configuration})
    road.hub.people.grant(NAME, "ada-example")
    road.scan()
    return shown(road)


def shown(road: Road) -> Issue:
    (issue,) = road.hub.people.issues(NAME)
    return issue


def tick(road: Road, box: str) -> None:
    number = shown(road).number
    road.hub.people.tick(NAME, number, box)
    road.enqueue(Kind.DASHBOARD, dashboard_key(road.hub.find(NAME).id), number=number)
    road.run()


def keys(road: Road) -> set[str]:
    return set(road.keys())


def test_it_shows_what_is_open_withheld_and_found(road: Road) -> None:
    issue = ready(road)
    body = issue.body or ""
    (key,) = road.keys()
    assert issue.title == "Kotsu dashboard"
    assert body.startswith("<!-- kotsu-dashboard")
    assert f"](../pull/{road.pull(key).number}) {road.pull(key).title}" in body
    for other in {UTCNOW, JOB, SHELF} - {key}:
        assert f"<!-- kotsu:now {other} --> propose it now" in body
    assert "(`open-limit`)" in body
    assert "<details><summary>1 in 1 file</summary>\n\n- `requirements.txt`: `shelf ==1.0`" in body


def test_it_shows_promises_with_age_and_what_became_of_issues(road: Road) -> None:
    road.add({**FILES, CONFIG: _ON, "app/old.py": b"# TODO: remove when #1 is fixed\nx = 1\n# XXX: slow\n"})
    world, repository = road.hub.world, road.hub.find(NAME)
    ada = world.account("ada-example")
    moves.close(world, repository, moves.open_issue(world, repository, "Slow", "", ada), ada)
    road.scan()
    issue = road.hub.people.issues(NAME)[-1]
    rows = [row for row in (issue.body or "").splitlines() if "app/old.py" in row]
    day = r"\d{4}-\d\d-\d\d"
    place = r"- \[`app/old\.py:1`\]\(\S+/blob/[0-9a-f]{40}/app/old\.py#L1\)"
    why = rf"due; now that `#1` is closed \({day}\); since {day}"
    assert re.fullmatch(rf"{place}: `remove when #1 is fixed` \(`.+`\): {why}", rows[0])
    assert ": unconditional; since" in rows[1]


def test_without_a_word_in_kotsu_yml_there_is_none(road: Road) -> None:
    road.add()
    road.scan()
    assert road.hub.people.issues(NAME) == []
    assert [e for e in road.hub.requests if e.writes and e.template.endswith("/issues")] == []


def test_it_is_written_only_where_it_changed(road: Road) -> None:
    ready(road)
    road.writes()
    road.scan()
    assert road.writes() == []


def test_what_is_ticked_is_proposed_at_once(road: Road) -> None:
    ready(road)
    (first,) = road.keys()
    wanted = min({UTCNOW, JOB, SHELF} - {first})
    tick(road, f"kotsu:now {wanted} ")
    assert keys(road) == {first, wanted}
    assert "[x]" not in (shown(road).body or "")


def test_never_is_remembered_and_can_be_taken_back(road: Road, tmp_path: Path) -> None:
    ready(road)
    (first,) = road.keys()
    refused = min({UTCNOW, JOB, SHELF} - {first})
    tick(road, f"kotsu:never {refused} ")
    assert road.withheld()[refused] == ("declined", "Somebody said never to propose it.")
    road.forget(tmp_path / "new.db")
    road.scan()
    assert road.withheld()[refused][0] == "declined"
    assert len(road.hub.people.issues(NAME)) == 1
    tick(road, f"kotsu:again {refused} ")
    assert refused in keys(road)


def test_a_closed_pull_request_can_be_wanted_again(road: Road) -> None:
    ready(road, _ALL)
    number = road.pull(UTCNOW).number
    road.hub.close(NAME, number)
    road.follow(number)
    assert f"<!-- kotsu:again {UTCNOW} -->" in (shown(road).body or "")
    tick(road, f"kotsu:again {UTCNOW} ")
    assert road.pull(UTCNOW).number != number


def test_what_a_person_ticks_while_we_look_is_not_lost(road: Road) -> None:
    ready(road)
    (first,) = road.keys()
    wanted = min({UTCNOW, JOB, SHELF} - {first})
    road.hub.people.tick(NAME, shown(road).number, f"kotsu:now {wanted} ")
    road.follow(road.pull(first).number)
    assert f"[x] <!-- kotsu:now {wanted} -->" in (shown(road).body or "")
    road.scan()
    assert wanted in keys(road)


def test_a_person_who_closes_it_has_answered(road: Road, tmp_path: Path) -> None:
    ready(road)
    number = shown(road).number
    road.hub.close(NAME, number)
    road.forget(tmp_path / "new.db")
    road.hub.push(NAME, {"requirements.txt": b""})
    road.writes()
    road.scan()
    assert shown(road).state == "closed"
    assert [w for w in road.writes() if "/issues" in w and "labels" not in w] == []


def test_a_person_who_deletes_it_has_answered(road: Road) -> None:
    ready(road)
    road.hub.people.delete(NAME, shown(road).number)
    road.scan()
    assert len(road.hub.people.issues(NAME)) == 1


def test_kotsu_yml_switches_the_same_one_off_and_on(road: Road) -> None:
    number = ready(road).number
    road.hub.push(NAME, {CONFIG: b"dashboard: false\n"})
    road.scan()
    assert shown(road).state == "closed"
    road.hub.push(NAME, {CONFIG: _ON})
    road.scan()
    assert (shown(road).number, shown(road).state) == (number, "open")
    assert dashboard.is_off(shown(road).body or "") is False


def test_a_second_one_is_never_opened_though_everything_is_forgotten(road: Road, tmp_path: Path) -> None:
    number = ready(road).number
    road.forget(tmp_path / "new.db")
    road.scan()
    assert shown(road).number == number


def test_killed_behind_the_opening_it_is_found_again(road: Road) -> None:
    road.add({**FILES, CONFIG: _ON})
    road.hub.fail("POST", r"/issues$", 500, after_effect=True)
    road.scan()
    road.wait()
    assert shown(road).number


def test_an_issue_that_copies_its_words_is_not_it(road: Road) -> None:
    road.add({**FILES, CONFIG: _ON})
    repository = road.hub.find(NAME)
    with road.hub.world.lock:
        mallory = road.hub.world.account("mallory")
        moves.open_issue(road.hub.world, repository, "Mine", "<!-- kotsu-dashboard -->", mallory)
    road.scan()
    assert [i.author.login for i in road.hub.people.issues(NAME)] == ["mallory", "kotsu[bot]"]
    road.enqueue(Kind.DASHBOARD, dashboard_key(repository.id), number=1)
    road.writes()
    road.run()
    assert road.writes() == []


def test_a_box_of_another_text_brings_no_storm(road: Road) -> None:
    issue = ready(road)
    road.hub.people.edit(NAME, issue.number, f"{issue.body}\n- [x] <!-- kotsu:rebase -->\n")
    scans = len(road.world.book.scans(road.hub.find(NAME).id))
    road.scan()
    assert len(road.world.book.scans(road.hub.find(NAME).id)) == scans + 1
    assert "[x]" not in (shown(road).body or "")


def test_a_tick_in_one_that_was_closed_is_no_wish_for_ever(road: Road) -> None:
    ready(road, _ALL)
    number = road.pull(UTCNOW).number
    road.hub.close(NAME, number)
    road.follow(number)
    road.hub.people.tick(NAME, shown(road).number, f"kotsu:again {UTCNOW} ")
    road.hub.close(NAME, shown(road).number)
    road.scan()
    assert UTCNOW not in keys(road)


def test_a_mistake_that_stops_everything_is_shown(road: Road) -> None:
    ready(road)
    before = keys(road)
    road.hub.push(NAME, {CONFIG: b"limits: {open: many}\n"})
    road.scan()
    body = shown(road).body or ""
    assert "(`broken-configuration`)" in body
    assert "Nothing is proposed until `.github/kotsu.yml` is mended, at line 1" in body
    assert keys(road) == before
    road.writes()
    road.scan()
    assert road.writes() == []


def test_where_issues_are_not_for_us_everything_else_is_done(road: Road) -> None:
    road.add({**FILES, CONFIG: _ON})
    no = b'{"message":"Resource not accessible by integration"}'
    road.hub.fail("*", r"/issues(\?|$)", 403, times=9, body=no)
    assert road.scan().state == "done"
    assert len(road.keys()) == 1
    road.hub.recover()


def test_where_issues_are_switched_off_everything_else_is_done(road: Road) -> None:
    road.add({**FILES, CONFIG: _ON})
    gone = b'{"message":"Issues has been disabled in this repository."}'
    road.hub.fail("*", r"/issues(\?|$)", 410, times=9, body=gone)
    assert road.scan().state == "done"
    assert len(road.keys()) == 1
    assert {e.method for e in road.hub.requests if e.injected} == {"GET", "POST"}
    road.hub.recover()


def test_a_merge_is_seen_at_once(road: Road) -> None:
    ready(road)
    (first,) = road.keys()
    number = road.pull(first).number
    road.hub.merge(NAME, number)
    road.follow(number)
    assert f"../pull/{number})" not in (shown(road).body or "").partition("<!-- kotsu-scan -->")[0]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("/kotsu why shelf", rf"`{SHELF}`"),
        ("/kotsu why", r"Which name\?"),
        ("/kotsu help", r"\| command \| does \|"),
        ("/kotsu never", r"is for pull requests"),
    ],
)
def test_it_answers_questions(road: Road, said: str, words: str) -> None:
    number = ready(road, b"dashboard: true\nlimits: {open: 0}\n").number
    comment = road.hub.comment(NAME, number, said)
    key = command_key(road.hub.find(NAME).id, comment.id)
    road.enqueue(Kind.COMMAND, key, number=number, comment=comment.id)
    road.run()
    (reply,) = (c.body for c in shown(road).comments if c.author.login == "kotsu[bot]")
    assert re.search(words, reply)


def asked_for(road: Road) -> str:
    """Return the section of the issue that has what is asked for, and not there yet."""
    return (shown(road).body or "").partition("### Asked for\n")[2].partition("\n### ")[0]


def failing(road: Road) -> None:
    """Let the index fail, and nothing be known of what it said before."""
    shutil.rmtree(road.world.settings.data_dir / "index")
    road.index.fail("/shelf/", times=99)


def test_what_is_ticked_while_the_index_fails_is_proposed_when_it_answers_again(road: Road) -> None:
    ready(road, b"dashboard: true\nlimits: {open: 0}\n")
    failing(road)
    tick(road, f"kotsu:now {SHELF} ")
    assert keys(road) == set()
    assert f"[x] <!-- kotsu:now {SHELF} -->" in asked_for(road)
    road.writes()
    road.scan()
    assert road.writes() == []
    road.index.recover()
    road.scan()
    assert keys(road) == {SHELF}
    assert "[x]" not in (shown(road).body or "")


def test_who_unticks_what_is_not_there_yet_takes_the_wish_back(road: Road) -> None:
    ready(road, b"dashboard: true\nlimits: {open: 0}\n")
    failing(road)
    tick(road, f"kotsu:now {SHELF} ")
    body = shown(road).body or ""
    road.hub.people.edit(NAME, shown(road).number, body.replace("[x]", "[ ]"))
    road.index.recover()
    road.scan()
    assert keys(road) == set()
    assert "[x]" not in (shown(road).body or "")


def test_who_unticks_while_we_look_is_not_overruled(road: Road) -> None:
    ready(road, b"dashboard: true\nlimits: {open: 0}\n")
    number = shown(road).number
    failing(road)
    road.hub.people.tick(NAME, number, f"kotsu:now {SHELF} ")

    def untick() -> None:
        body = (shown(road).body or "").replace("[x]", "[ ]")
        road.hub.people.edit(NAME, number, body)

    road.hub.meanwhile("GET", r"/commits\?", untick)
    road.scan()
    assert "[x]" not in (shown(road).body or "")
    assert asked_for(road) == ""


def test_a_wish_that_is_refused_for_good_is_not_shown_as_one(road: Road) -> None:
    ready(road, b"dashboard: true\nlimits: {open: 0}\n")
    road.hub.push(
        NAME, {CONFIG: b"dashboard: true\nlimits: {open: 0}\nimprovements: {%s: false}\n" % JOB.encode()}
    )
    tick(road, f"kotsu:now {JOB} ")
    assert asked_for(road) == ""
    assert keys(road) == set()


def test_what_is_ticked_waits_for_a_broken_kotsu_yml_which_is_shown(road: Road) -> None:
    ready(road, b"dashboard: true\nlimits: {open: 0}\n")
    road.hub.push(NAME, {CONFIG: b"limits: {open: many}\n"})
    tick(road, f"kotsu:now {JOB} ")
    assert "(`broken-configuration`)" in (shown(road).body or "")
    assert f"[x] <!-- kotsu:now {JOB} -->" in asked_for(road)
    road.hub.push(NAME, {CONFIG: b"dashboard: true\nlimits: {open: 0}\n"})
    road.scan()
    assert keys(road) == {JOB}
