"""Live simulated traffic through Kafka and workers: the gauges say what the simulator knew from its plan."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from stream_app.local.kafka import Broker
from tests.broker.cluster import Cluster, Numbers

NAMED = ("support_bug_cases_top", "support_known_topic_cases_top")

pytestmark = [pytest.mark.broker, pytest.mark.slow]


async def test_the_gauges_of_live_traffic_are_the_truth_of_the_plan(broker: Broker, tmp_path: Path) -> None:
    """Twenty seconds of live traffic after a week's history, with bad, late, doubled and disordered input."""
    async with Cluster(broker.bootstrap, tmp_path) as cluster:
        await cluster.worker()
        second = await cluster.worker()
        truth = tmp_path / "truth.jsonl"
        simulated = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "stream_app", "simulate", "--duration", "20s", "--seed", "7", "--truth", str(truth),
             "--incident", "backlog-surge@5s+5s", "--incident", "silent-fleet:gateway@-40m", "--json"],
            env=os.environ | cluster.environment(), capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert simulated.returncode == 0, simulated.stderr
        await cluster.drained()
        await cluster.until(second.is_ready, 30, "the second worker is ready")
        await cluster.until(cluster.owned_once, 30, "every partition is owned and recovered once")
        statements = [json.loads(line) for line in truth.read_text().splitlines()]
        actual, at_ms = await _read_within_a_minute(cluster)
        stated = next(s for s in statements if s["from_ms"] <= at_ms <= s["to_ms"])
        expected = {(each["name"], tuple(each["labels"].values())): each["value"] for each in stated["series"]}
        one, other = _nonzero(actual), _nonzero(expected)
        differ = [place for place in one.keys() | other.keys() if one.get(place) != pytest.approx(other.get(place))]
        assert not differ, [(place, one.get(place), other.get(place)) for place in sorted(differ)[:12]]
        assert sum(expected.values()) > 10_000


async def _read_within_a_minute(cluster: Cluster) -> tuple[Numbers, int]:
    while True:
        before = int(time.time())
        actual = await asyncio.to_thread(cluster.gauges)
        if int(time.time()) // 60 == before // 60:
            return actual, before * 1000


def _nonzero(numbers: Numbers) -> Numbers:
    """All that is not zero; what is shown by name only as each worker's first few, which may be others': all names."""
    found: Numbers = defaultdict(float)
    for (name, labels), value in numbers.items():
        if value:
            found[name, labels[:-1] if name in NAMED else labels] += value
    return dict(found)
