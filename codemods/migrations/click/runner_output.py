"""click 8.2 keeps the outputs of a test's command apart in any case; `mix_stderr=` raises `TypeError` there.

`CliRunner()` has both in `result.output`, as a terminal shows them, and each of them in `result.stdout` and
`result.stderr`. Where they were kept apart before, `result.output` was `stdout` alone: so `stdout` is asked
where a result certainly comes from such a runner. Where they were mixed, `stdout` becomes `output`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from codemods import arguments, certain, guards, instances, names, nodes, renamed
from codemods.model import About, Applicability, Category, Facts

ABOUT = About(
    title="Make click's CliRunner without mix_stderr",
    category=Category.UPGRADE,
    applicability=Applicability.UNSAFE,
    risk="`result.output` has what was written to stderr, too, where a test in another module asks for it.",
    references=(
        "https://click.palletsprojects.com/en/stable/changes/#version-8-2-0",
        "https://github.com/pallets/click/pull/2523",
    ),
    needles=(b"mix_stderr",),
    pattern=rb"\bCliRunner\b",
    minutes=2,
    crosses=">=8.2",
    since="8.2",
)

_RUNNERS = frozenset(("click.testing.CliRunner", "typer.testing.CliRunner"))
_KEYWORDS: Mapping[str, Mapping[str, None]] = {"False": {"mix_stderr": None}, "True": {"mix_stderr": None}}
_MEANT = {"False": ("output", "stdout"), "True": ("stdout", "output")}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose runners are not told to mix, with the outputs that are meant."""
    changes: dict[cst.CSTNode, nodes.Change] = {}
    for node in nodes.of(module).all(cst.Attribute):
        if node.attr.value in {"output", "stdout"}:
            old, new = _MEANT.get(_of_result(node.value, module), ("", ""))
            if node.attr.value == old:
                changes[node.attr] = nodes.to(cst.Name(new))
    return renamed.keywords_in(nodes.replaced(module, changes), _KEYWORDS, _told)


def _told(call: cst.Call, module: cst.Module) -> str:
    """Return what a new runner is told, ``""`` for nothing, what is no literal, and any other call."""
    if names.of(module).qualified(call.func) not in _RUNNERS or guards.for_some_versions(call, module):
        return ""
    arg = arguments.named(call, "mix_stderr")
    return arg.value.value if arg and isinstance(arg.value, cst.Name) and not arguments.starred(call) else ""


def _of_runner(node: cst.BaseExpression, module: cst.Module) -> str:
    """Return what a runner was told when it was made, by itself or as all runners of the module."""
    made = node if isinstance(node, cst.Call) else certain.bound_to(node, module)
    if isinstance(made, cst.Call):
        return _told(made, module)
    calls = (c for c in nodes.of(module).all(cst.Call) if names.of(module).qualified(c.func) in _RUNNERS)
    every = {_told(call, module) for call in calls}
    is_one = len(every) == 1 and instances.of(node, module, _RUNNERS)
    return every.pop() if is_one else ""


def _of_result(node: cst.BaseExpression, module: cst.Module) -> str:
    """Return what the runner was told whose `invoke` certainly returned a value, ``""`` for any other."""
    if isinstance(node, cst.Call):
        func = node.func
        is_invoked = isinstance(func, cst.Attribute) and func.attr.value == "invoke"
        return _of_runner(cst.ensure_type(func, cst.Attribute).value, module) if is_invoked else ""
    if not isinstance(node, cst.Name):
        return ""
    every = {_of_result(v, module) if isinstance(v, cst.Call) else "" for v in _values(node, module)}
    return every.pop() if len(every) == 1 else ""


def _values(node: cst.Name, module: cst.Module) -> Iterator[cst.BaseExpression | None]:
    """Yield each value that a name has; None: it cannot be told."""
    seen, known = nodes.of(module), names.of(module)
    yield from (None for found in certain.bindings(node, module) if isinstance(found, cst.Param))
    for use in known.uses(node.value):
        above = seen.above[use]
        if not known.binds(node, use) or _is_read(use, above):
            continue
        yield nodes.assigned(seen.above[above])[1] if isinstance(above, cst.AssignTarget) else None


def _is_read(use: cst.Name, above: cst.CSTNode) -> bool:
    if isinstance(above, cst.Attribute):
        return above.value is use
    return isinstance(above, cst.Arg | cst.Comparison | cst.ComparisonTarget | cst.FormattedStringExpression)
