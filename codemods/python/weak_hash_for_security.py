"""MD5 and SHA-1 refuse to run on machines in FIPS mode unless the call says that nothing depends on them.

`usedforsecurity=False` says it: the digest stays the same, the code also runs on hardened machines, and
neither a scanner nor a reviewer has to find out again that an ETag or a cache key is no signature.

Only calls are marked whose surroundings plainly speak of a checksum: of an ETag, a cache, a fingerprint, or
the hash of a file, a document or the like. Where the same function speaks of passwords, tokens, signatures,
certificates, sessions or anything else that has to resist an attacker, nothing is said: the right change
there is another hash, and that is a decision. So is a call whose purpose only its author knows.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import arguments, layout, names, nodes, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say which weak hashes are only checksums",
    category=Category.SECURITY,
    applicability=Applicability.SAFE,
    risk="The digest is the same; on a machine in FIPS mode the call works where it raised `ValueError`.",
    references=(
        "https://docs.python.org/3/library/hashlib.html#hash-algorithms",
        "https://docs.astral.sh/ruff/rules/hashlib-insecure-hash-function/",
    ),
    needles=(b"hashlib",),
    pattern=rb"(?i)md5|sha-?1\b",
    requires_python=(3, 9),
    codes=("S324", "B303", "B324"),
    minutes=5,
    tests=False,
)

_WEAK = frozenset(("md5", "sha1", "sha-1"))
_CHECKSUMS = frozenset(
    (
        *("etag", "etags", "checksum", "checksums", "fingerprint", "fingerprints"),
        *("cache", "caches", "cached", "caching", "dedup", "deduplicate", "memo", "memoize"),
    )
)
_THINGS = frozenset(
    (
        *("file", "files", "filename", "path", "content", "contents", "body", "chunk", "blob", "page"),
        *("document", "doc", "asset", "image", "source", "url", "config", "query", "sql", "text"),
        *("template", "row", "schema", "version", "script", "html", "css", "json"),
    )
)
_SUMS = frozenset(("hash", "hashes", "hashed", "hasher", "digest", "md5", "sha1", "sha", "md5sum", "sha1sum"))
_GRAVE = frozenset(
    (
        *("pass", "passwd", "password", "passwords", "passphrase", "pwd", "pw", "token", "tokens", "secret"),
        *("secrets", "sign", "signs", "signed", "signer", "signing", "signature", "signatures", "auth"),
        *("oauth", "authn", "authz", "authenticate", "authenticated", "authentication", "authenticator"),
        *("authorize", "authorized", "authorization", "hmac", "mac", "nonce", "salt", "salted", "csrf"),
        *("xsrf", "credential", "credentials", "creds", "login", "otp", "totp", "challenge", "cert"),
        *("certs", "certificate", "certificates", "ssl", "tls", "ssh", "x509", "rsa", "pubkey", "private"),
        *("crypt", "encrypt", "encrypted", "decrypt", "cipher", "session", "sessions", "cookie", "cookies"),
        *("apikey", "pin", "security", "secure", "attacker", "tamper", "permission", "random", "urandom"),
        "usedforsecurity",
    )
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module in which hashes that are plainly checksums say so."""
    known, seen = names.of(module), nodes.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in seen.all(cst.Call):
        if _is_weak(call, known) and _is_checksum(call, seen):
            change = layout.fitted(module, call, _marked)
            changes.update({call: change} if change else {})
    return nodes.replaced(module, changes)


def _marked(call: cst.Call) -> cst.Call:
    return arguments.appended(call, arguments.keyword("usedforsecurity", cst.Name("False")))


def _is_weak(call: cst.Call, known: names.Names) -> bool:
    if not isinstance(call.func, cst.Name | cst.Attribute):
        return False
    source, _, name = (known.qualified(call.func) or "").rpartition(".")
    if source != "hashlib" or arguments.starred(call) or arguments.named(call, "usedforsecurity"):
        return False
    first = call.args[0].value if call.args and call.args[0].keyword is None else None
    if name == "new" and isinstance(first, cst.SimpleString):
        return str(first.raw_value).lower() in _WEAK
    return name in _WEAK


def _is_checksum(call: cst.Call, seen: nodes.Seen) -> bool:
    """Say whether what surrounds a call speaks of a checksum, and of nothing that an attacker would want."""
    outside = [n.name.value for n in seen.ancestors(call) if isinstance(n, cst.FunctionDef | cst.ClassDef)]
    statement = _statement(call, seen)
    if not _reads(call) and not any(map(_speaks_of_checksum, (*outside, *wording.spoken(statement)))):
        return False
    around = seen.within(call, cst.FunctionDef) or _top(call, seen)
    return all(_GRAVE.isdisjoint(wording.words(name)) for name in (*outside, *wording.spoken(around)))


def _speaks_of_checksum(name: str) -> bool:
    said = wording.words(name)
    return not said.isdisjoint(_CHECKSUMS) or not (said.isdisjoint(_THINGS) or said.isdisjoint(_SUMS))


def _reads(call: cst.Call) -> bool:
    """Say whether a call hashes what it reads there and then from a file."""
    reads = (a.value for a in call.args if isinstance(a.value, cst.Call) and not a.value.args)
    return any(isinstance(r.func, cst.Attribute) and r.func.attr.value in _READS for r in reads)


_READS = frozenset(("read", "read_bytes"))


def _statement(call: cst.Call, seen: nodes.Seen) -> cst.CSTNode:
    """Return the small statement, or the part of a compound statement's head, in which a call stands."""
    return next(inner for inner, outer in _upwards(call, seen) if isinstance(outer, _HOLDERS))


_HOLDERS = (cst.BaseCompoundStatement, cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.Module)


def _top(call: cst.Call, seen: nodes.Seen) -> cst.CSTNode:
    return next(inner for inner, outer in _upwards(call, seen) if isinstance(outer, cst.Module))


def _upwards(node: cst.CSTNode, seen: nodes.Seen) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    for outer in seen.ancestors(node):
        yield node, outer
        node = outer
