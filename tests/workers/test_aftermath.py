"""What came of pull requests that have ended: by whom, why, what people changed, and what was taken back."""

from __future__ import annotations

from http import HTTPStatus

from demo.github import git, moves
from tests.road import CLOCK, NAME, UTCNOW, Road
from tests.workers.cases import MONDAY, Stand, opened
from workers.ledger import ProposalRow
from workers.messages import Kind, command_key

BRANCH = f"kotsu/{UTCNOW}"
FIXED = b"from datetime import UTC, datetime\n\nBORN = datetime.now(UTC)  # our birthday\n"
ADA = "ada-example"


def merged(found: Stand, method: str = "squash", who: str = ADA) -> str:
    """Merge it as a person does; return the commit on the default branch."""
    with found.road.hub.world.lock:
        world = found.road.hub.world
        sha = moves.merge(world, found.repository, found.issue, world.account(who), method)
    assert sha
    return sha


def looked(found: Stand) -> ProposalRow:
    """Scan, as happens after each end, and return what is known then."""
    found.road.scan(found.name)
    return found.row


def asked(found: Stand) -> list[str]:
    """Return what was asked about the one pull request, its commits and its checks since."""
    words = ("/pulls/1", "/issues/1", "/compare/", "check-runs", "/git/commits/")
    return [e.path for e in found.road.news() if any(word in e.path for word in words)]


def test_one_that_was_merged_as_it_was_is_untouched(road: Road) -> None:
    found = opened(road)
    sha = merged(found)
    row = looked(found)
    assert (row.state, row.closed_by, row.merged_sha, row.edit) == ("merged", ADA, sha, "")
    assert (row.because, row.broke, row.reverted_at) == ("", "", None)


def test_it_is_looked_at_once(road: Road) -> None:
    found = opened(road)
    merged(found)
    road.news()
    looked(found)
    assert asked(found) == [f"/repos/{NAME}/pulls/1"]
    looked(found)
    assert asked(found) == []


def test_what_a_person_committed_is_kept_as_a_diff(road: Road) -> None:
    found = opened(road)
    road.hub.push(NAME, {"shop/clock.py": FIXED}, "Say why", branch=BRANCH)
    merged(found)
    edit = looked(found).edit
    assert edit
    assert edit.startswith("diff --git a/shop/clock.py b/shop/clock.py\n")
    assert "+BORN = datetime.now(UTC)  # our birthday\n" in edit
    assert "utcnow" not in edit


def test_a_person_who_takes_their_change_back_has_changed_nothing(road: Road) -> None:
    found = opened(road)
    proposed = road.hub.files(NAME, BRANCH)["shop/clock.py"]
    road.hub.push(NAME, {"shop/clock.py": FIXED}, "Say why", branch=BRANCH)
    road.hub.push(NAME, {"shop/clock.py": proposed}, "Say nothing", branch=BRANCH)
    merged(found)
    assert looked(found).edit == ""


def updated(found: Stand) -> None:
    """Merge the base into the branch, as the button of GitHub does."""
    folder, branch = found.repository.folder, f"refs/heads/{BRANCH}"
    base, head = git.resolve(folder, "refs/heads/main") or "", git.resolve(folder, branch) or ""
    tree = git.merged_tree(folder, head, base)
    assert tree
    ada = git.Person("Ada Example", "ada@example.com", found.road.hub.world.now())
    sha = git.write_commit(folder, tree, [head, base], "Merge branch 'main'", (ada, ada))
    with found.road.hub.world.lock:
        world = found.road.hub.world
        moves.move_ref(world, found.repository, branch, sha, world.account(ADA))


def test_a_merge_of_the_base_is_no_change(road: Road) -> None:
    found = opened(road)
    road.hub.push(NAME, {"README.md": b"# Shop\n\nMore.\n"})
    updated(found)
    merged(found, "merge")
    assert looked(found).edit == ""


def test_what_was_changed_beside_a_merge_of_the_base_is_all_that_is_kept(road: Road) -> None:
    found = opened(road)
    road.hub.push(NAME, {"README.md": b"# Shop\n\nMore.\n"})
    updated(found)
    road.hub.push(NAME, {"shop/clock.py": FIXED}, "Say why", branch=BRANCH)
    merged(found, "merge")
    edit = looked(found).edit
    assert edit
    assert "our birthday" in edit
    assert "README" not in edit


