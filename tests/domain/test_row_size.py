"""A row fits into one record of its changelog, whatever its publisher says of a thing."""

import json

import pytest

from stream_app.codec import Event
from stream_app.domain.fold import BULK, MEMORY
from stream_app.domain.rules import Rules
from stream_app.pipeline import AREAS, Partition
from stream_app.shell.writer import BATCH_BYTES

BEGIN = 1_700_000_000_000
WORD = "\u00e9" * 64


def row_bytes(area: str, events: list[dict[str, object]]) -> tuple[int, int]:
    """The size of the row these events make, and how many facts it keeps."""
    made, partition = AREAS[area], Partition(Rules())
    codec = made.codec()
    for offset, event in enumerate(events):
        found = codec.decode(json.dumps(event).encode(), offset, 1 << 60)
        assert isinstance(found, Event), found
        partition.absorb(made, [found])
    (row,) = partition.rows[area].values()
    return len(made.row_codec().dump(row)), row.kept


def said(area: str, number: int, kind: str, **fields: object) -> dict[str, object]:
    thing = {"cases": "case", "surveys": "survey", "callhome": "device"}[area]
    return {
        "event_id": f"e{number}", "kind": kind, "at": BEGIN + number * 60_000, "account": "a", "source": "test",
        thing: "t", **fields,
    }  # fmt: skip


def test_snapshots_with_long_lists_leave_the_memory_early() -> None:
    times = [BEGIN - second * 1_000 for second in range(256)]
    lists = {"customer_spoke_at": times, "agent_spoke_at": times, "reopened_at": times}
    events = [said("cases", number, "snapshot", state="open", **lists) for number in range(100)]
    size, kept = row_bytes("cases", events)
    assert 1 < kept < MEMORY
    assert BULK - 10_000 < size < BULK + 10_000 < BATCH_BYTES


@pytest.mark.parametrize("count", [MEMORY, 5 * MEMORY])
def test_the_largest_answers_fit(count: int) -> None:
    aspects = {f"{number:02}{WORD[2:]}": 5 for number in range(16)}
    events = [
        said("surveys", number, "answered", survey_type="csat", score=2, aspects=aspects, reasons=[*aspects][:8])
        for number in range(count)
    ]
    size, kept = row_bytes("surveys", events)
    assert MEMORY // 2 < kept <= MEMORY
    assert size < BULK + 10_000 < BATCH_BYTES


def test_devices_with_long_histories_and_many_faults_fit() -> None:
    code = WORD[2:]
    history = [{"code": f"{n:02}{code}", "raised_at": BEGIN - 60_000, "cleared_at": BEGIN} for n in range(64)]
    outages = [{"began_at": BEGIN - n * 60_000, "ended_at": BEGIN - n * 60_000 + 1} for n in range(64)]
    faults = {f"{n:02}{code}": WORD for n in range(64)}
    told = {"product": WORD, "faults": faults, "history": history, "outages": outages}
    events = [said("callhome", number, "snapshot", **told) for number in range(100)]
    events += [said("callhome", 100 + n, "fault_raised", code=f"{n:03}{code[1:]}", severity=WORD) for n in range(400)]
    size, _ = row_bytes("callhome", events)
    assert size < BATCH_BYTES // 2


def test_a_list_that_is_too_long_is_rejected_with_its_place() -> None:
    event = said("cases", 1, "snapshot", state="open", reopened_at=[BEGIN] * 257)
    found = AREAS["cases"].codec().decode(json.dumps(event).encode(), 0, 1 << 60)
    assert getattr(found, "detail", "") == "Expected `array` of length <= 256 - at `$.reopened_at`"
