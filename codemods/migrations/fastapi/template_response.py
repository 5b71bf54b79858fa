"""Starlette 1 gives a template's response the request first; the old order raises `TypeError` there.

FastAPI installs it since version 0.133. `TemplateResponse(name, {"request": request})` becomes
`TemplateResponse(request, name)`: the request is put into the context by itself. Only what certainly is a
`Jinja2Templates` of the same module is asked in the new way.
"""

from __future__ import annotations

import libcst as cst

from codemods import templated
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give template responses the request first",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: Starlette took the same request out of the context.",
    references=(
        "https://starlette.dev/release-notes/",
        "https://fastapi.tiangolo.com/advanced/templates/",
    ),
    needles=(b"TemplateResponse",),
    pattern=rb"\bJinja2Templates\b",
    minutes=2,
    crosses=">=0.133",
    since="0.108",
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose templates are given the request first."""
    return templated.rewrite(module)
