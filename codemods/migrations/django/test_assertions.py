"""Test cases of Django 5.1 have `assertQuerySetEqual` and `assertFormSetError` only, with a capital S.

The names `assertQuerysetEqual` and `assertFormsetError` do the same in Django 4.2, where they warn; in Django
5.1 they raise `AttributeError`. They are renamed where a method takes them from its own object, and where
its class derives from one of Django's test cases, be it through another class of the module. A class from
elsewhere that comes before that one may have such assertions of its own, which nothing here shows.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import alignment, guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

_ASSERTIONS = {
    "assertQuerysetEqual": "assertQuerySetEqual",
    "assertFormsetError": "assertFormSetError",
}

ABOUT = About(
    title="Use the assertion names that Django 5.1 still has",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: from Django 4.2 on the old name calls the new one.",
    references=(
        "https://docs.djangoproject.com/en/4.2/releases/4.2/#features-deprecated-in-4-2",
        "https://docs.djangoproject.com/en/5.1/releases/5.1/#features-removed-in-5-1",
    ),
    needles=tuple(name.encode() for name in _ASSERTIONS),
    minutes=2,
    crosses=">=5.1",
    since="4.2",
)

_CASES = frozenset(
    (
        *(
            f"{place}.{name}"
            for place in ("django.test", "django.test.testcases")
            for name in ("SimpleTestCase", "TransactionTestCase", "TestCase", "LiveServerTestCase")
        ),
        "django.contrib.staticfiles.testing.StaticLiveServerTestCase",
        *(f"rest_framework.test.API{kind}TestCase" for kind in ("", "Simple", "Transaction", "LiveServer")),
    )
)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the assertions that Django 5.1 knows."""
    seen = nodes.of(module)
    own = {n.name.value for n in seen.all(cst.FunctionDef)}
    hits: dict[cst.CSTNode, str] = {
        node.attr: _ASSERTIONS[node.attr.value]
        for found in seen.all(cst.ClassDef)
        if _is_case(found, module, ())
        for node in _taken_from_self(found, module)
        if node.attr.value in _ASSERTIONS and not own & {node.attr.value, _ASSERTIONS[node.attr.value]}
    }
    return alignment.renamed(module, hits) if hits else module


def _is_case(found: cst.ClassDef, module: cst.Module, below: tuple[cst.ClassDef, ...]) -> bool | None:
    """Say whether a class takes what it lacks from a test case of Django; None where it takes nothing.

    False: a class from elsewhere comes first, which may have assertions of its own.
    """
    known = names.of(module)
    classes = [n for n in module.body if isinstance(n, cst.ClassDef)]
    for base in (arg.value for arg in found.bases if arg.keyword is None):
        if known.qualified(base) in _CASES:
            return True
        if known.builtin(base) == "object":
            continue
        same = [c for c in classes if isinstance(base, cst.Name) and c.name.value == base.value]
        if len(same) != 1 or same[0] in (*below, found) or known.bindings(same[0].name.value) != 1:
            return False
        inherited = _is_case(same[0], module, (*below, found))
        if inherited is not None:
            return inherited
    return None


def _taken_from_self(found: cst.ClassDef, module: cst.Module) -> Iterator[cst.Attribute]:
    """Yield each attribute of a method's first parameter, in the method and the functions within."""
    known = names.of(module)
    for method in found.body.body:
        if not isinstance(method, cst.FunctionDef) or not method.params.params:
            continue
        first = method.params.params[0].name.value
        for node in nodes.walk(method.body):
            if not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
                continue
            is_self = node.value.value == first and known.binds(method, node.value)
            if is_self and known.bound_once(node.value) and not guards.for_some_versions(node, module):
                yield node
