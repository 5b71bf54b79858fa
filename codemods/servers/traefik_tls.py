"""TLS 1.0 and 1.1, and ciphers such as RC4 and 3DES, protect nobody who connects to Traefik any more.

Both versions were taken out of use by RFC 8996 in 2021, and no browser of today speaks them; Traefik itself
begins with 1.2 where nothing is said. A `minVersion` below that becomes the lowest version of the policy in
kotsu.yml (`tls.minimum`), and ciphers that nobody should use go from `cipherSuites`; the others stay as they
are. It is looked for where Traefik looks: in `tls.options` and in the `entryPoints` of version 1, in YAML and
TOML, in a `TLSOption` of Kubernetes, and in the `tlsOptions` of its Helm chart.

Options that are called `old`, `legacy` or the like are for somebody in particular and stay, as does one with
a comment that speaks of clients that need it, one whose `maxVersion` is just as old, one that lists no cipher
of TLS 1.2 or later, and a file in which a template decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from codemods import directives, settings, spelled
from codemods.manifests import toml_document, toml_strings
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.settings import Setting
from codemods.source import Source
from codemods.tls import Policy, only_old

ABOUT = About(
    title="Let Traefik speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A client that knows nothing newer than TLS 1.1, or none of the ciphers that stay, is refused.",
    references=(
        "https://doc.traefik.io/traefik/reference/routing-configuration/http/tls/tls-options/",
        "https://ssl-config.mozilla.org/guidelines/6.0.json",
        "https://www.rfc-editor.org/rfc/rfc8996",
    ),
    needles=(b"VersionTLS10", b"VersionTLS11", b"VersionTLS12", b"cipherSuites", b"CipherSuites"),
    pattern=rb"(?i)minVersion|cipherSuites",
    minutes=15,
    asks=("tls",),
    tests=False,
)

_OLD = re.compile(r"old|legacy|compat|weak|insecure|tls-?1[01]", re.IGNORECASE)


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what becomes of the versions and the ciphers that are too old."""
    if directives.for_old(source.path, source.data):
        return
    if source.path.endswith(".toml"):
        yield from _toml(source.data, facts.tls)
    elif source.path.endswith((".yml", ".yaml")):
        for setting in settings.read(source.data):
            yield from _setting(setting, facts.tls)


def _setting(setting: Setting, policy: Policy) -> Iterator[Splice]:
    if not _is_traefik(setting.path) and not _is_resource(setting):
        return
    if setting.key.lower() == "minversion":
        yield from settings.newer(setting, policy, setting.beside("maxVersion"), f"; {policy.oldest}")
    elif setting.key.lower() == "ciphersuites" and setting.value.kind == "sequence":
        yield from settings.stronger(setting)


def _is_traefik(path: tuple[str, ...]) -> bool:
    """Say whether a setting stands among the options for TLS of a server that are not called old."""
    *rest, name, _ = ("", "", "", *path)
    if name == "tls" and rest[-2:-1] == ["entryPoints"]:
        return True
    is_option = rest[-2:] == ["tls", "options"] or rest[-1:] == ["tlsOptions"]
    return is_option and not _OLD.search(name)


def _is_resource(setting: Setting) -> bool:
    if len(setting.path) != 2 or setting.path[0] != "spec":  # noqa: PLR2004 -- spec and the setting
        return False
    root = setting.document.root
    kind, metadata = root.get("kind"), root.get("metadata")
    name = metadata.get("name") if metadata else None
    return bool(kind and kind.text == "TLSOption") and not (name and _OLD.search(name.text))


def _toml(data: bytes, policy: Policy) -> Iterator[Splice]:
    try:
        toml_document.parse(data)
    except ValueError:
        return
    if directives.decided(data):
        return
    bom = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    found = [x for x in toml_strings.find(data.decode("latin-1"), bom) if _quoted(data, x)]
    texts: Mapping[toml_strings.Path, str] = {(*x.path[:-1], str(x.path[-1]).lower()): x.raw for x in found}
    in_lists = [x for x in found if isinstance(x.path[-1], int)]
    lists = [(key, tuple(xs)) for key, xs in groupby(in_lists, lambda x: tuple(map(str, x.path[:-1])))]
    lists = [(key, items) for key, items in lists if key[-1].lower() == "ciphersuites" and _is_traefik(key)]
    old = {key[:-1] for key, items in lists if only_old(x.raw for x in items)}
    for literal in found:
        path = tuple(map(str, literal.path))
        highest = texts.get((*literal.path[:-1], "maxversion"), "")
        if path[-1].lower() == "minversion" and _is_traefik(path) and path[:-1] not in old:
            yield from _newer(data, literal, policy, highest)
    for key, items in lists:
        spans = [(x.start - 1, x.end + 1, x.raw) for x in items]
        if key[:-1] not in old and not directives.meant(data, spans[0][0], spans[-1][1]):
            yield from settings.dropped(data, spans)


def _quoted(data: bytes, literal: toml_strings.Literal) -> bool:
    """Say whether a string is written in one line, between two quotes."""
    return (
        not literal.escaped and data[literal.start - 1 : literal.start] == data[literal.end : literal.end + 1]
    )


def _newer(data: bytes, literal: toml_strings.Literal, policy: Policy, highest: str) -> Iterator[Splice]:
    found, top = spelled.version(literal.raw), spelled.version(highest)
    if not found or not policy.is_old(found) or (top and policy.is_old(top)):
        return
    if not directives.meant(data, literal.start, literal.end):
        new = spelled.like(literal.raw, policy.lowest)
        message = f"`{literal.path[-1]} = {literal.raw}` becomes `{new}`; {policy.oldest}"
        yield Splice(literal.start, literal.end, new.encode(), message)
