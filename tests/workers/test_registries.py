"""Tags of images over HTTP: pages, tokens and ages, and the answers that are not believed."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from codemods.model import Releases
from demo.loopback import Answer, Request
from demo.registry import TOKEN, LocalRegistry, Pushed
from workers import registries

_DIGEST = "sha256:" + "1" * 64
_TAGS = {
    "3.11.4-slim": Pushed("2023-08-16", _DIGEST),
    "3.11.9-slim": Pushed("2024-06-10", "sha256:no"),
    "3.12.0": Pushed(),
    "latest": Pushed("2026-01-01"),
    "3.13.0rc1": Pushed("2024-08-01"),
}
_QUICK = registries.Limits(request=1.0, total=5.0, body=20_000)
_LIST = "/v2/library/python/tags/list"
_PYTHON = "image+docker.io/library/python"


@pytest.fixture
def registry() -> Iterator[LocalRegistry]:
    with LocalRegistry({"library/python": _TAGS, "acme/tool": {"1.0": Pushed("2024-01-01")}}) as registry:
        yield registry


def _ask(registry: LocalRegistry, address: str = _PYTHON) -> Releases:
    return registries.answer([address], mirrors=registry.mirrors, limits=_QUICK)[address]


def test_all_pages_of_tags_come_with_the_ages_that_the_hub_tells(registry: LocalRegistry) -> None:
    answer = _ask(registry)
    assert answer.error == ""
    found = {r.tag: (r.uploaded[:10], r.hashes) for r in answer.releases}
    assert found == {
        "3.11.4-slim": ("2023-08-16", (_DIGEST,)),
        "3.11.9-slim": ("2024-06-10", ()),
        "3.12.0": ("", ()),
        "3.13.0rc1": ("2024-08-01", ()),
    }


def test_a_token_is_fetched_once_and_shown_to_the_registry_alone(registry: LocalRegistry) -> None:
    _ask(registry)
    (desk,) = (r for r in registry.asked if r.path == "/token")
    assert desk.parameters == {"service": "registry.test", "scope": "repository:library/python:pull"}
    shown = {r.path for r in registry.asked if r.headers.get("authorization") == f"Bearer {TOKEN}"}
    assert shown == {_LIST}


def test_another_registry_tells_no_ages(registry: LocalRegistry) -> None:
    answer = _ask(registry, "image+registry.test/acme/tool")
    assert [(r.tag, r.uploaded) for r in answer.releases] == [("1.0", "")]
    assert not any("repositories" in r.path for r in registry.asked)


def test_tags_stay_when_the_hub_does_not_tell_their_age(registry: LocalRegistry) -> None:
    registry.faults["/v2/repositories/library/python/tags"] = lambda _: Answer(429)
    answer = _ask(registry)
    assert answer.error == ""
    assert {r.uploaded for r in answer.releases} == {""}


def _slow(_: Request) -> Answer:
    time.sleep(2)
    return Answer(404)


_FAULTS = {
    "404": (lambda _: Answer(404), "its registry does not know it (404)"),
    "403": (lambda _: Answer(403), "its registry does not show it to everybody (403)"),
    "429": (lambda _: Answer(429), "its registry asks to be asked less often (429)"),
    "500": (lambda _: Answer(500), "its registry failed (500)"),
    "redirect": (
        lambda _: Answer(302, headers={"Location": "http://169.254.169.254/"}),
        "its registry failed (302)",
    ),
    "html": (lambda _: Answer(200, b"<html>"), "its registry's answer is cut short or no JSON"),
    "deep": (lambda _: Answer(200, b"[" * 15_000), "its registry's answer is cut short or no JSON"),
    "list": (lambda _: Answer(200, b"[]"), "its registry's answer is no list of tags"),
    "huge": (lambda _: Answer(200, b" " * 30_000), "its registry's answer is larger than 19 KiB"),
    "slow": (_slow, "its registry cannot be reached (ReadTimeout)"),
    "other host": (
        lambda _: Answer(200, b"{}", {"Link": '<https://evil.test/v2/x>; rel="next"'}),
        "its registry's list goes on at another host, which is refused",
    ),
    "basic": (
        lambda _: Answer(401, headers={"WWW-Authenticate": 'Basic realm="x"'}),
        "its registry does not show it to everybody (401)",
    ),
    "private desk": (
        lambda _: Answer(401, headers={"WWW-Authenticate": 'Bearer realm="https://169.254.169.254/token"'}),
        (
            "its host `169.254.169.254` is refused: it is not on the public internet, "
            "and KOTSU_HOSTS does not name it"
        ),
    ),
    "open desk": (
        lambda _: Answer(401, headers={"WWW-Authenticate": 'Bearer realm="http://auth.test/token"'}),
        "its host `auth.test` is refused: it is not asked over https",
    ),
}


@pytest.mark.parametrize("fault", _FAULTS)
def test_a_fault_is_told_in_words_and_stays_with_its_image(registry: LocalRegistry, fault: str) -> None:
    registry.faults[_LIST], words = _FAULTS[fault]
    other = "image+registry.test/acme/tool"
    told = registries.answer([_PYTHON, other], mirrors=registry.mirrors, limits=_QUICK)
    assert told[_PYTHON].error == words
    assert told[other].error == ""


def test_a_list_of_empty_pages_ends(registry: LocalRegistry) -> None:
    following = {"Link": f'<{_LIST}?last=x>; rel="next"', "Content-Type": "application/json"}
    registry.faults[_LIST] = lambda _: Answer(200, b'{"tags": []}', following)
    limits = registries.Limits(request=1.0, total=5.0, tags=500)
    told = registries.answer([_PYTHON], mirrors=registry.mirrors, limits=limits)
    assert told[_PYTHON].releases == ()
    assert sum(r.path == _LIST for r in registry.asked) == 5


def test_tags_that_are_none_are_left_out(registry: LocalRegistry) -> None:
    body = b'{"tags": ["1.0", 7, null, "\\u001b[31m1.1", "-1.2", "1.3 x", ["1.4"]]}'
    registry.faults[_LIST] = lambda _: Answer(200, body)
    assert [r.tag for r in _ask(registry).releases] == ["1.0"]


@pytest.mark.parametrize(
    "address",
    [
        "image+python",
        "image+docker.io/../x",
        "image+user@host.test/x",
        "image+host.test:5000/x",
        "image+HOST.test/x y",
        "git+https://github.com/a/b",
    ],
)
def test_what_is_no_address_is_not_asked(address: str) -> None:
    assert registries.answer([address])[address].error == "it is no address of an image"


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(secret)
    (folder / "certificate.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return folder / "certificate.pem", folder / "key.pem"


@pytest.mark.parametrize(("host", "words"), [("registry.test", ""), ("evil.test", "(ConnectError)")])
def test_the_judged_address_is_called_and_must_prove_its_name(
    registry: LocalRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, words: str
) -> None:
    certificate, key = _certificate(tmp_path, "registry.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    registry._server.socket = context.wrap_socket(registry._server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    port = registry._server.server_address[1]
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    registry.faults["/x"] = lambda request: Answer(200, b'{"host": "%b"}' % request.headers["host"].encode())
    said, told = "", None
    with registries._opened(lambda _: True, {}, _QUICK) as door:
        try:
            told = registries._asked(door, f"https://{host}:{port}/x", "")
        except registries._RefusedError as error:
            said = str(error)
    assert said.endswith(words)
    assert bool(told) is not bool(words)
    assert [r.headers["host"] for r in registry.asked] == ([] if words else [f"registry.test:{port}"])


def test_a_private_registry_is_not_asked() -> None:
    address = "image+127.0.0.1/x"
    assert "not on the public internet" in registries.answer([address])[address].error
