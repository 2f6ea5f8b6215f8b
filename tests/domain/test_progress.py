from stream_app.domain.progress import MEND_MS, Progress

TP = ("cases", 0)


def test_a_position_that_stands_while_there_is_lag_is_stuck_after_the_patience() -> None:
    progress = Progress(60_000)
    progress.note({TP: 5}, {TP: 10}, 0)
    progress.note({TP: 5}, {TP: 20}, 60_000)
    assert progress.stuck(60_000) == []
    assert progress.stuck(60_001) == [TP]


def test_a_position_that_moves_is_not_stuck_however_large_the_lag() -> None:
    progress = Progress(60_000)
    for second in range(200):
        progress.note({TP: second}, {TP: 1_000_000}, second * 1000)
        assert progress.stuck(second * 1000) == []


def test_a_partition_without_lag_may_stand_for_ever() -> None:
    progress = Progress(60_000)
    for second in range(200):
        progress.note({TP: 5}, {TP: 0}, second * 1000)
        assert progress.stuck(second * 1000) == []


def test_a_partition_given_up_and_taken_again_begins_anew() -> None:
    progress = Progress(60_000)
    progress.note({TP: 5}, {TP: 10}, 0)
    progress.note({}, {}, 30_000)
    progress.note({TP: 5}, {TP: 10}, 50_000)
    assert progress.stuck(70_000) == []


def test_a_batch_is_missed_before_the_worker_gives_up() -> None:
    progress = Progress(60_000)
    progress.note({TP: 5}, {TP: 10}, 0)
    assert progress.slow(MEND_MS) == []
    assert progress.slow(MEND_MS + 1) == [TP]
    assert progress.stuck(MEND_MS + 1) == []
