"""The laws, each a check of one stream: it returns when the law holds and raises AssertionError when not.

A law takes a source of choices (where to cut, what to deliver again, when to read) and a stream.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from random import Random
from typing import Any, Final

from stream_app import native
from stream_app.catalogue import SERIES, read_all
from stream_app.codec import Codec, Event, Reject, dump_key, load_key
from stream_app.domain.board import Board, combined
from stream_app.domain.fold import Key, Row, kept_facts, state_of
from stream_app.domain.service_levels import ServiceLevels
from stream_app.pipeline import AREAS, Partition, rebuilt, spans
from tests import oracle
from tests.events.making import BEGIN, HOUR, MINUTE
from tests.generators import (
    EDGES,
    LATEST,
    RULES,
    THING,
    TOPICS,
    Record,
    Stream,
    batches,
    delivered,
    encoded,
    instants,
    interleaved,
    republished,
    spoilt,
)

Law = Callable[[Random, Stream], None]
Numbers = dict[tuple[str, tuple[str, ...]], float]

CODECS: Final[Mapping[str, Codec]] = {topic: AREAS[topic].codec() for topic in TOPICS}


def decoded(records: Iterable[Record]) -> dict[str, list[Event]]:
    """The events of some records by topic; bad payloads are left out."""
    found: dict[str, list[Event]] = {}
    for record in records:
        event = CODECS[record.topic].decode(record.value, record.offset, LATEST)
        if isinstance(event, Event):
            found.setdefault(record.topic, []).append(event)
    return found


def absorb(partition: Partition, records: Iterable[Record]) -> None:
    """One batch: a packed message of each topic that has records."""
    for topic, events in decoded(records).items():
        partition.absorb(AREAS[topic], events)


def kept(parts: Iterable[Stream], now: Iterable[int] = ()) -> Partition:
    """The partition that absorbed these batches. Its board is read at each clock on the way, as scrapes do."""
    partition = Partition(RULES)
    cut, clocks = list(parts), list(now)
    scrapes = {len(cut) * turn // len(clocks): now_ms for turn, now_ms in enumerate(clocks)}
    for index, part in enumerate(cut):
        absorb(partition, part)
        if index in scrapes:
            read_all([partition.board], scrapes[index], RULES)
    return partition


def stored(partition: Partition) -> dict[tuple[str, Key], tuple[Any, ...]]:
    """The rows field by field: what the changelog holds, and the states derived from it."""
    return {
        (topic, key): (
            row.offset, row.count, row.seen, row.horizon, row.base, row.facts, state_of(AREAS[topic].folding, row),
        )
        for topic, rows in partition.rows.items()
        for key, row in rows.items()
    }  # fmt: skip


def known(partition: Partition) -> dict[tuple[str, Key], tuple[Any, ...]]:
    """What the rows know, whatever the offsets it came at."""
    return {
        (topic, key): (
            state_of(AREAS[topic].folding, row), row.seen, row.count, row.horizon,
            [(f.at, f.sequence, f.id) for f in kept_facts(AREAS[topic].folding, row)],
        )
        for topic, rows in partition.rows.items()
        for key, row in rows.items()
    }  # fmt: skip


def numbers(boards: Sequence[Board], now_ms: int) -> Numbers:
    """What is read of boards at a clock. A count that came back to zero may stay or not: zeros are left out."""
    return {place: value for place, value in read_all(boards, now_ms, RULES).items() if value}


def same_boards(one: Partition, other: Partition, clocks: Iterable[int]) -> None:
    """Two boards hold the same and read the same at every clock, in the order the clocks come."""
    assert one.board.contents() == other.board.contents()
    for now_ms in clocks:
        assert numbers([one.board], now_ms) == numbers([other.board], now_ms)


def reads_as_never_read(partition: Partition, now_ms: int) -> None:
    """A board read at other clocks before reads as one of the same contents that is read for the first time."""
    assert numbers([partition.board], now_ms) == numbers([combined([partition.board], spans(RULES))], now_ms)


def scraped(rng: Random, partition: Partition, part: Stream) -> None:
    """Absorb a batch between two scrapes at clocks near its events, the second a little later or earlier."""
    times = [record.event["_at"] for record in part if record.event is not None]
    now_ms = (rng.choice(times) if times else BEGIN) + rng.choice((-MINUTE, *EDGES))
    read_all([partition.board], now_ms, RULES)
    absorb(partition, part)
    for moved in (0, MINUTE, rng.choice((*EDGES, -HOUR)), MINUTE):
        now_ms += moved
        reads_as_never_read(partition, now_ms)


def batch_size_changes_nothing(rng: Random, records: Stream) -> None:
    """Law 1: one by one, in any batches, and with the topics interleaved in any way."""
    clocks = instants(rng, records)
    one_by_one = kept(((record,) for record in records), clocks)
    cut = kept(batches(rng, records), clocks)
    shuffled = kept(batches(rng, interleaved(rng, records)))
    assert stored(one_by_one) == stored(cut) == stored(shuffled)
    same_boards(one_by_one, cut, clocks)
    same_boards(one_by_one, shuffled, clocks)


def replay_changes_nothing(rng: Random, records: Stream) -> None:
    """Law 2: what was delivered is delivered again, at once, from a prefix, or at the end."""
    clocks = instants(rng, records)
    once = kept([records])
    end = rng.randint(0, len(records))
    for again in (delivered(rng, records), records[:end] + records, records + records[:end]):
        twice = kept(batches(rng, again), clocks)
        assert stored(once) == stored(twice)
        same_boards(once, twice, clocks)


def publishing_again_changes_nothing(rng: Random, records: Stream) -> None:
    """Law 2: a prefix is published again with the same ids at new offsets, at its end or after everything."""
    clocks = instants(rng, records)
    once = kept([records])
    end = rng.randint(0, len(records))
    offsets: Counter[str] = Counter()
    again = republished((*records[:end], *records[:end], *records[end:]), offsets)
    again += republished(records[: rng.randint(0, len(records))], offsets)
    twice = kept(batches(rng, again), clocks)
    assert known(once) == known(twice)
    same_boards(once, twice, clocks)


def _restored(rng: Random, partition: Partition) -> Partition:
    """The partition a new owner makes of the changelogs, which come in any order."""
    rows: dict[str, dict[Key, Row]] = {}
    for topic in rng.sample(TOPICS, len(TOPICS)):
        dump, read = AREAS[topic].dump(), AREAS[topic].read()
        changelog = [(dump_key(key), dump(row)) for key, row in partition.rows[topic].items()]
        rng.shuffle(changelog)
        rows[topic] = {load_key(key): read(row) for key, row in changelog}
    return rebuilt(rows, RULES)


def rebuilt_equals_kept(rng: Random, records: Stream) -> None:
    """Law 3: rows through the changelog make the same board, go on alike, and leave it when dropped.

    Meanwhile the kept board is scraped, at clocks that go forward and back; a rebuilt one never was.
    """
    clocks = instants(rng, records)
    end = rng.randint(0, len(records))
    partition = kept(batches(rng, records[:end]), clocks)
    again = _restored(rng, partition)
    for rest in ((), records[end:]):
        for part in batches(rng, tuple(rest)):
            scraped(rng, partition, part)
            absorb(again, part)
        assert stored(partition) == stored(again)
        same_boards(partition, again, clocks)
    for topic, rows in partition.rows.items():
        for key in rng.sample(list(rows), len(rows) // 2):
            partition.drop(AREAS[topic], key)
    same_boards(partition, _restored(rng, partition), clocks)
    dump, read = AREAS["cases"].dump(), AREAS["cases"].read()
    partition.restore(AREAS["cases"], {key: read(dump(row)) for key, row in again.rows["cases"].items()})
    same_boards(partition, _restored(rng, partition), clocks)


def parts_add_up(rng: Random, records: Stream) -> None:
    """Law 4: the boards of partitions, and of workers that own several, make the board of the whole."""
    clocks = instants(rng, records)
    whole = kept([records], clocks)
    accounts = {key[0] for rows in whole.rows.values() for key in rows}
    home = {account: rng.randint(0, 2) for account in sorted(accounts)}
    parts = [Partition(RULES) for _ in range(3)]
    for batch in batches(rng, records):
        for topic, events in decoded(batch).items():
            for index, part in enumerate(parts):
                part.absorb(AREAS[topic], [event for event in events if home.get(event.key[0]) == index])
        numbers([part.board for part in parts], rng.choice(clocks))
    boards = [part.board for part in parts]
    assert combined(boards, spans(RULES)).contents() == whole.board.contents()
    for now_ms in clocks:
        expected = numbers([whole.board], now_ms)
        assert numbers(boards, now_ms) == expected
        assert numbers([combined(boards, spans(RULES))], now_ms) == expected
        together: dict[tuple[str, tuple[str, ...]], int] = {}
        for board in boards:
            for place, value in numbers([board], now_ms).items():
                stated, found = SERIES[place[0]].aggregation, round(value * 1000)
                together[place] = TOGETHER[stated](together[place], found) if place in together else found
        assert together == {place: round(value * 1000) for place, value in expected.items()}


def a_bad_payload_costs_only_itself(rng: Random, records: Stream) -> None:
    """Law 5: bad payloads anywhere are rejected, each for its reason, and change nothing else."""
    good = tuple(record for record in records if record.event is not None)
    mixed: list[Record] = []
    for record in good:
        if rng.random() < 0.3:
            value, reason = spoilt(rng, record.event or {})
            mixed.append(Record(record.topic, record.offset - 1, value, None, reason))
        mixed.append(record)
    for record in (*mixed, *records):
        outcome = CODECS[record.topic].decode(record.value, record.offset, LATEST)
        assert (outcome.reason if isinstance(outcome, Reject) else "") == record.reason
        assert outcome.offset == record.offset if isinstance(outcome, Reject) else outcome.fact.offset == record.offset
    alone, among = kept([good]), kept(batches(rng, tuple(mixed)))
    assert stored(alone) == stored(among)
    same_boards(alone, among, instants(rng, records))


_WILD: Final[tuple[Any, ...]] = (
    2**70,
    -(2**70),
    -1,
    0,
    0.5,
    1e300,
    None,
    True,
    "",
    "\ud800",
    "2024-02-30T00:00:00Z",
    [],
    [2**70],
    {},
    {"": -1},
)


_ALSO: Final = (
    "kind", "sequence", "created_at", "solved_at", "awaiting_since", "sent_at", "decommissioned_at", "waited_ms",
    "aspects",
)  # fmt: skip


def garbled(rng: Random, record: Record) -> Record:
    """The record with a field or a few bytes replaced by what a broken publisher or network might send."""
    event = record.event or {}
    value = bytearray(encoded({**event, rng.choice([*event, *_ALSO]): rng.choice(_WILD)}))
    for _ in range(rng.choice((0, 0, 1, 3))):
        value[rng.randint(0, len(value) - 1)] = rng.randint(0, 255)
    return Record(record.topic, record.offset, bytes(value), None)


def whatever_is_decoded_can_be_kept(rng: Random, records: Stream) -> None:
    """Law 5: a garbled payload is a reject or an event; an event of any content folds, is stored and is read."""
    broken = tuple(
        garbled(rng, record)
        for record in records
        if record.event
        for _ in range(12 if record.event["kind"] == "snapshot" else 3)  # snapshots have most of the fields
    )
    partition = kept(batches(rng, broken), instants(rng, records))
    same_boards(partition, _restored(rng, partition), instants(rng, records))


@lru_cache(maxsize=64)
def _recomputed(published: tuple[oracle.Published, ...], clocks: tuple[int, ...]) -> list[Numbers]:
    """What the oracle says; it knows nothing of the product, so it need not be asked twice."""
    return oracle.numbers(published, clocks, asdict(RULES))


def stream_equals_batch(rng: Random, records: Stream) -> None:
    """Law 6: the gauges equal the oracle's numbers, at any clock, after any prefix."""
    clocks = instants(rng, records, 6)
    prefix = records[: rng.randint(0, len(records))] if rng.random() < 0.3 else records
    _as_recomputed(rng, prefix, clocks)


