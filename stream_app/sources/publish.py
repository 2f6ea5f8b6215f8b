"""Events of a log to Kafka: as fast as the brokers take them, or at a multiple of the pace they happened in."""

import asyncio
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from stream_app.connection import client_arguments, reaching
from stream_app.settings import KafkaSettings
from stream_app.sources.convert import Message

_IN_FLIGHT: Final = 5_000
"""Events sent and not yet acknowledged: a bound on memory, and on what a broken connection can delay."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Published(NamedTuple):
    """What came of it: events acknowledged, time of the last of them (ms, 0 if none), whether all were sent."""

    events: int
    last_ms: int
    complete: bool


class PublishError(Exception):
    """The brokers did not take an event."""

    exit_code = 3

    def __init__(self, topic: str, events: int, error: Exception) -> None:
        what = str(error) or type(error).__name__
        super().__init__(
            f"topic {topic!r}: the brokers did not take an event after {events} that they did ({what}); "
            "`stream-app topics check` tells whether the topic is there. "
            "Import again: events have the same ids, none is counted twice"
        )


async def publish(kafka: KafkaSettings, topic: str, messages: Iterable[Message], speed: float = 0) -> Published:
    """Send messages in their order, keyed by account; 0 is as fast as possible, 60 an hour in a minute.

    SIGINT and SIGTERM end it after what has been sent is acknowledged. Raises BrokerUnreachableError, PublishError.
    """
    producer = AIOKafkaProducer(
        **client_arguments(kafka), enable_idempotence=True, acks="all", compression_type="lz4", linger_ms=20
    )
    stop = asyncio.Event()
    async with reaching(kafka, producer):
        with _stopped_by_signals(stop):
            return await _send(producer, topic, messages, speed, stop)


async def _send(
    producer: Any,
    topic: str,
    messages: Iterable[Message],
    speed: float,
    stop: asyncio.Event,
) -> Published:
    waiting: deque[tuple[int, asyncio.Future[Any]]] = deque()
    events, last, started, first = 0, 0, time.monotonic(), None
    try:
        for message in messages:
            first = message.at if first is None else first
            await _pace(started + (message.at - first) / 1000 / speed if speed else 0, stop)
            if stop.is_set():
                break
            sent = await producer.send(topic, message.value, key=message.account.encode())
            waiting.append((message.at, sent))
            if len(waiting) > _IN_FLIGHT:
                last, sent = waiting.popleft()
                await sent
                events += 1
        await producer.flush()
        while waiting:
            last, sent = waiting.popleft()
            await sent
            events += 1
    except KafkaError as error:
        raise PublishError(topic, events, error) from error
    return Published(events, last, not stop.is_set())


async def _pace(due: float, stop: asyncio.Event) -> None:
    """Wait until a moment of the monotonic clock, or until told to stop."""
    wait = due - time.monotonic()
    if wait > 0:
        try:
            await asyncio.wait_for(stop.wait(), wait)
        except TimeoutError:
            return


@contextmanager
def _stopped_by_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
