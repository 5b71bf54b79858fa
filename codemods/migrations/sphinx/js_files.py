"""Sphinx 4 has no `add_javascript`; an extension that calls it raises `AttributeError`.

`add_js_file` does the same since Sphinx 1.8. It is called where the application certainly is asked: the
parameter of a `setup` in a configuration or an extension, and what is annotated as `Sphinx`. A call with more
than the name of a file stays.
"""

from __future__ import annotations

import libcst as cst

from codemods.migrations.sphinx import assets
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Add scripts to Sphinx by add_js_file",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old method calls the new one.",
    references=(
        "https://www.sphinx-doc.org/en/master/extdev/appapi.html#sphinx.application.Sphinx.add_js_file",
        "https://www.sphinx-doc.org/en/master/extdev/deprecated.html",
    ),
    needles=(b"add_javascript",),
    minutes=1,
    crosses=">=4",
    since="1.8",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that calls the new method."""
    return assets.added(module, "add_javascript", "add_js_file")
