"""Tells which metrics the Python of a tree defines with `prometheus_client`, if all of them can be told."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from codemods import engine, glance
from codemods.model import Tree

_LIBRARY = "prometheus_client"
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("Counter", "CounterMetricFamily"), ("_total", "_created")),
    **dict.fromkeys(("Gauge", "Enum", "GaugeMetricFamily", "StateSetMetricFamily"), ("",)),
    **dict.fromkeys(("UntypedMetricFamily", "UnknownMetricFamily"), ("",)),
    **dict.fromkeys(("Histogram", "HistogramMetricFamily"), ("_bucket", "_count", "_sum", "_created")),
    **dict.fromkeys(("Summary", "SummaryMetricFamily"), ("_count", "_sum", "_created")),
    **dict.fromkeys(("Info", "InfoMetricFamily"), ("_info",)),
    "GaugeHistogramMetricFamily": ("_bucket", "_gcount", "_gsum"),
    "Metric": ("", "_total", "_created", "_bucket", "_count", "_sum", "_info"),
}
"""What a scrape finds behind the name of a metric of each class."""
_PARAMETERS = ("name", "documentation", "labelnames", "namespace", "subsystem", "unit")
_JOINED: tuple[str, ...] = ("namespace", "subsystem", "name")


class _Unclear(Exception):  # noqa: N818 -- an answer about a file, not a fault of ours
    """A metric whose name only shows when the code runs."""


def defined(tree: Tree) -> Mapping[str, Mapping[str, tuple[str, ...]]] | None:
    """Return by file which metrics it defines, and the names that a scrape finds for each.

    None says that there are others, whose names cannot be told.
    """
    found = {}
    for path in tree.paths():
        if path.endswith(".py") and _LIBRARY.encode() in (data := tree.read(path)):
            module = engine.skimmed(path, data)
            if module is None:
                return None
            try:
                found[path] = dict(_defined(module))
            except (_Unclear, RecursionError):
                return None
    return found


def _defined(module: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    known = dict(_classes(module))
    calls = {id(c.func): c for c in glance.all_of(module, ast.Call)}
    spoken_of = _annotations(module)
    constants = _constants(module)
    for node in glance.all_of(module, ast.Name, ast.Attribute):
        class_ = known.get(ast.unparse(node)) if id(node) not in spoken_of else None
        if class_ and id(node) in calls:
            name = _name(calls[id(node)], class_, constants)
            yield name, tuple(f"{name}{ending}" for ending in _ENDINGS[class_])
        elif class_:
            raise _Unclear


def _classes(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield how the module spells the classes of metrics, and which they are."""
    for line in glance.all_of(module, ast.ImportFrom):
        if line.module and line.module.partition(".")[0] == _LIBRARY and not line.level:
            if any(a.name == "*" for a in line.names):
                raise _Unclear
            yield from ((a.asname or a.name, a.name) for a in line.names if a.name in _ENDINGS)
            inner = [a.asname or a.name for a in line.names if a.name in {"core", "metrics", "metrics_core"}]
            yield from ((f"{name}.{class_}", class_) for name in inner for class_ in _ENDINGS)
    for plain in glance.all_of(module, ast.Import):
        for alias in plain.names:
            if alias.name.partition(".")[0] == _LIBRARY:
                yield from ((f"{alias.asname or alias.name}.{class_}", class_) for class_ in _ENDINGS)


def _annotations(module: ast.Module) -> frozenset[int]:
    """Return the ids of the nodes that only say what type something has."""
    said: list[ast.AST | None] = [n.annotation for n in glance.all_of(module, ast.AnnAssign)]
    said += [n.annotation for n in glance.all_of(module, ast.arg)]
    said += [n.returns for n in glance.all_of(module, ast.FunctionDef)]
    said += [n.returns for n in glance.all_of(module, ast.AsyncFunctionDef)]
    return frozenset(id(part) for node in said if node for part in ast.walk(node))


def _constants(module: ast.Module) -> Mapping[str, str]:
    """Return the strings that the module gives to a name, once."""
    bound = [n.id for n in glance.all_of(module, ast.Name) if isinstance(n.ctx, ast.Store)]
    found: dict[str, str] = {}
    for line in module.body:
        if isinstance(line, ast.Assign | ast.AnnAssign) and isinstance(line.value, ast.Constant):
            target = line.target if isinstance(line, ast.AnnAssign) else line.targets[0]
            value = line.value.value
            if isinstance(target, ast.Name) and isinstance(value, str) and bound.count(target.id) == 1:
                found[target.id] = value
    return found


def _name(call: ast.Call, class_: str, constants: Mapping[str, str]) -> str:
    """Return the name that a metric gets, as `prometheus_client` puts it together."""
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(k.arg is None for k in call.keywords):
        raise _Unclear
    known = _PARAMETERS[:1] if class_.endswith(("Family", "Metric")) else _PARAMETERS
    given = dict(zip(known, call.args, strict=False))
    given |= {str(k.arg): k.value for k in call.keywords}
    if "name" not in given:
        raise _Unclear
    parts = {key: _text(given[key], constants) for key in (*_JOINED, "unit") if key in given}
    name = "_".join(parts[key] for key in _JOINED if parts.get(key))
    if class_ in {"Counter", "CounterMetricFamily"}:
        name = name.removesuffix("_total")
    unit = parts.get("unit")
    return f"{name}_{unit}" if unit and not name.endswith(f"_{unit}") else name


def _text(node: ast.expr, constants: Mapping[str, str]) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Name) and node.id in constants:
        return constants[node.id]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, constants) + _text(node.right, constants)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue) and node.conversion < 0 and node.format_spec is None:
        return _text(node.value, constants)
    raise _Unclear
