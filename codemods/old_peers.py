"""Tells whether code speaks an old version of TLS on purpose: by names, conditions, errors and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from codemods import directives, nodes, wording
from codemods.tls import Policy

LOOKING = frozenset(("honeypot", "scanner", "probe", "prober", "fingerprint", "fuzzer", "auditor"))
"""What looks for old servers, or pretends to be one."""
_OLD = LOOKING | frozenset(
    (
        *("legacy", "old", "older", "compat", "compatibility", "backward", "backwards", "downgrade", "weak"),
        *("insecure", "unsafe", "vulnerable", "vulnerability", "poodle", "beast", "xp"),
    )
)
_MEANT = _OLD | frozenset(
    (
        *("test", "tests", "testing", "scan", "supports", "supported", "check", "detect"),
        *("fallback", "version", "versions", "protocol", "protocols", "tlsv1", "tls1", "sslv3"),
    )
)
_IN_COMMENT = re.compile(r"(?:TLS|SSL) ?v?\d(?:[._]\d)?", re.IGNORECASE)
"""A version in a comment or a docstring: somebody thought of it, and it would no longer be true."""
_IN_NAME = re.compile(r"(?:tls|ssl)_?v?1(?:_?[01])?(?![\d_])|sslv?3(?!\d)", re.IGNORECASE)
_REPORTED = re.compile(r"TLS ?v?1(?:[._][01])?|SSL ?v?[23](?:\.0)?", re.IGNORECASE)
"""The name of an old version as a whole text: what is found out is told to somebody."""


def meant(node: cst.CSTNode, module: cst.Module, policy: Policy) -> bool:
    """Say whether what is around a place makes an old version deliberate.

    Whoever lowers OpenSSL's level there, or refuses the policy's lowest version, wants what it refuses.
    """
    seen = nodes.of(module)
    function = seen.within(node, cst.FunctionDef)
    refused = f"OP_NO_TLSv{policy.lowest.replace('.', '_')}"
    remarks = nodes.remarks(node, seen.above)
    if (
        any("@SECLEVEL" in text or text == refused for text in wording.spoken(function or module))
        or any(_REPORTED.fullmatch(text) for text in _texts(function))
        or any(_IN_COMMENT.search(text) or directives.speaks_of_clients(text) for text in remarks)
    ):
        return True
    return _is_called(node, remarks, seen)


def _is_called(node: cst.CSTNode, remarks: Sequence[str], seen: nodes.Seen) -> bool:
    """Say whether what a place stands in, or a remark there, has words for what is old or goes wrong."""
    said = [(text, _OLD) for text in remarks]
    for outer in seen.ancestors(node):
        if isinstance(outer, cst.If | cst.IfExp | cst.While):
            spoken = list(wording.spoken(outer.test))
            said += [(text, _MEANT) for text in spoken]
            if any(text.startswith("OP_NO_") for text in spoken):
                return True
        elif isinstance(outer, cst.ExceptHandler) or (isinstance(outer, cst.Try) and _may_be_missing(outer)):
            return True
        elif isinstance(outer, cst.FunctionDef | cst.ClassDef):
            described = outer.get_docstring() or ""
            if _IN_NAME.search(outer.name.value) or _IN_COMMENT.search(described):
                return True
            is_function = isinstance(outer, cst.FunctionDef)
            said += [(outer.name.value, _MEANT if is_function else _OLD), (described, _OLD)]
    return any(not wording.words(text).isdisjoint(words) for text, words in said)


def _texts(function: cst.FunctionDef | None) -> Iterator[str]:
    walked = nodes.walk(function) if function else ()
    return (str(node.raw_value) for node in walked if isinstance(node, cst.SimpleString))


def _may_be_missing(node: cst.Try) -> bool:
    """Say whether a name that a Python does not know leads to another way."""
    kinds = (handler.type for handler in node.handlers if handler.type)
    return any(text == "AttributeError" for kind in kinds for text in wording.spoken(kind))
