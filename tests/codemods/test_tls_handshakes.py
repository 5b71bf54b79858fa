"""What contexts speak before and after they are improved: real handshakes, one for each version."""

from __future__ import annotations

import ssl
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from codemods import registry, testing
from tests.codemods import tls_probe

pytestmark = pytest.mark.filterwarnings("ignore:ssl.*deprecated:DeprecationWarning")

NEW = {"1.2", "1.3"}


def improved(id_: str, text: str, **facts: object) -> str:
    after, _ = testing.run(
        registry.load(registry.ids()[id_]), "module.py", text.encode(), testing.facts(facts)
    )
    assert after.decode() != text
    return after.decode()


def ran(text: str, pem: Path) -> dict[str, Any]:
    space: dict[str, Any] = {"PEM": str(pem), "LEVEL": tls_probe.ANY_LEVEL}
    exec(compile(text, "module.py", "exec"), space)
    return space


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return tls_probe.certificate(tmp_path)


SERVER = dedent("""
    import ssl

    context = ssl.SSLContext(ssl.{protocol})
    context.load_cert_chain(PEM)
    context.set_ciphers(LEVEL)


    def serve(connection):
        return context.wrap_socket(connection, server_side=True)
""")
CLIENT = dedent("""
    import ssl

    context = ssl.SSLContext(ssl.{protocol})
    context.set_ciphers(LEVEL)


    def connect(connection):
        return context.wrap_socket(connection)
""")
PEER = dedent("""
    import ssl

    context = ssl.SSLContext(ssl.{protocol})
    context.load_cert_chain(PEM)
    context.set_ciphers(LEVEL)


    def wrap(connection, accepted):
        return context.wrap_socket(connection, server_side=accepted)
""")
OLD = [("PROTOCOL_TLSv1", "1.0"), ("PROTOCOL_TLSv1_1", "1.1")]


@pytest.mark.parametrize(("protocol", "version"), OLD)
def test_a_server_that_knew_one_old_version_knows_the_new_ones(
    protocol: str, version: str, pem: Path
) -> None:
    before = SERVER.format(protocol=protocol)
    after = improved("old-tls-protocol", before)
    assert "PROTOCOL_TLS_SERVER" in after
    assert tls_probe.spoken_by_server(ran(before, pem)["context"]) == {version}
    assert tls_probe.spoken_by_server(ran(after, pem)["context"]) == NEW


@pytest.mark.parametrize(("protocol", "version"), OLD)
def test_a_client_connects_to_who_it_connected_to_without_a_check(
    protocol: str, version: str, pem: Path
) -> None:
    before = CLIENT.format(protocol=protocol)
    after = ran(improved("old-tls-protocol", before), pem)["context"]
    assert tls_probe.spoken_by_client(ran(before, pem)["context"], pem) == {version}
    assert tls_probe.spoken_by_client(after, pem) == NEW
    assert (after.verify_mode, after.check_hostname) == (ssl.CERT_NONE, False)


def test_a_context_of_which_nobody_knows_the_side_goes_on_being_both(pem: Path) -> None:
    after = ran(improved("old-tls-protocol", PEER.format(protocol="PROTOCOL_TLSv1")), pem)["context"]
    assert tls_probe.spoken_by_server(after) == NEW
    assert tls_probe.spoken_by_client(after, pem) == NEW


def test_a_server_that_became_a_client_accepts_nobody(pem: Path) -> None:
    wrong = SERVER.format(protocol="PROTOCOL_TLS_CLIENT")
    assert tls_probe.spoken_by_server(ran(wrong, pem)["context"]) == set()


@pytest.mark.parametrize(("minimum", "expected"), [("1.2", NEW), ("1.3", {"1.3"})])
def test_a_lowest_version_is_that_of_the_policy(minimum: str, expected: set[str], pem: Path) -> None:
    before = dedent("""
        import ssl

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(PEM)
        context.set_ciphers(LEVEL)
        context.minimum_version = ssl.TLSVersion.TLSv1
    """)
    after = improved("old-tls-protocol", before, tls={"minimum": minimum})
    assert tls_probe.spoken_by_server(ran(before, pem)["context"]) == {*tls_probe.VERSIONS}
    assert tls_probe.spoken_by_server(ran(after, pem)["context"]) == expected


def test_versions_that_are_refused_one_by_one_are_refused_by_one_lowest_version(pem: Path) -> None:
    before = dedent("""
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.options |= ssl.OP_NO_SSLv2
        context.options |= ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1
        context.set_ciphers(LEVEL)
        context.load_cert_chain(PEM)
    """)
    after = improved("old-tls-protocol", before)
    assert "options" not in after
    assert tls_probe.spoken_by_server(ran(before, pem)["context"]) == NEW
    assert tls_probe.spoken_by_server(ran(after, pem)["context"]) == NEW


def test_python_refuses_a_lowest_version_where_there_is_one_version_alone(pem: Path) -> None:
    text = dedent("""
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLSv1_2)
        context.options |= ssl.OP_NO_SSLv3
    """)
    with pytest.raises(ValueError, match="lowest version"):
        ran(text, pem)["context"].minimum_version = ssl.TLSVersion.TLSv1_2
    found = testing.run(
        registry.load(registry.ids()["old-tls-protocol"]), "m.py", text.encode(), testing.facts({})
    )
    assert found == (text.encode(), [])


def test_a_server_of_uvicorn_stays_a_server(pem: Path) -> None:
    before = dedent("""
        import ssl

        import uvicorn

        config = uvicorn.Config("shop:app", ssl_certfile=PEM, ssl_version=ssl.PROTOCOL_TLSv1)
    """)
    spoken = []
    for text in (before, improved("old-tls-protocol", before)):
        context = ran(text, pem)["config"]
        context.load_app = lambda: None
        spoken.append(tls_probe.spoken_by_server(_served(context)))
    assert spoken == [{"1.0"}, NEW]


def _served(config: Any) -> ssl.SSLContext:
    from uvicorn.config import create_ssl_context  # noqa: PLC0415 -- what it does with these options, alone

    return create_ssl_context(
        certfile=config.ssl_certfile,
        keyfile=config.ssl_keyfile,
        password=None,
        ssl_version=config.ssl_version,
        cert_reqs=config.ssl_cert_reqs,
        ca_certs=None,
        ciphers="ALL:@SECLEVEL=0",
    )


def test_pythons_own_list_keeps_to_ciphers_with_forward_secrecy(pem: Path) -> None:
    before = dedent("""
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("AES128-SHA256:ECDHE+3DES")
        context.load_cert_chain(PEM)
    """)
    used = []
    for text in (before, improved("weak-cipher-list", before)):
        shaken = tls_probe.shake(ran(text, pem)["context"], tls_probe.at("1.2", ssl.PROTOCOL_TLS_CLIENT))
        used.append(shaken.cipher_used[0] if shaken else "")  # type: ignore[attr-defined]
    assert used[0] == "AES128-SHA256"
    assert used[1].startswith("ECDHE-RSA-")
