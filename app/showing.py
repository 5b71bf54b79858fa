"""How a plan looks on a terminal, and in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from io import TextIOWrapper
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.syntax import Syntax
from rich.text import Text

from codemods.model import Applicability, Edit
from workers import patch, plan
from workers.model import Proposal, Report, Withheld
from workers.reasons import Reason

_LONG = 200
"""Files from which a scan is worth a progress bar."""
_MANY = 20


def out() -> Console:
    """Return where to print: never cut, and without colours in a pipe."""
    if isinstance(sys.stdout, TextIOWrapper):
        # An arrow that the terminal's encoding does not have must not end the command.
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False, soft_wrap=True)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the error stream while a long scan runs, on a terminal only."""
    console = Console(stderr=True)
    columns = (TextColumn("Scanning"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)
    task = bar.add_task("scan", total=None)

    def advance(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if total >= _LONG:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()


@contextmanager
def waiting(words: str) -> Iterator[None]:
    """Say on the error stream what is waited for, on a terminal only."""
    console = Console(stderr=True)
    with console.status(words) if console.is_terminal else nullcontext():
        yield


def report(root: Path, found: Report, *, diff: bool) -> None:
    """Print proposals by category, what was withheld and why, and what could not be read."""
    console = out()
    if not found.proposals:
        nothing(root)
    ordered = sorted(found.proposals, key=lambda p: plan.ORDER.index(p.category))
    for category, group in groupby(ordered, key=lambda p: p.category.value):
        console.print(f"\n[bold]{category.capitalize()}[/bold]")
        for proposal in group:
            _line(console, proposal, proposal.edits)
            for remark in proposal.remarks:
                console.print(f"    [dim]{safe(remark)}[/dim]")
            if diff:
                _diff(console, proposal.patch)
    _withheld(console, found.withheld)
    if found.problems:
        console.print(f"\n[bold]Problems[/bold] ({len(found.problems)})")
        for problem in found.problems[:_MANY]:
            place = "" if problem.path == "." else f"{safe(problem.path)}:{problem.line}: "
            console.print(f"  {place}{safe(problem.message)}")
        _more(console, len(found.problems))
    _summary(console, root, found, diff=diff)


def safe(text: str) -> str:
    """Return foreign text as it can be printed: it neither steers the terminal nor is taken for markup."""
    return escape("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))


def _line(console: Console, proposal: Proposal, edits: Sequence[Edit]) -> None:
    added, removed = patch.count(edits)
    files = len(edits)
    unsafe = "" if proposal.applicability is Applicability.SAFE else "  [yellow]needs a review[/yellow]"
    console.print(
        f"  [cyan]{safe(proposal.key)}[/cyan]  {safe(proposal.title)}  "
        f"[dim]{files} file{'s' * (files != 1)},[/dim] [green]+{added}[/green] [red]-{removed}[/red]{unsafe}"
    )


def _diff(console: Console, text: str) -> None:
    """Print a patch: on a terminal what steers it is spelled out, elsewhere every byte is as it is."""
    if not console.is_terminal:
        console.file.write(text)
        return
    safe = "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
    if console.no_color:
        console.print(Text(safe), end="")
    else:
        console.print(Syntax(safe, "diff", theme="ansi_dark", background_color="default"))


def _withheld(console: Console, withheld: Sequence[Withheld]) -> None:
    if not withheld:
        return
    console.print(f"\n[bold]Not proposed now[/bold] ({len(withheld)})")
    order = list(Reason)
    by_reason = sorted(withheld, key=lambda w: order.index(w.reason))
    for (reason, above), group in groupby(by_reason, key=lambda w: (w.reason, _words(w))):
        rows = list(_rows(reason, group))
        console.print(f"  [dim]{safe(above)}[/dim]")
        for key, words in rows[:_MANY]:
            console.print(f"    [cyan]{safe(key)}[/cyan]  {safe(words)}")
        _more(console, len(rows))


def _words(withheld: Withheld) -> str:
    """Return the line above all that is withheld for the same: the sentence, where that says until when."""
    return withheld.sentence if withheld.wait else withheld.reason.value


def _rows(reason: Reason, withheld: Iterable[Withheld]) -> Iterator[tuple[str, str]]:
    """Yield keys with what is said of them; the parts that wait for one another share a line."""
    if reason is not Reason.SERIES_LIMIT:
        yield from ((w.key, w.sentence if w.sentence != _words(w) else w.title) for w in withheld)
        return
    for _, group in groupby(withheld, key=lambda w: w.improvement):
        first, *others = group
        yield first.key + (f" … {others[-1].key}" if others else ""), first.sentence


def _more(console: Console, count: int) -> None:
    if count > _MANY:
        console.print(f"    … and {count - _MANY} more: see --json")


def _summary(console: Console, root: Path, found: Report, *, diff: bool) -> None:
    minutes = sum(p.minutes for p in found.proposals)
    count, review = len(found.proposals), sum(p.cost for p in found.proposals)
    if count:
        where = f"{count} proposal{'s' * (count != 1)} for {safe(str(root))}"
        console.print(f"\n{where}, about {minutes} minute{'s' * (minutes != 1)} of work, {review} of review.")
        console.print(f"{'Write' if diff else 'See them with --diff, write'} them with `kotsu apply`.")
    if any(w.wait or w.reason is Reason.SERIES_LIMIT for w in found.withheld):
        console.print("With --all nothing waits for its turn.")


def later(moment: str) -> None:
    """Say that nothing would be opened before a moment."""
    out().print(f"Out of hours: this is what would be opened after {safe(moment)}.")


def nothing(root: Path) -> None:
    """Say that there is nothing to propose."""
    out().print(f"Nothing to propose now for {safe(str(root))}.")


def applied(proposal: Proposal, edits: Sequence[Edit]) -> None:
    """Say what was written."""
    console = out()
    _line(console, proposal, edits)
    for edit in edits:
        console.print(f"    [dim]wrote[/dim] {safe(edit.path)}")
