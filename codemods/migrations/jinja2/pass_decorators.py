"""Jinja 3.1 knows `pass_context`, `pass_eval_context` and `pass_environment` only.

Filters and functions had decorators of their own (`contextfilter`, `contextfunction`, `evalcontextfilter` and
the like), which meant the same. The new names work since Jinja 3.0; the old ones raise `ImportError` in 3.1.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

_KINDS = {"context": "pass_context", "evalcontext": "pass_eval_context", "environment": "pass_environment"}

ABOUT = About(
    title="Decorate filters and functions as Jinja 3.1 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: in Jinja 3.0 the old decorators call the new ones.",
    references=(
        "https://jinja.palletsprojects.com/en/stable/changes/#version-3-0-0",
        "https://jinja.palletsprojects.com/en/stable/changes/#version-3-1-0",
    ),
    needles=tuple(f"{kind}{use}".encode() for kind in _KINDS for use in ("filter", "function")),
    pattern=rb"\bjinja2\b",
    minutes=2,
    crosses=">=3.1",
    since="3.0",
)

_NAMES = {
    f"{place}.{kind}{use}": f"jinja2.{new}"
    for kind, new in _KINDS.items()
    for use, places in (("filter", ("jinja2", "jinja2.filters")), ("function", ("jinja2", "jinja2.utils")))
    for place in places
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the decorators that Jinja 3.1 knows."""
    return renamed.names_in(module, _NAMES)
