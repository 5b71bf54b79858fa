"""A password in the URL of a database somewhere else crosses the internet in the clear without TLS.

What a driver does when the URL says nothing differs: a client of Redis, RabbitMQ or MongoDB encrypts
nothing, one of MySQL may or may not, and one of PostgreSQL asks for TLS, takes no for an answer, and checks
no certificate. `rediss://`, `amqps://`, `tls=true`, `sslmode=verify-full` say what is wanted.

It is said only of hosts that are reached over the internet: with a public name or address, in settings that
are no examples and no tests. Names without a dot are containers and services beside, names that end in
`.internal`, `.local` and the like are a network of one's own, and AWS's ElastiCache and RDS stand in one as a
rule; nothing is said of them, nor where a variable stands for the host or the parameters, nor where another
setting of the file asks for TLS (`broker_use_ssl: true`, `PGSSLMODE=require`) or anything in it speaks of a
tunnel.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import parse_qs

from codemods import directives
from codemods.document import line_start
from codemods.model import About, Advice, Applicability, Category, Facts
from codemods.source import Source

ABOUT = About(
    title="Encrypt the way to a remote database",
    category=Category.SECURITY,
    applicability=Applicability.ADVICE,
    risk="A server that offers no TLS, or has a certificate that nobody can check, is not reached any more.",
    references=(
        "https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION",
        "https://redis.io/docs/latest/operate/oss_and_stack/management/security/",
        "https://www.rabbitmq.com/docs/uri-spec",
    ),
    needles=(
        *(b"postgres", b"postgresql", b"mysql", b"mariadb", b"redis", b"valkey", b"amqp", b"mongodb"),
        *(b"psycopg", b"psycopg2", b"asyncpg", b"pymysql", b"mysqldb", b"aiomysql", b"asyncmy", b"pg8000"),
    ),
    pattern=rb"(?:postgres(?:ql)?|mysql|mariadb|redis|valkey|amqp|mongodb)(?:\+\w+)?://[^\s\"'@/]*@?[\w-]+\.",
    minutes=20,
    tests=False,
)

_URL = re.compile(
    rb"(?<![\w+.-])(?P<scheme>postgres(?:ql)?|mysql|mariadb|redis|valkey|amqp|mongodb)(?:\+(?!srv\b)\w+)?://"
    rb"(?:(?P<who>[^\s\"'`<>@/]*)@)?(?P<hosts>[^\s\"'`<>@/?#]+)(?P<rest>(?:/[^\s\"'`<>?]*)?(?P<query>\?[^\s\"'`<>]*)?)"
)
_WANTED = {
    **dict.fromkeys(
        ("postgres", "postgresql"), "`sslmode=verify-full` in the URL would, and check the certificate"
    ),
    **dict.fromkeys(("mysql", "mariadb"), "the parameters of its driver for TLS would"),
    **dict.fromkeys(("redis", "valkey"), "`rediss://` would"),
    "amqp": "`amqps://` would",
    "mongodb": "`tls=true` in the URL would",
}
_WEAK = {
    "sslmode": ("disable", "allow", "prefer"),
    "ssl": ("false", "0", "disable", "prefer"),
    "tls": ("false", "0"),
}
"""Values with which a parameter does not ask for TLS."""
_PARAMETER = re.compile(r"ssl|tls|encrypt", re.IGNORECASE)
_PRIVATE = re.compile(
    r"(?:^|\.)(?:local|localhost|localdomain|internal|intranet|lan|home|corp|private|test|invalid|svc|consul|docker"
    r"|cluster|nomad|arpa|example|example\.(?:com|org|net)|(?:cache|rds)\.amazonaws\.com)$"
    r"|\.svc\.|(?:^|[.-])(?:example|host|hostname|(?:your|my|some)?(?:domain|company)|your|my|some|acme|foo|bar"
    r"|placeholder|changeme|region)(?:[.-]|$)|x{3}",
    re.IGNORECASE,
)
_ANYBODY = re.compile(rb"(?i)(?:db_?)?(?:user(?:name)?|usr|login):(?:db_?)?(?:pass(?:w(?:or)?d)?|pwd|secret)")
_SAID = re.compile(
    rb"(?i)(?:ssl|tls)[\w-]{0,40}[\"']?[ \t]{0,20}[=:][ \t]{0,20}[\"']?"
    rb"(?:true|yes|on\b|1\b|require|verify|enable)"
    rb"|tunnel|\bvpn\b|wireguard"
)
_NAME = re.compile(r"(?:[a-z0-9](?:[\w-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
_EXAMPLE = re.compile(
    r"example|sample|template|dist\b|demo|\bdocs?/|default|local|\bdev|test|\bci\b", re.IGNORECASE
)
_ENDS = (".cfg", ".conf", ".env", ".ini", ".toml", ".yml", ".yaml")


def rewrite(source: Source, _: Facts) -> Iterator[Advice]:
    """Yield what there is to say of the first such URL."""
    path, data = source.path, source.data
    is_settings = path.endswith(_ENDS) or "/.env." in f"/{path}"
    if not is_settings or _EXAMPLE.search(path) or directives.decided(data) or _SAID.search(data):
        return
    for found in _URL.finditer(data):
        words = _words(found)
        if words and not _is_remark(data, found.start()) and not directives.meant(data, *found.span()):
            yield Advice(found.start(), words)
            return


def _is_remark(data: bytes, start: int) -> bool:
    before = data[line_start(data, start) : start]
    return before.lstrip().startswith((b"#", b";")) or b" #" in before


def _words(found: re.Match[bytes]) -> str:
    scheme, hosts = found["scheme"].decode(), found["hosts"].decode("utf-8", "replace")
    rest = found["rest"].decode("utf-8", "replace")
    names = [host.rpartition(":")[0] or host for host in hosts.split(",")]
    if _is_open(rest) or _ANYBODY.fullmatch(found["who"] or b"") or not all(map(_is_remote, names)):
        return ""
    parameters = parse_qs((found["query"] or b"?")[1:].decode("utf-8", "replace"))
    if any(_PARAMETER.search(name) and not _is_weak(name, values) for name, values in parameters.items()):
        return ""
    return f"nothing says that the way to `{names[0]}` is encrypted: {_WANTED[scheme]}."


def _is_open(text: str) -> bool:
    """Say whether something stands for what is not known here."""
    return any(sign in text for sign in ("$", "{", "%(", "<", "["))


def _is_weak(name: str, values: list[str]) -> bool:
    return all(value.lower() in _WEAK.get(name.lower(), ()) for value in values)


def _is_remote(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return bool(_NAME.fullmatch(host)) and not _PRIVATE.search(host)
