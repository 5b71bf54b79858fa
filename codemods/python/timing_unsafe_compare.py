"""`==` on a signature stops at the first byte that differs, and the time that it takes tells which one.

Whoever can send many guesses learns a valid signature from that, byte by byte. `hmac.compare_digest` takes
as long for a wrong guess as for a right one, and is meant for exactly this.

A comparison changes when one side certainly comes from `hmac`, or from `hashlib` while the other side is
called a signature, a token or a password. Checksums of files are no secrets, and stay. `compare_digest`
raises `TypeError` for text with other than ASCII characters, for `None`, and for text beside bytes, where
`==` says no; so a value that may plainly be `None`, such as what `headers.get(…)` returns, is left alone:
it needs an answer of its own first.
"""

from __future__ import annotations

from functools import partial

import libcst as cst

from codemods import arguments, certain, layout, names, nodes, reach, wording
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Compare signatures in constant time",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A value that is `None`, text beside bytes, or text that is not ASCII raises `TypeError` instead of "
    "being unequal.",
    references=(
        "https://docs.python.org/3/library/hmac.html#hmac.compare_digest",
        "https://codahale.com/a-lesson-in-timing-attacks/",
    ),
    needles=(b"digest", b"hexdigest"),
    pattern=rb"\b(?:hmac|hashlib)\b",
    minutes=10,
    tests=False,
)

_SAFELY = "hmac.compare_digest"
_MACS = frozenset(("hmac.new", "hmac.HMAC"))
_WRITTEN = frozenset(
    (
        *("base64.b64encode", "base64.urlsafe_b64encode", "base64.standard_b64encode", "base64.b32encode"),
        *("base64.b16encode", "binascii.hexlify", "binascii.b2a_hex"),
    )
)
_SAME = frozenset(("decode", "encode", "hex", "upper", "lower", "strip", "rstrip"))
_SECRET = frozenset(
    (
        *("signature", "signatures", "sig", "sign", "token", "mac", "hmac", "secret", "password", "passwd"),
        "challenge",
    )
)
_STATEMENTS = (cst.If, cst.While, cst.Assert, cst.Return, cst.Assign, cst.BooleanOperation, cst.IfExp)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that compares its signatures in constant time."""
    found = [c for c in nodes.of(module).all(cst.Comparison) if _is_plain(c) and _is_risky(c, module)]
    way = reach.to(_SAFELY, module) if found else None
    if way is None:
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for comparison in found:
        change = partial(_compared, way.expression)
        if _can_be(comparison, module) and layout.fits(module, comparison, change(comparison)):
            changes[comparison] = change
    return reach.brought(nodes.replaced(module, changes), [way] if changes else [])


def _is_plain(node: cst.Comparison) -> bool:
    return len(node.comparisons) == 1 and isinstance(node.comparisons[0].operator, cst.Equal | cst.NotEqual)


def _compared(function: cst.BaseExpression, updated: cst.CSTNode) -> cst.BaseExpression:
    node = cst.ensure_type(updated, cst.Comparison)
    args = [
        cst.Arg(node.left, comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))),
        cst.Arg(node.comparisons[0].comparator),
    ]
    call = cst.Call(function, args)
    if isinstance(node.comparisons[0].operator, cst.Equal):
        return call.with_changes(lpar=node.lpar, rpar=node.rpar)
    return cst.UnaryOperation(cst.Not(), call, lpar=node.lpar, rpar=node.rpar)


def _can_be(node: cst.Comparison, module: cst.Module) -> bool:
    """Say whether a comparison stands on one line, where a call or its negation can stand as well."""
    outer = nodes.of(module).above[node]
    is_negated = isinstance(outer, cst.UnaryOperation) and isinstance(outer.operator, cst.Not)
    is_equal = isinstance(node.comparisons[0].operator, cst.Equal)
    is_fitting = isinstance(outer, _STATEMENTS) or (is_negated and is_equal)
    after_keyword = node.left.lpar and not node.lpar  # the brackets may be what parts it from the keyword
    return is_fitting and not after_keyword and "\n" not in module.code_for_node(node)


def _is_risky(node: cst.Comparison, module: cst.Module) -> bool:
    sides = node.left, node.comparisons[0].comparator
    for made, given in (sides, sides[::-1]):
        kind = _kind(made, module, 3)
        if kind == "hmac" or (
            kind == "hashlib" and not wording.words(wording.target(given)).isdisjoint(_SECRET)
        ):
            return not certain.constant(given) and not _may_be_none(given, module)
    return False


def _kind(node: cst.BaseExpression, module: cst.Module, depth: int) -> str | None:
    """Return the module whose digest a value is, as bytes or written as text; None if that is not certain."""
    if isinstance(node, cst.Name) and depth:
        value = certain.bound_to(node, module)
        return _kind(value, module, depth - 1) if value else None
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        return _kind(node.right, module, depth)
    if isinstance(node, cst.FormattedString):
        parts = [p.expression for p in node.parts if isinstance(p, cst.FormattedStringExpression)]
        return _kind(parts[0], module, depth) if len(parts) == 1 else None
    return _of_call(node, module, depth) if isinstance(node, cst.Call) else None


def _of_call(call: cst.Call, module: cst.Module, depth: int) -> str | None:
    full = names.of(module).qualified(call.func)
    if full == "hmac.digest":
        return "hmac"
    if full in _WRITTEN and len(call.args) == 1 and not arguments.starred(call):
        return _kind(call.args[0].value, module, depth)
    if not isinstance(call.func, cst.Attribute):
        return None
    if call.func.attr.value in {"digest", "hexdigest"}:
        return _maker(call.func.value, module)
    return _kind(call.func.value, module, depth) if call.func.attr.value in _SAME else None


def _maker(node: cst.BaseExpression, module: cst.Module) -> str | None:
    made = certain.bound_to(node, module) if isinstance(node, cst.Name) else node
    if not isinstance(made, cst.Call):
        return None
    full = names.of(module).qualified(made.func) or ""
    if full in _MACS:
        return "hmac"
    return "hashlib" if full.startswith("hashlib.") and full.count(".") == 1 else None


def _may_be_none(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value plainly may be ``None``: what ``get`` found, or a parameter that is optional."""
    if isinstance(node, cst.Name):
        value = certain.bound_to(node, module)
        return _is_optional(node, module) if value is None else _may_be_none(value, module)
    func = node.func if isinstance(node, cst.Call) else None
    return isinstance(func, cst.Attribute) and func.attr.value in _FINDING


_FINDING = frozenset(("get", "getenv", "pop", "get_header", "get_argument", "getheader", "group"))


def _is_optional(node: cst.Name, module: cst.Module) -> bool:
    """Say whether a name is a parameter whose default or annotation allows ``None``."""
    function = nodes.of(module).within(node, cst.FunctionDef)
    every = nodes.walk(function.params) if function else ()
    found = [p for p in every if isinstance(p, cst.Param) and p.name.value == node.value]
    parts = [part for p in found for part in (p.default, p.annotation) if part is not None]
    return any(text in {"None", "Optional", "Any"} for part in parts for text in wording.spoken(part))
