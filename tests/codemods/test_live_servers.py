"""nginx, Apache and HAProxy check what their improvements wrote, and speak what it says."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from codemods import registry, testing
from tests.codemods import live, tls_probe

pytestmark = [
    pytest.mark.servers,
    pytest.mark.filterwarnings("ignore:ssl.TLSVersion.* deprecated:DeprecationWarning"),
]

NEW = {"1.2", "1.3"}
KEPT = "ECDHE+AES:AES128-SHA"
"""Nothing that nobody should use."""
WEAK = "ALL"
NGINX = """\
pid {folder}/nginx.pid;
daemon off;
master_process off;
events {{}}
http {{
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    access_log off;
    ssl_certificate {pem};
    ssl_certificate_key {pem};
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; # Dropping SSLv3
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_ciphers {ciphers};
    }}
}}
"""
APACHE = """\
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
ErrorLog /dev/stderr
DefaultRuntimeDir {folder}
LoadModule mpm_prefork_module {modules}/mod_mpm_prefork.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule ssl_module {modules}/mod_ssl.so
User nobody
Group nogroup
SSLProtocol all -SSLv2 -SSLv3
<VirtualHost *:{port}>
    SSLEngine on
    SSLCertificateFile {pem}
    SSLCipherSuite {ciphers}
</VirtualHost>
"""
HAPROXY = """\
global
    ssl-default-bind-options ssl-min-ver TLSv1.0 no-tls-tickets
    ssl-default-bind-ciphers {ciphers}
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend https
    bind 127.0.0.1:{port} ssl crt {pem}
    http-request return status 200
"""
SERVERS = {
    "nginx": ("nginx.conf", NGINX, ["-e", "stderr", "-c"], ["-t", "-e", "stderr", "-c"]),
    "apache2": ("apache.conf", APACHE, ["-X", "-f"], ["-t", "-f"]),
    "haproxy": ("haproxy.cfg", HAPROXY, ["-db", "-f"], ["-c", "-f"]),
}
IDS = {"nginx": "nginx-tls", "apache2": "apache-tls", "haproxy": "haproxy-tls"}


def written(name: str, folder: Path, port: int, ciphers: str) -> Path:
    file, text, _, _ = SERVERS[name]
    pem = tls_probe.certificate(folder)
    modules = live.UNPACKED / "usr" / "lib" / "apache2" / "modules"
    if not modules.exists():
        modules = Path("/usr/lib/apache2/modules")
    path = folder / file
    said = text.format(folder=folder, pem=pem, port=port, modules=modules, ciphers=ciphers)
    path.write_text(said, "utf-8")
    return path


def improve(name: str, path: Path, minimum: str) -> str:
    before = path.read_bytes()
    after, found = testing.run(
        registry.load(registry.ids()[IDS[name]]),
        path.name,
        before,
        testing.facts({"tls": {"minimum": minimum}}),
    )
    assert found
    path.write_bytes(after)
    return after.decode()


def checked(name: str, options: Sequence[str], path: Path) -> str:
    done = subprocess.run(
        [live.program(name), *options, str(path)],
        env=live.environment(path.parent),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def served(name: str, options: Sequence[str], path: Path, port: int) -> AbstractContextManager[None]:
    return live.served([live.program(name), *options, str(path)], path.parent, port)


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize(
    ("ciphers", "minimum", "expected"), [(KEPT, "1.2", NEW), (WEAK, "1.2", NEW), (KEPT, "1.3", {"1.3"})]
)
def test_a_server_checks_its_file_and_speaks_what_it_says(
    name: str, ciphers: str, minimum: str, expected: set[str], tmp_path: Path
) -> None:
    live.program(name)
    tmp_path.chmod(0o755)
    port = live.free_port()
    path = written(name, tmp_path, port, ciphers)
    _, _, serve, check = SERVERS[name]
    with served(name, serve, path, port):
        assert tls_probe.spoken_at(port) == {*tls_probe.VERSIONS}
    assert (ciphers in improve(name, path, minimum)) is (ciphers == KEPT)
    assert "warn" not in checked(name, check, path).lower()
    with served(name, serve, path, port):
        assert tls_probe.spoken_at(port) == expected
