"""Every patch is one that real git takes, and that leads to the very same bytes."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codemods.model import Edit
from workers import patch

ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}


def git(folder: Path, *arguments: str, data: str = "") -> None:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=data.encode(),
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace") + data


def applied(folder: Path, *edits: Edit) -> str:
    """Write what was before, let git apply the patch, and compare with what should be after."""
    for edit in edits:
        (folder / edit.path).parent.mkdir(parents=True, exist_ok=True)
        if edit.before is not None:
            (folder / edit.path).write_bytes(edit.before)
    text = patch.write(edits)
    git(folder, "apply", "--check", data=text)
    git(folder, "apply", data=text)
    for edit in edits:
        path = folder / edit.path
        assert (path.read_bytes() if path.exists() else None) == edit.after
    return text


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", ".")
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"a\nb\nc\n", b"a\nB\nc\n", id="one line of several"),
        pytest.param(b"a\r\nb\r\n", b"a\r\nB\r\n", id="CRLF"),
        pytest.param(b"a\r\nb\nc\r\n", b"a\r\nB\nc\r\n", id="mixed line ends"),
        pytest.param(b"a\rb\rc\n", b"a\rB\rc\n", id="carriage returns alone"),
        pytest.param(b"a\nb", b"a\nB", id="no final newline"),
        pytest.param(b"a\nb", b"a\nb\n", id="a final newline more"),
        pytest.param(b"a\nb\n", b"a\nb", id="a final newline less"),
        pytest.param(b"A\nb", b"a\nb", id="no final newline in the context"),
        pytest.param(b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfb\n", id="BOM"),
        pytest.param(b"a\n\x0cb\n", b"a\n\x0cB\n", id="form feed"),
        pytest.param("a\u2028b\n".encode(), "a\u2028c\n".encode(), id="line separator of Unicode"),
        pytest.param("café\n".encode("latin-1"), "cafés\n".encode("latin-1"), id="latin-1"),
        pytest.param("x\n".encode("utf-16"), "y\n".encode("utf-16"), id="UTF-16"),
        pytest.param(b"\x00\x01" * 99, b"\x00\x02" * 99, id="binary"),
        pytest.param(b"", b"a\n", id="was empty"),
        pytest.param(b"a\n", b"", id="becomes empty"),
        pytest.param(b"--- a\n+++ b\n@@ x\n", b"--- a\n+++ c\n@@ x\n", id="looks like a patch"),
        pytest.param(b"a\n" * 300, b"a\n" * 150 + b"b\n" + b"a\n" * 150, id="many lines alike"),
    ],
)
def test_the_bytes_arrive(repository: Path, before: bytes, after: bytes) -> None:
    applied(repository, Edit("some/file.py", before, after))


@pytest.mark.parametrize(
    "name",
    [
        "with space.py",
        "two  spaces and b/c.py",
        "trailing ",
        'quo"te.py',
        "quo'te.py",
        "back\\slash.py",
        "tab\t.py",
        "new\nline.py",
        "\x1b[31mred.py",
        "-leading.py",
        "--check",
        "$(touch canary).py",
        "caf\u00e9.py",
        "cafe\u0301.py",
        "\N{SNAKE}.py",
        "\u202egnp.py",
        "a -> b.py",
        "{old => new}.py",
        "deep/er/-x/y z.py",
        "n" * 252 + ".py",
    ],
)
@pytest.mark.parametrize("content", [(b"a\nb\n", b"a\nc\n"), (b"\xff\n", b"\xfe\n")], ids=["text", "binary"])
def test_any_name_arrives(repository: Path, name: str, content: tuple[bytes, bytes]) -> None:
    applied(repository, Edit(name, *content))


@pytest.mark.parametrize("content", [b"a\n", b"a", b"", b"\xff\n", b"\xff"])
@pytest.mark.parametrize("name", ["plain.py", "a b.py", 'q"\n.py'])
def test_a_file_comes_and_goes(repository: Path, name: str, content: bytes) -> None:
    assert "new file mode" in applied(repository, Edit(name, None, content))
    assert "deleted file mode" in applied(repository, Edit(name, content, None))


def test_several_files_are_one_patch(repository: Path) -> None:
    edits = [Edit(f"{n}.py", b"a\n", b"b\n") for n in "xyz"]
    assert applied(repository, *edits, Edit("l.py", b"\xe9", b"\xe8")).count("diff --git") == 4


def test_a_file_that_can_be_run_can_be_run_afterwards(repository: Path) -> None:
    script = repository / "run.py"
    script.write_bytes(b"a\n")
    script.chmod(0o755)
    applied(repository, Edit("run.py", b"a\n", b"b\n"))
    assert script.stat().st_mode & 0o111


def test_lines_are_counted_as_git_counts_them() -> None:
    edits = [
        Edit("a.py", b"a\r\nb\x0cc\n", b"a\r\nB\x0cc\nd\n"),
        Edit("n", None, b"x\ny"),
        Edit("o", b"z", None),
    ]
    assert patch.count(edits) == (4, 2)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scratch")
    git(folder, "init", "--quiet", ".")
    return folder


LINES = st.lists(st.sampled_from([b"a", b"b", b"", b"\r", b"\x0c", b"\\ No newline", b"\xc3\xa9", b"\xff"]))
BYTES = st.one_of(LINES.map(b"\n".join), st.binary(max_size=60))


@settings(max_examples=60, deadline=None)
@given(before=BYTES, after=BYTES)
@example(before=b"\n", after=b"")
@example(before=b"\0\n", after=b"\0")
def test_any_bytes_arrive(scratch: Path, before: bytes, after: bytes) -> None:
    if before != after:
        applied(scratch, Edit("f", before, after))


# --- no longer than git's


def _compiled(dice: Random, names: int) -> list[str]:
    """Return the lines of a file as pip-compile writes it, with or without hashes."""
    lines, hashed = (
        ["#", "# This file is autogenerated by pip-compile with Python 3.12", "#"],
        dice.random() < 0.5,
    )
    for number in range(names):
        lines += _block(dice, f"name-{number}", 3 if hashed else 0)
    return lines


def _block(dice: Random, name: str, hashes: int) -> list[str]:
    ends = [f"    --hash=sha256:{dice.getrandbits(256):064x}" for _ in range(hashes)]
    head = f"{name}=={dice.randrange(9)}.{dice.randrange(9)}"
    via = [f"    #   {other}" for other in sorted(dice.sample(("a", "b", "-r base.in", "name-1"), 2))]
    return [" \\\n".join([head, *ends]), "    # via", *via]


def _moved(dice: Random, lines: list[str]) -> list[str]:
    """Return the lines after several distributions moved, came or went, often next to each other."""
    moved = list(lines)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(3, len(moved))
        name = f"name-{dice.randrange(99)}"
        moved[at : at + dice.choice((0, 0, 1, 4, 12))] = _block(dice, name, 3) if dice.random() < 0.7 else []
        if dice.random() < 0.3:
            moved = [line.replace("==1.", "==2.") for line in moved]
    return moved


@pytest.mark.parametrize("seed", range(25))
def test_a_patch_of_a_compiled_file_is_hardly_longer_than_git_s(scratch: Path, seed: int) -> None:
    dice = Random(seed)
    lines = _compiled(dice, dice.choice((5, 40, 200)))
    before, after = ("\n".join([*text, ""]).encode() for text in (lines, _moved(dice, lines)))
    edit = Edit("compiled.txt", before, after)
    applied(scratch, edit)
    (scratch / "before").write_bytes(before)
    command = ["git", "diff", "--no-index", "--numstat", "before", "compiled.txt"]
    said = subprocess.run(command, cwd=scratch, env=ENVIRONMENT, capture_output=True, check=False).stdout
    theirs = sum(map(int, said.split()[:2])) if said else 0
    assert sum(patch.count([edit])) <= 1.1 * theirs + 4


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param([b"a", b"b"] * 20_000, [b"b", b"c"] * 20_000, 80_000, id="most lines differ"),
        pytest.param(
            [b"%d" % n for n in range(40_000)], [b"-%d" % n for n in range(40_000)], 80_001, id="all differ"
        ),
        pytest.param([b"a"] * 40_000, [b"a"] * 20_000 + [b"b"] + [b"a"] * 20_000, 1, id="all alike"),
        pytest.param(
            [b"%d" % (n % 97) for n in range(40_000)],
            [b"x" if n % 500 == 0 else b"%d" % (n % 97) for n in range(40_000)],
            160,
            id="many small ones",
        ),
    ],
)
def test_a_huge_file_is_compared_in_a_time_that_is_bounded(
    before: list[bytes], after: list[bytes], lines: int
) -> None:
    started = time.process_time()
    edit = Edit("f", b"\n".join(before), b"\n".join(after))
    assert sum(patch.count([edit])) <= lines
    assert time.process_time() - started < 15
