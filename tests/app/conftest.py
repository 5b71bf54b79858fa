"""What the tests of this room share: a running receiver on an empty ledger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.serving import Server, serving


@pytest.fixture
def server(sqlite_url: str) -> Iterator[Server]:
    with serving(sqlite_url) as running:
        yield running
