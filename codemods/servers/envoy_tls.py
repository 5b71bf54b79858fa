"""TLS 1.0 and 1.1, and ciphers such as 3DES, protect nobody who connects to Envoy any more.

Both versions were taken out of use by RFC 8996 in 2021, and no browser of today speaks them; Envoy itself
begins with 1.2 where nothing is said. A lowest version below that becomes the lowest of the policy in
kotsu.yml (`tls.minimum`), and ciphers that nobody should use go from `cipher_suites`; the others stay as they
are. It is looked for where Envoy accepts connections: in the `tls_params` of a `DownstreamTlsContext` or of
`filter_chains`, and in what is written for it: `minProtocolVersion` in Istio's `Gateway`, and `minVersion` in
the `ClientTrafficPolicy` of Envoy Gateway.

What Envoy says to other servers (`UpstreamTlsContext`, `clusters`, a `DestinationRule`) is not touched. Left
alone is a setting with a comment that speaks of clients that need it, one whose highest version is just as
old, one that lists no cipher of TLS 1.2 or later, and a file in which a template decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import directives, settings
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.settings import Setting
from codemods.source import Source

ABOUT = About(
    title="Let Envoy speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A client that knows nothing newer than TLS 1.1, or none of the ciphers that stay, is refused.",
    references=(
        "https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/common.proto",
        "https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings",
        "https://www.rfc-editor.org/rfc/rfc8996",
    ),
    needles=(b"tls_params", b"minProtocolVersion", b"ClientTrafficPolicy", b"tlsParams"),
    minutes=15,
    asks=("tls",),
    tests=False,
)

_CONTEXT = re.compile(r"\.(Down|Up)streamTlsContext\Z")
_LISTENS = ("filter_chains", "filterChains")
_CIPHERS = frozenset(("cipher_suites", "cipherSuites", "ciphers"))
_GATEWAY = ("spec", "servers", "tls")


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what becomes of the versions and the ciphers that are too old."""
    is_yaml = source.path.endswith((".yml", ".yaml"))
    if not is_yaml or directives.for_old(source.path, source.data):
        return
    for setting in settings.read(source.data):
        if highest := _highest(setting):
            yield from settings.newer(setting, facts.tls, setting.beside(highest), f"; {facts.tls.oldest}")
        elif setting.key in _CIPHERS and setting.value.items and _serves(setting):
            yield from settings.stronger(setting)


def _highest(setting: Setting) -> str:
    """Return the key of the highest version beside a lowest one of a server, ``""`` where it is none."""
    path, kind = setting.path, setting.document.root.get("kind")
    if setting.key == "tls_minimum_protocol_version" and _serves(setting):
        return "tls_maximum_protocol_version"
    if setting.key == "tlsMinimumProtocolVersion" and _serves(setting):
        return "tlsMaximumProtocolVersion"
    if path == (*_GATEWAY, "minProtocolVersion") and kind and kind.text == "Gateway":
        return "maxProtocolVersion"
    if path == ("spec", "tls", "minVersion") and kind and kind.text == "ClientTrafficPolicy":
        return "maxVersion"
    return ""


def _serves(setting: Setting) -> bool:
    """Say whether the settings are those of a listener: by its nearest context, else by where it stands."""
    kind = setting.document.root.get("kind")
    if setting.path[:-1] == _GATEWAY:
        return bool(kind and kind.text == "Gateway")
    if setting.key == "ciphers":
        return setting.path == ("spec", "tls", "ciphers") and bool(
            kind and kind.text == "ClientTrafficPolicy"
        )
    if not {"tls_params", "tlsParams"}.intersection(setting.path):
        return False
    for mapping in reversed(setting.above):
        type_ = mapping.get("@type")
        if found := _CONTEXT.search(type_.text if type_ else ""):
            return found[1] == "Down"
    return not {"clusters", "cluster"}.intersection(setting.path) and not set(_LISTENS).isdisjoint(
        setting.path
    )
