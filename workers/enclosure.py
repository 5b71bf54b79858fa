"""Runs a migration that a library brought in a process of its own, and believes little of what that says."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import libcst
import packaging

from codemods import shipped
from codemods.shipped import Facts, Refused
from workers import enclosed, syscalls

_KIB, _MIB = 1024, 1024 * 1024
_ROOTS = tuple(
    dict.fromkeys(str(Path(m.__file__).parents[1]) for m in (libcst, packaging, enclosed) if m.__file__)
)
ISOLATED = ("-P", "-s", "-S", "-B", "-W", "ignore")
"""Nothing of the folder, the user or the site; ``-I`` would forget the seed, and sets came in any order."""
_ENVIRONMENT = {"PYTHONHASHSEED": "0"}
_NAME = re.compile(r"[A-Za-z_]\w{0,60}")
_UNSEEN = frozenset(
    chr(n)
    for first, last in (
        *((0x34F, 0x34F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800)),
        *((0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF)),
    )
    for n in range(first, last + 1)
)
"""What counts as printable and shows nothing: fillers, which are letters of names too, and selectors."""
_STOPPED = {
    signal.SIGSYS: "it asked the system for what it does not get here",
    signal.SIGALRM: "it took too long",
    signal.SIGXCPU: "it took too long",
    signal.SIGKILL: "it took too long",
    signal.SIGSEGV: "it crashed",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one process gets: seconds, those of a processor, bytes of memory, and of its answer.

    ``batch`` are the characters of the texts that one process is given, ``total`` the seconds of all.
    """

    seconds: int = 60
    processor: int = 20
    memory: int = 1024 * _MIB
    answer: int = 4 * _MIB
    batch: int = 256 * _KIB
    total: float = 180.0


class _RefusedError(Exception):
    """Nothing of it counts; the text says why."""


def run(
    source: str, facts: Facts, texts: Sequence[str], limits: Limits | None = None
) -> Sequence[str] | Refused:
    """Return what a migration makes of each text, or why nothing of it counts.

    It has to make the same of a text twice, and nothing more of what it made: both are asked of another
    process.
    """
    limits = limits or Limits()
    ends = time.monotonic() + limits.total
    made = list(texts)
    try:
        for batch in _batches(texts, limits.batch):
            new = _asked(source, facts, [texts[n] for n in batch], limits, ends)
            if not new:
                continue
            olds = [texts[batch[n]] for n in new]
            again = _asked(source, facts, [*olds, *new.values()], limits, ends, proof=True)
            if again != dict(enumerate(new.values())):
                return Refused("run again, it makes something else")
            for number, text in new.items():
                made[batch[number]] = text
    except _RefusedError as error:
        return Refused(str(error))
    except OSError as error:
        # Not the error's own words: they may name folders of this server.
        return Refused(f"no process could be started for it ({os.strerror(error.errno or 0)})")
    return made


def _batches(texts: Sequence[str], most: int) -> Iterator[list[int]]:
    """Yield the numbers of texts that one process is given together."""
    batch: list[int] = []
    size = 0
    for number, text in enumerate(texts):
        if batch and size + len(text) > most:
            yield batch
            batch, size = [], 0
        batch.append(number)
        size += len(text)
    if batch:
        yield batch


def _asked(  # noqa: PLR0913 -- what one process is given
    source: str, facts: Facts, texts: Sequence[str], limits: Limits, ends: float, *, proof: bool = False
) -> Mapping[int, str]:
    """Return the texts that a process makes others of, by number; for a ``proof`` it parses all before."""
    if (left := ends - time.monotonic()) <= 0:
        raise _RefusedError("it took too long")
    message = {
        "source": source,
        "facts": asdict(facts),
        "texts": texts,
        "proof": proof,
        "modules": shipped.imports(source),
        "memory": limits.memory,
        "processor": limits.processor,
        "seconds": limits.seconds,
        "parent": os.getpid(),
    }
    with tempfile.TemporaryFile() as said, tempfile.TemporaryDirectory(prefix="kotsu-") as folder:
        said.write(json.dumps(message).encode())
        said.seek(0)
        answer = _answered(said, folder, min(limits.seconds, left), limits.answer)
    return _read(answer, texts)


def _answered(said: IO[bytes], folder: str, seconds: float, most: int) -> bytes:
    """Return what a process answered that ended well; nothing of it is left in any case."""
    process = subprocess.Popen(  # noqa: S603 -- our own program, with arguments and an environment of ours
        (sys.executable, *ISOLATED, str(Path(enclosed.__file__)), *_ROOTS),
        cwd=folder,
        env=_ENVIRONMENT,
        stdin=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    with process:
        try:
            answer = _heard(process.stdout, time.monotonic() + seconds, most)
            process.wait(max(seconds, 1))
        except subprocess.TimeoutExpired:
            raise _RefusedError("it took too long") from None
        finally:
            # Who has ended has given its number back, and another group may have it by now.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode < 0:
        raise _RefusedError(_STOPPED.get(signal.Signals(-process.returncode), "it was ended"))
    if process.returncode:
        raise _RefusedError("it gave no answer")
    return answer


def _heard(pipe: IO[bytes] | None, ends: float, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    if pipe is None:
        return b""
    waiting = select.poll()
    waiting.register(pipe, select.POLLIN)
    while (left := ends - time.monotonic()) > 0:
        if not waiting.poll(left * 1000):
            break
        part = os.read(pipe.fileno(), 64 * _KIB)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > most:
            raise _RefusedError("its answer is too large")
    raise _RefusedError("it took too long")


def _read(answer: bytes, texts: Sequence[str]) -> Mapping[int, str]:
    """Return what an answer says of the texts; whoever wrote it may have lied."""
    try:
        said: Any = json.loads(answer)
    except (ValueError, RecursionError):
        raise _RefusedError("its answer cannot be read") from None
    if isinstance(said, dict):
        if isinstance(why := said.get("open"), str) and why in syscalls.WORDS:
            raise _RefusedError(f"this system {syscalls.WORDS[why]}")
        if isinstance(kind := said.get("failed"), str):
            raise _RefusedError(_failed(kind, said.get("line")))
        pairs = said.get("texts")
        if (
            said.keys() == {"texts"}
            and isinstance(pairs, list)
            and all(_is_pair(p, len(texts)) for p in pairs)
        ):
            new = {int(number): str(text) for number, text in pairs}
            if len(new) == len(pairs):
                return {n: _sound(texts[n], new[n]) for n in sorted(new) if new[n] != texts[n]}
    raise _RefusedError("its answer cannot be read")


def _is_pair(pair: object, count: int) -> bool:
    if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 -- a pair
        return False
    number, text = pair
    return type(number) is int and 0 <= number < count and isinstance(text, str)


def _failed(kind: str, line: object) -> str:
    if not _NAME.fullmatch(kind):
        return "it failed"
    return (
        f"it failed (`{kind}` in line {line})" if type(line) is int and line > 0 else f"it failed (`{kind}`)"
    )


def _sound(before: str, after: str) -> str:
    """Return a new text; refused is one of another kind of content than a migration writes."""
    if len(after) > 2 * len(before) + 64 * _KIB:
        raise _RefusedError("it makes a file much larger")
    if not after.strip():
        raise _RefusedError("it leaves nothing of a file")
    fresh = set(after) - set(before) - set("\n\t")
    if any(not c.isprintable() for c in fresh) or not _UNSEEN.isdisjoint(fresh):
        raise _RefusedError("it writes characters that nobody can see")
    return after
