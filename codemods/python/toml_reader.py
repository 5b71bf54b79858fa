"""`tomllib` of Python 3.11 reads TOML; the library `toml` was last released in 2020 and reads an older one.

It refuses lists of mixed types and lets pass what is no TOML, and nobody mends it. This project supports no
Python without `tomllib`, so that reading needs no dependency at all.

A module is changed as a whole or not at all: what writes TOML, brings a decoder of its own, looks into an
error or hands the library on is left alone. `tomllib` wants a file in binary mode, so the place that opens it
is changed as well; where it cannot be seen whether a file or a path is given, nothing happens. Where `toml`
opened a path itself, its text is read as UTF-8, as it did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst

from codemods import alignment, arguments, certain, expressions, layout, moved, names, nodes, reach
from codemods.model import About, Applicability, Category, Facts
from codemods.reach import Way

ABOUT = About(
    title="Read TOML with the standard library, not with toml",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="`tomllib` refuses files that are no TOML 1.0, and raises `tomllib.TOMLDecodeError`: code elsewhere "
    "that catches the error of `toml` misses it.",
    references=(
        "https://docs.python.org/3/library/tomllib.html",
        "https://toml.io/en/v1.0.0",
        "https://pypi.org/project/toml/",
    ),
    needles=(b"toml",),
    pattern=rb"\b(?:from|import)[ \t]+toml\b",
    requires_python=(3, 11),
    minutes=4,
)

_ERRORS = frozenset(("toml.TomlDecodeError", "toml.decoder.TomlDecodeError"))
_ERROR = "TOMLDecodeError"
_UTF_8 = frozenset(("utf-8", "utf8", "utf_8"))
_STILL_PATHS = frozenset(
    ("joinpath", "resolve", "absolute", "expanduser", "with_name", "with_suffix", "with_stem", "relative_to")
)


@dataclass
class _File:
    """One module, what becomes of its nodes, and how it can name a path (None: it need not)."""

    module: cst.Module
    known: names.Names
    seen: nodes.Seen
    changes: dict[cst.CSTNode, nodes.Change] = field(default_factory=dict)
    way: Way | None = None


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with `tomllib` in place of `toml`."""
    ours = moved.whole(module, "toml")
    file = _File(module, names.of(module), nodes.of(module))
    lines = [_line(local, full) for local, full in ours.items()]
    if not ours or not all(lines) or not all(moved.may_go(module, n, stays=f != n) for n, f in ours.items()):
        return module
    if "toml" in ours and file.known.local("tomllib") != "tomllib" and not file.known.free("tomllib"):
        return module
    uses = [(use, full) for local, full in ours.items() for use in file.known.uses(local)]
    if not all(_answered(use, full, file) for use, full in uses):
        return module
    if any(alignment.holds(module, node) for node in file.changes):
        return module
    result = moved.swapped(nodes.replaced(module, file.changes), ours, lines)
    return reach.brought(result, [file.way] if file.way else [])


def _line(local: str, full: str) -> str:
    """Return the import that takes the place of another, ``""`` where there is none."""
    if full == "toml":
        return "import tomllib" if local in {"toml", "tomllib"} else f"import tomllib as {local}"
    name = {"toml.load": "load", "toml.loads": "loads"}.get(full, _ERROR if full in _ERRORS else "")
    is_alike = local in {name, "TomlDecodeError"}
    return f"from tomllib import {name}{'' if is_alike else f' as {local}'}" if name else ""


def _answered(use: cst.Name, full: str, file: _File) -> bool:
    """Note how one use of the library changes; say whether it can."""
    node: cst.BaseExpression = use
    while isinstance(above := file.seen.above[node], cst.Attribute) and f"{full}.{above.attr.value}" in {
        *_ERRORS,
        *("toml.load", "toml.loads", "toml.decoder"),
    }:
        node, full = above, f"{full}.{above.attr.value}"
    if use.value == "toml" and use is not node:
        file.changes[use] = nodes.to(use.with_changes(value="tomllib"))
    if full in _ERRORS:
        return _is_caught(node, file) and _error(node, use, file)
    call = file.seen.above[node]
    if not isinstance(call, cst.Call) or call.func is not node or len(call.args) != 1 or call.args[0].keyword:
        return False
    if full == "toml.loads":
        return not call.args[0].star and layout.has_room(file.module, call, _growth(use))
    return full == "toml.load" and not call.args[0].star and _is_loaded(call, use, file)


