"""The Faust app of one worker: agents, tables, transport and services put together."""

import asyncio
import logging
from collections.abc import Iterable
from traceback import format_tb
from typing import Any, Final

import faust
from faust.app.base import BootStrategy
from faust.topics import Topic
from faust.types import EventT
from mode.types import ServiceT
from yarl import URL

from stream_app.connection import client_arguments
from stream_app.pipeline import AREAS
from stream_app.settings import Settings
from stream_app.shell.changelog import Changelog
from stream_app.shell.holdings import give_up
from stream_app.shell.keeper import Keeper
from stream_app.shell.recovery import RowTable, RowTables
from stream_app.shell.stats import Stats
from stream_app.shell.transport import Batch, PackingTransport
from stream_app.shell.watch import Watch
from stream_app.shell.web import Web
from stream_app.shell.writer import Writer

log = logging.getLogger(__name__)

MAX_FETCH_BYTES: Final = 256 * 1024
"""What a broker sends of one partition at a time, if that is more than a batch: what is fetched waits in memory."""


class PackedTopic(Topic):
    """A topic whose messages hold batches: there is nothing to decode before the agent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Put our decoder where Faust puts the one it compiles."""
        super().__init__(*args, **kwargs)
        self.decode = self._unpack  # type: ignore[method-assign]  # as Faust does

    async def _unpack(self, message: Any, *, propagate: bool = False) -> EventT[Any]:
        return self._create_event(None, message.value, None, message=message)


class Boot(BootStrategy):
    """Faust's services with ours among them; started in this order, stopped in the reverse one."""

    enable_web = False

    def server(self) -> Iterable[ServiceT]:
        """The writer and the web first, the watch last."""
        app: Any = self.app
        return self._chain([app.writer, app.web_service], super().server(), [app.watch])


class SupportApp(faust.App):
    """The Faust app of one worker."""

    BootStrategy = Boot

    keeper: Keeper
    writer: Writer
    web_service: Web
    watch: Watch

    def _new_transport(self) -> PackingTransport:
        return PackingTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Make none: a worker keeps nothing on disk."""

    async def on_stop(self) -> None:
        """Settle while the partitions are ours."""
        try:
            await asyncio.wait_for(self.keeper.settle(), self.keeper.settings.delivery.session_timeout_seconds / 2)
        except TimeoutError:
            log.warning("stopping before everything was committed: it is done again at the next start")
        await super().on_stop()


def build(settings: Settings) -> SupportApp:
    """The app of a worker with these settings; nothing runs yet."""
    connection = client_arguments(settings.kafka)
    delivery = settings.delivery
    app = SupportApp(
        settings.app.id,
        broker=[URL(f"kafka://{server.strip()}") for server in settings.kafka.bootstrap_servers.split(",")],
        broker_credentials=_credentials(settings),
        store="memory://",
        topic_partitions=settings.topics.partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        table_standby_replicas=0,
        processing_guarantee="at_least_once",
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=delivery.session_timeout_seconds,
        broker_heartbeat_interval=delivery.heartbeat_seconds,
        broker_rebalance_timeout=max(60.0, delivery.session_timeout_seconds),
        broker_request_timeout=max(90.0, delivery.session_timeout_seconds + 1),
        broker_commit_interval=3600.0,
        stream_wait_empty=False,
        consumer_max_fetch_size=MAX_FETCH_BYTES,
        stream_buffer_maxsize=16,
        TableManager=RowTables,
        web_enabled=False,
    )
    stats = Stats(settings.source_topic(name) for name in AREAS)
    app.writer = Writer(connection, delivery.progress_timeout_seconds)
    app.keeper = Keeper(settings, stats, app.writer, Changelog(connection, delivery.progress_timeout_seconds))
    app.web_service = Web(app.keeper)
    app.watch = Watch(app.keeper)
    for name in AREAS:
        _add_area(app, settings, name)
    return app


def _credentials(settings: Settings) -> Any:
    kafka = settings.kafka
    if kafka.security_protocol == "PLAINTEXT":
        return None
    context = client_arguments(kafka).get("ssl_context")
    if kafka.security_protocol == "SSL":
        return faust.SSLCredentials(context)
    return faust.SASLCredentials(
        username=kafka.user, password=kafka.secret(), mechanism=kafka.sasl_mechanism, ssl_context=context
    )


async def take_or_give_up(keeper: Keeper, batch: Batch) -> None:
    """Absorb a batch; end the worker when that fails half way, for nobody knows then what its boards hold.

    Faust would start the agent anew over the same rows. The log gets the way to the fault, not what stood in a record.
    """
    try:
        await keeper.take(batch)
    except Exception as error:  # noqa: BLE001  whatever it was
        log.critical("the way to the fault:\n%s", "".join(format_tb(error.__traceback__)))
        give_up(
            f"{batch.topic}/{batch.partition}: the records from {batch.start} up to {batch.end} could not be absorbed: "
            f"{type(error).__name__}"
        )


def _add_area(app: SupportApp, settings: Settings, name: str) -> None:
    """One agent over the area's source topic, and the table that ties its changelog to it."""
    partitions = settings.topics.partitions
    source = PackedTopic(
        app, topics=[settings.source_topic(name)], partitions=partitions, key_type=bytes, value_type=bytes
    )
    changelog = PackedTopic(
        app,
        topics=[settings.changelog_topic(name)],
        partitions=partitions,
        key_type=bytes,
        value_type=bytes,
        internal=True,
    )
    table = RowTable(app, name=name, partitions=partitions, changelog_topic=changelog, beacon=app.beacon)
    app.tables.add(table)

    async def absorb(stream: Any) -> None:
        async for batch in stream:
            await take_or_give_up(app.keeper, batch)

    app.agent(source, name=name, concurrency=1)(absorb)
