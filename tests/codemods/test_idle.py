"""What ruff says of files, as its releases since 0.1 have said it."""

from __future__ import annotations

import json

import pytest

from codemods import idle


def said(code: str | None, row: int, message: str, path: str = "/box/a.py") -> dict[str, object]:
    """Return one message of ruff."""
    return {"code": code, "filename": path, "location": {"row": row, "column": 1}, "message": message}


def unused(row: int, about: str) -> dict[str, object]:
    """Return what it says of a comment."""
    return said("RUF100", row, f"Unused `noqa` directive ({about})")


def report(*messages: dict[str, object]) -> idle.Report:
    """Return what is read of one file."""
    return idle.read(json.dumps(messages), "/box")["a.py"]


@pytest.mark.parametrize(
    ("about", "codes"),
    [
        ("unused: `E501`", ("E501",)),
        ("unused: `E501`, `F401`; unknown: `XYZ123`", ("E501", "F401")),
        ("unused: `E501`; duplicated: `E501`", ("E501",)),
        ("unused: `E501`, `E501`", ("E501",)),
        ("duplicated: `F401`; unused: `E501`", ("E501",)),
        ("unused: `I001`, `E501`, `TCH002`, `INP001`, `EXE001`", ("E501",)),
    ],
)
def test_unused_codes_are_idle(about: str, codes: tuple[str, ...]) -> None:
    assert report(unused(3, about)).idle == {3: codes}


@pytest.mark.parametrize(
    "about",
    ["non-enabled: `S101`", "unknown: `XYZ123`", "duplicated: `E501`", "unused: `I001`", "unused: `x`"],
)
def test_other_codes_are_not(about: str) -> None:
    assert report(unused(3, about)).idle == {}


def test_a_comment_without_codes_is_not() -> None:
    assert report(said("RUF100", 1, "Unused blanket `noqa` directive")).idle == {}


def test_two_comments_of_one_line_are_left_alone() -> None:
    assert report(unused(3, "unused: `E501`"), unused(3, "unused: `F401`")).idle == {}


@pytest.mark.parametrize("code", [None, "invalid-syntax", "E999", "E902"])
def test_a_file_that_could_not_be_read_to_its_end_is_not_whole(code: str | None) -> None:
    found = report(unused(3, "unused: `E501`"), said(code, 9, "SyntaxError: x"))
    assert not found.whole
    assert report(unused(3, "unused: `E501`"), said("E501", 9, "Line too long")).whole


def test_what_is_found_is_counted_by_code() -> None:
    found = report(
        said("E501", 1, "x"), said("E501", 2, "x"), said("F401", 2, "x"), unused(2, "unused: `E1`")
    )
    assert found.found == {"E501": 2, "F401": 1}


@pytest.mark.parametrize(
    "text", ["", "{", "[1]", '[{"code": "E501"}]', "null", '[{"filename": 1, "code": []}]']
)
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        idle.read(text, "/box")


def test_only_comments_that_name_codes_are_looked_for() -> None:
    assert idle.may_be("a.py", b"x = 1  # NOQA : E501\n")
    assert not idle.may_be("a.py", b"x = 1  # noqa\n")
    assert not idle.may_be("a_pb2.py", b"x = 1  # noqa: E501\n")
    assert not idle.may_be("tests/data/a.py", b"x = 1  # noqa: E501\n")
