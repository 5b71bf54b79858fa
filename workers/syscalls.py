"""Leaves this process no system calls but those that computing in memory needs, by Linux's seccomp."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_DUMPABLE, _NO_NEW_PRIVILEGES = 4, 38
_FILTER, _ALL_THREADS = 1, 1
_KILL, _ALLOW = 0x8000_0000, 0x7FFF_0000
"""Answers of a filter: end the whole process (older kernels: the thread, which is the only one), or go on."""
_REFUSE = 0x0005_0000 | errno.EPERM
"""Another answer: the call fails, as it does for whoever has no right to it."""
_LOAD, _EQUAL, _HAS_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _THIRD, _FOURTH = 0, 4, 16, 32, 40
"""Where in the kernel's description of a call these stand; of arguments the lower half."""
_EXECUTABLE = 4
_SHARED = 1
"""Memory that is shared stays for as long as a page of it is mapped: it would go past the limit."""
_ADVICE = (4, 8, 14)
"""MADV_DONTNEED, MADV_FREE and MADV_HUGEPAGE: there is advice that ruins the machine's memory, too."""
_STDIN, _STDOUT = 0, 1
_WORDS_64 = 2**32


@dataclass(frozen=True, slots=True)
class Machine:
    """What the kernel calls a machine, and its numbers of the calls that stay; ``seccomp`` is how to ask.

    ``write`` may go to standard output alone, ``mmap`` and ``mprotect`` give no right to execute and share
    nothing, ``madvise`` is for advice that is known to be harmless, ``plain`` ones are allowed whatever their
    arguments are. Who goes on being asked may ``read`` from standard input, and has the ``timers`` that
    interrupt it.
    """

    architecture: int
    seccomp: int
    write: int
    mmap: int
    mprotect: int
    madvise: int
    plain: tuple[int, ...]
    read: int
    timers: tuple[int, ...]


MACHINES: Mapping[str, Machine] = {
    # plain: munmap, brk, mremap, sched_yield, exit, exit_group, restart_syscall, clock_gettime, gettimeofday,
    # getrandom; timers: setitimer, rt_sigaction, rt_sigprocmask, rt_sigreturn, futex
    "x86_64": Machine(
        *(0xC000_003E, 317, 1, 9, 10, 28, (11, 12, 25, 24, 60, 231, 219, 228, 96, 318)),
        *(0, (38, 13, 14, 15, 202)),
    ),
    "aarch64": Machine(
        *(0xC000_00B7, 277, 64, 222, 226, 233, (215, 214, 216, 124, 93, 94, 128, 113, 169, 278)),
        *(63, (103, 134, 135, 139, 98)),
    ),
}


WORDS = {
    "machine": "is none on which it can be enclosed",
    "privileges": "does not let a process give up its privileges",
    "filter": "takes no filter of system calls",
}
"""Why a process cannot be closed, in words that follow "this system"."""


class OpenError(Exception):
    """Nothing can be taken away from this process; the text is one of the `WORDS`' keys."""


def close(*, serving: bool = False) -> None:
    """Take all other calls away from this process, for ever: one of them ends it. OpenError says why not.

    ``serving``, it may go on to read what it is asked, and a call that it does not have fails, nothing more:
    libraries look for what they can do without.
    """
    machine = MACHINES.get(os.uname().machine) if sys.platform == "linux" else None
    if machine is None or sys.maxsize < _WORDS_64:
        raise OpenError("machine")
    code = b"".join(program(machine, serving=serving))
    held = ctypes.create_string_buffer(code, len(code))
    asked = _Program(len(code) // 8, ctypes.cast(held, ctypes.c_void_p))
    libc = ctypes.CDLL(None)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OpenError("privileges")
    # Not by prctl: that would leave threads alone which a library may have started.
    if libc.syscall(machine.seccomp, _FILTER, _ALL_THREADS, ctypes.byref(asked)):
        raise OpenError("filter")


def hide() -> None:
    """Keep other processes of the same user out of this one's environment and memory, and dump none of it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DUMPABLE, 0, 0, 0, 0)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def program(machine: Machine, *, serving: bool = False) -> Iterator[bytes]:
    """Yield the instructions of the filter.

    What is on no list ends the process or is refused, so are the numbers of x32, which have a bit of their
    own.
    """
    no = _REFUSE if serving else _KILL
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, machine.architecture, 1, 0)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NUMBER)
    yield from _where(machine.write, _is_one_of(no, _FIRST, (_STDOUT,)))
    yield from _where(machine.mmap, (*_lacks(no, _THIRD, _EXECUTABLE), *_lacks(no, _FOURTH, _SHARED)))
    yield from _where(machine.mprotect, _lacks(no, _THIRD, _EXECUTABLE))
    yield from _where(machine.madvise, _is_one_of(no, _THIRD, _ADVICE))
    if serving:
        yield from _where(machine.read, _is_one_of(no, _FIRST, (_STDIN,)))
    for number in (*machine.plain, *(machine.timers if serving else ())):
        yield from _where(number, ())
    yield _step(_RETURN, no)


def _where(number: int, tests: Sequence[bytes]) -> Iterator[bytes]:
    """Yield what allows a call if it passes some tests, each of which refuses it otherwise."""
    yield _step(_EQUAL, number, 0, len(tests) + 1)
    yield from tests
    yield _step(_RETURN, _ALLOW)


def _lacks(no: int, argument: int, bit: int) -> tuple[bytes, ...]:
    return _step(_LOAD, argument), _step(_HAS_BIT, bit, 0, 1), _step(_RETURN, no)


def _is_one_of(no: int, argument: int, values: Sequence[int]) -> tuple[bytes, ...]:
    each = (_step(_EQUAL, value, len(values) - n) for n, value in enumerate(values))
    return _step(_LOAD, argument), *each, _step(_RETURN, no)


def _step(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, true, false, value)
