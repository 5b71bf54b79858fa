"""Commands in comments: done once, answered once, and only for those who may write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import events
from demo.github.state import Comment
from tests.road import CLOCK, CONFIG, FILES, JOB, NAME, PLENTY, SHELF, UTCNOW, Road
from workers import marker
from workers.messages import Kind, command_key

_OURS = "kotsu[bot]"


def ready(road: Road) -> None:
    road.add()
    road.hub.people.grant(NAME, "ada-example")
    road.scan()


def told(road: Road, comment: Comment, number: int) -> None:
    """Do the job that the comment's event asks for."""
    key = command_key(road.hub.find(NAME).id, comment.id)
    road.enqueue(Kind.COMMAND, key, number=number, comment=comment.id)
    road.run()


def say(road: Road, key: str, text: str, *, who: str = "ada-example") -> Comment:
    number = road.pull(key).number
    comment = road.hub.comment(NAME, number, text, who=who)
    told(road, comment, number)
    return comment


def is_open(road: Road, key: str = UTCNOW) -> bool:
    return key in set(road.keys())


def replies(road: Road, number: int) -> list[str]:
    found = road.hub.find(NAME).issues[number].comments
    return [c.body for c in found if c.author.login == _OURS]


def reactions(comment: Comment) -> list[str]:
    return [r.content for r in comment.reactions]


def outcomes(road: Road) -> list[str]:
    return [word.outcome for word in road.world.book.words.all(road.hub.find(NAME).id)]


# --- each command


def test_a_rebase_is_done_and_answered(road: Road) -> None:
    ready(road)
    number, before = road.pull(UTCNOW).number, road.hub.find(NAME).branch(f"kotsu/{UTCNOW}")
    road.hub.push(NAME, {"NOTES.md": b"1\n"})
    comment = say(road, UTCNOW, "/kotsu rebase\nplease")
    assert reactions(comment) == ["eyes", "+1"]
    (reply,) = replies(road, number)
    assert reply.startswith("It is built anew")
    assert road.hub.find(NAME).branch(f"kotsu/{UTCNOW}") != before
    assert outcomes(road) == ["done"]


