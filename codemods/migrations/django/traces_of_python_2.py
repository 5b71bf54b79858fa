"""What Django carried for Python 2 is gone in Django 3: on Python 3 it did nothing, or was Python's own.

The decorator `python_2_unicode_compatible` gave its class back as it was, `available_attrs(f)` answered what
`functools.wraps` takes by itself, and `lru_cache`, `ContextDecorator` and `abspathu` were imported from
Python's library. Since Django 2.0 there is no Python 2 to care for.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import libcst as cst

from codemods import arguments, guards, leftovers, metaclasses, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Drop the helpers for Python 2 that Django 3 drops",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: on Python 3 these were Python's own objects, or did nothing.",
    references=(
        "https://docs.djangoproject.com/en/3.0/releases/3.0/#removed-private-python-2-compatibility-apis",
    ),
    needles=(
        *(b"python_2_unicode_compatible", b"available_attrs"),
        *(b"lru_cache", b"ContextDecorator", b"abspathu"),
    ),
    pattern=rb"django\.utils\b",
    minutes=2,
    crosses=">=3.0",
    since="2.0",
)

_NAMES = {
    "django.utils.lru_cache.lru_cache": "functools.lru_cache",
    "django.utils.decorators.ContextDecorator": "contextlib.ContextDecorator",
    "django.utils._os.abspathu": "os.path.abspath",
}
_UNCHANGED = frozenset(
    ("django.utils.encoding.python_2_unicode_compatible", "django.utils.six.python_2_unicode_compatible")
)
_ATTRIBUTES = "django.utils.decorators.available_attrs"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module without these helpers."""
    changes = {**_decorated(module), **_wrapped(module)}
    result = leftovers.tidied(module, nodes.replaced(module, changes))
    return renamed.names_in(result, _NAMES)


def _decorated(module: cst.Module) -> dict[cst.CSTNode, nodes.Change]:
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for found in nodes.of(module).all(cst.ClassDef):
        gone = {n for n, d in enumerate(found.decorators) if known.qualified(d.decorator) in _UNCHANGED}
        said = any(nodes.comments(found.decorators[n]) for n in gone)
        if gone and not said and not guards.for_some_versions(found, module):
            changes[found] = partial(_undecorated, gone)
    return changes


def _undecorated(gone: Collection[int], updated: cst.CSTNode) -> cst.CSTNode:
    return metaclasses.without_decorators(cst.ensure_type(updated, cst.ClassDef), gone)


def _wrapped(module: cst.Module) -> dict[cst.CSTNode, nodes.Change]:
    """Return the changes of `wraps(f, assigned=available_attrs(f))` to `wraps(f)`."""
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for call in nodes.of(module).all(cst.Call):
        if known.qualified(call.func) != "functools.wraps" or arguments.starred(call) or len(call.args) != 2:  # noqa: PLR2004 -- what is wrapped and what it gets
            continue
        last = call.args[1]
        asked = last.value.func if isinstance(last.value, cst.Call) else None
        is_it = asked is not None and known.qualified(asked) == _ATTRIBUTES
        if is_it and (last.keyword is None or last.keyword.value == "assigned"):
            changes[call] = _without_second
    return changes


def _without_second(updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    return arguments.without(call, 1) or call
