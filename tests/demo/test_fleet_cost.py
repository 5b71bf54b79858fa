"""What a fleet costs: the arithmetic, by an example that was worked out by hand, and the meters."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from demo.cost import fleet, meters
from demo.cost.fleet import Rates, Spent

SCAN = Spent(counted=2.0, free=3.0, index=1.0, received=10_000.0, cpu=0.5, stored=700.0)
PULL = Spent(counted=21.0, free=0.0, index=0.0, received=90_000.0, cpu=6.0, stored=1_000.0)
RATES = Rates(scans=14.0, pulls=1.0, mirror=2e6, busy=0.5)


def test_a_fleet_costs_what_its_scans_and_pull_requests_cost() -> None:
    found = fleet.cost(1_008, SCAN, PULL, 2_000.0, RATES)
    # In a week 14,112 scans and 1,008 pull requests: 7,056 + 6,048 seconds, of 302,400 that a core is busy.
    assert found.cores == pytest.approx(13_104 / 302_400)
    # 28,224 + 21,168 requests in 168 hours.
    assert found.requests == pytest.approx(294.0)
    assert found.share() == pytest.approx(0.0588)
    assert found.share(fleet.MOST) == pytest.approx(0.02352)
    # A month of scans (30 days are 4 2/7 weeks), a year of pull requests, and what each repository takes.
    assert found.database == pytest.approx(14_112 * 30 / 7 * 700 + 1_008 * 52 * 1_000 + 1_008 * 2_000)
    assert found.mirrors == pytest.approx(2.016e9)


def test_nothing_happens_at_no_cost_but_for_the_room() -> None:
    found = fleet.cost(10, SCAN, PULL, 2_000.0, Rates(scans=0.0, pulls=0.0))
    assert (found.cores, found.requests, found.database) == (0.0, 0.0, 20_000.0)


def test_ten_times_the_repositories_cost_ten_times_as_much() -> None:
    one, ten = (fleet.cost(size, SCAN, PULL, 2_000.0, RATES) for size in (1_000, 10_000))
    for name in ("cores", "requests", "database", "mirrors"):
        assert getattr(ten, name) == pytest.approx(10 * getattr(one, name))


def test_what_one_of_several_cost_is_the_difference_divided() -> None:
    before, after = Spent(10, 4, 2, 100, 1.5, 1_000), Spent(22, 4, 8, 400, 3.0, 1_600)
    assert meters.between(before, after, 3) == Spent(4, 0, 2, 100, 0.5, 200)


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_the_time_of_children_counts_when_they_have_ended_and_before() -> None:
    busy = "import time\nwhile time.process_time() < 0.2: pass\n"
    before = meters.cpu(os.getpid())
    subprocess.run([sys.executable, "-c", busy], check=True)
    assert meters.cpu(os.getpid()) - before >= 0.15
    waits = f"{busy}print(flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", waits], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout
        child.stdout.readline()
        assert meters.cpu(child.pid) >= 0.15
        child.communicate(b"\n")
