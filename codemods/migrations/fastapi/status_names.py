"""FastAPI's `status` has four names by RFC 9110 instead of older ones, which warn since Starlette 0.48.

`HTTP_422_UNPROCESSABLE_ENTITY` is `HTTP_422_UNPROCESSABLE_CONTENT`, and so on. Where warnings are errors the
old names fail. FastAPI may install an older Starlette, without the new ones, up to version 0.163.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed, status_codes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call HTTP status codes as RFC 9110 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names are the same numbers.",
    references=(
        "https://starlette.dev/release-notes/",
        "https://www.rfc-editor.org/rfc/rfc9110#name-status-codes",
    ),
    needles=status_codes.OLD,
    minutes=1,
    crosses=">=0.164",
    since="0.164",
)

_NAMES = status_codes.names("fastapi", "starlette")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that do not warn."""
    return renamed.names_in(module, _NAMES)
