"""Without `encoding`, a text file is read and written in whatever the machine's locale says.

That is UTF-8 on most Linux machines and not on Windows, in some containers and in cron jobs: the same code
then fails on the first umlaut, or writes files that nobody else can read. With `encoding="utf-8"` it does
the same everywhere. Python will do so by itself from 3.15 on.

Text files that `open` opens, and `read_text` and `write_text` of what certainly is a `pathlib.Path`, get the
argument; binary ones and those whose mode or arguments cannot be told are left alone, and so are modules
that ask for the locale's encoding themselves. Tests are left out: what they write, they read again.
"""

from __future__ import annotations

import ast

import libcst as cst

from codemods import arguments, certain, expressions, glance, guards, layout, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Say that text files are UTF-8",
    category=Category.RELIABILITY,
    applicability=Applicability.UNSAFE,
    risk="Where the locale is not UTF-8, text is written as UTF-8, and to read text of that locale "
    "fails or gives other letters.",
    references=(
        "https://docs.python.org/3/library/io.html#text-encoding",
        "https://peps.python.org/pep-0686/",
        "https://docs.astral.sh/ruff/rules/unspecified-encoding/",
    ),
    needles=(b"open", b"read_text", b"write_text"),
    pattern=rb"\bopen\(\s*[^)\s]|\.(?:read|write)_text\(",
    codes=("PLW1514", "W1514", "unspecified-encoding"),
    asked_for=r"(?:add|set|specify|pass|use)(?: an?| the)?(?: explicit| utf-?8)? encoding",
    minutes=1,
    asks=("floor",),
    tests=False,
)

_UTF_8_BY_DEFAULT = (3, 15)
_ENCODING_IS_THE = {"open": 3, "read_text": 0, "write_text": 1}
_SAME = frozenset(("resolve", "absolute", "expanduser", "joinpath", "with_name", "with_suffix", "with_stem"))
_MADE = frozenset(("pathlib.Path", "pathlib.Path.cwd", "pathlib.Path.home"))
_NO_TEXT = ("/dev/", "/proc/", "/sys/")
_LOCALE = frozenset(("locale.getpreferredencoding", "locale.getencoding", "sys.getfilesystemencoding"))


def sift(tree: ast.Module) -> bool:
    """Say whether a file is opened without an encoding, and not plainly as bytes."""
    calls = (n for n in glance.all_of(tree, ast.Call) if glance.called(n) in _OPENING)
    return any(not _says_encoding(n) for n in calls)


_OPENING = frozenset(("open", "read_text", "write_text"))


def _says_encoding(call: ast.Call) -> bool:
    modes = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "mode")]
    binary = any(isinstance(m, ast.Constant) and "b" in str(m.value) for m in modes)
    named = any(k.arg in {"encoding", None} for k in call.keywords)
    return named or (binary and glance.called(call) == "open")


def rewrite(module: cst.Module, facts: Facts) -> cst.Module:
    """Return the module with an encoding at each text file that is opened without one."""
    if facts.floor is not None and facts.floor >= _UTF_8_BY_DEFAULT:
        return module
    seen, known = nodes.of(module), names.of(module)
    lacking = (n for n in seen.all(cst.Call) if _lacks_encoding(n, module, known))
    calls = [n for n in lacking if not _is_only_made(n, seen) and not expressions.in_f_string(n, seen)]
    if not calls or guards.may_run_on_2(module, facts):
        return module
    if any(known.qualified(n) in _LOCALE for n in seen.all(cst.Attribute, cst.Name)):
        return module
    text = layout.quoted(module, "utf-8")
    changes: dict[cst.CSTNode, nodes.Change] = {
        call: lambda updated: _with_encoding(updated, text) for call in calls
    }
    return nodes.replaced(module, layout.fitting(module, changes))


def _with_encoding(updated: cst.CSTNode, text: cst.SimpleString) -> cst.Call:
    call = cst.ensure_type(updated, cst.Call)
    beside = [arg.value.quote for arg in call.args if isinstance(arg.value, cst.SimpleString)]
    if beside and len(beside[-1]) == 1:
        text = cst.SimpleString(f"{beside[-1]}utf-8{beside[-1]}")
    return arguments.appended(call, arguments.keyword("encoding", text))


def _lacks_encoding(call: cst.Call, module: cst.Module, known: names.Names) -> bool:
    func = call.func
    name = func.attr.value if isinstance(func, cst.Attribute) else getattr(func, "value", "")
    if arguments.starred(call) or arguments.named(call, "encoding"):
        return False
    if known.builtin(func) == "open" or known.qualified(func) == "io.open":
        return bool(call.args) and _is_text(call)
    if name not in {"read_text", "write_text"} or not isinstance(func, cst.Attribute):
        return False
    few = len(arguments.positional(call)) <= _ENCODING_IS_THE[name]
    return few and _is_path(func.value, module, known, 4)


def _is_only_made(call: cst.Call, seen: nodes.Seen) -> bool:
    """Say whether a file is opened so that it exists, and nothing is read or written."""
    above = seen.above[call]
    closed = isinstance(above, cst.Attribute) and above.attr.value == "close"
    return closed or (isinstance(above, cst.WithItem) and above.asname is None)


def _is_text(call: cst.Call) -> bool:
    """Say whether a call of `open` certainly opens a text file that stands on a disk."""
    by_position = arguments.positional(call)
    if not by_position or len(by_position) > _ENCODING_IS_THE["open"] or arguments.named(call, "opener"):
        return False
    path = by_position[0].value
    if isinstance(path, cst.Integer) or any(map(_is_devnull, nodes.walk(path))):
        return False
    if isinstance(path, cst.SimpleString) and str(path.raw_value).startswith(_NO_TEXT):
        return False
    mode = by_position[1] if len(by_position) > 1 else arguments.named(call, "mode")
    if mode is None:
        return True
    return isinstance(mode.value, cst.SimpleString) and "b" not in str(mode.value.raw_value)


def _is_devnull(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value.lower() == "devnull"


def _is_path(node: cst.BaseExpression, module: cst.Module, known: names.Names, depth: int) -> bool:
    """Say whether a value certainly is a path of `pathlib`."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Divide):
        return _is_path(node.left, module, known, depth)
    if isinstance(node, cst.Attribute) and node.attr.value == "parent":
        return _is_path(node.value, module, known, depth)
    if isinstance(node, cst.Call):
        func = node.func
        is_method = isinstance(func, cst.Attribute) and func.attr.value in _SAME
        return known.qualified(func) in _MADE or (
            is_method and isinstance(func, cst.Attribute) and _is_path(func.value, module, known, depth)
        )
    if isinstance(node, cst.Name) and depth and known.bound_once(node):
        bound = list(certain.bindings(node, module))
        return len(bound) == 1 and _is_bound_to_a_path(bound[0], module, known, depth - 1)
    return False


def _is_bound_to_a_path(found: cst.CSTNode, module: cst.Module, known: names.Names, depth: int) -> bool:
    if isinstance(found, cst.Assign):
        return _is_path(found.value, module, known, depth)
    if isinstance(found, cst.Param | cst.AnnAssign) and found.annotation is not None:
        annotation = found.annotation.annotation
        return known.qualified(annotation) == "pathlib.Path" and not getattr(found, "star", "")
    return False
