"""What changed between two texts: as few lines as can be, but a piece of code is kept or replaced whole."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from codemods import alike, changes

_LINES = st.lists(st.sampled_from("abcdefgh"), max_size=40)
_EDITS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5), _LINES), max_size=3)


def _edited(lines: list[str], edits: list[tuple[int, int, list[str]]]) -> list[str]:
    edited = list(lines)
    for start, length, text in edits:
        edited[start : start + length] = text
    return edited


@settings(derandomize=True, deadline=None, max_examples=300)
@given(_LINES, _EDITS)
def test_runs_lead_from_one_text_to_the_other(
    old: list[str], edits: list[tuple[int, int, list[str]]]
) -> None:
    new = _edited(old, edits)
    made, end = [], 0
    for a, b, c, d in changes.runs(old, new):
        assert a < b or c < d
        made += [*old[end:a], *new[c:d]]
        end = b
    assert [*made, *old[end:]] == new


@settings(derandomize=True, deadline=None, max_examples=300)
@given(_LINES, _EDITS)
def test_lines_that_stay_are_equal_and_in_order(
    old: list[str], edits: list[tuple[int, int, list[str]]]
) -> None:
    new = _edited(old, edits)
    found = list(alike.lines(old, new))
    assert all(old[x] == new[y] for x, y in found)
    assert all(x < u and y < v for (x, y), (u, v) in pairwise(found))
    assert bool(found) == (not set(old).isdisjoint(new))


def test_blocks_that_change_near_each_other_leave_the_lines_between_them_alone() -> None:
    old = ["a==1", "  # via x", "b==1", "  # via x", "  # via y", "c==1", "  # via x"]
    new = ["a==2", "  # via x", "b==1", "  # via x", "c==2", "  # via z", "  # via x"]
    assert list(changes.runs(old, new)) == [(0, 1, 0, 1), (4, 6, 4, 6)]


def test_a_piece_of_code_is_kept_whole_where_a_line_of_it_is_ignored() -> None:
    before = "call(\n    a,\n)\nlast(a)  # kotsu: ignore\n"
    after = "other(\n)\nlast()\n"
    assert changes.kept(before, after, frozenset({3})) == before


def test_code_that_is_far_away_from_an_ignored_line_is_replaced() -> None:
    before = "call(\n    a,\n)\n1\n2\nlast(a)  # kotsu: ignore\n"
    after = "other(\n)\n1\n2\nlast()\n"
    assert changes.kept(before, after, frozenset({5})) == "other(\n)\n1\n2\nlast(a)  # kotsu: ignore\n"


def test_nothing_changes_where_a_name_would_be_used_whose_line_is_not_added() -> None:
    before = "import a\nuse(1)  # kotsu: ignore\nother\nuse(2)\n"
    after = "import a\nLIMIT = 3\nuse(LIMIT)\nother\nuse(LIMIT)\n"
    assert changes.kept(before, after, frozenset({1})) == before
    assert changes.kept(before, after.replace("LIMIT = 3\n", ""), frozenset({1})) != before


def test_a_file_of_which_every_line_is_left_alone_is_read_in_no_time() -> None:
    """Each of its names was looked for in all of it: a file of this size took a minute."""
    before = "".join(f"x{n} = 1\n" for n in range(10_000))
    after = "".join(f"y{n} = 1\n" for n in range(10_000))
    assert changes.kept(before, after, frozenset(range(1, 10_000))) == before.replace("x0", "y0", 1)
