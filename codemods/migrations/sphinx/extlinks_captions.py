r"""Sphinx 6 wants a `%s` in each address and caption of `extlinks`; without one a link fails to be made.

Until then the rest of the link was put behind such a text, which is what a `%s` at its end says. Since Sphinx
4.0 captions may have one. A text with any other `%` is left to a person, and so is what is no literal.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import layout, nodes
from codemods.migrations.sphinx import settings
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say in extlinks where the rest of a link goes",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: Sphinx put the rest behind the text itself.",
    references=(
        "https://www.sphinx-doc.org/en/master/usage/extensions/extlinks.html",
        "https://www.sphinx-doc.org/en/master/changes/6.0.html",
    ),
    needles=(b"extlinks",),
    pattern=rb"(?m)^extlinks\s*=",
    minutes=2,
    crosses=">=6",
    since="4.0",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the configuration whose links have their `%s`."""
    changes: dict[cst.CSTNode, nodes.Change] = {
        node: nodes.to(node.with_changes(value=_with_place(node))) for node in _placeless(module)
    }
    fitting = layout.fitting(module, changes)
    return nodes.replaced(module, fitting if len(fitting) == len(changes) else changes)


def _placeless(module: cst.Module) -> Iterator[cst.SimpleString]:
    """Yield the addresses and captions that say nothing of a place."""
    links = settings.value("extlinks", module)
    for entry in links.elements if isinstance(links, cst.Dict) else ():
        pair = entry.value if isinstance(entry, cst.DictElement) else None
        if isinstance(pair, cst.Tuple | cst.List) and len(pair.elements) == 2:  # noqa: PLR2004 -- address and caption
            for element in pair.elements:
                written = settings.text(element.value)
                if written is not None and "%" not in written:
                    yield cst.ensure_type(element.value, cst.SimpleString)


def _with_place(node: cst.SimpleString) -> str:
    return f"{node.value[: -len(node.quote)]}%s{node.quote}"