def _growth(use: cst.Name) -> int:
    return len("tomllib") - len("toml") if use.value == "toml" else 0


def _error(node: cst.BaseExpression, use: cst.Name, file: _File) -> bool:
    """Note how an error is called; say whether the name is free."""
    if node is use:
        file.changes[use] = nodes.to(cst.Name(_ERROR if use.value == "TomlDecodeError" else use.value))
        return file.known.free(_ERROR)
    file.changes.pop(use, None)
    base = "tomllib" if use.value == "toml" else use.value
    file.changes[node] = nodes.to(cst.Attribute(cst.Name(base), cst.Name(_ERROR)))
    return True


def _is_caught(node: cst.BaseExpression, file: _File) -> bool:
    """Say whether an error is only caught: nothing reads more than its text."""
    outer = file.seen.above[node]
    if isinstance(outer, cst.Element):
        outer = file.seen.above[file.seen.above[outer]]
    if not isinstance(outer, cst.ExceptHandler):
        return False
    name = outer.name.name.value if outer.name and isinstance(outer.name.name, cst.Name) else ""
    uses = [n for n in nodes.walk(outer.body) if isinstance(n, cst.Name) and n.value == name]
    return not any(isinstance(file.seen.above[n], cst.Attribute) for n in uses)


def _is_loaded(call: cst.Call, use: cst.Name, file: _File) -> bool:
    """Note how a call that reads a file, or a path, changes."""
    given = call.args[0].value
    opened = _opened(given, file)
    if opened is not None:
        new = _binary(opened, file)
        if new is None:
            return False
        file.changes[opened] = nodes.to(new)
        growth = len(file.module.code_for_node(new)) - len(file.module.code_for_node(opened))
        return layout.has_room(file.module, opened, growth + _growth(use) * (opened is given))
    is_path = _is_path(given, file, 4)
    if use is call.func or not (is_path or certain.type_of(given, file.module) == "str"):
        return False
    return _is_read(call, use, file, is_path=is_path)


def _is_read(call: cst.Call, use: cst.Name, file: _File, *, is_path: bool) -> bool:
    """Note that the text of a path is read."""
    given = call.args[0].value
    if expressions.in_f_string(call, file.seen):
        return False
    path = expressions.before_dot(given)
    if not is_path:
        file.way = file.way or reach.to("pathlib.Path", file.module)
        if file.way is None:
            return False
        path = cst.Call(file.way.expression.deep_clone(), [cst.Arg(given)])
    text = cst.Call(
        cst.Attribute(path, cst.Name("read_text")),
        [arguments.keyword("encoding", layout.quoted(file.module, "utf-8"))],
    )
    func = cst.Attribute(cst.Name("tomllib" if use.value == "toml" else use.value), cst.Name("loads"))
    new = call.with_changes(func=func, args=[call.args[0].with_changes(value=text)])
    change = layout.fitted(file.module, call, lambda _: new)
    if change is not None:
        file.changes.pop(use, None)
        file.changes[call] = change
    return change is not None


def _opened(given: cst.BaseExpression, file: _File) -> cst.Call | None:
    """Return the call that opens what is read and nothing else: it stands there, or in a ``with`` above."""
    if isinstance(given, cst.Call):
        return given if _is_open(given, file) else None
    if not isinstance(given, cst.Name):
        return None
    for above in file.seen.ancestors(given):
        for item in above.items if isinstance(above, cst.With) else ():
            target = item.asname.name if item.asname else None
            if isinstance(target, cst.Name) and target.value == given.value:
                inside = nodes.walk(cst.ensure_type(above, cst.With).body)
                is_read = all(_is_only_read(n, file) for n in inside if _is(n, given.value))
                opened = item.item if file.known.binds(target, given) and is_read else None
                return opened if isinstance(opened, cst.Call) and _is_open(opened, file) else None
    return None


