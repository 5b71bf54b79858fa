"""Many tiny repositories and the people in them, who push, close and merge; what must be there in the end."""

from __future__ import annotations

import queue
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.github import LocalGitHub
from demo.github.ci import PULLS, Job
from demo.github.state import Issue

UTCNOW, REQUEST = "aware-utcnow", "unbounded-request"
FILES: Mapping[str, bytes] = {
    ".github/kotsu.yml": b"limits:\n  open: 9\n  first: 9\n  per-day: 9\n",
    "clock.py": b"from datetime import datetime\n\nBORN = datetime.utcnow()\n",
    "fetch.py": b"import requests\n\n\ndef fetch(url):\n    return requests.get(url)\n",
}
KEYS = (UTCNOW, REQUEST)
OWNERS = ("acme", "bolt", "cord")


class Shuffled(queue.Queue[Any]):
    """Errands that are not run in their order: of the next few, any comes first."""

    def __init__(self, dice: random.Random, reach: int = 6) -> None:
        super().__init__()
        self.dice, self.reach = dice, reach

    def _get(self) -> Any:
        index = self.dice.randrange(min(len(self.queue), self.reach))
        # The word that ends the run must stay the last one.
        index = index if self.queue[index] is not None else 0
        self.queue.rotate(-index)
        found = self.queue.popleft()
        self.queue.rotate(index)
        return found


@dataclass
class Town:
    """Repositories of several owners on a local GitHub, and what people do there, by the dice."""

    hub: LocalGitHub
    dice: random.Random
    size: int
    names: tuple[str, ...] = ()
    expected: dict[str, dict[str, str]] = field(default_factory=dict)
    _pushes: int = 0

    def __post_init__(self) -> None:
        """Make the repositories; ``hub`` has not begun to deliver, and will do it out of order."""
        self.hub.world.errands = Shuffled(self.dice)
        self.names = tuple(f"{OWNERS[n % len(OWNERS)]}/shop-{n}" for n in range(self.size))
        for number, name in enumerate(self.names):
            self.hub.repository(name, FILES)
            if number % 3 == 0:
                self.hub.ci.script(name, Job(on=frozenset({PULLS})))
            self.expected[name] = dict.fromkeys(KEYS, "open")

    def install(self) -> None:
        """Install the App everywhere."""
        for owner in OWNERS:
            self.hub.install(owner)

    def act(self) -> None:
        """Let somebody do something."""
        deed: Callable[[], None] = self.dice.choices(
            (self.push, self.repeat, self.late, self.close, self.merge), (30, 40, 10, 10, 10)
        )[0]
        deed()

    def push(self) -> None:
        """Push something that is nobody's business to a default branch."""
        self._pushes += 1
        self.hub.push(self.dice.choice(self.names), {"NOTES.md": f"Note {self._pushes}.\n".encode()})

    def repeat(self) -> None:
        """Deliver something once more, as GitHub and people do."""
        if known := list(self.hub.deliveries):
            again = self.dice.choice(known)
            self.hub.deliver(again.event, again.payload, guid=again.guid)

    def late(self) -> None:
        """Deliver something old as if it had been on its way since then."""
        told = [d for d in self.hub.deliveries if d.event in ("push", "check_suite", "pull_request")]
        if told:
            late = self.dice.choice(told)
            self.hub.deliver(late.event, late.payload)

    def close(self) -> None:
        """Close a pull request, which is an answer."""
        for name, key, issue in self._open():
            self.hub.close(name, issue.number)
            self.expected[name][key] = "closed"
            return

    def merge(self) -> None:
        """Merge a pull request."""
        for name, key, issue in self._open():
            if self.hub.merge(name, issue.number):
                self.expected[name][key] = "merged"
            return

    def _open(self) -> Iterator[tuple[str, str, Issue]]:
        """Yield our open pull requests, in any order; one of each repository is left alone by everybody."""
        for name in self.dice.sample(self.names, len(self.names)):
            for issue in self.hub.pulls(name, "open"):
                key = issue.pull.head.removeprefix("kotsu/") if issue.pull else ""
                if self.expected[name].get(key) == "open" and set(self.expected[name].values()) == {"open"}:
                    yield name, key, issue
