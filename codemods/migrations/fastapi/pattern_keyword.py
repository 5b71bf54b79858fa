"""FastAPI calls the regular expression of a parameter `pattern`, as OpenAPI does; `regex` warns since 0.100.

Where warnings are errors it fails. The two are the same: FastAPI hands on whichever is given.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give FastAPI's parameters a pattern, not a regex",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: FastAPI hands on whichever of the two is given.",
    references=(
        "https://fastapi.tiangolo.com/release-notes/#01000",
        "https://fastapi.tiangolo.com/tutorial/query-params-str-validations/",
    ),
    needles=(b"regex",),
    pattern=rb"\bfastapi\b",
    minutes=1,
    crosses=">=0.100",
    since="0.100",
)

_KINDS = ("Query", "Path", "Header", "Cookie", "Body", "Form", "File")
_HOMES = ("fastapi", "fastapi.param_functions", "fastapi.params")
_KEYWORDS = {f"{home}.{kind}": {"regex": "pattern"} for home in _HOMES for kind in _KINDS}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the keyword that does not warn."""
    return renamed.keywords_in(module, _KEYWORDS)
