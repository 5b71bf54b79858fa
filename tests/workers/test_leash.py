"""A program runs within its limits, and nothing that it started outlives it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.fleet import eventually
from workers import leash
from workers.leash import Ended, Limits, OverdueError

LIMITS = Limits(20)
ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def sh(script: str, limits: Limits = LIMITS, data: bytes | None = None) -> Ended:
    return leash.run(("sh", "-c", script), ENVIRONMENT, limits, data=data)


def alive(group: int) -> list[str]:
    """Return the processes of a group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text("utf-8").rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state not in "ZX":
            found.append(stat.parent.name)
    return found


def test_what_it_says_and_how_it_ended_is_returned() -> None:
    assert sh("cat; echo sorry >&2; exit 3", data=b"hello") == Ended(3, b"hello", b"sorry\n")
    assert sh("cat") == Ended(0, b"", b"")


def test_what_is_not_there_is_an_exit_status() -> None:
    assert leash.run(("kotsu-is-no-program",), ENVIRONMENT, LIMITS).status == 127


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
def test_a_child_that_is_left_behind_is_ended() -> None:
    ended = sh("sleep 1000 & sleep 1000 & echo $$")
    assert ended.status == 0
    assert eventually(lambda: not alive(int(ended.out)))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked for in /proc")
def test_a_crowd_of_children_is_ended_when_the_time_is_over(tmp_path: Path) -> None:
    known = tmp_path / "group"
    crowd = f"echo $$ > {known}; for n in 1 2 3 4 5; do (sleep 1000 & sleep 1000) & done; sleep 1000"
    with pytest.raises(OverdueError):
        sh(crowd, Limits(0.5))
    assert eventually(lambda: not alive(int(known.read_text("utf-8"))))


def test_what_writes_too_much_is_ended() -> None:
    ended = sh("exec head -c 2000000 /dev/zero", Limits(20, file=1024**2))
    assert ended.status == -signal.SIGXFSZ
    assert len(ended.out) <= 1024**2


def test_complaints_without_end_are_cut() -> None:
    assert len(sh("head -c 2000000 /dev/zero >&2").said) == 1024**2


def test_limits_are_those_that_were_asked_for() -> None:
    asked = Limits(20, processor=7, memory=512 * 1024**2, file=1024**2, files=64)
    told = sh("ulimit -t; ulimit -v; ulimit -f; ulimit -n; ulimit -c", asked).out.split()
    assert told == [b"7", b"524288", b"2048", b"64", b"0"]


def test_nothing_of_our_environment_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOTSU_WEBHOOK_SECRET", "canary")
    assert b"canary" not in sh("env; cat /proc/self/environ").out
