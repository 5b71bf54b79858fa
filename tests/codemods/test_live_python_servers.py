"""Servers written in Python, started by the command or the file that an improvement wrote."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from gunicorn.config import Config
from gunicorn.sock import ssl_context

from codemods import registry, testing
from tests.codemods import live, tls_probe

pytestmark = pytest.mark.filterwarnings("ignore:ssl.*deprecated:DeprecationWarning")

NEW = {"1.2", "1.3"}
WITHOUT_FORWARD_SECRECY = "AES128-SHA256"
"""What `ALL` lets in, and the policy does not."""
APP = """\
async def asgi(scope, receive, send):
    raise NotImplementedError


def wsgi(environ, start_response):
    raise NotImplementedError
"""
UVICORN = """\
exec {python} -m uvicorn app:asgi --lifespan off --port {port} \\
  --ssl-version 3 \\
  --ssl-certfile {pem} --ssl-ciphers ALL
"""
GUNICORN = """\
exec {python} -m gunicorn app:wsgi --bind 127.0.0.1:{port} --certfile {pem} --keyfile {pem} --ciphers=ALL
"""
HYPERCORN = """\
bind = "127.0.0.1:{port}"
certfile = "{pem}"
keyfile = "{pem}"
ciphers = "ALL"
"""


def improved(path: str, before: str) -> str:
    load = registry.load(registry.ids()["python-server-tls"])
    after, found = testing.run(load, path, before.encode(), testing.facts({}))
    assert found
    return after.decode()


@pytest.mark.parametrize(
    ("name", "text"),
    [("start.sh", UVICORN), ("start.sh", GUNICORN), ("hypercorn.toml", HYPERCORN)],
    ids=["uvicorn", "gunicorn", "hypercorn"],
)
def test_a_server_speaks_what_its_command_says(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP, "utf-8")
    port = live.free_port()
    before = text.format(python=sys.executable, port=port, pem=tls_probe.certificate(tmp_path))
    path = tmp_path / name
    hypercorn = [sys.executable, "-m", "hypercorn", "--config", name, "app:asgi"]
    command = hypercorn if name.endswith(".toml") else ["sh", name]
    found = []
    for said in (before, improved(name, before)):
        path.write_text(said, "utf-8")
        with live.served(command, tmp_path, port):
            found.append((tls_probe.spoken_at(port), tls_probe.takes(port, WITHOUT_FORWARD_SECRECY)))
    assert found[1] == (NEW, False)
    # One version alone, which a Python of today refuses to speak: nobody could connect.
    assert found[0][0] <= {"1.0"} if "--ssl-version" in text else found[0] == (NEW, True)


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_2", 3, 5])
def test_gunicorn_ignores_a_version(
    version: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Config()
    pem = str(tls_probe.certificate(tmp_path))
    for name, value in {"certfile": pem, "keyfile": pem, "ssl_version": version}.items():
        settings.set(name, value)
    assert "ignored" in capsys.readouterr().err
    assert tls_probe.spoken_by_server(ssl_context(settings)) == NEW
