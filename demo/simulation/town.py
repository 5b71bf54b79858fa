"""The repositories of the simulation, whose they are, and what their people do; all of it by a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from random import Random
from types import MappingProxyType

from demo.github import ci

OWNER = "acme"
COMMON = f"{OWNER}/.github"
"""The repository whose kotsu.yml the others inherit."""
ZONE = "Europe/Berlin"
OPEN, FIRST, GENTLE = 3, 2, 14
"""What a repository may have open, at the beginning of it, and how many days that lasts: Kotsu's defaults."""
PEOPLE = ("ada", "ben", "cy")
_TEAM = 25
_MINUTES = 4
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
_TOUCHY = (b"except OSError", b"super().pop", b".warning(", b"==2.0\n")
"""What some tests fail on: each is what one of the improvements writes."""


class Deed(Enum):
    """What somebody does about a pull request."""

    MERGE = "merge"
    CLOSE = "close"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody who was asked does, after some working days."""

    deed: Deed
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

    @property
    def open(self) -> int:
        """How many pull requests a team may have open."""
        return max(8, self.size // len(self.teams))

    @property
    def per_day(self) -> int:
        """How many pull requests may come in the organisation on a day."""
        return max(4, self.size // 4)

    def names(self) -> Sequence[str]:
        """Return the repositories' full names."""
        return [f"{OWNER}/shop-{n:03}" for n in range(self.size)]

    def team(self, name: str) -> str:
        """Return whose a repository is."""
        teams = list(self.teams)
        return teams[int(name.rpartition("-")[2]) % len(teams)]

    def people(self, name: str) -> Sequence[str]:
        """Return who is asked in a repository: the three of its team."""
        number = self.team(name).rpartition("-")[2]
        return [f"{who}-{number}" for who in PEOPLE]

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

    def answer(self, name: str, key: str, asked: datetime) -> Answer:
        """Return what becomes of a review: most are done soon, some late, a few say no, a few never come."""
        chance = self._chance(f"{name} {key} {asked}")
        mood = chance.random()
        if mood < 1 / 12:
            return Answer(Deed.CLOSE, chance.randint(1, 5))
        if mood < 1 / 6:
            return Answer(Deed.NOTHING, 0)
        return Answer(Deed.MERGE, chance.randint(1, 3) if mood < 4 / 5 else chance.randint(5, 8))

    def jobs(self, name: str) -> Sequence[ci.Job]:
        """Return the checks of a repository: none, tests that a change may break, and a broken lint."""
        chance = self._chance(f"{name} ci")
        if chance.random() < 1 / 8:
            return ()
        touchy = chance.random() < 1 / 4
        tests = ci.Job(says=ci.fails_on(chance.choice(_TOUCHY)) if touchy else ci.passes)
        return (tests, ci.Job("lint", ci.fails)) if chance.random() < 1 / 8 else (tests,)

    def _requirements(self, chance: Random) -> str:
        """Return requirements: one in four leaks, on one of a few days, and one in four ends some day."""
        leak = self.start + timedelta(days=chance.choice((3, 10, 38)))
        end = self.start + timedelta(days=chance.randint(20, 80))
        leaks, ends = (chance.random() < 1 / 4 for _ in range(2))
        text = f"leaky-{leak:%Y%m%d}==1.0\n" if leaks else ""
        return f"{text}shelf==1.0\n" + (f"ending-{end:%Y%m%d}==1.0\n" if ends else "")

    def common(self) -> Mapping[str, bytes]:
        """Return the files of the repository that the others inherit from."""
        lines = [
            "onboarding: false",
            "capacity:",
            f"  time-zone: {ZONE}",
            "  hours: 09:00-17:00",
            "  days: [monday, tuesday, wednesday, thursday, friday]",
            f"  organisation: {{minutes-per-week: {self.minutes}, per-day: {self.per_day}}}",
            "  teams:",
            *(
                f"    {team}: {{minutes-per-week: {minutes}, open: {self.open}}}"
                for team, minutes in self.teams.items()
            ),
        ]
        return {"kotsu.yml": ("\n".join(lines) + "\n").encode()}

    def _wishes(self, name: str, improvements: Sequence[str]) -> bytes:
        off = [id_ for id_ in IMPROVEMENTS if id_ not in improvements]
        lines = [
            *(["improvements:"] if off else []),
            *(f"  {id_}: false" for id_ in off),
            f"reviewers: [{', '.join(self.people(name))}]",
            f"capacity: {{team: {self.team(name)}}}",
        ]
        return ("\n".join(lines) + "\n").encode()

    def _chance(self, about: str) -> Random:
        return Random(f"{self.seed} {about}")  # noqa: S311 -- the same seed has to give the same
