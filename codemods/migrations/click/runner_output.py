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
_KEYWORDS: Mapping[str, Mapping[str, None]] = {name: {"mix_stderr": None} for name in _RUNNERS}
_MEANT = {"False": ("output", "stdout"), "True": ("stdout", "output")}


def rewrite(module: cst.Module, _: Facts) -> cst.Module:
    """Return the module whose runners are not told to mix, with the outputs that are meant."""
    told = set(_told(module))
    # Runners of both kinds in one module leave open which of them made a result.
    old, new = _MEANT.get(told.pop() if len(told) == 1 else "", ("", ""))
    if not old:
        return module
    changes: dict[cst.CSTNode, nodes.Change] = {
        node.attr: nodes.to(cst.Name(new))
        for node in nodes.of(module).all(cst.Attribute)
        if node.attr.value == old and _is_result(node.value, module)
    }
    result = renamed.keywords_in(module, _KEYWORDS)
    return module if result is module else renamed.keywords_in(nodes.replaced(module, changes), _KEYWORDS)


def _told(module: cst.Module) -> Iterator[str]:
    """Yield what each runner of the module is told, ``""`` where that is nothing, or no literal."""
    for call in nodes.of(module).all(cst.Call):
        if names.of(module).qualified(call.func) in _RUNNERS:
            arg = arguments.named(call, "mix_stderr")
            undecided = guards.for_some_versions(call, module) or arguments.starred(call)
            yield arg.value.value if arg and isinstance(arg.value, cst.Name) and not undecided else ""


def _is_result(node: cst.BaseExpression, module: cst.Module) -> bool:
    """Say whether an expression certainly is what a runner's `invoke` returned."""
    if isinstance(node, cst.Call):
        func = node.func
        is_invoked = isinstance(func, cst.Attribute) and func.attr.value == "invoke"
        fine = is_invoked and not guards.for_some_versions(node, module)
        return fine and instances.of(cst.ensure_type(func, cst.Attribute).value, module, _RUNNERS)
    if not isinstance(node, cst.Name):
        return False
    values = list(_values(node, module))
    return bool(values) and all(isinstance(v, cst.Call) and _is_result(v, module) for v in values)


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
