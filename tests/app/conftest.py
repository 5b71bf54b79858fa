"""What the tests of this room share: a receiver on an empty ledger, and pages without a receiver."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.looking import looker  # noqa: F401 -- fixtures are found by their names
from tests.app.serving import Server, serving


@pytest.fixture
def server(sqlite_url: str) -> Iterator[Server]:
    with serving(sqlite_url) as running:
        yield running
