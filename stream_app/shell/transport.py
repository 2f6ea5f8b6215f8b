"""Faust's transport for aiokafka, with the records of one partition from one fetch packed into one message.

Overrides private seams of faust-streaming 0.15.3 (the version is pinned): the thread's fetch, the
consumer's acknowledgement and commit. A packed message says which fetch position it starts from and
which comes after it, so that a batch dropped on the way is seen as a hole; offsets are committed by
the delivery machine alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from time import monotonic
from typing import Any, Final, NamedTuple, Protocol, cast

import aiokafka
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.errors import IllegalGenerationError, KafkaError, RebalanceInProgressError, UnknownMemberIdError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP, Message
from faust.types.tuples import ConsumerMessage
from mode.utils.futures import notify

from stream_app.codec import Records
from stream_app.connection import disconnect, unhurried
from stream_app.shell.fetched import drained, keep_bytes

FETCH_WAIT_MS: Final = 50
"""How long a broker may wait for the next record before it answers a fetch."""


class Batch(NamedTuple):
    """The records of one partition from one fetch, and the fetch positions before and after them."""

    topic: str
    partition: int
    start: int
    end: int
    records: Records


class Owner(Protocol):
    """What the transport tells of the group and asks for: the worker's keeper."""

    max_batch: int

    def heartbeat(self, sent_ms: int) -> None:
        """The coordinator answered a heartbeat sent at `sent_ms` (called from the consumer's thread)."""

    async def settle(self) -> None:
        """Flush and commit what is absorbed."""

    async def revoke(self, partitions: AbstractSet[TP]) -> None:
        """Settle and give these partitions up, while they are still ours."""

    def rejoined(self, assigned: AbstractSet[TP]) -> None:
        """A new generation of the group began, in which these source partitions are ours."""

    def positions(self) -> Mapping[TP, int]:
        """Where to fetch next, for the partitions that are ours and recovered."""


class PackingThread(AIOKafkaConsumerThread):
    """The thread of the Kafka consumer: fetches batches with their positions, reports heartbeats."""

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        keep_bytes()
        consumer = super()._create_worker_consumer(transport)
        unhurried(consumer._client)
        consumer._isolation_level = "read_committed"
        # One request for each broker is under way at a time: a long wait for idle partitions would hold up busy ones.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer

    async def on_start(self) -> None:
        """Start the consumer and listen to its heartbeats."""
        await super().on_start()
        coordinator: Any = self._ensure_consumer()._coordinator
        beat: Callable[[], Awaitable[bool]] = coordinator._do_heartbeat
        owner = cast(PackingConsumer, self.consumer).owner

        async def reported() -> bool:
            sent_ms = int(monotonic() * 1000)
            answered = await beat()
            if answered:
                owner.heartbeat(sent_ms)
            return answered

        coordinator._do_heartbeat = reported

    async def on_thread_stop(self) -> None:
        """Stop the consumer and close its connections, even while its fetches fail."""
        await disconnect(self._consumer, super().on_thread_stop())

    def close(self) -> None:
        """Leave it to `on_thread_stop`: Faust closes the client from another thread, and a join then never ends."""

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Keep the Kafka consumer from prefetching changelogs, which recovery reads itself; then tell the worker.

        Done here: a worker that is told to stop meanwhile would wait for this thread, and this thread for the worker.
        """
        changelogs = [TopicPartition(tp.topic, tp.partition) for tp in assigned if self.consumer._is_changelog_tp(tp)]
        if changelogs:
            self._ensure_consumer().pause(*changelogs)
        await super().on_partitions_assigned(assigned, generation_id)

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,
        max_records: int | None = None,
    ) -> dict[TP, list[Batch]]:
        if not self.consumer.flow_active:
            return {}
        fetcher: Fetcher = consumer._fetcher
        limit = max_records or cast(PackingConsumer, self.consumer).owner.max_batch
        with fetcher._subscriptions.fetch_context():
            found = await self._drain(fetcher, active_partitions, limit)
            if not found and timeout:
                waiter = fetcher._create_fetch_waiter()
                try:
                    await self._wait_for(waiter, timeout)
                finally:
                    waiter.cancel()
                found = await self._drain(fetcher, active_partitions, limit)
        return found

    async def _wait_for(self, waiter: Any, timeout: float) -> None:
        await asyncio.wait([waiter], timeout=timeout)

    async def _drain(self, fetcher: Fetcher, partitions: Iterable[TP], limit: int) -> dict[TP, list[Batch]]:
        """What has been fetched of each partition, with the positions before and after."""
        found: dict[TP, list[Batch]] = {}
        assignment = fetcher._subscriptions.subscription and fetcher._subscriptions.subscription.assignment
        if assignment is None:
            return found
        for tp in partitions:
            place = TopicPartition(tp.topic, tp.partition)
            if place not in fetcher._records or place not in assignment.tps:
                continue
            state = assignment.state_value(place)
            if not state.has_valid_position:
                continue
            start = state.position
            records = await drained(fetcher, place, limit)
            if not assignment.active:
                return {}
            end = state.position if state.has_valid_position else start
            if end > start:
                found[tp] = [Batch(tp.topic, tp.partition, start, end, records)]
        return found

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave this to our own watch: Faust's counts events by name and knows no packed ones."""

    def verify_recovery_event_path(self, now: float, tp: TP) -> None:
        """Leave this to our own watch."""


