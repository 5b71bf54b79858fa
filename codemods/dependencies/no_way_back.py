"""What was replaced comes back by habit, by copy and paste, or by an example from the web.

Here the last use of it went with one of these pull requests, and ruff checks this project anyway: with the
name among its banned imports, the next use is told where it is written, and not in another round of
replacing. Nothing is banned that is still imported anywhere.

It is proposed once for each name, and only after such a pull request was merged. Where ruff's rule `TID251`
is not on yet, it is added to the rules that are selected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from codemods import uses
from codemods.manifests import toml_document
from codemods.model import About, Applicability, Category, Edit, Facts, Finding, Tree

ABOUT = About(
    title="Keep what was replaced from coming back",
    category=Category.HYGIENE,
    applicability=Applicability.SAFE,
    risk="With it ruff complains of an import that it let pass before; the code itself is the same.",
    references=(
        "https://docs.astral.sh/ruff/rules/banned-api/",
        "https://docs.astral.sh/ruff/settings/#lint_flake8-tidy-imports_banned-api",
    ),
    needles=(),
    minutes=10,
    asks=("merged",),
)

_ID = "no-way-back"
_GUARDS: Mapping[str, tuple[str, str]] = {
    "six-usage": ("six", "Python 3 has what it did."),
    "mock-backport": ("mock", "Use `unittest.mock`."),
    "tomli-backport": ("tomli", "Use `tomllib`."),
    "toml-reader": ("toml", "Use `tomllib`."),
    "nose-tools": ("nose", "Use `assert`, and pytest."),
    "pytz-utc": ("pytz", "Use `datetime.timezone.utc` and `zoneinfo`."),
    "distutils-usage": ("distutils", "It left the standard library with Python 3.12."),
    "pkg-resources": ("pkg_resources", "Use `importlib.metadata` and `importlib.resources`."),
}
"""By the improvement that replaces it: what is banned, and what is told to whoever writes it."""
_FILES = {"ruff.toml": (), ".ruff.toml": (), "pyproject.toml": ("tool", "ruff")}
"""Where ruff is configured, in the order in which it looks, and below which keys."""
_RULE = "TID251"
_LIST = (
    rb"(?:extend-)?select[ \t]*=[ \t]*\[(?:[^\]#\"']|\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*)*?"
    rb"(?=,?(?:\s|#[^\n]*\n)*\])"
)
"""A list of rules up to its last one."""
_ON = frozenset(("ALL", "T", "TID", "TID2", "TID25", _RULE))


def ask(_: Tree) -> frozenset[str]:
    """Return nothing: releases do not matter."""
    return frozenset()


def find(tree: Tree, facts: Facts) -> Iterator[Finding]:
    """Return a finding for each name that was replaced, is used no more, and is not banned yet."""
    replaced = {improvement: guard for improvement, guard in _GUARDS.items() if improvement in facts.merged}
    there = set(tree.paths()) if replaced else set()
    path = next((p for p in _FILES if p in there and _lint(tree.read(p), p)), None)
    if path is None:
        return
    for improvement, (module, words) in replaced.items():
        if uses.find(tree, [module]):
            continue
        before = tree.read(path)
        after = _banned(before, path, module, words)
        if after is not None and after != before:
            line = after[: after.index(f"{json.dumps(module)}.msg".encode())].count(b"\n") + 1
            said = f"ban `{module}`, which `{improvement}` replaced"
            title = f"Keep {module} from coming back"
            yield Finding(_ID, path, line, said, Edit(path, before, after), target=module, title=title)


def _lint(data: bytes, path: str) -> toml_document.Table:
    """Return what a file says of ruff's rules, nothing where it is not read as it should."""
    try:
        return toml_document.at(toml_document.parse(data), *_FILES[path], "lint")
    except ValueError:
        return {}


def _banned(data: bytes, path: str, module: str, words: str) -> bytes | None:
    """Return a configuration that bans a module too; None where that cannot be written for certain."""
    lint = _lint(data, path)
    banned = toml_document.at(lint, "flake8-tidy-imports", "banned-api")
    if any(name == module or name.startswith(f"{module}.") for name in banned):
        return None
    prefix = ".".join((*_FILES[path], "lint"))
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    selected = _selected(data, prefix, lint)
    if selected is None:
        return None
    after = _listed(selected, f"{prefix}.flake8-tidy-imports.banned-api", module, words, newline)
    told = _lint(after, path)
    rules = [r for key in ("select", "extend-select") for r in toml_document.listed(told.get(key))]
    now = toml_document.at(told, "flake8-tidy-imports", "banned-api")
    is_right = now == {**banned, module: {"msg": words}} and not _ON.isdisjoint(map(str, rules))
    kept = {k: v for k, v in told.items() if k not in {"select", "extend-select", "flake8-tidy-imports"}}
    return after if is_right and all(lint.get(key) == value for key, value in kept.items()) else None


def _selected(data: bytes, prefix: str, lint: toml_document.Table) -> bytes | None:
    """Return a configuration in which the rule is on; None where no list of rules can be added to."""
    rules = [str(r) for key in ("select", "extend-select") for r in toml_document.listed(lint.get(key))]
    off = [str(r) for key in ("ignore", "extend-ignore") for r in toml_document.listed(lint.get(key))]
    if not _ON.isdisjoint(off):
        return None
    if not _ON.isdisjoint(rules):
        return data
    head = rb"^\[[ \t]*" + re.escape(prefix.encode()) + rb"[ \t]*\][^\n]*\n(?:(?!\[)[^\n]*\n)*?"
    found = re.search(head + _LIST, data, re.MULTILINE)
    if found is None:
        return None
    before, behind = data[: found.end()], data[found.end() :]
    own = re.search(rb"\n([ \t]+)[\"'][^\"'\n]*[\"']\Z", before)
    rest = re.match(rb",?([^\n]*?)(\r?\n)", behind)
    if not own or not rest:
        return before + f', "{_RULE}"'.encode() + behind
    # Each rule has a line of its own.
    ended, line = rest[1] + rest[2], own[1] + f'"{_RULE}",'.encode() + rest[2]
    return before + b"," + ended + line + behind[rest.end() :]


def _listed(data: bytes, table: str, module: str, words: str, newline: bytes) -> bytes:
    """Return a configuration with one more entry in the table of what is banned."""
    entry = f"{json.dumps(module)}.msg = {json.dumps(words)}".encode() + newline
    header = re.search(rb"^\[[ \t]*" + re.escape(table.encode()) + rb"[ \t]*\][^\n]*\n", data, re.MULTILINE)
    if header:
        return data[: header.end()] + entry + data[header.end() :]
    is_ended = data.endswith(newline)
    last = entry if is_ended else entry.removesuffix(newline)
    return data + (b"" if is_ended else newline) + newline + f"[{table}]".encode() + newline + last
