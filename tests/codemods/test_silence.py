"""A comment for us, or for a linter with the same complaint, says to leave a line alone."""

from __future__ import annotations

import pytest

from codemods import silence

CODES = ("S113", "B113", "missing-timeout")


@pytest.mark.parametrize(
    "line",
    [
        "x()  # kotsu: ignore",
        "x()  # kotsu: ignore[plain-change]",
        "x()  # kotsu: ignore[other, plain-change]",
        "x()  # noqa",
        "x()  #noqa: S113",
        "x()  # NOQA: E501,S113",
        "x()  # noqa: E501 S113  # because",
        "x()  # nosec",
        "x()  # nosec B113",
        "x()  # nosec: B101, B113",
        "x()  # pylint: disable=missing-timeout",
        "x()  # pylint: disable=too-long,missing-timeout",
        "x()  # why not  # noqa: S113",
    ],
)
def test_a_comment_that_asks(line: str) -> None:
    assert silence.silences(line, "plain-change", CODES)
    assert silence.lines(f"a\n{line}\nb\n", "plain-change", CODES) == {1}


@pytest.mark.parametrize(
    "line",
    [
        "x()",
        "x()  # kotsu: ignore[other]",
        "x()  # kotsu: ignore-file",
        "x()  # noqa: E501",
        "x()  # noqa:E501",
        "x()  # noqa: S1130",
        "x()  # nosec B101",
        "x()  # pylint: disable=too-long",
        "x()  # pylint: enable=missing-timeout",
        "noqa = 1",
        "x()  # S113",
    ],
)
def test_a_comment_that_asks_for_something_else(line: str) -> None:
    assert not silence.silences(line, "plain-change", CODES)


def test_without_codes_linters_have_no_say() -> None:
    assert not silence.silences("x()  # noqa", "plain-change", ())
    assert silence.lines("x()  # noqa\n", "plain-change", ()) == frozenset()
    assert not silence.file("# ruff: noqa\n", ())


def test_the_line_below_is_meant_where_the_comment_says_so() -> None:
    text = "# pylint: disable-next=missing-timeout\nx()\n"
    assert silence.lines(text, "plain-change", CODES) == {1}


@pytest.mark.parametrize(
    "line", ["# ruff: noqa", "#flake8: noqa", "# ruff: noqa: E501, S113", "    # flake8: noqa"]
)
def test_a_whole_file_can_ask(line: str) -> None:
    assert silence.file(f'"""Say."""\n\n{line}\nx()\n', CODES)


@pytest.mark.parametrize(
    "line", ["# ruff: noqa: E501", "x = 1  # ruff: noqa", "# ruff: noqa-is-good", "# noqa"]
)
def test_a_whole_file_does_not_ask(line: str) -> None:
    assert not silence.file(f"{line}\nx()\n", CODES)
