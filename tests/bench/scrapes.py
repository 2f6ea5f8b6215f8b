"""Scrapes of many series: boards filled with the catalogue's own label sets, rendered, and fetched over HTTP.

Each of eight boards holds every series, as in a worker that owns eight busy partitions. To come to more
series than the closed sets allow, the sets of priorities, products and channels are made longer.

`python -m tests.bench.scrapes SERIES` serves such boards and prints where, as a line of JSON.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any, Final

import orjson

from stream_app.catalogue import METRICS, Metric, Scope
from stream_app.domain.board import Board, Labels, Weight
from stream_app.domain.rules import Rules
from stream_app.domain.words import DURATION_BOUNDS, minute
from stream_app.exposition import Renderer
from stream_app.local.ports import free_port
from stream_app.local.processes import Command, start
from stream_app.pipeline import spans
from stream_app.settings import Settings
from stream_app.shell.app import build
from tests.bench.cluster import PARTITIONS, BenchError, Cluster, scrape
from tests.bench.figures import Spread, spread
from tests.bench.throughput import Plan

SIZES: Final = (1_000, 10_000, 100_000)
MINUTES: Final = 3
"""Minutes of each windowed series that hold something, in each board."""

_WIDE: Final = ("priority", "product", "channel", "survey")
_LEVELS: Final = ("support_cases_open", "support_device_faults_active")
_TALLIES: Final = {
    "support_cases_opened": "cases_opened",
    "support_survey_responses": "survey_responses",
}
_HISTOGRAMS: Final = {
    "support_case_resolution_seconds": "resolution",
    "support_case_first_response_seconds": "first_response",
}


def _labels(metric: Metric, width: float) -> Iterator[tuple[str, ...]]:
    """The combinations of a metric's labels but `window`: wide ones `width` times as many, or only that share."""
    sets = []
    for name, values in metric.labels.items():
        words = list(values(Scope(Rules())))
        if name in _WIDE:
            words = [words[i % len(words)] + (f"-{i}" if i >= len(words) else "") for i in range(_count(words, width))]
        if name != "window":
            sets.append(words)
    for number, labels in enumerate(product(*sets)):
        if int((number + 1) * width) > int(number * width):
            yield labels


def _count(words: list[str], width: float) -> int:
    return max(int(len(words) * width), len(words))


def weights(width: float, now: int, rng: Random) -> Iterator[Weight]:
    """What one busy partition's rows would weigh."""

    def minutes() -> list[int]:
        return [now - rng.randrange(7 * 24 * 60) for _ in range(MINUTES)]

    for metric in METRICS:
        for labels in _labels(metric, width):
            if metric.name in _LEVELS:
                yield (metric.name.removeprefix("support_"), labels, None, 5)
            elif metric.name in _TALLIES:
                yield from ((_TALLIES[metric.name], labels, m, 2) for m in minutes())
            elif metric.name in _HISTOGRAMS:
                series = _HISTOGRAMS[metric.name]
                for place in range(len(DURATION_BOUNDS) + 1):
                    bucket: Labels = (*labels, place)
                    yield from ((series, bucket, m, 1) for m in minutes())
                yield from ((series + ":sum", labels, m, 90_000) for m in minutes())
            elif metric.name == "support_cases_open_age_seconds":
                yield from (("cases_open_age", labels, m, 1) for m in minutes())
                yield ("cases_open_age:start", labels, now - 50, now - 50)
            elif metric.name == "support_devices" and labels[-1] == "fresh":
                yield from (("devices_seen", (labels[0], 15), m, 4) for m in minutes())


def filled(width: float, now: int) -> list[Board]:
    """The boards of a worker."""
    boards = []
    for number in range(PARTITIONS):
        board = Board(spans(Rules()))
        board.add(weights(width, now, Random(number)))
        boards.append(board)
    return boards


def series_of(text: bytes) -> int:
    """How many series a metrics text has."""
    return sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))


def width_for(series: int, now_ms: int) -> float:
    """How long the label sets must be for about so many series."""
    width = 1.0
    for _ in range(6):
        board = Board(spans(Rules()))
        board.add(weights(width, minute(now_ms), Random(0)))
        found = series_of(Renderer(Rules()).render([board], now_ms))
        if abs(found - series) < series * 0.03:
            break
        width *= series / found
    return width


async def serve(series: int) -> None:
    """Serve boards of so many series for as long as the parent lives."""
    now_ms = int(time.time() * 1000)
    boards = filled(width_for(series, now_ms), minute(now_ms))
    renderer = Renderer(Rules())
    times = []
    for _ in range(6):
        began = time.perf_counter()
        text = renderer.render(boards, now_ms)
        times.append(time.perf_counter() - began)
    port = free_port()
    settings = Settings.model_validate({"web": {"port": port}})
    app = build(settings)
    app.keeper.boards = lambda: boards  # type: ignore[method-assign]  # a worker whose boards stand still
    await app.web_service.start()
    figures = {"port": port, "series": series_of(text), "cold_s": times[0], "render_s": sorted(times[1:])[2]}
    print(orjson.dumps(figures | {"bytes": len(text)}).decode(), flush=True)
    await asyncio.sleep(600)


async def scrapes(cluster: Cluster, plan: Plan) -> dict[str, dict[str, Any]]:
    """For each size: series in truth, text size, seconds to render, seconds for a scrape."""
    found: dict[str, dict[str, Any]] = {}
    for size in SIZES:
        log = cluster.directory / f"scrapes-{size}.log"
        with start(
            Command("scrapes", [sys.executable, "-m", "tests.bench.scrapes", str(size)], log),
            lambda log=log: "\n" in log.read_text(),  # type: ignore[misc]
            timeout_seconds=120,
        ):
            lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
            if not lines:
                raise BenchError(f"no boards of {size:,} series; log: {log}")
            figures = orjson.loads(lines[0])
            times: list[float] = []
            for _ in range(max(3 * plan.repeat, 5) + 1):
                began = time.perf_counter()
                await asyncio.to_thread(scrape, figures["port"])
                times.append(time.perf_counter() - began)
            taken: Spread = spread(times[1:])  # the first one fills the renderer's memory, once in a worker's life
        found[str(size)] = {**figures, "scrape_s": taken}
        cluster.say(f"scrape of {figures['series']:,} series: {taken.median * 1000:.0f} ms")
    return found


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
