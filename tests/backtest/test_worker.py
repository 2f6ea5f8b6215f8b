"""The worker of a backtest shows what a worker would: the numbers of the core, its counters, its lag."""

from itertools import pairwise

import pytest

from stream_app.catalogue import METRICS, SERIES, read_all
from stream_app.operate import rules
from stream_app.operate.backtest.needed import Needed, Selector, needed
from stream_app.operate.backtest.worker import Found, Worker
from stream_app.settings import Settings
from stream_app.sources.simulate.incidents import Incident
from stream_app.sources.simulate.plan import Plan, plan
from stream_app.sources.simulate.profile import InputFaults, Life
from stream_app.sources.simulate.things import DAY, HOUR, MINUTE

pytestmark = pytest.mark.slow

START = 1_767_571_200_000
THRESHOLDS = rules.read()
READS = needed(rules.alerts(THRESHOLDS), rules.every_record(THRESHOLDS))
ALL = Needed(frozenset(), {name: [Selector(name)] for name in [*SERIES, "up"]})
SMALL = Life(accounts=30, devices=20, cases_per_account_day=2)


def planned(*incidents: str) -> Plan:
    faults = InputFaults(bad=0.01, late=0.02, duplicate=0.02, late_ms=(2 * HOUR, 3 * HOUR))
    return plan(1, START, 2 * DAY, life=SMALL, faults=faults, incidents=map(Incident.parse, incidents), keep=False)


def lived(reads: Needed, *incidents: str, hours: int = 12) -> list[Found]:
    life = planned(*incidents)
    worker = Worker(Settings(), reads, life.incidents)
    return [worker.step(now, life.due(now)) for now in range(START, START + hours * HOUR, 5 * MINUTE)]


def value(found: Found, name: str, **labels: str) -> float | None:
    matching = [v for (n, place), v in found.items() if n == name and labels.items() <= dict(place).items()]
    return sum(matching) if matching else None


def test_what_the_rules_read_is_what_the_whole_board_says() -> None:
    some, everything = lived(READS), lived(ALL)
    for few, many in zip(some, everything, strict=True):
        assert few.items() <= many.items()
        assert {place for place in many if READS.takes(place[0], dict(place[1]))} == set(few)
    always = {metric.name for metric in METRICS if metric.kind == "gauge" and metric.zeros}
    assert {name for name, _ in everything[-1]} >= always
    assert len(some[-1]) < len(everything[-1]) / 3


def test_the_whole_board_is_read_as_the_catalogue_reads_it() -> None:
    life = planned()
    worker = Worker(Settings(), ALL, life.incidents)
    for hour in range(30):
        now = START + hour * HOUR
        found = worker.step(now, life.due(now))
        stated = read_all([worker._partition.board], now, worker._rules)
        support = {name for metric in METRICS for name in metric.series}
        assert sorted(v for (name, _), v in found.items() if name in support) == sorted(stated.values())


def test_a_worker_that_is_down_shows_nothing_and_begins_its_counters_again() -> None:
    found = lived(READS, "worker-down@4h+1h", hours=7)
    assert [list(one.values()) for one in found[48:60]] == [[0.0]] * 12
    events = [value(one, "stream_app_events_total", topic="callhome") or 0 for one in found]
    assert events[60] < events[47]
    assert events[60] > 0  # what waited in the log
    assert all(later >= earlier for earlier, later in pairwise(events[60:]))


def test_a_slow_worker_is_behind_and_catches_up() -> None:
    found = lived(READS, "worker-slow@4h+2h", hours=8)
    lags = [value(one, "stream_app_lag_seconds", topic="callhome") for one in found]
    assert lags[47] == 0
    assert max(lag or 0 for lag in lags[48:72]) > 600
    assert lags[73] == 0


def test_partitions_without_an_owner_are_not_owned_and_fall_behind() -> None:
    found = lived(READS, "unowned:surveys@4h+2h", hours=7)
    owned = [value(one, "stream_app_partition_owned", topic="surveys") for one in found]
    assert (owned[47], owned[48], owned[71], owned[72]) == (1, None, None, 1)
    assert value(found[60], "stream_app_partition_owned", topic="cases") == 1


@pytest.mark.parametrize("name", ["stream_app_rejects_total", "stream_app_events_late_total"])
def test_what_publishers_get_wrong_is_counted(name: str) -> None:
    assert (value(lived(ALL)[-1], name) or 0) > 3
