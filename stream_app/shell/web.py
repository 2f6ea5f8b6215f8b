"""The worker's own pages: /, /metrics, /health, /ready. Loopback only, unless a bind address is set."""

import time
from typing import Any

from aiohttp import web
from mode import Service
from prometheus_client import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from stream_app.catalogue import worker
from stream_app.exposition import CONTENT_TYPE, Renderer
from stream_app.shell.keeper import Keeper
from stream_app.shell.page import Standing, page


class Ownership(Collector):
    """Belief: which partitions this worker owns and has recovered, of how many there are."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def collect(self) -> list[Metric]:
        """The belief series and the rows held."""
        keeper = self._keeper
        rows = (worker.TOPIC_PARTITIONS, worker.ASSIGNED, worker.PARTITION_OWNED, worker.ROWS)
        families = [GaugeMetricFamily(row.name, row.help, labels=row.label_names) for row in rows]
        wanted, assigned, owned, held = families
        for topic, source in keeper.held.sources.items():
            wanted.add_metric([topic], keeper.settings.topics.partitions)
            assigned.add_metric([topic], sum(1 for tp in keeper.held.assigned if tp.topic == topic))
            held.add_metric([topic], sum(len(p.rows[source.area.topic]) for p in keeper.held.partitions.values()))
        for topic, partition in sorted(keeper.live()):
            owned.add_metric([topic, str(partition)], 1)
        return [*families]


def standing(keeper: Keeper) -> Standing:
    """How this worker stands, for its page."""
    live, count = keeper.live(), keeper.settings.topics.partitions
    topics = {}
    for topic, source in keeper.held.sources.items():
        rows = sum(len(partition.rows[source.area.topic]) for partition in keeper.held.partitions.values())
        topics[topic] = (sum(1 for name, _number in live if name == topic), count, rows)
    return Standing(keeper.settings.app.id, keeper.ready(), keeper.now_ms(), keeper.settings.app.clock, topics)


class Web(Service):
    """The HTTP server of one worker."""

    def __init__(self, keeper: Keeper, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._keeper = keeper
        self._renderer = Renderer(keeper.held.rules)
        self._runner: web.AppRunner | None = None
        keeper.stats.registry.register(Ownership(keeper))

    async def on_start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/health", self._health)
        app.router.add_get("/ready", self._ready)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        settings = self._keeper.settings.web
        await web.TCPSite(self._runner, settings.host, settings.port).start()

    async def on_stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metrics(self, _request: web.Request) -> web.Response:
        began = time.perf_counter()
        keeper = self._keeper
        boards = keeper.boards()
        numbers = self._renderer.render(boards, keeper.now_ms()) if boards else b""
        keeper.stats.collect_seconds.set(time.perf_counter() - began)
        response = web.Response(body=numbers + generate_latest(keeper.stats.registry))
        response.headers["Content-Type"] = CONTENT_TYPE
        return response

    async def _page(self, request: web.Request) -> web.Response:
        keeper = self._keeper
        boards = keeper.boards() if keeper.ready() else []
        text = page(standing(keeper), boards, keeper.held.rules, request.query.get("show", ""))
        return web.Response(text=text, content_type="text/html")

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _ready(self, _request: web.Request) -> web.Response:
        keeper = self._keeper
        ready = keeper.ready()
        state = {"ready": ready, "assigned": len(keeper.held.assigned), "recovered": len(keeper.live())}
        return web.json_response(state, status=200 if ready else 503)
