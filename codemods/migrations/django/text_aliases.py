"""Django 4 knows one name for text: `force_text`, `ugettext` and the like raise `ImportError` there.

On Python 2 each of these functions had a twin for text. Since Django 2.0, which needs Python 3, both are the
same function: `force_text` is `force_str`, `smart_text` is `smart_str`, and `ugettext`, `ugettext_lazy`,
`ugettext_noop`, `ungettext` and `ungettext_lazy` are the names without the `u`. The names that are left work
in every version since then, and from Django 3.0 on the old ones warn.
"""

from __future__ import annotations

import libcst as cst

from codemods import renamed
from codemods.model import About, Applicability, Category, Facts

_ENCODING = {"force_text": "force_str", "smart_text": "smart_str"}
_TRANSLATION = {
    "ugettext": "gettext",
    "ugettext_lazy": "gettext_lazy",
    "ugettext_noop": "gettext_noop",
    "ungettext": "ngettext",
    "ungettext_lazy": "ngettext_lazy",
}

ABOUT = About(
    title="Use the text functions that Django 4 still has",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: both names call the same function since Django 2.0.",
    references=(
        "https://docs.djangoproject.com/en/4.0/releases/4.0/#features-removed-in-4-0",
        "https://docs.djangoproject.com/en/3.0/releases/3.0/#features-deprecated-in-3-0",
    ),
    needles=tuple(name.encode() for name in (*_ENCODING, *_TRANSLATION)),
    minutes=2,
    crosses=">=4.0",
    since="2.0",
)

_NAMES = {
    f"{place}.{old}": f"{place}.{new}"
    for place, table in (("django.utils.encoding", _ENCODING), ("django.utils.translation", _TRANSLATION))
    for old, new in table.items()
}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the names that Django 4 knows."""
    return renamed.names_in(module, _NAMES)
