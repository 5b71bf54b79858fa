"""A pattern that is compiled by name at every turn of a loop is looked up at every turn.

`re.match("…", line)` asks a cache for the compiled pattern each time: it makes a key, looks it up, and
compiles again when the cache is full. Compiled once, as a constant of the module, the pattern is at hand,
about twice as fast for a short text; and it has a name.

Only literal patterns in loops of functions move, and only those that this tool can compile itself without a
warning. The name comes from the words in the pattern, or from what is matched; where these are taken, the
module stays as it is, and so does one that would get more than five such constants. Tests stay as well.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import libcst as cst

from codemods import (
    arguments,
    brackets,
    constants,
    glance,
    guards,
    imports,
    leftovers,
    names,
    nodes,
    reach,
    scopes,
)
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Compile the patterns of loops once",
    category=Category.SPEED,
    applicability=Applicability.SAFE,
    risk="None in what is found; the patterns are compiled when the module is imported.",
    references=(
        "https://docs.python.org/3/library/re.html#re.compile",
        "https://docs.python.org/3/howto/regex.html#module-level-functions",
    ),
    needles=(b"re",),
    pattern=rb"\b(?:match|fullmatch|search|findall|finditer|sub|subn|split|compile)\(\s*[rRbBuU]{0,2}[\"']",
    minutes=4,
    tests=False,
)

_FLAGS_AT = {
    **dict.fromkeys(("match", "fullmatch", "search", "findall", "finditer"), 2),
    **dict.fromkeys(("sub", "subn"), 4),
    "split": 3,
    "compile": 1,
}
_FLAGS = frozenset(
    f"re.{name}"
    for name in (
        *("A", "I", "M", "S", "U", "X"),
        *("ASCII", "IGNORECASE", "MULTILINE", "DOTALL", "UNICODE", "VERBOSE"),
    )
)
_KEYWORDS = frozenset(("flags", "string", "repl", "count", "maxsplit"))
_SUFFIXES = ("PATTERN", "RE", "REGEX", "REGEXP", "RX", "PAT")
_SAYS_NOTHING = frozenset(
    (
        *(flag.removeprefix("re.").lower() for flag in _FLAGS),
        *("line", "lines", "text", "string", "data", "value", "val", "item", "row", "word", "content"),
        *("out", "output", "stdout", "result", "res", "ret", "buf", "name", "key", "src", "tmp", "self"),
    )
)
_KNOWN = {
    **dict.fromkeys((r"\s+", r"\s*", r"[ \t]+"), "WHITESPACE"),
    **dict.fromkeys((" +", "  +", " {2,}"), "SPACES"),
    **dict.fromkeys((r"\W+", r"[^\w]+", r"\W"), "NON_WORD"),
    **dict.fromkeys((r"\d+", "[0-9]+", r"(\d+)", "([0-9]+)"), "DIGITS"),
}
_LONGEST_PATTERN = 300
_MOST_CONSTANTS = 5
_WIDTH = 88
_NO_WORDS = re.compile(r"\\.|\[[^\]]*\]|\(\?\w+[:)]|\(\?P[<=]|\{[\d,]*\}")
_Loop = cst.For | cst.While | cst.CompFor | cst.BaseComp


@dataclass(frozen=True)
class _Pattern:
    """A compiled pattern as it will be written: its text and its flags, and words that name it."""

    text: str
    flags: str
    ideas: tuple[str, ...]


def sift(tree: ast.Module) -> bool:
    """Say whether a loop or a comprehension calls something with a string for its first argument."""
    names = {alias.asname or alias.name for alias in glance.all_of(tree, ast.alias)}
    loops = (*glance.loops(tree), *glance.comprehensions(tree))
    return any(_asks(n, names) for loop in loops for n in ast.walk(loop))


def _asks(node: ast.AST, imported: Collection[str]) -> bool:
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
        return False
    base = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    known = isinstance(base, ast.Name) and base.id in imported
    return known and glance.called(node) in _FLAGS_AT and isinstance(node.args[0].value, str | bytes)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the patterns of its loops as constants."""
    seen = nodes.of(module)
    calls = [c for c in seen.all(cst.Call) if _has_literal(c) and _repeats(c, seen)]
    if not calls:
        return module
    way = reach.to("re.compile", module)
    if way is None or way.source:
        return module
    compiled = cst.Module([]).code_for_node(way.expression)
    found = {call: pattern for call in calls if (pattern := _pattern(call, module))}
    named = _named(list(found.values()), compiled, module)
    changes: dict[cst.CSTNode, nodes.Change] = {
        call: _with_constant(named[key]) for call, pattern in found.items() if (key := _key(pattern)) in named
    }
    if not changes or len(changes) < len(found) or len(named) > _MOST_CONSTANTS:
        return module
    lines = [_line(name, compiled, key) for key, name in named.items()]
    result = constants.added(nodes.replaced(module, changes), [line for line in lines if line], [])
    return leftovers.tidied(module, result) if _is_imported_first(result, compiled, lines) else module


