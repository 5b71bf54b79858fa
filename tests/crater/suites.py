"""Runs a project's own tests in its own environment, and remembers how each one went."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.crater.preparing import Place
from workers import sandbox

SECONDS = 600
"""The longest a suite may take; each takes a minute at most where nothing else runs."""
_LOGGED = 'log=$1; shift; exec "$@" >"$log" 2>&1'


@dataclass(frozen=True, slots=True)
class Run:
    """How each test went, by its name; ``imported`` are the files of the tree that were.

    ``trouble`` says why there may be too few of them, ``""`` when the run came to its end.
    """

    outcomes: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    imported: tuple[str, ...] = ()
    trouble: str = ""

    def said(self) -> str:
        """Return how many tests went which way."""
        counts = Counter(self.outcomes.values())
        return ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()) or "none"


def run(place: Place, *, again: bool = False) -> Run:
    """Return how the tests of a tree go; a run that came to its end is remembered, unless ``again``."""
    path = place.home / "runs" / f"{place.tree}.json"
    if path.exists() and not again:
        return Run(**json.loads(path.read_text("utf-8")))
    path.parent.mkdir(exist_ok=True)
    done = _tested(place)
    if not done.trouble:
        path.write_text(json.dumps(asdict(done), indent=1), "utf-8")
    return done


def _tested(place: Place) -> Run:
    written, log, scratch = place.home / "junit.xml", place.home / "pytest.log", place.home / "tmp"
    compiled = place.home / "pycache"
    written.unlink(missing_ok=True)
    for stale in (scratch, compiled.joinpath(*place.root.parts[1:])):
        shutil.rmtree(stale, ignore_errors=True)
    scratch.mkdir()
    python = str(place.environment / "bin" / "python")
    tested = (python, "-m", "pytest", "-q", f"--junitxml={written}", *place.project.arguments)
    command = ("/bin/sh", "-c", _LOGGED, "sh", str(log), *tested)
    trouble, start = "", time.perf_counter()
    try:
        sandbox.run(command, place.root, _environment(place), seconds=SECONDS, called="the suite")
    except sandbox.NoAnswerError as error:
        trouble = str(error)
    finally:
        _end_strays(scratch)
    if not written.exists():
        lines = log.read_text("utf-8", "replace").strip().splitlines()
        trouble = trouble or f"no result: {' / '.join(lines[-3:])}"
    seconds = time.perf_counter() - start
    shutil.rmtree(scratch, ignore_errors=True)
    found = outcomes(written) if written.exists() else {}
    return Run(found, seconds, tuple(_imported(compiled, place.root)), trouble)


def _end_strays(scratch: Path) -> None:
    """End what a suite left running in sessions of its own, as far as the system says whose they are."""
    home = f"HOME={scratch}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if home in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)


def _environment(place: Place) -> dict[str, str]:
    """Return all that a suite gets to see: nothing of ours, and what makes two runs alike.

    Bytecode is written outside of the tree, where it also tells which files were imported.
    """
    scratch = str(place.home / "tmp")
    path = [str(place.environment / "bin"), *os.defpath.split(os.pathsep)]
    return {
        "HOME": scratch,
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join(path),
        "PYTHONHASHSEED": "0",
        "PYTHONPYCACHEPREFIX": str(place.home / "pycache"),
        "TMPDIR": scratch,
        "VIRTUAL_ENV": str(place.environment),
    }


def _imported(compiled: Path, root: Path) -> Iterator[str]:
    place = compiled.joinpath(*root.parts[1:])
    for path in place.rglob("*.pyc"):
        yield path.parent.relative_to(place).joinpath(f"{path.name.partition('.')[0]}.py").as_posix()


def outcomes(junit: Path) -> dict[str, str]:
    """Return how each test went by pytest's report; the second of the same name is another test."""
    found: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for case in ET.parse(junit).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        seen[name] += 1
        tags = {child.tag for child in case}
        worst = next((tag for tag in ("error", "failure", "skipped") if tag in tags), "passed")
        found[name if seen[name] == 1 else f"{name} #{seen[name]}"] = worst.replace("failure", "failed")
    return found
