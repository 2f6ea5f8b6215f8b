"""How far behind a worker is: by what it absorbed, and by when there was last nothing to read."""

from stream_app.domain.behind import Behind

A, B = ("cases", 0), ("cases", 1)
HOUR = 3_600_000
NOW = 1_700_000_000_000


def test_nothing_left_to_read_is_not_behind_however_old_the_last_record() -> None:
    assert Behind().seconds({A: 0, B: 0}, {A: NOW - 9 * HOUR}, NOW) == {"cases": 0}


def test_catching_up_is_as_far_behind_as_the_last_record_absorbed() -> None:
    assert Behind().seconds({A: 700, B: 0}, {A: NOW - 2 * HOUR, B: NOW - HOUR}, NOW) == {"cases": 7200}


def test_a_first_record_after_a_quiet_night_is_not_a_night_behind() -> None:
    behind = Behind()
    behind.seconds({A: 0, B: 0}, {A: NOW - 9 * HOUR}, NOW)
    assert behind.seconds({A: 1, B: 0}, {A: NOW - 9 * HOUR}, NOW + 1_000) == {"cases": 1}


def test_a_partition_that_is_quiet_does_not_make_its_topic_old() -> None:
    assert Behind().seconds({A: 5, B: 0}, {A: NOW - 200, B: NOW - 9 * HOUR}, NOW) == {"cases": 0.2}


def test_a_worker_that_stands_still_falls_behind() -> None:
    behind = Behind()
    behind.seconds({A: 0}, {A: NOW - 500}, NOW)
    assert behind.seconds({A: 10}, {A: NOW - 500}, NOW + 60_000) == {"cases": 60}
    assert behind.seconds({A: 20}, {A: NOW - 500}, NOW + 120_000) == {"cases": 120}


def test_what_cannot_be_known_yet_is_not_said() -> None:
    other = ("surveys", 0)
    assert Behind().seconds({A: 10, B: 0, other: 0}, {}, NOW) == {"surveys": 0}


def test_a_partition_that_comes_back_is_not_believed_by_what_was_known_of_it() -> None:
    behind = Behind()
    behind.seconds({A: 0}, {}, NOW)
    behind.seconds({}, {}, NOW + 1_000)
    assert behind.seconds({A: 10}, {}, NOW + 2_000) == {}
