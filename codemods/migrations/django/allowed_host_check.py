"""Django 4 knows `url_has_allowed_host_and_scheme` only; its old name `is_safe_url` raises `ImportError`.

The function was renamed in Django 3.0, because it promises less than the old name did: it looks at the host
and the scheme, and a URL that passes may still be unsafe to write into a page unescaped. Arguments and
answers are the same.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Check redirects with the name that Django 4 knows",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: since Django 3.0 the old name calls the new one.",
    references=(
        "https://docs.djangoproject.com/en/3.0/releases/3.0/#features-deprecated-in-3-0",
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#features-removed-in-4-0",
    ),
    needles=(b"is_safe_url",),
    minutes=2,
    crosses=">=4.0",
    since="3.0",
)

_NAMES = {"django.utils.http.is_safe_url": "django.utils.http.url_has_allowed_host_and_scheme"}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the name that Django 4 knows."""
    return renamed.names_in(module, _NAMES)