class PackingConsumer(Consumer):
    """Faust's consumer over packed batches. Acknowledging a message does not commit it: the owner does."""

    owner: Owner

    def _new_consumer_thread(self) -> PackingThread:
        self.owner = cast(Any, self.app).keeper
        return PackingThread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Any) -> ConsumerMessage:
        batch: Batch = record
        return ConsumerMessage(
            batch.topic, batch.partition, batch.end - 1, 0.0, 0, None, None, cast(Any, batch), None, 0, 0, tp,
            generation_id=self.app.consumer_generation_id,
        )  # fmt: skip

    def ack(self, message: Message) -> bool:
        """The agent is done with a batch."""
        if message.acked:
            return False
        message.acked = True
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Positions tell holes from honest gaps; Faust's gap trees are not kept."""

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: FBT001, FBT002  as Faust calls it
        """Flush and commit what is absorbed, whatever Faust thinks is acknowledged; a worker that stops has done so."""
        if not self.app.should_stop:
            await self.owner.settle()
        return True

    async def perform_seek(self) -> None:
        """Go back to where the owner stands."""
        positions = self.owner.positions()
        if positions:
            await self.seek_wait(positions)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Settle first, while the partitions are still ours; then let Faust drop them."""
        await self.owner.revoke(revoked)
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Tell the owner; then let Faust take them."""
        self.owner.rejoined({tp for tp in assigned if not self._is_changelog_tp(tp)})
        await super().on_partitions_assigned(assigned, generation_id)

    async def committed_offsets(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        """The group's committed offset of each partition; None when it never committed."""
        thread = self._thread
        found: dict[TP, int | None] = {}
        for tp in partitions:
            consumer = thread._ensure_consumer()
            found[tp] = await thread.call_thread(consumer.committed, TopicPartition(tp.topic, tp.partition))
        return found

    async def commit_once(self, offsets: Mapping[TP, int]) -> bool:
        """Commit in the group's generation of this moment; False when that was refused or went unanswered.

        aiokafka's own commit tries again for ever, if need be in a later generation, where it may lower what
        another owner has committed since. Raises KafkaError when trying again cannot help.
        """
        wanted = {TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(n, "") for tp, n in offsets.items()}
        taken: bool = await self._thread.call_thread(self._try_commit, wanted)
        return taken

    async def _try_commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> bool:
        coordinator: Any = self._thread._ensure_consumer()._coordinator
        generation = coordinator.generation
        try:
            await coordinator.ensure_coordinator_known()
            if coordinator.generation != generation:
                return False
            await coordinator._do_commit_offsets(None, offsets)
        except (UnknownMemberIdError, IllegalGenerationError, RebalanceInProgressError):
            return False
        except KafkaError as error:
            if error.retriable:
                return False
            raise
        return True

    async def log_ends(self, partitions: Iterable[TP]) -> dict[TP, tuple[int, int]]:
        """Of each partition how far it can be read now, and how far it goes.

        They differ while a transaction is open: nothing behind its first record is read before it has ended.
        """
        readable = await self.highwaters(*partitions)
        written = {tp: state.highwater or 0 for tp, state in self._states(readable)}
        return {tp: (end or 0, max(end or 0, written.get(tp, 0))) for tp, end in readable.items()}

    def fetch_positions(self, partitions: Iterable[TP]) -> dict[TP, int]:
        """Where the Kafka consumer will fetch next, for those of the partitions where it knows."""
        return {tp: state.position for tp, state in self._states(partitions) if state.has_valid_position}

    def _states(self, partitions: Iterable[TP]) -> Iterator[tuple[TP, Any]]:
        """What the Kafka consumer knows of those of the partitions that are assigned to it."""
        consumer = self._thread._consumer
        subscription = consumer._subscription.subscription if consumer is not None else None
        assignment = subscription.assignment if subscription is not None else None
        if assignment is None:
            return
        for tp in partitions:
            place = TopicPartition(tp.topic, tp.partition)
            if place in assignment.tps:
                yield tp, assignment.state_value(place)


class PackingTransport(Transport):
    """The aiokafka transport with the packing consumer."""

    Consumer = PackingConsumer
