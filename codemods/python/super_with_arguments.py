"""In Python 3, `super()` finds the class and the object itself; `super(Name, self)` repeats both.

What is repeated goes wrong when a class is renamed, copied or split: the old name then skips a method, or
calls itself without end. The short form cannot, and is what readers know.

Nothing changes where the two forms could differ: in functions and comprehensions within a method, in static
methods, where another class than the enclosing one is named on purpose, where the class or the first
parameter is bound again, and in classes that a decorator or a metaclass of unknown kind may build a second
time (such as `dataclass(slots=True)`, or `NamedTuple`), for which `super()` does not work.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

import libcst as cst

from codemods import alignment, arguments, glance, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call super() without arguments",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: a metaclass that drops `__classcell__` would refuse the class when it is defined.",
    references=(
        "https://docs.python.org/3/library/functions.html#super",
        "https://peps.python.org/pep-3135/",
        "https://docs.astral.sh/ruff/rules/super-call-with-parameters/",
    ),
    needles=(b"super",),
    pattern=rb"\bsuper\(\s*\w+\s*,",
    requires_python=(3, 0),
    codes=("UP008", "R1725", "super-with-arguments"),
    minutes=1,
)

_KEEP_THE_CLASS = frozenset(
    (
        *("functools.total_ordering", "enum.unique", "typing.final", "typing.runtime_checkable"),
        *("unittest.skip", "unittest.skipIf", "unittest.skipUnless", "dataclasses.dataclass"),
        *("django.utils.deconstruct.deconstructible", "django.utils.decorators.method_decorator"),
        *("django.contrib.admin.register", "django.test.override_settings", "django.test.tag"),
        *("django.test.utils.override_settings", "django.test.utils.tag"),
        *("django.db.models.fields.Field.register_lookup", "django.template.library.Library.tag"),
    )
)
"""Decorators that return the very class that they are given; a dataclass only without slots."""
_KNOWN_METACLASSES = frozenset(("abc.ABCMeta", "enum.EnumMeta", "enum.EnumType"))
_INNER = (cst.Lambda, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


def sift(tree: ast.Module) -> bool:
    """Say whether a method gives its class, and its own first parameter, to super()."""
    methods = ((c.name, m) for c in glance.all_of(tree, ast.ClassDef) for m in ast.walk(c))
    return any(
        _names(call) == [name, method.args.args[0].arg]
        for name, method in methods
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.args.args
        for call in ast.walk(method)
        if glance.called(call) == "super"
    )


def _names(call: ast.AST) -> list[str]:
    given = call.args if isinstance(call, ast.Call) else []
    return [arg.id for arg in given if isinstance(arg, ast.Name)]


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the short form wherever it is the same."""
    calls = [c for c in nodes.of(module).all(cst.Call) if _is_long(c) and _is_same(c, module)]
    return alignment.written(module, dict.fromkeys(calls, "super()"))


def _is_long(call: cst.Call) -> bool:
    """Say whether a call reads ``super(Name, name)``, without a comment or parentheses of its own."""
    return (
        isinstance(call.func, cst.Name)
        and call.func.value == "super"
        and len(call.args) == len(arguments.positional(call)) == 2  # noqa: PLR2004 -- the class and the object
        and all(isinstance(arg.value, cst.Name) for arg in call.args)
        and not call.lpar
        and not nodes.comments(call)
    )


def _is_same(call: cst.Call, module: cst.Module) -> bool:
    """Say whether the arguments are what ``super()`` would find."""
    seen, known = nodes.of(module), names.of(module)
    class_name, first = (cst.ensure_type(arg.value, cst.Name) for arg in call.args)
    method = seen.within(call, cst.FunctionDef, cst.ClassDef, *_INNER)
    if not isinstance(method, cst.FunctionDef) or seen.function(call) is not method:
        return False
    owner = seen.within(method, cst.FunctionDef, cst.ClassDef, *_INNER)
    if not isinstance(owner, cst.ClassDef) or owner.name.value != class_name.value:
        return False
    return (
        known.builtin(call.func) == "super"
        and not known.bindings("__class__")
        and _first_parameter(method) == first.value
        and known.bound_once(first)
        and known.binds(method, first)
        and not any(known.builtin(d.decorator) == "staticmethod" for d in method.decorators)
        and known.bound_once(class_name)
        and _names_the_owner(class_name, owner, module)
        and _is_built_once(owner, module)
    )


def _first_parameter(method: cst.FunctionDef) -> str | None:
    positional = (*method.params.posonly_params, *method.params.params)
    return positional[0].name.value if positional else None


def _names_the_owner(class_name: cst.Name, owner: cst.ClassDef, module: cst.Module) -> bool:
    """Say whether a name, read in a method, is found in the scope where the class stands."""
    known = names.of(module)
    around = nodes.of(module).within(owner, cst.FunctionDef, cst.ClassDef, cst.Module)
    if class_name.value.startswith("__") or isinstance(around, cst.ClassDef):
        return False
    if isinstance(around, cst.FunctionDef):
        return known.binds(around, class_name)
    return known.at_top(class_name)


def _is_built_once(owner: cst.ClassDef, module: cst.Module, below: Collection[cst.ClassDef] = ()) -> bool:
    """Say whether nothing in sight puts another class in the place of the one that is written."""
    known = names.of(module)
    if not below and not all(_keeps_the_class(d, known) for d in owner.decorators):
        return False
    metaclasses = [arg.value for arg in owner.keywords if arg.keyword and arg.keyword.value == "metaclass"]
    if any(known.qualified(m) not in _KNOWN_METACLASSES for m in metaclasses):
        return False
    by_name = {n.name.value: n for n in nodes.of(module).all(cst.ClassDef)}
    for base in (arg.value for arg in owner.bases):
        if isinstance(base, cst.Call) and known.qualified(base.func) == "collections.namedtuple":
            continue  # which is made by `type`, as any class
        if isinstance(base, cst.Call) or (known.qualified(base) or "").endswith("NamedTuple"):
            return False
        found = by_name.get(base.value) if isinstance(base, cst.Name) else None
        if found and found not in below and not _is_built_once(found, module, (*below, owner)):
            return False
    return True


def _keeps_the_class(decorator: cst.Decorator, known: names.Names) -> bool:
    node = decorator.decorator
    called = node.func if isinstance(node, cst.Call) else node
    name = known.qualified(called) or ""
    if name == "dataclasses.dataclass" and isinstance(node, cst.Call):
        new_class = any(arguments.named(node, option) for option in ("slots", "weakref_slot"))
        return not new_class and not arguments.starred(node)
    return name in _KEEP_THE_CLASS or name.startswith("pytest.mark.")
