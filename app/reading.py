"""The commands that show the catalogue."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, as_json: bool) -> None:
    """List the improvements by category, the most valuable first."""
    from app import cataloguing  # noqa: PLC0415 -- help must not load it
    from codemods import registry  # noqa: PLC0415 -- the same

    found = registry.catalogue()
    if as_json:
        click.echo(json.dumps([_described(i) for i in found.values()], indent=2))
        return
    cataloguing.listed(found.values())


@click.command()
@click.argument("improvement")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(improvement: str, *, as_json: bool) -> None:
    """Explain one improvement: why, its risk, an example, and how to say no."""
    from app import cataloguing  # noqa: PLC0415 -- help must not load it
    from codemods import registry  # noqa: PLC0415 -- the same

    modules = registry.ids()
    if improvement not in modules:
        raise click.UsageError(unknown(improvement, modules))
    found = registry.load(modules[improvement])
    if as_json:
        claim = found.benchmark and asdict(found.benchmark)
        click.echo(json.dumps({**_described(found), "benchmark": claim, "page": found.page}, indent=2))
        return
    cataloguing.explained(found)


def unknown(improvement: str, modules: object) -> str:
    """Return what to say about an id that names no improvement."""
    import difflib  # noqa: PLC0415 -- only for a mistake

    near = difflib.get_close_matches(improvement, list(modules), n=1)  # type: ignore[call-overload]
    hint = f"Did you mean {near[0]!r}?" if near else "`kotsu list` names them."
    return f"There is no improvement {improvement!r}. {hint}"


def _described(improvement: object) -> dict[str, object]:
    from codemods.registry import Improvement  # noqa: PLC0415 -- help must not load it

    assert isinstance(improvement, Improvement)  # noqa: S101 -- for the type checker
    about = improvement.about
    return {
        "id": improvement.id,
        "kind": improvement.kind,
        "title": about.title,
        "category": about.category.value,
        "applicability": about.applicability.value,
        "risk": about.risk,
        "rationale": improvement.rationale,
        "references": list(about.references),
        "options": dict(about.options),
        "minutes": about.minutes,
        "default": about.default,
    }
