"""Starts servers on loopback, from what is installed or from what make has unpacked."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

UNPACKED = Path(__file__).parents[2] / ".tools" / "servers"
LIBRARIES = sorted({str(p.parent) for p in UNPACKED.glob("usr/lib/*/*.so*")})
OPENSSL = """\
openssl_conf = all
[all]
ssl_conf = programs
[programs]
system_default = level
[level]
CipherString = DEFAULT:@SECLEVEL=0
"""
"""A level at which OpenSSL 3 still speaks TLS 1.0; a file that lowers it itself is left alone."""


def program(name: str) -> str:
    found = UNPACKED / "usr" / "sbin" / name
    path = str(found) if found.exists() else shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        pytest.skip(f"{name} is not here: `make test` brings it where there is apt")
    return path


def environment(folder: Path) -> dict[str, str]:
    settings = folder / "openssl.cnf"
    settings.write_text(OPENSSL, "utf-8")
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(LIBRARIES), "OPENSSL_CONF": str(settings)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def served(command: Sequence[str], folder: Path, port: int, **how: Any) -> Iterator[None]:
    """Run a server in a folder until the block ends; ``how`` is what `subprocess.Popen` takes besides."""
    log = folder / "server.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, env=environment(folder), cwd=folder, stdout=out, stderr=out, **how
        ) as running,
    ):
        try:
            _await_port(port, running, log)
            yield
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()


def _await_port(port: int, running: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert running.poll() is None, log.read_text("utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionError:
            time.sleep(0.02)  # nothing tells when a port is open
        else:
            return
    pytest.fail(log.read_text("utf-8"))
