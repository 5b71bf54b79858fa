"""Python 3.14 took `ast.Str`, `Num` and their like away: all constants are an `ast.Constant` by now.

The old names raise `AttributeError` there. Since Python 3.8 they made a `Constant` when they were called,
and `isinstance` asked for the type of its value; both can be written out. What is read of such a node as `.s`
or `.n` becomes `.value` along with it. Where a function asks in other ways, or there is no room on its lines,
it stays as it is. Methods such as `visit_Str` are never called any more, and need a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import libcst as cst

from codemods import alignment, certain, expressions, guards, layout, names, nodes, reach
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
_TYPES = {
    "ast.Str": ("str",),
    "ast.Bytes": ("bytes",),
    "ast.Num": ("int", "float", "complex"),
    "ast.NameConstant": ("bool", "type(None)"),
    "ast.Ellipsis": ("type(...)",),
}
_READ = ("s", "n")
_CONSTANT = "ast.Constant"
_PAIR = 2


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that makes and asks for constants."""
    made, asked = _makers(module), _questions(module)
    way = reach.to(_CONSTANT, module) if made or asked else None
    if way is None:
        return module
    constant = module.code_for_node(way.expression)
    texts = _read(module)
    for call in made:
        texts |= _made(call, module, constant)
    for own in asked:
        texts |= _asked(own, module, constant)
    result = alignment.written(module, texts) if texts else module
    # What is left in a function that can follow are the questions that need several lines.
    broken = {call: kinds for own in _questions(result) for call, kinds in own.items()}
    changes: dict[cst.CSTNode, nodes.Change] = {
        call: partial(_broken, result, constant, kinds) for call, kinds in broken.items()
    }
    result = nodes.replaced(result, changes)
    return reach.instead(module, result, [way]) if result is not module else module


def _calls(module: cst.Module) -> Iterator[cst.Call]:
    return (call for call in nodes.of(module).all(cst.Call) if not guards.for_some_versions(call, module))


def _makers(module: cst.Module) -> list[cst.Call]:
    """Return the calls that make a constant by an old name."""
    known = names.of(module)
    return [call for call in _calls(module) if known.qualified(call.func) in {*_FIELDS, "ast.Ellipsis"}]


def _questions(module: cst.Module) -> list[Mapping[cst.Call, tuple[str, ...]]]:
    """Return, for each function that can follow, the calls that ask for old classes, and for which."""
    found: dict[cst.CSTNode | None, dict[cst.Call, tuple[str, ...]]] = {}
    for call in _calls(module):
        if kinds := _kinds(call, module):
            found.setdefault(nodes.of(module).function(call), {})[call] = kinds
    return [asked for scope, asked in found.items() if _can_follow(asked, scope, module)]


def _can_follow(
    asked: Mapping[cst.Call, tuple[str, ...]], scope: cst.CSTNode | None, module: cst.Module
) -> bool:
    """Say whether all that a function says of the old classes are questions that can be written out."""
    if not all(_is_alone(call, module) for call in asked) or _speaks_otherwise(asked, scope, module):
        return False
    return all(_has_room(call, kinds, module) or _condition(call, module) for call, kinds in asked.items())


def _has_room(call: cst.Call, kinds: Sequence[str], module: cst.Module) -> bool:
    growth = len(_question(call, kinds, _CONSTANT, module)) - len(module.code_for_node(call))
    return layout.has_room(module, call, growth)


