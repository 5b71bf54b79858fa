"""Writes down what a scan saw of a repository, so that people can see over time what became of it.

Nothing is asked for it: what the scan knew is enough, and what it did not know stays as it was before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from packaging.version import Version

from codemods import affected, inventory, lags, lifespans, pythons, raising, standing, transitives
from codemods.clauses import Day, Together
from codemods.debts import Promise, Standing
from codemods.model import Facts, Tree
from codemods.version_places import everywhere
from workers import authors, ledger, logs, owed, owners, rules, scan
from workers.ledger.exposures import ExposureRow
from workers.ledger.freshness import FreshnessRow
from workers.ledger.horizons import HorizonRow
from workers.ledger.promises import PromiseRow
from workers.model import Report
from workers.world import Remembered, World

_FIX, _UPGRADE, _ENDS = "fix-vulnerable-dependency", "upgrade-dependency", "end-of-life"
_FLOOR = "python-floor"
_WAYS: Mapping[str, tuple[str, ...]] = {"python": (_FLOOR,), "package": (_ENDS, _UPGRADE)}
"""The improvements that end what comes to its end, by the kind of that; of all others `end-of-life` tells."""
_LONGEST, _MOST = 200, 2_000
"""Characters of a promise, and promises of a repository, that are kept: those that are due come first."""

log = logs.get(__name__)


@dataclass(frozen=True)
class _Sight:
    """What there is to write of: a repository, its tree, what was asked of the scan, and what came of it."""

    here: World
    repository_id: int
    tree: Tree
    asked: scan.Request
    report: Report
    facts: Facts
    now: datetime

    @cached_property
    def taken(self) -> Sequence[lags.Taken]:
        return lags.taken(self.tree, self.facts.releases, self.is_ignored(_UPGRADE))

    @cached_property
    def keys(self) -> Mapping[tuple[str, str], str]:
        return _keys(self.report)

    def is_ignored(self, improvement: str) -> Callable[[str], bool]:
        return lambda path: self.asked.config.ignored(path, improvement)

    def key(self, target: str, *improvements: str) -> str:
        """Return the key of what is proposed or withheld about a target, ``""`` for nothing."""
        return next((self.keys[i, target] for i in improvements if (i, target) in self.keys), "")


def note(here: World, repository_id: int, tree: Tree, asked: scan.Request, report: Report) -> None:
    """Write what a scan of a whole tree saw; a bug in that must not cost the scan, and is logged."""
    if report.facts is None:
        return
    sight = _Sight(here, repository_id, tree, asked, report, report.facts, here.clock())
    for write in (_freshness, _horizons, _exposures, _promises):
        try:
            write(sight)
        except ledger.Unavailable:
            raise  # as wherever the ledger is away: the job comes again
        except Exception:
            log.exception("not observed", part=write.__name__.strip("_"))


def _keys(report: Report) -> Mapping[tuple[str, str], str]:
    """Return the keys of what is proposed or withheld, by improvement and by each target."""
    proposed = {
        (p.improvement, target): p.key
        for p in report.proposals
        for target in (p.key.partition("/")[2], *(version.partition("==")[0] for version in p.versions))
    }
    withheld = {
        (w.improvement, target): w.key
        for w in report.withheld
        for target in (w.key.partition("/")[2], *w.targets)
    }
    return {**withheld, **proposed}


def _freshness(sight: _Sight) -> None:
    """Write how far dependencies are behind, unless nobody asked, or fewer are known as nobody answered."""
    releases = sight.facts.releases
    if _UPGRADE not in sight.asked.catalogue:
        return
    known = [lag for dependency in sight.taken if (lag := lags.of(dependency, releases))]
    if any(d.name in releases and releases[d.name].error for d in sight.taken):
        before = sight.here.book.freshness.last([sight.now.date()], [sight.repository_id])
        if not known or any(row.known > len(known) for row in before):
            return
    steps = Counter(lag.step for lag in known)
    behind = (steps["major"], steps["minor"], steps["patch"])
    counted = len(sight.taken), len(known), sum(lag.days for lag in known)
    sight.here.book.freshness.note(FreshnessRow(sight.repository_id, sight.now.date(), *counted, *behind))


def _horizons(sight: _Sight) -> None:
    """Write what ends some day, each once; what the calendar does not know has no end."""
    rows: dict[tuple[str, str], HorizonRow] = {}
    for lived in _living(sight):
        ways = _WAYS.get(lived.kind, (_ENDS,))
        if lived.cycle is None or sight.is_ignored(ways[0])(lived.path):
            continue
        key = _raise(sight, lived) or sight.key(lived.table, *ways)
        name = lived.kind, lived.subject
        row = HorizonRow(sight.repository_id, *name, lived.cycle.ends, lived.path, key)
        rows.setdefault(name, row)
    sight.here.book.horizons.replace(sight.repository_id, list(rows.values()))


def _raise(sight: _Sight, lived: lifespans.Lived) -> str:
    """Return the key of what raises the lowest Python beyond this one, ``""`` where nothing does."""
    floor = sight.asked.catalogue.get(_FLOOR)
    if lived.kind != "python" or floor is None:
        return ""
    days = int(rules.facts(sight.facts, floor, sight.asked.config).options["days"])
    step = raising.due(everywhere.read(sight.tree), sight.now.date(), days)
    lowest, above = map(pythons.text, step) if step else ("", "")
    is_left = step is not None and Version(lowest) <= Version(lived.version) < Version(above)
    return sight.key(lowest, _FLOOR) if is_left else ""


def _living(sight: _Sight) -> Iterator[lifespans.Lived]:
    """Yield what has a life of its own; of a package that is the version in use, if anybody can tell it."""
    yield from lifespans.ran(sight.tree)
    packages = {t.name: t for t in sight.taken if t.name in lifespans.PACKAGES and t.version}
    for name, taken in packages.items():
        yield lifespans.Lived("package", name, str(taken.version), taken.path, 1)
    yield from (o for o in lifespans.used(sight.tree) if o.kind != "package" or o.table not in packages)


def _exposures(sight: _Sight) -> None:
    """Write which weaknesses there are, unless nobody told, or only a part was looked at.

    What nobody can tell now is as it was before. One may get a better known name: it stays the same.
    """
    is_off = not sight.here.settings.advisories_url
    if is_off or not sight.report.is_advised or _FIX not in sight.asked.catalogue:
        return
    book, mine = sight.here.book.exposures, sight.repository_id
    open_ = {(row.package, row.advisory): row for row in book.read([mine], is_open=True)}
    rows = [row for (package, _), row in open_.items() if _is_unsure(sight, package)]
    for weak in affected.found(sight.tree, sight.facts, sight.is_ignored(_FIX)):
        ids = weak.advisory.ids
        name = next((id_ for id_ in ids if (weak.name, id_) in open_), ids[0])
        key = sight.key(weak.name, _FIX, _UPGRADE)
        published = _day(weak.advisory.published)
        rows.append(ExposureRow(mine, name, weak.name, weak.advisory.severity, key, published, sight.now))
    book.note(mine, rows, sight.now)


def _is_unsure(sight: _Sight, package: str) -> bool:
    """Say whether nobody can tell what is in use of a package: no index answers, or a file cannot be read."""
    known = inventory.read(sight.tree)
    is_named = package in known.by_name() or package in transitives.names(known)
    releases = sight.facts.releases.get(package)
    return bool(releases.error) if is_named and releases else not is_named and bool(known.problems)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _promises(sight: _Sight) -> None:
    """Write what is promised in comments; how many there are is counted where somebody looked for them."""
    book, debts = sight.here.book, sight.report.debts
    if debts is not None:
        counted = Counter(debt.stood.standing for debt in debts)
        book.debts.note(sight.repository_id, sight.now.date(), counted)
    order = list(Standing)
    first = sorted(debts or (), key=lambda d: (order.index(d.stood.standing), d.path, d.promise.line))[:_MOST]
    blame = authors.known({d.path for d in first}, sight.tree, Remembered(sight.here))
    found = owed.of(first, lambda path: blame.get(path, ()), owners.found(sight.tree))
    book.promises.replace(sight.repository_id, [_row(sight.repository_id, one) for one in found])


def _row(repository_id: int, one: owed.Owed) -> PromiseRow:
    promise = one.debt.promise
    said = "".join(c if c.isprintable() else " " for c in standing.shown(promise))[:_LONGEST]
    judged = one.debt.stood.standing.value
    place = repository_id, one.debt.path, promise.line
    return PromiseRow(*place, said, judged, one.owner, one.since, _due(promise))


def _due(promise: Promise) -> date | None:
    """Return the day on which a promise is due; of several conditions, all have to come true."""
    condition = standing.ends(promise)
    awaited = condition.all if isinstance(condition, Together) else (condition,)
    days = [one.day for one in awaited if isinstance(one, Day)]
    return max(days, default=None)
