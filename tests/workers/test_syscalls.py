"""A process that gave up its system calls can ask for nothing, in whatever way it tries."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from workers import syscalls

HERE = sys.platform == "linux" and os.uname().machine in syscalls.MACHINES
ASKING = {
    "a file is read": "open('/etc/passwd')",
    "a file is read below another": "os.open('passwd', 0, dir_fd=folder)",
    "its environment": "open('/proc/self/environ')",
    "the parent's environment": "open(f'/proc/{parent}/environ')",
    "a file is written": "open('/tmp/kotsu-was-here', 'w')",
    "an open file is read": "os.read(folder, 1)",
    "a folder is listed": "os.listdir('/')",
    "a file is looked at": "os.stat('/')",
    "a file is deleted": "os.unlink('/tmp/kotsu-was-here')",
    "a folder is made": "os.mkdir('/tmp/kotsu-was-here')",
    "a shell": "os.system('true')",
    "another program": "os.execv('/bin/true', ['true'])",
    "a subprocess": "subprocess.run(['true'])",
    "a fork": "os.fork()",
    "a thread": "threading.Thread(target=print).start()",
    "a signal to the parent": "os.kill(parent, 9)",
    "a signal to the group": "os.killpg(0, 9)",
    "a signal to itself": "os.abort()",
    "a handler": "signal.signal(15, print)",
    "an alarm": "signal.alarm(0)",
    "another session": "os.setsid()",
    "who it is": "os.getpid()",
    "a descriptor is closed": "os.close(1)",
    "a descriptor is doubled": "os.dup(1)",
    "standard error": "os.write(2, b'x')",
    "the other end of its answer": "os.read(1, 1)",
    "a file in memory": "os.memfd_create('x')",
    "a pipe": "os.pipe()",
    "higher limits": "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    "to wait": "time.sleep(0)",
    "a socket": "socket.socket()",
    "a local socket": "socket.socketpair()",
    "a name in the network": "socket.getaddrinfo('example.com', 80)",
    "a socket of libc": "libc.socket(2, 1, 0)",
    "another filter": "libc.syscall(317, 1, 0, 0)",
    "its privileges": "libc.prctl(38, 1, 0, 0, 0)",
    "to trace": "libc.syscall(101, 16, parent, 0, 0)",
    "memory of others": "libc.syscall(310, parent, 0, 0, 0, 0, 0)",
    "a ring of calls": "libc.syscall(425, 8, 0)",
    "a call by its number of x32": "libc.syscall(0x40000000 + 1, 1, b'x', 1)",
    "a call that nobody knows": "libc.syscall(4000)",
    "memory to be run": "libc.mmap(None, 4096, 7, 0x22, -1, 0)",
    "memory to be run later": "libc.mprotect(ctypes.c_void_p(page), 4096, 5)",
    "memory that stays when it is given back": "libc.mmap(None, 4096, 3, 0x21, -1, 0)",
    "memory that stays, in the newer way": "libc.mmap(None, 4096, 3, 0x23, -1, 0)",
    "a page of the machine's to be taken out": "libc.madvise(ctypes.c_void_p(page), 4096, 100)",
    "a page of the machine's to be moved": "libc.madvise(ctypes.c_void_p(page), 4096, 101)",
    "pages that are the same as others' to be one": "libc.madvise(ctypes.c_void_p(page), 4096, 12)",
    "memory to be run with a key": "libc.syscall(329, ctypes.c_void_p(page), 4096, 5, -1)",
}
STAYING = {
    "to compute": "sum(x * x for x in range(10_000))",
    "memory": "[bytearray(1 << 24) for _ in range(4)]",
    "memory given back": "assert not libc.madvise(ctypes.c_void_p(page), 4096, 4)",
    "the time": "time.time(), time.monotonic()",
    "an answer": "os.write(1, b'')",
}
TRYING = """\
import ctypes, json, os, resource, signal, socket, subprocess, sys, threading, time
sys.path.insert(0, os.getcwd())
from workers import syscalls
libc, folder, parent = ctypes.CDLL(None), os.open("/", os.O_RDONLY), os.getpid()
libc.mmap.restype = ctypes.c_void_p
page = libc.mmap(None, 4096, 3, 0x22, -1, 0)
ended = {}
for name, body in json.load(sys.stdin).items():
    child = os.fork()
    if not child:
        syscalls.close()
        try:
            exec(body)
        except BaseException:
            os._exit(1)
        os._exit(0)
    ended[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps(ended))
