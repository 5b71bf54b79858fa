"""The repositories of the simulation, whose they are, and what their people do; all of it by a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from types import MappingProxyType

OWNER = "acme"
ZONE = "Europe/Berlin"
_TEAM = 25
_MINUTES = 3
"""Minutes of review a week that a team has for each of its repositories."""
_GAP = "".join(f"\nSETTING_{n} = {n}" for n in range(12)) + "\n\n"
_SNIPPETS: Mapping[str, str] = MappingProxyType(
    {
        "aware-utcnow": "from datetime import datetime\n\nBORN = datetime.utcnow()\n",
        "os-error-alias": 'try:\n    DATA = open("data").close()\nexcept IOError:\n    DATA = None\n',
        "super-with-arguments": "class Cart(dict):\n    def pop(self):\n        super(Cart, self).pop(1)\n",
        "deprecated-warn": 'import logging\n\nlogging.getLogger("shop").warn("slow")\n',
        "key-in-dict-keys": 'PRICES = {"tea": 3}\n\nHAS_TEA = "tea" in PRICES.keys()\n',
    }
)
_WORKFLOW = (
    "on:\n  pull_request:\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n"
)
_OF_WORKFLOWS = ("unbounded-job", "read-only-token")
IMPROVEMENTS = (*_SNIPPETS, *_OF_WORKFLOWS)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody does about a pull request: merge it or close it, after some working days."""

    merges: bool
    days: int


@dataclass(frozen=True, slots=True)
class Town:
    """An organisation: so many repositories, in teams of about 25, from a Monday on."""

    size: int
    seed: int
    start: date

    @property
    def teams(self) -> Mapping[str, int]:
        """Each team with the minutes of review that it has for a week."""
        count = max(2, self.size // _TEAM)
        share = -(-self.size // count)
        return {f"{OWNER}/team-{n}": max(24, _MINUTES * share) for n in range(count)}

    @property
    def minutes(self) -> int:
        """The organisation's minutes of review for a week: less than its teams have together."""
        return sum(self.teams.values()) * 9 // 10

    def names(self) -> Sequence[str]:
        """Return the repositories' full names."""
        return [f"{OWNER}/shop-{n:03}" for n in range(self.size)]

    def team(self, name: str) -> str:
        """Return whose a repository is."""
        teams = list(self.teams)
        return teams[self.names().index(name) % len(teams)]

    def files(self, name: str) -> Mapping[str, bytes]:
        """Return what a repository has at the beginning: two to four things to improve, in few files."""
        chance = self._chance(name)
        chosen = chance.sample(IMPROVEMENTS, chance.randint(2, 4))
        code = _GAP.join(_SNIPPETS[id_] for id_ in chosen if id_ in _SNIPPETS)
        found = {
            ".github/kotsu.yml": self._wishes(name, [*_SNIPPETS, *(i for i in _OF_WORKFLOWS if i in chosen)]),
            "shop/old.py": code.encode() or b"NAME = 1\n",
            "pyproject.toml": b'[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n',
            "requirements.txt": self._requirements(chance).encode(),
        }
        return found | (
            {".github/workflows/ci.yml": _WORKFLOW.encode()} if set(chosen) & set(_OF_WORKFLOWS) else {}
        )

    def news(self, name: str, week: int) -> Mapping[str, bytes]:
        """Return what people push in a week: mostly nothing, now and then what can be improved."""
        chance = self._chance(f"{name} {week}")
        if chance.random() > 1 / 8:
            return {}
        return {f"shop/week_{week}.py": _SNIPPETS[chance.choice(list(_SNIPPETS))].encode()}

    def answer(self, name: str, key: str, opened: datetime) -> Answer:
        """Return what becomes of a pull request: most are merged soon, some later, a few are closed."""
        chance = self._chance(f"{name} {key} {opened}")
        mood = chance.random()
        if mood < 1 / 10:
            return Answer(merges=False, days=chance.randint(1, 5))
        return Answer(merges=True, days=chance.randint(1, 4) if mood < 4 / 5 else chance.randint(6, 10))

    def _requirements(self, chance: Random) -> str:
        """Return requirements: one in four leaks, on one of a few days, and one in four ends some day."""
        leak = self.start + timedelta(days=chance.choice((3, 10, 38)))
        end = self.start + timedelta(days=chance.randint(20, 80))
        leaks, ends = (chance.random() < 1 / 4 for _ in range(2))
        text = f"leaky-{leak:%Y%m%d}==1.0\n" if leaks else ""
        return f"{text}shelf==1.0\n" + (f"ending-{end:%Y%m%d}==1.0\n" if ends else "")

    def _wishes(self, name: str, improvements: Sequence[str]) -> bytes:
        off = [id_ for id_ in IMPROVEMENTS if id_ not in improvements]
        lines = [
            *(["improvements:"] if off else []),
            *(f"  {id_}: false" for id_ in off),
            "open-as: ready",
            "capacity:",
            f"  time-zone: {ZONE}",
            "  hours: 09:00-17:00",
            "  days: [monday, tuesday, wednesday, thursday, friday]",
            f"  team: {self.team(name)}",
            f"  organisation: {{minutes-per-week: {self.minutes}, open: {2 * self.size}}}",
            "  teams:",
            *(f"    {team}: {{minutes-per-week: {minutes}}}" for team, minutes in self.teams.items()),
        ]
        return ("\n".join(lines) + "\n").encode()

    def _chance(self, about: str) -> Random:
        return Random(f"{self.seed} {about}")  # noqa: S311 -- the same seed has to give the same
