"""Promises of files that were read before are remembered."""

from __future__ import annotations

from codemods.tree import Files
from tests.workers.test_discover import Remembering
from workers import promised
from workers.spread import Processes


class _Unread(Files):
    def read(self, path: str) -> bytes:
        raise AssertionError(path)

    def identity(self, path: str) -> str:
        return Files(self.files).identity(path)


_TREE = {
    "a.py": b"x = 1  # TODO: one\n#  and more\n",
    "b.sql": b"-- FIXME(ann): two\n",
    "c.txt": b"# TODO: no\n",
    "vendor/d.py": b"# TODO: no\n",
    "e.py": b"y = 2\n",
}


def test_what_is_remembered_is_not_read_again() -> None:
    memory = Remembering()
    first = promised.read(Files(_TREE), memory=memory)
    assert [(path, [p.text for p in held]) for path, held in first.items()] == [
        ("a.py", ["one"]),
        ("b.sql", ["two"]),
    ]
    assert promised.read(_Unread(_TREE), memory=memory) == first


def test_a_changed_file_is_read_again() -> None:
    memory = Remembering()
    promised.read(Files(_TREE), memory=memory)
    again = promised.read(Files({**_TREE, "e.py": b"# TODO: three\n"}), memory=memory)
    assert [p.text for p in again["e.py"]] == ["three"]


def test_a_file_that_takes_too_long_holds_none_and_the_rest_goes_on() -> None:
    hostile = b"// TODO: one\n" + b"/*\n" * 60_000  # each opens a comment that is looked for to the end
    memory = Remembering()
    held = promised.read(Files({"a.js": hostile, **_TREE}), memory=memory, spread=Processes(1, deadline=0.2))
    assert list(held) == ["a.py", "b.sql"]
    assert promised.read(_Unread({"a.js": hostile, **_TREE}), memory=memory) == held


def test_other_tags_are_other_promises() -> None:
    memory = Remembering()
    promised.read(Files(_TREE), memory=memory)
    assert list(promised.read(Files(_TREE), ("FIXME",), memory=memory)) == ["b.sql"]
