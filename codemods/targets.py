"""Reads the targets of a Makefile or a justfile that describes them, and adds one as the file has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MAKE = re.compile(
    r"^(?P<names>[A-Za-z0-9][\w.-]*)(?P<rest>[ \t]*:(?![:=])[^=#\n]*?)(?P<gap>[ \t]*)"
    r"##[ \t]*(?P<said>[^\s#@].*)$",
    re.MULTILINE,
)
_ABOVE = re.compile(
    r"^##[ \t]+(?P<said>[^\s#].*)\n(?:\.PHONY[ \t]*:.*\n)?(?P<names>[A-Za-z0-9][\w.-]*)[ \t]*:(?![:=])",
    re.MULTILINE,
)
_ANY_TARGET = re.compile(r"^(?P<names>[^\s#:=][^:=#\n]*):(?!=)", re.MULTILINE)
_PHONY = re.compile(r"^\.PHONY[ \t]*::?(?P<names>(?:[^\\\n#]|\\\n)*)(?=#|$)", re.MULTILINE)
_ODD = re.compile(
    r"^[ \t]*(?:\.RECIPEPREFIX|\.ONESHELL|\.SHELLFLAGS"
    r"|(?:export[ \t]+)?SHELL[ \t]*[:?]?=(?![ \t]*(?:\S*/)?(?:env[ \t]+)?(?:ba)?sh[ \t]*$))",
    re.MULTILINE,
)
"""Recipes are read in another way than everywhere."""
_RECIPE = re.compile(
    r"^#[ \t]+(?P<said>[^\s!].*)\n(?:\[.*\]\n)*"
    r"@?(?P<name>[A-Za-z_][\w-]*)[^:=\n]*:(?!=).*\n(?P<indent>[ \t]+)",
    re.MULTILINE,
)
_ANY_RECIPE = re.compile(
    r"^(?:@?(?P<name>[A-Za-z_][\w-]*)[^:=\n]*:(?!=)|alias[ \t]+(?P<alias>[\w-]+)[ \t]*:=)", re.MULTILINE
)
_ODD_JUST = re.compile(
    r"^set[ \t]+(?:shell|windows-shell|script-interpreter|working-directory|positional-arguments|export)\b",
    re.MULTILINE,
)
_FEWEST = 2
"""Targets with a description that a file must have: one is no custom."""


@dataclass(frozen=True, slots=True)
class Target:
    """A name, what it is for in a few words, and the commands of a shell that it runs, one a line."""

    name: str
    said: str
    commands: tuple[str, ...]


def names(path: str, text: str) -> frozenset[str]:
    """Return the names that are taken in a file."""
    if path.endswith(("justfile", ".just")):
        return frozenset(found["name"] or found["alias"] for found in _ANY_RECIPE.finditer(text))
    return frozenset(name for found in _ANY_TARGET.finditer(text) for name in found["names"].split())


def separator(text: str) -> str:
    """Return what stands between the words of most names: a hyphen or an underscore."""
    told = " ".join(found["names"] for found in _ANY_TARGET.finditer(text))
    return "_" if told.count("_") > told.count("-") else "-"


def added(path: str, text: str, targets: Sequence[Target]) -> str | None:
    """Return a file, in which each line ends with a line feed, with more targets at its end.

    None where it does not describe its targets in a way that is known, or runs them in an unusual one.
    """
    if text.rstrip(" \t\n").endswith("\\"):
        return None
    whole = text if text.endswith("\n") else f"{text}\n"
    grown = _with_recipes(whole, targets) if path.endswith("justfile") else _with_targets(whole, targets)
    return grown if grown is None or text.endswith("\n") else grown.removesuffix("\n")


def _with_recipes(text: str, targets: Sequence[Target]) -> str | None:
    described = list(_RECIPE.finditer(text))
    if (
        len(described) < _FEWEST
        or _ODD_JUST.search(text)
        or any("{{" in c for t in targets for c in t.commands)
    ):
        return None
    indent = described[-1]["indent"]
    for target in targets:
        body = "".join(f"{indent}{command}\n" for command in target.commands)
        text = f"{text.rstrip(chr(10))}\n\n# {target.said}\n{target.name}:\n{body}"
    return text


def _with_targets(text: str, targets: Sequence[Target]) -> str | None:
    beside, above = list(_MAKE.finditer(text)), list(_ABOVE.finditer(text))
    if max(len(beside), len(above)) < _FEWEST or _ODD.search(text):
        return None
    phony = list(_PHONY.finditer(text))
    if len(phony) == 1:
        end = phony[0].end()
        remark = text[end : end + 1] == "#"
        before = text[:end].rstrip(" \t\n\\")
        text = before + "".join(f" {t.name}" for t in targets) + " " * remark + text[end:]
    for target in targets:
        said = f"## {target.said}"
        body = "".join("\t" + command.replace("$", "$$") + "\n" for command in target.commands)
        head = (
            f"{target.name}:{_gap(beside, target.name)}{said}\n"
            if len(beside) >= len(above)
            else f"{said}\n{target.name}:\n"
        )
        own = f".PHONY: {target.name}\n" if len(phony) > 1 else ""
        below = len(phony) > 1 and _is_below(text, phony[0])
        text = f"{text.rstrip(chr(10))}\n\n" + (f"{head}{body}{own}" if below else f"{own}{head}{body}")
    return text


def _gap(beside: Sequence[re.Match[str]], name: str) -> str:
    """Return the blanks behind the colon: up to the column where all descriptions stand, or one."""
    columns = {len(f["names"]) + len(f["rest"]) + len(f["gap"]) for f in beside}
    lengths = {len(f["names"]) + len(f["rest"]) for f in beside}
    if len(columns) == 1 < len(lengths):
        return " " * max(columns.pop() - len(name) - 1, 1)
    gaps = [f["gap"] for f in beside]
    return max(set(gaps), key=gaps.count) or " "


def _is_below(text: str, phony: re.Match[str]) -> bool:
    """Say whether a target is declared as no file behind its recipe."""
    own = phony["names"].split()
    return (
        bool(own)
        and re.search(rf"^{re.escape(own[0])}[ \t]*:", text[: phony.start()], re.MULTILINE) is not None
    )
