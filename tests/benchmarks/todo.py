"""Prints how long ``kotsu todo`` takes over a tree with a history, beside ``git grep -c``.

Run it as ``python tests/benchmarks/todo.py``: it makes a tree of 2,000 files, written by 3,000 commits, in
a temporary directory. ``python tests/benchmarks/todo.py FOLDER`` takes a checkout that is there.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

FILES, COMMITS, TOUCHED = 2_000, 3_000, 6
_KOTSU = "from app.cli import main; main()"
_TAGS = "TODO|FIXME|XXX|HACK|BUG|OPTIMIZE"
_SAID = (
    "# TODO: tell the reader more about this one",
    "# FIXME(ann): slow for long lists",
    "# TODO: remove when we drop Python 3.8",
    "# TODO[2031-01-01]: another way",
    "import thing  # noqa: F401  # until #12 is fixed",
)


def main() -> None:
    """Measure a folder that is there, or one of ours."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(sys.argv[1]).resolve() if sys.argv[1:] else _made(Path(scratch) / "tree")
        given = {**os.environ, "KOTSU_DATA_DIR": str(Path(scratch) / "data")}

        def kotsu(*options: str) -> Callable[[], str]:
            command = [sys.executable, "-c", _KOTSU, "todo", str(root), *options]
            return lambda: (
                subprocess.run(command, env=given, check=True, capture_output=True, text=True).stdout
            )

        def grep() -> str:
            command = ["git", "-C", str(root), "grep", "-cE", _TAGS]
            told = subprocess.run(command, check=False, capture_output=True, text=True).stdout
            return f"{sum(int(line.rpartition(':')[2]) for line in told.splitlines())} lines"

        _print("git grep -c", *_asked(grep))
        _print("kotsu todo --state due, first", *_asked(kotsu("--state", "due")))
        _print("kotsu todo, first", *_asked(kotsu()))
        _print("kotsu todo, again", *_asked(kotsu()))


def _asked(run: Callable[[], str]) -> tuple[float, str]:
    begun = time.perf_counter()
    told = run()
    return time.perf_counter() - begun, told.splitlines()[-1]


def _print(name: str, seconds: float, said: str) -> None:
    sys.stdout.write(f"{name:<32} {seconds:7.2f} s  {said}\n")


def _made(root: Path) -> Path:
    """Make a repository, the same each time."""
    root.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", root], check=True)
    stream = "".join(_commits(random.Random(1))).encode()
    subprocess.run(["git", "-C", root, "fast-import", "--quiet"], input=stream, check=True)
    subprocess.run(["git", "-C", root, "reset", "-q", "--hard", "main"], check=True)
    return root


def _commits(chance: random.Random) -> Iterator[str]:
    files = {f"shop/part{n % 40}/module{n}.py": _file(n, chance) for n in range(FILES)}
    yield _commit(0, files)
    for number in range(1, COMMITS):
        touched = {path: files[path] for path in chance.sample(sorted(files), TOUCHED)}
        for lines in touched.values():
            lines.insert(chance.randrange(len(lines)), f"value_{number} = {number}")
        yield _commit(number, touched)


def _file(number: int, chance: random.Random) -> list[str]:
    lines = [f"def function_{n}(argument):\n    return argument + {n}\n" for n in range(60)]
    for said in chance.sample(_SAID, chance.randrange(3)):
        lines.insert(chance.randrange(len(lines)), said)
    return [f'"""Module {number}."""', *lines]


def _commit(number: int, files: dict[str, list[str]]) -> str:
    who = f"Author {number % 20} <author{number % 20}@example.com> {1_500_000_000 + number * 40_000} +0000"
    said = [f"commit refs/heads/main\ncommitter {who}\ndata 1\nx\n"]
    for path, lines in files.items():
        body = "\n".join(lines) + "\n"
        said.append(f"M 100644 inline {path}\ndata {len(body.encode())}\n{body}\n")
    return "".join(said)


if __name__ == "__main__":
    main()
