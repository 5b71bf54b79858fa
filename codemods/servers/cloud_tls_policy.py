"""A load balancer with a policy of 2016 still speaks TLS 1.0, which nobody should use since RFC 8996.

What it speaks is a name in terraform, CloudFormation or an annotation of Kubernetes, and the name does not
say so: `ELBSecurityPolicy-2016-08`, which is also what a listener has that names none, and CloudFront's
`TLSv1.1_2016` let in versions that were taken out of use in 2021. Which names these are, and what stands
for them today, is in `cloud_tls_policy.toml`.

These are words and no edit: the change reaches everybody who connects at once, the plan shows it only to
those who may run it, and who still comes with an old version is in the logs of the load balancer. A comment
that speaks of clients that need it is an answer, and a distribution with CloudFront's own certificate has no
choice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import NamedTuple

from codemods import directives
from codemods.document import line_start
from codemods.model import About, Advice, Applicability, Category, Facts
from codemods.source import Source
from codemods.tls import Policy

ABOUT = About(
    title="Let the cloud speak only TLS that is still safe",
    category=Category.SECURITY,
    applicability=Applicability.ADVICE,
    risk="A client that knows nothing newer than TLS 1.1 is refused.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/",
        "https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html",
        "https://www.rfc-editor.org/rfc/rfc8996",
    ),
    needles=(
        *(b"ssl_policy", b"SslPolicy", b"ssl-policy", b"ssl-negotiation-policy", b"aws_lb_listener"),
        *(
            b"aws_alb_listener",
            b"minimum_protocol_version",
            b"MinimumProtocolVersion",
            b"minimumProtocolVersion",
            b"security_policy",
        ),
        *(b"SecurityPolicy", b"tls_security_policy", b"TLSSecurityPolicy", b"min_tls_version"),
        *(b"minimum_tls_version", b"ELBSecurityPolicy"),
    ),
    pattern=rb"ELBSecurityPolicy-|TLS[v_]?1|SSLv3|TLS-1-0|aws_a?lb_listener|tls_version[\"']?\s*[=:]",
    minutes=20,
    asks=("tls",),
    tests=False,
)

_ENDS = (".tf", ".yml", ".yaml", ".toml")
_BLOCK = re.compile(rb"(?m)^[ \t]*resource[ \t]+\"aws_a?lb_listener\"[ \t]+\"(?P<name>[\w-]+)\"[ \t]*\{")
_BRACES = re.compile(rb"\"(?:\\.|[^\"\\\n])*\"|#[^\n]*|//[^\n]*|/\*.*?\*/|[{}]", re.DOTALL)
_ENCRYPTS = re.compile(rb"(?m)^[ \t]*protocol[ \t]*=[ \t]*\"(?:HTTPS|TLS)\"")
_NAMES_ONE = re.compile(rb"\bssl_policy[ \t]*=")
_OWN = re.compile(rb"(?i)cloudfront_?default_?certificate[\"']?\s*[=:]\s*[\"']?true")
_NEAR = 400
"""Bytes on both sides of a setting of CloudFront in which the certificate that goes with it is named."""
_MOST, _LONGEST = 100, 10_000
"""Listeners of one file that are looked at, and bytes of the longest one."""
_DEFAULT = "ELBSecurityPolicy-2016-08"


class _Found(NamedTuple):
    start: int
    end: int
    name: str
    value: str


def rewrite(source: Source, facts: Facts) -> Iterator[Advice]:
    """Yield what there is to say of the first such setting, and how many there are."""
    data, policy = source.data, facts.tls
    if not source.path.endswith(_ENDS) or directives.decided(data):
        return
    found = [*_named(data), *(_unnamed(data) if source.path.endswith(".tf") else ())]
    # A comment in terraform may begin with two slashes, too.
    remarked = data.replace(b"//", b"##")
    found = sorted(f for f in found if not directives.meant(remarked, f.start, f.end))
    if found:
        first = found[0]
        more = f" So do {len(found) - 1} more settings of this file." if len(found) > 1 else ""
        yield Advice(first.start, _words(first, policy) + (more if len(found) != 2 else _ONE_MORE))  # noqa: PLR2004 -- this and another


_ONE_MORE = " So does one more setting of this file."


def _words(found: _Found, policy: Policy) -> str:
    new = _table()[found.name, found.value]
    said = f"`{found.name}` `{found.value}`" if found.end > found.start else f"the default, `{found.value}`,"
    return f"{said} lets in TLS that is too old: `{new[policy.lowest == '1.3']}` does not."


@cache
def _table() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return by a setting's name and an old value what stands for it today: for 1.2, and for 1.3 alone."""
    tables = tomllib.loads((files("codemods.servers") / "cloud_tls_policy.toml").read_text("utf-8"))
    return {
        (name, old): (table["new"], table.get("newest", table["new"]))
        for table in tables["settings"]
        for name in table["names"]
        for old in table["old"]
    }


@cache
def _pattern() -> re.Pattern[bytes]:
    names = "|".join(sorted({re.escape(name) for name, _ in _table()}, key=len, reverse=True))
    values = "|".join(sorted({re.escape(value) for _, value in _table()}, key=len, reverse=True))
    key, value = rf"""["']?(?P<name>{names})["']?""", rf"""["']?(?P<value>{values})["']?"""
    line = rf"^[ \t]*(?:-[ \t]+)?{key}[ \t]*[=:][ \t]*{value}[ \t]*,?[ \t\r]*(?:\#|//|$)"
    return re.compile(line.encode(), re.MULTILINE)


def _named(data: bytes) -> Iterator[_Found]:
    for match in _pattern().finditer(data):
        name, value = match["name"].decode(), match["value"].decode()
        start, end = match.start("name"), match.end("value")
        around = data[max(start - _NEAR, 0) : end + _NEAR]
        if (name, value) in _table() and not (value.startswith(("TLSv", "SSLv")) and _OWN.search(around)):
            yield _Found(start, end, name, value)


def _unnamed(data: bytes) -> Iterator[_Found]:
    """Yield the listeners of terraform that encrypt and name no policy."""
    for match in islice(_BLOCK.finditer(data), _MOST):
        inside = _own(data, match.end())
        if _ENCRYPTS.search(inside) and not _NAMES_ONE.search(inside):
            start = line_start(data, match.start("name"))
            yield _Found(start, start, "ssl_policy", _DEFAULT)


def _own(data: bytes, start: int) -> bytes:
    """Return what a block says itself that was opened right before a byte: without the blocks within it."""
    depth, position, parts = 1, start, []
    for found in _BRACES.finditer(data, start, start + _LONGEST):
        if found[0] in b"{}":
            if depth == 1:
                parts.append(data[position : found.start()])
            depth += 1 if found[0] == b"{" else -1
            position = found.end()
            if not depth:
                return b"".join(parts)
    return b""
