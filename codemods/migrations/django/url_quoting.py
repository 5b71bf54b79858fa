"""Django 4 has no `urlquote` and `urlunquote` any more: they were the functions of `urllib.parse`.

`django.utils.http.urlquote`, `urlquote_plus`, `urlunquote` and `urlunquote_plus` handed text to Python 2;
since Django 2.0 they do nothing but call `quote`, `quote_plus`, `unquote` and `unquote_plus`. One thing they
did beside that: given a lazy translation they returned a lazy text, where Python's functions want `str`.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

_FUNCTIONS = {
    "urlquote": "quote",
    "urlquote_plus": "quote_plus",
    "urlunquote": "unquote",
    "urlunquote_plus": "unquote_plus",
}

ABOUT = About(
    title="Quote URLs with Python's functions in place of Django's",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A lazy translation has to be made text first (`str(value)`): `quote` raises `TypeError` for it.",
    references=(
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#features-removed-in-4-0",
        "https://docs.python.org/3/library/urllib.parse.html#url-quoting",
    ),
    needles=tuple(name.encode() for name in _FUNCTIONS),
    minutes=3,
    crosses=">=4.0",
    since="2.0",
)

_PLACE = "django.utils.http"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the functions of `urllib.parse`."""
    for old, new in _FUNCTIONS.items():
        module = _rewritten(module, f"{_PLACE}.{old}", f"urllib.parse.{new}")
    return module


def _rewritten(module: cst.Module, old: str, new: str) -> cst.Module:
    if renamed.names_in(module, {old: new}) is module:
        return module
    keyword = "quoted_url" if old.rpartition(".")[2].startswith("urlun") else "url"
    return renamed.names_in(renamed.keywords_in(module, {old: {keyword: "string"}}), {old: new})
