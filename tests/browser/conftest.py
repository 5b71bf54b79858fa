"""What the walks share: the ledger of the seeded organisation, its pages, and a browser for each worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Server
from tests.browser import crawl, walking
from tests.browser.crawl import Answer
from tests.browser.walking import Walker


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run that all workers see."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def town(shared: Path) -> Iterator[Server]:
    """The pages of the seeded organisation; nothing that is walked here writes."""
    made = walking.once(shared, "seeded", lambda folder: {"url": walking.seeded(folder / "seeded.db")})
    with walking.pages(made["url"]) as server:
        yield server


@pytest.fixture(scope="session")
def answers(town: Server, shared: Path) -> list[Answer]:
    """What every kind of link answered."""
    told = walking.once(shared, "crawled", lambda _: {"answers": crawl.told(town)})
    return [Answer(**one) for one in told["answers"]]


@pytest.fixture(scope="session")
def walker(town: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    with walking.walker(town.url, tmp_path_factory.mktemp("browser")) as opened:
        yield opened
