"""The laws hold: for every topic alone and for all topics of a partition together."""

import ast
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stream_app import native
from stream_app.codec import Event
from stream_app.domain.board import PAST, Tally, up_to
from stream_app.domain.fold import HARD_MEMORY, MEMORY, Outcome, Row, new_row, step
from stream_app.pipeline import AREAS, Partition
from tests import oracle
from tests.events.making import BEGIN, DAY, HOUR, MINUTE, SECOND, Fields
from tests.generators import (
    LARGE,
    LONG,
    RULES,
    SMALL,
    TOPICS,
    Plan,
    Stream,
    chaos,
    encoded,
    stream,
    streams,
)
from tests.laws import CODECS, LAWS, NEEDS_MEMORY, Law, decoded, numbers

laws = pytest.mark.parametrize("name", LAWS)
all_topics_and_each = pytest.mark.parametrize(
    "topics", [TOPICS, *(pytest.param((topic,), marks=pytest.mark.slow) for topic in TOPICS)], ids="+".join
)
few = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
fewer = settings(few, max_examples=5)
"""For the law that asks the oracle, whose answer takes a tenth of a second."""


def plans(name: str, seed: int) -> Plan:
    """Mostly ordinary streams; for laws that hold beyond the memory of a row, now and then a long one."""
    return LONG if seed % 5 == 4 and name not in NEEDS_MEMORY else LARGE


def holds(law: Law, name: str, seeds: range) -> None:
    for seed in seeds:
        try:
            law(Random(seed), stream(Random(seed), plans(name, seed)))
        except Exception as error:
            error.add_note(f"law {name!r}, seed {seed}")
            raise


@all_topics_and_each
@laws
def test_the_laws_hold_for_streams_hypothesis_thinks_of(name: str, topics: tuple[str, ...]) -> None:
    @(fewer if name.startswith("6") else few)
    @given(streams(replace(SMALL, topics=topics)), chaos())
    def holds_for(records: Stream, rng: Random) -> None:
        LAWS[name](rng, records)

    holds_for()


AT_EVERY_EDGE = "6 stream equals batch at every edge"
"""It reads a stream at 90 clocks, and costs as much as all other laws."""


def quickly(name: str) -> range:
    """Seeds of the fixed volume that are not among the slow tests."""
    return range(0 if name == AT_EVERY_EDGE else 4)


@laws
def test_the_laws_hold_for_a_fixed_volume(name: str) -> None:
    holds(LAWS[name], name, quickly(name))


@pytest.mark.slow
@laws
def test_the_laws_hold_for_the_rest_of_the_fixed_volume(name: str) -> None:
    holds(LAWS[name], name, range(quickly(name).stop, 10))


PARTS = 4


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@laws
def test_the_laws_hold_for_more_volume(name: str, part: int) -> None:
    seeds = range(1_000, 1_030 if name == AT_EVERY_EDGE else 1_060)
    holds(LAWS[name], name, seeds[part::PARTS])


@pytest.mark.soak
@pytest.mark.timeout(0)
@laws
def test_the_laws_hold_for_much_more_volume(name: str) -> None:
    holds(LAWS[name], name, range(10_000, 15_000))


def test_the_oracle_imports_nothing_of_the_product() -> None:
    for path in Path(oracle.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith(("stream_app", "tests"))]


def case(index: int, at: int, kind: str = "assigned", **fields: object) -> Fields:
    return {
        "event_id": f"e{index}", "kind": kind, "at": at, "account": "a", "source": "test", "case": "c", **fields,
    }  # fmt: skip


def fold(events: list[Fields], row: Row | None = None, start: int = 0) -> tuple[Row, list[Outcome]]:
    """The row after these events, delivered in the order given, and what became of each."""
    folding = AREAS["cases"].folding
    row = row or new_row(folding)
    outcomes = []
    for offset, event in enumerate(events, start):
        outcome = CODECS["cases"].decode(encoded(event), offset, BEGIN + DAY)
        assert isinstance(outcome, Event)
        outcomes.append(step(folding, outcome.key, row, outcome.fact))
    return row, outcomes


def test_a_row_takes_the_oldest_place_among_its_last_64_facts() -> None:
    row, _ = fold([case(i, BEGIN + i * SECOND) for i in range(1, MEMORY + 1)])
    _, outcomes = fold([case(0, BEGIN, "created")], row, start=1000)
    assert outcomes == [Outcome.APPLIED]
    assert row.state.created == BEGIN
    assert (row.kept, row.horizon) == (MEMORY, (BEGIN, 0))


def test_a_fact_older_than_the_65th_is_refused() -> None:
    row, _ = fold([case(i, BEGIN + i * SECOND) for i in range(MEMORY + 1)])
    before = AREAS["cases"].row_codec().dump(row)
    _, outcomes = fold([case(900, BEGIN - SECOND, "created"), case(901, BEGIN, "created")], row, start=1000)
    assert outcomes == [Outcome.LATE_UNORDERED] * 2
    assert AREAS["cases"].row_codec().dump(row) == before


def test_a_fact_between_the_horizon_and_the_oldest_kept_one_is_applied() -> None:
    row, _ = fold([case(i, BEGIN + i * SECOND) for i in range(MEMORY + 1)])
    _, outcomes = fold([case(900, BEGIN + 1)], row, start=1000)
    assert outcomes == [Outcome.APPLIED]
    assert row.horizon == (BEGIN + 1, 0)


