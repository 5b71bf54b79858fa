"""In Python 3, every class derives from `object`; to say so is a habit from Python 2.

There, a class without it was of another kind, with other rules. Where no Python 2 runs the code any more, the
base tells readers nothing and suggests a choice that does not exist.

Only a class whose one base is the built-in `object` changes, so that its bases are the same afterwards. Other
arguments stay. So does the base where a metaclass is named that is not `ABCMeta`: it is given the bases as
they are written, and may ask for the first.
"""

from __future__ import annotations

import libcst as cst

from codemods import guards, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Define classes without the base object",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="None known: in Python 3 the class has the same bases and the same methods.",
    references=(
        "https://docs.python.org/3/reference/compound_stmts.html#class-definitions",
        "https://docs.astral.sh/ruff/rules/useless-object-inheritance/",
    ),
    needles=(b"object",),
    pattern=rb"\bclass[ \t]+\w+[^\n:]*\(\s*(?:\w+\.)?object\b",
    requires_python=(3, 0),
    codes=("UP004", "R0205", "useless-object-inheritance"),
    minutes=1,
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose classes do not name their base when it is `object`."""
    known = names.of(module)
    classes = [n for n in nodes.of(module).all(cst.ClassDef) if _is_useless(n, known)]
    found = [n for n in classes if not guards.silenced(n, module, ABOUT, "useless-object-inheritance")]
    return leftovers.tidied(module, nodes.replaced(module, dict.fromkeys(found, _without_base)))


def _is_useless(node: cst.ClassDef, known: names.Names) -> bool:
    """Say whether a class names `object` as its one base, with no comment between the brackets."""
    if len(node.bases) != 1 or node.bases[0].star or known.builtin(node.bases[0].value) != "object":
        return False
    if any(not _is_same_to(a, known) for a in node.keywords):
        return False
    brackets = (node.lpar, node.rpar, node.bases[0])
    return not any(nodes.comments(n) for n in brackets if isinstance(n, cst.CSTNode))


def _is_same_to(argument: cst.Arg, known: names.Names) -> bool:
    """Say whether what a class is made with sees the same with no base: a metaclass is given the bases."""
    is_metaclass = argument.star or (argument.keyword and argument.keyword.value == "metaclass")
    return not is_metaclass or known.qualified(argument.value) == "abc.ABCMeta"


def _without_base(updated: cst.CSTNode) -> cst.CSTNode:
    node = cst.ensure_type(updated, cst.ClassDef)
    if node.keywords:
        return node.with_changes(bases=())
    none = cst.MaybeSentinel.DEFAULT
    tight = cst.SimpleWhitespace("")
    return node.with_changes(bases=(), lpar=none, rpar=none, whitespace_after_name=tight)
