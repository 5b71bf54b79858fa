"""TLS 1.0 and 1.1 protect nobody who connects to a database any more.

Both versions were taken out of use by RFC 8996 in 2021; PostgreSQL, MySQL and Redis begin with 1.2 where
nothing is said. PostgreSQL's `ssl_min_protocol_version` below that becomes the lowest version of the policy
in kotsu.yml (`tls.minimum`): in its own file, among the parameters of its charts and operators, and behind
`-c` on its command line. Of the versions that Redis (`tls-protocols`) and MySQL or MariaDB (`tls_version`)
are given, those that are too old go.

What a client is told is not touched: `primary_conninfo`, connection strings, and the sections of my.cnf that
are not the server's. Left alone is a setting with a comment that speaks of clients that need it, one whose
highest version is just as old, and a file in which a template decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemods import directives, settings, spelled
from codemods.document import line_start
from codemods.model import About, Applicability, Category, Facts, Splice
from codemods.source import Source
from codemods.tls import Policy

ABOUT = About(
    title="Let databases speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A client that knows nothing newer than TLS 1.1 is refused.",
    references=(
        "https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SSL-MIN-PROTOCOL-VERSION",
        "https://redis.io/docs/latest/operate/oss_and_stack/management/security/encryption/",
        "https://www.rfc-editor.org/rfc/rfc8996",
    ),
    needles=(b"ssl_min_protocol_version", b"tls-protocols", b"tls_version", b"tls-version"),
    minutes=15,
    asks=("tls",),
    tests=False,
)

_YAML = (".yml", ".yaml")
_MINIMUM = "ssl_min_protocol_version"
_POSTGRES = re.compile(
    rb"(?m)(?:^[ \t]*(?:-[ \t]+)?[\"']?|-c[ \t]*|--)ssl_min_protocol_version[ \t]*=[ \t]*"
    rb"'?(?P<old>TLSv1(?:\.\d)?)(?![\w.])"
)
_HIGHEST = re.compile(
    rb"(?m)^[^#\n]*ssl_max_protocol_version['\"]?[ \t]*[=:][ \t]*['\"]?TLSv1(?:\.[01])?(?![\w.])"
)
_PARAMETERS = re.compile(r"param|conf", re.IGNORECASE)
_REDIS = re.compile(
    rb"(?mi)^[ \t]*tls-protocols[ \t]+(?P<quote>[\"']?)(?P<all>tlsv1[\w. \t]*?)(?P=quote)[ \t]*\r?$"
)
_MYSQL = re.compile(
    rb"(?mi)^[ \t]*tls[-_]version[ \t]*=[ \t]*(?P<quote>[\"']?)(?P<all>tlsv1[\w.,]*)(?P=quote)[ \t]*\r?$"
)
_SECTION = re.compile(rb"(?m)^[ \t]*\[(?P<name>[^\]\n]*)\](?P<all>(?:[^\n]*\n(?![ \t]*\[))*[^\n]*)")
_SERVERS = re.compile(rb"mysqld|mariadbd?|server|mysqld[-\d.]+|mariadb-[\d.]+|galera", re.IGNORECASE)


def rewrite(source: Source, facts: Facts) -> Iterator[Splice]:
    """Yield what becomes of the versions that are too old."""
    path, data = source.path, source.data
    if directives.decided(data) or directives.for_old(path, data):
        return
    if path.endswith((".conf", *_YAML)) and not _HIGHEST.search(data):
        yield from _lowest(data, facts.tls)
    if path.endswith(_YAML) and not _HIGHEST.search(data):
        yield from _parameters(data, facts.tls)
    if path.endswith((".conf", *_YAML)):
        for found in _REDIS.finditer(data):
            yield from _fewer(data, found, rb"[ \t]+", facts.tls)
    if path.endswith((".cnf", ".conf")):
        for section in _SECTION.finditer(data):
            if _SERVERS.fullmatch(section["name"]):
                for found in _MYSQL.finditer(data, *section.span("all")):
                    yield from _fewer(data, found, rb",", facts.tls)


def _lowest(data: bytes, policy: Policy) -> Iterator[Splice]:
    """Yield the lowest version of PostgreSQL in its own file or on its command line."""
    for found in _POSTGRES.finditer(data):
        start, end = found.span("old")
        text = found["old"].decode()
        said = data[line_start(data, start) : start]
        if not policy.is_old(spelled.version(text)) or b"#" in said or b"conninfo" in said:
            continue
        if not directives.meant(data, start, end):
            new = spelled.like(text, policy.lowest)
            yield Splice(start, end, new.encode(), f"`{_MINIMUM}={text}` becomes `{new}`")


def _parameters(data: bytes, policy: Policy) -> Iterator[Splice]:
    for setting in settings.read(data):
        if setting.key == _MINIMUM and any(map(_PARAMETERS.search, setting.path[:-1])):
            yield from settings.newer(setting, policy)


def _fewer(data: bytes, found: re.Match[bytes], between: bytes, policy: Policy) -> Iterator[Splice]:
    """Yield the versions that stay of a list, or the policy's lowest where none does."""
    start, end = found.span("all")
    words = [word.decode() for word in re.split(between, found["all"])]
    versions = [spelled.version(word) for word in words]
    if not all(versions) or not any(map(policy.is_old, versions)) or directives.meant(data, start, end):
        return
    stay = [word for word, version in zip(words, versions, strict=True) if not policy.is_old(version)]
    new = (b"," if between == b"," else b" ").join(
        w.encode() for w in stay or [spelled.like(words[0], policy.lowest)]
    )
    gone = ", ".join(f"`{word}`" for word in words if word not in stay)
    yield Splice(start, end, new, f"{gone} goes from the versions of TLS")
