"""On Python 3 alone, `six` is another spelling of what the language has.

`six.text_type` is `str`, `six.iteritems(d)` is `d.items()`, `six.moves.urllib.parse` is `urllib.parse`: the
library looks up the object by the version of Python, and there is one answer left. Written plainly, editors
and type checkers understand the code, nobody needs to know what the library did, and one dependency comes
closer to being gone.

Only what is exactly the same object, method or statement is replaced; the import goes where nothing needs it
any more. Left alone are functions that do something of their own (`ensure_str`, `int2byte`), branches on
`six.PY2`, which are another improvement's business, `six.string_types` where the tuple itself is meant, an
import that may be missing or that a comment speaks of, and `six.moves.urllib.request` where its functions are
looked up when they are called: tests patch them there to keep code off the network. A class keeps
`six.add_metaclass` unless the metaclass is `ABCMeta`: others may notice that they no longer see it twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import libcst as cst

from codemods import (
    alignment,
    arguments,
    certain,
    classinfo,
    expressions,
    leftovers,
    metaclasses,
    moved,
    names,
    nodes,
    reach,
    sixes,
)
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Write plain Python 3 in place of six",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None on Python 3; code elsewhere that takes `six` from such a module no longer finds it there.",
    references=(
        "https://six.readthedocs.io/",
        "https://docs.python.org/3/howto/pyporting.html",
        "https://github.com/asottile/pyupgrade#remove-six-compatibility-code",
    ),
    needles=(b"six",),
    pattern=rb"(?m)(?:^|\xbf)(?:from[ \t]+six\b|import[ \t][^\n]*\bsix\b)",
    requires_python=(3, 4),
    minutes=2,
)

_ROUNDS = 4
_ITERATES = frozenset(
    (
        *("list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "any", "all", "min", "max"),
        *("enumerate", "iter"),
    )
)
# The methods of a type that do nothing but iterate over their arguments.
_OF_SETS = (
    *("difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference"),
    *("union", "update"),
)
_ITERATE = {"set": _OF_SETS, "frozenset": _OF_SETS, "list": ("extend",), "str": ("join",)}
_HANDLING = cst.ExceptHandler | cst.FunctionDef | cst.Try | cst.Module
# What a literal of bytes cannot hold, or reads otherwise.
_NOT_IN_BYTES = re.compile(r"[^\x00-\x7f]|\\[uUN]|\\[4-7][0-7][0-7]")


@dataclass
class _File:
    """One module, the names that six gives it at its top, and what shall change."""

    module: cst.Module
    known: names.Names
    seen: nodes.Seen
    ours: Mapping[str, str]
    gone: set[str] = field(default_factory=set)
    changes: dict[cst.CSTNode, nodes.Change] = field(default_factory=dict)
    ways: list[reach.Way] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    classes: dict[cst.ClassDef, set[cst.CSTNode]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Say whether a name is, or is going to be, the built-in of that name."""
        return name in self.gone or self.known.builtin(cst.Name(name)) == name


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module without what six only spells in another way."""
    for _round in range(_ROUNDS):
        after = _once(module)
        if after is module:
            break
        module = after
    return module


def _once(module: cst.Module) -> cst.Module:
    known = names.of(module)
    ours = dict(moved.only(module, "six"))
    if not ours:
        return module
    file = _File(module, known, nodes.of(module), ours)
    for local, full in ours.items():
        _import(local, full, file)
    for local, full in ours.items():
        for use in known.uses(local) if local not in file.gone else ():
            _use(use, full, file)
    for found, parts in file.classes.items():
        _class(found, parts, file)
    if not (file.changes or file.gone):
        return module
    result = moved.swapped(nodes.replaced(module, file.changes), file.gone, file.lines)
    return leftovers.tidied(module, reach.brought(result, file.ways))


# Imports: what they bring comes from the standard library under the same name.


def _import(local: str, full: str, file: _File) -> None:
    lines = _lines(local, full, file)
    if lines is not None and moved.may_go(file.module, local, stays=bool(lines)):
        file.gone.add(local)
        file.lines += lines


def _lines(local: str, full: str, file: _File) -> list[str] | None:
    """Return the imports in place of one from six (none for a built-in); None where it stays."""
    if full == "six.moves.urllib":
        return _urllib(local, file)
    new = sixes.moved(full)
    if new is None:
        return None
    source, _, name = new.rpartition(".")
    if full in sixes.MODULE:
        is_last = source and (name == local or full.startswith("six.moves.urllib."))
        return [f"from {source} import {_as(name, local)}" if is_last else f"import {_as(new, local)}"]
    if not source:
        return [] if name == local and not file.known.stars else None
    return [f"from {source} import {_as(name, local)}"]


def _as(name: str, local: str) -> str:
    return name if name == local else f"{name} as {local}"


def _urllib(local: str, file: _File) -> list[str] | None:
    """Return the imports of the parts of urllib in use, where all of them can be told."""
    parts = set()
    for use in file.known.uses(local):
        outer = file.seen.above[use]
        if not isinstance(outer, cst.Attribute) or f"six.moves.urllib.{outer.attr.value}" not in sixes.MODULE:
            return None
        parts.add(outer.attr.value)
    return [f"import urllib.{part}" for part in sorted(parts)] if local == "urllib" else None


# Uses: the longest part of a dotted name that six answers for.


def _use(name: cst.Name, full: str, file: _File) -> None:
    node: cst.BaseExpression = name
    while not _replaced(node, full, file):
        outer = file.seen.above[node]
        if not isinstance(outer, cst.Attribute):
            return
        node, full = outer, f"{full}.{outer.attr.value}"


def _replaced(node: cst.BaseExpression, full: str, file: _File) -> bool:
    """Note how a name of six changes; say whether it is one at all."""
    known = sixes.BUILTIN.keys() | sixes.TUPLE.keys() | sixes.OBJECT.keys() | sixes.MODULE.keys()
    if full in known:
        if not _is_fixed(node, file):
            _named(node, full, file)
        return True
    above = file.seen.above[node]
    if full == "six.python_2_unicode_compatible" and isinstance(above, cst.Decorator):
        _decorated(above, file)
    if isinstance(above, cst.Call) and above.func is node and not _is_fixed(above, file):
        if full == "six.reraise":
            _reraised(above, file)
        elif len(arguments.positional(above)) == len(above.args):
            _called(above, full, file)
    return False


def _is_fixed(node: cst.CSTNode, file: _File) -> bool:
    """Say whether a node stays: it is assigned to, shown as it is written, or others are aligned to it."""
    above = file.seen.above[node]
    if isinstance(above, cst.AssignTarget | cst.Del) or getattr(above, "target", None) is node:
        return True
    shown = file.seen.within(node, cst.FormattedStringExpression)
    return (shown is not None and shown.equal is not None) or alignment.holds(file.module, node)


def _named(node: cst.BaseExpression, full: str, file: _File) -> None:
    """Replace what is the same object everywhere, or (a tuple of one class) the same to `isinstance`."""
    new: cst.BaseExpression | None = None
    if built_in := sixes.BUILTIN.get(full) or sixes.TUPLE.get(full):
        new = cst.Name(built_in) if file.has(built_in) else None
        several = classinfo.around(node, file.module)
        if isinstance(several, cst.BinaryOperation) and not _adds_up(several, file):
            several = None
        if several is not None and new is not None:
            file.changes[several] = classinfo.flat
        elif full in sixes.TUPLE and not classinfo.asked(node, file.module):
            new = None
    elif full in sixes.MODULE:
        new = _module(sixes.MODULE[full], file)
    elif way := reach.to(sixes.OBJECT[full], file.module):
        file.ways.append(way)
        new = way.expression
    if new is not None:
        file.changes[node] = partial(_instead, new)


def _instead(new: cst.BaseExpression, updated: cst.CSTNode) -> cst.CSTNode:
    old = updated
    if not isinstance(old, cst.Name | cst.Attribute):
        raise TypeError("a name of six is dotted")
    return expressions.in_place(new.deep_clone(), old)


def _module(path: str, file: _File) -> cst.BaseExpression | None:
    """Return how a module of the standard library is named, importing it where its name is free."""
    if local := file.known.local(path):
        return cst.Name(local)
    top = path.partition(".")[0]
    if file.known.local(top) != top and not file.known.free(top):
        return None
    file.lines.append(f"import {path}")
    return cst.parse_expression(path)


def _adds_up(several: cst.BinaryOperation, file: _File) -> bool:
    """Say whether a sum is one of tuples that stand here and of those of six, and can become one tuple."""
    parts = list(classinfo.operands(several))
    dotted = (p for p in parts if isinstance(p, cst.Name | cst.Attribute))
    ours = {p for p in dotted if file.known.qualified(p) in sixes.TUPLE and not _is_fixed(p, file)}
    return expressions.one_line(several) and all(isinstance(p, cst.Tuple) or p in ours for p in parts)


# Calls.


def _called(call: cst.Call, full: str, file: _File) -> None:
    """Note how a call of a function of six changes."""
    above, count = file.seen.above[call], len(call.args)
    if full == "six.add_metaclass" and isinstance(above, cst.Decorator) and count == 1:
        _decorated(above, file, call.args[0].value)
    elif full == "six.with_metaclass" and isinstance(above, cst.Arg) and count:
        _based(above, file)
    elif full == "six.raise_from" and isinstance(above, cst.Expr) and count == 2:  # noqa: PLR2004 -- the error and its cause
        file.changes[above] = _raised
    elif full in sixes.METHOD and count == 1:
        method, iterator = sixes.METHOD[full]
        wrapped = iterator and not _is_iterated(call, above, file)
        if not wrapped or file.has("iter"):
            file.changes[call] = partial(_method, method, wrapped)
    elif full in sixes.ATTRIBUTE and count == 1:
        file.changes[call] = partial(_attribute, sixes.ATTRIBUTE[full])
    elif full in sixes.ASSERTION and count:
        file.changes[call] = partial(_assertion, sixes.ASSERTION[full])
    elif full in {"six.u", "six.b"} and count == 1 and not isinstance(above, cst.Expr):
        literal = _literal(call.args[0].value, full)
        if literal is not None:
            file.changes[call] = lambda updated: expressions.in_place(
                literal, cst.ensure_type(updated, cst.Call)
            )


def _reraised(call: cst.Call, file: _File) -> None:
    """Note that ``six.reraise(*sys.exc_info())`` in a handler is a plain ``raise``."""
    statement = file.seen.above[call]
    if len(call.args) != 1 or call.args[0].star != "*" or not isinstance(statement, cst.Expr):
        return
    info = call.args[0].value
    told = isinstance(info, cst.Call) and file.known.qualified(info.func) == "sys.exc_info"
    near = next(n for n in file.seen.ancestors(call) if isinstance(n, _HANDLING))
    if told and isinstance(near, cst.ExceptHandler):
        file.changes[statement] = lambda _: cst.Raise()


def _is_iterated(call: cst.Call, above: cst.CSTNode, file: _File) -> bool:
    """Say whether what stands around a call does nothing but iterate over its result."""
    node: cst.CSTNode = call
    while isinstance(above, cst.IfExp) and node is not above.test:
        node, above = above, file.seen.above[above]
    if isinstance(above, cst.For | cst.CompFor):
        return above.iter is node
    if isinstance(above, cst.From):
        return isinstance(file.seen.above[above], cst.Yield)
    outer = file.seen.above.get(above)
    if not isinstance(above, cst.Arg) or not isinstance(outer, cst.Call):
        return False
    if isinstance(outer.func, cst.Attribute) and not above.keyword:
        kind = certain.type_of(outer.func.value, file.module)
        return above.star == "*" or outer.func.attr.value in _ITERATE.get(kind or "", ())
    alone = above.keyword is None and len(arguments.positional(outer)) == 1
    return above.star == "*" or (alone and file.known.builtin(outer.func) in _ITERATES)


def _method(method: str, wrapped: bool, updated: cst.CSTNode) -> cst.CSTNode:  # noqa: FBT001 -- a partial's
    call = cst.ensure_type(updated, cst.Call)
    value = expressions.before_dot(call.args[0].value)
    new = cst.Call(cst.Attribute(value, cst.Name(method)))
    if wrapped:
        new = cst.Call(cst.Name("iter"), [cst.Arg(new)])
    return expressions.in_place(new, call)


def _attribute(name: str, updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    new = cst.Attribute(expressions.before_dot(call.args[0].value), cst.Name(name))
    return expressions.in_place(new, call)


def _assertion(name: str, updated: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(updated, cst.Call)
    case, *args = call.args
    return call.with_changes(
        func=cst.Attribute(expressions.before_dot(case.value), cst.Name(name)), args=args
    )


def _raised(updated: cst.CSTNode) -> cst.CSTNode:
    error, cause = cst.ensure_type(cst.ensure_type(updated, cst.Expr).value, cst.Call).args
    return cst.Raise(error.value, cst.From(cause.value))


def _literal(value: cst.BaseExpression, full: str) -> cst.BaseExpression | None:
    """Return the literal that ``six.u`` or ``six.b`` of a literal is."""
    if not isinstance(value, cst.SimpleString) or value.prefix not in {"", "r"}:
        return None
    if full == "six.u":
        return value
    unlike = not value.prefix and _NOT_IN_BYTES.search(value.value)
    return None if unlike or not value.value.isascii() else value.with_changes(value=f"b{value.value}")


# Classes.


def _decorated(decorator: cst.Decorator, file: _File, metaclass: cst.BaseExpression | None = None) -> None:
    """Note that a decorator goes; one that adds a metaclass only where it is the first to see the class."""
    found = file.seen.above[decorator]
    if not isinstance(found, cst.ClassDef) or nodes.comments(decorator):
        return
    if metaclass is not None:
        # Another metaclass may count its classes: it has met this one twice until now.
        is_plain = file.known.qualified(metaclass) == "abc.ABCMeta"
        if not is_plain or decorator is not found.decorators[-1] or not metaclasses.takes(found):
            return
    file.classes.setdefault(found, set()).add(decorator)


def _based(above: cst.Arg, file: _File) -> None:
    """Note that a base stands for a metaclass and for the bases behind it."""
    found = file.seen.above[above]
    if isinstance(found, cst.ClassDef) and list(found.bases) == [above] and metaclasses.takes(found):
        file.classes.setdefault(found, set()).add(above)


def _class(found: cst.ClassDef, parts: set[cst.CSTNode], file: _File) -> None:
    """Note how a class changes whose decorators go, or whose metaclass moves into its head."""
    from_base = not parts.isdisjoint(found.bases)
    calls = found.decorators and isinstance(found.decorators[-1].decorator, cst.Call)
    from_decorator = bool(calls) and found.decorators[-1] in parts
    if from_base and from_decorator:
        return
    gone = {
        n
        for n, d in enumerate(found.decorators)
        if d in parts and not (from_decorator and d is found.decorators[-1])
    }

    def change(updated: cst.CSTNode) -> cst.CSTNode:
        new = cst.ensure_type(updated, cst.ClassDef)
        new = metaclasses.from_base(new) if from_base else new
        new = metaclasses.from_decorator(new) if from_decorator else new
        return metaclasses.without_decorators(new, gone)

    if not (from_base or from_decorator) or metaclasses.fits(cst.ensure_type(change(found), cst.ClassDef)):
        file.changes[found] = change
