"""TLS below 1.2 and ciphers such as RC4 and 3DES protect nobody who connects to Apache any more.

TLS 1.0 and 1.1 were taken out of use by RFC 8996 in 2021, and no browser of today speaks them. `SSLProtocol
all -SSLv3`, the default of many years, still has both. What is too old is taken out one by one (`-TLSv1
-TLSv1.1`), a notation that every Apache with TLS 1.2 understands and that leaves 1.3 on where there is one.
`SSLCipherSuite` gets the ciphers of Mozilla's guideline for the profile that kotsu.yml names
(`tls.profile`, `intermediate` if it names none), but only where the list lets in what nobody should use. A
list that is merely longer than the guideline's stays.

What Apache says to other servers (`SSLProxyProtocol`) is not touched. Left alone is a directive within a
condition, a folder or a location, one with variables or over several lines, and a file that is for old
clients: by its name, by that of a server in it, by a comment that speaks of clients that need it, or because
it lowers OpenSSL's level; and one in which a template decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemods import directives
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source
from codemods.tls import VERSIONS, Policy

ABOUT = About(
    title="Let Apache speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A client that knows nothing newer than TLS 1.1, or no cipher of the new list, is refused.",
    references=(
        "https://ssl-config.mozilla.org/guidelines/6.0.json",
        "https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#sslprotocol",
        "https://www.rfc-editor.org/rfc/rfc8996",
    ),
    needles=(b"SSLProtocol", b"SSLCipherSuite", b"sslprotocol", b"sslciphersuite"),
    minutes=15,
    asks=("tls",),
    tests=False,
)

_VERSIONS = {
    "sslv2": "SSLv2",
    "sslv3": "SSLv3",
    "tlsv1": "1.0",
    "tlsv1.0": "1.0",
    "tlsv1.1": "1.1",
    "tlsv1.2": "1.2",
    "tlsv1.3": "1.3",
}
_NAMES = {"SSLv3": "SSLv3", "1.0": "TLSv1", "1.1": "TLSv1.1", "1.2": "TLSv1.2"}
_PLAIN = ("virtualhost", "ifmodule")
"""Sections that hold for a whole server, or where a module is there."""


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what becomes of the versions and the ciphers that are too old."""
    path, data = source.path, source.data
    is_apache = path.endswith(".conf") or "sites-" in path
    if not is_apache or directives.decided(data) or directives.for_old(path, data):
        return
    lines = (d for d in directives.apache(data) if d.name.text.lower() in {"sslprotocol", "sslciphersuite"})
    for found in directives.wanted(lines):
        if not all(section in _PLAIN for section in found.sections):
            continue
        if found.name.text.lower() == "sslprotocol":
            yield from _protocol(found, facts.tls)
        else:
            yield from _ciphers(found, facts.tls)


def _protocol(found: directives.Directive, policy: Policy) -> Iterator[Splice]:
    allowed = _allowed(found.texts)
    if allowed is None or not any(map(policy.is_old, allowed)) or _refuses(found.texts, policy):
        return
    out = [_NAMES[v] for v in VERSIONS if v in _NAMES and policy.is_old(v) and v in {*allowed, "SSLv3"}]
    first, last = found.arguments[0], found.arguments[-1]
    if first.text.lower() == "all" and not any(text.startswith("+") for text in found.texts):
        said = {text.lower() for text in found.texts}
        new = "".join(f" -{name}" for name in out if f"-{name}".lower() not in said)
        start = last.end
    else:
        new = " ".join(
            ("all", *(f"-{name}" for name in _NAMES.values() if policy.is_old(_VERSIONS[name.lower()])))
        )
        start = first.start
    named = " and ".join(f"`{_NAMES.get(v, v)}`" for v in VERSIONS if v in allowed and policy.is_old(v))
    message = f"`SSLProtocol` no longer allows {named}; {policy.oldest}"
    yield Splice(start, last.end, new.encode(), message)


def _refuses(texts: Sequence[str], policy: Policy) -> bool:
    """Say whether the versions that would stay are refused by name: what is old is all that is wanted."""
    return any(
        text.startswith("-") and version and not policy.is_old(version)
        for text in texts
        if (version := _VERSIONS.get(text[1:].lower()))
    )


def _allowed(texts: Sequence[str]) -> frozenset[str] | None:
    """Return the versions that the arguments of ``SSLProtocol`` allow, None where they cannot be told."""
    allowed: frozenset[str] = frozenset()
    for text in texts:
        name = text.lstrip("+-").lower()
        if name not in {"all", *_VERSIONS}:
            return None
        named = frozenset(VERSIONS[2:]) if name == "all" else frozenset((_VERSIONS[name],))
        if text.startswith("-"):
            allowed -= named
        else:
            allowed = allowed | named if text.startswith("+") else named
    return allowed


def _ciphers(found: directives.Directive, policy: Policy) -> Iterator[Splice]:
    kinds = [text.upper() for text in found.texts[:-1]]
    if not found.arguments or kinds not in ([], ["SSL"]):
        return
    last = found.arguments[-1]
    if not any(sign in last.text for sign in "${%"):
        yield from directives.stronger(last, policy, "`SSLCipherSuite` lets in")
