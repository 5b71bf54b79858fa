"""The pure middle of the flow in one step: the same for a folder on a laptop and for a push to GitHub."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, partial
from typing import TypeVar

from codemods import engine, pins, places, promises, registry
from codemods.debts import Promise
from codemods.idle import Idle
from codemods.mentions import Mention
from codemods.model import Facts, Finding, Problem, Releases, Tree, Upgrade
from codemods.registry import Improvement
from codemods.shipped import Shipment
from workers import (
    background,
    bundles,
    capacity,
    discover,
    draft,
    errands,
    evidence,
    facts,
    freight,
    linter,
    owed,
    owners,
    plan,
    promised,
    prove,
    renew,
    ride,
    rules,
    tickets,
    timings,
    tracing,
)
from workers.bench import Bench
from workers.campaigns import Turn
from workers.config import Config
from workers.errands import Spread
from workers.freight import Freight
from workers.model import (
    Apart,
    Background,
    Blame,
    Candidate,
    Past,
    Plan,
    Report,
    State,
    Trial,
    Wanted,
    key_of,
)
from workers.solver import Solver

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Request:
    """What to scan and under which circumstances.

    ``subjects`` are the newest commits' subjects, ``past`` our earlier pull requests (the newest first),
    ``outside`` what other repositories take of shared budgets, ``turns`` what campaigns say, ``now`` is UTC;
    ``solver`` says whether requirements can be installed and writes lock files (None: nobody is asked);
    ``background`` tells what new releases bring; ``migrations`` are those that may ride with an upgrade,
    ``compare`` tells what is different in a release by name, and ``freight`` which migrations it brings
    itself; ``track`` tells what became of issues, ``history`` how long workflows took, and ``blame`` who
    wrote the lines of a file;
    ``everything`` ignores the limits of pace; ``wanted`` is what people asked of single keys; ``proofs`` is
    how many of the first proposals the solver is asked about (None: all); ``paths`` are the files to look
    at, where not all are; ``apart`` are members of groups that go alone; ``branch`` is the default branch,
    ``""`` if unknown. With a ``trial`` nothing is looked for but that part of a group.
    """

    tree: Tree
    catalogue: discover.Catalogue
    config: Config
    now: datetime
    lookup: facts.Lookup
    advise: facts.Advise = facts.unadvised
    subjects: Sequence[str] = ()
    branch: str = ""
    past: Sequence[Past] = ()
    apart: Sequence[Apart] = ()
    trial: Trial | None = None
    outside: capacity.Outside = capacity.NOTHING
    turns: Sequence[Turn] = ()
    everything: bool = False
    wanted: Wanted = plan.NOTHING
    proofs: int | None = None
    paths: frozenset[str] | None = None
    solver: Solver | None = None
    background: background.Ask = background.nothing
    migrations: discover.Catalogue = field(default_factory=dict)
    compare: ride.Comparing = ride.nothing
    freight: Freight = freight.EMPTY
    track: tickets.Track = tickets.nothing
    history: timings.Ask = timings.nothing
    memory: discover.Memory | None = None
    spread: Spread = map
    blame: Callable[[str], Sequence[Blame]] = lambda _: ()
    progress: Callable[[int, int], None] = lambda *_: None


@tracing.span("scan")
def run(request: Request) -> Report:
    """Return what to propose, what was withheld and why, and what could not be read."""
    request = _narrowed(request, request.trial) if request.trial else request
    config = request.config
    held = _promises(request)
    heard = facts.Heard(request.advise)
    known, problems = _known(replace(request, advise=heard), held or {})
    discovery = discover.run(
        request.tree,
        request.catalogue,
        known,
        config,
        memory=request.memory,
        spread=request.spread,
        paths=request.paths,
        progress=request.progress,
    )
    failed: list[Problem] = []
    road = _road(request, known, failed)
    examine = partial(request.spread, errands.EXAMINE)
    seen = evidence.Evidence(request.history, request.past, request.now, request.branch, examine)
    found = [*_bundled(discovery.findings, request), *_advice(request, known, seen)]
    made = _planned(found, request, road, failed, seen)
    told, untold = _background(made, request, known)
    semantic = draft.is_semantic(request.subjects)
    proposals = [
        draft.write(
            c,
            request.catalogue[c.improvement],
            config,
            semantic=semantic,
            known=told,
            apart=request.apart,
            shown=seen.shown(c, request.catalogue[c.improvement]),
        )
        for c in made.now
    ]
    unread = dict.fromkeys(
        (*problems, *getattr(request.tree, "problems", ()), *discovery.problems, *failed, *untold)
    )
    unknown = frozenset(name for name, releases in known.releases.items() if releases.error)
    debts = None if held is None else promises.judged(held, known)
    problems = tuple(sorted(unread, key=lambda p: (p.path, p.line)))
    is_whole = request.paths is None and request.trial is None
    whole = known if is_whole else None
    return Report(proposals, made.later, problems, unknown, debts, whole, is_advised=not heard.words)


def _known(request: Request, held: Mapping[str, Sequence[Promise]]) -> tuple[Facts, tuple[Problem, ...]]:
    """Return what is known of the tree and of the world, and what could not be read."""
    named = promises.issues(one for ones in held.values() for one in ones) | _pinned(request)
    known, problems = facts.answer(
        request.tree,
        request.catalogue,
        request.config,
        request.now.date(),
        request.lookup,
        advise=request.advise,
        issues=request.track(named),
    )
    merged = frozenset(p.key for p in request.past if p.state is State.MERGED)
    tools = request.solver.tools if request.solver else frozenset()
    absent = promises.absent(request.tree, held)
    idle, silent = _idle(request)
    known = replace(known, tools=tools, merged=merged, absent=absent, idle=idle, branch=request.branch)
    return known, (*problems, *silent)


def _idle(request: Request) -> tuple[Mapping[str, Idle], tuple[Problem, ...]]:
    """Return which codes in comments silence nothing, where anybody wants to know, and why nobody knows."""
    wanting = [i for i in request.catalogue.values() if "idle" in i.about.asks]
    if not wanting or request.solver is None or request.proofs == 0:
        return {}, ()

    def is_wanted(path: str) -> bool:
        return any(_is_wanted(request, improvement, path) for improvement in wanting)

    return linter.found(request.tree, is_wanted, request.solver.judge, request.memory)


def _advice(request: Request, known: Facts, seen: evidence.Evidence) -> Iterator[Finding]:
    """Yield what there is to say of workflows by how long they took."""
    for improvement in filter(evidence.advises, request.catalogue.values()):
        paths = [p for p in request.tree.paths() if _is_wanted(request, improvement, p)]
        yield from seen.advice(
            improvement, rules.facts(known, improvement, request.config), request.tree, paths
        )


def _is_wanted(request: Request, improvement: Improvement, path: str) -> bool:
    """Say whether an improvement is to look at a file."""
    reads = engine.reads(improvement, path) and not request.config.ignored(path, improvement.id)
    return reads and (request.paths is None or path in request.paths)


def _road(request: Request, known: Facts, failed: list[Problem]) -> ride.Road:
    """Return what migrations ride on; ``failed`` learns what could not be looked at."""
    return ride.Road(
        request.tree,
        _migrations(request),
        request.config,
        known,
        _carefully(request.compare, failed, ""),
        Freight(
            _carefully(request.freight.look, failed, Shipment()),
            freight.remembering(request.freight.run, request.memory),
        ),
        partial(request.spread, errands.EXAMINE),
    )


def _promises(request: Request) -> Mapping[str, Sequence[Promise]] | None:
    """Return the promises of the tree, None where nobody wants to know of them."""
    config = request.config
    wants = config.dashboard or config.todo.issues
    wants = wants or any("issues" in i.about.asks for i in request.catalogue.values())
    if not wants or request.paths is not None or request.trial:
        return None
    return promised.read(
        request.tree,
        config.todo.tags,
        lambda path: places.matches(path, config.ignore),
        request.memory,
        request.spread,
    )


def _pinned(request: Request) -> frozenset[Mention]:
    """Return the issues that comments beside versions wait for, where anybody wants to know of them."""
    wants = any("issues" in i.about.asks for i in request.catalogue.values() if i.kind in registry.TREES)
    return pins.issues(request.tree) if wants else frozenset()


def _narrowed(request: Request, trial: Trial) -> Request:
    """Return a request for a part of a group alone: what came out since its pull request does not count."""
    newest = trial.newest

    def lookup(names: frozenset[str]) -> Mapping[str, Releases]:
        found = request.lookup(names)
        known = {n: [r for r in found[n].releases if r.version <= newest[n]] for n in newest if n in found}
        return {**found, **{n: replace(found[n], releases=tuple(r)) for n, r in known.items()}}

    improvement = trial.group.partition("/")[0]
    catalogue = {id_: i for id_, i in request.catalogue.items() if id_ == improvement}
    narrowed = replace(request, catalogue=catalogue, lookup=lookup, past=(), everything=True)
    # The group is open already: what else pauses here is no concern of it.
    return replace(narrowed, outside=capacity.NOTHING)


def _bundled(findings: Sequence[Finding], request: Request) -> list[Finding]:
    if request.trial:
        return bundles.only(findings, request.trial)
    aged = _aged(findings, request)
    return bundles.bundled(aged, request.catalogue, request.config, request.past, request.apart)


def _planned(
    findings: list[Finding],
    request: Request,
    road: ride.Road,
    failed: list[Problem],
    seen: evidence.Evidence,
) -> Plan:
    """Plan until everything that is proposed now is proven: a proof that fails makes room for another.

    ``failed`` learns what could not be looked at on the way, ``seen`` how long workflows took.
    """
    proven: set[str] = set()
    owned = owners.found(request.tree)
    while True:
        made = plan.make(
            findings,
            request.catalogue,
            request.config,
            request.past,
            request.now,
            everything=request.everything,
            owners=owned,
            wanted=request.wanted,
            outside=request.outside,
            turns=request.turns,
        )
        if unseen := [c for c in made.now if seen.is_missing(c, request.catalogue[c.improvement])]:
            findings = _measured(findings, unseen, request, road, seen)
            continue
        waiting: dict[str, list[Sequence[str]]] = {}
        for candidate in made.now[: request.proofs]:
            if candidate.improvement in _PROVEN | _RELOCKED | _TESTED and candidate.key not in proven:
                waiting.setdefault(candidate.improvement, []).append(candidate.targets)
                proven |= {candidate.key, *(key_of(candidate.improvement, t) for t in candidate.targets)}
        if not waiting:
            return made
        for id_, asked_for in waiting.items():
            if request.solver is not None and id_ not in _TESTED:
                improvement = request.catalogue[id_]
                asked = rules.facts(road.facts, improvement, request.config)
                bench = Bench(request.tree, improvement, asked, request.solver, request.lookup)
                if id_ in _RELOCKED:
                    findings = renew.beside(bench, findings)
                else:
                    findings = prove.proven(bench, asked_for, findings)
            for names in asked_for:
                findings = ride.along(road, findings, names, failed)


def _measured(
    findings: list[Finding],
    candidates: Sequence[Candidate],
    request: Request,
    road: ride.Road,
    seen: evidence.Evidence,
) -> list[Finding]:
    """Return the findings with what rests on how long workflows took."""
    for candidate in candidates:
        improvement = request.catalogue[candidate.improvement]
        asked = rules.facts(road.facts, improvement, request.config)
        findings = seen.applied(candidate, improvement, asked, request.tree, findings)
    return findings


def _migrations(request: Request) -> list[Improvement]:
    """Return the migrations that may ride: all that kotsu.yml leaves, whatever is looked for."""
    left = discover.select(request.migrations, request.config)
    return [improvement for improvement in left.values() if improvement.distribution]


def _carefully(
    ask: Callable[[Upgrade, Releases], Answer | Problem], failed: list[Problem], nothing: Answer
) -> Callable[[Upgrade, Releases], Answer]:
    """Return a question of which a bug becomes a problem: what is nice to know must not cost the scan."""

    def asked(upgrade: Upgrade, releases: Releases) -> Answer:
        try:
            found = ask(upgrade, releases)
        except Exception as error:  # noqa: BLE001 -- as above
            words = f"{upgrade.name} was not compared: {type(error).__name__}: {error}"
            found = Problem(".", 1, words, beside=True)
        if isinstance(found, Problem):
            failed.append(found)
            return nothing
        return found

    return asked


def _background(
    made: Plan, request: Request, known: Facts
) -> tuple[Mapping[Upgrade, Background], tuple[Problem, ...]]:
    """Return what is known of the upgrades that are proposed now; a bug there becomes a problem."""
    upgrades = dict.fromkeys(u for candidate in made.now for u in candidate.upgrades)
    try:
        return request.background(tuple(upgrades), known.releases) if upgrades else {}, ()
    except Exception as error:  # noqa: BLE001 -- what is nice to know must not cost the scan
        return {}, (Problem(".", 1, f"release notes failed: {type(error).__name__}: {error}", beside=True),)


_PROVEN = frozenset({"upgrade-dependency", "fix-vulnerable-dependency"})
"""The improvements whose proposals a resolver has to agree with."""
_RELOCKED = frozenset({"python-floor"})
"""Those after which lock files are written again though nothing in them moves."""
_TESTED = frozenset({"new-python-in-matrix"})
"""Those that let tests run on something else, which needs no resolver."""


def _aged(findings: Sequence[Finding], request: Request) -> list[Finding]:
    """Add to each advice about a comment who wrote it, and how long ago."""
    blame = cache(request.blame)
    return [
        replace(f, message=f.message + _age(f, blame(f.path), request.now))
        if f.edit is None and request.catalogue[f.improvement].kind == "comments"
        else f
        for f in findings
    ]


def _age(finding: Finding, blames: Sequence[Blame], now: datetime) -> str:
    found = next((b for b in blames if b.first <= finding.line <= b.last), None)
    if found is None:
        return ""
    age = owed.age((now.date() - found.day).days)
    return f" (by {' '.join(found.author.split())[:60]}, {age} ago)"
