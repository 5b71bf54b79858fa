"""The set-up: from an address that is good once to an App whose secrets nobody saw, without a restart."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from app import invitation, setup
from demo.github import LocalGitHub
from tests.app.browsing import HOME, Browser
from tests.app.serving import Server, serving, signature
from workers import identity
from workers.ledger import Standing
from workers.permissions import EVENTS, PERMISSIONS
from workers.settings import Settings

KEY = Fernet.generate_key().decode()
_FORM = re.compile(
    r'<form method="post" action="([^"]+)">\s*<input type="hidden" name="manifest" value="([^"]+)">'
)


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def unknown(github: LocalGitHub, sqlite_url: str, **more: object) -> Iterator[Server]:
    """Serve before anybody has set up the App."""
    given = {"public_url": HOME, "github_api_url": github.api_url, "encryption_keys": (KEY,), **more}
    with serving(sqlite_url, secrets=(), **given) as server:  # type: ignore[arg-type]  # handed on
        yield server


@pytest.fixture
def server(github: LocalGitHub, sqlite_url: str) -> Iterator[Server]:
    with unknown(github, sqlite_url) as running:
        yield running


def invited(server: Server, **more: object) -> Browser:
    """Return a browser that has opened the address."""
    token = invitation.new(server.book, now(), **more)  # type: ignore[arg-type]  # handed on
    browser = Browser(server)
    assert browser.get(f"/setup/open/{token}").headers["location"] == "/setup"
    return browser


def form(browser: Browser, organization: str = "acme") -> tuple[str, dict[str, object]]:
    """Return where the form leads, and the manifest in it."""
    text = browser.get(f"/setup?organization={organization}").text
    found = _FORM.search(text)
    assert found, text
    return html.unescape(found[1]), json.loads(html.unescape(found[2]))


def pressed(browser: Browser, organization: str = "acme") -> str:
    """Press the button, and the one on GitHub's page; return where GitHub sends the browser."""
    action, manifest = form(browser, organization)
    answer = browser.server.client.post(action, data={"manifest": json.dumps(manifest)})
    assert answer.status_code == 302, answer.text
    location: str = answer.headers["location"]
    assert location.startswith(f"{HOME}/setup/created?")
    return location


def known(server: Server, **more: object) -> Settings:
    given = Settings(Path(), str(server.book.engine.url), encryption_keys=(KEY,), **more)  # type: ignore[arg-type]  # handed on
    return identity.completed(given, identity.stored(given, server.book))


def test_two_clicks_make_the_app_and_deliveries_are_taken_without_a_restart(
    github: LocalGitHub, server: Server
) -> None:
    assert server.post({}).status_code == 503
    browser = invited(server)
    assert browser.get(pressed(browser)).headers["location"] == "/setup"
    app, made = github.world.app, known(server)
    assert (made.app_id, made.client_id, made.webhook_secrets) == (
        app.id,
        app.client_id,
        (github.world.webhook_secret,),
    )
    assert "PRIVATE KEY" in made.private_key
    body = b'{"zen": "Keep it simple."}'
    told = {"X-GitHub-Event": "ping", "X-GitHub-Delivery": "guid-1", "Content-Type": "application/json"}
    told["X-Hub-Signature-256"] = signature(body, github.world.webhook_secret)
    address = f"{server.url}/webhooks/github"
    assert server.client.post(address, content=body, headers=told).status_code == 202
    assert server.post({}).status_code == 401
    assert [(row.action, row.target) for row in server.book.audit.read(None)] == [("set-up", app.slug)]
    # People sign in with the new App's client.
    location = browser.get("/signin").headers["location"]
    assert f"client_id={app.client_id}" in location


def test_the_app_is_private_and_asks_for_what_is_used_and_no_more(server: Server) -> None:
    action, manifest = form(invited(server))
    assert "/organizations/acme/settings/apps/new?state=" in action
    assert manifest["public"] is False
    assert manifest["default_permissions"] == {name: one.level for name, one in PERMISSIONS.items()}
    assert manifest["default_events"] == sorted(EVENTS)
    assert manifest["hook_attributes"] == {"url": f"{HOME}/webhooks/github", "active": True}
    assert manifest["callback_urls"] == [f"{HOME}/signin/callback"]
    assert manifest["setup_url"] == f"{HOME}/setup"


def test_each_permission_and_event_is_explained(server: Server) -> None:
    text = html.unescape(invited(server).get("/setup?organization=acme").text)
    for one in (*PERMISSIONS.values(), *EVENTS.values()):
        assert one.why.replace("`", "") in text


def test_without_an_organisation_the_app_is_the_persons_own(server: Server) -> None:
    browser = invited(server)
    assert 'name="organization"' in browser.get("/setup").text
    assert "/settings/apps/new" in form(browser, "")[0]
    assert "/organizations/" not in form(browser, "")[0]


