"""The streams the laws are tried on hold everything that can happen: counted, not hoped."""

from collections import Counter
from random import Random

import pytest

from stream_app.codec import REASONS, Event, Reject
from stream_app.pipeline import AREAS
from tests.events import KINDS
from tests.generators import BAD, LARGE, LATEST, LONG, SMALL, TOPICS, occurrences, stream
from tests.laws import CODECS

SEEDS = range(100)


@pytest.fixture(scope="module")
def counted() -> Counter[str]:
    return sum((occurrences(stream(Random(seed))) for seed in SEEDS), Counter())


def test_every_kind_of_every_topic_occurs_often(counted: Counter[str]) -> None:
    published = {fact.__struct_config__.tag for area in AREAS.values() for fact in area.contract.facts}
    assert published == {kind for kinds in KINDS.values() for kind in kinds}
    rare = {f"{topic} {kind}" for topic in TOPICS for kind in KINDS[topic] if counted[f"{topic} {kind}"] < 20}
    assert rare == set()


def test_every_kind_of_disorder_occurs_often_in_every_topic(counted: Counter[str]) -> None:
    disorders = ("late", "duplicate", "tie with sequence", "tie without sequence")
    assert {f"{t} {d}" for t in TOPICS for d in disorders if counted[f"{t} {d}"] < 50} == set()
    other = ("disordered", "offset gap", "written as RFC 3339", "merged into itself")
    assert {name for name in other if counted[name] < 10} == set()
    assert counted["accounts"] == LARGE.accounts * len(SEEDS)


def test_bad_payloads_of_every_reason_occur_often(counted: Counter[str]) -> None:
    assert set(BAD) == set(REASONS) - {"misrouted"}, "misrouted is told by the record's key, not by its payload"
    assert {reason for reason in BAD if counted[f"bad {reason}"] < 20} == set()


def test_every_event_is_valid_and_every_bad_payload_is_rejected_for_its_reason() -> None:
    for seed in SEEDS:
        for record in stream(Random(seed)):
            outcome = CODECS[record.topic].decode(record.value, record.offset, LATEST)
            assert isinstance(outcome, Reject if record.event is None else Event)
            assert (outcome.reason if isinstance(outcome, Reject) else "") == record.reason


def test_the_same_seed_makes_the_same_stream() -> None:
    assert stream(Random(7)) == stream(Random(7)) != stream(Random(8))


def test_offsets_of_a_topic_rise() -> None:
    for plan in (SMALL, LARGE, LONG):
        for topic in TOPICS:
            offsets = [record.offset for record in stream(Random(1), plan) if record.topic == topic]
            assert offsets == sorted(set(offsets))


def test_a_long_life_outgrows_the_memory_of_its_row() -> None:
    counts = occurrences(stream(Random(3), LONG))
    assert all(sum(counts[f"{topic} {kind}"] for kind in KINDS[topic]) > 80 for topic in TOPICS)