def stream_equals_batch_at_every_edge(rng: Random, records: Stream) -> None:
    """Law 6, in the minutes in which something of a few accounts leaves a window, grows too old or comes due."""
    accounts = sorted({record.event["account"] for record in records if record.event is not None})
    chosen = set(rng.sample(accounts, min(len(accounts), 6)))
    own = tuple(r for r in records if r.event is not None and r.event["account"] in chosen)
    lives: dict[tuple[str, str, str], list[int]] = {}
    for record in own:
        event = record.event or {}
        lives.setdefault((record.topic, event["account"], event[THING[record.topic]]), []).append(event["_at"])
    times = [at for (topic, *_), lived in lives.items() for at in (lived[-1:] if topic == "cases" else lived[-3:])]
    edges = [at + edge for at in times for edge in sorted(set(EDGES))]
    _as_recomputed(rng, own, rng.sample(edges, min(len(edges), 90)))


def _as_recomputed(rng: Random, records: Stream, clocks: Sequence[int]) -> None:
    published = tuple((r.topic, r.offset, r.value) for r in records if r.event is not None)
    expected = _recomputed(published, tuple(clocks))
    partition = kept(batches(rng, delivered(rng, records)), clocks)
    for now_ms, recomputed in zip(clocks, expected, strict=True):
        found = numbers([partition.board], now_ms)
        assert found == {place: value for place, value in recomputed.items() if value}


