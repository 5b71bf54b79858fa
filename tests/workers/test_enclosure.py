"""A migration that a library brought can do nothing but compute, and what goes wrong changes nothing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import libcst as cst
import pytest

from codemods.shipped import Facts, Refused
from workers import enclosed, enclosure, syscalls
from workers.enclosure import Limits

CODE = "import corp_auth\n\ncorp_auth.login('me')\n"
FACTS = Facts("3.2", "4.0", "4.0", (3, 11))
QUICK = Limits(processor=1, memory=512 * 1024 * 1024)
GOOD = '''\
"""Why."""
from codemods import renamed

def rewrite(module, facts):
    return renamed.names_in(module, {"corp_auth.login": "corp_auth.sign_in"})
'''
TRYING = """\
import libcst as cst, re, typing
sys = typing.sys
os = sys.modules["os"]

def rewrite(module, facts):
    {}
    return module
"""
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine not in syscalls.MACHINES,
    reason="nothing can be enclosed elsewhere",
)


def run(source: str, *texts: str, limits: Limits = QUICK) -> Sequence[str] | Refused:
    return enclosure.run(source, FACTS, texts or (CODE,), limits)


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = children()
    yield
    assert list(tmp_path.iterdir()) == []
    assert children() == before


def test_what_computes_is_believed() -> None:
    assert run(GOOD, CODE, "x = 1\n", "not python(") == [
        "import corp_auth\n\ncorp_auth.sign_in('me')\n",
        "x = 1\n",
        "not python(",
    ]


def test_it_knows_the_versions_and_nothing_else() -> None:
    body = (
        "seen = (facts.before, facts.after, facts.lowest, facts.floor, sorted(os.environ), sys.stdin);"
        "module = module.with_changes(body=[cst.parse_statement(f'x = {seen}')])"
    )
    told = "('3.2', '4.0', '4.0', (3, 11), ['LC_CTYPE', 'PYTHONHASHSEED'], None)"
    assert run(TRYING.format(body), "x = 0\n") == [f"x = {told}\n"]


def test_many_files_come_in_batches() -> None:
    texts = [f"{CODE}x = {n}\n" for n in range(4)]
    found = run(GOOD, *texts, limits=Limits(batch=2 * len(texts[0])))
    assert found == [text.replace("login", "sign_in") for text in texts]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "open(f'/proc/{os.getppid()}/environ')",
            "it asked the system for what it does not get here",
        ),
        ("sys.modules['socket'].socket()", "it failed (`KeyError` in line 6)"),
        ("while True: pass", "it took too long"),
        ("os.write(1, b'{}')", "its answer cannot be read"),
        ("os.write(1, b'x'); os._exit(0)", "its answer cannot be read"),
        ("os._exit(0)", "its answer cannot be read"),
        ("os._exit(3)", "it gave no answer"),
        ("raise SystemExit", "it failed (`SystemExit` in line 6)"),
        ("raise type('@here `x` ' * 9, (BaseException,), {})", "it failed"),
        ("sys.modules['ctypes'].string_at(0)", "it crashed"),
        ("return None", "it failed (`AttributeError`)"),
        ("return cst.parse_module(module.code + '#')", "run again, it makes something else"),
        ("return cst.parse_module(module.code + f'# {id(module)}')", "run again, it makes something else"),
        ("return cst.parse_module('x = \"\\ud800\"')", "it failed (`UnicodeEncodeError` in line 6)"),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_counts(body: str, words: str) -> None:
    assert run(TRYING.format(body), CODE) == Refused(words)


def test_what_is_not_there_is_found_in_no_way() -> None:
    """What Python itself refuses is an error of the migration, as any other; all of them in one process."""
    tried = {
        "__import__('socket')": "ImportError",
        "sys.modules['importlib'].import_module('socket')": "ModuleNotFoundError",
        "sys.modules['socket']": "KeyError",
        "sys.modules['_posixsubprocess'].fork_exec(*[None] * 23)": "TypeError",
        "bytearray(1 << 40)": "MemoryError",
        "(f := lambda: f())()": "RecursionError",
    }
    body = f"""said = []
    for one in {list(tried)}:
        try:
            exec(one, globals())
        except Exception as error:
            said.append(type(error).__name__)
    return cst.parse_module(f"x = {{said}}\\n")"""
    assert run(TRYING.format(body), "x = 0\n") == [f"x = {list(tried.values())}\n"]


def test_it_answers_so_much_and_no_more() -> None:
    found = run(TRYING.format("os.write(1, b' ' * (1 << 18))"), limits=Limits(answer=1 << 16))
    assert found == Refused("its answer is too large")


def test_all_of_it_together_has_an_end() -> None:
    assert run(GOOD, limits=Limits(total=0)) == Refused("it took too long")


def test_whoever_waits_for_ever_is_ended_by_the_clock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The limits that the process sets itself are not all: here is one that sets none."""
    _instead(monkeypatch, "import time; time.sleep(60)")
    assert run(GOOD, limits=Limits(seconds=1)) == Refused("it took too long")
    assert tmp_path


