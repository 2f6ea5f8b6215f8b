import asyncio
import time
from typing import Any

import pytest
from aiokafka.errors import KafkaError

from stream_app.sources import publish
from stream_app.sources.convert import Message
from stream_app.sources.publish import Published, PublishError, _send


class FakeProducer:
    """Acknowledges what it is sent, until an event it is told to refuse."""

    def __init__(self, refused: int | None = None) -> None:
        self.sent: list[tuple[str, bytes, bytes]] = []
        self.times: list[float] = []
        self.refused = refused

    async def send(self, topic: str, value: bytes, key: bytes) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if len(self.sent) == self.refused:
            answer.set_exception(KafkaError("no room"))
        else:
            answer.set_result(None)
        self.sent.append((topic, value, key))
        self.times.append(time.monotonic())
        return answer

    async def flush(self) -> None:
        pass


def messages(count: int, step_ms: int = 1000) -> list[Message]:
    return [Message(1_000_000 + n * step_ms, f"acme-{n % 3}", "created", str(n).encode(), n) for n in range(count)]


async def test_events_go_out_in_their_order_under_their_account() -> None:
    producer = FakeProducer()
    done = await _send(producer, "cases", messages(7_000), 0, asyncio.Event())
    assert done == Published(7_000, 1_000_000 + 6_999_000, complete=True)
    assert producer.sent == [("cases", item.value, item.account.encode()) for item in messages(7_000)]


async def test_the_pace_is_a_multiple_of_that_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    due: list[float] = []

    async def waited(until: float, _stop: asyncio.Event) -> None:
        due.append(until)

    monkeypatch.setattr(publish, "_pace", waited)
    await _send(FakeProducer(), "cases", messages(5), 20, asyncio.Event())
    assert [moment - due[0] for moment in due] == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])


async def test_nothing_goes_out_before_it_is_due() -> None:
    producer = FakeProducer()
    began = time.monotonic()
    await _send(producer, "cases", messages(5), 20, asyncio.Event())
    assert all(moment - began >= number / 20 for number, moment in enumerate(producer.times))


async def test_what_was_sent_before_a_stop_is_counted_and_nothing_is_sent_after_it() -> None:
    producer, stop = FakeProducer(), asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, stop.set)
    done = await _send(producer, "cases", messages(3, step_ms=3_600_000), 1, stop)
    assert (done, len(producer.sent)) == (Published(1, 1_000_000, complete=False), 1)


async def test_an_event_the_brokers_refuse_ends_it_with_what_to_do() -> None:
    with pytest.raises(PublishError, match=r"'cases'.*after 2 that they did \(.*no room.*Import again"):
        await _send(FakeProducer(refused=2), "cases", messages(5), 0, asyncio.Event())
