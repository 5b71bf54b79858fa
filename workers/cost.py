"""Estimates what a proposal costs those who review it, and what it is worth to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from codemods import places
from codemods.model import Applicability, Category, Edit, Upgrade
from workers import patch

VALUE = {
    Category.SECURITY: 100,
    Category.RELIABILITY: 60,
    Category.LIFECYCLE: 50,
    Category.UPGRADE: 40,
    Category.OPERABILITY: 30,
    Category.SPEED: 25,
    Category.HYGIENE: 15,
}
"""What one proposal of a category is worth, beside the minutes that it saves."""
_MOST_SAVED = 60
_READ = 20
"""Lines that are read in a minute."""
_MAJOR, _MINOR, _PATCH = 10, 4, 2


def minutes(
    edits: Sequence[Edit],
    spots: int,
    applicability: Applicability,
    upgrades: Sequence[Upgrade] = (),
    moved: Sequence[Edit] = (),
) -> int:
    """Return the minutes of review that a proposal costs, at least 3.

    Two for opening it and coming to a decision. Then, where versions move: ten for a major one, four for a
    minor one, two for a patch; in a group only the largest counts in full and each other one a quarter, and
    nobody reads what a lock file has of it. Else one for each file, half a minute for each of the ``spots``
    that change, and one for 20 lines; a test's file counts half. What may change behaviour (*unsafe*) is
    thought about twice as long. Fractions are rounded up. An upgrade of which the code of the repository
    notices nothing costs no more than a minor one; code that it migrates is read like any other.
    """
    if upgrades:
        return 2 + math.ceil(_upgrades(upgrades) + _work(moved, 0))
    return 2 + math.ceil(_work(edits, spots) * (1 if applicability is Applicability.SAFE else 2))


def _work(edits: Sequence[Edit], spots: int) -> Fraction:
    files = sum((_weight(edit) for edit in edits), Fraction())
    lines = sum((_weight(edit) * sum(patch.count([edit])) for edit in edits), Fraction())
    share = files / len(edits) if edits else Fraction(1)
    return files + share * spots / 2 + lines / _READ


def value(category: Category, applicability: Applicability, saved: int) -> int:
    """Return what a proposal is worth; ``saved`` are the minutes of work that it takes from people.

    The category says most of it, the minutes (60 at most) the rest; what may change behaviour is worth a
    quarter, as somebody has to find out first whether it is right.
    """
    whole = VALUE[category] + min(saved, _MOST_SAVED)
    return whole if applicability is Applicability.SAFE else max(1, whole // 4)


def _weight(edit: Edit) -> Fraction:
    return Fraction(1, 2) if places.is_test(edit.path) else Fraction(1)


def _upgrades(upgrades: Sequence[Upgrade]) -> Fraction:
    costs = sorted((_upgrade(upgrade) for upgrade in upgrades), reverse=True)
    return costs[0] + Fraction(sum(costs[1:]), 4)


def _upgrade(upgrade: Upgrade) -> int:
    if upgrade.before is None or upgrade.is_major:
        is_small = upgrade.impact is not None and upgrade.impact.is_harmless
        return _MINOR if is_small else _MAJOR
    return _PATCH if upgrade.before.release[:2] == upgrade.after.release[:2] else _MINOR
