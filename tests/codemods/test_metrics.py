"""What a scrape finds is told as `prometheus_client` itself shows it, or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import prometheus_client
import pytest
from prometheus_client import CollectorRegistry, core

from codemods import alert_rules, metrics
from codemods.tree import Files

_PLAIN = (
    "Counter('shop_orders', 'x')",
    "Counter('orders_total', 'x', [], 'shop', 'web')",
    "Gauge('shop_orders', 'x', unit='seconds')",
    "Gauge('shop_seconds', 'x', subsystem='web', unit='seconds')",
    "Histogram('shop_seconds', 'x', namespace='a')",
    "Summary(name='shop_seconds', documentation='x')",
    "Info('shop', 'x')",
    "Enum('shop_state', 'x', states=['on'])",
)
_COLLECTED = (
    "core.CounterMetricFamily('shop_orders_total', 'x', 1)",
    "core.GaugeMetricFamily('shop_orders', 'x', value=1)",
    "core.SummaryMetricFamily('shop_seconds', 'x', count_value=1, sum_value=1)",
    "core.HistogramMetricFamily('shop_seconds', 'x', buckets=[('+Inf', 1)], sum_value=1)",
    "core.InfoMetricFamily('shop', 'x', {'a': 'b'})",
)


def _shown(code: str) -> set[str]:
    found = metrics.defined(Files({"shop.py": b"from prometheus_client import core\n" + code.encode()}))
    assert found is not None
    return {series for names in found["shop.py"].values() for series in names}


@pytest.mark.parametrize("code", _PLAIN)
def test_the_series_of_a_metric_are_those_of_the_library(code: str) -> None:
    registry = CollectorRegistry()
    eval(code.replace(")", ", registry=registry)"), {**vars(prometheus_client), "registry": registry})
    samples = {sample.name for family in registry.collect() for sample in family.samples}
    assert samples
    assert _shown(f"from prometheus_client import {code.partition('(')[0]}\n{code}") == samples


@pytest.mark.parametrize("code", _COLLECTED)
def test_the_series_of_a_collected_family_are_those_of_the_library(code: str) -> None:
    samples = {sample.name for sample in eval(code, {"core": core}).samples}
    assert samples
    assert samples <= _shown(code)


@pytest.mark.parametrize(
    "code",
    [
        "from prometheus_client import Gauge as G\nNAME = 'shop'\nG(NAME + '_orders', 'x')",
        "import prometheus_client as p\nNAME: str = 'shop'\np.Gauge(f'{NAME}_orders', 'x')",
        "from prometheus_client.metrics import Gauge\ng: Gauge = Gauge('orders', 'x', namespace='shop')",
        "from prometheus_client import metrics as m\ndef f(g: m.Gauge): ...\nm.Gauge('shop_orders', '')",
    ],
)
def test_a_name_that_is_put_together_from_plain_words_is_told(code: str) -> None:
    found = metrics.defined(Files({"shop.py": code.encode()}))
    assert found == {"shop.py": {"shop_orders": ("shop_orders",)}}


@pytest.mark.parametrize(
    "code",
    [
        "from prometheus_client import *",
        "from prometheus_client import Gauge\nclass Mine(Gauge): pass",
        "from prometheus_client import Gauge\nGauge(*names)",
        "from prometheus_client import Gauge\nGauge(**names)",
        "from prometheus_client import Gauge\nGauge()",
        "from prometheus_client import Gauge\nfrom shop import NAME\nGauge(NAME, 'x')",
        "from prometheus_client import Gauge\nNAME = 'a'\nNAME = 'b'\nGauge(NAME, 'x')",
        "from prometheus_client import Gauge\nGauge(f'{1!r}', 'x')",
        "from prometheus_client import Gauge\nGauge('a' * 3, 'x')",
        "import prometheus_client\nmake(prometheus_client.Gauge)",
        "import prometheus_client\n(",
    ],
)
def test_nothing_is_told_where_one_name_only_shows_at_run_time(code: str) -> None:
    assert metrics.defined(Files({"shop.py": code.encode()})) is None


@pytest.fixture
def shallow() -> Iterator[None]:
    """Python's own limit of frames: whatever ran before in this process may have left another."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("shallow")
@pytest.mark.parametrize(
    "code",
    [
        "from prometheus_client import Gauge\nGauge(" + " + ".join(["'a'"] * 2000) + ", 'x')",
        "import prometheus_client\n" + ".".join(["a"] * 2000),
    ],
    ids=["a sum", "a chain of attributes"],
)
def test_nothing_is_told_of_what_is_too_deep_to_be_looked_through(code: str) -> None:
    assert metrics.defined(Files({"shop.py": code.encode()})) is None


def test_a_counter_of_another_library_is_no_metric() -> None:
    code = b"# prometheus_client\nfrom collections import Counter\nCounter('shop_orders')\n"
    assert metrics.defined(Files({"shop.py": code})) == {"shop.py": {}}


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("sum by (a) (rate(b_total{c=\"d)\", e=~'f\\'}'}[5m])) > 1e3 # g", {"b_total"}),
        ("a:b:rate5m / on (c) group_left (d) e offset 1h and (f or g)", {"a:b:rate5m", "e", "f", "g"}),
        ("a unless ignoring(b) c == bool 0x1F or -Inf", {"a", "c"}),
        ("max_over_time(a[1h:5m] @ end()) ^ 2", {"a"}),
        ("sum(a) without (b) > ${LIMIT}", set()),
        ("a{{ .Values.b }}", set()),
        ("", set()),
    ],
)
def test_an_expression_asks_for_metrics_and_not_for_labels(expression: str, names: set[str]) -> None:
    assert alert_rules.asked_for(expression) == names


@pytest.mark.parametrize("part", ['"', "{", "(", "by (", "a", "\\", "[", "#", "'\\"])
def test_an_expression_of_any_length_is_read_in_little_time(part: str) -> None:
    alert_rules.asked_for(part * 50_000)
