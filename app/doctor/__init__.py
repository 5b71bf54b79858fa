"""`kotsu doctor`: looks at settings, services and GitHub, and says how to fix what is wrong."""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from app.doctor.findings import Finding, Patient, State
from app.doctor.rounds import Check, made

if TYPE_CHECKING:
    from workers.settings import Settings

_SECONDS = 30.0
"""How long a check may take."""
_COLOURS = {State.FINE: "green", State.NOTE: "yellow", State.WRONG: "red", State.SKIPPED: "blue"}
_CHECKS = {
    "settings": "machine:settings",
    "secrets": "machine:secrets",
    "data": "machine:data",
    "versions": "machine:versions",
    "database": "foundations:database",
    "broker": "foundations:broker",
    "work": "foundations:work",
    "app": "github:app",
    "installations": "github:installations",
    "webhook": "github:webhook",
    "index": "sources:index",
    "advisories": "sources:weaknesses",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings for scripts.")
@click.option(
    "--only", multiple=True, type=click.Choice(tuple(_CHECKS)), help="Make this check alone; may be repeated."
)
def doctor(*, as_json: bool, only: Sequence[str]) -> None:
    """Check settings, services and GitHub; exit 1 where something has to be fixed, and say how.

    It changes nothing. It looks with the settings of its own environment: in a fleet, run it where a worker
    runs.
    """
    from workers import logs, redaction  # noqa: PLC0415 -- help must not load it

    given, mistakes = _told()
    logs.redact(*given.secrets)
    patient = Patient(given, mistakes, os.environ, datetime.now(UTC))
    found = made(patient, {name: _check(name) for name in only or _CHECKS}, _SECONDS)
    fine = not any(one.state is State.WRONG for findings in found.values() for one in findings)
    click.echo(redaction.clean(_json(found, fine=fine) if as_json else _lines(found, fine=fine)))
    if not fine:
        raise SystemExit(1)


def _told() -> tuple[Settings, Sequence[str]]:
    """Return the settings with what set-up stored, and what is wrong with either."""
    from workers import identity, ledger, settings  # noqa: PLC0415 -- as above

    given, mistakes = settings.told()
    try:
        if ledger.unfit(ledger.condition(given.database_url).revision):
            return given, mistakes
        book = ledger.open(given.database_url, patience=1.5)
        try:
            return identity.completed(given, identity.stored(given, book)), mistakes
        finally:
            book.close()
    except settings.SettingsError as error:
        return given, (*mistakes, str(error))
    except (ledger.Unavailable, OSError, ValueError):
        return given, mistakes  # the check of the database says why


def _check(name: str) -> Check:
    """Load one check: a container asks for two of them each half a minute."""
    module, _, function = _CHECKS[name].partition(":")
    check: Check = getattr(importlib.import_module(f"app.doctor.{module}"), function)
    return check


def _json(found: Mapping[str, Sequence[Finding]], *, fine: bool) -> str:
    listed = [
        {"check": name, "state": one.state.value, "says": one.says, "fix": one.fix}
        for name, findings in found.items()
        for one in findings
    ]
    return json.dumps({"version": 1, "fine": fine, "findings": listed}, indent=2, ensure_ascii=False)


def _lines(found: Mapping[str, Sequence[Finding]], *, fine: bool) -> str:
    lines = []
    for name, findings in found.items():
        for one in findings:
            state = click.style(f"{one.state:<8}", fg=_COLOURS[one.state])
            lines.append(f"{state}{name:<14} {one.says}")
            if one.fix:
                lines.append(f"{'':<8}{'':<14}   {one.fix}")
    last = "Nothing has to be fixed." if fine else "What is wrong has to be fixed, the first thing first."
    return "\n".join((*lines, "", last))
