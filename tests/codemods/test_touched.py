"""What migrations changed is counted as a reader of the diff counts it."""

from __future__ import annotations

import pytest

from codemods import touched
from codemods.touched import Stride


def _beside(before: str, after: str, told: tuple[int, ...] = ()) -> list[int]:
    stride = Stride("lib-a", "a.py", before.encode(), after.encode())
    return [line for line, _ in touched.beside([stride], told)]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("x.get(1)\ny = 1\nx.get(2)\n", "x.fetch(1)\ny = 1\nx.fetch(2)\n", [1, 3]),
        ("x.get(1)\nx.get(2)\n", "x.fetch(1)\nx.fetch(2)\n", [1, 2]),
        ("f(\n    a,\n    b,\n)\n", "f(\n    c,\n    d,\n)\n", [1]),
        ("class A:\n    class B:\n        c = 1\n    d = 2\n", "class A:\n    b = B(c=1)\n    d = 2\n", [2]),
        ("class B:\n    # why\n    c = 1\nd = 2\n", "b = B(\n    # why\n    c=1\n)\nd = 2\n", [1]),
        ("@old\ndef f():\n    return 1\n", "@new\ndef f():\n    return 1\n", [1]),
        ("try:\n    a()\nexcept Old:\n    b()\n", "try:\n    a()\nexcept New:\n    b()\n", [3]),
        ("x = 1\ny = 2\n", "x = 1\ny = 2\nz = 3\n", []),
        ("import old\nx = 1\n", "import new\nx = 1\n", []),
        ("# old\nx = 1\n", "# new\nx = 1\n", []),
        ("print 1\n", "print(1)\n", []),
    ],
)
def test_a_statement_that_changed_is_one_place(before: str, after: str, lines: list[int]) -> None:
    assert _beside(before, after) == lines


def test_what_a_name_tells_is_not_counted_again() -> None:
    before = "f(\n    a,\n)\n@old\ndef g():\n    x.a\n    return 1\nx.b\n"
    after = "h(\n    c,\n)\n@new\ndef g():\n    y.a\n    return 1\ny.b\n"
    assert _beside(before, after, (1, 4)) == [8]
    assert _beside(before, after, (1,)) == [4, 6, 8]


def test_each_statement_belongs_to_the_migration_that_changed_it() -> None:
    first, second, last = b"a()\nb()\n", b"import z\nz()\nb()\n", b"import z\nz()\ny()\n"
    strides = [Stride("lib-a", "a.py", first, second), Stride("lib-b", "a.py", second, last)]
    assert list(touched.beside(strides, ())) == [(1, "lib-a"), (2, "lib-b")]


def test_all_lines_of_a_statement_that_changed_are_touched() -> None:
    assert touched.lines(b"a = 1\nf(\n    b,\n    c,\n)\n", b"a = 1\nf(\n    b,\n    d,\n)\n") == {2, 3, 4, 5}


def test_a_file_that_changed_in_every_other_line_is_told_in_no_time() -> None:
    """Each statement was laid beside each run of changed lines: a file of this size took a minute."""
    before = b"".join(b"x%d = 1\n" % n for n in range(8_000))
    after = b"".join(b"x%d = %d\n" % (n, 1 + n % 2) for n in range(8_000))
    found = list(touched.beside([Stride("one", "a.py", before, after)], range(2, 8_001, 4)))
    assert [line for line, _ in found] == list(range(4, 8_001, 4))
