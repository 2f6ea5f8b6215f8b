"""Which tests run: soak tests only when asked for by `-m soak` or SOAK=1. And in which order: long files first."""

import os
from typing import Final

import pytest

LONG: Final = (
    "broker/test_kills.py", "test_planted_bugs.py", "test_laws.py", "deploy/test_rule_bugs.py", "broker/test_worker.py",
    "broker/test_import.py", "broker/test_demo.py", "broker/test_local_services.py",
)  # fmt: skip
"""Files that take a minute and more, the longest first: processes that take a file in turn then end together."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    if os.environ.get("SOAK") == "1" or "soak" in config.getoption("markexpr"):
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    if left_out:
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=left_out)


def _turn(item: pytest.Item) -> int:
    file = item.path.as_posix()
    return next((turn for turn, name in enumerate(LONG) if file.endswith(f"tests/{name}")), len(LONG))
