"""`display.max_colwidth` is `None` for columns of any width; pandas 2 raises `ValueError` for `-1`.

Both mean the same since pandas 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from codemods import guards, names, nodes
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Show columns of any width with None",
    category=Category.UPGRADE,
    applicability=Applicability.SAFE,
    risk="None known: pandas 1 took -1 for None.",
    references=(
        "https://pandas.pydata.org/docs/whatsnew/v1.0.0.html#deprecations",
        "https://pandas.pydata.org/docs/user_guide/options.html",
    ),
    needles=(b"max_colwidth",),
    pattern=rb"-\s*1\b",
    minutes=1,
    crosses=">=2",
    since="1.0",
)

_SET = frozenset(("pandas.set_option", "pandas.option_context"))
_OPTIONS = frozenset(("display.max_colwidth", "max_colwidth"))
_ATTRIBUTE = "pandas.options.display.max_colwidth"


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module that shows columns of any width."""
    found = [n for n in (*_given(module), *_assigned(module)) if not guards.for_some_versions(n, module)]
    return nodes.replaced(module, {node: nodes.to(cst.Name("None")) for node in found})


def _given(module: cst.Module) -> Iterator[cst.CSTNode]:
    """Yield the values of the option that are given behind its name."""
    for call in nodes.of(module).all(cst.Call):
        if names.of(module).qualified(call.func) in _SET:
            for name, value in zip(call.args, call.args[1:], strict=False):
                is_it = isinstance(name.value, cst.SimpleString) and name.value.raw_value in _OPTIONS
                if is_it and not (name.star or value.star or value.keyword) and _is_old(value.value):
                    yield value.value


def _assigned(module: cst.Module) -> Iterator[cst.CSTNode]:
    for assign in nodes.of(module).all(cst.Assign):
        target, value = nodes.assigned(assign)
        is_it = target is not None and names.of(module).qualified(target) == _ATTRIBUTE
        if is_it and value is not None and _is_old(value):
            yield value


def _is_old(node: cst.BaseExpression) -> bool:
    """Say whether a value is -1."""
    is_less = isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus)
    number = cst.ensure_type(node, cst.UnaryOperation).expression if is_less else None
    return isinstance(number, cst.Integer) and number.value == "1"
