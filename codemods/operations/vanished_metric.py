"""An alert on a metric that no code defines any more never fires, and nobody hears of that.

A metric was renamed or taken out, and the rule that asks for it stayed: Prometheus finds no series, which is
no error, and the alert is silent for good. The same befalls who asks for a counter or a histogram by its name
in Python: `prometheus_client` shows `Counter("shop_orders", …)` as `shop_orders_total`, and nothing as
`shop_orders`.

This names the rules that ask for such a metric, where all can be told: its first word is that of at least
three which the Python of this repository defines with plain words, its first two are those of one of them,
rules ask for at least three that are there, and no other file knows the missing one. Where names are put
together at run time, where code in another language counts, or where metrics take another way (StatsD,
OpenTelemetry), nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from codemods import alert_rules, document, metrics, places, project, silence, splices
from codemods.model import About, Applicability, Category, Facts, Finding, Tree

ABOUT = About(
    title="Ask for metrics that the code still defines",
    category=Category.OPERABILITY,
    applicability=Applicability.ADVICE,
    risk="An alert that comes back to life may fire at once.",
    references=(
        "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
        "https://prometheus.github.io/client_python/instrumenting/counter/",
    ),
    needles=(),
    minutes=15,
)

_ID = "vanished-metric"
_FEWEST = 3  # metrics of one beginning that are defined, and that rules ask for
_MOST = 3  # rules that are named
_LIMIT = 50  # metrics that are looked for
_RULES = re.compile(r"\.(?:ya?ml|rules)\Z")
_IS_RULE = re.compile(rb"(?m)^[ \t]*(?:-[ \t]+)?[\"']?(?:alert|record)[\"']?:[ \t]+[\"']?(?P<name>[\w:]*)")
_TOLD = re.compile(r"\.(?:md|rst|txt|json|html?|svg|ipynb|lock)\Z|(?:^|/)(?:docs?|changelog)/", re.IGNORECASE)
"""Files that tell of metrics, or show them, and bring none."""
_ELSEWHERE = re.compile(
    r"\.(?:go|rs|java|kt|scala|rb|[cm]?[jt]sx?|php|exs?|cs|c|cc|cpp|lua|pyx)\Z", re.IGNORECASE
)
_COUNTS = re.compile(rb"prometheus|prom-client|micrometer|opentelemetry|statsd", re.IGNORECASE)
_OTHER_WAYS = re.compile(rb"\bcreate_(?:counter|gauge|histogram|observable|up_down)|statsd", re.IGNORECASE)
_ANYBODYS = frozenset(
    (
        *("http", "https", "api", "app", "application", "process", "python", "service", "server", "worker"),
        *("job", "jobs", "task", "tasks", "queue", "db", "database", "cache", "redis", "celery", "django"),
        *("flask", "fastapi", "starlette", "request", "requests", "response", "grpc", "system", "node"),
        *("container", "kube", "kubernetes", "go", "jvm", "postgres", "postgresql", "pg", "mysql", "nginx"),
        *("kafka", "rabbitmq", "active", "total", "memory", "cpu", "disk", "gpu", "error", "errors", "user"),
        *("users", "auth", "model", "models", "llm", "ml", "websocket", "rate", "circuit", "business", "db"),
        *(
            "prometheus",
            "alertmanager",
            "grafana",
            "probe",
            "scrape",
            "network",
            "client",
            "external",
            "data",
        ),
    )
)
"""Beginnings that metrics of others have too."""
_SUFFIX = re.compile(r"_(?:total|created|bucket|count|sum|info|gcount|gsum)\Z")


class _Asked(NamedTuple):
    """A rule of a file that asks for a metric; ``line`` counts from 1."""

    path: str
    line: int
    rule: str
    metric: str


def ask(tree: Tree) -> frozenset[str]:  # noqa: ARG001 -- the shape of TreeRule
    """Return no name: everything stands in the tree."""
    return frozenset()


def find(tree: Tree, _: Facts) -> Iterator[Finding]:
    """Return words, once for a file of rules, about those that ask for what is not there."""
    files = [p for p in tree.paths() if _RULES.search(p) and _IS_RULE.search(tree.read(p))]
    asked = [a for p in files if project.is_own(p) and not _is_sample(p) for a in _asked(p, tree.read(p))]
    by_file = metrics.defined(tree) if asked else None
    if not by_file:
        return
    exposed = {name: shown for found in by_file.values() for name, shown in found.items()}
    shown = {each for names in exposed.values() for each in names}
    recorded = {m["name"].decode() for p in files for m in _IS_RULE.finditer(tree.read(p))}
    gone = [a for a in _of_ours(asked, by_file, shown) if a.metric not in recorded | shown]
    missing = dict.fromkeys(a.metric for a in gone)
    # Each is looked for in the whole tree; where so many are gone, something else is meant.
    sure = (
        [m for m in missing if not _is_elsewhere(tree, m, files, by_file)] if len(missing) <= _LIMIT else []
    )
    gone = [a for a in gone if a.metric in sure]
    for path in dict.fromkeys(a.path for a in gone):
        yield _finding([a for a in gone if a.path == path], exposed)


def _is_sample(path: str) -> bool:
    return path.startswith(".github/") or places.is_foreign(path)


def _asked(path: str, data: bytes) -> Iterator[_Asked]:
    """Yield what the rules of a file ask for."""
    lines = data.splitlines()
    for part in document.several(data):
        for rule in (r for group in alert_rules.groups(part.root) for r in alert_rules.of(group)):
            line = splices.line_of(data, rule.expression.start)
            above = splices.line_of(data, rule.name.key.start)
            written = b"\n".join(lines[above - 1 : line]).decode("utf-8", "replace")
            if part.plain and not silence.says_ignore(written, _ID):
                names = sorted(alert_rules.asked_for(rule.expression.text))
                yield from (_Asked(path, line, rule.name.value.text, name) for name in names)


def _of_ours(
    asked: list[_Asked], by_file: Mapping[str, Mapping[str, object]], shown: set[str]
) -> Iterator[_Asked]:
    """Yield what begins as metrics of the project do that are there, and that rules ask for."""
    own = {name for path, found in by_file.items() if project.is_own(path) for name in found}
    defined = Counter(_beginning(name, 1) for name in own)
    there = Counter(_beginning(name, 1) for name in {a.metric for a in asked} & shown)
    kin = {_beginning(name, 2) for name in own}
    for each in asked:
        start = _beginning(each.metric, 1)
        is_ours = start not in _ANYBODYS and _beginning(each.metric, 2) in kin
        if is_ours and min(defined[start], there[start]) >= _FEWEST:
            yield each


def _beginning(name: str, words: int) -> str:
    return "_".join(name.split("_")[:words])


def _is_elsewhere(
    tree: Tree, metric: str, rules: list[str], by_file: Mapping[str, Mapping[str, object]]
) -> bool:
    """Say whether another file may bring a metric: by its name, the end of it, or what is put together."""
    start, base = _beginning(metric, 1).encode(), _SUFFIX.sub("", metric).encode()
    tail = base.removeprefix(start + b"_")
    known = any(base.decode() in found for found in by_file.values())
    named = re.compile(
        rb"\b%b(?![a-zA-Z0-9])|[\"']%b(?:_total|_info)?[\"']" % (_spelled(base), _spelled(tail))
    )
    made = re.compile(rb"\b%b_[\"'{%%$<`]|(?i:prefix)\w*[\"']?\s*[=:,]\s*[\"']?%b\b" % (start, start))
    space = re.compile(
        rb"(?:namespace|prefix|app_name)\w*[\"']?\s*[=:,]\s*[\"']%b_?[\"']" % start, re.IGNORECASE
    )
    for path in tree.paths():
        if path in rules or _TOLD.search(path):
            continue
        data = tree.read(path)
        if _ELSEWHERE.search(path) and _COUNTS.search(data):
            return True
        if path.endswith(".py") and (
            _OTHER_WAYS.search(data) or (path not in by_file and space.search(data))
        ):
            return True
        if made.search(data) or (named.search(data) if not known else _names(path, data, metric)):
            return True
    return False


def _spelled(name: bytes) -> bytes:
    """Return the pattern of a name as others may write it, with dots."""
    return re.escape(name).replace(b"_", b"[_.]")


def _names(path: str, data: bytes, metric: str) -> bool:
    """Say whether a file that is no Python names a metric that the Python defines: it may rename it."""
    return not path.endswith(".py") and re.search(rb"\b%b\b" % metric.encode(), data) is not None


def _finding(gone: list[_Asked], exposed: Mapping[str, tuple[str, ...]]) -> Finding:
    first = gone[0]
    metrics_ = dict.fromkeys(a.metric for a in gone)
    said = []
    for metric in list(metrics_)[:_MOST]:
        rule = next(a.rule for a in gone if a.metric == metric)
        series = ", ".join(f"`{each}`" for each in exposed.get(metric, ()) if not each.endswith("_created"))
        why = f"which is exposed as {series}" if series else "which nothing here defines"
        said.append(f"`{rule}` asks for `{metric}`, {why}")
    more = f" (and {len(metrics_) - _MOST} more like that)" if len(metrics_) > _MOST else ""
    return Finding(_ID, first.path, first.line, "; ".join(said) + more)
