"""`text=True` and `capture_output=True` say what `universal_newlines` and two pipes have meant all along.

`universal_newlines` is about line ends by its name, yet what it does is to decode what a process writes;
`text` is its alias since Python 3.7, with which came `capture_output` as well: `subprocess.run` sets both
pipes for it. A reader who meets the plain words need not look up the others.

Calls are left alone that hand on arguments with `**`, that have one of the new keywords already, or where
only one of the two streams is a pipe. Where a comment stands at an argument that would go, both stay.
"""

from __future__ import annotations

import libcst as cst

from codemods import alignment, arguments, leftovers, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Use the plain keywords of subprocess",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None when it runs; a test that asserts the keywords of a call to a stand-in names the old ones.",
    references=(
        "https://docs.python.org/3/library/subprocess.html#subprocess.run",
        "https://docs.astral.sh/ruff/rules/replace-universal-newlines/",
        "https://docs.astral.sh/ruff/rules/replace-stdout-stderr/",
    ),
    needles=(b"universal_newlines", b"PIPE"),
    pattern=rb"universal_newlines[ \t]*=|stderr[ \t]*=[ \t]*(?:\w+\.)?PIPE",
    requires_python=(3, 7),
    codes=("UP021", "UP022"),
    minutes=1,
)

_FUNCTIONS = frozenset(
    f"subprocess.{name}" for name in ("Popen", "call", "check_call", "check_output", "run")
)
_STREAMS = ("stdout", "stderr")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the plain keywords at calls of `subprocess`."""
    known = names.of(module)
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in nodes.of(module).all(cst.Call):
        if not any(a.keyword and a.keyword.value in {"universal_newlines", *_STREAMS} for a in call.args):
            continue
        name = known.qualified(call.func)
        if name not in _FUNCTIONS or any(arg.star for arg in call.args):
            continue
        old = _old_name(call, name, module)
        pipes = name == "subprocess.run" and _has_two_pipes(call, known, module)
        if old is not None or pipes:
            changes[call] = _change(call, old, pipes=pipes)
    return leftovers.tidied(module, nodes.replaced(module, changes))


def _old_name(call: cst.Call, name: str, module: cst.Module) -> int | None:
    """Return the index of the argument that has a plainer name, where both names do the same."""
    # Up to Python 3.8, an input of None became bytes unless the old name was there.
    odd = name == "subprocess.check_output" and arguments.named(call, "input")
    given = arguments.named(call, "universal_newlines")
    if given is None or arguments.named(call, "text") or odd:
        return None
    return None if alignment.holds(module, given.value) else list(call.args).index(given)


def _has_two_pipes(call: cst.Call, known: names.Names, module: cst.Module) -> bool:
    """Say whether both streams are pipes, next to each other, and one argument can stand for them."""
    indexes = [n for n, a in enumerate(call.args) if a.keyword and a.keyword.value in _STREAMS]
    if len(indexes) != len(_STREAMS) or indexes[1] - indexes[0] != 1:
        return False
    first, second = (call.args[n] for n in indexes)
    pipes = all(known.qualified(arg.value) == "subprocess.PIPE" for arg in (first, second))
    said = nodes.comments(first) or nodes.comments(second)
    if not pipes or said or arguments.named(call, "capture_output"):
        return False
    return not any(alignment.holds(module, arg.value) for arg in (first, second))


def _change(call: cst.Call, old: int | None, *, pipes: bool) -> nodes.Change:
    first = next((n for n, a in enumerate(call.args) if a.keyword and a.keyword.value in _STREAMS), 0)

    def change(updated: cst.CSTNode) -> cst.CSTNode:
        new = cst.ensure_type(updated, cst.Call)
        args = list(new.args)
        if old is not None:
            args[old] = args[old].with_changes(keyword=cst.Name("text"))
        if pipes:
            second = args.pop(first + 1)
            args[first] = args[first].with_changes(
                keyword=cst.Name("capture_output"),
                value=cst.Name("True"),
                comma=second.comma,
                whitespace_after_arg=second.whitespace_after_arg,
            )
        return new.with_changes(args=args)

    return change
