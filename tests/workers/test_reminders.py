"""Issues of promises come and go with the comments; a person's word is the last."""

from __future__ import annotations

import pytest

from demo.github import moves
from demo.github.state import Issue
from tests.road import CONFIG, FILES, NAME, Road
from tests.workers.test_dashboard import acting
from workers import reminders
from workers.github import RefusedError
from workers.github.talk import Talk
from workers.reminders import Noted, Reminder

_ON = b"todo: {issues: true}\nlimits: {open: 0}\n"
_OFF = b"limits: {open: 0}\n"
_TODO = b"# TODO: ask @ann whether this fixes #1 at all\nx = 1\n# XXX: slow\n"
_PATH = "app/old.py"


def _issues(road: Road) -> list[tuple[str, str]]:
    return [(i.title, i.state) for i in road.hub.people.issues(NAME)]


def _issue(road: Road) -> Issue:
    return road.hub.people.issues(NAME)[0]


def _ready(road: Road, configuration: bytes = _ON) -> None:
    road.add({**FILES, CONFIG: configuration, _PATH: _TODO})
    road.scan()


_TITLE = "TODO: ask @\u200bann whether this fixes #\u200b1 at all"


def test_a_promise_with_enough_words_gets_one_issue(road: Road) -> None:
    _ready(road)
    road.scan()
    assert _issues(road) == [(_TITLE, "open")]
    body = _issue(road).body or ""
    assert "`ask @ann whether this fixes #1 at all`" in body
    assert acting(body.partition("-->")[2]) == []


def test_without_a_word_in_kotsu_yml_there_are_none(road: Road) -> None:
    _ready(road, _OFF)
    assert _issues(road) == []


def test_what_is_silenced_until_an_issue_is_done_gets_no_other_one(road: Road) -> None:
    road.add(
        {**FILES, CONFIG: _ON, _PATH: b"import x  # noqa: F401  # needed by the others until 2031-01-01\n"}
    )
    road.scan()
    assert _issues(road) == []


def test_it_is_closed_when_the_comment_goes_and_opened_again_when_it_is_back(road: Road) -> None:
    _ready(road)
    road.hub.push(NAME, {_PATH: b"x = 1\n"})
    road.scan()
    assert _issues(road) == [(_TITLE, "closed")]
    road.hub.push(NAME, {"app/new.py": b"y = 2\n\n" + _TODO})
    road.scan()
    assert _issues(road) == [(_TITLE, "open")]
    assert "app/new.py#L3" in (_issue(road).body or "")


def test_what_a_person_closed_stays_closed(road: Road) -> None:
    _ready(road)
    with road.hub.world.lock:
        who = road.hub.world.account("ada-example")
        moves.close(road.hub.world, road.hub.find(NAME), _issue(road), who)
    road.scan()
    assert _issues(road) == [(_TITLE, "closed")]


def test_what_a_person_opened_again_stays_open(road: Road) -> None:
    _ready(road)
    road.hub.push(NAME, {_PATH: b"x = 1\n"})
    road.scan()
    road.hub.people.reopen(NAME, _issue(road).number)
    road.scan()
    assert _issues(road) == [(_TITLE, "open")]


@pytest.mark.parametrize("text", [_TODO + b"x = '''\n", b"\xff\xfe\x00" + _TODO])
def test_a_file_that_nobody_can_read_for_a_while_closes_nothing(road: Road, text: bytes) -> None:
    off = b"improvements: {due-todo: false, obsolete-todo: false}\n"
    _ready(road, _ON + off)
    road.hub.push(NAME, {_PATH: text})
    road.scan()
    assert _issues(road) == [(_TITLE, "open")]


def test_no_secret_of_a_comment_stands_in_a_title(road: Road) -> None:
    text = b"# TODO: rotate token=ghp_abcdefgh12345678 closes #7 now\n"
    road.add({**FILES, CONFIG: _ON, _PATH: text})
    road.scan()
    ((title, _),) = _issues(road)
    assert "ghp_" not in title + (_issue(road).body or "")
    assert acting(title) == []


def test_many_promises_come_a_few_at_a_time(road: Road) -> None:
    many = "".join(f"# TODO: mend the wheel number {n} of all\n" for n in range(7)).encode()
    road.add({**FILES, CONFIG: _ON, _PATH: many})
    road.scan()
    assert len(_issues(road)) == 5
    road.scan()
    assert len(_issues(road)) == 7


def test_the_answer_lost_behind_its_effect_opens_no_second_one(road: Road) -> None:
    road.add({**FILES, CONFIG: _ON, _PATH: _TODO})
    road.hub.fail("POST", r"/issues$", 500, after_effect=True)
    road.scan()
    road.wait()
    assert _issues(road) == [(_TITLE, "open")]


class _Endless:
    """A GitHub on which everything was opened by us."""

    def get(self, path: str, query: dict[str, object]) -> list[dict[str, object]]:
        page = query["page"]
        assert path.endswith("/issues")
        assert isinstance(page, int)
        one = {"state": "open", "title": "", "body": "", "user": {"login": "kotsu[bot]"}}
        return [{**one, "number": 100 * page + n} for n in range(100)]


def test_where_not_all_of_ours_can_be_read_nothing_is_taken_for_never_opened() -> None:
    talk = Talk(_Endless(), "/repos/acme/clock", "https://github.com")  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match="opened 2000 issues and pull requests, or more"):
        list(talk.issues_of("kotsu[bot]"))


def _noted(state: str = "open", **said: str) -> Noted:
    reminder = Reminder("k", "t", "")
    body = f'<!-- kotsu: {{"todo": "{reminder.key}", "path": "a.py"}} -->' if said else "mine"
    return Noted(1, state, body)


@pytest.mark.parametrize(
    ("noted", "unread", "closes"),
    [
        (_noted(ours="yes"), frozenset(), 1),
        (_noted(ours="yes"), frozenset({"a.py"}), 0),
        (_noted("closed", ours="yes"), frozenset(), 0),
        (_noted(), frozenset(), 0),
    ],
)
def test_only_ours_is_closed_and_only_where_its_file_was_read(
    noted: Noted, unread: frozenset[str], closes: int
) -> None:
    assert len(reminders.steps({}, [noted], unread.__contains__).close) == closes
