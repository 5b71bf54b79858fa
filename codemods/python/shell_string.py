"""A command without anything for a shell to do needs no shell, and no shell means nothing to inject into.

`shell=True` starts a second program that reads the command as a script. As long as the command is a plain
literal nothing can go wrong; the day somebody puts a file's name into it, the name is run as well. As a list
of arguments the same command stays safe when it is extended, starts one process less, and is the one that
`kill()` and `terminate()` reach.

Only literals change that consist of a program and plain words: no quotes, variables, patterns, pipes,
redirections, or assignments, and no command that a shell has built in. Code that asks whether a program is
there (`which`, `--version`) relies on the shell's exit status and is left alone, as are relative paths,
which may be scripts that only a shell can run, and files that deal with Windows, where a shell finds `.cmd`
files that Python does not.
"""

from __future__ import annotations

import re
from functools import partial

import libcst as cst

from codemods import arguments, layout, names, nodes, writing
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Run plain commands without a shell",
    category=Category.SECURITY,
    applicability=Applicability.UNSAFE,
    risk="A program that is missing raises `FileNotFoundError` instead of ending with exit status 127.",
    references=(
        "https://docs.python.org/3/library/subprocess.html#security-considerations",
        "https://docs.astral.sh/ruff/rules/subprocess-popen-with-shell-equals-true/",
    ),
    needles=(b"shell",),
    pattern=rb"\bshell\s*=\s*True",
    codes=("S602", "B602", "S604", "B604"),
    minutes=5,
    tests=False,
)

_RUNNERS = frozenset(f"subprocess.{n}" for n in ("run", "call", "check_call", "check_output", "Popen"))
_PLAIN = re.compile(r"[\w.+-]+(?: [\w./:@+,=-]+)*", re.ASCII)
_ABSOLUTE = re.compile(r"/(?:usr/|usr/local/)?s?bin/[\w.+-]+(?: [\w./:@+,=-]+)*", re.ASCII)
_BUILT_IN = """
    . alias bg bind break builtin caller case cd command compgen complete continue declare dirs disown do
    done echo enable esac eval exec exit export false fc fg fi for function getopts hash help history if in
    jobs kill let local logout popd printf pushd pwd read readarray readonly return select set shift shopt
    source suspend test then time times trap true type typeset ulimit umask unalias unset until wait while
    assoc call cls color copy date del dir echo erase md mkdir mklink move pause rd ren rename rmdir start
    title ver vol
"""
_OFTEN_CMD_FILES = "npm npx yarn pnpm code mvn gradle az gcloud flutter dart tsc ng"
_NOT_ALONE = frozenset((*_BUILT_IN.split(), *_OFTEN_CMD_FILES.split()))
_ASKING = re.compile(r"(?:^|\s)(?:which|where|whereis|-v|-V|-h|--?version|--?help|version)(?:\s|$)")
_WINDOWS = re.compile(r"win32|windows|\bos\.name\b|creationflags|startupinfo", re.IGNORECASE)


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that runs plain commands without a shell."""
    known = names.of(module)
    found = [call for call in nodes.of(module).all(cst.Call) if _has_plain_command(call, known)]
    if not found or _WINDOWS.search(writing.source(module)):
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for call in found:
        index = next(i for i, arg in enumerate(call.args) if arg.keyword and arg.keyword.value == "shell")
        new = _without_shell(index, call)
        if new is not call and layout.fits(module, call, new):
            changes[call] = partial(_changed, index)
    return nodes.replaced(module, changes)


def _has_plain_command(call: cst.Call, known: names.Names) -> bool:
    shell = arguments.named(call, "shell")
    if shell is None or not isinstance(shell.value, cst.Name) or shell.value.value != "True":
        return False
    given = arguments.positional(call)
    if len(given) != 1 or arguments.starred(call) or arguments.named(call, "executable"):
        return False
    command = given[0].value
    if not isinstance(command, cst.SimpleString) or command.prefix not in {"", "r"} or command.lpar:
        return False
    return known.qualified(call.func) in _RUNNERS and _is_plain(str(command.raw_value))


def _is_plain(text: str) -> bool:
    if not (_PLAIN.fullmatch(text) or _ABSOLUTE.fullmatch(text)) or _ASKING.search(text):
        return False
    program = text.partition(" ")[0].rpartition("/")[2]
    return program not in _NOT_ALONE and not program.endswith(".sh")


def _changed(index: int, updated: cst.CSTNode) -> cst.CSTNode:
    return _without_shell(index, cst.ensure_type(updated, cst.Call))


def _without_shell(index: int, call: cst.Call) -> cst.Call:
    """Return a call with its command as a list, and without a shell; the same one if a comment would go."""
    without = arguments.without(call, index)
    if without is None:
        return call
    first = next(i for i, arg in enumerate(without.args) if arg.keyword is None)
    command = cst.ensure_type(without.args[first].value, cst.SimpleString)
    quote = command.quote[0]
    words = [cst.SimpleString(f"{quote}{word}{quote}") for word in str(command.raw_value).split(" ")]
    args = list(without.args)
    args[first] = args[first].with_changes(value=cst.List([cst.Element(word) for word in words]))
    return without.with_changes(args=args)