def amended(found: Stand, text: bytes, parent: str = "") -> None:
    """Write our commit again, with another text of its file and perhaps onto another commit."""
    folder = found.repository.folder
    ours = git.commit(folder, git.resolve(folder, f"refs/heads/{BRANCH}") or "")
    road = found.road
    road.hub.push(NAME, {"shop/clock.py": text}, "x", branch="aside")
    tree = git.commit(folder, git.resolve(folder, "refs/heads/aside") or "").tree
    ada = git.Person("Ada Example", "ada@example.com", road.hub.world.now())
    sha = git.write_commit(folder, tree, [parent or ours.parents[0]], ours.message, (ours.author, ada))
    with road.hub.world.lock:
        moves.move_ref(
            road.hub.world, found.repository, f"refs/heads/{BRANCH}", sha, road.hub.world.account(ADA)
        )


def test_our_commit_that_somebody_wrote_again_is_compared_with_ours(road: Road) -> None:
    found = opened(road)
    amended(found, FIXED)
    merged(found)
    edit = looked(found).edit
    assert edit
    assert "our birthday" in edit
    assert "utcnow" not in edit


def test_our_commit_that_somebody_put_onto_the_newest_base_is_no_change(road: Road) -> None:
    found = opened(road)
    proposed = road.hub.files(NAME, BRANCH)["shop/clock.py"]
    base = road.hub.push(NAME, {"README.md": b"# Shop\n\nMore.\n"})
    amended(found, proposed, base)
    merged(found)
    assert looked(found).edit == ""


def test_a_long_change_is_cut_at_a_line(road: Road) -> None:
    found = opened(road)
    road.hub.push(NAME, {"shop/more.py": b"x = 1  # more\n" * 3000}, "More", branch=BRANCH)
    merged(found)
    edit = looked(found).edit
    assert edit
    assert 19_900 < len(edit) <= 20_000
    assert edit.endswith("+x = 1  # more\n")


def test_what_cannot_be_compared_is_not_known_and_not_asked_again(road: Road) -> None:
    found = opened(road)
    road.hub.push(NAME, {"shop/clock.py": FIXED}, "Say why", branch=BRANCH)
    merged(found)
    road.hub.fail("GET", "/compare/", 500, times=9)
    row = looked(found)
    road.hub.recover()
    assert (row.closed_by, row.edit) == (ADA, None)
    road.news()
    assert looked(found).edit is None
    assert asked(found) == []


def test_what_is_merged_by_itself_is_merged_by_whoever_did_it(road: Road) -> None:
    found = opened(road)
    merged(found, who="github-merge-queue[bot]")
    row = looked(found)
    assert (row.closed_by, row.edit) == ("github-merge-queue[bot]", "")


def test_a_reason_is_kept_with_whoever_gave_it(road: Road) -> None:
    found = opened(road)
    road.hub.comment(NAME, 1, "We wait for\nthe next release.\n\nReally.", who=ADA)
    road.hub.comment(NAME, 1, "Fine with me.", who="bob-example")
    road.hub.close(NAME, 1, who=ADA)
    row = looked(found)
    assert (row.state, row.closed_by, row.because) == ("closed", ADA, "We wait for the next release.")
    assert (row.edit, row.merged_sha) == ("", "")


def test_what_people_had_changed_before_they_closed_it_is_kept_too(road: Road) -> None:
    found = opened(road)
    road.hub.push(NAME, {"shop/clock.py": FIXED}, "Say why", branch=BRANCH)
    road.hub.close(NAME, 1, who=ADA)
    assert "our birthday" in (looked(found).edit or "")


def test_a_command_is_kept_as_the_reason_of_whoever_gave_it(road: Road) -> None:
    found = opened(road)
    comment = road.hub.comment(NAME, 1, "/kotsu never\n\nWe do it in another way.", who=ADA)
    key = command_key(found.repository.id, comment.id)
    road.enqueue(Kind.COMMAND, key, number=1, comment=comment.id)
    road.run()
    row = looked(found)
    assert (row.state, row.word, row.closed_by, row.because) == ("closed", "never", ADA, "/kotsu never")
    assert row.edit is None


