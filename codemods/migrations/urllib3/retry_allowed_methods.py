"""urllib3 2 knows `Retry(allowed_methods=…)` only; the old name `method_whitelist` raises `TypeError` there.

Both mean the same set of HTTP methods, and the new name works since urllib3 1.26. Where `Retry` also has
other names that went, `DEFAULT_METHOD_WHITELIST` and `DEFAULT_REDIRECT_HEADERS_BLACKLIST`, they become
`DEFAULT_ALLOWED_METHODS` and `DEFAULT_REMOVE_HEADERS_ON_REDIRECT`, which hold the same.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the methods of urllib3's Retry as urllib3 2 does",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names set the same attribute from urllib3 1.26 on.",
    references=(
        "https://urllib3.readthedocs.io/en/stable/v2-migration-guide.html",
        "https://github.com/urllib3/urllib3/blob/main/CHANGES.rst",
    ),
    needles=(
        b"method_whitelist",
        b"DEFAULT_METHOD_WHITELIST",
        b"DEFAULT_REDIRECT_HEADERS_BLACKLIST",
    ),
    minutes=4,
    crosses=">=2",
    since="1.26",
)

_RETRIES = (
    "urllib3.Retry",
    "urllib3.util.Retry",
    "urllib3.util.retry.Retry",
    "requests.packages.urllib3.util.retry.Retry",
    "requests.adapters.Retry",
)
_KEYWORDS = {retry: {"method_whitelist": "allowed_methods"} for retry in _RETRIES}
_CONSTANTS = {
    f"{retry}.{old}": f"{retry}.{new}"
    for retry in _RETRIES
    for old, new in (
        ("DEFAULT_METHOD_WHITELIST", "DEFAULT_ALLOWED_METHODS"),
        ("DEFAULT_REDIRECT_HEADERS_BLACKLIST", "DEFAULT_REMOVE_HEADERS_ON_REDIRECT"),
    )
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that urllib3 2 knows."""
    return renamed.names_in(renamed.keywords_in(module, _KEYWORDS), _CONSTANTS)
