"""An App that is installed, and a client that speaks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.github import LocalGitHub
from demo.github.state import Installation
from tests.demo.client import FILES, Client


@pytest.fixture
def installation(github: LocalGitHub) -> Installation:
    github.repository("acme/widgets", FILES, history=["feat: add widgets", "fix: paint them"])
    github.repository("acme/gadgets", FILES)
    return github.install("acme")


@pytest.fixture
def client(github: LocalGitHub, installation: Installation) -> Iterator[Client]:
    client = Client(github)
    with client.http:
        yield client.use(client.token(installation))