def test_the_organisation_that_was_named_is_proposed(server: Server) -> None:
    text = invited(server, organization="acme").get("/setup").text
    assert "<strong>acme</strong>" in text


def test_what_is_done_is_seen_step_by_step(github: LocalGitHub, server: Server) -> None:
    browser = invited(server)
    browser.get(pressed(browser))
    text = browser.get("/setup").text
    assert f"{github.url}/apps/{github.world.app.slug}/installations/new" in text
    assert text.count("✓") == 1
    assert 'http-equiv="refresh"' in text
    server.book.set_installation(7, "acme", Standing.ACTIVE, now())
    assert "✓ It is installed on 1 account." in browser.get("/setup").text


def test_only_this_page_may_post_to_github(github: LocalGitHub, server: Server) -> None:
    browser = invited(server)
    policy = browser.get("/setup?organization=acme").headers["content-security-policy"]
    assert f"form-action 'self' {github.url};" in policy
    # A form of nobody's might not be taken: GitHub learns our host, and no path.
    assert browser.get("/setup?organization=acme").headers["referrer-policy"] == "strict-origin"
    assert "form-action 'self';" in browser.get("/").headers["content-security-policy"]
    assert "<script" not in browser.get("/setup?organization=acme").text


# --- who may


def test_an_address_is_good_once(server: Server) -> None:
    token = invitation.new(server.book, now())
    first, second = Browser(server), Browser(server)
    assert first.get(f"/setup/open/{token}").status_code == 303
    answer = second.get(f"/setup/open/{token}")
    assert answer.status_code == 404
    assert "kotsu setup" in answer.text
    assert second.get("/setup").status_code == 403
    assert first.get("/setup").status_code == 200


def test_a_preview_of_a_link_does_not_use_it_up(server: Server) -> None:
    token = invitation.new(server.book, now())
    path = f"{server.url}/setup/open/{token}"
    assert server.client.head(path, headers={"Host": "127.0.0.1"}).status_code == 405
    assert Browser(server).get(f"/setup/open/{token}").status_code == 303


def test_an_address_ends_after_half_an_hour_and_with_the_next_one(server: Server) -> None:
    late = invitation.new(server.book, now() - invitation.GOOD - timedelta(seconds=1))
    assert Browser(server).get(f"/setup/open/{late}").status_code == 404
    before = invitation.new(server.book, now())
    invitation.new(server.book, now())
    assert Browser(server).get(f"/setup/open/{before}").status_code == 404


def test_whoever_guesses_gets_nothing_and_is_slowed_down(server: Server) -> None:
    invitation.new(server.book, now())
    statuses = [Browser(server).get(f"/setup/open/guess-{n}").status_code for n in range(30)]
    assert statuses[:20] == [404] * 20
    assert 429 in statuses[20:]


def test_the_ledger_does_not_hold_what_opens_the_set_up(server: Server) -> None:
    token = invitation.new(server.book, now())
    assert token not in server.book.marks.read("setup")[0]
    browser = Browser(server)
    browser.get(f"/setup/open/{token}")
    assert browser.cookies["__Host-kotsu-setup"] not in server.book.marks.read("setup")[0]


@pytest.mark.parametrize("change", ["state=x", "state=", "state=%C3%BC", "other"])
def test_a_way_back_that_began_elsewhere_does_nothing(server: Server, change: str) -> None:
    browser = invited(server)
    location = pressed(browser)
    wrong = Browser(server) if change == "other" else browser
    answer = wrong.get(re.sub(r"state=[0-9a-f]+", change, location) if change != "other" else location)
    assert answer.status_code == 400
    assert server.book.credentials.read() == {}
    assert browser.get(location).status_code == 303


def test_a_code_is_good_once(github: LocalGitHub, server: Server) -> None:
    browser = invited(server)
    location = pressed(browser)
    assert browser.get(location).status_code == 303
    before = server.book.credentials.read()
    assert browser.get(location).headers["location"] == "/setup"
    assert server.book.credentials.read() == before
    asked = [e for e in github.requests if e.template.startswith("/app-manifests/")]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "does not know this code"), (422, "does not know this code"), (500, "answered with 500: reload")],
)
def test_what_github_refuses_is_told_and_may_be_tried_again(
    github: LocalGitHub, server: Server, status: int, words: str
) -> None:
    browser = invited(server)
    location = pressed(browser)
    github.fail("POST", "/app-manifests/", status, body=b'{"message":"no"}')
    answer = browser.get(location)
    assert answer.status_code == 502
    assert words in answer.text
    assert server.book.credentials.read() == {}
    assert browser.get(location).status_code == 303


