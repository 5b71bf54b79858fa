"""The commands about kotsu.yml: what is wrong with it, what it brings, and its schema."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--policy",
    "bounds",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    envvar="KOTSU_POLICY",
    help="Check this policy of a server too, and say what the file asks for beyond it.",
)
@click.option("--organisation", is_flag=True, help="It is that of the organisation's .github repository.")
@click.option(
    "--plan",
    "planned",
    is_flag=True,
    help="Say how many pull requests it brings here, beside the committed one.",
)
@click.option("--offline", is_flag=True, help="With --plan: ask neither package index nor advisories.")
def check(
    file: Path | None, *, bounds: Path | None, organisation: bool, planned: bool, offline: bool
) -> None:
    """Check a kotsu.yml (default: the one of this folder). Exit 2 when it has mistakes."""
    from workers import config, policy  # noqa: PLC0415 -- help must not load it

    allowed = policy.read(bounds.read_bytes(), str(bounds)) if bounds else None
    if isinstance(allowed, config.Broken):
        click.echo(str(allowed), err=True)
        sys.exit(2)
    path = file or next((p for p in map(Path, config.PATHS) if p.exists()), None)
    if path is None:
        click.echo(f"There is no {' and no '.join(config.PATHS)} here: the defaults hold.")
        return
    try:
        read = config.read(path.read_bytes(), str(path), organisation=organisation)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None
    if isinstance(read, config.Broken):
        click.echo(str(read), err=True)
        sys.exit(2)
    click.echo(f"{path}: good.")
    if said := policy.beyond(read, allowed):
        click.echo(said)
    if planned:
        from app import planning  # noqa: PLC0415 -- a check alone must not load the improvements

        brought = planning.compared(read, bounds=allowed, offline=offline)
        click.echo(f"With this file: {brought.sentence}.\n\n{brought.summary()}", nl=False)


@click.command()
def schema() -> None:
    """Print the JSON Schema of kotsu.yml."""
    from workers import config  # noqa: PLC0415 -- help must not load it

    click.echo(json.dumps(config.schema(), indent=2))
