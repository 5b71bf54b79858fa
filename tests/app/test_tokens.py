"""Tokens of scripts: what each may see, that it ends, and that nobody gets more by one than they have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from app import access, granting
from app.pages import tokens
from demo.github import LocalGitHub
from tests.app.browsing import HOME, Browser
from tests.app.serving import Server, serving
from tests.app.test_api import LISTS, filled
from tests.fleet import NOW
from workers import ledger
from workers.ledger import Ledger
from workers.messages import Event, Repository

DAY = timedelta(days=1)
VALUE = re.compile(r"<code>(kotsu_[\w-]{43})</code>")


@pytest.fixture
def signed(github: LocalGitHub, sqlite_url: str) -> Iterator[Server]:
    """A server where ada may see one repository and eve another."""
    for name, who in (("acme/shop", "ada"), ("other/vault", "eve")):
        github.repository(name, {"a.py": b"1\n"})
        github.people.grant(name, who)
    for name in ("acme", "other"):
        github.install(name)
    app = github.world.app
    app.callbacks.append(f"{HOME}/signin/callback")
    github.world.browser = "ada"
    keys = (Fernet.generate_key().decode(),)
    client = {"client_id": app.client_id, "client_secret": app.client_secret, "encryption_keys": keys}
    with serving(sqlite_url, public_url=HOME, github_api_url=github.api_url, **client) as server:
        for known in github.world.repositories.values():
            row = Repository(known.id, known.owner.login, known.name, "main", 7)
            server.book.upsert_repository(row, NOW)
        yield server


def made(browser: Browser, name: str = "report", days: str = "90") -> str:
    answer = browser._ask(
        "POST", tokens.PATH, {}, {"csrf": browser.csrf(tokens.PATH), "name": name, "days": days}
    )
    found = VALUE.search(answer.text)
    return found[1] if found else ""


def seen(server: Server, token: str) -> list[str] | int:
    headers = {"Authorization": f"Bearer {token}"}
    answer = server.client.get(f"{server.url}/api/v1/repositories", headers=headers)
    return [row["repository"] for row in answer.json()] if answer.status_code == 200 else answer.status_code


# --- of people


def test_a_token_sees_what_its_maker_may_see(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    assert seen(signed, made(browser)) == ["acme/shop"]


@pytest.mark.parametrize("name", LISTS)
def test_no_list_tells_a_person_of_what_others_own(signed: Server, name: str) -> None:
    ids = {row.full_name: row.id for row in signed.book.repositories()}
    for full_name in ("acme/shop", "other/vault"):
        filled(signed, ids[full_name])
    browser = Browser(signed)
    browser.go("/")
    headers = {"Authorization": f"Bearer {made(browser)}"}
    answer = signed.client.get(f"{signed.url}/api/v1/{name}", headers=headers)
    assert answer.status_code == 200
    assert "vault" not in answer.text
    if name not in ("pages", "report", "improvements"):
        assert {row["repository"] for row in answer.json()} == {"acme/shop"}
    asked = {"repository": "other/vault"}
    hidden = signed.client.get(f"{signed.url}/api/v1/{name}", headers=headers, params=asked)
    assert hidden.status_code == (200 if name in ("pages", "report", "repositories") else 404)
    for rest in ("", "/plan", "/debt", "/minutes", "/scans"):
        address = f"{signed.url}/api/v1/repositories/other/vault{rest}"
        assert signed.client.get(address, headers=headers).status_code == 404


def test_acceptance_counts_only_what_a_person_may_see(signed: Server) -> None:
    for row in signed.book.repositories():
        filled(signed, row.id)
    browser = Browser(signed)
    browser.go("/")
    headers = {"Authorization": f"Bearer {made(browser)}"}
    found = signed.client.get(f"{signed.url}/api/v1/improvements", headers=headers).json()
    assert {row["improvement"]: row["decided"] for row in found}["pinned-action"] == 1


def test_a_token_is_shown_once_and_the_ledger_cannot_tell_it(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    value = made(browser)
    page = browser.get(tokens.PATH).text
    assert "report" in page
    assert value not in page
    with signed.book.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM token").all()
    assert value not in str(rows)
    assert access.hashed(value) in str(rows)


def test_a_token_sees_nothing_while_its_maker_is_not_signed_in(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    value = made(browser)
    browser.post("/signout", browser.csrf("/"))
    assert seen(signed, value) == 401
    browser.go("/")
    assert seen(signed, value) == ["acme/shop"]


def test_who_takes_back_their_consent_takes_their_tokens_along(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    value = made(browser)
    with signed.book.engine.connect() as connection:
        (account,) = connection.exec_driver_sql("SELECT user_id FROM session").scalars()
    parted = Event("guid-1", "github_app_authorization", "revoked", parted=account)
    signed.book.record(parted, NOW)
    browser.go("/")
    assert seen(signed, value) == 401


def test_a_revoked_token_is_none(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    value, other = made(browser), made(browser, "other")
    found = re.search(r"other.*?/tokens/(\d+)/revoke", browser.get(tokens.PATH).text, re.DOTALL)
    assert found
    assert browser.post(f"/tokens/{found[1]}/revoke", browser.csrf(tokens.PATH)).status_code == 303
    assert (seen(signed, value), seen(signed, other)) == (["acme/shop"], 401)
    assert [row.action for row in signed.book.audit.read(None)][:3] == ["token-revoked", "token", "token"]


def test_nobody_revokes_or_reads_what_others_made(signed: Server, github: LocalGitHub) -> None:
    ada, eve = Browser(signed), Browser(signed)
    ada.go("/")
    value = made(ada, "of ada")
    github.world.browser = "eve"
    eve.go("/")
    assert "of ada" not in eve.get(tokens.PATH).text
    found = re.search(r"/tokens/(\d+)/revoke", ada.get(tokens.PATH).text)
    assert found
    assert eve.post(f"/tokens/{found[1]}/revoke", eve.csrf(tokens.PATH)).status_code == 404
    assert seen(signed, value) == ["acme/shop"]


@pytest.mark.parametrize("path", ["/tokens/{}/revoke", "/jobs/{}/retry"])
@pytest.mark.parametrize("id_", ["9" * 20, "9" * 4400, "x", "-1"])
def test_an_id_that_no_row_can_have_is_not_there(signed: Server, path: str, id_: str) -> None:
    browser = Browser(signed)
    browser.go("/")
    assert browser.post(path.format(id_), browser.csrf(tokens.PATH)).status_code == 404


@pytest.mark.parametrize(
    ("name", "days"), [("", "90"), ("x" * 61, "90"), ("a\nb", "90"), ("a", "0"), ("a", "9999"), ("a", "")]
)
def test_a_token_without_a_name_or_an_end_is_not_made(signed: Server, name: str, days: str) -> None:
    browser = Browser(signed)
    browser.go("/")
    assert made(browser, name, days) == ""
    assert "None." in browser.get(tokens.PATH).text


def test_without_the_forms_own_mark_nothing_is_made(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    form = {"csrf": "0" * 64, "name": "a", "days": "90"}
    assert browser._ask("POST", tokens.PATH, {}, form).status_code == 403
    assert "None." in browser.get(tokens.PATH).text


def test_a_token_of_a_person_does_not_open_the_measures(signed: Server) -> None:
    browser = Browser(signed)
    browser.go("/")
    value = made(browser)
    told = {"Authorization": f"Bearer {value}", "X-Forwarded-For": "203.0.113.7"}
    assert signed.client.get(f"{signed.url}/metrics", headers=told).status_code == 401


def test_github_is_not_asked_whose_token_opens_the_measures(signed: Server, github: LocalGitHub) -> None:
    browser = Browser(signed)
    answer = browser.get("/signin")
    for _ in range(2):
        answer = browser.get(answer.headers["location"])
    with signed.book.engine.connect() as connection:
        (account,) = connection.exec_driver_sql("SELECT user_id FROM session").scalars()
    now = ledger.clock(signed.book)()
    value = access.make(signed.book, now, name="report", who="ada", user_id=account)
    told = {"Authorization": f"Bearer {value}", "X-Forwarded-For": "203.0.113.7"}
    asked = len(github.requests)
    assert signed.client.get(f"{signed.url}/metrics", headers=told).status_code == 401
    assert len(github.requests) == asked


# --- of whoever runs the server


def kotsu_token(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(granting.token, arguments, env={"KOTSU_DATABASE_URL": url})


def test_whoever_runs_the_server_makes_one_that_sees_everything(signed: Server, sqlite_url: str) -> None:
    value = kotsu_token(sqlite_url, "create", "backup").stdout.strip()
    assert seen(signed, value) == ["acme/shop", "other/vault"]
    told = {"Authorization": f"Bearer {value}", "X-Forwarded-For": "203.0.113.7"}
    assert signed.client.get(f"{signed.url}/metrics", headers=told).status_code == 200
    listed = kotsu_token(sqlite_url, "list").stdout
    assert "backup" in listed
    assert value not in listed
    assert kotsu_token(sqlite_url, "revoke", listed.split()[0]).exit_code == 0
    assert seen(signed, value) == 401
    assert kotsu_token(sqlite_url, "revoke", "99").exit_code == 1


def test_the_command_line_touches_no_token_of_a_person(signed: Server, sqlite_url: str) -> None:
    browser = Browser(signed)
    browser.go("/")
    value = made(browser)
    assert kotsu_token(sqlite_url, "list").stdout == ""
    assert kotsu_token(sqlite_url, "revoke", "1").exit_code == 1
    assert seen(signed, value) == ["acme/shop"]


# --- the ledger


def test_a_token_ends_and_counts_as_used_once_an_hour(book: Ledger) -> None:
    book.tokens.add("d" * 64, NOW, name="a", who="ada", user_id=7, until=NOW + DAY)
    for minutes, used in ((0, 0), (59, 0), (60, 60)):
        assert book.tokens.find("d" * 64, NOW + minutes * timedelta(minutes=1))
        (row,) = book.tokens.read(7, NOW)
        assert row.used == NOW + used * timedelta(minutes=1)
    assert book.tokens.find("d" * 64, NOW + DAY) is None
    assert book.tokens.find("e" * 64, NOW) is None
    assert book.tokens.read(7, NOW + DAY) == []
    assert book.tokens.read(None, NOW) == []