"""


@pytest.mark.skipif(not HERE, reason="nothing can be enclosed elsewhere")
def test_whatever_it_asks_for_ends_it_but_what_computing_needs() -> None:
    said = json.dumps({**ASKING, **STAYING})
    done = subprocess.run(
        [sys.executable, "-c", TRYING], input=said, capture_output=True, text=True, timeout=60, check=True
    )
    ended = json.loads(done.stdout)
    assert {name for name in ASKING if ended[name] != -signal.SIGSYS} == set()
    assert {name for name in STAYING if ended[name] != 0} == set()


@pytest.mark.skipif(sys.platform != "linux", reason="others have nothing like it")
def test_a_process_that_hides_is_looked_into_by_nobody() -> None:
    looking = (
        "import ctypes; from workers import syscalls; syscalls.hide(); print(ctypes.CDLL(None).prctl(3))"
    )
    done = subprocess.run([sys.executable, "-c", looking], capture_output=True, timeout=60, check=True)
    assert done.stdout == b"0\n"


def test_who_serves_may_read_and_is_refused_where_others_end() -> None:
    machine = syscalls.MACHINES["x86_64"]
    for number, given in ((0, (0, 0, 0, 0)), (38, (2, 0, 0, 0)), (13, (27, 0, 0, 0))):
        assert _answer(machine, number, given, serving=True) == _ALLOWED
        assert _answer(machine, number, given, serving=False) == _ENDED
    for number, given in ((0, (3, 0, 0, 0)), (1, (2, 0, 0, 0)), (41, (2, 1, 0, 0)), (9, (0, 0, 4, 0x22))):
        assert _answer(machine, number, given, serving=True) == _REFUSED


@pytest.fixture
def libc(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A C library of which this process learns nothing."""
    made = SimpleNamespace(prctl=lambda *_: 0, syscall=lambda *_: 0)
    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: made)
    return made


@pytest.mark.parametrize("machine", ["riscv64", "i686", "armv7l", ""])
def test_another_machine_cannot(monkeypatch: pytest.MonkeyPatch, libc: object, machine: str) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine=machine))
    with pytest.raises(syscalls.OpenError, match="machine"):
        syscalls.close()
    assert libc


def test_another_system_cannot(monkeypatch: pytest.MonkeyPatch, libc: object) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(syscalls.OpenError, match="machine"):
        syscalls.close()
    assert libc


@pytest.mark.parametrize(("call", "words"), [("prctl", "privileges"), ("syscall", "filter")])
@pytest.mark.parametrize("answer", [-1, 1])
def test_a_kernel_that_says_no_is_heard(
    monkeypatch: pytest.MonkeyPatch, libc: SimpleNamespace, call: str, words: str, answer: int
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine="x86_64"))
    syscalls.close()
    setattr(libc, call, lambda *_: answer)
    with pytest.raises(syscalls.OpenError, match=words):
        syscalls.close()


@pytest.mark.parametrize("machine", syscalls.MACHINES.values(), ids=syscalls.MACHINES)
def test_a_filter_allows_what_stands_on_its_lists_and_nothing_else(machine: syscalls.Machine) -> None:
    listed: dict[int, tuple[int, ...]] = {
        machine.write: (1,),
        machine.mmap: (0, 0, 3, 0x22),
        machine.mprotect: (0, 0, 3),
        machine.madvise: (0, 0, 4),
        **dict.fromkeys(machine.plain, ()),
    }
    for number in (*range(600), 0x4000_0001, 0x4000_0009, 0xFFFF_FFFF):
        given = (*listed.get(number, ()), 0, 0, 0, 0)[:4]
        assert _allows(machine, machine.architecture, number, given) == (number in listed), number
        assert not _allows(machine, machine.architecture ^ 1, number, given)
    for number, *wrong in (
        (machine.write, 2, 0, 0, 0),
        *((number, 0, 0, 4 | more, 0x22) for number in (machine.mmap, machine.mprotect) for more in (0, 3)),
        *((machine.mmap, 0, 0, 3, 0x20 | shared) for shared in (1, 3)),
        *((machine.madvise, 0, 0, advice, 0) for advice in range(128) if advice not in {4, 8, 14}),
    ):
        assert not _allows(machine, machine.architecture, number, tuple(wrong)), (number, wrong)


_ALLOWED, _ENDED, _REFUSED = 0x7FFF_0000, 0x8000_0000, 0x0005_0001


def _allows(machine: syscalls.Machine, architecture: int, number: int, given: tuple[int, ...]) -> bool:
    answer = _answer(machine, number, given, architecture=architecture)
    assert answer in {_ALLOWED, _ENDED}
    return answer == _ALLOWED


def _answer(
    machine: syscalls.Machine,
    number: int,
    given: tuple[int, ...],
    *,
    architecture: int = 0xC000_003E,
    serving: bool = False,
) -> int:
    """Run the filter as the kernel does."""
    steps = [
        (int.from_bytes(s[:2], "little"), s[2], s[3], int.from_bytes(s[4:], "little"))
        for s in syscalls.program(machine, serving=serving)
    ]
    seen = {0: number, 4: architecture, **{16 + 8 * n: value for n, value in enumerate(given)}}
    at = held = 0
    while True:
        code, true, false, value = steps[at]
        at += 1
        if code == 0x06:
            return value
        if code == 0x20:
            held = seen[value]
        else:
            at += true if (held == value if code == 0x15 else held & value) else false