def test_what_it_changes_in_libcst_stays_with_it() -> None:
    assert run(TRYING.format("cst.Module.code = 'x'")) == [CODE]
    assert cst.parse_module(CODE).code == CODE


def test_what_is_printed_goes_nowhere() -> None:
    assert run(TRYING.format("print('hello'); sys.modules['warnings'].warn('hello')")) == [CODE]


def test_a_forged_answer_says_texts_and_nothing_else() -> None:
    """It may say what it wants of a file that it was given: that is what it is there for."""
    body = """os.write(1, b'{"texts": [[0, "x"]]}'); os._exit(0)"""
    assert run(TRYING.format(body), CODE, "y = 1\n") == ["x", "y = 1\n"]


# --- what is no answer


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"[" * 99_999,
        b"1" * 99_999,
        b"\xff",
        b'{"texts": null}',
        b'{"texts": [[0]]}',
        b'{"texts": [[1, "x"]]}',
        b'{"texts": [[-1, "x"]]}',
        b'{"texts": [[true, "x"]]}',
        b'{"texts": [[false, "x"]]}',
        b'{"texts": [[0.0, "x"]]}',
        b'{"texts": [["0", "x"]]}',
        b'{"texts": [[0, null]]}',
        b'{"texts": [[0, "x"], [0, "y"]]}',
        b'{"texts": [], "paths": ["/etc/passwd"]}',
        b'{"texts": []} {"texts": [[0, "x"]]}',
        b'{"open": "sesame @all"}',
        b'{"open": []}',
    ],
)
def test_what_has_another_shape_is_no_answer(answer: bytes) -> None:
    with pytest.raises(enclosure._RefusedError, match=r"^its answer cannot be read$"):
        enclosure._read(answer, [CODE])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b'{"failed": "x @all", "line": 1}', r"^it failed$"),
        (b'{"failed": "KeyError", "line": "@all"}', r"^it failed \(`KeyError`\)$"),
        (b'{"failed": "KeyError", "line": -1}', r"^it failed \(`KeyError`\)$"),
        (b'{"open": "machine"}', "^this system is none on which it can be enclosed$"),
        (b'{"texts": [[0, " "]]}', "^it leaves nothing of a file$"),
        (b'{"texts": [[0, "x = 1 # \\u202e"]]}', "^it writes characters that nobody can see$"),
        (b'{"texts": [[0, "x = 1\\u0000"]]}', "^it writes characters that nobody can see$"),
        (b'{"texts": [[0, "x = \'\\ud800\'"]]}', "^it writes characters that nobody can see$"),
        *(
            (b'{"texts": [[0, "x = \'\\u%s\'"]]}' % unseen, "^it writes characters that nobody can see$")
            for unseen in (b"3164", b"115f", b"ffa0", b"034f", b"180b", b"2800", b"fe0f", b"db40\\udd00")
        ),
        (b'{"texts": [[0, "%s"]]}' % (b"x" * 99_999), "^it makes a file much larger$"),
    ],
)
def test_an_answer_is_looked_at(answer: bytes, words: str) -> None:
    with pytest.raises(enclosure._RefusedError, match=words):
        enclosure._read(answer, [CODE])


# --- where nothing can be enclosed, nothing is run


def _instead(monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    """Let another program begin, which ends as the real one."""
    program = (
        f"{before}\nimport runpy, sys\nsys.argv = sys.argv[1:]\n"
        f"runpy.run_path({enclosed.__file__!r}, run_name='__main__')"
    )
    real = subprocess.Popen

    def begun(command: Sequence[str], **more: object) -> object:
        place = command.index(str(Path(enclosed.__file__)))
        return real((*command[:place], "-c", program, *command[place:]), **more)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", begun)


def test_without_an_enclosure_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    _instead(monkeypatch, "import os; os.uname = lambda: type('U', (), {'machine': 'riscv64'})")
    assert run(GOOD) == Refused("this system is none on which it can be enclosed")


def test_without_a_place_for_what_it_is_told_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_is_there() -> object:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/srv/kotsu']")

    monkeypatch.setattr(tempfile, "TemporaryFile", none_is_there)
    assert run(GOOD) == Refused("no process could be started for it (No such file or directory)")


def test_whose_parent_is_gone_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    _instead(monkeypatch, "import os; os.getppid = lambda: 1")
    assert run(GOOD) == Refused("it gave no answer")
