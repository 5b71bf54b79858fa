"""Sphinx 3 no longer reads `autodoc_default_flags`: what autodoc shows by default is left out silently.

`autodoc_default_options` names the same options since Sphinx 1.8, each with a value: True says no more than
the name did.
"""

from __future__ import annotations

import libcst as cst

from codemods import names, nodes
from codemods.migrations.sphinx import settings
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give autodoc its default options as Sphinx reads them",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: Sphinx 2 made the same options of the flags.",
    references=(
        "https://www.sphinx-doc.org/en/master/usage/extensions/autodoc.html#confval-autodoc_default_options",
        "https://www.sphinx-doc.org/en/master/changes/1.8.html",
    ),
    needles=(b"autodoc_default_flags",),
    minutes=2,
    crosses=">=3",
    since="2.0",
    alone=False,
)

_OLD, _NEW = "autodoc_default_flags", "autodoc_default_options"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the configuration with options instead of flags."""
    assign = settings.assignment(_OLD, module)
    if assign is None or len(names.of(module).uses(_OLD)) != 1 or not names.of(module).free(_NEW):
        return module
    flags = assign.value
    if not isinstance(flags, cst.List | cst.Tuple) or not flags.elements:
        return module
    if any(settings.text(element.value) is None for element in flags.elements):
        return module
    target = assign.targets[0]
    changes: dict[cst.CSTNode, nodes.Change] = {
        target.target: nodes.to(cst.Name(_NEW)),
        flags: nodes.to(_options(flags)),
    }
    return nodes.replaced(module, changes)


def _options(flags: cst.List | cst.Tuple) -> cst.Dict:
    """Return a dictionary of what a list holds, in its layout."""
    entries = [
        cst.DictElement(element.value, cst.Name("True"), comma=element.comma) for element in flags.elements
    ]
    if isinstance(flags, cst.Tuple):
        opening = flags.lpar[0].whitespace_after if flags.lpar else cst.SimpleWhitespace("")
        closing = flags.rpar[0].whitespace_before if flags.rpar else cst.SimpleWhitespace("")
    else:
        opening, closing = flags.lbracket.whitespace_after, flags.rbracket.whitespace_before
    return cst.Dict(
        entries,
        lbrace=cst.LeftCurlyBrace(whitespace_after=opening),
        rbrace=cst.RightCurlyBrace(whitespace_before=closing),
    )
