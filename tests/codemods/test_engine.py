"""What the engine does with files as they come: odd bytes, odd encodings, odd sizes, and no Python at all."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from types import ModuleType

import libcst as cst
import pytest

from codemods import engine, nesting, registry, testing
from codemods.model import Advice, Facts, Finding, Problem, Splice

_FACTS = testing.facts({})


@pytest.fixture(autouse=True)
def _greetings(package: ModuleType) -> None:
    """Every test has the improvement that turns ``hello`` into ``hellos``."""


def _examine(data: bytes, path: str = "a.py") -> engine.Examined:
    return engine.examine(engine.Task(path, data, (("pkg.python.more_greetings", _FACTS),)))


def _after(data: bytes) -> bytes | None:
    examined = _examine(data)
    assert examined.problems == ()
    found = examined.findings["more-greetings"]
    return found[0].edit.after if found and found[0].edit else None


def _problem(data: bytes) -> str:
    examined = _examine(data)
    assert examined.findings == {"more-greetings": ()}
    (problem,) = examined.problems
    return problem.message


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\nx = 1\r\n",
        b"hello\nx = 1\r\ny = 2\n",
        b"hello\n\x0c\nclass A:\n\x0c    x = 1\n",
        b"\xef\xbb\xbfhello\nx = 1\n",
        b"\xef\xbb\xbf# coding: utf-8\nhello\n",
        b"hello\nx = 1",
        b"# coding: latin-1\nhello\nx = '\xe9'\n",
        b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\nhello\nx = '\x80'\n",
        "hello\nx = 'é\u2028\x85 \U0001f600'\n".encode(),
        b"if x:\n\thello\n\ty = 1\nif y:\n  z\n",
        b"hello;   x=1\n\n\n\ny = 1  \n   \n# end  \n",
        b"x = '''\n  hello\r\n'''\nhello\n",
    ],
)
def test_only_the_edited_bytes_change(data: bytes) -> None:
    before, _, behind = data.rpartition(b"hello")
    if b"'''" in before:
        assert _after(data) == before + b"hellos" + behind
    else:
        assert _after(data) == data.replace(b"hello", b"hellos")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            b"hello = '\xe9'\n",
            "skipped: its encoding cannot be told (invalid or missing encoding declaration)",
        ),
        (b"# coding: nonsense\nhello\n", "skipped: its encoding cannot be told (unknown encoding: nonsense)"),
        (b"# coding: rot13\nhello\n", "skipped: it is not rot13"),
        (b"\xff\xfeh\x00e\x00l\x00l\x00o\x00", "skipped: its encoding cannot be told"),
        (b"hello\rx = 1\r", "skipped: it does not survive a round trip"),
        (b"hello\x00\n", "skipped: it holds NUL bytes"),
        (b"print 'hello'\n", "skipped: it does not parse (line 1)"),
        (b"{% if x %}\nhello\n{% endif %}\n", "skipped: it does not parse (line "),
        (b"x = (\nhello\n", "skipped: it does not parse"),
        (b"# coding: utf-7\nhello\nx = '+AGE-'\n", "skipped: its utf-7 can be written in two ways"),
        (b"hello\nx = " + b"(" * 2000 + b")" * 2000, "skipped: nested too deeply"),
        (b"hello\n" + b"#" * engine.LARGEST, "skipped: larger than 2048 KiB"),
    ],
)
def test_what_cannot_be_read_is_skipped_with_a_reason(data: bytes, sentence: str) -> None:
    if sentence.startswith("skipped: larger"):
        assert _examine(data).problems == (Problem("a.py", 1, sentence),)
    else:
        assert _problem(data).startswith(sentence)


@pytest.mark.parametrize(
    "source",
    [
        "type Pair[T: int = str] = tuple[T, T]\ndef f[**P](x): hello\n",
        "try:\n    pass\nexcept* ValueError:\n    hello\n",
        "match x:\n    case {'a': [1, *_], **rest} if rest:\n        hello\n",
        "hello\nf'{x:{width}} {y!r} {f'{'nested'}'}'\n",
        "hello(t'{x} {y!r:>{w}}')\n",
        "hello\nlambda x, /, *, y: (z := x)\n",
    ],
)
def test_newer_syntax_than_the_worker_runs_is_read(source: str) -> None:
    assert _after(source.encode()) == source.replace("hello", "hellos").encode()


@pytest.mark.parametrize("source", [b"hello ?? world\n", b"hello(t'{x} ' t'{y}')\n"])
def test_syntax_that_is_not_known_yet_costs_only_its_file(source: bytes) -> None:
    assert _problem(source).startswith("skipped: it does not parse")


def test_a_file_of_100000_lines_is_read() -> None:
    data = (b"x = 1\n" + b"\n" * 9) * 10_000 + b"hello\n"
    started = time.monotonic()
    assert _after(data) == data[:-1] + b"s\n"
    assert time.monotonic() - started < 60


def test_two_improvements_share_one_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    parse = engine.parse

    def counted(text: str) -> cst.Module:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr(engine, "parse", counted)
    other = registry.ids()["unittest-deprecated-alias"]
    wanted = (("pkg.python.more_greetings", _FACTS), (other, _FACTS))
    examined = engine.examine(engine.Task("a.py", b"x = 1\n", wanted))
    assert (list(examined.findings.values()), len(parsed)) == ([(), ()], 1)


def test_each_improvement_edits_the_file_as_it_was() -> None:
    data = b"import unittest\nclass T(unittest.TestCase):\n    def t(self):\n        self.failIf(hello)\n"
    other = registry.ids()["unittest-deprecated-alias"]
    wanted = (("pkg.python.more_greetings", _FACTS), (other, _FACTS))
    one, two = engine.examine(engine.Task("a.py", data, wanted)).findings.values()
    assert [f.edit.after for f in (*one, *two) if f.edit] == [
        data.replace(b"hello", b"hellos"),
        data.replace(b"failIf", b"assertFalse"),
    ]


def test_an_improvement_that_fails_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(module: object, facts: object) -> object:
        raise LookupError(f"{facts and module and 'no'} such thing")

    other = registry.ids()["unittest-deprecated-alias"]
    monkeypatch.setattr(registry.load(other).module, "rewrite", fail)
    wanted = ((other, _FACTS), ("pkg.python.more_greetings", _FACTS))
    examined = engine.examine(engine.Task("a.py", b"hello\n", wanted))
    assert examined.problems == (
        Problem("a.py", 1, "unittest-deprecated-alias failed: LookupError: no such thing"),
    )
    assert [f.message for f in examined.findings["more-greetings"]] == ["`hello` → `hellos`"]


def test_what_libcst_would_write_in_another_way_stays_where_nothing_changes() -> None:
    assert _after(b"\\\nhello\n") == b"\\\nhellos\n"


def test_a_result_that_does_not_parse_is_never_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    module = registry.load("pkg.python.more_greetings").module
    line = cst.Else(cst.SimpleStatementSuite([cst.Pass()]))
    monkeypatch.setattr(module, "rewrite", lambda read, _: read.with_changes(body=[line]))
    examined = _examine(b"hello\n")
    sentence = "more-greetings failed: ValueError: what it made is wrong: it does not parse (line 1)"
    assert (examined.findings, examined.problems) == ({}, (Problem("a.py", 1, sentence),))


def test_nor_is_yaml_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    name = registry.ids()["unbounded-job"]
    broken = [Splice(0, 0, b"a: b: c\n", "more of it")]
    monkeypatch.setattr(registry.load(name).module, "rewrite", lambda *_: broken)
    path, data = ".github/workflows/ci.yml", b"on: push\njobs: {a: {runs-on: ubuntu-latest}}\n"
    examined = engine.examine(engine.Task(path, data, ((name, _FACTS),)))
    sentence = (
        "unbounded-job failed: ValueError: what it made is wrong: line 1: mapping values are not allowed"
    )
    assert examined.findings == {}
    assert [p.message for p in examined.problems] == [f"{sentence} in this context"]


def test_who_reads_yaml_is_told_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    name = registry.ids()["unbounded-job"]
    monkeypatch.setattr(registry.load(name).module, "rewrite", lambda file, _: [Advice(0, file.path)])
    path, data = ".github/workflows/ci.yml", b"on: push\njobs: {a: {runs-on: ubuntu-latest}}\n"
    examined = engine.examine(engine.Task(path, data, ((name, _FACTS),)))
    assert [f.message for f in examined.findings["unbounded-job"]] == [path]


@pytest.mark.parametrize("text", [b"{{ if .x }}\ngroups: []\n{{ end }}\n", b"groups: []\n---\nalert: 1\n"])
def test_a_template_that_may_hold_alerts_is_no_problem(text: bytes) -> None:
    name = registry.ids()["incomplete-alert"]
    examined = engine.examine(engine.Task("chart/rules.yml", text, ((name, _FACTS),)))
    assert (examined.findings, examined.problems) == ({"incomplete-alert": ()}, ())


def _lines(data: bytes) -> list[tuple[int, str]]:
    found: tuple[Finding, ...] = _examine(data).findings["more-greetings"]
    return [(f.line, f.message) for f in found]


def test_a_finding_names_line_and_change() -> None:
    assert _lines(b"x\n\x0c\nhello  # `a`\ny\nhello\nhello\n") == [
        (3, "`hello  # 'a'` → `hellos  # 'a'`"),
        (5, "`hello …` → `hellos …`"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("hello  # kotsu: ignore\nhello\n", "hello  # kotsu: ignore\nhellos\n"),
        ("hello  # kotsu: ignore[more-greetings]\nx\n", None),
        ("hello  # noqa  # kotsu: ignore[other, more-greetings]\nx\n", None),
        ("hello  # kotsu: ignore[other]\n", "hellos  # kotsu: ignore[other]\n"),
        ("f(\n    hello,\n)  # kotsu: ignore\nhello\n", "f(\n    hello,\n)  # kotsu: ignore\nhellos\n"),
        ("if hello:  # kotsu: ignore\n    hello\n", "if hello:  # kotsu: ignore\n    hellos\n"),
        ("import hello\nhello  # kotsu: ignore\n", None),
        ("import hello\nf(hello)  # kotsu: ignore\nhello()\n", None),
    ],
)
def test_an_ignored_statement_stays_as_it_is(before: str, after: str | None) -> None:
    assert _after(before.encode()) == (after and after.encode())


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("a.py", ("python", "migrations", "comments")),
        ("a.pyi", ("python", "migrations", "comments")),
        (".github/workflows/ci.yml", ("workflows", "comments")),
        (".github/dependabot.yml", ("dependabot", "comments")),
        ("docs/.github/workflows/ci.yml", ("servers", "alerts", "comments")),
        ("web/compose.prod.yaml", ("compose", "servers", "alerts", "comments")),
        ("Dockerfile-dev", ("containers", "servers")),
        ("web/api.dockerfile", ("containers", "servers", "comments")),
        ("web/start.sh", ("servers", "comments")),
        ("Procfile", ("servers",)),
        ("deploy/shop.service", ("servers",)),
        ("deploy/shop.services", ()),
        ("etc/nginx/sites-enabled/default", ("servers",)),
        ("deploy/nginx.conf", ("servers",)),
        ("deploy/my.cnf", ("servers",)),
        ("infra/main.tf", ("servers",)),
        ("production.ini", ("servers", "comments")),
        (".env.production", ("servers",)),
        ("notebook.ipynb", ()),
        ("new\nline$(id).py", ("python", "migrations", "comments")),
    ],
)
def test_a_path_says_which_improvements_read_it(path: str, kinds: tuple[str, ...]) -> None:
    assert engine.kinds_of(path) == kinds


def test_a_file_without_a_needle_is_not_looked_at() -> None:
    wanted = ("pkg.python.more_greetings", registry.ids()["unittest-deprecated-alias"])
    assert engine.needed(b"good-bye\n", wanted) == ()
    assert engine.needed(b"say hello\n", wanted) == wanted[:1]


_DEEP = {
    "brackets": "x = " + "(" * 20_000 + "1" + ")" * 20_000,
    "brackets hidden by strings": "x = " + "(')', " * 5000 + ")" * 5000,
    "brackets hidden by formatted strings": "x = " + "(f'{\")\"}', " * 5000 + ")" * 5000,
    "brackets in a formatted string": "x = f'{" + "(" * 5000 + ")" * 5000 + "}'",
    "a sum": "x = " + "+".join(["a"] * 20_000),
    "a sum over lines": "x = (\n" + " +\n  ".join(["aaaaaaaa"] * 20_000) + ")",
    "a sum in a formatted string": "x = f'{" + "+".join(["a"] * 20_000) + "}'",
    "a continued sum": "x = " + " + \\\n".join(["a"] * 20_000),
    "elif": "if a:\n  b\n" + "elif a:\n  b\n" * 20_000,
    "not": "x = " + "not " * 20_000 + "a",
    "signs": "x = " + "-" * 20_000 + "a",
    "attributes": "x = a" + ".b" * 20_000,
    "calls": "x = a" + "()" * 20_000,
    "calls with arguments": "x = a" + ".b(1, 2)\\\n" * 20_000,
    "lambdas": "x = " + "lambda: " * 20_000 + "a",
    "conditions": "x = " + "a if b else " * 20_000 + "c",
    "an import": "import a" + ".b" * 20_000,
    "strings": "x = (" + "'a'\n" * 20_000 + ")",
    "blocks": "".join(" " * n + "if a:\n" for n in range(300)) + " " * 300 + "b",
}


@pytest.mark.parametrize("source", _DEEP.values(), ids=_DEEP)
def test_source_that_would_overflow_a_parser_is_a_problem_at_once(source: str) -> None:
    started = time.monotonic()
    assert _problem(f"hello\n{source}\n".encode()).startswith("skipped: ")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "source",
    [
        "(" * 90 + ")" * 90,
        "x = " + "+".join(["a"] * 450),
        "-" * 900 + "a",
        "a" + "()" * 400,
        "if a:\n  b\n" + "elif a:\n  b\n" * 1400,
        "(" + "'a' " * 900 + ")",
        "f'{" + "+".join(["a"] * 450) + "}'",
    ],
)
def test_what_is_just_allowed_does_not_end_the_process(source: str) -> None:
    assert not nesting.too_deep(source)
    program = "import sys, threading; from codemods import engine; text = sys.stdin.read()\n"
    program += "thread = threading.Thread(target=engine.parse, args=(text,)); thread.start(); thread.join()"
    done = subprocess.run([sys.executable, "-c", program], input=source, text=True, timeout=60, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    "source",
    [
        "x = [" + "1, " * 50_000 + "]",
        "x = {" + "'a': b + c,\n" * 20_000 + "}",
        "x = 1\n" * 50_000,
        "@a\n" * 3000 + "def f(): pass",
        "f'" + "{a} " * 5000 + "'",
        "'''" + "(((" * 1000 + "'''",
        "# " + "(" * 1000,
        "f'''{{ " + "a " * 5000 + "{b} '''",
        "x = 'unclosed\n(\n",
        'f\'{x["a"]} {y[\'b\']}\' + f"{z["c"]:>{w}} }}"\n' * 200,
    ],
)
def test_what_is_only_long_is_read(source: str) -> None:
    assert not nesting.too_deep(source)


def test_a_comment_that_moves_up_is_not_taken_for_an_encoding() -> None:
    data = b"import sys\n\n# about encoding=None\nA = 1 if sys.version_info >= (3, 8) else 2\n"
    improvement = registry.load("codemods.python.dead_version_branch")
    facts = Facts(today=date(2026, 11, 24), floor=(3, 9)).only(improvement.about, {})
    examined = engine.examine(engine.Task("a.py", data, ((improvement.module.__name__, facts),)))
    assert examined.findings[improvement.id] == ()
    assert "encoding" in examined.problems[0].message


def test_source_that_libcst_takes_for_wrong_is_a_problem_of_the_file() -> None:
    source = b"def f(hello):\n    return(hello[2:] if hello else hello)\n"
    assert _problem(source) == "skipped: it does not parse"


def test_a_file_that_does_not_parse_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def parse(text: str) -> cst.Module:
        tried.append(text)
        raise engine.Unreadable("it does not parse (line 1)")

    monkeypatch.setattr(engine, "parse", parse)
    wanted = (("pkg.python.more_greetings", _FACTS),) * 3
    examined = engine.examine(engine.Task("a.py", b"hello (\n", wanted))
    assert (len(tried), [p.message for p in examined.problems]) == (
        1,
        ["skipped: it does not parse (line 1)"],
    )
