"""Python 3.14 took `ast.Str`, `Num` and their like away: all constants are an `ast.Constant` by now.

The old names raise `AttributeError` there. Since Python 3.8 they made a `Constant` when they were called,
and `isinstance` asked for the type of its value; both can be written out. Where a function asks for `ast.Str` or
`ast.Bytes`, what it reads as `.s` becomes `.value` along with it. Methods such as `visit_Str` are never
called any more, and need a person.
"""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from codemods import alignment, guards, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Ask for ast.Constant, not for ast.Str or ast.Num",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old classes only stood for a constant with a value of some type.",
    references=(
        "https://docs.python.org/3/library/ast.html#ast.Constant",
        "https://docs.python.org/3/whatsnew/3.14.html#ast",
    ),
    needles=(b"Num", b"Str", b"Bytes", b"NameConstant", b"Ellipsis"),
    pattern=rb"\bast\b",
    minutes=5,
    crosses=">=3.14",
    since="3.8",
)

_FIELDS = {"ast.Str": "s", "ast.Bytes": "s", "ast.Num": "n", "ast.NameConstant": "value"}
_TYPES = {"ast.Str": "str", "ast.Bytes": "bytes"}
_CONSTANT = "ast.Constant"
_PAIR = 2


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that makes and asks for constants."""
    known = names.of(module)
    calls = [call for call in nodes.of(module).all(cst.Call) if not guards.for_some_versions(call, module)]
    made = [call for call in calls if known.qualified(call.func) in {*_FIELDS, "ast.Ellipsis"}]
    asked = {call: kinds for call in calls if (kinds := _kinds(call, module))}
    way = reach.to(_CONSTANT, module) if made or asked else None
    if way is None:
        return module
    constant = module.code_for_node(way.expression)
    texts: dict[cst.CSTNode, str] = {}
    for call in made:
        texts |= _made(call, module, constant)
    for scope in {nodes.of(module).function(call) for call in asked}:
        own = {call: kinds for call, kinds in asked.items() if nodes.of(module).function(call) is scope}
        texts |= _asked(own, scope, module, constant)
    return reach.instead(module, alignment.written(module, texts), [way]) if texts else module


def _made(call: cst.Call, module: cst.Module, constant: str) -> dict[cst.CSTNode, str]:
    """Return what becomes of a call that makes a constant; nothing where it cannot be seen what of."""
    field = _FIELDS.get(names.of(module).qualified(call.func) or "", "")
    if any(arg.star or "\n" in module.code_for_node(arg) for arg in call.args):
        return {}
    if not field:
        given = [module.code_for_node(arg.with_changes(comma=_NO_COMMA)) for arg in call.args]
        return {} if _placed(call) else {call: f"{constant}({', '.join(('...', *given))})"}
    value = next((arg for arg in call.args if arg.keyword is None or arg.keyword.value == field), None)
    if value is None or len(_placed(call)) > 1 or value is not call.args[0]:
        return {}
    texts: dict[cst.CSTNode, str] = {call.func: constant}
    return texts | ({value.keyword: "value"} if value.keyword and field != "value" else {})


def _placed(call: cst.Call) -> list[cst.Arg]:
    return [arg for arg in call.args if arg.keyword is None]


_NO_COMMA = cst.MaybeSentinel.DEFAULT


def _kinds(call: cst.Call, module: cst.Module) -> tuple[str, ...]:
    """Return the old classes of which an ``isinstance`` asks; none where it asks for anything else."""
    known = names.of(module)
    if known.builtin(call.func) != "isinstance" or len(call.args) != _PAIR:
        return ()
    node = call.args[1].value
    parts = [e.value for e in node.elements] if isinstance(node, cst.Tuple) else [node]
    found = [known.qualified(part) or "" for part in parts]
    return tuple(found) if found and all(name in _TYPES for name in found) else ()


def _asked(
    asked: Mapping[cst.Call, tuple[str, ...]],
    scope: cst.FunctionDef | cst.Lambda | None,
    module: cst.Module,
    constant: str,
) -> dict[cst.CSTNode, str]:
    """Return what becomes of the questions in one function, and of what is read where they are answered.

    Nothing, where the function speaks of the old classes in other ways, too.
    """
    subjects = {module.code_for_node(call.args[0].value) for call in asked}
    plain = all(isinstance(call.args[0].value, cst.Name) and _is_alone(call, module) for call in asked)
    if not plain or _speaks_otherwise(asked, scope, module):
        return {}
    texts: dict[cst.CSTNode, str] = {}
    for call, kinds in asked.items():
        subject, types = module.code_for_node(call.args[0].value), [_TYPES[kind] for kind in kinds]
        kind = types[0] if len(types) == 1 else f"({', '.join(types)})"
        text = f"isinstance({subject}, {constant}) and isinstance({subject}.value, {kind})"
        texts[call] = text if _binds_weakly(nodes.of(module).above[call]) else f"({text})"
    for node in nodes.of(module).all(cst.Attribute):
        is_read = node.attr.value == "s" and module.code_for_node(node.value) in subjects
        if is_read and nodes.of(module).function(node) is scope:
            texts[node.attr] = "value"
    return texts


def _is_alone(call: cst.Call, module: cst.Module) -> bool:
    return "\n" not in module.code_for_node(call) and not any(arg.keyword or arg.star for arg in call.args)


def _speaks_otherwise(
    asked: Mapping[cst.Call, tuple[str, ...]], scope: cst.FunctionDef | cst.Lambda | None, module: cst.Module
) -> bool:
    """Say whether a function names the old classes elsewhere than in these questions."""
    seen, known = nodes.of(module), names.of(module)
    for node in seen.all(cst.Name, cst.Attribute):
        if known.qualified(node) in _FIELDS and seen.function(node) is scope:
            outer = seen.within(node, cst.Call)
            is_import = seen.within(node, cst.ImportFrom) is not None
            if not is_import and outer not in asked and not (outer and outer.func is node):
                return True
    return False


def _binds_weakly(outer: cst.CSTNode) -> bool:
    """Say whether an ``and`` can stand where a node stands without brackets."""
    if isinstance(outer, cst.BooleanOperation):
        return isinstance(outer.operator, cst.And)
    return isinstance(outer, cst.If | cst.While | cst.Assert | cst.Return | cst.Assign)