def test_what_github_handed_out_is_kept_until_the_ledger_takes_it(
    github: LocalGitHub, server: Server
) -> None:
    browser = invited(server)
    location = pressed(browser)
    path = str(server.book.engine.url.database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert browser.get(location).status_code == 503
        other.execute("ROLLBACK")
    assert browser.get(location).status_code == 303
    assert known(server).app_id == github.world.app.id


def test_a_fleet_without_an_encryption_key_is_told_before_anything_is_made(
    github: LocalGitHub, sqlite_url: str
) -> None:
    with unknown(github, sqlite_url, encryption_keys=(), broker_url="redis://127.0.0.1:1") as server:
        answer = invited(server).get("/setup?organization=acme")
    assert answer.status_code == 409
    assert "KOTSU_ENCRYPTION_KEY" in answer.text


def test_the_browsers_key_is_for_no_script_and_no_other_site(server: Server) -> None:
    token = invitation.new(server.book, now())
    (told,) = Browser(server).get(f"/setup/open/{token}").headers.get_list("set-cookie")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(told.split("; "))


def test_an_answer_that_is_none_is_told(github: LocalGitHub, server: Server) -> None:
    browser = invited(server)
    location = pressed(browser)
    github.fail("POST", "/app-manifests/", 201, body=b'{"id": 1}')
    assert "has a shape that is not known" in browser.get(location).text
    assert server.book.credentials.read() == {}


@pytest.mark.parametrize("code", ["", "../x", "a/b", "<script>"])
def test_a_code_that_is_none_is_never_asked_about(github: LocalGitHub, server: Server, code: str) -> None:
    browser = invited(server)
    state = pressed(browser).partition("state=")[2]
    answer = browser.get(f"/setup/created?{httpx.QueryParams({'code': code, 'state': state})}")
    assert answer.status_code == 502
    assert not [e for e in github.requests if "app-manifests" in e.path]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a/b", "../x", "a b", "x" * 40, '"onload="'])
def test_a_name_that_no_organisation_has_is_refused(server: Server, name: str) -> None:
    answer = invited(server).get(f"/setup?{httpx.QueryParams({'organization': name})}")
    assert answer.status_code == 400
    assert name not in answer.text


# --- an App that is there


def test_an_app_that_is_there_is_replaced_only_where_that_was_asked_for(
    github: LocalGitHub, server: Server
) -> None:
    browser = invited(server)
    browser.get(pressed(browser))
    first = github.world.app.id
    other = invited(server)
    answer = other.get("/setup?organization=acme")
    assert answer.status_code == 409
    assert "--again" in answer.text
    again = invited(server, again=True)
    again.get(pressed(again))
    assert github.world.app.id != first
    assert known(server).app_id == github.world.app.id


def test_the_app_of_the_environment_is_never_replaced(github: LocalGitHub, sqlite_url: str) -> None:
    with unknown(github, sqlite_url, app_id=github.world.app.id) as server:
        answer = invited(server, again=True).get("/setup?organization=acme")
        assert answer.status_code == 409
        assert "KOTSU_GITHUB_APP_ID" in answer.text


def test_whoever_installs_the_app_later_comes_to_the_pages(server: Server) -> None:
    browser = invited(server)
    browser.get(pressed(browser))
    answer = Browser(server).get("/setup?installation_id=1&setup_action=install")
    assert answer.headers["location"] == "/"


# --- where GitHub is, and we are


def test_a_server_that_github_cannot_reach_says_what_to_set(github: LocalGitHub, sqlite_url: str) -> None:
    with unknown(github, sqlite_url, public_url="") as server:
        token = invitation.new(server.book, now())
        client = httpx.Client(base_url=server.url)
        client.get(f"/setup/open/{token}")
        text = client.get("/setup?organization=acme").text
        client.close()
    assert "KOTSU_PUBLIC_URL" in text
    assert "KOTSU_POLL" in text
    assert _FORM.search(text) is None


def test_where_github_is_asked_there_is_no_webhook(github: LocalGitHub, sqlite_url: str) -> None:
    with unknown(github, sqlite_url, poll=60) as server:
        browser = invited(server)
        manifest = form(browser)[1]
        assert "hook_attributes" not in manifest
        assert "default_events" not in manifest
        browser.get(pressed(browser))
        assert known(server).webhook_secrets == ()
        assert known(server).app_id == github.world.app.id
        assert "✓ The App" in browser.get("/setup").text


def test_github_com_reaches_no_address_of_this_machine() -> None:
    local = Settings(Path(), "sqlite://", public_url="http://127.0.0.1:8000")
    assert not setup._is_reached(local)
    assert setup._is_reached(Settings(Path(), "sqlite://", public_url=HOME))
    assert setup._is_reached(
        Settings(
            Path(), "sqlite://", public_url="http://127.0.0.1:8000", github_api_url="http://127.0.0.1/api/v3"
        )
    )


def test_no_secret_rests_in_the_open(server: Server) -> None:
    browser = invited(server)
    browser.get(pressed(browser))
    page = browser.get("/setup").text
    with server.book.engine.connect() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM credential").all())
    made = known(server)
    for secret in (made.private_key.splitlines()[1], *made.webhook_secrets, made.client_secret):
        assert secret not in rows
        assert secret not in page