def _is_imported_first(module: cst.Module, compiled: str, lines: list[str | None]) -> bool:
    """Say whether the constants stand below the import of what compiles them."""
    root = compiled.partition(".")[0]
    binders = [n for n, line in enumerate(module.body) if root in _imported(line)]
    starts = [
        n
        for n, line in enumerate(module.body)
        if module.code_for_node(line).strip().rpartition("\n")[2] in lines
    ]
    return bool(binders) and bool(starts) and max(binders) < min(starts)


def _imported(line: cst.BaseStatement) -> set[str]:
    every = (n for n in imports.of([line]) if not isinstance(n.names, cst.ImportStar))
    return {name for node in every for name, _ in scopes.imports(node)}


def _has_literal(call: cst.Call) -> bool:
    name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    if not isinstance(name, cst.Name) or name.value not in _FLAGS_AT or not call.args:
        return False
    first = call.args[0]
    return isinstance(first.value, cst.SimpleString) and not first.keyword and not first.star


def _repeats(call: cst.Call, seen: nodes.Seen) -> bool:
    """Say whether a loop within the function that runs a call runs it again and again."""
    if not isinstance(seen.function(call), cst.FunctionDef):
        return False
    inner: cst.CSTNode = call
    for outer in seen.ancestors(call):
        if isinstance(outer, cst.FunctionDef | cst.ClassDef):
            return False
        if isinstance(outer, cst.For | cst.While) and inner is not outer.orelse:
            if not isinstance(outer, cst.For) or inner is outer.body:
                return True
        elif isinstance(outer, cst.CompFor) and inner is outer.iter:
            return isinstance(seen.above[outer], cst.CompFor) or _repeats_around(outer, seen)
        elif isinstance(outer, cst.CompIf | cst.BaseComp):
            return True
        inner = outer
    return False