def order_changes_nothing(rng: Random, records: Stream) -> None:
    """Rule 3: events of a thing in any order make the same row, as long as its memory holds them all."""
    good = [record for record in records if record.event is not None]
    clocks = instants(rng, records)
    disordered = list(good)
    rng.shuffle(disordered)
    ties: dict[tuple[Any, ...], list[Record]] = {}
    for record in good:
        ties.setdefault(_tie(record), []).append(record)
    turns = {tie: iter(tied) for tie, tied in ties.items()}
    straight = sorted(good, key=lambda record: _tie(record)[-2:])
    one = kept(batches(rng, republished(straight, Counter())), clocks)
    other = kept(batches(rng, republished((next(turns[_tie(r)]) for r in disordered), Counter())), clocks)
    assert known(one) == known(other)
    same_boards(one, other, clocks)


def _tie(record: Record) -> tuple[Any, ...]:
    """What records share whose order only their offsets tell."""
    event = record.event or {}
    key = next(iter(decoded([record])[record.topic])).key
    return (record.topic, *key, event["_at"], event.get("sequence", 0))


_FOLDED: Final = {
    topic: frozenset(str(kind.__struct_config__.tag) for kind in kinds) for topic, kinds in native.KINDS.items()
}
_BEGINS: Final = {"cases": {"created"}, "callhome": {"registered"}, "surveys": _FOLDED["surveys"]}


