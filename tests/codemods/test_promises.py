"""What promises are about is looked for in the whole tree, outside of promises."""

from __future__ import annotations

from datetime import date

import pytest

from codemods import promises
from codemods.debts import Standing
from codemods.model import Facts
from codemods.tree import Files


@pytest.mark.parametrize(
    ("comment", "rest", "absent"),
    [
        ("# TODO: remove old_way() here", "", {"old_way"}),
        ("# TODO: get rid of the `Old.way_in` method", "class Old: ...", {"Old.way_in"}),
        ("# TODO: drop self.old_way()", "", {"self.old_way"}),
        ("# TODO: remove old_way() here", "x = old_way", set()),
        ("# TODO: remove old_way() here", "# FIXME: remove old_way() there too", {"old_way"}),
        ("# TODO: remove old_way() here", '"""It was `old_way` once."""', set()),
        ("# TODO: remove `Old.way_in`", "", set()),  # of another library, perhaps
        ("# TODO: add new_way() here", "", set()),
        ("# TODO: len_units()/unitize()?", "", set()),
        ("# TODO: remove the `way`", "", set()),
        ("# TODO: remove the function `old_way`", "", {"old_way"}),
        ("# TODO: remove `old_way`", "", set()),  # a column, perhaps
        ("# TODO: rename this to `new_way()`", "", set()),
        ("# TODO: drop `old_way()` in the database", "", set()),
    ],
)
def test_what_is_to_go_and_is_gone_is_absent(comment: str, rest: str, absent: set[str]) -> None:
    tree = Files({"a.py": f"{comment}\n".encode(), "b.py": f"{rest}\n".encode()})
    held = {path: found for path in tree.paths() if (found := promises.of_file(path, tree.read(path)))}
    assert promises.absent(tree, held) == absent
    first, *_ = promises.judged(held, Facts(date(2026, 11, 24), absent=frozenset(absent)))
    assert (first.stood.standing is Standing.ORPHANED) is bool(absent)
