"""Says of each promise in a tree's comments how old it is, and whose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from codemods import standing
from codemods.debts import Debt, Standing
from workers.model import Blame
from workers.owners import Owners


@dataclass(frozen=True, slots=True)
class Owed:
    """A promise, its author and the day when its line was written, where git knows them, and who owns it.

    ``owner`` is whom the comment itself names in parentheses, else whom CODEOWNERS names, else the author.
    """

    debt: Debt
    author: str
    since: date | None
    owner: str

    def days(self, today: date) -> int | None:
        """Return how many days old it is; None where nobody knows."""
        return None if self.since is None else max((today - self.since).days, 0)


@dataclass(frozen=True, slots=True)
class Digest:
    """What people should read first: what is due, what is orphaned, the oldest of the others.

    ``counted`` has all of them, ``address`` is that of the pages of the files.
    """

    due: Sequence[Owed] = ()
    orphaned: Sequence[Owed] = ()
    oldest: Sequence[Owed] = ()
    counted: Mapping[Standing, int] = field(default_factory=dict)
    address: str = ""


NOTHING = Digest()
_MOST, _OLDEST = 20, 5


def digest(debts: Sequence[Debt], blame: Callable[[str], Sequence[Blame]], owners: Owners) -> Digest:
    """Return what of a tree's promises people should read first."""
    due, orphaned, *others = ([d for d in debts if d.stood.standing is standing] for standing in Standing)
    known = cache(blame)
    aged = [o for o in of([d for some in others for d in some], known, owners) if o.since]
    return Digest(
        of(due[:_MOST], known, owners),
        of(orphaned[:_MOST], known, owners),
        ordered(aged, "age")[:_OLDEST],
        Counter(d.stood.standing for d in debts),
    )


def of(debts: Iterable[Debt], blame: Callable[[str], Sequence[Blame]], owners: Owners) -> list[Owed]:
    """Return promises with their authors; each file is asked for once."""
    known = cache(blame)
    return [_owed(debt, known(debt.path), owners) for debt in debts]


def _owed(debt: Debt, blames: Sequence[Blame], owners: Owners) -> Owed:
    wrote = next((b for b in blames if b.first <= debt.promise.line <= b.last), None)
    author = " ".join(wrote.author.split())[:60] if wrote else ""
    named = debt.promise.owner if standing.is_person(debt.promise.owner) else ""
    owner = named or ", ".join(owners.of(debt.path)) or author
    return Owed(debt, author, wrote.day if wrote else None, owner)


def ordered(owed: Iterable[Owed], by: str) -> list[Owed]:
    """Return promises by ``age`` (the oldest first), ``state``, ``owner`` or ``path``."""
    order = list(Standing)
    keys: dict[str, Callable[[Owed], tuple[object, ...]]] = {
        "age": lambda o: (o.since or date.max,),
        "state": lambda o: (order.index(o.debt.stood.standing), o.since or date.max),
        "owner": lambda o: (o.owner.lower(),),
        "path": lambda _: (),
    }
    return sorted(owed, key=lambda o: (*keys[by](o), o.debt.path, o.debt.promise.line))


ORDERS = ("state", "age", "owner", "path")
"""What promises can be sorted by, the default first."""


def age(days: int) -> str:
    """Return how old something is, in the largest unit of which it has more than one."""
    years, months = days // 365, days // 30
    return f"{years} years" if years > 1 else f"{months} months" if months > 1 else f"{days} days"
