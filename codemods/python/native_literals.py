"""A literal has its type already: `str("name")` is `"name"`, and so is `u"name"` since Python 3.

The call and the prefix were ways to get one type of text from two Pythons. What is left of them makes readers
ask what else could come out. `str()` without an argument is the empty string, which the literal shows.

A call is only replaced where the literal has the very type that is called; `str(b"name")` and `float(1)` are
something else. A prefix stays in files that hold bytes, too, where it tells the two apart, and in tests.
"""

from __future__ import annotations

import libcst as cst

from codemods import alignment, brackets, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Write literals without a call or a prefix around them",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None known: the literal is the very object that the call returned.",
    references=(
        "https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals",
        "https://docs.astral.sh/ruff/rules/native-literals/",
        "https://docs.astral.sh/ruff/rules/unicode-kind-prefix/",
    ),
    needles=(b"str(", b"bytes(", b"int(", b"float(", b"bool(", b"u'", b'u"', b"U'", b'U"'),
    # No alternative begins with a look around: so the search skips what none can begin with.
    pattern=rb"s(?<!\ws)tr\(\s*(?:[uUrRfF]{0,2}[\"']|\))|b(?<!\wb)ytes\(\s*(?:[bBrR]{1,2}[\"']|\))|i(?<!\wi)nt\(\s*[\d)]"
    rb"|f(?<!\wf)loat\(\s*[\d.)]|b(?<!\wb)ool\(\s*(?:True|False|\))|[uU](?<![\w\"'][uU])[\"']",
    requires_python=(3, 0),
    codes=("UP018", "UP025"),
    minutes=1,
    tests=False,
)

_EMPTY = {"bytes": "b{0}{0}", "str": "{0}{0}", "int": "0", "float": "0.0", "bool": "False"}
_NUMBERS = frozenset(("int", "float", "bool"))
"""Types whose literals cannot stand before a dot as they are, or read badly there."""


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose literals are as short as they can be."""
    calls: dict[cst.CSTNode, str] = {
        c: text for c in nodes.of(module).all(cst.Call) if (text := _literal(c, module))
    }
    strings = [] if _holds_bytes(module) else _prefixed(module)
    within = {node for call in calls for node in nodes.walk(call)}
    plain = {n: n.value[1:] for n in strings if n not in within}
    long = {n: _without_prefix for n, text in plain.items() if "\n" in text}
    short: dict[cst.CSTNode, str] = {n: text for n, text in plain.items() if n not in long}
    result = nodes.replaced(module, dict(long.items()))
    return alignment.written(result, {**calls, **short})


def _without_prefix(updated: cst.CSTNode) -> cst.CSTNode:
    node = cst.ensure_type(updated, cst.SimpleString)
    return node.with_changes(value=node.value[1:])


def _prefixed(module: cst.Module) -> list[cst.SimpleString]:
    return [n for n in nodes.of(module).all(cst.SimpleString) if n.prefix in {"u", "U"}]


def _holds_bytes(module: cst.Module) -> bool:
    """Say whether a module has literals of bytes, from which a prefix may tell a text."""
    return any("b" in n.prefix.lower() for n in nodes.of(module).all(cst.SimpleString))


def _literal(call: cst.Call, module: cst.Module) -> str:
    """Return the literal that a call returns as it is, on one line; else nothing."""
    kind = names.of(module).builtin(call.func) if isinstance(call.func, cst.Name) else None
    if kind not in _EMPTY or len(call.args) > 1 or call.lpar or nodes.comments(call):
        return ""
    seen = nodes.of(module)
    outer = seen.above[call]
    if isinstance(outer, cst.Expr) or (kind in _NUMBERS and _is_tight(call, outer, module)):
        return ""
    if not call.args:
        in_text = seen.within(call, cst.FormattedString) is not None
        return "" if in_text else _EMPTY[kind].format(_quote(module))
    (argument,) = call.args
    if argument.keyword or argument.star or not _is_of(kind, argument.value) or argument.value.lpar:
        return ""
    text = module.code_for_node(argument.value)
    text = text[1:] if text[:1] in "uU" else text
    return "" if "\n" in text else text


def _is_tight(call: cst.Call, outer: cst.CSTNode, module: cst.Module) -> bool:
    """Say whether a dot or a keyword stands right behind a call, where it would run into a number."""
    return isinstance(outer, cst.Attribute) or brackets.touch_a_word(call, module)


def _is_of(kind: str, node: cst.BaseExpression) -> bool:
    """Say whether an expression is a literal of this very type."""
    if isinstance(node, cst.SimpleString):
        return kind == ("bytes" if "b" in node.prefix.lower() else "str")
    if isinstance(node, cst.Name):
        return kind == "bool" and node.value in {"True", "False"}
    if isinstance(node, cst.FormattedString):
        return kind == "str" and not any(isinstance(n, cst.Call | cst.SimpleString) for n in nodes.walk(node))
    return isinstance(node, {"int": cst.Integer, "float": cst.Float}.get(kind, ()))


def _quote(module: cst.Module) -> str:
    """Return the quotation mark that the module uses more often."""
    marks = [n.quote for n in nodes.of(module).all(cst.SimpleString) if len(n.quote) == 1]
    return "'" if marks.count("'") > marks.count('"') else '"'