def test_facts_of_one_instant_leave_the_memory_together() -> None:
    row, _ = fold([case(i, BEGIN) for i in range(3)] + [case(i, BEGIN + i) for i in range(3, MEMORY + 2)])
    assert (row.kept, row.horizon) == (MEMORY + 2, None)
    fold([case(500, BEGIN + 500)], row, start=500)
    assert (row.kept, row.horizon) == (MEMORY, (BEGIN, 0))


def test_the_sequence_tells_facts_of_one_time_apart_when_they_leave() -> None:
    row, _ = fold([case(i, BEGIN, sequence=i) for i in range(1, MEMORY + 3)])
    assert (row.kept, row.horizon) == (MEMORY, (BEGIN, 2))


def test_a_row_never_keeps_more_than_the_hard_memory() -> None:
    row, outcomes = fold([case(i, BEGIN) for i in range(HARD_MEMORY + 10)])
    assert (row.kept, row.horizon) == (0, (BEGIN, 0))
    assert outcomes == [Outcome.APPLIED] * (HARD_MEMORY + 1) + [Outcome.LATE_UNORDERED] * 9


def test_a_fact_forgotten_and_published_again_is_refused() -> None:
    events = [case(i, BEGIN + i * SECOND) for i in range(MEMORY + 5)]
    row, _ = fold(events)
    _, outcomes = fold(events, row, start=1000)
    assert outcomes == [Outcome.LATE_UNORDERED] * 5 + [Outcome.DUPLICATE] * MEMORY


def order(event: Event) -> tuple[int, int, int]:
    return (event.fact.at, event.fact.sequence, event.fact.offset)


def test_state_is_the_same_whether_facts_are_kept_or_forgotten() -> None:
    for seed in range(20):
        records = [r for r in stream(Random(seed), replace(LONG, late=0, duplicates=0, bad=0)) if r.topic == "cases"]
        events = [event for event in decoded(records)["cases"] if event.key[1] == "cases-busy"]
        folding = AREAS["cases"].folding
        short = new_row(folding)
        plain: Any = folding.empty()
        for offset, (key, fact) in enumerate(sorted(events, key=order)):
            step(folding, key, short, msgspec.structs.replace(fact, offset=offset))
            phases, move = folding.moves[type(fact)]
            if plain.phase in phases and not folding.forbidden(key, fact):
                move(plain, fact)
        assert short.state == plain
        assert short.horizon is not None


def test_a_snapshot_of_a_decommissioned_device_leaves_it_retired() -> None:
    partition = Partition(RULES)
    event = {
        "event_id": "e", "kind": "snapshot", "at": BEGIN, "account": "a", "source": "test", "device": "d",
        "product": "sensor", "decommissioned_at": BEGIN - DAY,
    }  # fmt: skip
    decoded_event = CODECS["callhome"].decode(encoded(event), 0, BEGIN)
    assert isinstance(decoded_event, Event)
    partition.absorb(AREAS["callhome"], [decoded_event])
    assert numbers([partition.board], BEGIN) == {
        ("support_devices", ("sensor", "retired")): 1,
        ("support_customers_without_health", ()): 1,
        ("support_customer_health_age_seconds", ()): BEGIN % HOUR // MINUTE * 60,
    }


def test_a_device_whose_clock_is_ahead_is_fresh() -> None:
    partition = Partition(RULES)
    event = {
        "event_id": "e", "kind": "registered", "at": BEGIN + 2 * MINUTE, "account": "a", "source": "test",
        "device": "d", "product": "sensor",
    }  # fmt: skip
    decoded_event = CODECS["callhome"].decode(encoded(event), 0, BEGIN + 5 * MINUTE)
    assert isinstance(decoded_event, Event)
    partition.absorb(AREAS["callhome"], [decoded_event])
    found = {place: n for place, n in numbers([partition.board], BEGIN).items() if place[0] == "support_devices"}
    assert found == {("support_devices", ("sensor", "fresh")): 1}


moves_of_a_clock = st.one_of(st.integers(-400, 400), st.sampled_from([0, 1, 239, 240, 241, -1, 10_080, -10_080]))
adds = st.lists(st.tuples(st.integers(-300, 300), st.integers(-3, 3).filter(bool)), max_size=6)


@pytest.mark.parametrize("make", [Tally, native.Tally], ids=["plain", "compiled"])
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    st.sampled_from([[1, 2, 15, 60, 1440, PAST], [PAST, up_to(1), up_to(15), up_to(240), up_to(1440)]]).flatmap(
        lambda family: st.lists(st.sampled_from(family), min_size=1, max_size=4, unique=True)
    ),
    st.lists(st.tuples(moves_of_a_clock, adds), max_size=12),
)
def test_running_sums_equal_plain_ones_however_the_clock_moves(
    make: Any, spans: list[int], turns: list[tuple[int, list[tuple[int, int]]]]
) -> None:
    tally, plain = make(tuple(spans)), Counter[int]()
    now = 10_000
    for moved, added in turns:
        for away, amount in added:
            tally.add(now + away, amount)
            plain[now + away] += amount
        now += moved
        assert tally.read(now) == [
            sum(a for m, a in plain.items() if (m <= now + PAST - span if span < 0 else now - span < m <= now))
            for span in spans
        ]
        assert tally.total == plain.total()
        assert dict(tally.items()) == {minute: amount for minute, amount in plain.items() if amount}


@pytest.mark.parametrize("make", [Tally, native.Tally], ids=["plain", "compiled"])
def test_a_tally_is_asked_for_windows_or_for_minutes_ahead(make: Any) -> None:
    with pytest.raises(ValueError, match="not for both"):
        make((15, up_to(15)))
