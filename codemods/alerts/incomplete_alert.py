"""Whoever is woken by an alert needs what the other alerts have told them to expect.

A rule without the label `severity` matches none of the routes that ask for it, and goes to whoever gets the
rest. One without a `summary` arrives as a message without words, and one without its runbook leaves a person
alone with it at night, while the alert beside it has a link. Which of these a team wants shows in its own
files: this names the rule that lacks what the others of its file have, and nothing else.

Compared are rules of the same severity, at least four of them, of which no more than a fifth (or a single
one) differ; many teams write runbooks for what pages, and for nothing else. What the words or the link have
to be only you know, so nothing is edited. Alerts that always fire, such as `Watchdog`, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from codemods import alert_rules, document
from codemods.model import About, Advice, Applicability, Category, Facts

ABOUT = About(
    title="Give each alert what the alerts beside it have",
    category=Category.OPERABILITY,
    applicability=Applicability.ADVICE,
    risk="A new `severity` changes who is told: look at the routes of Alertmanager first.",
    references=(
        "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
        "https://prometheus.io/docs/alerting/latest/configuration/#route",
    ),
    needles=(b"alert",),
    pattern=rb"(?m)^[ \t]*(?:-[ \t]+)?[\"']?alert[\"']?:[ \t]",
    minutes=10,
)

_ANNOTATIONS = ("summary", "description", "message", "runbook_url", "runbook")
_SEVERITY = "severity"
_FEWEST = 4  # alerts that are alike enough to be compared
_SHARE = 5  # one in so many may differ
_MOST = 3  # alerts that are named
_ALWAYS = re.compile(r"watchdog|dead_?man|inhibitor|always", re.IGNORECASE)
_QUIET = frozenset(("info", "none", "debug", "notice"))


class _Alert(NamedTuple):
    """A rule that alerts: the key with its name, its severity (``""``: none), and the keys it has."""

    name: document.Pair
    severity: str
    keys: frozenset[str]


def rewrite(file: document.Document, _: Facts) -> Iterator[Advice]:
    """Yield words about the alerts that lack what the others of their severity have."""
    if not file.plain:
        return
    alerts = [a for a in _alerts(file.root) if not _ALWAYS.search(a.name.value.text)]
    found = [*_lacking(alerts, (_SEVERITY,)), *_by_severity(alerts)]
    if not found:
        return
    said = [f"`{alert.name.value.text}` has no `{key}`" for alert, key in found[:_MOST]]
    more = f" and {len(found) - _MOST} more like that" if len(found) > _MOST else ""
    whom = "the others here have one" if found[0][1] == _SEVERITY else "the others as severe have one"
    yield Advice(found[0][0].name.key.start, f"{', '.join(said)}{more}: {whom}")


def _by_severity(alerts: Sequence[_Alert]) -> Iterator[tuple[_Alert, str]]:
    for severity, some in groupby(sorted(alerts, key=lambda a: a.severity), key=lambda a: a.severity):
        if severity and severity not in _QUIET:
            yield from _lacking(list(some), _ANNOTATIONS)


def _lacking(alerts: Sequence[_Alert], keys: Sequence[str]) -> Iterator[tuple[_Alert, str]]:
    """Yield each alert with the key that it lacks, where nearly all others have it."""
    for key in keys:
        without = [alert for alert in alerts if key not in alert.keys]
        most = max(1, len(alerts) // _SHARE)
        if len(alerts) >= _FEWEST and len(without) <= most:
            yield from ((alert, key) for alert in without)


def _alerts(root: document.Node) -> Iterator[_Alert]:
    groups = alert_rules.groups(root)
    shared = any(group.get("labels") for group in groups)
    for rule in (rule for group in groups for rule in alert_rules.of(group) if rule.alerts):
        labels, annotations = rule.node.get("labels"), rule.node.get("annotations")
        keys = {p.key.text for part in (labels, annotations) if part for p in part.pairs}
        severity = labels.get(_SEVERITY) if labels else None
        told = {_SEVERITY} if shared else set()
        yield _Alert(rule.name, severity.text if severity else "", frozenset(keys | told))
