"""`kotsu setup`: prints the address where the App is made, and exchanges its secrets without a pause."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from workers import identity, ledger, registering, settings
from workers.ledger import Ledger
from workers.settings import Settings, SettingsError

_EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 -- addresses that a browser cannot ask
_ONE_MORE = 5.0
"""Seconds beyond those after which every process knows what is stored."""


@click.command()
@click.option("--url", help="Where browsers and GitHub reach the server, as KOTSU_PUBLIC_URL.")
@click.option("--organization", default="", help="Whose App it is to be; the page asks without it.")
@click.option("--github", help="The API of a GitHub Enterprise Server, as KOTSU_GITHUB_API_URL.")
@click.option("--again", is_flag=True, help="Make another App in the place of the one that is there.")
@click.option("--new-webhook-secret", is_flag=True, help="Exchange the webhook secret; nothing is missed.")
@click.option(
    "--new-private-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Sign with the key in this file from now on, and with the old one as long as GitHub asks for it.",
)
def setup(  # noqa: PLR0913 -- the options of a command
    *,
    url: str | None,
    organization: str,
    github: str | None,
    again: bool,
    new_webhook_secret: bool,
    new_private_key: Path | None,
) -> None:
    """Print an address, good once, at which a browser makes the GitHub App of this server."""
    if organization and not registering.is_account(organization):
        raise click.UsageError("GitHub has no organisation of this name.")
    with _open() as (given, book):
        if new_webhook_secret or new_private_key:
            _exchange(given, book, new_private_key, is_secret_new=new_webhook_secret)
            return
        _places(given, book, url, github)
        known = identity.completed(given, identity.stored(given, book))
        if identity.is_begun(given):
            raise click.UsageError(
                "The environment names an App, and has the last word: take KOTSU_GITHUB_APP_ID, "
                "KOTSU_GITHUB_PRIVATE_KEY and KOTSU_WEBHOOK_SECRET out of it first."
            )
        if known.app_id and not again:
            raise click.UsageError(
                "The App is there already (`kotsu doctor` says how it fares); --again makes another one."
            )
        click.echo(invited(known, book, known.port, organization=organization, again=again))


def invited(given: Settings, book: Ledger, port: int, *, organization: str = "", again: bool = False) -> str:
    """Return the words with a new one-time address; the one before it is worth nothing any more."""
    from app import invitation  # noqa: PLC0415 -- of all uses of this module few get here

    token = invitation.new(book, datetime.now(UTC), again=again, organization=organization)
    host = "127.0.0.1" if given.host in _EVERYWHERE else given.host
    base = given.public_url or f"http://{f'[{host}]' if ':' in host else host}:{port}"
    minutes = int(invitation.GOOD.total_seconds() // 60)
    return (
        f"Open this address in your browser to make the GitHub App. It is good once, for {minutes} minutes;\n"
        f"`kotsu setup` prints another one.\n\n    {base}/setup/open/{token}\n"
    )


@contextmanager
def _open() -> Iterator[tuple[Settings, Ledger]]:
    """Open the ledger, or say in one sentence what is wrong."""
    from app import database  # noqa: PLC0415 -- as above
    from workers import logs  # noqa: PLC0415 -- as above

    try:
        given = settings.read()
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    logs.redact(*given.secrets)
    database.prepare(given.database_url, alone=False)
    book = ledger.open(given.database_url)
    try:
        yield given, book
    except (ledger.Unavailable, SettingsError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        book.close()


def _places(given: Settings, book: Ledger, url: str | None, github: str | None) -> None:
    """Store where we and GitHub are, as the environment would say it."""
    told = {"KOTSU_PUBLIC_URL": url or "", "KOTSU_GITHUB_API_URL": (github or "").strip().rstrip("/")}
    if told["KOTSU_GITHUB_API_URL"] and "/api/" not in told["KOTSU_GITHUB_API_URL"]:
        told["KOTSU_GITHUB_API_URL"] += "/api/v3"
    read = settings.read({**told, "KOTSU_DATA_DIR": str(given.data_dir)})
    values = {"public_url": read.public_url} if url else {}
    values |= {"github_api_url": read.github_api_url} if github else {}
    if values:
        identity.store(given, book, values, datetime.now(UTC))


def _exchange(given: Settings, book: Ledger, key: Path | None, *, is_secret_new: bool) -> None:
    """Exchange what is stored; what the environment says is exchanged there."""
    values = identity.stored(given, book)
    if given.private_key or given.webhook_secrets or not values.get("private_key"):
        raise click.UsageError(
            "The secrets are in the environment: put both there, not here (docs/operations.md says how)."
        )
    if key is not None:
        click.echo(renew_key(given, book, key.read_text("utf-8")))
    if is_secret_new:
        click.echo(renew_webhook_secret(given, book, time.sleep))


def renew_key(given: Settings, book: Ledger, pem: str) -> str:
    """Store a key before the one that is there, and return what is left to do."""
    from workers import private_key  # noqa: PLC0415 -- as above

    if words := private_key.unusable(pem):
        raise click.UsageError(words)
    before = settings.keys(identity.stored(given, book)["private_key"])
    kept = [pem.strip(), *(one for one in before if one != pem.strip())][:2]
    identity.store(given, book, {"private_key": "\n".join(kept) + "\n"}, datetime.now(UTC))
    return "The new key signs within seconds. Delete the old one on the App's page at GitHub."


def renew_webhook_secret(given: Settings, book: Ledger, wait: Callable[[float], object]) -> str:
    """Let GitHub sign with another secret; killed at any point, both are taken until this is done again."""
    from workers import logs  # noqa: PLC0415 -- as above
    from workers.github import App, GitHubError  # noqa: PLC0415 -- as above

    known = identity.completed(given, identity.stored(given, book))
    new = secrets.token_hex(32)
    both = ",".join((new, *known.webhook_secrets))
    identity.store(given, book, {"webhook_secrets": both}, datetime.now(UTC))
    wait(identity.FRESH + _ONE_MORE)
    app = App(known.github_api_url, known.app_id or 0, known.private_key, redact=logs.redact_passing, pace=0)
    try:
        app.hook.sign_with(new)
    except GitHubError as error:
        raise click.ClickException(f"GitHub keeps the old secret, and both are taken: {error}") from None
    finally:
        with suppress(Exception):
            app.close()
    # What was signed with the old one is on its way.
    wait(identity.FRESH + _ONE_MORE)
    identity.store(given, book, {"webhook_secrets": new}, datetime.now(UTC))
    return "GitHub signs with the new webhook secret, and the old one is not taken any more."
