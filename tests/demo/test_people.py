"""Conversations on the local GitHub: reactions, rights, boxes, and issues that are gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.github import LocalGitHub
from demo.github.state import Issue
from tests.road import NAME, Road
from workers.github import GoneError, Repo


@pytest.fixture
def talking(road: Road) -> Iterator[tuple[Repo, Issue]]:
    """A repository as the App has opened it, and an issue of ours there."""
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        number = repo.talk.create_issue("One", "- [ ] first\n- [ ] second\n").number
        yield repo, repository.issues[number]


def test_the_same_reaction_twice_is_once(road: Road, talking: tuple[Repo, Issue]) -> None:
    repo, issue = talking
    comment = road.hub.comment(NAME, issue.number, "Hello")
    for content in ("eyes", "eyes", "+1"):
        repo.talk.react(comment.id, content)
    assert [r.content for r in comment.reactions] == ["eyes", "+1"]
    assert [e.status for e in road.news() if e.path.endswith("/reactions")] == [201, 200, 201]


@pytest.mark.parametrize(
    ("level", "may"),
    [("admin", True), ("maintain", True), ("write", True), ("triage", False), ("read", False), (None, False)],
)
def test_a_role_says_who_may_write(
    road: Road, talking: tuple[Repo, Issue], level: str | None, *, may: bool
) -> None:
    repo, _ = talking
    if level:
        road.hub.people.grant(NAME, "grace", level)
    assert repo.talk.may_write("grace") is may


def test_a_box_is_ticked_as_a_browser_does_it(road: Road, talking: tuple[Repo, Issue]) -> None:
    _, issue = talking
    road.hub.people.tick(NAME, issue.number, "second")
    assert issue.body == "- [ ] first\r\n- [x] second\r\n"
    with pytest.raises(KeyError):
        road.hub.people.tick(NAME, issue.number, "third")


def test_a_deleted_issue_is_gone_and_its_number_too(road: Road, talking: tuple[Repo, Issue]) -> None:
    repo, issue = talking
    road.hub.people.delete(NAME, issue.number)
    assert repo.talk.issue(issue.number) is None
    assert list(repo.talk.issues_of("kotsu[bot]")) == []
    assert repo.talk.create_issue("Two", "").number == issue.number + 1


def test_a_pull_request_is_no_issue(road: Road, talking: tuple[Repo, Issue]) -> None:
    repo, _ = talking
    road.scan()
    number = road.hub.pulls(NAME)[0].number
    assert repo.talk.issue(number) is None
    assert [i.title for i in repo.talk.issues_of("kotsu[bot]")] == ["One"]


def test_nobody_talks_to_a_repository_that_does_not_exist(github: LocalGitHub) -> None:
    with pytest.raises(KeyError):
        github.people.issues("acme/nothing")


def test_an_edited_comment_says_so(road: Road, talking: tuple[Repo, Issue]) -> None:
    repo, issue = talking
    comment = road.hub.comment(NAME, issue.number, "Hello")
    road.hub.people.edit_comment(NAME, comment, "/kotsu help")
    said = repo.talk.comment(comment.id)
    assert said is not None
    assert (said.edited, said.by_person, said.number, said.body) == (True, True, issue.number, "/kotsu help")
    assert repo.talk.comment(99) is None
    with pytest.raises(GoneError):
        list(repo.talk.comments(99))