def _repeats_around(loop: cst.CompFor, seen: nodes.Seen) -> bool:
    """Say whether the comprehension stands in a loop, for a call in what it goes over."""
    made = seen.above[loop]
    inner: cst.CSTNode = made
    for outer in seen.ancestors(made):
        if isinstance(outer, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            return False
        if isinstance(outer, cst.For | cst.While) and inner is outer.body:
            return True
        inner = outer
    return False


def _pattern(call: cst.Call, module: cst.Module) -> _Pattern | None:
    """Return the pattern of a call of `re`; None where it is no such call, or cannot be compiled ahead."""
    known, seen = names.of(module), nodes.of(module)
    source, _, verb = (known.qualified(call.func) or "").rpartition(".")
    if source != "re" or verb not in _FLAGS_AT or arguments.starred(call) or _is_bound(call, seen, verb):
        return None
    if guards.silenced(call, module, ABOUT, "regex-in-loop"):
        return None
    fewer = None if any(a.keyword and a.keyword.value not in _KEYWORDS for a in call.args) else _without(call)
    if fewer is None or (len(fewer.args) == 1 and brackets.spans_lines(call)):
        return None
    given = cst.ensure_type(call.args[0].value, cst.SimpleString)
    at = _flags_index(call, verb)
    flags = None if at is None else call.args[at].value
    if given.lpar or "\n" in given.value or (flags and not _are_flags(flags, known)):
        return None
    text = "" if flags is None else cst.Module([]).code_for_node(flags)
    return _Pattern(given.value, text, tuple(_ideas(call))) if _compiles(given, text) else None


def _is_bound(call: cst.Call, seen: nodes.Seen, verb: str) -> bool:
    """Say whether a compiled pattern is more than asked at once: it has a name already then."""
    return verb == "compile" and not isinstance(seen.above[call], cst.Attribute)


def _flags_index(call: cst.Call, verb: str) -> int | None:
    for index, arg in enumerate(call.args):
        if (arg.keyword and arg.keyword.value == "flags") or (not arg.keyword and index == _FLAGS_AT[verb]):
            return index
    return None


def _are_flags(node: cst.BaseExpression, known: names.Names) -> bool:
    if isinstance(node, cst.BinaryOperation):
        parts = isinstance(node.operator, cst.BitOr) and _are_flags(node.left, known)
        return parts and _are_flags(node.right, known)
    return not brackets.spans_lines(node) and known.qualified(node) in _FLAGS


def _compiles(given: cst.SimpleString, flags: str) -> bool:
    """Say whether a pattern can be compiled: the flags that decide this are taken by their last letters."""
    text = given.evaluated_value
    value = 0
    for name in re.findall(r"\w+", flags):
        value |= int(getattr(re, name, 0)) if name.isupper() else 0
    if len(text) > _LONGEST_PATTERN:
        return False
    try:
        with warnings.catch_warnings(action="error"):
            re.compile(text, value)
    except (re.error, ValueError, OverflowError, RecursionError, Warning):
        return False
    return True


def _ideas(call: cst.Call) -> Iterator[str]:
    """Yield names for a pattern: by its words, by what it is known for, or by what is matched as a whole."""
    text = cst.ensure_type(call.args[0].value, cst.SimpleString).raw_value
    words = re.findall(r"[A-Za-z]{2,}", _NO_WORDS.sub(_letter, text))
    if words or text in _KNOWN:
        yield _KNOWN.get(text) or "_".join(words[:3])
        yield from ("_".join(words[:2]),) if len(words) > 2 else ()  # noqa: PLR2004 -- there are fewer
        return
    verb = call.func.attr if isinstance(call.func, cst.Attribute) else cst.ensure_type(call.func, cst.Name)
    for arg in call.args[1:2] if verb.value in {"match", "fullmatch"} else ():
        node = arg.value.attr if isinstance(arg.value, cst.Attribute) else arg.value
        if isinstance(node, cst.Name) and len(node.value) > 2 and node.value.lower() not in _SAYS_NOTHING:  # noqa: PLR2004 -- a word
            yield node.value


def _letter(found: re.Match[str]) -> str:
    """Return the letter that ``[nN]`` stands for, or a space for all that is no word."""
    inside = found[0][1:-1]
    return inside[0] if len(inside) == 2 and inside[0].lower() == inside[1].lower() else " "  # noqa: PLR2004 -- both cases


def _key(pattern: _Pattern) -> tuple[str, str]:
    return pattern.text, pattern.flags


def _named(patterns: list[_Pattern], compiled: str, module: cst.Module) -> dict[tuple[str, str], str]:
    """Return a free name for each pattern that can have one, equal patterns under the same."""
    known, suffix = names.of(module), _suffix(module)
    found: dict[tuple[str, str], str] = {}
    for pattern in patterns:
        key = _key(pattern)
        wanted = (_constant_name(idea, suffix) for idea in pattern.ideas)
        free = (n for n in wanted if n not in found.values() and known.free(n) and _line(n, compiled, key))
        if key not in found and (name := next(free, None)):
            found[key] = name
    return found


def _constant_name(idea: str, suffix: str) -> str:
    words = idea.strip("_").upper().split("_")
    return "_".join(("", *(w for w in words if w), *(() if words[-1] in _SUFFIXES else (suffix,))))


def _suffix(module: cst.Module) -> str:
    """Return the word with which the module's own names of patterns end."""
    top = (s for line in module.body if isinstance(line, cst.SimpleStatementLine) for s in line.body)
    targets = (s.targets[0].target for s in top if isinstance(s, cst.Assign))
    last = (t.value.rpartition("_")[2].upper() for t in targets if isinstance(t, cst.Name))
    used = Counter(word for word in last if word in _SUFFIXES)
    return used.most_common(1)[0][0] if used else _SUFFIXES[0]


def _line(name: str, compiled: str, key: tuple[str, str]) -> str | None:
    """Return the assignment of a constant; None where it would be too long."""
    given = ", ".join(part for part in key if part)
    line = f"{name} = {compiled}({given})"
    return line if len(line) <= _WIDTH else None


def _without(call: cst.Call) -> cst.Call | None:
    """Return a call without its pattern and its flags; None when a comment would be lost."""
    name = call.func.attr if isinstance(call.func, cst.Attribute) else cst.ensure_type(call.func, cst.Name)
    at = _flags_index(call, name.value)
    fewer = call if at is None else arguments.without(call, at)
    return None if fewer is None else arguments.without(fewer, 0)


def _with_constant(name: str) -> nodes.Change:
    def change(updated: cst.CSTNode) -> cst.CSTNode:
        call = cst.ensure_type(updated, cst.Call)
        verb = (
            call.func.attr if isinstance(call.func, cst.Attribute) else cst.ensure_type(call.func, cst.Name)
        )
        fewer = _without(call)
        if verb.value == "compile":
            return cst.Name(name, lpar=call.lpar, rpar=call.rpar)
        return call if fewer is None else fewer.with_changes(func=cst.Attribute(cst.Name(name), verb))

    return change
