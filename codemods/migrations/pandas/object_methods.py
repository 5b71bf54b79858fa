"""pandas 2 dropped second names of methods: `iteritems` is `items`, and a writer has `close`, not `save`.

They raise `AttributeError` there. `close` of an `ExcelWriter` writes the file, and always did; `is_monotonic`
is `is_monotonic_increasing`, and `to_dict("r")` has to say `"records"`. The old names only called the new
ones, which pandas 1 has too.

Names of methods say little, so they change only where it is certain what is asked: what a function of pandas
returned, a name that is bound to nothing else, or that is annotated so. A writer is closed where it is saved
once, and nothing is written afterwards. At the end of a `with` block, which closes it, the line goes.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import alignment, arguments, certain, guards, names, nodes
from codemods.migrations.pandas import frames
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Call the methods that pandas 2 kept",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: the old names called the new ones.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v2.0.0.html#removal-of-prior-version-deprecations-changes",
        "https://pandas.pydata.org/docs/whatsnew/v1.5.0.html#other-deprecations",
    ),
    needles=(b"iteritems", b"is_monotonic", b"to_dict", b"ExcelWriter"),
    pattern=rb"\bpandas\b",
    minutes=1,
    crosses=">=2",
    since="1.0",
)

_ATTRIBUTES = {"iteritems": "items", "is_monotonic": "is_monotonic_increasing"}
_ORIENTS = {"d": "dict", "l": "list", "s": "series", "sp": "split", "r": "records", "i": "index"}
_WRITER = "pandas.ExcelWriter"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that calls methods by the names that pandas 2 has."""
    texts: dict[cst.CSTNode, str] = {}
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in nodes.of(module).all(cst.Attribute):
        name = node.attr.value
        if name in _ATTRIBUTES and _is_known(node, module) and not guards.for_some_versions(node, module):
            texts[node.attr] = _ATTRIBUTES[name]
        elif name == "save" and _is_last(node, module) and not guards.for_some_versions(node, module):
            texts[node.attr] = "close"
    changes |= {word: nodes.to(new) for word, new in _orients(module)}
    changes |= {line: lambda _: cst.RemoveFromParent() for line in _idle(module)}
    if changes:
        return nodes.replaced(module, {**changes, **{n: nodes.to(cst.Name(t)) for n, t in texts.items()}})
    return alignment.renamed(module, texts) if texts else module


def _is_known(node: cst.Attribute, module: cst.Module) -> bool:
    """Say whether a method is asked of a frame or a series, or a property of one's index."""
    owner = node.value
    if node.attr.value == "iteritems":
        call = nodes.of(module).above[node]
        is_plain = isinstance(call, cst.Call) and call.func is node and not call.args
        return is_plain and frames.kind(owner, module) is not None
    if isinstance(owner, cst.Attribute) and owner.attr.value == "index":
        return frames.kind(owner.value, module) is not None
    return frames.kind(owner, module) in {frames.SERIES, frames.EITHER}


def _orients(module: cst.Module) -> Iterator[tuple[cst.SimpleString, cst.SimpleString]]:
    """Yield each short name of what `to_dict` makes of a frame, with the long one."""
    for call in nodes.of(module).all(cst.Call):
        func, word = call.func, _orient(call)
        if not isinstance(func, cst.Attribute) or func.attr.value != "to_dict" or word is None:
            continue
        new = _ORIENTS.get(str(word.raw_value))
        if new and frames.is_frame(func.value, module) and not guards.for_some_versions(call, module):
            yield word, word.with_changes(value=word.prefix + word.quote + new + word.quote)


def _orient(call: cst.Call) -> cst.SimpleString | None:
    arg = arguments.named(call, "orient") or next(iter(call.args), None)
    is_orient = arg and not arg.star and (arg.keyword is None or arg.keyword.value == "orient")
    return arg.value if arg and is_orient and isinstance(arg.value, cst.SimpleString) else None


def _is_last(node: cst.Attribute, module: cst.Module) -> bool:
    """Say whether a writer is saved here, where it was made, and not used any more."""
    known, seen, writer = names.of(module), nodes.of(module), node.value
    call = seen.above[node]
    made = certain.bound_to(writer, module)
    if not isinstance(writer, cst.Name) or not isinstance(made, cst.Call) or not isinstance(call, cst.Call):
        return False
    line = seen.above[seen.above[call]] if isinstance(seen.above[call], cst.Expr) else None
    if known.qualified(made.func) != _WRITER or call.args or line is None:
        return False
    (home, *_), (place, *_) = seen.ancestors(seen.above[seen.above[made]]), seen.ancestors(line)
    uses = [use for use in known.uses(writer.value) if known.binds(writer, use)]
    return home is place and uses[-1] is writer


def _idle(module: cst.Module) -> Iterator[cst.SimpleStatementLine]:
    """Yield each line that saves a writer at the end of the ``with`` that closes it."""
    known = names.of(module)
    for block in nodes.of(module).all(cst.With):
        writers = [item.asname.name for item in block.items if item.asname and _is_writer(item.item, module)]
        *rest, last = block.body.body
        if not rest or not isinstance(last, cst.SimpleStatementLine) or nodes.comments(last):
            continue
        call = last.body[0].value if len(last.body) == 1 and isinstance(last.body[0], cst.Expr) else None
        func = call.func if isinstance(call, cst.Call) and not call.args else None
        is_saved = isinstance(func, cst.Attribute) and func.attr.value == "save"
        writer = cst.ensure_type(func, cst.Attribute).value if is_saved else None
        is_ours = isinstance(writer, cst.Name) and known.bound_once(writer)
        if is_ours and any(w.deep_equals(cst.ensure_type(writer, cst.Name)) for w in writers):
            yield last


def _is_writer(node: cst.BaseExpression, module: cst.Module) -> bool:
    return isinstance(node, cst.Call) and names.of(module).qualified(node.func) == _WRITER
