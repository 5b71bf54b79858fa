"""Python 3.12 took `SafeConfigParser` and `readfp` out of `configparser`: by now they have other names.

`ConfigParser` has been what `SafeConfigParser` was since Python 3.2, and `readfp` only called `read_file`.
The method is renamed where its parser is certainly one of these: where the name is bound once to a new
parser, and on `self` in a class that derives from one.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import alignment, certain, guards, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Read configuration with ConfigParser and read_file",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old class derived from the new one, and the old method called the new one.",
    references=("https://docs.python.org/3/whatsnew/3.12.html#configparser",),
    needles=(b"SafeConfigParser", b"readfp"),
    pattern=rb"\bconfigparser\b",
    minutes=3,
    crosses=">=3.12",
    since="3.2",
)

_CLASSES = {"configparser.SafeConfigParser": "configparser.ConfigParser"}
_PARSERS = frozenset(("configparser.SafeConfigParser", *_CLASSES.values(), "configparser.RawConfigParser"))
_KEYWORDS = {"fp": "f", "filename": "source"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names of today."""
    texts: dict[cst.CSTNode, str] = {}
    for call, attribute in _reads(module):
        if not guards.for_some_versions(call, module):
            texts[attribute.attr] = "read_file"
            keywords = (arg.keyword for arg in call.args if arg.keyword)
            texts |= {k: _KEYWORDS[k.value] for k in keywords if k.value in _KEYWORDS}
    result = alignment.renamed(module, texts) if texts else module
    return renamed.names_in(result, _CLASSES)


def _reads(module: cst.Module) -> Iterator[tuple[cst.Call, cst.Attribute]]:
    """Yield the calls of the old method on what is certainly a parser."""
    seen = nodes.of(module)
    if any(node.name.value == "readfp" for node in seen.all(cst.FunctionDef)):
        return
    for call in seen.all(cst.Call):
        func = call.func
        if isinstance(func, cst.Attribute) and func.attr.value == "readfp" and _is_parser(func.value, module):
            yield call, func


def _is_parser(node: cst.BaseExpression, module: cst.Module) -> bool:
    known = names.of(module)
    made = node if isinstance(node, cst.Call) else certain.bound_to(node, module)
    if isinstance(made, cst.Call):
        return known.qualified(made.func) in _PARSERS
    if not isinstance(node, cst.Name) or node.value != "self":
        return False
    outer = nodes.of(module).within(node, cst.ClassDef)
    return outer is not None and any(known.qualified(base.value) in _PARSERS for base in outer.bases)
