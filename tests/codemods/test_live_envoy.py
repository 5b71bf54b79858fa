"""Envoy checks what its improvement wrote, and speaks what it says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from codemods import registry, testing
from tests.codemods import live, tls_probe

pytestmark = [
    pytest.mark.servers,
    pytest.mark.filterwarnings("ignore:ssl.TLSVersion.* deprecated:DeprecationWarning"),
]

NEW = {"1.2", "1.3"}
WEAK, KEPT = "AES128-SHA", "ECDHE-RSA-AES128-GCM-SHA256"
ENVOY = """\
static_resources:
  listeners:
    - name: https
      address:
        socket_address: {{address: 127.0.0.1, port_value: {port}}}
      filter_chains:
        - transport_socket:
            name: tls
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
              common_tls_context:
                tls_params:
                  tls_minimum_protocol_version: TLSv1_0
                  tls_maximum_protocol_version: TLSv1_3
                  cipher_suites:
                    - ECDHE-RSA-AES128-GCM-SHA256
                    - ECDHE-RSA-AES128-SHA
                tls_certificates:
                  - certificate_chain: {{filename: {pem}}}
                    private_key: {{filename: {pem}}}
          filters:
            - name: echo
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo
"""


def program() -> str:
    packed = pytest.importorskip("envoy", reason="there is no wheel of Envoy for this system")
    return str(Path(packed.__file__).parent / "_bin" / "envoy")


@pytest.mark.parametrize(("minimum", "expected"), [("1.2", NEW), ("1.3", {"1.3"})])
def test_envoy_checks_its_file_and_speaks_what_it_says(
    minimum: str, expected: set[str], tmp_path: Path
) -> None:
    envoy, port = program(), live.free_port()
    before = ENVOY.format(port=port, pem=tls_probe.certificate(tmp_path))
    after, found = testing.run(
        registry.load(registry.ids()["envoy-tls"]),
        "envoy.yaml",
        before.encode(),
        testing.facts({"tls": {"minimum": minimum}}),
    )
    assert found
    spoken = []
    for text in (before, after.decode()):
        (tmp_path / "envoy.yaml").write_text(text, "utf-8")
        once = ["--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warning"]
        command = [envoy, "-c", "envoy.yaml", *once]
        subprocess.run([*command, "--mode", "validate"], cwd=tmp_path, check=True, capture_output=True)
        with live.served(command, tmp_path, port):
            spoken.append(tls_probe.spoken_at(port))
    assert spoken == [{*tls_probe.VERSIONS}, expected]
