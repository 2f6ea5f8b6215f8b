"""The compiled core is there and is used; it reads and counts as the plain one does. Law 7 has the rest."""

from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app import native
from stream_app.codec import Reader
from stream_app.domain.board import PAST, Tally
from stream_app.domain.fold import kept_facts
from stream_app.pipeline import AREAS, Partition
from tests.generators import LARGE, LATEST, LONG, RULES, TOPICS, WIDE, Stream, stream
from tests.laws import absorb, garbled
from tests.test_contracts import WHERE, lines

LEAST = 20
"""How often each kind of fact must have been folded natively for law 7 to speak of it."""


def test_the_compiled_core_is_built_and_used() -> None:
    assert native.BUILT, "make setup says why not"
    assert native.ENABLED
    assert isinstance(AREAS["cases"].reader(), native.Reader)


@pytest.mark.slow
def test_every_kind_it_knows_is_folded_natively_often() -> None:
    seen = Counter[str]()
    for seed in range(60):
        partition = Partition(RULES)
        absorb(partition, stream(Random(seed), (WIDE, LARGE, LONG)[seed % 3]))
        for topic, rows in partition.rows.items():
            for row in rows.values():
                if isinstance(row, native.NativeRow):
                    seen["Heartbeat"] += row.seen > row.at
                    seen.update(type(fact).__name__ for fact in kept_facts(AREAS[topic].folding, row))
    known = {kind.__name__ for kinds in native.KINDS.values() for kind in kinds}
    assert {kind for kind in known if seen[kind] < LEAST} == set()


@dataclass(frozen=True)
class Record:
    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = 0
    headers: tuple[tuple[str, bytes], ...] = ()


def read_alike(topic: str, values: list[bytes | None]) -> None:
    area = AREAS[topic]
    records = [Record(offset, b"key", value) for offset, value in enumerate(values)]
    one, other = Reader(area.codec()), native.Reader(area.codec())
    found = []
    for reader in (one, other):
        accounts: dict[str, str] = {}
        judged = reader.judged(records, LATEST, LATEST - 10**9, accounts, lambda account, _key: account.endswith("3"))
        found.append((judged, accounts))
    assert found[0] == found[1]
    types = [[type(fact) for _, fact in judged.events] for judged, _ in found]
    assert types[0] == types[1]


@pytest.mark.parametrize("topic", TOPICS)
def test_samples_are_read_as_the_plain_core_reads_them(topic: str) -> None:
    good = WHERE.samples(topic).read_bytes().splitlines()
    bad = [(sample["payload"] or "").encode() for sample in lines(WHERE.bad_samples(topic))]
    read_alike(topic, [*good, *bad, None, b"", b"\xff"])


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_is_read_as_the_plain_core_reads_it(seed: int) -> None:
    rng = Random(seed)
    records: Stream = stream(rng, LARGE)
    for topic in TOPICS:
        own = [record for record in records if record.topic == topic]
        broken = [garbled(rng, record).value for record in own if record.event for _ in range(3)]
        read_alike(topic, [*(record.value for record in own), *broken])


MOST = 2**63 - 1
amounts = st.one_of(st.integers(-3, 3), st.sampled_from((2**62, -(2**62), MOST, -MOST)))


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 40), amounts), max_size=150), max_size=5), st.integers(-2, 42))
def test_amounts_beyond_64_bits_are_counted_exactly(turns: list[list[tuple[int, int]]], now: int) -> None:
    plain, compiled = Tally((15, PAST)), native.Tally((15, PAST))
    for turn in turns:
        for minute, amount in turn:
            plain.add(minute, amount)
            compiled.add(minute, amount)
        assert compiled.read(now) == plain.read(now)
        assert compiled.settled().total == plain.settled().total
        assert dict(compiled.items()) == dict(plain.items())
        assert compiled.first() == plain.first()
        assert [compiled.within(now, span) for span in (15, PAST)] == [plain.within(now, span) for span in (15, PAST)]