def _condition(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a call, or that it is not so, is all of the condition of an ``if``."""
    seen, node = nodes.of(module), call
    outer = seen.above[call]
    if isinstance(outer, cst.UnaryOperation) and isinstance(outer.operator, cst.Not) and not call.lpar:
        return isinstance(above := seen.above[outer], cst.If) and above.test is outer and not outer.lpar
    return isinstance(outer, cst.If) and outer.test is node and not call.lpar


def _broken(
    module: cst.Module, constant: str, kinds: Sequence[str], updated: cst.CSTNode
) -> cst.BaseExpression:
    """Return a question over several lines, in brackets, as formatters write it."""
    call = cst.ensure_type(updated, cst.Call)
    line = cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(module.default_indent))
    new = cst.ensure_type(cst.parse_expression(_written(call, kinds, constant)), cst.BooleanOperation)
    new = new.with_changes(operator=cst.And(whitespace_before=line))
    if isinstance(new.left, cst.BooleanOperation):
        new = new.with_changes(left=new.left.with_changes(operator=cst.And(whitespace_before=line)))
    end = cst.RightParen(whitespace_before=cst.ParenthesizedWhitespace(indent=True))
    return new.with_changes(lpar=[cst.LeftParen(whitespace_after=line)], rpar=[end])


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
    if not found or any(name not in _TYPES for name in found):
        return ()
    types = [name.partition("(")[0] for full in found for name in _TYPES[full]]
    return tuple(found) if all(known.builtin(cst.Name(name)) for name in types) else ()


def _asked(
    asked: Mapping[cst.Call, tuple[str, ...]], module: cst.Module, constant: str
) -> dict[cst.CSTNode, str]:
    """Return what becomes of the questions in one function, and of what is read where they are answered."""
    seen, (first, *_) = nodes.of(module), asked
    subjects = {module.code_for_node(call.args[0].value) for call in asked}
    texts: dict[cst.CSTNode, str] = {
        call: _question(call, kinds, constant, module)
        for call, kinds in asked.items()
        if _has_room(call, kinds, module)
    }
    for node in seen.all(cst.Attribute):
        is_read = node.attr.value in _READ and module.code_for_node(node.value) in subjects
        if is_read and seen.function(node) is seen.function(first):
            texts[node.attr] = "value"
    return texts


def _question(call: cst.Call, kinds: Sequence[str], constant: str, module: cst.Module) -> str:
    """Return the text of a question, in brackets where it needs them."""
    text = _written(call, kinds, constant)
    return text if _binds_weakly(call, nodes.of(module).above[call]) else f"({text})"


def _written(call: cst.Call, kinds: Sequence[str], constant: str) -> str:
    """Return the text that asks whether a value is a constant of one of these kinds."""
    subject = cst.Module([]).code_for_node(call.args[0].value)
    types = [name for kind in kinds for name in _TYPES[kind]]
    text = f"isinstance({subject}, {constant}) and isinstance({subject}.value, "
    text += f"{types[0]})" if len(types) == 1 else f"({', '.join(types)}))"
    is_apart = "ast.Num" in kinds and "ast.NameConstant" not in kinds
    return f"{text} and not isinstance({subject}.value, bool)" if is_apart else text


def _is_alone(call: cst.Call, module: cst.Module) -> bool:
    """Say whether a question is about a name, or what dots and numbers take of one, on one line."""
    chain: cst.BaseExpression = call.args[0].value
    while isinstance(chain, cst.Attribute | cst.Subscript):
        chain = chain.value
    is_plain = isinstance(chain, cst.Name) and certain.pure(call.args[0].value, module)
    return is_plain and expressions.one_line(call) and not any(arg.keyword or arg.star for arg in call.args)


def _read(module: cst.Module) -> dict[cst.CSTNode, str]:
    """Return what is read of nodes that are certainly made here, by the old names."""
    found = (node for node in nodes.of(module).all(cst.Attribute) if node.attr.value in _READ)
    return {node.attr: "value" for node in found if _is_made(node.value, module)}


def _is_made(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether a value is a new node, or a name that holds nothing but new nodes of `ast`."""
    known = names.of(module)
    if isinstance(node, cst.Call):
        return known.qualified(node.func) in _FIELDS
    values = []
    for binding in certain.bindings(node, module) if isinstance(node, cst.Name) else ():
        value = nodes.assigned(binding)[1]
        full = known.qualified(value.func) if isinstance(value, cst.Call) else None
        values.append(full or "")
    is_ast = bool(values) and all(full.startswith("ast.") for full in values)
    return is_ast and any(full in _FIELDS for full in values)


def _speaks_otherwise(
    asked: Mapping[cst.Call, tuple[str, ...]], scope: cst.CSTNode | None, module: cst.Module
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


def _binds_weakly(node: cst.CSTNode, outer: cst.CSTNode) -> bool:
    """Say whether an ``and`` can stand where a node stands without brackets."""
    if isinstance(outer, cst.BooleanOperation):
        return isinstance(outer.operator, cst.And)
    if isinstance(outer, cst.GeneratorExp | cst.ListComp | cst.SetComp):
        return outer.elt is node
    return isinstance(outer, cst.If | cst.While | cst.Assert | cst.Return | cst.Assign | cst.CompIf | cst.Arg)
