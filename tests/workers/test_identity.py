"""Who the App is: from the environment or from the ledger, and exchanged while everything runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest
from cryptography.fernet import Fernet

from app import setting_up
from demo.github import LocalGitHub, keys
from tests.app.serving import SECRET, serving
from tests.fleet import NOW
from workers import identity, ledger, private_key, world
from workers.github import App, LockedOutError
from workers.github.signing import Signing
from workers.identity import Identity
from workers.ledger import Ledger
from workers.settings import Settings, SettingsError

NEW, OLD = Fernet.generate_key().decode(), Fernet.generate_key().decode()
STORED = {
    "app_id": "7",
    "private_key": "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----\n",
    "webhook_secrets": "canary-webhook",
    "client_id": "Iv1",
    "client_secret": "canary-client",
}


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def given(url: str, **more: object) -> Settings:
    return Settings(Path(), url, **{"encryption_keys": (NEW,), **more})  # type: ignore[arg-type]  # handed on


@pytest.fixture
def store(book: Ledger) -> Callable[..., None]:
    def keep(**values: str) -> None:
        identity.store(given(""), book, {**STORED, **values}, NOW)

    return keep


def test_what_is_stored_fills_what_the_environment_leaves_open(
    book: Ledger, store: Callable[..., None]
) -> None:
    store(public_url="https://kotsu.example.org", github_api_url="https://ghes.example/api/v3")
    found = Identity(given(""), book).now()
    assert (found.app_id, found.client_id, found.webhook_secrets) == (7, "Iv1", ("canary-webhook",))
    assert found.public_url == "https://kotsu.example.org"
    assert found.github_api_url == "https://ghes.example/api/v3"
    assert identity.is_whole(found)


def test_the_environment_has_the_last_word(book: Ledger, store: Callable[..., None]) -> None:
    store()
    found = Identity(given("", webhook_secrets=("mine",), client_id="Iv2"), book).now()
    assert (found.app_id, found.webhook_secrets, found.client_id) == (7, ("mine",), "Iv2")


def test_of_another_app_nothing_is_taken(book: Ledger, store: Callable[..., None]) -> None:
    store(public_url="https://kotsu.example.org")
    found = Identity(given("", app_id=8), book).now()
    assert (found.app_id, found.private_key, found.webhook_secrets) == (8, "", ())
    assert found.public_url == "https://kotsu.example.org"


def test_a_whole_environment_never_asks_the_ledger(book: Ledger) -> None:
    whole = given("", app_id=1, private_key="x", webhook_secrets=("s",))
    book.close()
    assert Identity(whole, book).kept is whole


def test_what_is_stored_later_is_known_soon(book: Ledger, store: Callable[..., None]) -> None:
    clock = Clock()
    known = Identity(given(""), book, clock)
    assert known.now().app_id is None
    store()
    assert known.now().app_id is None
    clock.seconds = identity.FRESH
    assert known.kept is None
    assert known.now().app_id == 7


def test_what_was_known_holds_while_the_ledger_is_silent(sqlite_url: str, tmp_path: Path) -> None:
    book, clock = ledger.open(sqlite_url), Clock()
    identity.store(given(""), book, STORED, NOW)
    known = Identity(given(""), book, clock)
    assert known.now().app_id == 7
    gone = replace(book, engine=ledger.open(f"sqlite:///{tmp_path}/none/x.db").engine)
    known.book, clock.seconds = gone, 100.0
    assert known.now().app_id == 7
    book.close()
    gone.close()


def test_another_encryption_key_is_told_with_what_to_do(book: Ledger, store: Callable[..., None]) -> None:
    store()
    wrong = given("", encryption_keys=(OLD,))
    with pytest.raises(SettingsError, match="KOTSU_ENCRYPTION_KEY"):
        identity.stored(wrong, book)
    assert Identity(wrong, book).now() is wrong


def test_an_encryption_key_is_exchanged_without_anything_lost(book: Ledger) -> None:
    identity.store(given("", encryption_keys=(OLD,)), book, STORED, NOW)
    both = given("", encryption_keys=(NEW, OLD))
    assert identity.stored(both, book) == STORED
    identity.seal_anew(both, book, NOW)
    assert identity.stored(given("", encryption_keys=(NEW,)), book) == STORED


# --- the private key


def app(github: LocalGitHub, pem: str) -> App:
    return App(github.api_url, github.world.app.id, pem, redact=lambda _: None, pace=0)


def test_while_keys_are_exchanged_the_one_that_github_knows_signs(github: LocalGitHub) -> None:
    stranger = keys.pair()[0]
    door = app(github, stranger + github.private_key)
    assert door.login == "kotsu[bot]"
    before = len(github.requests)
    assert list(door.hook.installations()) == []
    assert [e.status for e in github.requests[before:]] == [200]
    assert [e.status for e in github.requests[:before]] == [401, 200]
    door.close()


def test_the_new_key_signs_as_soon_as_github_knows_it(github: LocalGitHub) -> None:
    door = app(github, github.private_key + keys.pair()[0])
    assert door.login == "kotsu[bot]"
    assert [e.status for e in github.requests] == [200]
    door.close()


def test_keys_that_github_knows_no_more_are_told_once_each(github: LocalGitHub) -> None:
    door = app(github, keys.pair()[0] + keys.pair()[0])
    with pytest.raises(LockedOutError, match="KOTSU_GITHUB_PRIVATE_KEY"):
        list(door.hook.installations())
    assert [e.status for e in github.requests] == [401, 401]
    door.close()


def test_a_write_with_the_old_key_is_done_once(github: LocalGitHub) -> None:
    github.world.webhook_secret, github.world.webhook_url = "x" * 20, "http://127.0.0.1:9/"
    door = app(github, keys.pair()[0] + github.private_key)
    door.hook.sign_with("y" * 20)
    assert github.world.webhook_secret == "y" * 20
    assert [e.status for e in github.requests] == [401, 200]
    door.close()


def test_each_of_two_keys_has_to_be_one(key_pair: tuple[str, str]) -> None:
    pem = key_pair[0]
    assert private_key.unusable(pem + pem) == ""
    assert "damaged" in private_key.unusable(pem + pem.replace("MII", "MIX"))
    assert Signing(1, pem).in_turn() == (pem.strip(),)


def test_a_stored_key_is_put_before_the_old_one(book: Ledger, key_pair: tuple[str, str]) -> None:
    first, second = key_pair[0], keys.pair()[0]
    identity.store(given(""), book, {**STORED, "private_key": first}, NOW)
    assert "Delete the old one" in setting_up.renew_key(given(""), book, second)
    setting_up.renew_key(given(""), book, second)
    assert identity.stored(given(""), book)["private_key"] == second + first


def test_a_worker_signs_with_what_is_stored_meanwhile(
    github: LocalGitHub, book: Ledger, store: Callable[..., None]
) -> None:
    clock = Clock()
    known = Identity(given("", github_api_url=github.api_url), book, clock)
    process = world._Process(lambda _: None, known)
    with pytest.raises(world.UnknownAppError, match="kotsu setup"):
        process.world()
    store(app_id=str(github.world.app.id), private_key=keys.pair()[0])
    clock.seconds = 20
    first = process.world()
    with pytest.raises(LockedOutError):
        list(first.app.hook.installations())
    store(app_id=str(github.world.app.id), private_key=github.private_key)
    clock.seconds = 40
    second = process.world()
    assert list(second.app.hook.installations()) == []
    assert process.world() is second
    assert second.book is first.book
    first.app.close()
    second.app.close()


# --- the webhook secret


def test_a_webhook_secret_is_exchanged_and_each_delivery_is_taken(
    github: LocalGitHub, sqlite_url: str
) -> None:
    book, github.world.webhook_secret = ledger.open(sqlite_url), SECRET
    github.world.webhook_url = "http://127.0.0.1:9/"
    here = given(sqlite_url, github_api_url=github.api_url)
    about = {"app_id": str(github.world.app.id), "private_key": github.private_key}
    identity.store(here, book, {**STORED, **about, "webhook_secrets": SECRET}, NOW)
    taken: list[int] = []
    with serving(sqlite_url, secrets=(), encryption_keys=(NEW,), github_api_url=github.api_url) as server:
        assert server.post({"a": 1}, X_GitHub_Delivery="one").status_code == 202

        def wait(_: float) -> None:
            # Both are taken, whichever GitHub signs with now.
            for name, secret in (("old", SECRET), ("now", github.world.webhook_secret)):
                known = Identity(here, book).now().webhook_secrets
                assert secret in known, name
                taken.append(len(known))

        said = setting_up.renew_webhook_secret(here, book, wait)
    assert "not taken any more" in said
    assert taken == [2, 2, 2, 2]
    after = identity.stored(here, book)["webhook_secrets"]
    assert after == github.world.webhook_secret != SECRET
    book.close()


def test_where_github_keeps_the_old_secret_both_are_taken(github: LocalGitHub, sqlite_url: str) -> None:
    book = ledger.open(sqlite_url)
    here = given(sqlite_url, github_api_url=github.api_url)
    about = {"app_id": str(github.world.app.id), "private_key": github.private_key}
    identity.store(here, book, {**STORED, **about, "webhook_secrets": SECRET}, NOW)
    github.fail("PATCH", "/app/hook/config", 500, times=3)
    with pytest.raises(click.ClickException, match="both are taken"):
        setting_up.renew_webhook_secret(here, book, lambda _: None)
    assert SECRET in identity.stored(here, book)["webhook_secrets"].split(",")
    book.close()
