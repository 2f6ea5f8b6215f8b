"""Real workers under a real Prometheus with the generated rules: tidy, catalogued, believed when they may be."""

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stream_app.catalogue import CATALOGUE, SERIES
from stream_app.local.kafka import Broker
from stream_app.local.prometheus import Prometheus, promtool
from stream_app.operate import rules
from tests.broker.cluster import Cluster
from tests.broker.traffic import publish, traffic

SERVICE_LEVELS = Path(__file__).parents[2] / "deploy" / "service-levels.toml"

pytestmark = [pytest.mark.broker, pytest.mark.slow]

THRESHOLDS = Path(__file__).parents[2] / "deploy" / "demo" / "thresholds.toml"
CONFIG = """
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: stream-app
    file_sd_configs: [{files: [targets.yml], refresh_interval: 1s}]
"""


@pytest.fixture
async def cluster(broker: Broker, tmp_path: Path) -> AsyncIterator[Cluster]:
    async with Cluster(broker.bootstrap, tmp_path, partitions=4) as made:
        yield made


def _value(prometheus: Prometheus, expression: str) -> float | None:
    found = prometheus.query(expression)
    return found[0][1] if found else None


async def test_a_worker_shows_only_what_the_catalogue_has_and_promtool_finds_nothing(cluster: Cluster) -> None:
    await publish(cluster.bootstrap, cluster.settings.topics.prefix, traffic(3, 3_000, int(time.time() * 1000)), 10_000)
    worker = await cluster.worker(rules__service_levels_file=str(SERVICE_LEVELS))
    await cluster.drained()
    await cluster.until(lambda: "stream_app_lag_seconds{" in worker.metrics, 20, "lag is known")
    text = worker.metrics
    done = subprocess.run([promtool(), "check", "metrics"], input=text.encode(), capture_output=True, check=False)  # noqa: ASYNC221  a moment
    assert (done.stdout + done.stderr, done.returncode) == (b"", 0)
    shown = {
        s.name for f in text_string_to_metric_families(text) for s in f.samples if not s.name.startswith("process_")
    }
    assert shown <= set(SERIES)
    # What may be missing: numbers of devices or answers that this traffic does not have.
    assert len({SERIES[name].name for name in shown}) >= len(CATALOGUE) - 3, {metric.name for metric in CATALOGUE} - {
        SERIES[name].name for name in shown
    }


async def test_numbers_are_believed_while_every_partition_has_one_owner(cluster: Cluster, tmp_path: Path) -> None:
    state = tmp_path / "prometheus"
    rules.write(rules.read(THRESHOLDS), "a file", state / "rules")
    first = await cluster.worker()
    second = await cluster.worker()
    targets = ", ".join(f'"127.0.0.1:{worker.port}"' for worker in (first, second))
    (state / "targets.yml").write_text(f"- targets: [{targets}]\n")
    with Prometheus(state, CONFIG) as prometheus:

        def belief() -> tuple[float | None, float | None]:
            return _value(prometheus, "support:belief:complete"), _value(prometheus, "support:belief:current")

        await cluster.until(lambda: belief() == (1, 1), 60, "two workers are believed")
        assert len(prometheus.query("stream_app_partition_owned")) == 12
        cluster.kill(second)
        await cluster.until(lambda: belief()[0] == 0, 30, "half of the partitions have no owner")
        await cluster.until(lambda: belief() == (1, 1), 90, "the other worker took them over")
        assert _value(prometheus, 'count(ALERTS{alertname="Watchdog"})') == 1
        assert await asyncio.to_thread(first.child.stop) == 0
        await cluster.until(lambda: belief() == (None, None), 30, "without workers there is nothing to believe")