def test_where_we_close_our_sentence_is_the_reason(road: Road) -> None:
    found = opened(road)
    road.hub.push(NAME, {"shop/clock.py": None})
    row = looked(found)
    assert (row.state, row.word) == ("closed", "done")
    row = looked(found)
    assert row.closed_by == road.hub.world.app.bot.login
    assert row.because
    assert row.edit is None


def test_where_the_conversation_may_not_be_read_nobody_is_named(road: Road) -> None:
    found = opened(road)
    road.hub.close(NAME, 1)
    road.hub.fail("GET", "/timeline", 403, body=b'{"message":"Resource not accessible by integration"}')
    row = looked(found)
    assert (row.closed_by, row.because, row.edit) == ("ghost", "", "")


def test_a_server_that_fails_is_asked_at_the_next_scan(road: Road) -> None:
    found = opened(road)
    merged(found)
    road.hub.fail("GET", "/pulls/1$", 502, times=9)
    assert looked(found).closed_by == ""
    road.hub.recover()
    assert looked(found).closed_by == ADA


def test_what_is_open_again_has_not_ended(road: Road) -> None:
    found = opened(road)
    road.hub.comment(NAME, 1, "No.", who=ADA)
    road.hub.close(NAME, 1, who=ADA)
    assert looked(found).because == "No."
    with road.hub.world.lock:
        moves.reopen(road.hub.world, found.repository, found.issue, road.hub.world.account(ADA))
    row = looked(found)
    assert (row.state, row.closed_by, row.because, row.edit) == ("open", "", "", None)
    found.pass_days(2)
    road.hub.close(NAME, 1, who="bob-example")
    row = looked(found)
    assert (row.closed_by, row.because) == ("bob-example", "")


def test_what_ended_long_ago_is_left_alone(road: Road) -> None:
    found = opened(road)
    road.hub.close(NAME, 1)
    found.pass_days(31)
    road.news()
    assert looked(found).closed_by == ""
    assert asked(found) == []


def test_a_revert_is_noted_at_the_scan_that_follows(road: Road) -> None:
    found = opened(road)
    sha = merged(found)
    looked(found)
    found.pass_days(3)
    road.hub.push(NAME, {"shop/clock.py": CLOCK}, f'Revert "It"\n\nThis reverts commit {sha}.')
    road.news()
    row = looked(found)
    assert row.reverted_at == MONDAY + road.ahead
    assert [e.path for e in road.news()].count(f"/repos/{NAME}/commits") == 1
    assert [e.kind for e in road.world.book.history.read(found.repository.id, 1)][-1] == "reverted"


def test_a_merge_and_its_revert_between_two_scans_are_both_noted(road: Road) -> None:
    found = opened(road)
    title = found.issue.title
    merged(found)
    road.hub.push(NAME, {"shop/clock.py": CLOCK}, f'Revert "{title} (#1)" (#2)')
    row = looked(found)
    assert (row.closed_by, row.reverted_at) == (ADA, MONDAY)


def test_a_revert_of_somebody_elses_commit_is_none_of_ours(road: Road) -> None:
    found = opened(road)
    theirs = road.hub.push(NAME, {"README.md": b"# More\n"})
    merged(found)
    road.hub.push(NAME, {"README.md": b"# Shop\n"}, f'Revert "More"\n\nThis reverts commit {theirs}.')
    assert looked(found).reverted_at is None


def test_a_revert_after_a_month_says_nothing_of_it(road: Road) -> None:
    found = opened(road)
    sha = merged(found)
    looked(found)
    found.pass_days(31)
    road.hub.push(NAME, {"shop/clock.py": CLOCK}, f"Back\n\nThis reverts commit {sha}.")
    assert looked(found).reverted_at is None


def test_a_scan_without_anything_new_asks_nothing_that_counts_for_what_has_ended(road: Road) -> None:
    found = opened(road)
    merged(found)
    looked(found)
    looked(found)
    road.news()
    looked(found)
    about = [e for e in road.news() if e.template.startswith("/repos/")]
    assert [e.template for e in about if e.status == HTTPStatus.OK] == []
    assert len(about) > 3
