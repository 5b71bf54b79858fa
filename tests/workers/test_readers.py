"""A process that reads files has nothing that is worth stealing, and can do nothing with what it learns."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from codemods import engine, registry, source, testing
from codemods.model import Facts
from codemods.tree import Files
from tests.fleet import eventually
from tests.workers.improvements import GREET, Improvements
from workers import config, discover, errands, promised, readers, syscalls
from workers.model import Discovery
from workers.spread import Processes

LINUX = sys.platform == "linux" and os.uname().machine in syscalls.MACHINES
CANARY = "canary-of-a-key"
FACTS = Facts(today=date(2026, 3, 2))
CALLS = {
    "openat": 257,
    "openat2": 437,
    "socket": 41,
    "connect": 42,
    "sendmsg": 46,
    "recvmsg": 47,
    "clone": 56,
    "clone3": 435,
    "fork": 57,
    "vfork": 58,
    "execve": 59,
    "kill": 62,
    "tgkill": 234,
    "ptrace": 101,
    "prctl": 157,
    "dup": 32,
    "memfd_create": 319,
    "process_vm_readv": 310,
    "pidfd_open": 434,
    "pidfd_getfd": 438,
    "io_uring_setup": 425,
    "bpf": 321,
    "prlimit64": 302,
    "shmget": 29,
    "keyctl": 250,
    "x32 read": 0x40000000,
    "unknown": 4000,
}
"""Raw system calls by their numbers on x86-64: all that would lead out."""
SAY = """
    import os, struct
    def say(kind, data):
        os.write(1, struct.pack("=BI", kind, len(data)) + data)
