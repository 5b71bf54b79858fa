"""Shakes hands over loopback, one version of TLS at a time."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
"""What OpenSSL 3 can still speak; SSLv2 and SSLv3 are gone from it."""
ANY_LEVEL = "ALL:@SECLEVEL=0"
"""OpenSSL 3 speaks 1.0 and 1.1 only below its own level."""


@cache
def _pem() -> bytes:
    """Return a key and a certificate for it that nobody has signed."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    written = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*written) + certificate.public_bytes(serialization.Encoding.PEM)


def certificate(folder: Path) -> Path:
    """Return a file with a key and its certificate."""
    path = folder / "server.pem"
    path.write_bytes(_pem())
    return path


def at(version: str, side: int) -> ssl.SSLContext:
    """Return a context of a side (``ssl.PROTOCOL_TLS_…``) that speaks one version, and trusts anybody."""
    context = ssl.SSLContext(side)
    if side == ssl.PROTOCOL_TLS_CLIENT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_ciphers(ANY_LEVEL)
    context.minimum_version = context.maximum_version = VERSIONS[version]
    return context


def shake(server: ssl.SSLContext, client: ssl.SSLContext) -> ssl.SSLSocket | None:
    """Return the client's end after a handshake over loopback, closed; None where the sides do not agree."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        thread = threading.Thread(target=_accept, args=(listener, server))
        thread.start()
        try:
            return _connect(listener.getsockname()[1], client)
        finally:
            thread.join()


def _accept(listener: socket.socket, server: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    connection.settimeout(20)
    try:
        with server.wrap_socket(connection, server_side=True) as secure:
            secure.sendall(b".")
    except (OSError, ValueError):  # no agreement, or a context that is not a server's
        connection.close()


def _connect(
    port: int, client: ssl.SSLContext, greet: Callable[[socket.socket], object] = id
) -> ssl.SSLSocket | None:
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    try:
        greet(connection)
        with client.wrap_socket(connection, server_hostname="localhost") as secure:
            secure.cipher_used = secure.cipher()  # type: ignore[attr-defined]
            return secure
    except (OSError, ValueError):
        connection.close()
        return None


def spoken_at(port: int, greet: Callable[[socket.socket], object] = id) -> set[str]:
    """Return the versions in which a server on loopback completes a handshake, after a greeting or none."""
    return {v for v in VERSIONS if _connect(port, at(v, ssl.PROTOCOL_TLS_CLIENT), greet)}


def takes(port: int, ciphers: str) -> bool:
    """Say whether a server on loopback completes a handshake of TLS 1.2 with one of these ciphers."""
    client = at("1.2", ssl.PROTOCOL_TLS_CLIENT)
    client.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    return _connect(port, client) is not None


def spoken_by_server(context: ssl.SSLContext) -> set[str]:
    """Return the versions in which a context completes a handshake as a server."""
    return {v for v in VERSIONS if shake(context, at(v, ssl.PROTOCOL_TLS_CLIENT))}


def spoken_by_client(context: ssl.SSLContext, pem: Path) -> set[str]:
    """Return the versions in which a context completes a handshake as a client."""
    found = set()
    for version in VERSIONS:
        server = at(version, ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(pem)
        if shake(server, context):
            found.add(version)
    return found
