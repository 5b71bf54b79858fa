"""GitHub Enterprise Server: older answers, a base path, a private authority, and a proxy on the way."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from demo.loopback import Answer, Loopback, Request
from tests.road import CLOCK, FILES, JOB, NAME, SHELF, UTCNOW, Road
from workers import git, logs, reconcile
from workers.github import App, GitHubError, PassingError, Repo

_LATER = frozenset(
    {"user_view_type", "visibility", "has_discussions", "web_commit_signoff_required", "allow_forking"}
    | {"is_template", "topics", "archived_at", "archived_by", "client_id", "suspended_by"}
    | {"auto_merge", "active_lock_reason", "author_association", "throttled_at", "documentation_url"}
)
"""What older servers do not say."""


def _stripped(value: Any) -> Any:
    """Return an answer without what is newer, and without what is nothing."""
    if isinstance(value, list):
        return [_stripped(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {n: _stripped(v) for n, v in value.items() if n not in _LATER and v is not None}


@pytest.fixture
def enterprise(road: Road) -> Road:
    """A road on which everything the API says is stripped."""
    server = road.hub.server._server
    answered = server.answer

    def answer(request: Request) -> Answer:
        found = answered(request)
        if not found.body or not found.headers.get("Content-Type", "").startswith("application/json"):
            return found
        kept = {name: value for name, value in found.headers.items() if not name.startswith("X-")}
        return replace(found, body=json.dumps(_stripped(json.loads(found.body))).encode(), headers=kept)

    server.answer = answer
    return road


def test_pull_requests_are_opened_updated_and_followed(enterprise: Road) -> None:
    enterprise.add()
    enterprise.install()
    assert sorted(enterprise.keys()) == [UTCNOW, JOB, SHELF]
    enterprise.hub.push(NAME, {"shop/clock.py": CLOCK + b"\n\nDIED = datetime.utcnow()\n"})
    enterprise.scan()
    assert b"DIED" in enterprise.proposed(UTCNOW, "shop/clock.py")
    merged, closed = enterprise.pull(UTCNOW).number, enterprise.pull(JOB).number
    enterprise.hub.merge(NAME, merged)
    enterprise.hub.close(NAME, closed)
    enterprise.follow(merged)
    enterprise.follow(closed)
    assert enterprise.states()[merged] == (UTCNOW, "merged")
    assert enterprise.states()[closed] == (JOB, "closed")


def test_what_was_missed_is_found(enterprise: Road) -> None:
    enterprise.add()
    reconcile.soon(enterprise.world)
    enterprise.run()
    assert sorted(enterprise.keys()) == [UTCNOW, JOB, SHELF]
    enterprise.hub.uninstall(enterprise.installation)
    enterprise.ahead += reconcile.EVERY
    reconcile.soon(enterprise.world)
    enterprise.run()
    assert enterprise.world.book.repositories() == []


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"[null]",
        b'[{"number":null}]',
        b'[{"number":1,"state":"dreaming","title":null,"head":{"label":"acme:kotsu/x"}}]',
        b'{"message":"You are early"}',
    ],
)
def test_an_answer_of_an_unforeseen_shape_is_no_bug_of_ours(
    road: Road, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    road.add()
    for path in (r"/pulls\?", r"/repositories/\d+$", r"/git/ref/heads"):
        road.hub.fail("GET", path, 200, body=body)
    road.scan()
    for _ in range(4):
        road.wait()
    assert sorted(road.keys(state="all")) == [UTCNOW, JOB, SHELF]
    assert "Traceback" not in capsys.readouterr().out
    road.hub.recover()


_QUESTIONS: Mapping[str, Callable[[App, Repo, int], object]] = {
    "/app": lambda app, _, __: app.login,
    "/app/installations": lambda app, _, __: list(app.hook.installations()),
    "/app/hook/deliveries": lambda app, _, __: list(app.hook.deliveries(0)),
    "/installation/repositories": lambda app, _, found: list(app.repositories(found)),
    "/rate_limit": lambda app, _, found: app.left(found),
    "/contents/": lambda _, repo, __: repo.file("README.md"),
    "/issues": lambda _, repo, __: list(repo.talk.issues_of("ada-example")),
    "/issues/1/comments": lambda _, repo, __: list(repo.talk.comments(1)),
    "/files": lambda _, repo, __: repo.reviews.patches(1),
    "/releases": lambda _, repo, __: repo.notes(f"{repo.home}/acme/shop"),
    "/permission": lambda _, repo, __: repo.reviews.writes("ada-example"),
}


@pytest.mark.parametrize("path", list(_QUESTIONS))
def test_no_question_trips_over_a_list_of_nothing_known(road: Road, path: str) -> None:
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        for body in (b'["?"]', b'{"?": [[]]}', b'[[{"id": {}}]]'):
            road.hub.fail("GET", rf"{path}([?/]|$)", 200, body=body)
            with suppress(PassingError):
                _QUESTIONS[path](road.world.app, repo, road.installation.id)
            road.hub.recover()


@pytest.mark.parametrize("body", [b"[]", b"true", b'{"data": [1]}', b'{"data": {"repository": [1]}}', b'"?"'])
def test_no_answer_of_graphql_is_taken_for_more_than_it_says(road: Road, body: bytes) -> None:
    repository = road.add()
    with road.world.app.open(road.installation.id, repository.id) as repo:
        road.hub.fail("POST", "/graphql", 200, times=2, body=body)
        for asked in (lambda: repo.blame("HEAD", "README.md"), lambda: repo.merges.queue("main", 1)):
            with suppress(PassingError):
                asked()
    road.hub.recover()


def test_a_proxy_is_used_where_the_environment_names_one(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    road.add()
    asked: list[str] = []

    def forward(request: Request) -> Answer:
        asked.append(request.headers["host"])
        return road.hub._api.answer(request)

    with Loopback(forward) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        key, app_id = road.hub.private_key, road.hub.world.app.id
        app = App("http://ghe.invalid/api/v3", app_id, key, redact=logs.redact_passing, pace=0.0)
        found = [about.repository.full_name for about in app.repositories(road.installation.id)]
        app.close()
    assert found == [NAME]
    assert set(asked) == {"ghe.invalid"}


@pytest.fixture
def private(tmp_path: Path, road: Road) -> Iterator[tuple[str, Path]]:
    """The local GitHub behind a certificate that nobody knows; its address and the certificate's file."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = builder.add_extension(alternative, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    authority, both = tmp_path / "ca.pem", tmp_path / "both.pem"
    authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, *form)
    both.write_bytes(authority.read_bytes() + secret)
    server = Loopback(road.hub._api.answer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
    with server:
        yield server.url.replace("http:", "https:"), authority


def test_a_private_authority_is_believed_by_the_api_and_by_git(
    road: Road, private: tuple[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url, authority = private
    repository = road.add(FILES)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    app = App(
        f"{url}/api/v3", road.hub.world.app.id, road.hub.private_key, redact=logs.redact_passing, pace=0.0
    )
    with app.open(road.installation.id, repository.id) as repo:
        assert repo.about.repository.full_name == NAME
        listed = git.run(tmp_path, "ls-remote", repo.clone_url, token=repo.token(), url=repo.clone_url)
    assert b"refs/heads/main" in listed
    app.close()


def test_an_authority_that_nobody_named_is_not_believed(road: Road, private: tuple[str, Path]) -> None:
    url, _ = private
    app = App(
        f"{url}/api/v3", road.hub.world.app.id, road.hub.private_key, redact=logs.redact_passing, pace=0.0
    )
    with pytest.raises(PassingError):
        list(app.repositories(road.installation.id))
    app.close()
    assert issubclass(PassingError, GitHubError)
