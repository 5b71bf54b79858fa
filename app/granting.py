"""`kotsu token`: whoever runs the server makes, lists and revokes tokens that see every repository."""

from __future__ import annotations

import sys

import click

from app import access, database
from workers import ledger

_LONGEST = 3650


@click.group()
def token() -> None:
    """Make, list and revoke tokens for the API that see every repository."""


@token.command()
@click.argument("name")
@click.option("--days", type=click.IntRange(1, _LONGEST), default=access.DAYS, show_default=True)
def create(name: str, days: int) -> None:
    """Make a token and print it: it is shown this once. NAME says what it is for."""
    with database.opened() as book:
        click.echo(
            access.make(book, ledger.clock(book)(), name=name, who="kotsu token", user_id=None, days=days)
        )


@token.command("list")
def list_() -> None:
    """List the tokens that hold, but for those of people."""
    with database.opened() as book:
        for row in book.tokens.read(None, ledger.clock(book)()):
            until = f"{row.until:%Y-%m-%d}" if row.until else "for ever"
            used = f"{row.used:%Y-%m-%d}" if row.used else "never"
            click.echo(f"{row.id}  {row.name}  until {until}  last used {used}")


@token.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Revoke the token of a NUMBER in the list."""
    with database.opened() as book:
        if not book.tokens.revoke(number, None):
            click.echo("There is no such token: see `kotsu token list`.", err=True)
            sys.exit(1)
