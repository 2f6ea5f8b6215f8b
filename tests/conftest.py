"""Which tests run, and where: soak tests only by `-m soak` or SOAK=1; those of a broker one after the other."""

import os

import pytest


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("broker"):
        item.add_marker(pytest.mark.xdist_group("broker"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("SOAK") == "1" or "soak" in config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    if left_out:
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=left_out)
