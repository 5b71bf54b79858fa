"""SIGKILL at any moment: started again, the server opens what is missing, and nothing twice."""

from __future__ import annotations

import random
import time
from pathlib import Path

from codemods import registry
from demo import run
from demo.github import LocalGitHub
from tests.chaos import judging
from tests.fleet import eventually
from tests.road import CLOCK, CONFIG, JOB, UTCNOW, WORKFLOW
from workers import ledger

_NOWHERE = "http://127.0.0.1:9/simple"
_KEYS = {UTCNOW, JOB}
_STEPS = (
    "GET /git/ref/",
    "GET info/refs",
    "POST /git/trees$",
    "POST /git/commits$",
    "POST /git/refs$",
    "POST /pulls$",
    "POST shop-[0-9]+/labels$",
    r"POST /issues/\d+/labels$",
)
"""Where a round ends by the sword: the request is under way, and has its effect after the death."""
_RANDOM = 6


def _files() -> dict[str, bytes]:
    others = sorted(set(registry.ids()) - _KEYS)
    config = "improvements:\n" + "".join(f"  {id_}: false\n" for id_ in others)
    return {"clock.py": CLOCK, ".github/workflows/ci.yml": WORKFLOW, CONFIG: config.encode()}


def test_killed_at_any_moment_it_opens_each_pull_request_once(github: LocalGitHub, tmp_path: Path) -> None:
    github.world.webhook_secret = run.SECRET
    names = [f"acme/shop-{n}" for n in range(len(_STEPS) + _RANDOM)]
    for name in names:
        github.repository(name, _files())
    github.install("acme")
    data_dir = tmp_path / "data"
    dice = random.Random(20260302)
    for name, step in zip(names, [*_STEPS, *[""] * _RANDOM], strict=True):
        with run.running(github, _NOWHERE, data_dir) as server:
            _push_and_wait_for(github, name, step, dice.uniform(0.0, 0.4))
            server.process.kill()
            server.process.wait()
    with run.running(github, _NOWHERE, data_dir) as server:
        book = ledger.open(server.database_url)
        expected = {name: dict.fromkeys(_KEYS, "open") for name in names}
        assert eventually(lambda: not judging.work(github, book, expected), 120), judging.work(
            github, book, expected
        )
        book.close()


def _push_and_wait_for(github: LocalGitHub, name: str, step: str, seconds: float) -> None:
    if not step:
        before = len(github.requests)
        github.push(name, {"NOTES.md": b"x\n"})
        assert eventually(lambda: any(name in e.path for e in github.requests[before:]), 20)
        time.sleep(seconds)
        return
    method, path = step.split(" ")
    repository = name.removeprefix("acme/")
    github.delay(method, path if "shop" in path else f"{repository}.*{path}", 0.3)
    fault = github._api.faults.waiting[-1]
    github.push(name, {"NOTES.md": b"x\n"})
    assert eventually(lambda: not fault.times, 20), step
