"""marshmallow 4 takes what it does not know about a field as `metadata={…}` only, not as keywords.

A `description=` or an `example=` for the documentation raises `TypeError` there. The metadata is the same in
both forms, and the new one works since marshmallow 3.10.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import libcst as cst

from codemods import arguments, certain, guards, layout, nodes
from codemods.migrations.marshmallow import classes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Give marshmallow's fields their metadata as metadata",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: `metadata` of the field holds the same.",
    references=(
        "https://marshmallow.readthedocs.io/en/latest/changelog.html",
        "https://marshmallow.readthedocs.io/en/latest/marshmallow.fields.html#marshmallow.fields.Field",
    ),
    needles=(b"marshmallow", b"webargs"),
    pattern=rb"\b(?:fields|marshmallow|webargs)\b",
    minutes=2,
    crosses=">=4",
    since="3.10",
)

_KNOWN = frozenset(
    (
        *("allow_none", "attribute", "data_key", "dump_only", "error_messages", "load_only", "metadata"),
        *("required", "validate", "default", "missing", "dump_default", "load_default"),
        *("pre_load", "post_load"),
    )
)
# What marshmallow 2 knew: in 3 it is metadata that nobody meant, and moving it would hide that.
_OLD = frozenset(("load_from", "dump_to", "error", "func", "method_name"))


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose fields get their metadata as such."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        full = classes.field(call, module)
        if full is None or arguments.starred(call) or guards.for_some_versions(call, module):
            continue
        more = _more(call, classes.FIELDS[full])
        if more and _may_move(call, more, module):
            changes[call] = _change(call, more, module)
    return nodes.replaced(module, changes)


def _more(call: cst.Call, own: frozenset[str]) -> list[cst.Arg]:
    """Return the arguments that a field does not know."""
    return [arg for arg in call.args if arg.keyword and arg.keyword.value not in _KNOWN | own]


def _may_move(call: cst.Call, more: Sequence[cst.Arg], module: cst.Module) -> bool:
    """Say whether arguments can stand in a dictionary: in the same order, with nothing lost."""
    names_ = [arg.keyword.value for arg in more if arg.keyword]
    given = arguments.named(call, "metadata")
    if not _OLD.isdisjoint(names_) or (given and _keys(given) & set(names_) != set()):
        return False
    if given and not _is_plain(given):
        return False
    first = call.args.index(given or more[0])
    between = [arg for arg in call.args[first + 1 : call.args.index(more[-1])] if arg not in more]
    moves = all(certain.pure(arg.value, module) for arg in (*between, *more[1:])) if between else True
    said = [*(more if given else more[1:]), more[0].value]
    return moves and not any(map(nodes.comments, said)) and _leaves_no_comment(call, more, given)


def _leaves_no_comment(call: cst.Call, more: Sequence[cst.Arg], given: cst.Arg | None) -> bool:
    """Say whether a call can do without the arguments that move: one before them may have a comment."""
    for arg in more if given else more[1:]:
        shorter = arguments.without(call, call.args.index(arg))
        if shorter is None:
            return False
        call = shorter
    return True


def _keys(given: cst.Arg) -> set[str]:
    found = given.value.elements if isinstance(given.value, cst.Dict) else ()
    keys = (e.key for e in found if isinstance(e, cst.DictElement))
    return {str(key.evaluated_value) for key in keys if isinstance(key, cst.SimpleString)}


def _is_plain(given: cst.Arg) -> bool:
    """Say whether metadata that is there already is a dictionary of one line, with known keys."""
    value = given.value
    if not isinstance(value, cst.Dict) or len(_keys(given)) != len(value.elements):
        return False
    return not nodes.comments(value) and "\n" not in cst.Module([]).code_for_node(value)


def _change(call: cst.Call, more: Sequence[cst.Arg], module: cst.Module) -> nodes.Change:
    if fitted := layout.fitted(module, call, partial(_moved, module, more, "")):
        return fitted
    return partial(_applied, partial(_moved, module, more, _indent(call, more[0])))


def _applied(change: layout.CallChange, updated: cst.CSTNode) -> cst.Call:
    return change(cst.ensure_type(updated, cst.Call))


def _indent(call: cst.Call, arg: cst.Arg) -> str:
    """Return by how much an argument that has a line of its own is indented; nothing where it has none."""
    index = list(call.args).index(arg)
    comma = call.args[index - 1].comma if index else None
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else call.whitespace_before_args
    return space.last_line.value if isinstance(space, cst.ParenthesizedWhitespace) else ""


def _moved(module: cst.Module, more: Sequence[cst.Arg], indent: str, call: cst.Call) -> cst.Call:
    """Return a call with arguments in a dictionary: of several lines where an indentation is said."""
    names_ = [arg.keyword.value for arg in more if arg.keyword]
    found = [arg for arg in call.args if arg.keyword and arg.keyword.value in names_]
    elements = [cst.DictElement(layout.quoted(module, a.keyword.value), a.value) for a in found if a.keyword]
    given = arguments.named(call, "metadata")
    if given:
        old = cst.ensure_type(given.value, cst.Dict)
        new = given.with_changes(value=_dict([*old.elements, *elements], indent, module))
    else:
        first = found.pop(0)
        new = first.with_changes(keyword=cst.Name("metadata"), value=_dict(elements, indent, module))
        given = first
    call = call.with_changes(args=[new if arg is given else arg for arg in call.args])
    for arg in found:
        call = arguments.without(call, list(call.args).index(arg)) or call
    return call


def _dict(elements: Sequence[cst.BaseDictElement], indent: str, module: cst.Module) -> cst.Dict:
    plain = [e.with_changes(comma=cst.MaybeSentinel.DEFAULT) for e in elements]
    if not indent:
        return cst.Dict(plain)
    inner, outer = (
        cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(indent + step))
        for step in (module.default_indent, "")
    )
    tall = [e.with_changes(comma=cst.Comma(whitespace_after=inner)) for e in plain]
    tall[-1] = plain[-1].with_changes(comma=cst.Comma(whitespace_after=outer))
    return cst.Dict(tall, lbrace=cst.LeftCurlyBrace(whitespace_after=inner))
