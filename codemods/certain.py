"""Tells what a value certainly is, and whether working it out can do anything else: from the module alone.

Nothing is guessed from a name. What is not certain is None, or false: an improvement then leaves it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from codemods import names, nodes

_LITERALS: Mapping[type, str] = {
    **dict.fromkeys((cst.Dict, cst.DictComp), "dict"),
    **dict.fromkeys((cst.List, cst.ListComp), "list"),
    **dict.fromkeys((cst.Set, cst.SetComp), "set"),
    **dict.fromkeys((cst.FormattedString,), "str"),
    cst.Tuple: "tuple",
    cst.GeneratorExp: "generator",
    cst.Integer: "int",
    cst.Float: "float",
}
_CALLS = {
    **{name: name for name in ("dict", "list", "set", "frozenset", "tuple", "str", "bytes", "int", "float")},
    **dict.fromkeys(("sorted", "dir"), "list"),
    **dict.fromkeys(("repr", "ascii", "chr", "hex", "oct", "bin", "format", "input"), "str"),
    **dict.fromkeys(("len", "ord", "id", "hash"), "int"),
    **dict.fromkeys(("isinstance", "issubclass", "callable", "bool", "any", "all"), "bool"),
    "vars": "dict",
}
_ANNOTATIONS = {
    **{f"typing.{name}": name.lower() for name in ("Dict", "List", "Set", "FrozenSet", "Tuple")},
    **{f"collections.{name}": "dict" for name in ("OrderedDict", "defaultdict", "Counter")},
}
_PURE_CALLS = frozenset(
    (
        "isinstance",
        "issubclass",
        "callable",
        "len",
        "str",
        "repr",
        "int",
        "float",
        "bool",
        "ord",
        "chr",
        "type",
    )
)


def type_of(node: cst.BaseExpression, module: cst.Module) -> str | None:
    """Return the name of the built-in type that a value certainly has, or None.

    A value is a literal, the result of a built-in, or a name that its scope binds once: to such a value, or
    as a parameter that is annotated so (``**kwargs`` is a ``dict``, ``*args`` a ``tuple``). A value that is
    annotated may be of a class derived from the type.
    """
    return _type_of(node, module, 4)


def _type_of(node: cst.BaseExpression, module: cst.Module, depth: int) -> str | None:
    if type(node) in _LITERALS:
        return _LITERALS[type(node)]
    if isinstance(node, cst.SimpleString | cst.ConcatenatedString):
        return "bytes" if _is_bytes(node) else "str"
    if isinstance(node, cst.Name) and node.value in {"True", "False"}:
        return "bool"
    if isinstance(node, cst.Call):
        return _CALLS.get(names.of(module).builtin(node.func) or "")
    binding = _only_binding(node, module) if depth else None
    return None if binding is None else _of_binding(binding, module, depth - 1)


def bindings(node: cst.Name, module: cst.Module) -> list[cst.CSTNode]:
    """Return the assignments and the parameters that bind a name where it stands."""
    return list(_bindings(node, names.of(module), nodes.of(module)))


def _is_bytes(node: cst.SimpleString | cst.ConcatenatedString) -> bool:
    if isinstance(node, cst.SimpleString):
        return "b" in node.prefix.lower()
    return isinstance(node.left, cst.SimpleString) and "b" in node.left.prefix.lower()


def _bindings(node: cst.Name, known: names.Names, seen: nodes.Seen) -> Iterator[cst.CSTNode]:
    """Yield the assignments and the parameters that bind a name."""
    for assign in (*seen.all(cst.Assign), *seen.all(cst.AnnAssign)):
        target, _ = nodes.assigned(assign)
        if isinstance(target, cst.Name) and target.value == node.value and known.binds(target, node):
            yield assign
    for outer in seen.ancestors(node):
        if isinstance(outer, cst.FunctionDef) and known.binds(outer, node):
            parameters = (n for n in nodes.walk(outer.params) if isinstance(n, cst.Param))
            yield from (p for p in parameters if p.name.value == node.value)


def _of_binding(found: cst.CSTNode, module: cst.Module, depth: int) -> str | None:
    if isinstance(found, cst.Param):
        if found.star == "**":
            return "dict"
        if found.star == "*":
            return "tuple"
        is_none = found.default is not None and _is_none(found.default)
        return None if is_none or found.annotation is None else _annotated(found.annotation, module)
    if isinstance(found, cst.AnnAssign):
        return _annotated(found.annotation, module)
    return _type_of(cst.ensure_type(found, cst.Assign).value, module, depth)


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _annotated(annotation: cst.Annotation, module: cst.Module) -> str | None:
    node, known = annotation.annotation, names.of(module)
    if isinstance(node, cst.Subscript):
        node = node.value
    built_in = known.builtin(node)
    if built_in in _CALLS.values():
        return built_in
    return _ANNOTATIONS.get(known.qualified(node) or "")


def bound_to(node: cst.BaseExpression, module: cst.Module) -> cst.BaseExpression | None:
    """Return the value of the one assignment that binds a name, or None."""
    found = _only_binding(node, module)
    return found.value if isinstance(found, cst.Assign | cst.AnnAssign) else None


def entered(node: cst.BaseExpression, module: cst.Module) -> cst.BaseExpression | None:
    """Return the context of the one ``with`` that binds a name, or None: it may give another thing."""
    if not isinstance(node, cst.Name) or not names.of(module).bound_once(node):
        return None
    for item in nodes.of(module).all(cst.WithItem):
        target = item.asname.name if item.asname else None
        is_it = isinstance(target, cst.Name) and target.value == node.value
        if is_it and names.of(module).binds(cst.ensure_type(target, cst.Name), node):
            return item.item
    return None


def _only_binding(node: cst.BaseExpression, module: cst.Module) -> cst.CSTNode | None:
    """Return the one assignment or parameter that binds a name, which its scope binds once; or None."""
    if not isinstance(node, cst.Name) or not names.of(module).bound_once(node):
        return None
    found = bindings(node, module)
    return found[0] if len(found) == 1 else None


def pure(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether to work out a value does nothing else, so that it may happen never, once or later.

    Names, literals, attributes, comparisons, subscripts of these, and calls of a few built-ins. Attributes
    count although a property can do anything: one that does is broken already.
    """
    known = names.of(module)
    return all(_is_pure(n, known) for n in nodes.walk(node))


def _is_pure(node: cst.CSTNode, known: names.Names) -> bool:
    if isinstance(node, cst.Call):
        return known.builtin(node.func) in _PURE_CALLS and not any(arg.star for arg in node.args)
    return not isinstance(node, cst.Await | cst.Yield | cst.NamedExpr | cst.Lambda | cst.BaseComp)


def constant(node: cst.BaseExpression) -> bool:
    """Say whether a value is a literal that can never be another one: numbers, strings, True, False, None."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        return isinstance(node.expression, cst.Integer | cst.Float)
    if isinstance(node, cst.ConcatenatedString):
        return constant(node.left) and constant(node.right)
    if isinstance(node, cst.Name):
        return node.value in {"True", "False", "None"}
    return isinstance(node, cst.Integer | cst.Float | cst.Imaginary | cst.SimpleString)
