"""What goes wrong in a run, and when: one plan for each seed, and nothing else decides about it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from demo.github import LocalGitHub

WORKERS = ("worker-1", "worker-2")
KINDS: Mapping[str, int] = {
    "kill": 8,
    "pause": 2,
    "kill web": 1,
    "kill beat": 1,
    "flush": 3,
    "freeze": 2,
    "forget": 1,
    "database": 2,
    "github": 40,
}
"""How often each kind comes in 500 deliveries: workers die, stand still longer than a lease lasts, receiver
and clock die, the broker is flushed, frozen, and started again empty, the database crashes, GitHub fails."""
_SECONDS: Mapping[str, tuple[float, float]] = {
    "kill": (0.0, 1.0),
    "pause": (9.0, 11.0),
    "kill web": (0.5, 2.0),
    "kill beat": (0.5, 2.0),
    "flush": (0.0, 0.0),
    "freeze": (1.0, 4.0),
    "forget": (0.5, 2.0),
    "database": (0.5, 3.0),
    "github": (0.0, 0.0),
}


@dataclass(frozen=True, slots=True, order=True)
class Blow:
    """One thing that goes wrong behind so many deliveries, for so long; ``dice`` decides the rest."""

    after: int
    kind: str
    seconds: float
    dice: int


def plan(seed: int, deliveries: int) -> tuple[Blow, ...]:
    """Return what goes wrong, in order; it begins when there is something to lose."""
    dice = random.Random(f"blows {seed}")
    made = []
    for kind, count in KINDS.items():
        for _ in range(max(1, round(count * deliveries / 500))):
            after = dice.randrange(deliveries // 20, deliveries)
            made.append(Blow(after, kind, dice.uniform(*_SECONDS[kind]), dice.randrange(2**32)))
    return tuple(sorted(made))


_WRITES = ("POST", "PATCH", "PUT", "*")
_ASKED = ("/git/", "/pulls", "/issues", "/labels", "graphql", "/commits", "/access_tokens", "info/refs", "")


def github(hub: LocalGitHub, dice: random.Random) -> str:
    """Let one of the next requests fail, in one of GitHub's ways; return its name."""
    method, path = dice.choice(_WRITES), dice.choice(_ASKED)
    wait = {"Retry-After": "1"}
    ways: Mapping[str, Callable[[], None]] = {
        "500": partial(hub.fail, method, path, 500),
        "502 after the effect": partial(hub.fail, method, path, 502, after_effect=True),
        "reset": partial(hub.reset, method, path),
        "reset after the effect": partial(hub.reset, method, path, after_effect=True),
        "secondary limit": partial(hub.secondary_limit, 1, method=method, path=path),
        "429": partial(hub.fail, method, path, 429, headers=wait, body=b'{"message":"Too many requests"}'),
        "used up": partial(hub.primary_limit, 1, method=method, path=path),
        "slow": partial(hub.delay, method, path, dice.uniform(0.5, 2.0)),
    }
    name = dice.choice(sorted(ways))
    ways[name]()
    return name
