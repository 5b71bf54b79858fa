"""Comments are told apart from text, and TODOs from comments."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemods import lexing, source
from codemods.source import Source, Todo


def _read(text: str, path: str = "module.py") -> Source:
    return source.read(path, text.encode(), text)


def _comments(text: str, path: str = "module.py") -> list[str]:
    return [comment.text for comment in _read(text, path).comments]


def _todo(text: str) -> Todo:
    (todo,) = _read(text).todos
    return todo


@pytest.mark.parametrize(
    "text",
    [
        'a = "# no"  # yes',
        "a = '''\n# no\n'''  # yes",
        'a = r"\\"  # no"  # yes',
        "a = 'it\\'s # no'  # yes",
        "a = 'on \\\n# no'  # yes",
        'a = f"{x}# no"  # yes',
        'a = f"{x["# no"]}"  # yes',
        'a = f"{x:>{len("# no")}}# no"  # yes',
        'a = f"{{# no"  # yes',
        'a = f"\\N{NUMBER SIGN}# no"  # yes',
        'a = rf"\\{x}# no"  # yes',
        'a = t"{x!r:#x}"  # yes',
        'a = f"{x:%H:%M}# no"  # yes',
        "a = f'''{\nx  # yes\n}# no'''",
        'a = f"{(lambda y: {1: y})(x)}# no"  # yes',
        "print'# no'  # yes",
        'a = b"# no" if"# no"else"# no"  # yes',
    ],
)
def test_a_string_of_python_is_no_comment(text: str) -> None:
    assert _comments(text) == ["# yes"]


@pytest.mark.parametrize(
    "text",
    ["a = 'open # TODO", "a = '''open\n# TODO", 'a = f"{x # TODO', 'a = f"}"  # TODO', 'a = f"{x)}"  # TODO'],
)
def test_python_that_cannot_be_told_apart_has_no_comments(text: str) -> None:
    assert _comments(text) == []


@pytest.mark.parametrize(
    ("path", "text", "comments"),
    [
        (
            ".github/workflows/ci.yml",
            "a: 'x # no'  # yes\nb: x#no\nc: |\n  # no\n  x\n# yes\n",
            ["# yes"] * 2,
        ),
        ("ci.yaml", "# yes\na: 'open\n", []),
        (
            "pyproject.toml",
            "a = \"# no\" # yes\nb = \"\"\"\n# no\"\"\"\nc = '# no'\nd = '''\n# no'''\n",
            ["# yes"],
        ),
        ("pyproject.toml", 'a = "no # TODO\n', []),
        ("setup.cfg", "[a]\nb = c # no\n  # yes\n; yes\n", ["# yes", "; yes"]),
        ("requirements/dev.txt", "a==1  # yes\nb @ https://h/x#no\n# yes\n", ["# yes"] * 2),
        ("Dockerfile", "FROM a # no\n# yes\n", ["# yes"]),
        ("run.sh", '# yes\necho "$(dirname "$0") # no" $# ${a#no} \'x # no\' # yes\n', ["# yes"] * 2),
        ("run.sh", "cat <<EOF # no\n# no\nEOF\nb # yes\n", ["# yes"]),
        ("run.sh", 'a "open\n# TODO\n', []),
        ("notes.md", "# no\n\n```html\n<!-- no -->\n```\n\n<!-- yes -->\n\nx\n", ["<!-- yes"]),
        ("notes.rst", "# no\n", []),
        ("a.js", "s = '// no' // yes\n/* yes\n */ r = /\\/\\/ no/\n", ["// yes", "/* yes"]),
        ("a.ts", "`// no ${ x /* yes */ }`\n", ["/* yes"]),
        ("a.sql", "-- yes\nSELECT '-- no' /* yes */\n", ["-- yes", "/* yes"]),
        (
            "a.html",
            "<!-- yes -->\n<p>// no</p><script>// yes\n</script>{# yes #}",
            ["<!-- yes", "// yes", "{# yes"],
        ),
        ("a.css", "a { b: '/* no */' } /* yes */", ["/* yes"]),
        ("a.css", "/* yes */ a { b: c } /* TODO", []),
        ("a.js", "/*\n" * 50_000, []),
    ],
)
def test_each_language_has_its_comments(path: str, text: str, comments: list[str]) -> None:
    assert _comments(text, path) == comments
    assert source.readable(path) == (path != "notes.rst")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_place_is_counted_in_bytes(encoding: str, end: str) -> None:
    text = f"é = 'ü'  # ä{end}    # ö{end}"
    data = text.encode(encoding)
    read = source.read("module.py", data, text)
    assert [data[c.start : c.end].decode(encoding) for c in read.comments] == ["# ä", "# ö"]
    first, second = read.comments
    assert (first.line, first.alone, first.indentation) == (1, False, "")
    assert (second.line, second.alone, second.indentation) == (2, True, "    ")


def test_bytes_that_cannot_be_counted_have_no_comments() -> None:
    text = "a = 'あ'  # TODO: x\n"
    assert source.read("module.py", text.encode("shift_jis"), text).comments == ()


@pytest.mark.parametrize(
    ("comment", "tag", "owner", "condition", "text"),
    [
        ("# TODO: do it", "TODO", "", "", "do it"),
        ("#TODO do it", "TODO", "", "", "do it"),
        ("# FIXME(ann): do it", "FIXME", "ann", "", "do it"),
        ("# XXX[py>=3.12]: do it", "XXX", "", "py>=3.12", "do it"),
        ("# noqa: X1 # HACK - do it", "HACK", "", "", "do it"),
        ("# - TODO do it", "TODO", "", "", "do it"),
        ("# TODO. Do it", "TODO", "", "", "Do it"),
        ("# It is slow. TODO: do it", "TODO", "", "", "do it"),
        ("# It is slow; FIXME(ann) do it", "FIXME", "ann", "", "do it"),
    ],
)
def test_a_todo_is_taken_apart(comment: str, tag: str, owner: str, condition: str, text: str) -> None:
    todo = _todo(f"x = 1  {comment}\n")
    assert (todo.tag, todo.owner, todo.condition, todo.text) == (tag, owner, condition, text)
    assert not todo.alone


@pytest.mark.parametrize(
    "comment",
    [
        "# TODOS: x",
        "# todo: x",
        "# see the TODO",
        "# XXX-1",
        "# TODO.md",
        "# A TODO",
        "# Hm. TODO it",
        "# a TODO: x",
    ],
)
def test_a_comment_that_only_mentions_the_word_is_no_todo(comment: str) -> None:
    assert _read(f"{comment}\n").todos == ()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("before", ["x = 1  # type: ignore", "# Größer ist es nicht.", "# é # é."])
def test_what_stands_before_a_todo_in_its_comment_is_not_its_own(before: str, encoding: str) -> None:
    data = f"{before} # TODO: größer\n".encode(encoding)
    found = source.read("module.py", data, data.decode(encoding))
    (todo,) = found.todos
    start, end = source.span(data, todo.comments)
    assert (data[:start] + data[end:]).decode(encoding) == f"{before}\n"


def test_deeper_lines_and_the_end_of_a_sentence_belong_to_a_todo() -> None:
    text = (
        "if x:\n    # TODO: remove this\n    #   when we\n    # drop Python 3.8.\n    # Not this.\n    pass\n"
    )
    todo = _todo(text)
    assert todo.text == "remove this when we drop Python 3.8."
    assert (todo.line, len(todo.comments), todo.whole, todo.indentation) == (2, 3, False, "    ")


@pytest.mark.parametrize(
    "after", ["#\n# Not this.", "\n#   not this", "x = 1\n#   not this", "    #   not this"]
)
def test_what_stands_apart_does_not_go_on_with_a_todo(after: str) -> None:
    todo = _todo(f"# TODO: do it\n{after}\n")
    assert (todo.text, todo.whole) == ("do it", True)


@pytest.mark.parametrize("before", ["noqa: F401  ", "noqa ", "type: ignore "])
def test_a_todo_behind_something_else_is_not_its_whole_comment(before: str) -> None:
    todo = _todo(f"import x  # {before}# TODO: do it\n")
    assert (todo.text, todo.whole) == ("do it", False)


def test_the_next_todo_does_not_go_on_with_the_one_before() -> None:
    first, second = _read("# TODO: one\n#   TODO: two\n").todos
    assert (first.text, first.whole, second.text) == ("one", True, "two")


@given(st.text(alphabet="abf#'\"\\{}:!\n\r tr()", max_size=60))
def test_no_text_breaks_a_lexer(text: str) -> None:
    for lexer in (lexing.python, lexing.toml, lexing.shell, lexing.words, lexing.lines, lexing.yaml_text):
        for start, end in lexer(text) or []:
            assert text[start] in "#;"
            assert "\n" not in text[start:end]


_ODD = (
    "/*",
    "*/",
    "//",
    "<!--",
    "-->",
    "{#",
    "#}",
    "--",
    "`",
    "'",
    '"',
    "${",
    "</script>",
    "<a ",
    "TODO",
    "x",
    "\u00e9",
)
_OTHERS = ("a.js", "a.tsx", "a.css", "a.sql", "a.html", "a.md")


@settings(deadline=None)  # the first of a language loads its lexer
@given(
    st.sampled_from(_OTHERS),
    st.lists(st.sampled_from((*_ODD, " ", "\n", "\r\n", "\r", "\u2028")), max_size=25),
)
def test_no_text_breaks_the_lexer_of_another_language(path: str, parts: list[str]) -> None:
    text = "".join(parts)
    last = 0
    for comment in _read(text, path).comments:
        assert comment.start >= last
        assert text.encode()[comment.start : comment.end] == comment.text.encode()
        assert comment.text
        assert not {"\r", "\n"}.intersection(comment.text)
        last = comment.end
