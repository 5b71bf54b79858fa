"""TLS below 1.2 and ciphers such as RC4 and 3DES protect nobody who connects to HAProxy any more.

TLS 1.0 and 1.1 were taken out of use by RFC 8996 in 2021, and no browser of today speaks them. `no-sslv3`
takes out one version and leaves these two to a HAProxy before 2.2; `ssl-min-ver`, which there is since 1.8,
says it for all. In `ssl-default-bind-options`, and where a `bind` names an older one, it is set to the
lowest version of the policy in kotsu.yml (`tls.minimum`). `ssl-default-bind-ciphers` and the `ciphers` of a
`bind` get those of Mozilla's guideline, but only where the list lets in what nobody should use.

What HAProxy says to other servers (`server`, `ssl-default-server-options`) is not touched, nor is a version
that is forced. Left alone is a line with variables, a file that is for old clients (by its name, by that of a
frontend, by a comment that speaks of them, by a highest version, or because it lowers OpenSSL's level), and
one in which a template or `.if` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from codemods import directives
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source
from codemods.tls import Policy

ABOUT = About(
    title="Let HAProxy speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A client that knows nothing newer than TLS 1.1, or no cipher of the new list, is refused.",
    references=(
        "https://ssl-config.mozilla.org/guidelines/6.0.json",
        "https://docs.haproxy.org/3.2/configuration.html#5.1-ssl-min-ver",
        "https://www.rfc-editor.org/rfc/rfc8996",
    ),
    needles=(b"ssl-default-bind-options", b"ssl-default-bind-ciphers", b"ssl-min-ver", b"ciphers"),
    pattern=rb"(?m)^[ \t]*(?:ssl-default-bind-|bind[ \t].*(?:ssl-min-ver|ciphers))",
    minutes=15,
    asks=("tls",),
    tests=False,
)

_VERSIONS = {"SSLv3": "SSLv3", "TLSv1.0": "1.0", "TLSv1.1": "1.1", "TLSv1.2": "1.2", "TLSv1.3": "1.3"}
_REFUSALS = ("no-sslv3", "no-tlsv10", "no-tlsv11", "no-tlsv12")
"""What takes out one version each, oldest first."""
_OPTIONS = "ssl-default-bind-options"
_CIPHERS = "ssl-default-bind-ciphers"
_MAX = "ssl-max-ver"
_PLACES = {"global": (_OPTIONS, _CIPHERS), "frontend": ("bind",), "listen": ("bind",)}
_CONDITION = re.compile(rb"^[ \t]*\.(?:if|elif|else|endif)\b", re.MULTILINE)


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what becomes of the versions and the ciphers that are too old."""
    path, data = source.path, source.data
    if not path.endswith((".cfg", ".conf")) or directives.decided(data) or _CONDITION.search(data):
        return
    every = (d for d in directives.haproxy(data) if d.name.text in _PLACES.get(d.sections[0], ()))
    lines = directives.wanted(every)
    if directives.for_old(path, data) or any(_is_capped(found, facts.tls) for found in lines):
        return
    bounded = any("ssl-min-ver" in d.texts for d in lines if d.name.text == _OPTIONS)
    for found in lines:
        yield from _minimum(found, facts.tls)
        yield from _ciphers(found, facts.tls)
        if found.name.text == _OPTIONS and not bounded:
            yield from _refusals(found, facts.tls)


def _is_capped(found: directives.Directive, policy: Policy) -> bool:
    """Say whether a line refuses the policy's lowest version: only what is older is wanted there."""
    named = (value.text for option, value in pairwise(found.arguments) if option.text == _MAX)
    highest = map(_VERSIONS.get, named)
    refused = f"no-tlsv{policy.lowest.replace('.', '')}"
    return refused in found.texts or any(version and policy.is_old(version) for version in highest)


def _minimum(found: directives.Directive, policy: Policy) -> Iterator[Splice]:
    for option, value in pairwise(found.arguments):
        version = _VERSIONS.get(value.text)
        if option.text == "ssl-min-ver" and version and policy.is_old(version):
            new = f"TLSv{policy.lowest}"
            message = f"`ssl-min-ver {value.text}` becomes `{new}`; {policy.oldest}"
            yield Splice(value.start, value.end, f"{value.quote}{new}{value.quote}".encode(), message)


def _refusals(found: directives.Directive, policy: Policy) -> Iterator[Splice]:
    """Yield a lowest version in the place of refusals that leave one open which is too old."""
    needed = _REFUSALS[: 3 if policy.lowest == "1.2" else 4]
    there = [word for word in found.arguments if word.text in _REFUSALS]
    odd = [text for text in found.texts if text.startswith(("force-", _MAX))]
    if not there or odd or {word.text for word in there}.issuperset(needed):
        return
    if any(word.text not in needed for word in there):
        return
    first, *others = there
    new = f"ssl-min-ver TLSv{policy.lowest}"
    message = f"`{' '.join(word.text for word in there)}` becomes `{new}`; {policy.oldest}"
    yield Splice(first.start, first.end, new.encode(), message)
    for word in others:
        before = found.arguments[found.arguments.index(word) - 1]
        yield Splice(before.end, word.end, b"")


def _ciphers(found: directives.Directive, policy: Policy) -> Iterator[Splice]:
    if found.name.text == _CIPHERS:
        lists = found.arguments[:1]
    else:
        lists = tuple(value for option, value in pairwise(found.arguments) if option.text == "ciphers")
    for word in lists:
        if not any(sign in word.text for sign in "${%\\"):
            yield from directives.stronger(word, policy, "the ciphers let in")