def _is(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _is_only_read(node: cst.CSTNode, file: _File) -> bool:
    """Say whether a name is what a call of the library reads, or none of a variable."""
    above = file.seen.above[node]
    if isinstance(above, cst.Attribute):
        return above.attr is node
    call = file.seen.above[above]
    if not isinstance(above, cst.Arg) or not isinstance(call, cst.Call):
        return False
    return above.keyword is node or file.known.qualified(call.func) == "toml.load"


def _is_open(node: cst.BaseExpression, file: _File) -> bool:
    if not isinstance(node, cst.Call):
        return False
    func = node.func
    if file.known.builtin(func) == "open" or file.known.qualified(func) == "io.open":
        return True
    is_method = isinstance(func, cst.Attribute) and func.attr.value == "open"
    return is_method and _is_path(cst.ensure_type(func, cst.Attribute).value, file, 4)


def _binary(call: cst.Call, file: _File) -> cst.Call | None:
    """Return a call that opens a file in binary mode, None where it does more than to open a text."""
    is_method = _is_path(call.func.value, file, 4) if isinstance(call.func, cst.Attribute) else False
    first = 0 if is_method else 1
    places: Mapping[int, str] = {first: "mode"}
    kept: list[cst.Arg] = []
    for index, arg in enumerate(call.args):
        name = arg.keyword.value if arg.keyword else places.get(index, "file" if index < first else "")
        text = arg.value.raw_value if isinstance(arg.value, cst.SimpleString) else None
        if arg.star or (name == "mode" and text not in {"r", "rt"}):
            return None
        if name == "encoding" and (text is None or text.lower() not in _UTF_8):
            return None
        if name not in {"file", "mode", "encoding"}:
            return None
        kept += [arg] if name == "file" else []
    if nodes.comments(call) or len(kept) != first or any(arg.keyword for arg in kept):
        return None
    said = next((a.value for a in call.args if isinstance(a.value, cst.SimpleString) and a not in kept), None)
    quote = said.quote if said else layout.quote(file.module)
    mode = cst.Arg(cst.SimpleString(f"{quote}rb{quote}"))
    if kept:
        kept[-1] = kept[-1].with_changes(
            comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=cst.SimpleWhitespace("")
        )
    return call.with_changes(args=[*kept, mode])


def _is_path(node: cst.BaseExpression, file: _File, depth: int) -> bool:
    """Say whether a value is certainly a `pathlib.Path`."""
    if isinstance(node, cst.BinaryOperation):
        return isinstance(node.operator, cst.Divide) and _is_path(node.left, file, depth)
    if isinstance(node, cst.Attribute):
        return node.attr.value == "parent" and _is_path(node.value, file, depth)
    if isinstance(node, cst.Call):
        func = node.func
        made = file.known.qualified(func) in {"pathlib.Path", "pathlib.Path.cwd", "pathlib.Path.home"}
        is_method = isinstance(func, cst.Attribute) and func.attr.value in _STILL_PATHS
        return made or (is_method and _is_path(cst.ensure_type(func, cst.Attribute).value, file, depth))
    return isinstance(node, cst.Name) and depth > 0 and _is_bound_to_path(node, file, depth)


def _is_bound_to_path(node: cst.Name, file: _File, depth: int) -> bool:
    found = certain.bindings(node, file.module)
    if len(found) != 1 or not file.known.bound_once(node):
        return False
    if isinstance(found[0], cst.Param):
        noted = None if found[0].default else found[0].annotation
        return noted is not None and file.known.qualified(noted.annotation) == "pathlib.Path"
    _, value = nodes.assigned(found[0])
    return value is not None and _is_path(value, file, depth - 1)
