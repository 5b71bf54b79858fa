"""pytest 8 no longer runs `setup` and `teardown`, the names of nose: tests run without their preparation.

`setup_method` and `teardown_method` of a class, `setup_module` and `teardown_module` of a module are called
at the same moments, by the same fixtures of pytest 7 that served the old names; they need no argument.

A class is rewritten whose name begins with `Test`, that has tests, that no decorator changes and that
inherits from nothing but such classes of the same module. A `setup` that something calls by its name, that is
a fixture itself, or that stands beside a `setup_method`, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import libcst as cst

from codemods import guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name setup and teardown as pytest 8 does",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="A class in another module that inherits from one of these and has the old name has to follow.",
    references=(
        "https://docs.pytest.org/en/stable/deprecations.html#support-for-tests-written-for-nose",
        "https://docs.pytest.org/en/stable/how-to/xunit_setup.html",
    ),
    needles=(b"setup", b"teardown"),
    pattern=rb"\bdef[ \t]+(?:setup|teardown)[ \t]*\(",
    minutes=2,
    crosses=">=8",
    since="4.6",
)

_NAMES = ("setup", "teardown")
_OTHERS = {"setup": ("setUpModule", "setup_module"), "teardown": ("tearDownModule", "teardown_module")}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose preparation pytest 8 still runs."""
    if not _is_for_pytest(module):
        return module
    taken = _called(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for name in _NAMES:
        if name not in taken:
            changes |= _of_module(module, name)
            changes |= _of_classes(module, name)
    return nodes.replaced(module, changes)


def _is_for_pytest(module: cst.Module) -> bool:
    """Say whether a module holds tests as pytest collects them, and nothing of nose itself."""
    seen = nodes.of(module)
    every: list[cst.Import | cst.ImportFrom] = [*seen.all(cst.Import), *seen.all(cst.ImportFrom)]
    if any("nose" in module.code_for_node(node) for node in every):
        return False
    return any(f.name.value.startswith("test") for f in seen.all(cst.FunctionDef))


def _called(module: cst.Module) -> set[str]:
    """Return which of the names something of the module uses: an attribute, a name, a string."""
    seen = nodes.of(module)
    used = {node.attr.value for node in seen.all(cst.Attribute)}
    used |= {str(node.raw_value) for node in seen.all(cst.SimpleString)}
    return used | {name for name in _NAMES if _is_used(name, module)}


def _is_used(name: str, module: cst.Module) -> bool:
    seen = nodes.of(module)
    own = {id(f.name) for f in seen.all(cst.FunctionDef)}
    return any(id(use) not in own for use in names.of(module).uses(name))


def _of_module(module: cst.Module, name: str) -> dict[cst.CSTNode, nodes.Change]:
    """Return what renames a module's own function."""
    known = names.of(module)
    found = [n for n in module.body if isinstance(n, cst.FunctionDef) and n.name.value == name]
    if len(found) != 1 or not _is_plain(found[0], module, most=0) or not _has_tests(module.body):
        return {}
    if any(known.bindings(other) for other in _OTHERS[name]) or known.stars:
        return {}
    return {found[0].name: nodes.to(cst.Name(f"{name}_module"))}


def _of_classes(module: cst.Module, name: str) -> dict[cst.CSTNode, nodes.Change]:
    """Return what renames the method of a module's test classes: in all of a family, or in none."""
    classes = {n.name.value: n for n in module.body if isinstance(n, cst.ClassDef)}
    tests = {c for c in classes.values() if _is_test(c, classes)}
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for family in _families(classes):
        methods = [m for c in family for m in _methods(c) if m.name.value == name]
        bad = any(m.name.value == f"{name}_method" for c in family for m in _methods(c))
        ours = all(c in tests for c in family) and not bad and all(map(_is_undisturbed, family))
        if methods and ours and all(_is_plain(m, module, most=1) for m in methods):
            changes |= {m.name: nodes.to(cst.Name(f"{name}_method")) for m in methods}
    return changes


def _is_test(
    found: cst.ClassDef, classes: Mapping[str, cst.ClassDef], below: tuple[cst.ClassDef, ...] = ()
) -> bool:
    """Say whether pytest collects a class, or a class of the module that inherits from it."""
    heirs = [c for c in classes.values() if found.name.value in _bases(c) and c not in (*below, found)]
    named = found.name.value.startswith("Test") and _has_tests(found.body.body)
    return named or any(_is_test(heir, classes, (*below, found)) for heir in heirs)


def _families(classes: Mapping[str, cst.ClassDef]) -> Iterator[list[cst.ClassDef]]:
    """Yield the classes of a module that inherit from one another, together."""
    left = dict(classes)
    while left:
        family = [left.popitem()[1]]
        for one in family:
            kin = [name for name, other in left.items() if _are_kin(one, other)]
            family += [left.pop(name) for name in kin]
        if all(base in classes or base == "object" for c in family for base in _bases(c)):
            yield family


def _are_kin(one: cst.ClassDef, other: cst.ClassDef) -> bool:
    mine, theirs = _bases(one), _bases(other)
    return other.name.value in mine or one.name.value in theirs or bool(mine & theirs - {"object"})


def _bases(found: cst.ClassDef) -> set[str]:
    return {base.value.value if isinstance(base.value, cst.Name) else "?" for base in found.bases}


def _is_undisturbed(found: cst.ClassDef) -> bool:
    """Say whether a class is what it reads like: no decorator, no metaclass, not made by `__init__`."""
    own = {m.name.value for m in _methods(found)}
    return not found.decorators and not found.keywords and "__init__" not in own and "__new__" not in own


def _methods(found: cst.ClassDef) -> Iterator[cst.FunctionDef]:
    return (n for n in found.body.body if isinstance(n, cst.FunctionDef))


def _has_tests(body: Sequence[cst.CSTNode]) -> bool:
    return any(_is_a_test(node) for node in _definitions(body))


def _is_a_test(node: cst.FunctionDef | cst.ClassDef) -> bool:
    if isinstance(node, cst.ClassDef):
        return node.name.value.startswith("Test") and _has_tests(node.body.body)
    return node.name.value.startswith("test")


def _definitions(body: Iterable[cst.CSTNode]) -> Iterator[cst.FunctionDef | cst.ClassDef]:
    return (node for node in body if isinstance(node, cst.FunctionDef | cst.ClassDef))


def _is_plain(found: cst.FunctionDef, module: cst.Module, *, most: int) -> bool:
    """Say whether a function has no decorator, takes at most so many arguments, and is no coroutine."""
    params = found.params
    many = len(params.params) + len(params.posonly_params)
    fixed = not (params.kwonly_params or params.star_kwarg or isinstance(params.star_arg, cst.Param))
    is_plain = not found.decorators and fixed and many == most and found.asynchronous is None
    return is_plain and not guards.for_some_versions(found, module)
