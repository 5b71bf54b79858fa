"""What waits in the seeded organisation and why, its campaigns, what pauses there, and what people did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

from demo.seeded.drives import Drive
from demo.seeded.stories import PAUSES
from demo.seeded.town import (
    INSTALLATION,
    NOW,
    OVERLOADED,
    OWNER,
    PAUSED_AT,
    PAUSED_BY,
    RESTING_REPOSITORY,
    STOPPED,
    STOPPED_BECAUSE,
    TEAMS,
    Place,
    Town,
)
from demo.seeded.wares import ALONE, PAUSED, WARES, Ware
from workers import budgets, effective
from workers.budgets import Bounds, Shared
from workers.config import Config
from workers.effective import Known
from workers.evaluation import acceptance, pausing
from workers.ledger import Ledger, WithheldRow
from workers.reasons import Reason

_BUDGET, _OTHER_BUDGET = 60, 240
"""The minutes of review that the overloaded team has for a week, and each other."""
_WAITING = 0.45
_OF_PACE = (Reason.OPEN_LIMIT, Reason.DAY_LIMIT, Reason.ORGANISATION_BUDGET)
_OTHERS = (
    *(Reason.ADVICE, Reason.UNSAFE, Reason.DECLINED, Reason.DISABLED, Reason.SNOOZED),
    *(Reason.SAME_CODE, Reason.FIX_FIRST, Reason.CAMPAIGN),
)


def write(book: Ledger, town: Town, led: Sequence[Drive]) -> None:
    """Write all of it."""
    for place in town.places:
        if not place.left:
            held = [row for drive in led if (row := drive.withheld(place))]
            book.replace_withheld(place.id, [*_withheld(town, place), *held])
    book.remember(_configured(town), NOW - timedelta(hours=1))
    counted = _decided(book, town)
    book.pauses.begin(INSTALLATION, PAUSED, PAUSES, merged=counted.merged, decided=counted.decided)
    book.pauses.begin(INSTALLATION, "spent-compat", NOW - timedelta(days=50), merged=7, decided=21)
    book.pauses.end(INSTALLATION, "spent-compat", "gil", NOW - timedelta(days=41))
    _rest(book, town)
    _deeds(book, town)


def _rest(book: Ledger, town: Town) -> None:
    """Let somebody have paused a repository, where what waited waits for that now."""
    place = next(place for place in town.places if place.repository.full_name == RESTING_REPOSITORY)
    book.pauses.begin(INSTALLATION, pausing.WHOLE, PAUSED_AT, place=place.id, who=PAUSED_BY)
    words = pausing.sentence(book.pauses.wholes()[place.id])
    found = [ware for ware in WARES if not ware.targets][:2]
    reason = Reason.REPOSITORY_PAUSED.id
    rows = [WithheldRow(w.key(""), w.improvement, w.title(""), reason, words) for w in found]
    book.replace_withheld(place.id, rows)
    book.audit.note(
        *(PAUSED_BY, "pause", PAUSED_AT),
        installation_id=INSTALLATION,
        repository_id=place.id,
        target=RESTING_REPOSITORY,
    )


def _decided(book: Ledger, town: Town) -> acceptance.Acceptance:
    """Count what people had decided when `PAUSED` began to pause."""
    ours = {place.id for place in town.places if place.repository.owner == OWNER}
    mine = (one for one in book.outlines.read(ours) if one.improvement == PAUSED)
    ended = [one for one in mine if one.closed_at and one.closed_at <= PAUSES]
    return acceptance.by(ended, lambda _: "", PAUSES).get("", acceptance.of(0, 0))


def _configured(town: Town) -> Mapping[str, str]:
    """Return what the last scans remembered of budgets, and of what holds in each repository."""
    teams = {
        team.name: Bounds(minutes=_BUDGET if team.name == OVERLOADED else _OTHER_BUDGET) for team in TEAMS
    }
    whole = Bounds(minutes=_OTHER_BUDGET * len(teams))
    shared = budgets.written(Shared(organisation=whole, teams=teams))
    found: dict[str, str] = {}
    for place in town.places:
        if not place.left:
            found[budgets.key(place.id)] = shared
            found[effective.key(place.id)] = effective.written(_known(town, place))
    return found


def _known(town: Town, place: Place) -> Known:
    is_stopped = place.repository.full_name == STOPPED
    own = Config.model_validate({"limits": {"open": 3 + place.id % 2}}) if place.id % 3 else Config()
    said = Config.model_validate({"capacity": {"team": place.team.name}})
    return Known(
        NOW - timedelta(hours=1),
        f"{town.chance(f'commit {place.id}').getrandbits(160):040x}",
        ".github/kotsu.yml" if place.id % 3 or is_stopped else "",
        own,
        said,
        None,
        ("4: `limit` is unknown: `limits`",) if is_stopped else (),
        holds=not is_stopped,
    )


def _withheld(town: Town, place: Place) -> Sequence[WithheldRow]:
    if place.repository.full_name == STOPPED:
        return [WithheldRow("kotsu.yml", "", "Everything", Reason.BROKEN_CONFIGURATION.id, STOPPED_BECAUSE)]
    chance = town.chance(f"withheld {place.id}")
    is_full = place.team.name == OVERLOADED
    if chance.random() > _WAITING and not is_full:
        return ()
    wares = chance.sample([ware for ware in ALONE if ware.improvement != PAUSED], chance.randint(2, 6))
    return [_waiting(chance, place, ware, is_full=is_full) for ware in wares]


def _waiting(chance: Random, place: Place, ware: Ware, *, is_full: bool) -> WithheldRow:
    target = chance.choice(ware.targets) if ware.targets else ""
    key = ware.key(target)
    if is_full:
        words = f"Its review takes about {ware.cost} minutes, and the budget of `{place.team.name}` has"
        others = f"{_BUDGET} of them for what comes first elsewhere"
        reason, sentence = Reason.TEAM_BUDGET, f"{words} {_BUDGET} of {_BUDGET} left this week, {others}."
    else:
        # Only what is about a dependency can wait for a fix of the same.
        able = [one for one in (*_OF_PACE, *_OTHERS) if one is not Reason.FIX_FIRST or target]
        reason = chance.choice(able)
        sentence = reason.value
    row = WithheldRow(key, ware.improvement, ware.title(target), reason.id, sentence)
    if not reason.passes:
        return row
    return WithheldRow(
        *(row.key, row.improvement, row.title, row.reason, row.sentence),
        since=NOW - timedelta(days=chance.uniform(0.3, 33 if is_full else 9)),
        seen=NOW - timedelta(hours=chance.uniform(1, 23)),
        cost=ware.cost,
        value=chance.randint(5, 90),
        team=place.team.name,
    )


def _deeds(book: Ledger, town: Town) -> None:
    """Write what people did on the pages."""
    chance = town.chance("deeds")
    people = [who for team in TEAMS for who in team.people]
    worked_on = [place for place in town.places if not place.left]
    moments = sorted(NOW - timedelta(minutes=chance.randint(5, 20_000)) for _ in range(60))
    for at in moments:
        who, place = chance.choice(people), chance.choice(worked_on)
        action = chance.choice(("sign-in", "sign-in", "scan", "retry"))
        where = {"installation_id": place.repository.installation_id, "repository_id": place.id}
        about = {} if action == "sign-in" else {**where, "target": place.repository.full_name}
        book.audit.note(who, action, at, **about)  # type: ignore[arg-type]  # columns by their names
