"""TLS below 1.2 and ciphers such as RC4 and 3DES protect nobody who connects to nginx any more.

TLS 1.0 and 1.1 were taken out of use by RFC 8996 in 2021, and no browser of today speaks them.
`ssl_protocols` gets the versions of Mozilla's guideline for the profile that kotsu.yml names
(`tls.profile`, `intermediate` if it names none), and `ssl_ciphers` its ciphers, but only where the list
lets in what nobody should use. A list that is merely longer than the guideline's stays.

Each directive is looked at by itself, where it stands: in `http`, in a `server`, or in a file that others
include. What nginx says to other servers (`proxy_ssl_protocols`) is not touched. Left alone is a directive
with variables, and a file that is for old clients: by its name, by that of a server in it, by a comment that
speaks of clients that need it, or because it lowers OpenSSL's level; and one in which a template decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from codemods import directives
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source
from codemods.tls import Policy

ABOUT = About(
    title="Let nginx speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A client that knows nothing newer than TLS 1.1, or no cipher of the new list, is refused.",
    references=(
        "https://ssl-config.mozilla.org/guidelines/6.0.json",
        "https://nginx.org/en/docs/http/ngx_http_ssl_module.html#ssl_protocols",
        "https://www.rfc-editor.org/rfc/rfc8996",
    ),
    needles=(b"ssl_protocols", b"ssl_ciphers"),
    minutes=15,
    asks=("tls",),
    tests=False,
)

_VERSIONS = {
    "SSLv2": "SSLv2",
    "SSLv3": "SSLv3",
    "TLSv1": "1.0",
    "TLSv1.0": "1.0",
    "TLSv1.1": "1.1",
    "TLSv1.2": "1.2",
    "TLSv1.3": "1.3",
}


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what becomes of the versions and the ciphers that are too old."""
    path, data = source.path, source.data
    if not _is_nginx(path) or directives.decided(data) or directives.for_old(path, data):
        return
    lines = (d for d in directives.nginx(data) if d.name.text in {"ssl_protocols", "ssl_ciphers"})
    for found in directives.wanted(lines):
        if found.name.text == "ssl_protocols":
            yield from _protocols(found, facts.tls)
        else:
            yield from _ciphers(found, facts.tls)


def _is_nginx(path: str) -> bool:
    return path.endswith(".conf") or "sites-" in path


def _protocols(found: directives.Directive, policy: Policy) -> Iterator[Splice]:
    versions = [_VERSIONS.get(text) for text in found.texts]
    known = [version for version in versions if version]
    if len(known) < len(versions) or not any(map(policy.is_old, known)):
        return
    new = " ".join(f"TLSv{version}" for version in policy.versions)
    first, last = found.arguments[0], found.arguments[-1]
    message = f"`ssl_protocols {' '.join(found.texts)}` becomes `{new}`; {policy.oldest}"
    yield Splice(first.start, last.end, new.encode(), message)


def _ciphers(found: directives.Directive, policy: Policy) -> Iterator[Splice]:
    if len(found.arguments) != 1 or "$" in found.texts[0] or "{" in found.texts[0]:
        return
    yield from directives.stronger(found.arguments[0], policy, "`ssl_ciphers` lets in")
