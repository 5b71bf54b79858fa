"""pydantic 2 names the constraints of fields otherwise, and refuses some of the old names.

`min_items` and `max_items` are `min_length` and `max_length`, `allow_mutation=False` is `frozen=True`, and
`regex` is `pattern`. pydantic 1 matched a pattern from the start of the text on, pydantic 2 looks for it
anywhere: so a `^` comes with it where it has none. Its engine is another one, too. A pattern that is no
literal of the module, or that looks around or back, is left to a person; `const` and `unique_items` have no
new name.
"""

from __future__ import annotations

import re

import libcst as cst

from codemods import arguments, certain, guards, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Name the constraints of fields as pydantic 2 does",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="At the end of a pattern, `$` no longer accepts a line break; a frozen field is frozen without "
    "`validate_assignment`.",
    references=(
        "https://docs.pydantic.dev/2.12/migration/#changes-to-pydanticfield",
        "https://docs.pydantic.dev/2.12/api/config/#pydantic.config.ConfigDict.regex_engine",
        "https://docs.rs/regex/latest/regex/#syntax",
    ),
    needles=(b"regex", b"min_items", b"max_items", b"allow_mutation"),
    pattern=rb"\bpydantic\b",
    minutes=2,
    crosses=">=2",
)

_ITEMS: dict[str, str | None] = {"min_items": "min_length", "max_items": "max_length"}
_FIELDS = ("pydantic.Field", "pydantic.fields.Field")
_LISTS = tuple(
    f"{p}.{n}" for p in ("pydantic", "pydantic.types") for n in ("conlist", "conset", "confrozenset")
)
_PATTERNS = frozenset((*_FIELDS, "pydantic.constr", "pydantic.types.constr"))
_TABLE = dict.fromkeys((*_FIELDS, *_LISTS), _ITEMS)
_OPPOSITE = {"True": "False", "False": "True"}
# What the engine of pydantic 2 does not know, or reads in another way.
_OTHERWISE = re.compile(r"\(\?[^:]|\\[1-9Zgk]|\(\?P[=>]|[*+?}]\+|&&|--|~~|\[[^\]]*\[")


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module with the constraints that pydantic 2 knows."""
    module = renamed.keywords_in(module, _TABLE)
    known, changes = names.of(module), dict[cst.CSTNode, nodes.Change]()
    for call in nodes.of(module).all(cst.Call):
        full = known.qualified(call.func)
        hands_on = any(arg.star == "**" for arg in call.args)
        if full not in _PATTERNS or hands_on or guards.for_some_versions(call, module):
            continue
        changes |= _frozen(call) if full in _FIELDS else {}
        changes |= _matched(call, module)
    return nodes.replaced(module, changes)


def _frozen(call: cst.Call) -> dict[cst.CSTNode, nodes.Change]:
    """Return the change of the argument that says whether a field may be assigned to."""
    arg = arguments.named(call, "allow_mutation")
    value = _OPPOSITE.get(arg.value.value) if arg and isinstance(arg.value, cst.Name) else None
    if arg is None or value is None or arguments.named(call, "frozen"):
        return {}
    return {arg: nodes.to(arg.with_changes(keyword=cst.Name("frozen"), value=cst.Name(value)))}


def _matched(call: cst.Call, module: cst.Module) -> dict[cst.CSTNode, nodes.Change]:
    """Return the change of the argument that holds a pattern, where it means the same afterwards."""
    arg = arguments.named(call, "regex")
    if arg is None or arguments.named(call, "pattern"):
        return {}
    own = certain.bound_to(arg.value, module)
    literal = arg.value if own is None else own
    if not isinstance(literal, cst.SimpleString) or not isinstance(literal.evaluated_value, str):
        return {}
    text = literal.evaluated_value
    if _OTHERWISE.search(text) or not _is_one(text):
        return {}
    value = arg.value
    if not text.startswith("^"):
        if own is not None:
            return {}
        start = len(literal.prefix) + len(literal.quote)
        value = literal.with_changes(value=f"{literal.value[:start]}^{literal.value[start:]}")
    new = arg.with_changes(keyword=cst.Name("pattern"), value=value)
    return {arg: nodes.to(new)}


def _is_one(text: str) -> bool:
    """Say whether a pattern is a pattern, and a `^` at its start holds for all of it."""
    try:
        re.compile(text)
    except re.error:
        return False
    plain = re.sub(r"\\.|\[[^\]]*\]", "", text, flags=re.DOTALL)
    depth = 0
    for sign in plain:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            return False
    return True
