"""Turns in the work on a case that seldom meet in the streams of the laws."""

from tests.events.making import BEGIN, SECOND
from tests.test_laws import case, fold


def test_who_gets_a_case_next_that_its_snapshot_says_is_escalated_was_handed_nothing_off() -> None:
    told = case(0, BEGIN, "snapshot", state="escalated", team="network")
    row, _ = fold([told, case(1, BEGIN + SECOND, team="storage")])
    assert row.state.handoffs == 0
    row, _ = fold([case(2, BEGIN + 2 * SECOND, team="network")], row, start=10)
    assert row.state.handoffs == 1


def test_an_attempt_told_of_after_the_case_was_deleted_comes_back_with_it() -> None:
    events = [
        case(0, BEGIN, "created"), case(1, BEGIN + 1, "deleted"),
        case(2, BEGIN + 2, "contact_attempt", outcome="queued"), case(3, BEGIN + 3, "snapshot", state="open"),
    ]  # fmt: skip
    row, _ = fold(events)
    assert [attempt[2] for attempt in row.state.attempts] == ["queued"]
