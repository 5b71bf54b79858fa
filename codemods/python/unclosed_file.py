"""A file that is opened within an expression is closed when the interpreter gets to it, not when it is read.

With CPython that is often soon, and a `ResourceWarning` says so; with an exception on the way, in a cycle of
objects, or with PyPy it is some time later. Until then the file stays locked on Windows, counts against the
limit of open files, and what was written may not be there yet. In a `with` statement it is closed at once,
whatever happens.

Only statements that do nothing else are changed: `x = open(p).read()`, `return json.load(open(p))`,
`open(p, "w").write(text)` and the like, in one line, where opening the file is what happens first. The
variable gets the name that the file uses for such things elsewhere, where nothing else has it.
"""

from __future__ import annotations

import libcst as cst

from codemods import certain, fresh, layout, names, nodes, silence
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Close files as soon as they are read or written",
    category=Category.RELIABILITY,
    applicability=Applicability.SAFE,
    risk="The file is closed at the end of the statement, and a variable for it stays in the function.",
    references=(
        "https://docs.python.org/3/tutorial/inputoutput.html#reading-and-writing-files",
        "https://docs.astral.sh/ruff/rules/open-file-with-context-handler/",
    ),
    needles=(b"open",),
    pattern=rb"\bopen\([^\n]*\)\.(?:read|readlines?|write|writelines)\(|\b(?:load|safe_load)\([\w.]*\bopen\(",
    codes=("SIM115", "R1732", "consider-using-with"),
    asked_for=r"use (?:a )?(?:context manager|`?with`?(?: statement| block)?)|close (?:the|this) file",
    minutes=2,
)

_OPENERS = frozenset(("io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "tokenize.open"))
_METHODS = frozenset(("read", "readline", "readlines", "write", "writelines"))
_LOADERS = frozenset(
    (
        *("json.load", "pickle.load", "marshal.load", "tomllib.load", "tomli.load", "plistlib.load"),
        *("yaml.load", "yaml.safe_load"),
    )
)
_USUAL = ("file", "f", "fp", "fh", "handle", "stream", "infile", "fobj", "fd", "fin")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with a ``with`` around what reads or writes a file in passing."""
    seen, known = nodes.of(module), names.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in seen.all(cst.Call):
        line = _line(call, seen) if _is_open(call, known) and _is_used_up(call, seen, known) else None
        if line is None or not _comes_first(call, line.body[0], seen, known):
            continue
        name = fresh.name(line, seen, cst.With, _USUAL)
        new = _with(line, call, name) if name else None
        if new and layout.fits(module, line, new):
            changes[line] = nodes.to(new)
    return nodes.replaced(module, changes)


def _is_open(call: cst.Call, known: names.Names) -> bool:
    func = call.func
    text = func.attr.value if isinstance(func, cst.Attribute) else getattr(func, "value", "")
    if text != "open" and not isinstance(func, cst.Name):
        return False
    return known.builtin(func) == "open" or known.qualified(func) in _OPENERS


def _is_used_up(call: cst.Call, seen: nodes.Seen, known: names.Names) -> bool:
    """Say whether all that is done with an open file is one read or write."""
    above = seen.above[call]
    outer = seen.above[above]
    if isinstance(above, cst.Attribute):
        return above.attr.value in _METHODS and isinstance(outer, cst.Call) and outer.func is above
    if isinstance(above, cst.Arg) and isinstance(outer, cst.Call):
        return outer.args[0] is above and not above.star and known.qualified(outer.func) in _LOADERS
    return False


def _line(call: cst.Call, seen: nodes.Seen) -> cst.SimpleStatementLine | None:
    """Return the line in which a call stands, where a ``with`` can stand in its place."""
    line = nodes.statement(call, seen)
    if (
        seen.function(call) is not seen.function(line)
        or not isinstance(line, cst.SimpleStatementLine)
        or len(line.body) != 1
    ):
        return None
    in_class = seen.function(line) is None and seen.within(line, cst.ClassDef) is not None
    said = nodes.comments(line)
    if in_class or any(silence.silences(s, "unclosed-file", ABOUT.codes) for s in said):
        return None
    text = seen.module.code_for_node(line.with_changes(leading_lines=()))
    return line if text.count("\n") <= 1 else None


def _comes_first(call: cst.Call, statement: cst.CSTNode, seen: nodes.Seen, known: names.Names) -> bool:
    """Say whether nothing else can happen before a file is opened, and it is opened exactly once."""
    if isinstance(statement, cst.Assign):
        simple = all(isinstance(t.target, cst.Name | cst.Attribute) for t in statement.targets)
    elif isinstance(statement, cst.AnnAssign):
        simple = isinstance(statement.target, cst.Name)
    else:
        simple = isinstance(statement, cst.Return | cst.Expr)
    node: cst.CSTNode = call
    while simple and (above := seen.above[node]) is not statement:
        simple = _is_first(node, above, seen, known)
        node = above
    calls = [n for n in nodes.walk(statement) if isinstance(n, cst.Call)]
    sees_names = any(known.builtin(n.func) in {"locals", "vars", "dir", "eval"} for n in calls)
    return simple and not sees_names and sum(_is_open(n, known) for n in calls) == 1


def _is_first(node: cst.CSTNode, above: cst.CSTNode, seen: nodes.Seen, known: names.Names) -> bool:
    """Say whether a part of an expression is worked out before anything in it that could do something."""
    if isinstance(above, cst.Attribute | cst.Subscript):
        return above.value is node
    if isinstance(above, cst.BinaryOperation):
        return above.left is node or certain.constant(above.left)
    if isinstance(above, cst.Call):
        if above.func is node:
            return True
        before = above.args[: list(above.args).index(node)]  # type: ignore[arg-type]
        return _is_plain(above.func, known) and all(certain.constant(a.value) and not a.star for a in before)
    return isinstance(above, cst.Arg) and not above.star and isinstance(seen.above[above], cst.Call)


def _is_plain(func: cst.BaseExpression, known: names.Names) -> bool:
    return known.qualified(func) is not None or known.builtin(func) is not None


def _with(line: cst.SimpleStatementLine, call: cst.Call, name: str) -> cst.With:
    inner = cst.ensure_type(line.deep_replace(call, cst.Name(name)), cst.SimpleStatementLine)
    item = cst.WithItem(call.with_changes(lpar=(), rpar=()), cst.AsName(cst.Name(name)))
    body = cst.IndentedBlock([inner.with_changes(leading_lines=())])
    return cst.With([item], body, leading_lines=line.leading_lines)
