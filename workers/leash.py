"""Runs a program within limits, and ends with it whatever it started."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one program gets: seconds, those of a processor, bytes of memory, of a file, and open files.

    Its answer is a file, too.
    """

    seconds: float
    processor: int = 120
    memory: int = 8192 * _MIB
    file: int = 256 * _MIB
    files: int = 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: its exit status (negative: the signal), its answer, and what it complained of."""

    status: int
    out: bytes
    said: bytes


class OverdueError(Exception):
    """A program was ended because its time was over."""


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    limits: Limits,
    *,
    folder: Path | None = None,
    data: bytes | None = None,
) -> Ended:
    """Run a program to its end with this environment alone; nothing that it started is left afterwards.

    ``data`` is what it can read. OverdueError when it takes longer than it may.
    """
    with ExitStack() as stack:
        given, out, said = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        given.write(data or b"")
        given.seek(0)
        process = subprocess.Popen(  # noqa: S603 -- programs and environments of ours, each by its caller
            limited(command, limits),
            cwd=folder,
            env=environment,
            stdin=given,
            stdout=out,
            stderr=said,
            start_new_session=True,
        )
        try:
            if not _ends(process, limits.seconds):
                raise OverdueError
        finally:
            end(process)
        out.seek(0)
        said.seek(0)
        return Ended(process.returncode, out.read(), said.read(_MIB))


def limited(command: Sequence[str], limits: Limits) -> Sequence[str]:
    """Return a command line that takes the limits and becomes the program."""
    units = {"-t": limits.processor, "-v": limits.memory // 1024, "-f": limits.file // 512}
    # A limit that is lower already, or that a system does not have, is no reason not to run.
    taken = "; ".join(f"ulimit {what} {n}" for what, n in {**units, "-n": limits.files, "-c": 0}.items())
    return ("/bin/sh", "-c", f'{{ {taken}; }} 2>/dev/null; exec "$0" "$@"', *command)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program that was started in a session of its own, and all of that."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _ends(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for the end of a program; where that can be, its number stays taken: it names the group."""
    try:
        watched = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return process.returncode is not None
    try:
        waiting = select.poll()
        waiting.register(watched, select.POLLIN)
        return bool(waiting.poll(seconds * 1000))
    finally:
        os.close(watched)
