"""The commands that run: the receiver with or without its worker, and the fleet's processes."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from workers import settings
from workers.settings import Settings, SettingsError


def _settings(*needed: str) -> Settings:
    """Read the environment; exit 2 with what to set."""
    try:
        given = settings.read()
        settings.required(given, *needed)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    return given


@click.command()
def serve() -> None:
    """Run the receiver and its pages, and the worker too unless KOTSU_BROKER_URL is set."""
    given = _settings()
    _set_up(given)
    if given.embedded:
        _check(given)
    # What asks us to end is heard like Ctrl-C, so that every context is left in good order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _bound(given) as door, _alone(given.data_dir) if given.embedded else nullcontext():
        _prepare(given)
        _must_know(given, door.getsockname()[1])
        with _embedded(given) if given.embedded else nullcontext():
            _receive(given, door)


def _set_up(given: Settings) -> None:
    """Get logs ready, and this process, which holds the key."""
    from workers import logs, syscalls  # noqa: PLC0415 -- help must not load them

    syscalls.hide()
    logs.redact(*given.secrets)
    logs.set_up()


def _receive(given: Settings, door: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415 -- help must not load it

    from app import main  # noqa: PLC0415 -- the same
    from workers import logs  # noqa: PLC0415 -- the same

    host, port = door.getsockname()[:2]
    logs.get(__name__).info("receiver starts", address=f"http://{host}:{port}", data=str(given.data_dir))
    config = uvicorn.Config(
        main.create(given),
        log_config=None,
        access_log=False,
        server_header=False,
        http="httptools",
        loop="uvloop",
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )
    tune()
    with suppress(KeyboardInterrupt):  # uvicorn has stopped in good order, and raises it afterwards
        uvicorn.Server(config).run(sockets=[door])


def tune() -> None:
    """Let the interpreter of this process be as a server wants it, once all is loaded."""
    # Who writes to the database lets go of the interpreter at each row, and a burst must not keep it.
    sys.setswitchinterval(0.001)
    # A delivery is hundreds of objects that go with its answer, and none of them are a cycle to look for.
    gc.set_threshold(50_000, 20, 20)
    gc.freeze()


def _bound(given: Settings) -> socket.socket:
    """Take the address before anything else is begun."""
    family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
    try:
        return socket.create_server((given.host, given.port), family=family, backlog=2048)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        words = f"{given.host}:{given.port} cannot be used ({reason}): set KOTSU_HOST and KOTSU_PORT."
        raise click.UsageError(words) from None


def _check(given: Settings) -> None:
    """Refuse to start with a key that cannot sign or a git that cannot be used: every job would fail."""
    from app.doctor import machine  # noqa: PLC0415 -- help must not load it
    from workers import git, git_version, logs, private_key  # noqa: PLC0415 -- the same

    if given.private_key and (words := private_key.unusable(given.private_key)):
        raise click.UsageError(words)
    try:
        version = git_version.installed()
    except git.GitError as error:
        raise click.ClickException(f"{error}.") from None
    if words := git_version.unusable(version):
        raise click.ClickException(f"{words}.")
    log = logs.get(__name__)
    if words := git_version.unpatched(version):
        log.warning("git lacks fixes", reason=words)
    for found in machine.exposed(os.environ):
        log.warning(found.says, fix=found.fix)


def _must_know(given: Settings, port: int) -> None:
    """See to it that the App is known, or print where it is made; half of one is a mistake."""
    from app import setting_up  # noqa: PLC0415 -- help must not load it
    from workers import identity, ledger  # noqa: PLC0415 -- the same

    needed: tuple[str, ...] = () if given.poll else ("webhook_secrets",)
    needed += ("app_id", "private_key") if given.embedded else ()
    book = ledger.open(given.database_url)
    try:
        identity.seal_anew(given, book, datetime.now(UTC))
        known = identity.completed(given, identity.stored(given, book))
        if identity.is_begun(given):
            settings.required(known, *needed)
        elif not known.app_id:
            click.echo(setting_up.invited(known, book, port))
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    finally:
        book.close()


def _prepare(given: Settings) -> None:
    from app import database  # noqa: PLC0415 -- help must not load it

    database.prepare(given.database_url, alone=given.embedded)


def _must_be_current(given: Settings) -> None:
    from app import database  # noqa: PLC0415 -- help must not load it

    database.must_be_current(given.database_url)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process: a second embedded worker would be one too many."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "kotsu.lock").open("w", encoding="utf-8")
    except OSError as error:
        words = f"{data_dir} cannot be written ({error.strerror}): set KOTSU_DATA_DIR to another folder."
        raise click.UsageError(words) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            words = (
                f"Another `kotsu serve` uses {data_dir}: stop it, or set KOTSU_DATA_DIR to another folder."
            )
            raise click.UsageError(words) from None
        yield


@contextmanager
def _embedded(given: Settings) -> Iterator[None]:
    """Run the worker in this process; what a killed one left running is taken up at once."""
    from workers import ledger, queue  # noqa: PLC0415 -- help must not load it

    book = ledger.open(given.database_url)
    book.release("", datetime.now(UTC))
    book.close()
    with queue.embedded(stop_within=5.0):
        yield


@click.command()
def worker() -> None:
    """Run one worker of the fleet; `celery -A workers.queue worker` does the same."""
    _celery("worker", "--loglevel=INFO")


@click.command()
def beat() -> None:
    """Run the fleet's clock, once: `celery -A workers.queue beat` does the same."""
    _celery("beat", "--loglevel=INFO")


def _must_be_whole(given: Settings) -> None:
    """Refuse half of the App in the environment; where there is nothing of it, it is or will be stored."""
    from workers import identity, ledger  # noqa: PLC0415 -- help must not load it

    if not identity.is_begun(given):
        return
    book = ledger.open(given.database_url)
    try:
        settings.required(identity.Identity(given, book).now(), "app_id", "private_key")
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    finally:
        book.close()


def _celery(*arguments: str) -> None:
    given = _settings("broker_url")
    _set_up(given)
    if arguments[0] == "worker":
        _check(given)
        _must_be_current(given)
        _must_be_whole(given)
    from workers import queue  # noqa: PLC0415 -- the same

    sys.exit(queue.app.start(["--quiet", *arguments]))
