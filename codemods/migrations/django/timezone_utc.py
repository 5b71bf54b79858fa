"""`django.utils.timezone.utc` is gone in Django 5; it was Python's `datetime.timezone.utc` since Django 4.0.

Before Django 4.0 the name stood for the UTC of pytz, which is another object. So only projects that cannot be
installed with an older Django are changed, and there both names mean the very same object.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from codemods import alignment, guards, imports, leftovers, moved, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Take UTC from Python, as Django 5 has none",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: from Django 4.0 on both names stand for one object.",
    references=(
        "https://docs.djangoproject.com/en/4.1/releases/4.1/#features-deprecated-in-4-1",
        "https://docs.djangoproject.com/en/5.0/releases/5.0/#features-removed-in-5-0",
    ),
    needles=(b"utc",),
    pattern=rb"django\.utils(?:\.timezone)?[ \t]+import|django\.utils\.timezone\.utc",
    minutes=2,
    crosses=">=5.0",
    since="4.0",
)

_OLD = "django.utils.timezone.utc"
_ALIAS = "dt"


@dataclass(frozen=True)
class _Zone:
    """How UTC can be named: ``text``, once the ``line`` is there that imports what it begins with."""

    text: str
    line: str = ""


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the UTC of `datetime`."""
    uses, zone = _uses(module), _zone(module)
    if not uses or zone is None:
        return module
    result = alignment.written(module, dict.fromkeys(uses, zone.text))
    return leftovers.tidied(module, _with(result, zone.line))


def _uses(module: cst.Module) -> Sequence[cst.Name | cst.Attribute]:
    """Return all places that name the zone; none where its import has to stay as it is."""
    known, seen = names.of(module), nodes.of(module)
    found: list[cst.Name | cst.Attribute] = [
        n for n in seen.all(cst.Attribute) if n.attr.value == "utc" and known.qualified(n) == _OLD
    ]
    plain = [n for n in known.uses("utc") if known.qualified(n) == _OLD]
    if plain and not (len(plain) == len(known.uses("utc")) and moved.may_go(module, "utc")):
        plain = []
    return [n for n in (*found, *plain) if not (n.lpar or guards.for_some_versions(n, module))]


def _zone(module: cst.Module) -> _Zone | None:
    known = names.of(module)
    if known.local("datetime.UTC"):
        return _Zone(f"{known.local('datetime.UTC')}")
    way = reach.to("datetime.timezone", module)
    if way is None:
        short = next((name for name in ("datetime", _ALIAS) if known.free(name)), None)
        line = "import datetime" if short == "datetime" else f"import datetime as {short}"
        return _Zone(f"{short}.timezone.utc", line) if short else None
    text = f"{module.code_for_node(way.expression)}.utc"
    return _Zone(text, f"from {way.source} import {way.name}" if way.source else "")


def _with(module: cst.Module, line: str) -> cst.Module:
    if line.startswith("from "):
        return imports.add(module, "datetime", "timezone")
    return imports.place(module, line) if line else module
