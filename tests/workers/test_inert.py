"""What others wrote, quoted: it can be read, and does nothing."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from workers import inert

HOME = "github.com"
_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_PINGS = re.compile(
    r"@\w|#\d|(?<![^\W_])GH-\d|(?<![^\W_])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:#|\w+/|https?:)",
    re.IGNORECASE,
)


def quoted(text: str, longest: int = 4000, home: str = HOME) -> str:
    return inert.markdown(text, home, longest)


# --- what is dangerous, and what becomes of it


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("by @octocat in #12", "by @\u200boctocat in #\u200b12"),
        ("see octo/shelf#12 and GH-7", "see octo/shelf#\u200b12 and GH\u200b-7"),
        ("Fixes https://github.com/o/r/issues/1", "Fixes\u200b https://redirect.github.com/o/r/issues/1"),
        ("[x](https://www.GitHub.com/o/r/pull/2)", "[x](https://redirect.github.com/o/r/pull/2)"),
        (r"[x](https://github\.com/o/r/pull/2)", "[x](https://redirect.github.com/o/r/pull/2)"),
        ("[x](//github.com/o/r/pull/2)", "[x](https://redirect.github.com/o/r/pull/2)"),
        ("<https://github.com/o>", "https://redirect.github.com/o "),
        ("https://github.company.com/x", "https://github.company.com/x"),
        ("![shot](https://e.com/a.png)", "[shot](https://e.com/a.png)"),
        (r"!\[shot](https://e.com/a.png)", "[shot](https://e.com/a.png)"),
        ("a <b>bold</b> <img src=x> word", "a bold  word"),
        ("<<b>script>", "&lt;script>"),
        ("List<int> & more", "List&lt;int> &amp; more"),
        ("&#64;octocat", "&amp;#\u200b64;octocat"),
        ("# Head", "#### Head"),
        ("C# is", "C# is"),
        ("<!-- made by a tool -->done", "done"),
        ("- [ ] task", "- \u2610 task"),
        ("- [[ ] ] task", "- [\u2610 ] task"),
        ("a note[^1]", "a note[1]"),
        ("a\x1b[31m\u202ered", "a[31mred"),
        ("`@app.get` stays", "`@app.get` stays"),
        ("a ` alone", "a &#96; alone"),
        ("| a |\n|---|", "| a |"),
        ("a\n\\---\nb", "a\n\nb"),
        ("~~~ a`b\n@x\n~~~", "```\n@x\n```"),
        ("```python title=x\n@x", "```\n@x\n```"),
        ("  ```Python\n  @x\n  ```\nend", "```python\n@x\n```\nend"),
        ("```\na ``` b ````\n```", "`````\na ``` b ````\n`````"),
        ("[a](`)@x(`)", "[a]\u200b(`)@x(`)"),
        ("http://e.com/` @x `", "http://e.com/ ` @x `"),
    ],
)
def test_words_stay_and_lose_their_power(said: str, shown: str) -> None:
    assert quoted(said) == shown


def test_links_to_a_github_of_ones_own_are_text() -> None:
    said = "[x](https://ghe.example.com/o/r/issues/1) ////ghe.example.com/o https://github.com/o"
    shown = "[x](ghe.example.com/o/r/issues/1) ghe.example.com/o https://redirect.github.com/o"
    assert quoted(said, home="ghe.example.com") == shown


def test_ordinary_notes_are_read_as_they_were_written() -> None:
    said = (
        "## Added\n\n* A `--flag` ([docs](https://e.com/d))\n\n  ```python\n  @wraps(f)\n  ```\n\n1. **Bold**"
    )
    shown = "#### Added\n\n* A `--flag` ([docs](https://e.com/d))\n\n```python\n@wraps(f)\n```\n\n1. **Bold**"
    assert quoted(said) == shown


@pytest.mark.parametrize("longest", [0, 1, 5, 20, 60])
def test_what_is_too_long_is_cut_between_lines_and_never_in_a_fence(longest: int) -> None:
    found = quoted("one\ntwo\n```\nthree\nfour\n```\nfive\n" * 9, longest)
    assert len(found) <= longest
    assert found.count("```") % 2 == 0


@pytest.mark.parametrize(
    "part",
    ["`", "``a`", "\\", "<", "<!--", "[", "![", "](", "~~~", "@", "a", "//", "\n", "```\n", "`a", "www."],
)
def test_no_text_takes_long(part: str) -> None:
    started = time.monotonic()
    quoted(part * 20_000)
    assert time.monotonic() - started < 2


# --- whatever it says


_PARTS = (
    *("@octocat", "#12", "GH-3", "fixes ", "Closes: ", "octo/shelf", "https://github.com/o/r/issues/1"),
    *("`", "``", "```", "~~~", "```python", "    ", "\n", "\n\n", "\r\n", "\t", " ", "\\", "&#64;", "&lt;"),
    *("<", ">", "<!--", "-->", "<details>", "</details>", "<script>", "<img src=x>", "<b>", "![", "[", "]"),
    *(
        "(",
        ")",
        "](",
        "](x)",
        '"',
        "|",
        "|-|-|",
        "---",
        "===",
        "- ",
        "> ",
        "1. ",
        "# ",
        "[ ] ",
        "[^1]",
        ": ",
        "[x]: y",
    ),
    *("word", "\u200b", "\u202e", "\x00", "\ud800", "$$", "*", "_", "!", "http://e.com/"),
)
_TEXTS = st.one_of(st.lists(st.sampled_from(_PARTS), max_size=40).map("".join), st.text(max_size=200))


def _texts(tokens: list[Token]) -> list[Token]:
    """Every token, those within others too."""
    return [t for token in tokens for t in (token, *_texts(token.children or []))]


@given(said=_TEXTS, longest=st.integers(0, 400))
@example(said='[a](u ")` x") @octocat `', longest=400)
@example(said="a ` | @octocat ` b\n\\|-|-|", longest=400)
@example(said="` @octocat | y `\n-|-", longest=400)
@example(said="one `\n` @octocat `", longest=400)
@example(said="\\\\` @a ` @octocat `", longest=400)
def test_whatever_is_said_it_does_nothing(said: str, longest: int) -> None:
    found = inert.markdown(said, HOME, longest)
    assert len(found) <= longest
    around = f"<details><summary>x</summary>\n\n{found}\n\n</details>\n\nbehind"
    tokens = _READER.parse(around)
    html = [t.content.strip() for t in _texts(tokens) if t.type in {"html_block", "html_inline"}]
    assert html == ["<details><summary>x</summary>", "</details>"]
    assert tokens[-2].content == "behind"
    assert not any(t.type in {"image", "table_open"} for t in _texts(tokens))
    shown = (t.children or [] for t in tokens if t.type == "inline")
    words = ["".join(c.content if c.type == "text" else "\n" for c in children) for children in shown]
    assert [w for w in words if _PINGS.search(w)] == []
    links = [str(t.attrs.get("href", "")) for t in _texts(tokens) if t.type == "link_open"]
    assert [a for a in links if re.search(r"//(www\.)?github\.com", a, re.IGNORECASE)] == []
    assert found == found.encode().decode()
