"""TLS 1.0 and 1.1, and ciphers such as RC4 and 3DES, protect nobody who connects to a cluster any more.

Both versions were taken out of use by RFC 8996 in 2021, and no browser of today speaks them. `ssl-protocols`
of ingress-nginx, in its `ConfigMap` or in the `config` of its Helm chart, gets the versions of Mozilla's
guideline for the profile that kotsu.yml names (`tls.profile`, `intermediate` if it names none), and
`ssl-ciphers` its ciphers, but only where the list lets in what nobody should use. The flag
`--tls-min-version` of what Kubernetes is made of, `tlsMinVersion` of the kubelet and `minTLSVersion` of
OpenShift get the lowest version of the policy (`tls.minimum`).

Left alone is a setting with a comment that speaks of clients that need it, and a file in which a template
decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import directives, settings, spelled
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.settings import Setting
from codemods.source import Source
from codemods.tls import Policy, weak

ABOUT = About(
    title="Let a cluster speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A client that knows nothing newer than TLS 1.1, or no cipher of the new list, is refused.",
    references=(
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#ssl-protocols",
        "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/",
        "https://www.rfc-editor.org/rfc/rfc8996",
    ),
    needles=(b"ssl-protocols", b"ssl-ciphers", b"tls-min-version", b"tlsMinVersion", b"minTLSVersion"),
    pattern=rb"ssl-(?:protocols|ciphers)[\"']?:|VersionTLS1",
    minutes=15,
    asks=("tls",),
    tests=False,
)

_OLD = ("SSLv2", "SSLv3")
_KEYS = frozenset(("tls-min-version", "tlsMinVersion", "minTLSVersion"))
_INGRESS = frozenset(("ssl-protocols", "ssl-ciphers"))
_FLAG = re.compile(r"(?:--)?tls-min-version=(\w+)")


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what becomes of the versions and the ciphers that are too old."""
    is_yaml = source.path.endswith((".yml", ".yaml"))
    if not is_yaml or directives.for_old(source.path, source.data):
        return
    found = tuple(settings.read(source.data))
    of_ingress = [s for s in found if s.key in _INGRESS and _is_ingress(s)]
    # Versions that somebody needs are of no use without their ciphers, and the other way round.
    for setting in () if any(s.meant for s in of_ingress) else of_ingress:
        yield from _ingress(setting, facts.tls)
    for setting in found:
        flag = _FLAG.fullmatch(setting.value.text)
        if setting.key in _KEYS and setting.value.text.startswith("VersionTLS"):
            yield from settings.newer(setting, facts.tls)
        elif flag and not setting.meant:
            yield from _flag(setting, flag, facts.tls)


def _is_ingress(setting: Setting) -> bool:
    kind = setting.document.root.get("kind")
    if kind and kind.text == "ConfigMap":
        return setting.path[:-1] == ("data",)
    return setting.path[-2:-1] == ("config",) or setting.path[-3:-1] == ("ingress", "options")


def _ingress(setting: Setting, policy: Policy) -> Iterator[Splice]:
    text = setting.value.text
    if setting.key == "ssl-protocols":
        words = [word if word in _OLD else spelled.version(word) for word in text.split()]
        if all(words) and any(map(policy.is_old, words)):
            new = " ".join(f"TLSv{version}" for version in policy.versions)
            yield from _written(setting, new, f"`{setting.key}: {text}` becomes `{new}`; {policy.oldest}")
    elif setting.key == "ssl-ciphers" and policy.ciphers and weak(text):
        named = ", ".join(f"`{word}`" for word in weak(text)[:3])
        yield from _written(setting, policy.ciphers, f"`{setting.key}` lets in {named}")


def _written(setting: Setting, new: str, message: str) -> Iterator[Splice]:
    start = setting.document.written(setting.value)
    if start is not None:
        yield Splice(start, start + len(setting.value.text), new.encode(), message)


def _flag(setting: Setting, flag: re.Match[str], policy: Policy) -> Iterator[Splice]:
    found, start = spelled.version(flag[1]), setting.document.written(setting.value)
    if found and policy.is_old(found) and start is not None:
        new = spelled.like(flag[1], policy.lowest)
        yield Splice(start + flag.start(1), start + flag.end(1), new.encode(), f"`{flag[0]}` becomes `{new}`")
