"""Rows are read from their bytes as the plain core reads them, and what is no row is refused as it does."""

from random import Random

import msgspec
import pytest

from stream_app import native
from stream_app.domain.fold import Row
from stream_app.pipeline import AREAS, Partition
from tests.generators import LARGE, LONG, RULES, WIDE, stream
from tests.laws import absorb

AREA = AREAS["cases"]
CODEC = AREA.row_codec()


def kept(seed: int) -> list[tuple[tuple[str, str], Row]]:
    partition = Partition(RULES)
    absorb(partition, stream(Random(seed), (WIDE, LARGE, LONG)[seed % 3]))
    return list(partition.rows["cases"].items())


def told(row: Row) -> tuple[object, ...]:
    return (row.offset, row.count, row.seen, row.horizon, row.base, row.facts, row.kept)


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_read_as_the_plain_core_reads_them(seed: int) -> None:
    read = 0
    for _, row in kept(seed):
        data = native.dump(CODEC, row)
        found = native.read(CODEC, data)
        assert told(found) == told(CODEC.read(data))
        assert native.dump(CODEC, found) == data
        read += isinstance(found, native.NativeRow)
    assert read > 0


def restored(*, compiled: bool, key: tuple[str, str], data: bytes) -> object:
    """The board that a row makes, or that it makes none."""
    partition = Partition(RULES, compiled=compiled)
    try:
        row = native.read(CODEC, data) if compiled else CODEC.read(data)
        partition.restore(AREA, {key: row})
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return "no row"
    return partition.board.contents()


@pytest.mark.parametrize("seed", range(3))
def test_a_row_that_was_cut_off_is_refused_wherever_it_ends(seed: int) -> None:
    rows = sorted(kept(seed), key=lambda item: len(item[1].facts))
    key, row = rows[len(rows) // 2]
    data = native.dump(CODEC, row)
    assert restored(compiled=True, key=key, data=data) == restored(compiled=False, key=key, data=data) != "no row"
    for end in range(len(data)):
        assert restored(compiled=True, key=key, data=data[:end]) == "no row"
        assert restored(compiled=False, key=key, data=data[:end]) == "no row"


def test_facts_with_fewer_fields_than_today_stand_for_what_is_left_out() -> None:
    short = (["created", 1_700_000_000_000, 0, 5, 7, "agent", "phone"], ["solved", 1_700_000_060_000, 0, 6, 8])
    data = msgspec.msgpack.encode((1, 6, 2, 0, None, None, short))
    key = ("account", "case")
    assert isinstance(native.read(CODEC, data), native.NativeRow)
    assert restored(compiled=True, key=key, data=data) == restored(compiled=False, key=key, data=data) != "no row"


def test_rows_that_are_not_read_by_compiled_code_are_still_read() -> None:
    more = ["created", 1_700_000_000_000, 0, 5, 7, *["x"] * 11, None, "", "", "", {"of": "tomorrow"}]
    data = msgspec.msgpack.encode((1, 5, 1, 0, None, None, [more]))
    key = ("account", "case")
    assert restored(compiled=True, key=key, data=data) == restored(compiled=False, key=key, data=data)
