"""Sphinx 5 writes English where no language is set; `language = None` warns, and ends a build with `-W`.

`language = "en"` is what it takes None for. In older versions it only adds the language to the pages.
"""

from __future__ import annotations

import libcst as cst

from codemods import layout, nodes
from codemods.migrations.sphinx import settings
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say that the language of the documentation is English",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: since Sphinx 5 None is taken for `en`, with a warning.",
    references=(
        "https://www.sphinx-doc.org/en/master/usage/configuration.html#confval-language",
        "https://www.sphinx-doc.org/en/master/changes/5.0.html",
    ),
    needles=(b"language",),
    pattern=rb"(?m)^language\s*=\s*None\b",
    minutes=1,
    crosses=">=5",
    since="5.0",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the configuration with its language."""
    found = settings.value("language", module)
    if not isinstance(found, cst.Name) or found.value != "None":
        return module
    return nodes.replaced(module, {found: nodes.to(layout.quoted(module, "en"))})
