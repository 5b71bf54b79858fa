"""`django.conf.urls.url` is gone in Django 4; `django.urls.re_path` is the same function since Django 2.0.

`url()` has been nothing but a call of `re_path()` with the same arguments. So the pattern stays as it is, a
regular expression: to write it as a route for `path()` may match other addresses, and is nobody's duty. Where
`include` comes along in the same import, it moves to `django.urls` as well, which has the very same function.
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from codemods import imports, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name URL patterns with `re_path` as Django 4 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: `url()` passed all of its arguments on to `re_path()`.",
    references=(
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#features-removed-in-4-0",
        "https://docs.djangoproject.com/en/4.0/ref/urls/#re-path",
    ),
    needles=(b"urls",),
    pattern=rb"\burl\b",
    minutes=3,
    crosses=">=4.0",
    since="2.0",
)

_OLD = "django.conf.urls"
_NAMES = {f"{_OLD}.url": "django.urls.re_path"}
_ALONG = {f"{_OLD}.include": "django.urls.include"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with patterns that are named `re_path`."""
    result = renamed.names_in(module, {**_NAMES, **_along(module)})
    # What came along alone, as `url` had to stay, is no reason to change anything.
    return module if _imported(result, "url") else result


def _along(module: cst.Module) -> Mapping[str, str]:
    return _ALONG if _imported(module, "url") else {}


def _imported(module: cst.Module, name: str) -> bool:
    froms = (node for node in nodes.of(module).all(cst.ImportFrom) if imports.source_of(node) == _OLD)
    return any(not imports.takes(node, name) for node in froms)
