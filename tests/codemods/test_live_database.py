"""PostgreSQL speaks what its improved setting says: in its file, and behind `-c` on its command line."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from codemods import registry, testing
from tests.codemods import live, tls_probe

pytestmark = [
    pytest.mark.servers,
    pytest.mark.filterwarnings("ignore:ssl.TLSVersion.* deprecated:DeprecationWarning"),
]

NEW = {"1.2", "1.3"}
ASKS = bytes([0, 0, 0, 8, 4, 210, 22, 47])
"""What a client sends before it begins with TLS."""
SETTINGS = """\
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.pem'
ssl_min_protocol_version = 'TLSv1'
"""
COMPOSE = """\
services:
  database:
    image: postgres
    command: postgres -c ssl_min_protocol_version=TLSv1.1
"""


def greet(connection: socket.socket) -> None:
    connection.sendall(ASKS)
    if connection.recv(1) != b"S":
        raise ConnectionError("it speaks no TLS")


def improved(path: str, before: str) -> str:
    load = registry.load(registry.ids()["database-tls"])
    after, found = testing.run(load, path, before.encode(), testing.facts({}))
    assert found
    return after.decode()


@pytest.fixture(scope="module")
def how() -> dict[str, Any]:
    """Who runs the server: it refuses to be run by root."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": ()} if os.geteuid() == 0 else {}


@pytest.fixture(scope="module")
def cluster(how: dict[str, Any]) -> Iterator[Path]:
    # The one of the tests of the fleet speaks no TLS.
    roots = (live.UNPACKED, Path("/"))
    if not (found := [path for root in roots for path in sorted(root.glob("usr/lib/postgresql/*/bin"))]):
        pytest.skip("PostgreSQL is not here: `make test` brings it where there is apt")
    folder = Path(tempfile.mkdtemp(prefix="kotsu-pg-tls-"))
    pem = tls_probe.certificate(folder)
    pem.chmod(0o600)
    if how:
        for path in (folder, pem):
            shutil.chown(path, how["user"], how["group"])
    make = [found[0] / "initdb", "--no-sync", "--auth=trust", "-D", folder / "data"]
    given = live.environment(folder)
    subprocess.run(make, check=True, capture_output=True, cwd=folder, timeout=120, env=given, **how)
    pem.rename(folder / "data" / pem.name)
    (folder / "bin").symlink_to(found[0])
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("path", ["postgresql.conf", "compose.yml"])
def test_postgresql_speaks_what_its_setting_says(path: str, cluster: Path, how: dict[str, Any]) -> None:
    before = SETTINGS if path == "postgresql.conf" else COMPOSE
    spoken = []
    for text in (before, improved(path, before)):
        port = live.free_port()
        options = text.split("postgres -c ")[1].split() if path == "compose.yml" else []
        settings = SETTINGS if options else text
        (cluster / "data" / "postgresql.conf").write_text(settings, "utf-8")
        once = [*(f"-c{option}" for option in options), "-cfsync=off", f"-cunix_socket_directories={cluster}"]
        command = [str(cluster / "bin" / "postgres"), "-D", str(cluster / "data"), "-p", str(port), *once]
        with live.served(command, cluster, port, **how):
            spoken.append(tls_probe.spoken_at(port, greet))
    oldest = {"1.0"} if path == "postgresql.conf" else set()
    assert spoken == [{"1.1", *NEW} | oldest, NEW]
