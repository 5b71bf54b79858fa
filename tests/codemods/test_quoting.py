"""How bash reads the characters of a script."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemods import quoting
from codemods.quoting import Kind, Place


def _at(script: str, mark: str = "X") -> Place:
    return quoting.places(script)[script.index(mark)]


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("echo X", Place(Kind.PLAIN, 0)),
        ('echo "a X"', Place(Kind.DOUBLE, 1)),
        ("echo 'a X'", Place(Kind.SINGLE, 0)),
        ("echo a # X", Place(Kind.COMMENT, 0)),
        ("echo a#X", Place(Kind.PLAIN, 0)),
        ("echo ${A#b} X", Place(Kind.PLAIN, 0)),
        ("echo \\X", Place(Kind.ESCAPED, 0)),
        ('echo "a\\"X"', Place(Kind.DOUBLE, 1)),
        ("echo \\'X", Place(Kind.PLAIN, 0)),
        ('echo "it\'s" X', Place(Kind.PLAIN, 0)),
        ("echo $(X)", Place(Kind.PLAIN, 1)),
        ('echo "$(X)"', Place(Kind.PLAIN, 2)),
        ('echo "$(a "b" X) c"', Place(Kind.PLAIN, 2)),
        ('echo "$(a "b X") c"', Place(Kind.DOUBLE, 3)),
        ('echo "$(a)" X', Place(Kind.PLAIN, 0)),
        ("echo $(a (b) X) c", Place(Kind.PLAIN, 1)),
        ("(a) && X", Place(Kind.PLAIN, 0)),
        ("echo `a b` X", Place(Kind.PLAIN, 0)),
        ("echo `X`", Place(Kind.UNREAD, 0)),
        ("echo ${{ format('it''s \"{0}', 1) }} X", Place(Kind.PLAIN, 0)),
        ("cat <<< X", Place(Kind.PLAIN, 0)),
    ],
)
def test_a_character_is_read_as_bash_does(script: str, place: Place) -> None:
    assert _at(script) == place


@pytest.mark.parametrize(
    "script",
    [
        "cat <<END\nX\nEND",
        "echo $((X + 1))",
        "echo $'a\\'' X",
        'echo ${A:-"b"} X',
        "echo 'it X",
        "echo '${{ format('a') }}' X",
        "echo `a \\` X`",
        "echo $(case a in a) X;; esac)",
    ],
)
def test_what_is_too_much_for_it_is_not_read(script: str) -> None:
    assert _at(script).kind is Kind.UNREAD


@given(st.text(st.sampled_from("ab '\"\\#\n$(){}`;|<"), max_size=30))
def test_each_character_has_a_place(script: str) -> None:
    assert len(quoting.places(script)) == len(script)


@given(st.text(st.sampled_from("ab '\"\\"), max_size=20))
def test_what_it_reads_as_plain_words_the_standard_library_does_too(script: str) -> None:
    read = quoting.places(f"{script} X")
    if read[-1] != Place(Kind.PLAIN, 0):
        return
    assert shlex.split(f"{script} X")[-1].endswith("X")
