"""Forks the processes that read files: the program of a process that knows nothing worth stealing.

`workers.readers` starts it with an empty environment. It imports all that reading needs, once, and forks a
reader whenever it is told to. A reader gives up every system call but a few before it sees its first file.
"""

from __future__ import annotations

import ctypes
import encodings
import gc
import importlib
import inspect
import json
import os
import pickle
import pkgutil
import resource
import signal
import socket
import struct
import sys
import traceback
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

ANSWER, LATE, LARGE, OPEN, CLOSED = b"ALMOC"
"""What a reader says: an answer, that time or memory was over; of itself why it is open, or else closed."""
MEMORY = 3 * 1024**3
"""Bytes of address space that a reader gets: a large file's tree is a thousand times its size."""
_PROCESSOR, _FILES = 3600, 65536
LENGTH = struct.Struct("=I")
FRAME = struct.Struct("=BI")
STATUS = struct.Struct("=q")
_END_WITH_PARENT = 1


def main() -> None:
    """Get ready, say so, and do what is asked until nobody is there to ask."""
    control = socket.socket(fileno=0)
    said = _received(control)[0]
    sys.path[:] = said["path"]
    try:
        _prepare(said["modules"])
    except BaseException:  # noqa: BLE001 -- whatever it is, it is told
        control.sendall(traceback.format_exc().encode()[-2000:])
        os._exit(1)
    control.sendall(b"\1")
    gc.collect()
    gc.freeze()
    while True:
        said, handed = _received(control)
        if not handed:
            _, status = os.waitpid(said["reap"], 0)
            control.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))
            continue
        child = os.fork()
        if not child:
            _read(said, handed[0])
        os.close(handed[0])
        control.sendall(STATUS.pack(child))


def _received(control: socket.socket) -> tuple[Any, list[int]]:
    """Return a message and the descriptors that came with it; at the end of all messages, end everybody."""
    data, handed, _, _ = socket.recv_fds(control, LENGTH.size, 1)
    if len(data) == LENGTH.size:
        left = LENGTH.unpack(data)[0]
        parts = []
        while left and (part := control.recv(left)):
            parts.append(part)
            left -= len(part)
        if not left:
            return json.loads(b"".join(parts)), handed
    os.killpg(0, signal.SIGKILL)
    raise SystemExit


def _prepare(modules: Iterable[str]) -> None:
    """Import what may be needed, and have read what is read once: later there are no files."""
    from codemods import registry, source  # noqa: PLC0415 -- only now it can be found
    from workers import enclosed, errands, overdue, promised, syscalls  # noqa: F401, PLC0415 -- the same

    enclosed.warm()
    for module in modules:
        registry.load(module)
    for found in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError):  # those of another system
            importlib.import_module(f"encodings.{found.name}")
    for path in source.examples():
        with suppress(Exception):
            list(source.read(path, b"# x\n", "# x\n").comments)
    for loaded in [m for name, m in sys.modules.items() if name.partition(".")[0] == "codemods"]:
        for value in list(vars(loaded).values()):
            if hasattr(value, "cache_parameters") and not inspect.signature(value).parameters:
                value()


def _read(said: Mapping[str, Any], handed: int) -> None:
    """Become a reader: do tasks until nobody gives one."""
    try:
        os.dup2(handed, 0)
        os.dup2(handed, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.closerange(3, max(resource.getrlimit(resource.RLIMIT_NOFILE)[0], _FILES))
        # What is printed must not be taken for an answer.
        sys.stdin, sys.stdout, sys.stderr = None, None, None
        from codemods import registry  # noqa: PLC0415 -- as above

        sys.path[:] = said["path"]
        for module in said["modules"]:
            registry.load(module)
        _shut(said["memory"])
        while task := _exactly(LENGTH.size):
            _answer(pickle.loads(_exactly(LENGTH.unpack(task)[0])))  # noqa: S301 -- the worker's, who is believed
    except BaseException:  # noqa: BLE001 -- a fork of a program must never go on as that
        os._exit(1)
    os._exit(0)


def _shut(memory: int) -> None:
    """Give up what reading does not need, and say whether that was possible."""
    from workers import syscalls  # noqa: PLC0415 -- as above

    warnings.simplefilter("ignore")
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, _PROCESSOR),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # a system may not have it, and less than that is fine, too
            resource.setrlimit(what, (most, most))
    with suppress(AttributeError):
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    try:
        syscalls.close(serving=True)
    except syscalls.OpenError as error:
        _say(OPEN, str(error).encode())
    else:
        _say(CLOSED, b"")


def _answer(asked: tuple[Any, Any, float, Any]) -> None:
    """Do one task and say what came of it."""
    from workers import overdue  # noqa: PLC0415 -- as above

    do, written, seconds, task = asked
    try:
        with overdue.limited(seconds):
            answer = written(do(task)).encode()
    except overdue.OverdueError:
        _say(LATE, b"")
    except MemoryError:
        _say(LARGE, b"")
    else:
        _say(ANSWER, answer)


def _say(kind: int, data: bytes) -> None:
    rest = memoryview(FRAME.pack(kind, len(data)) + data)
    while rest:
        rest = rest[os.write(1, rest) :]


def _exactly(count: int) -> bytes:
    """Return so many bytes of what is asked, none at its end."""
    parts = []
    while count and (part := os.read(0, min(count, 1 << 20))):
        parts.append(part)
        count -= len(part)
    return b"" if count else b"".join(parts)


if __name__ == "__main__":
    main()
