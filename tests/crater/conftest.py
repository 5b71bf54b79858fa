"""Leaves the long runs out unless the mark is asked for by its name."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "crater" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("crater")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
