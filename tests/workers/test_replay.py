"""What people committed to a branch of ours comes along as the same patches, or nothing is touched."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.workers.histories import ADA, OURS, Grown, Tree, edited, grown, start
from workers.replay import Carried, Stuck


@pytest.fixture
def repository(tmp_path: Path) -> Grown:
    return grown(tmp_path / "repository.git")


def proposal(tree: Tree) -> Tree:
    return edited(tree, OURS, 3, "better")


def carried(found: list[Carried] | Stuck | str) -> list[Carried]:
    assert isinstance(found, list), found
    return found


def stuck(found: list[Carried] | Stuck | str) -> Stuck:
    assert isinstance(found, Stuck), found
    return found


def begun(repository: Grown) -> Tree:
    """Put our commit on the branch; return its files."""
    ours = proposal(start())
    repository.ours(ours)
    return ours


def moved(repository: Grown, path: str = "b.txt", line: int = 20) -> Tree:
    """Let the base move on; return what we propose there."""
    tree = edited(repository.trees[repository.base[-1]], path, line, "meanwhile")
    repository.on_base(tree)
    return proposal(tree)


def test_a_persons_commit_comes_along_with_its_author_and_its_words(repository: Grown) -> None:
    ours = begun(repository)
    repository.theirs(edited(ours, OURS, 18, "by hand"), "Help\n\nBecause of #7.")
    (one,) = carried(repository.replayed(moved(repository)))
    assert (one.commit.author.name, one.message) == (ADA.name, "Help\n\nBecause of #7.")
    found = repository.read(one.tree)
    assert found == edited(
        edited(edited(start(), "b.txt", 20, "meanwhile"), OURS, 3, "better"), OURS, 18, "by hand"
    )


def test_a_branch_that_only_we_wrote_to_has_nothing_to_carry(repository: Grown) -> None:
    begun(repository)
    assert carried(repository.replayed(moved(repository))) == []


def test_a_merge_of_the_base_is_dropped_where_git_makes_the_same(repository: Grown) -> None:
    begun(repository)
    moved(repository)
    repository.merge()
    head = repository.branch[-1]
    repository.theirs(edited(repository.trees[head], "b.txt", 5, "by hand"))
    (one,) = carried(repository.replayed(moved(repository, "c/d.txt")))
    assert one.commit.message == "Help"


def test_a_merge_that_holds_more_is_a_persons_work(repository: Grown) -> None:
    begun(repository)
    moved(repository)
    repository.merge({"decided.txt": ("100644", b"by hand\n")})
    assert "no merge decides" in stuck(repository.replayed(moved(repository, "c/d.txt"))).why


def test_the_lines_that_conflict_are_named(repository: Grown) -> None:
    ours = begun(repository)
    repository.theirs(edited(edited(ours, "b.txt", 2, "far away"), "b.txt", 20, "by hand"))
    found = stuck(repository.replayed(moved(repository, "b.txt", 20)))
    assert found.commit.sha == repository.branch[-1]
    assert found.place is not None
    assert (found.place.path, found.place.first, found.place.last) == ("b.txt", 21, 21)
    assert found.place.lines == ("-b.txt 20", "+by hand")


def test_a_patch_that_would_read_otherwise_is_not_carried(repository: Grown) -> None:
    ours = begun(repository)
    repository.theirs(edited(ours, "b.txt", 18, "by hand"))
    assert "too near" in stuck(repository.replayed(moved(repository, "b.txt", 20))).why


def test_what_a_person_takes_back_is_not_proposed_to_them_again(repository: Grown) -> None:
    begun(repository)
    repository.theirs(start(), "Revert")
    assert "takes back" in stuck(repository.replayed(moved(repository))).why


def test_what_the_base_has_by_now_is_not_dropped_silently(repository: Grown) -> None:
    ours = begun(repository)
    repository.theirs(edited(ours, "b.txt", 20, "meanwhile"))
    assert "there already" in stuck(repository.replayed(moved(repository))).why


def test_what_a_person_changed_in_our_commit_becomes_their_own(repository: Grown) -> None:
    ours = begun(repository)
    first = repository.branch[-1]
    amended = repository.amend(edited(ours, OURS, 18, "by hand"))
    change = moved(repository)
    (one,) = carried(repository.replayed(change, first))
    assert (one.commit.author.name, one.message) == (ADA.name, "Change a\n")
    assert repository.patch_id(first, amended) == repository.patch_id(
        repository.commit(change, [], "", (ADA, ADA)), one.tree
    )


def test_our_commit_that_a_person_only_moved_is_still_ours(repository: Grown) -> None:
    ours = begun(repository)
    first = repository.branch[-1]
    repository.amend(ours)
    assert carried(repository.replayed(moved(repository), first)) == []


def test_an_amended_commit_whose_first_form_is_lost_stays(repository: Grown) -> None:
    ours = begun(repository)
    repository.amend(edited(ours, OURS, 18, "by hand"))
    assert "cannot be told apart" in stuck(repository.replayed(moved(repository))).why


def test_a_branch_that_merges_another_one_is_not_read(repository: Grown) -> None:
    ours = begun(repository)
    one = repository.theirs(edited(ours, "b.txt", 1, "one"))
    other = repository.commit(edited(ours, "b.txt", 9, "other"), repository.branch[:1], "Other", (ADA, ADA))
    both = edited(edited(ours, "b.txt", 1, "one"), "b.txt", 9, "other")
    repository.branch.append(repository.commit(both, [one, other], "Merge other", (ADA, ADA)))
    assert "merges another branch" in str(repository.replayed(moved(repository)))


def test_a_base_that_was_rewritten_below_our_commit_is_nobodys_work(repository: Grown) -> None:
    repository.on_base(edited(start(), "b.txt", 1, "first"))
    ours = repository.trees[repository.base[-1]]
    repository.ours(proposal(ours))
    repository.theirs(edited(proposal(ours), OURS, 18, "by hand"))
    repository.base.pop()
    repository.on_base(edited(start(), "b.txt", 1, "first, said better"))
    (one,) = carried(repository.replayed(proposal(repository.trees[repository.base[-1]])))
    assert one.commit.message == "Help"


_PATH = st.sampled_from([OURS, "b.txt", "c/d.txt", "new.txt", "c/moved.txt"])
_LINE = st.integers(0, 23)
_STEP = st.one_of(
    st.tuples(st.just("edit"), _PATH, _LINE),
    st.tuples(st.sampled_from(["add", "delete", "rename", "mode", "nothing"]), _PATH, _LINE),
)


def changed(tree: Tree, step: tuple[str, str, int], text: str) -> Tree:
    """Return the files after what somebody did; what is not there is made."""
    kind, path, line = step
    rest = {p: f for p, f in tree.items() if p != path}
    if kind == "nothing":
        return tree
    if path not in tree or kind == "add":
        return {**tree, f"{text}.txt": ("100644", f"{text}\n".encode())}
    made: dict[str, Callable[[], Tree]] = {
        "edit": lambda: edited(tree, path, line, text),
        "delete": lambda: rest,
        "rename": lambda: {**rest, "c/moved.txt": tree[path]},
        "mode": lambda: {**tree, path: ("100755", tree[path][1])},
    }
    return made[kind]()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    people=st.lists(
        st.one_of(_STEP, st.sampled_from(["merge", "decide", "revert", "amend"])), min_size=1, max_size=4
    ),
    between=st.lists(_STEP, max_size=1),
    after=st.lists(_STEP, max_size=2),
)
def test_every_patch_of_a_person_survives_or_nothing_is_written(
    people: list[tuple[str, str, int] | str],
    between: list[tuple[str, str, int]],
    after: list[tuple[str, str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository = grown(Path(folder) / "repository.git")
        begun(repository)
        first = repository.branch[-1]
        for number, step in enumerate(between):
            repository.on_base(changed(repository.trees[repository.base[-1]], step, f"between{number}"))
        for number, done in enumerate(people):
            _do(repository, done, number)
        for number, step in enumerate(after):
            repository.on_base(changed(repository.trees[repository.base[-1]], step, f"after{number}"))
        base = repository.trees[repository.base[-1]]
        change = proposal(base) if OURS in base else {**base, OURS: ("100644", b"better\n")}
        before = repository.branch[-1]
        patches = list(_patches(repository, first))
        found = repository.replayed(change, first)
        assert repository.branch[-1] == before
        event("carried" if isinstance(found, list) else "left alone")
        if isinstance(found, list):
            place = repository.commit(change, [], "", (ADA, ADA))
            kept = []
            for one in found:
                kept.append(repository.patch_id(place, one.tree))
                place = one.tree
            assert kept == patches


def _do(repository: Grown, done: tuple[str, str, int] | str, number: int) -> None:
    tree = repository.trees[repository.branch[-1]]
    if done == "merge":
        repository.merge()
    elif done == "decide":
        repository.merge({"decided.txt": ("100644", b"by hand\n")})
    elif done == "revert":
        repository.theirs({**tree, OURS: start()[OURS]}, "Revert")
    elif done == "amend" and len(repository.branch) == 1:
        repository.amend(edited(tree, OURS, 18, "amended"))
    elif isinstance(done, tuple):
        repository.theirs(changed(tree, done, f"theirs{number}"), f"Help {number}")


def _patches(repository: Grown, first: str) -> list[str]:
    """Return the patches of people, the one that was amended into our commit first."""
    amended = repository.patch_id(first, repository.branch[0])
    return [*([amended] if amended else []), *repository.patches()]