def _in_order(rng: Random, records: Stream) -> Stream:
    """The records in the order of their times; of all cases and most other things only what is folded natively."""
    straight: list[Record] = []
    folded: dict[tuple[str, str, str], bool] = {}
    begun = set()
    for record in sorted((record for record in records if record.event is not None), key=lambda r: _tie(r)[-2:]):
        event, topic = record.event or {}, record.topic
        thing, kind = (topic, event["account"], event[THING[topic]]), event["kind"]
        if folded.setdefault(thing, topic == "cases" or rng.random() < 0.7):
            if kind in _BEGINS[topic]:
                begun.add(thing)
            if kind not in _FOLDED[topic] or thing not in begun:
                continue
        straight.append(record)
    return republished(straight, Counter())


def compiled_equals_plain(rng: Random, records: Stream) -> None:
    """Law 7: the compiled core does with every batch what the plain one does, with service levels and without."""
    assert native.BUILT, "the compiled core is not built: make setup"
    rules = RULES if rng.random() < 0.7 else replace(RULES, levels=ServiceLevels(), top_bugs=0, top_known_topics=0)
    plain, compiled = Partition(rules, compiled=False), Partition(rules, compiled=True)
    clocks = instants(rng, records)
    for part in batches(rng, _in_order(rng, records) if rng.random() < 0.7 else records):
        for topic, events in decoded(part).items():
            one, other = plain.absorb(AREAS[topic], events), compiled.absorb(AREAS[topic], events)
            assert (one.changed, one.outcomes, one.latest_ms) == (other.changed, other.outcomes, other.latest_ms)
        if rng.random() < 0.2:
            same_boards(plain, compiled, [rng.choice(clocks)])
    for topic, rows in compiled.rows.items():
        codec = AREAS[topic].row_codec()
        for key, row in rows.items():
            assert native.DUMP[topic](codec, row) == codec.dump(plain.rows[topic][key])
    assert stored(plain) == stored(compiled)
    same_boards(plain, compiled, clocks)


TOGETHER: Final[dict[str, Callable[[int, int], int]]] = {"sum": lambda a, b: a + b, "max": max, "min": min}
"""How the values of two workers make one, by what the catalogue states."""

LAWS: Final[dict[str, Law]] = {
    "1 batch size changes nothing": batch_size_changes_nothing,
    "2 replay changes nothing": replay_changes_nothing,
    "2 publishing again changes nothing": publishing_again_changes_nothing,
    "3 rebuilt equals kept": rebuilt_equals_kept,
    "4 parts add up": parts_add_up,
    "5 a bad payload costs only itself": a_bad_payload_costs_only_itself,
    "5 whatever is decoded can be kept": whatever_is_decoded_can_be_kept,
    "6 stream equals batch": stream_equals_batch,
    "6 stream equals batch at every edge": stream_equals_batch_at_every_edge,
    "7 compiled equals plain": compiled_equals_plain,
    "order changes nothing": order_changes_nothing,
}
"""Every law by its name."""

NEEDS_MEMORY: Final = frozenset({
    "6 stream equals batch", "6 stream equals batch at every edge", "order changes nothing",
})  # fmt: skip
"""Laws of streams whose things fit into the memory of their rows."""
