"""A promise is due, not yet, orphaned, or has no condition; what is closed has to have arrived."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from packaging.version import Version

from codemods import settled, source, standing
from codemods.debts import Standing, Stood
from codemods.mentions import Progress, Ticket
from codemods.model import Facts, Release, Releases

_CLICK = Releases(
    "click",
    tuple(
        Release(Version(version), uploaded=f"{day}T12:00:00Z")
        for version, day in (("8.0.0", "2021-05-11"), ("8.1.0", "2022-03-28"), ("8.0.9", "2024-06-01"))
    ),
)


def _stood(comment: str, *, click: str = "8.1.0", issue: Ticket | None = None) -> Stood:
    facts = Facts(
        date(2026, 11, 24),
        dependencies={"click": Version(click)},
        releases={"click": _CLICK},
    )
    names = ("#7", "pallets/click#7", "acme/tool#7") if issue else ()
    issues = {n: replace(issue, arrived=settled.has_arrived(n, issue, facts)) for n in names if issue}
    facts = replace(facts, issues=issues)
    text = f"{comment}\n"
    (todo,) = source.read("a.py", text.encode(), text).todos
    return standing.of(todo, facts)


_OPEN, _LOST = Ticket(Progress.OPEN), Ticket(Progress.GONE)
_DONE, _DROPPED = (Ticket(p, "2021-12-01") for p in (Progress.DONE, Progress.DROPPED))

_PULL, _OURS = replace(_DONE, pull=True), replace(_DONE, own=True)


@pytest.mark.parametrize(
    ("comment", "issue", "state"),
    [
        ("# TODO: remove when #7 is fixed", _DONE, Standing.DUE),
        ("# TODO: remove when #7 is fixed", _OPEN, Standing.NOT_YET),
        ("# TODO: remove when #7 is fixed", None, Standing.NOT_YET),
        ("# TODO: remove when #7 is fixed", _DROPPED, Standing.ORPHANED),
        ("# TODO: remove when #7 is fixed", _LOST, Standing.ORPHANED),
        ("# TODO(#7): make it faster", _LOST, Standing.ORPHANED),
        ("# TODO(#7): make it faster", _OPEN, Standing.UNCONDITIONAL),
        ("# HACK: workaround for pallets/click#7", _DONE, Standing.DUE),
        ("# HACK: workaround for #7", _DONE, Standing.NOT_YET),
        ("# TODO: remove once acme/tool#7 is fixed", _DONE, Standing.NOT_YET),
        ("# TODO[acme/tool#7 closed]: remove", _DONE, Standing.DUE),
        ("# TODO: remove once https://github.com/acme/tool/issues/7 is fixed", _OURS, Standing.DUE),
        ("# HACK: workaround for https://github.com/acme/tool/issues/7", _OURS, Standing.NOT_YET),
        ("# TODO: make it faster", None, Standing.UNCONDITIONAL),
        ("# TODO: fix #7", _DROPPED, Standing.ORPHANED),
        ("# TODO: https://github.com/pallets/click/issues/7", _DROPPED, Standing.ORPHANED),
        # What is only referred to is not what it is about.
        ("# TODO: like #7 but for sets", _DROPPED, Standing.UNCONDITIONAL),
        ("# TODO: make it faster, see pallets/click#7", _DROPPED, Standing.UNCONDITIONAL),
        ("# TODO: use the color #7", _LOST, Standing.UNCONDITIONAL),
        ("# TODO: numpy (GH-7) raises here", _DROPPED, Standing.UNCONDITIONAL),
        # A number of another tracker is that of some pull request here.
        ("# TODO: remove when #7 is fixed", _PULL, Standing.NOT_YET),
        (
            "# TODO: remove when bug #7 is resolved",
            replace(_PULL, progress=Progress.DROPPED),
            Standing.NOT_YET,
        ),
        ("# TODO(#7): make it faster", replace(_PULL, progress=Progress.DROPPED), Standing.UNCONDITIONAL),
        ("# TODO: remove once #7 is merged", _PULL, Standing.DUE),
        ("# TODO: remove once #7 is in", _PULL, Standing.DUE),
        ("# TODO: remove when PR #7 is done", _PULL, Standing.DUE),
        ("# TODO[#7]: remove", _PULL, Standing.DUE),
        ("# HACK: workaround for pallets/click#7", _PULL, Standing.DUE),
    ],
)
def test_an_issue_decides(comment: str, issue: Ticket | None, state: Standing) -> None:
    assert _stood(comment, issue=issue).standing is state


@pytest.mark.parametrize(
    ("click", "closed", "state"),
    [
        ("8.1.0", "2021-12-01", Standing.DUE),
        ("8.1.0", "2022-03-28", Standing.NOT_YET),
        ("8.0.0", "2021-12-01", Standing.NOT_YET),
        ("8.0.9", "2022-12-01", Standing.NOT_YET),  # of an older line than what was there already
        ("7.0", "2001-01-01", Standing.NOT_YET),  # the index does not know it
    ],
)
def test_what_is_closed_has_to_be_in_the_lowest_version(click: str, closed: str, state: Standing) -> None:
    comment = "# TODO: remove once https://github.com/pallets/click/issues/7 is fixed"
    assert _stood(comment, click=click, issue=Ticket(Progress.DONE, closed)).standing is state


@pytest.mark.parametrize(
    ("comment", "why"),
    [
        ("# TODO[2027-01-01]", "waits for 2027-01-01"),
        ("# TODO[py>=3.14]", "waits for a lowest Python at least 3.14"),
        ("# TODO[click>9]", "waits for a lowest `click` above 9"),
        ("# TODO[+httpx, 2001-01-01]", "waits for `httpx` to come"),
        ("# TODO: remove in 3.8", "3.8 may be a version of something else"),
        ("# TODO[pallets/click#7 closed]", "waits for `pallets/click#7`, which was not asked for"),
    ],
)
def test_it_says_what_is_waited_for(comment: str, why: str) -> None:
    assert _stood(comment).why == why


@pytest.mark.parametrize(
    ("owner", "person"),
    [
        *(("ann", True), ("@acme/web", True), ("Ann Lee", True), ("ann@example.com", True)),
        *(("#7", False), ("2026-01-01", False), ("py>=3", False), ("1.0", False), ("", False)),
    ],
)
def test_a_person_is_told_from_a_number(owner: str, person: bool) -> None:  # noqa: FBT001 -- expected
    assert standing.is_person(owner) is person