def test_a_snoozed_pull_request_comes_back_by_itself(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    say(road, UTCNOW, "/kotsu snooze 30d")
    assert road.hub.find(NAME).issues[number].state == "closed"
    reason, sentence = road.withheld()[UTCNOW]
    assert reason == "snoozed"
    assert sentence.startswith("It is snoozed until ")
    road.days(29)
    assert not is_open(road)
    road.days(2)
    assert road.pull(UTCNOW).number != number


def test_a_snooze_ends_when_it_ends_and_not_a_day_later(road: Road) -> None:
    ready(road)
    say(road, UTCNOW, "/kotsu snooze 30d")
    road.days(29.8)
    assert not is_open(road)
    road.days(0.3)
    assert is_open(road)


def test_a_snooze_survives_a_lost_ledger(road: Road, tmp_path: Path) -> None:
    ready(road)
    say(road, UTCNOW, "/kotsu snooze 30d")
    road.forget(tmp_path / "new.db")
    road.scan()
    assert road.withheld()[UTCNOW][0] == "snoozed"
    road.ahead += road.ahead.__class__(days=31)
    road.scan()
    assert is_open(road)


def test_an_ignored_version_stays_away_and_a_newer_one_comes(road: Road, tmp_path: Path) -> None:
    ready(road)
    say(road, SHELF, "/kotsu ignore")
    road.forget(tmp_path / "new.db")
    road.scan()
    assert road.withheld()[SHELF] == (
        "declined",
        "Somebody said to ignore `shelf==2.0`; other versions may be proposed.",
    )
    road.index.release("shelf", "3.0")
    road.days(8)
    road.scan()
    assert "3.0" in road.pull(SHELF).title


def test_never_is_for_good_and_shows_the_line_that_says_it_for_everybody(road: Road) -> None:
    ready(road)
    number = road.pull(SHELF).number
    say(road, SHELF, "/kotsu never")
    assert f"improvements:\n  {SHELF}: false\n" in replies(road, number)[0]
    road.index.release("shelf", "3.0")
    road.days(8)
    assert road.withheld()[SHELF] == ("declined", "Somebody said never to propose it.")


def test_a_closed_pull_request_is_opened_again_by_recreate(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    road.hub.close(NAME, number)
    road.follow(number)
    told(road, road.hub.comment(NAME, number, "/kotsu recreate"), number)
    assert road.pull(UTCNOW).number == number
    assert replies(road, number)[0].startswith("It is open again")


def test_where_the_branch_is_gone_recreate_opens_another(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    road.hub.delete_branch(NAME, f"kotsu/{UTCNOW}")
    road.follow(number)
    assert not is_open(road)
    told(road, road.hub.comment(NAME, number, "/kotsu recreate"), number)
    assert road.pull(UTCNOW).number != number


def test_what_is_reopened_and_closed_again_is_a_plain_no(road: Road, tmp_path: Path) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    say(road, UTCNOW, "/kotsu snooze 2w")
    road.hub.people.reopen(NAME, number)
    road.follow(number)
    assert "word" not in marker.metadata(road.pull(UTCNOW).body or "")
    road.hub.close(NAME, number)
    road.forget(tmp_path / "new.db")
    road.days(20)
    road.scan()
    assert road.withheld()[UTCNOW][0] == "declined"


def test_a_group_is_split_into_its_members(road: Road) -> None:
    for name in ("pytest", "pytest-cov"):
        for version in ("1.0", "1.1"):
            road.index.release(name, version)
    road.add({**FILES, "requirements-dev.txt": b"pytest==1.0\npytest-cov==1.0\n"})
    road.hub.people.grant(NAME, "ada-example")
    road.scan()
    (group,) = filter(re.compile(r".*-group").fullmatch, road.keys())
    number = road.pull(group).number
    say(road, group, "/kotsu split")
    repository_id = road.hub.find(NAME).id
    assert road.hub.find(NAME).issues[number].state == "closed"
    assert road.world.book.trials.apart(repository_id) == {"pytest", "pytest-cov"}
    row = road.world.book.proposal(repository_id, number)
    assert row is not None
    assert row.word == "split"
    assert group not in road.withheld()


@pytest.mark.parametrize("key", [SHELF, JOB])
def test_what_is_about_one_thing_is_not_split(road: Road, key: str) -> None:
    ready(road)
    number = road.pull(key).number
    comment = say(road, key, "/kotsu split")
    assert reactions(comment) == ["eyes", "confused"]
    assert replies(road, number)[0].startswith("There is nothing to split: it is about one thing.")
    assert road.pull(key).number == number


def test_why_tells_what_it_is_and_what_is_known_of_a_name(road: Road) -> None:
    road.add({**FILES, CONFIG: b"limits: {open: 1}\n"})
    road.hub.people.grant(NAME, "ada-example")
    road.scan()
    (key,) = road.keys()
    number = road.pull(key).number
    say(road, key, "/kotsu why")
    say(road, key, "/kotsu why SHELF")
    say(road, key, "/kotsu why nothing-of-this-name")
    of, about, nothing = replies(road, number)
    assert of.startswith(f"- What: {road.pull(key).title} (`{key}`).\n- Why: ")
    shelf = next(row for row in road.world.book.withheld(road.hub.find(NAME).id) if row.key == SHELF)
    assert f"- {shelf.title} (`{SHELF}`): `{shelf.reason}`: {shelf.sentence}\n" in about
    assert nothing.startswith("Nothing about `nothing-of-this-name` is proposed or withheld, as of ")


def test_an_unknown_word_gets_the_nearest_one(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    comment = say(road, UTCNOW, "/kotsu rebaes @everyone fixes #1")
    assert reactions(comment) == ["eyes", "confused"]
    assert "`rebaes`: did you mean `/kotsu rebase`?" in replies(road, number)[0]
    assert outcomes(road) == ["refused"]


# --- who is not heard


def test_an_outsider_cannot_make_us_talk(road: Road) -> None:
    ready(road)
    road.hub.people.grant(NAME, "reader", "triage")
    number = road.pull(UTCNOW).number
    for who in ("mallory", "reader"):
        comment = say(road, UTCNOW, "/kotsu never", who=who)
        assert reactions(comment) == []
    assert replies(road, number) == []
    assert is_open(road)
    assert outcomes(road) == ["ignored: its author may not write to the repository"] * 2


def test_a_maintainer_is_heard(road: Road) -> None:
    ready(road)
    road.hub.people.grant(NAME, "grace", "maintain")
    assert reactions(say(road, UTCNOW, "/kotsu help", who="grace")) == ["eyes", "+1"]


def test_an_edited_comment_is_not_heard(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    comment = road.hub.comment(NAME, number, "Good morning")
    road.hub.people.edit_comment(NAME, comment, "/kotsu never")
    told(road, comment, number)
    assert (reactions(comment), replies(road, number)) == ([], [])
    assert outcomes(road) == ["ignored: it was edited"]


def test_a_bot_is_not_heard(road: Road) -> None:
    ready(road)
    road.hub.world.account("helper[bot]", "Bot")
    road.hub.people.grant(NAME, "helper[bot]", "admin")
    comment = say(road, UTCNOW, "/kotsu never", who="helper[bot]")
    assert reactions(comment) == []
    assert outcomes(road) == ["ignored: a bot wrote it"]


def test_a_comment_on_what_is_not_ours_is_not_heard(road: Road) -> None:
    ready(road)
    with road.world.app.open(road.installation.id, road.hub.find(NAME).id) as repo:
        theirs = repo.talk.create_issue("A bug", "It is broken.").number
    comment = road.hub.comment(NAME, theirs, "/kotsu help")
    told(road, comment, theirs)
    assert reactions(comment) == []
    assert outcomes(road) == ["ignored: it stands on nothing of ours"]


def test_a_comment_that_is_gone_or_changed_its_mind_asks_nothing(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    comment = road.hub.comment(NAME, number, "/kotsu never")
    road.hub.people.edit_comment(NAME, comment, "> /kotsu never")
    told(road, comment, number)
    road.enqueue(Kind.COMMAND, "command:gone", number=number, comment=987_654)
    road.run()
    assert (outcomes(road), road.parked()) == ([], [])
    assert is_open(road)


# --- once


@pytest.mark.parametrize(
    "path",
    [r"/reactions$", r"/issues/\d+/comments$", r"/pulls/\d+$", r"/comments/\d+$", r"/permission$"],
)
@pytest.mark.parametrize("after_effect", [True, False])
def test_killed_in_the_middle_there_is_one_reply(road: Road, path: str, *, after_effect: bool) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    comment = road.hub.comment(NAME, number, "/kotsu snooze 30d")
    road.hub.fail("*", path, 500, times=3, after_effect=after_effect)
    told(road, comment, number)
    road.hub.recover()
    for _ in range(4):
        road.wait(1801)
    assert reactions(comment) == ["eyes", "+1"]
    assert len(replies(road, number)) == 1
    assert road.withheld()[UTCNOW][0] == "snoozed"
    assert road.parked() == []


def test_in_a_locked_conversation_it_is_done_without_a_word(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    locked = b'{"message":"Unable to create comment because issue is locked."}'
    road.hub.fail("POST", r"/issues/\d+/comments$", 403, times=9, body=locked)
    say(road, UTCNOW, "/kotsu snooze 30d")
    road.hub.recover()
    assert (replies(road, number), outcomes(road), road.parked()) == ([], ["done"], [])
    assert set(road.jobs()) == {"done"}
    assert road.withheld()[UTCNOW][0] == "snoozed"


def test_what_is_merged_or_closed_is_told_so(road: Road) -> None:
    ready(road)
    merged, closed = road.pull(UTCNOW).number, road.pull(JOB).number
    road.hub.merge(NAME, merged)
    road.hub.close(NAME, closed)
    for number in (merged, closed):
        road.follow(number)
        for text in ("/kotsu rebase", "/kotsu snooze", "/kotsu ignore", "/kotsu never"):
            told(road, road.hub.comment(NAME, number, text), number)
    assert outcomes(road) == ["refused"] * 8
    assert road.withheld()[JOB][0] == "declined"


def test_a_pull_request_of_a_person_on_a_branch_like_ours_is_not_heard(road: Road) -> None:
    ready(road)
    road.hub.push(NAME, {"a.txt": b"1\n"}, branch="kotsu/mine")
    with road.world.app.open(road.installation.id, road.hub.find(NAME).id) as repo:
        pull = repo.create_pull("kotsu/mine", "main", "Mine", "By hand.")
    assert pull is not None
    number = pull.number
    comment = road.hub.comment(NAME, number, "/kotsu never")
    told(road, comment, number)
    assert reactions(comment) == []
    assert outcomes(road) == ["ignored: it stands on nothing of ours"]


def test_a_comment_is_answered_once_though_its_event_comes_again(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    comment = say(road, UTCNOW, "/kotsu help")
    told(road, comment, number)
    assert len(replies(road, number)) == 1
    assert len(outcomes(road)) == 1


# --- boxes


def test_a_ticked_box_is_done_at_once_and_emptied(road: Road) -> None:
    ready(road)
    number, before = road.pull(UTCNOW).number, road.hub.find(NAME).branch(f"kotsu/{UTCNOW}")
    road.hub.push(NAME, {"NOTES.md": b"1\n"})
    road.hub.people.tick(NAME, number, "kotsu:rebase")
    road.follow(number)
    assert road.hub.find(NAME).branch(f"kotsu/{UTCNOW}") != before
    assert "[x]" not in (road.pull(UTCNOW).body or "")
    assert replies(road, number) == []


def test_the_strongest_box_counts_and_says_one_sentence(road: Road) -> None:
    ready(road)
    number = road.pull(UTCNOW).number
    for box in ("kotsu:rebase", "kotsu:snooze", "kotsu:never"):
        road.hub.people.tick(NAME, number, box)
    road.follow(number)
    road.follow(number)
    issue = road.hub.find(NAME).issues[number]
    assert (issue.state, "[x]" in (issue.body or "")) == ("closed", False)
    assert len(replies(road, number)) == 1
    assert road.withheld()[UTCNOW] == ("declined", "Somebody said never to propose it.")


def test_a_box_in_quoted_notes_is_none_of_ours(road: Road) -> None:
    ready(road)
    pull = road.pull(UTCNOW)
    body = (pull.body or "").replace("### Risk", "```\n- [x] <!-- kotsu:never -->\n```\n\n### Risk")
    road.hub.people.edit(NAME, pull.number, body)
    road.follow(pull.number)
    assert is_open(road)
    cut = body.partition("<!-- kotsu-boxes -->")[0]
    road.hub.people.edit(NAME, pull.number, cut)
    road.follow(pull.number)
    assert is_open(road)


def test_an_edited_title_asks_nothing(road: Road) -> None:
    ready(road)
    pull = road.pull(UTCNOW)
    road.hub.people.edit(NAME, pull.number, (pull.body or "") + "\nThank you!\n")
    road.writes()
    road.follow(pull.number)
    assert road.writes() == []


def test_a_newer_finding_does_not_bring_back_what_was_refused(road: Road) -> None:
    ready(road)
    say(road, UTCNOW, "/kotsu never")
    road.hub.push(NAME, {"shop/more.py": CLOCK})
    road.scan()
    assert not is_open(road)


# --- no storm


def test_nothing_that_we_do_ourselves_asks_us_for_more(road: Road) -> None:
    road.add({**FILES, CONFIG: b"dashboard: true\n"})
    road.hub.people.grant(NAME, "ada-example")
    # Nobody answers there; what would have been delivered is remembered all the same.
    road.hub.webhook_url = "http://127.0.0.1:9/webhooks"
    road.scan()
    for text in ("/kotsu help", "/kotsu rebase", "/kotsu snooze"):
        say(road, road.keys()[0], text)
    road.days(31)
    road.hub.settle()
    own = [d for d in road.hub.deliveries if d.payload["sender"]["login"] == _OURS]
    assert {d.event for d in own} >= {"push", "pull_request", "issue_comment", "issues"}
    assert {(d.event, events.read(d.event, d.guid, d.payload).kind) for d in own} == {
        (name, None) for name in {d.event for d in own}
    }
    theirs = [d for d in road.hub.deliveries if d.payload["sender"]["login"] == "ada-example"]
    assert {events.read(d.event, d.guid, d.payload).kind for d in theirs} == {Kind.COMMAND}


_ONE = {**FILES, CONFIG: b"limits:\n  open: 1\n  first: 9\n  per-day: 9\n"}


def recreated_while_kotsu_yml_is_broken(road: Road) -> int:
    """Ask for one whose branch is gone, while another takes the only place and nothing can be opened."""
    road.add({**_ONE, CONFIG: PLENTY})
    road.hub.people.grant(NAME, "ada-example")
    road.scan()
    number = road.pull(UTCNOW).number
    road.hub.close(NAME, number)
    road.hub.delete_branch(NAME, f"kotsu/{UTCNOW}")
    road.follow(number)
    road.hub.push(NAME, {CONFIG: b"limits: {open: many}\n"})
    told(road, road.hub.comment(NAME, number, "/kotsu recreate"), number)
    assert not is_open(road)
    return number


def test_what_was_to_be_recreated_comes_once_it_can(road: Road, tmp_path: Path) -> None:
    number = recreated_while_kotsu_yml_is_broken(road)
    assert marker.metadata(road.hub.find(NAME).issues[number].body or "")["word"] == "wanted"
    road.forget(tmp_path / "new.db")
    road.hub.push(NAME, {CONFIG: _ONE[CONFIG]})
    road.scan()
    assert is_open(road)
    again = road.pull(UTCNOW).number
    road.hub.close(NAME, again)
    road.scan()
    assert not is_open(road)
    assert road.withheld()[UTCNOW][0] == "declined"


def test_what_was_to_be_recreated_is_forgotten_where_kotsu_yml_says_no(road: Road) -> None:
    number = recreated_while_kotsu_yml_is_broken(road)
    road.hub.push(NAME, {CONFIG: _ONE[CONFIG] + b"improvements: {aware-utcnow: false}\n"})
    road.scan()
    assert marker.metadata(road.hub.find(NAME).issues[number].body or "")["word"] == "superseded"
    road.hub.push(NAME, {CONFIG: _ONE[CONFIG]})
    road.scan()
    assert road.withheld()[UTCNOW][0] == "open-limit"


def test_what_was_to_be_recreated_can_be_unticked_in_the_dashboard(road: Road) -> None:
    recreated_while_kotsu_yml_is_broken(road)
    road.hub.push(
        NAME, {CONFIG: b"dashboard: true\n" + _ONE[CONFIG], "shop/clock.py": b"def (:  # datetime.utcnow()\n"}
    )
    road.scan()
    (board,) = road.hub.people.issues(NAME)
    assert f"[x] <!-- kotsu:now {UTCNOW} -->" in (board.body or "")
    road.hub.people.edit(NAME, board.number, (board.body or "").replace("[x]", "[ ]"))
    road.hub.push(NAME, {"shop/clock.py": CLOCK})
    road.scan()
    assert road.withheld()[UTCNOW][0] == "open-limit"