"""
TRYING = """
    import ctypes, os, socket, resource
    tries = {
        "our environment": lambda: open("/proc/self/environ"),
        "the worker's environment": lambda: open("/proc/WORKER/environ"),
        "the worker's memory": lambda: open("/proc/WORKER/mem", "rb"),
        "the key": lambda: open("KEY"),
        "the working folder": lambda: os.listdir("."),
        "a file outside": lambda: open("OUTSIDE", "w"),
        "a folder outside": lambda: os.mkdir("OUTSIDE"),
        "a link": lambda: os.link("KEY", "OUTSIDE"),
        "the key's mode": lambda: os.chmod("KEY", 0o777),
        "loopback": lambda: socket.create_connection(("127.0.0.1", PORT), 1),
        "elsewhere": lambda: socket.create_connection(("192.0.2.1", 443), 1),
        "a name": lambda: socket.getaddrinfo("example.org", 443),
        "a child": lambda: [os.fork() or os._exit(0) for _ in range(100)],
        "a signal to the worker": lambda: os.kill(WORKER, 0),
        "a signal to all": lambda: os.kill(-1, 0),
        "more memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
        "another descriptor": lambda: os.read(3, 1),
        "a descriptor for it": lambda: os.dup(0),
        "a shell": lambda: os.execv("/bin/sh", ["sh", "-c", "touch OUTSIDE"]),
    }
    for name, attempt in tries.items():
        try:
            attempt()
        except OSError as error:
            if error.errno not in (1, 9, 13, -3, -2):
                yield Advice(0, f"{name}: {error}")
        except ValueError as error:
            pass
        else:
            yield Advice(0, f"{name}: it worked")
    libc = ctypes.CDLL(None, use_errno=True)
    for name, number in CALLS.items():
        if libc.syscall(number, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1:
            yield Advice(0, f"{name}: {ctypes.get_errno()}")
    yield Advice(0, f"{sorted(os.environ)}")
"""


def files(count: int, *hostile: int) -> dict[str, bytes]:
    return {f"{n:03}.py": b"# hello, die\n" if n in hostile else b"# hello\n" for n in range(count)}


def found(improvements: Improvements, tree: dict[str, bytes], **how: Any) -> Discovery:
    catalogue = improvements.catalogue()
    modules = [i.module.__name__ for i in catalogue.values()]
    spread = Processes(1, modules, here=False, **how)
    return discover.run(Files(tree), catalogue, FACTS, config.defaults(), spread=spread)


@pytest.fixture
def ears() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


@pytest.mark.skipif(not LINUX or os.uname().machine != "x86_64", reason="calls are tried by their numbers")
def test_an_improvement_that_was_taken_over_reaches_nothing_and_the_scan_goes_on(
    improvements: Improvements, tmp_path: Path, ears: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOTSU_GITHUB_PRIVATE_KEY", CANARY)
    key, outside = tmp_path / "key.pem", tmp_path / "was-here"
    key.write_text(CANARY, "utf-8")
    body = TRYING.replace("WORKER", str(os.getpid())).replace("KEY", str(key)).replace("CALLS", repr(CALLS))
    body = body.replace("OUTSIDE", str(outside)).replace("PORT", str(ears.getsockname()[1]))
    improvements.comments("steal_more", f"\n    if b'die' not in source.data:\n        return{body}")
    improvements.comments("greet_more")
    discovery = found(improvements, files(40, 7))
    assert discovery.problems == ()
    assert [f.message for f in discovery.findings if f.improvement == "steal-more"] == [
        "['LC_ALL', 'PYTHONHASHSEED']"
    ]
    assert len([f for f in discovery.findings if f.improvement == "greet-more"]) == 40
    assert not outside.exists()
    with pytest.raises(BlockingIOError):
        ears.accept()


@pytest.mark.skipif(not LINUX, reason="/proc tells")
def test_from_outside_a_reader_has_no_environment_no_descriptors_and_a_filter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KOTSU_WEBHOOK_SECRET", CANARY)
    reader = readers.start([])
    try:
        assert eventually(lambda: list(reader.hear()) != [])
        about = Path(f"/proc/{reader.pid}")
        parent = about.joinpath("stat").read_text("utf-8").rpartition(")")[2].split()[1]
        assert parent != str(os.getpid())
        for pid in (about.name, parent):
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            assert CANARY.encode() not in environment
            assert b"PATH" not in environment
        assert sorted(fd.name for fd in (about / "fd").iterdir()) == ["0", "1", "2"]
        assert "Seccomp:\t2" in (about / "status").read_text("utf-8")
        limits = (about / "limits").read_text("utf-8")
        assert len(re.findall(r"^Max (?:core )?file size +0 +0 ", limits, re.MULTILINE)) == 2
    finally:
        reader.end()
    assert not about.exists()


NONSENSE = {
    "no answer": "say(65, b'hello')",
    "a pickle": "say(65, b\"cos\\nsystem\\n(S'touch was-here'\\ntR.\")",
    "an answer without end": "os.write(1, struct.pack('=BI', 65, 2**31))",
    "another improvement": "say(65, b'[{\"x\": [null, []]}, []]')",
    "an edit of nowhere": 'say(65, b\'[{"lie-more": [[0, 99, ""], []]}, []]\')',
    "an edit of another kind": 'say(65, b\'[{"lie-more": [null, [[1, "", true]]]}, []]\')',
    "a deep one": "say(65, b'[' * 100000)",
    "another kind": "say(99, b'[]')",
}


@pytest.mark.parametrize("said", NONSENSE.values(), ids=NONSENSE)
def test_whoever_talks_nonsense_is_not_believed_and_the_rest_goes_on(
    improvements: Improvements, said: str
) -> None:
    lying = f"{SAY}\n    if b'die' in source.data:\n        {said}{GREET}"
    improvements.comments("lie_more", lying)
    discovery = found(improvements, files(12, 3))
    assert [(p.path, p.message) for p in discovery.problems] == [
        ("003.py", "skipped: its reader gave no answer that makes sense")
    ]
    assert [f.path for f in discovery.findings] == [f"{n:03}.py" for n in range(12) if n != 3]


DEADLY = {
    "it crashes": ("ctypes.string_at(0)", "skipped: it crashes the parser"),
    "it aborts": ("os.abort()", "skipped: it crashes the parser"),
    "its stack overflows": (
        "sys.setrecursionlimit(10**9); (f := lambda: [*map(lambda _: f(), '1')])()",
        "skipped: it crashes the parser",
    ),
    "it takes all memory": ("bytearray(8 << 30)", "skipped: it takes too much memory"),
    "it does not hear that its time is over": (
        "signal.signal(signal.SIGPROF, signal.SIG_IGN)\n        while True: pass",
        "skipped: it never comes to an end",
    ),
}


@pytest.mark.parametrize(("deed", "words"), DEADLY.values(), ids=DEADLY)
def test_a_file_that_ends_its_reader_costs_itself_alone(
    improvements: Improvements, deed: str, words: str
) -> None:
    body = f"\n    import ctypes, os, signal, sys\n    if b'die' in source.data:\n        {deed}{GREET}"
    improvements.comments("greet_more", body)
    discovery = found(improvements, files(6, 2), patience=1.0)
    assert [(p.path, p.message) for p in discovery.problems] == [("002.py", words)]
    assert [f.path for f in discovery.findings] == [f"{n:03}.py" for n in range(6) if n != 2]


def test_every_improvement_finds_there_what_it_finds_here() -> None:
    tasks = []
    for n, improvement in enumerate(registry.catalogue().values()):
        if improvement.kind in registry.TREES:
            continue
        changing = [case for case in testing.cases(improvement.page) if case.changes or case.advice]
        for m, case in enumerate(changing[:1]):
            facts = case.facts.only(improvement.about, case.facts.options, improvement.distribution)
            wanted = ((improvement.module.__name__, facts),)
            tasks.append(engine.Task(f"{n}/{m}/{case.path}", case.before.encode(), wanted))
    spread = Processes(1, list(registry.ids().values()), here=False)
    found = {examined.path: examined for examined in spread(errands.EXAMINE, tasks)}
    assert [path for path, one in found.items() if one.problems] == []
    assert found == {task.path: errands.EXAMINE(task) for task in tasks}
    texts = dict.fromkeys(source.examples(), b"# TODO: one\n// TODO: two\n-- TODO: three\n")
    held = promised.read(Files(texts), spread=spread)
    assert held == promised.read(Files(texts))
    assert len(held) > 5


def test_what_is_printed_is_no_answer(improvements: Improvements) -> None:
    improvements.comments("greet_more", f"\n    print('hello')\n    print('x' * 100_000){GREET}")
    assert len(found(improvements, files(5)).findings) == 5


def test_when_all_processes_are_killed_another_scan_starts_its_own(improvements: Improvements) -> None:
    improvements.comments("greet_more")
    assert len(found(improvements, files(3)).findings) == 3
    for nursery in readers._nurseries.values():
        os.killpg(nursery._process.pid, signal.SIGKILL)
        nursery._process.wait()
    assert len(found(improvements, files(3)).findings) == 3


KILLED = """
import os, signal
from workers import readers
reader = readers.start([])
print(reader.pid, reader.nursery._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_that_is_killed_leaves_no_process_behind() -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, check=False, timeout=120)
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2
    assert eventually(lambda: not any(map(_runs, pids)), 20)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_system_without_a_filter_is_told_once_and_read_on(improvements: Improvements) -> None:
    improvements.comments("greet_more", f"{SAY}\n    say(79, b'filter'){GREET}")
    heard: list[str] = []
    assert len(found(improvements, files(5), tell=heard.append).findings) == 5
    assert heard == ["filter"]
