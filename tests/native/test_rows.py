"""Rows are read from their bytes as the plain core reads them, and what is no row is refused as it does."""

from random import Random

import msgspec
import pytest

from stream_app import native
from stream_app.domain.fold import Key, Row
from stream_app.pipeline import AREAS, Partition
from tests.generators import LARGE, LONG, RULES, WIDE, stream
from tests.laws import absorb

CODECS = {topic: area.row_codec() for topic, area in AREAS.items()}
each_topic = pytest.mark.parametrize("topic", AREAS)


def kept(topic: str, seed: int) -> list[tuple[Key, Row]]:
    partition = Partition(RULES)
    absorb(partition, stream(Random(seed), (WIDE, LARGE, LONG)[seed % 3]))
    return list(partition.rows[topic].items())


def read(topic: str, data: bytes) -> Row:
    return native.READ[topic](CODECS[topic], data)


def told(row: Row) -> tuple[object, ...]:
    return (row.offset, row.count, row.seen, row.horizon, row.base, row.facts, row.kept)


@each_topic
@pytest.mark.parametrize("seed", range(6))
def test_rows_are_read_as_the_plain_core_reads_them(topic: str, seed: int) -> None:
    codec, count = CODECS[topic], 0
    for _, row in kept(topic, seed):
        data = native.DUMP[topic](codec, row)
        found = read(topic, data)
        assert told(found) == told(codec.read(data))
        assert native.DUMP[topic](codec, found) == data
        count += isinstance(found, native.NativeRow)
    assert count > 0


def restored(topic: str, key: Key, data: bytes, *, compiled: bool) -> object:
    """The board that a row makes, or that it makes none."""
    partition = Partition(RULES, compiled=compiled)
    try:
        row = read(topic, data) if compiled else CODECS[topic].read(data)
        partition.restore(AREAS[topic], {key: row})
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "no row"
    return partition.board.contents()


def restored_alike(topic: str, data: bytes) -> bool:
    """Whether a row makes the same board by either core; False when it makes none by both."""
    key = ("account", "thing")
    board = restored(topic, key, data, compiled=True)
    assert board == restored(topic, key, data, compiled=False)
    return board != "no row"


@each_topic
@pytest.mark.parametrize("seed", range(3))
def test_a_row_that_was_cut_off_is_refused_wherever_it_ends(topic: str, seed: int) -> None:
    rows = sorted((row for _, row in kept(topic, seed)), key=lambda row: len(row.facts))
    data = native.DUMP[topic](CODECS[topic], rows[len(rows) // 2])
    assert restored_alike(topic, data)
    assert not any(restored_alike(topic, data[:end]) for end in range(len(data)))


SHORT = {
    "cases": (["created", 1_700_000_000_000, 0, 5, 7, "agent", "phone"], ["solved", 1_700_000_060_000, 0, 6, 8]),
    "surveys": (["sent", 1_700_000_000_000, 0, 5, 7, "csat"], ["answered", 1_700_000_060_000, 0, 6, 8, "csat", 2.0]),
    "callhome": (["registered", 1_700_000_000_000, 0, 5, 7, "gateway"],),
}


@each_topic
def test_facts_with_fewer_fields_than_today_stand_for_what_is_left_out(topic: str) -> None:
    facts = SHORT[topic]
    data = msgspec.msgpack.encode((1, 6, len(facts), 1_700_000_060_000 * (topic == "callhome"), None, None, facts))
    assert isinstance(read(topic, data), native.NativeRow)
    assert restored_alike(topic, data)


MORE = {
    "cases": ["created", 1_700_000_000_000, 0, 5, 7, "agent", *["x"] * 10, None, "", "", "", {"of": "tomorrow"}],
    "surveys": ["sent", 1_700_000_000_000, 0, 5, 7, "csat", "", "", "", {"of": [{"the": "day"}, "after"]}],
    "callhome": ["registered", 1_700_000_000_000, 0, 5, 7, "gateway", 5, "1.0", [["of", "tomorrow"]]],
}


@each_topic
def test_rows_that_are_not_read_by_compiled_code_are_still_read(topic: str) -> None:
    assert restored_alike(topic, msgspec.msgpack.encode((1, 5, 1, 0, None, None, [MORE[topic]])))
