"""The simulator: the same seed gives the same bytes, everything occurs, and the core agrees with the plan's truth."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path

import msgspec
import pytest

from stream_app.catalogue import read_all
from stream_app.codec import Event, Reject
from stream_app.domain.fold import Outcome
from stream_app.domain.rules import Rules
from stream_app.pipeline import AREAS, Partition
from stream_app.service_levels import compiled, read
from stream_app.sources.simulate.faults import WAYS
from stream_app.sources.simulate.incidents import Incident, milliseconds
from stream_app.sources.simulate.pacing import TICK_SECONDS, Pacer, allowance
from stream_app.sources.simulate.plan import Plan, Record, plan
from stream_app.sources.simulate.profile import LIVE, LIVE_FAULTS, InputFaults, Life
from stream_app.sources.simulate.publish import publish
from stream_app.sources.simulate.statement import statements
from stream_app.sources.simulate.things import DAY, HOUR, MINUTE, SECOND
from stream_app.sources.simulate.truth import Truth

START = 1_760_000_000_000
SKEW = 5 * MINUTE
TROUBLED = InputFaults(bad=0.03, late=0.03, duplicate=0.03, disordered=0.1)
SMALL = Life(accounts=40, devices=60, cases_per_account_day=1.5)
TIERS, REGIONS = ("basic", "standard", "premium", "enterprise"), ("amer", "apac", "emea")
LEVELS = compiled(read(Path(__file__).parents[2] / "deploy" / "service-levels.toml", TIERS, REGIONS))
RULES = Rules(heartbeat_minutes={"gateway": 5, "sensor": 60}, current_versions={"gateway": "4.1.1"}, levels=LEVELS)
INCIDENTS = [
    Incident.parse("backlog-surge:gateway@6h+2h"),
    Incident.parse("silent-fleet:sensor@10h+9h"),
    Incident.parse("no-data:surveys@20h+3h"),
    Incident.parse("no-data:callhome@30h+1h"),
    Incident.parse("no-data:cases@33h"),
]


class Core:
    """The program's own way from bytes to numbers, on one partition."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.partition = Partition(rules)
        self.codecs = {topic: area.codec() for topic, area in AREAS.items()}
        self.offsets: Counter[str] = Counter()
        self.rejects: Counter[tuple[str, str]] = Counter()
        self.outcomes: Counter[tuple[str, Outcome]] = Counter()

    def take(self, records: Iterable[Record]) -> None:
        for topic, run in groupby(records, lambda record: record[0]):
            outcomes = self.partition.absorb(AREAS[topic], self._decoded(topic, run)).outcomes
            self.outcomes.update({(topic, outcome): n for outcome, n in outcomes.items()})

    def _decoded(self, topic: str, records: Iterable[Record]) -> Iterable[Event]:
        for _, key, value, when in records:
            decoded = self.codecs[topic].decode(value, self.offsets[topic], when + SKEW)
            self.offsets[topic] += 1
            if isinstance(decoded, Reject):
                self.rejects[topic, decoded.reason] += 1
            else:
                assert decoded.key[0].encode() == key
                yield decoded

    def numbers(self, now_ms: int) -> dict[tuple[str, tuple[str, ...]], float]:
        found = read_all([self.partition.board], now_ms, self.rules)
        return {place: value for place, value in found.items() if value}

    def count(self, outcome: Outcome) -> Counter[str]:
        return Counter({topic: n for (topic, found), n in self.outcomes.items() if found is outcome})


def agreed(planned: Plan, instants: list[int]) -> tuple[Core, set[str]]:
    """Feed the plan to the core, compare every series at each instant; returns the core and all that was not zero."""
    core, truth, seen = Core(planned.rules), Truth(planned), set()
    for now in instants:
        stated = truth.at(now)
        core.take(planned.due(now) if now >= planned.start_ms else ())
        assert core.numbers(now) == stated
        assert core.rejects == truth.input(now).rejects
        assert core.count(Outcome.DUPLICATE) == truth.input(now).duplicates
        seen |= {name for name, _ in stated}
    return core, seen


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_the_core_agrees_with_the_truth_of_the_plan(seed: int) -> None:
    life = replace(SMALL, pace=(1.0, 8.0)[seed % 2], beat_ms=(None, 20 * MINUTE)[seed % 3 == 0])
    history = seed % 3 * DAY
    planned = plan(
        seed, START, 2 * DAY, life=life, faults=TROUBLED, incidents=INCIDENTS, rules=RULES, backfill_ms=history
    )
    during = [START + hour * HOUR + seed * 12_347 for hour in range(3, 48, 5)]
    core, seen = agreed(planned, [START - 1, START, *during, START + 2 * DAY, START + 51 * HOUR, START + 30 * DAY])
    assert seen >= {
        "support_cases_open", "support_cases_open_age_seconds_bucket", "support_cases_opened", "support_cases_reopened",
        "support_case_resolution_seconds_gsum", "support_case_first_response_seconds_gsum", "support_surveys_sent",
        "support_surveys_sent_by_channel", "support_surveys_sent_by_tier",
        "support_survey_responses", "support_devices", "support_device_faults_active",
        "support_cases_open_silent_device", "support_cases_open_by_value", "support_device_faults",
        "support_device_faults_ended", "support_survey_responses_by_delivery", "support_survey_responses_by_path",
        "support_sla_cases_by_delivery",
        "support_device_fault_causes", "support_device_outage_seconds", "support_devices_with_outage",
        "support_customers_with_outage", "support_customers_with_devices",
        "support_devices_by_version", "support_devices_by_release", "support_proactive_candidates",
        "support_cases_reactive_device", "support_case_missed_signal_lead_seconds_gsum",
        "support_cases_solved_handoffs", "support_cases_solved_reassignments",
        "support_cases_solved_collaborated_with", "support_case_effort_seconds_gsum",
        "support_case_resolution_by_path_seconds_gsum", "support_case_resolution_by_tier_seconds_gsum",
        "support_case_resolution_by_delivery_seconds_gsum",
        "support_contact_attempts", "support_contact_wait_seconds_gsum", "support_case_customer_interactions_gsum",
        "support_case_information_rounds_gsum", "support_cases_solved_recorded", "support_cases_solved_known",
        "support_cases_solved_knowledge", "support_bug_cases", "support_case_automation",
        "support_cases_open_engineering", "support_case_engineering_seconds_gsum",
        "support_sla_cases", "support_sla_due", "support_sla_due_unassigned", "support_sla_open",
        "support_sla_breached_open",
    }  # fmt: skip
    assert not core.count(Outcome.LATE_UNORDERED)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_the_core_agrees_with_the_truth_while_it_is_live(seed: int) -> None:
    faults = replace(LIVE_FAULTS, bad=0.02, late=0.05, duplicate=0.05)
    life = replace(LIVE, rate=100, devices=200)
    incidents = [Incident("backlog-surge", 20 * SECOND, 20 * SECOND), Incident("silent-fleet", -30 * MINUTE)]
    planned = plan(
        seed, START, MINUTE, life=life, faults=faults, incidents=incidents, rules=RULES, backfill_ms=12 * HOUR
    )
    agreed(planned, [START + second * SECOND for second in (0, 1, 7, 13, 22, 30, 38, 45, 52, 60, 61, 300, 3600)])


def test_a_late_creation_makes_an_incomplete_row_until_it_arrives() -> None:
    late = InputFaults(late=0.6, late_ms=(HOUR, 2 * HOUR))
    _, seen = agreed(plan(1, START, 4 * HOUR, life=SMALL, faults=late), [START + half * HOUR // 2 for half in range(9)])
    assert "stream_app_rows_incomplete" in seen


def test_the_truth_does_not_wait_for_events_to_be_serialised() -> None:
    one, other = (plan(5, START, DAY, life=SMALL, faults=TROUBLED) for _ in range(2))
    stated = Truth(one).at(START + DAY)
    assert not one.sent
    list(other.events())
    assert Truth(other).at(START + DAY) == stated


def test_the_same_seed_gives_the_same_bytes() -> None:
    def events(seed: int, *, keep: bool = True) -> list[Record]:
        return list(plan(seed, START, 6 * HOUR, life=SMALL, faults=TROUBLED, backfill_ms=DAY, keep=keep).events())

    assert events(3) == events(3)
    assert events(3) == events(3, keep=False)
    assert events(3) != events(4)


def test_events_come_in_the_order_they_are_published_and_none_before_it_happened() -> None:
    times = []
    decoder = AREAS["cases"].codec()
    for topic, _, value, when in plan(1, START, DAY, life=SMALL, faults=TROUBLED).events():
        times.append(when)
        if topic == "cases" and isinstance(found := decoder.decode(value, 0, 2**62), Event):
            assert found.fact.at <= when or found.fact.at > when + 300 * DAY
    assert times == sorted(times)
    assert START <= times[0] <= times[-1] <= START + DAY


@pytest.fixture(scope="module")
def month() -> tuple[Plan, list[dict[str, object]]]:
    planned = plan(
        7, START, 30 * DAY, life=Life(accounts=300, devices=40, beat_ms=6 * HOUR), faults=InputFaults(bad=0.02)
    )
    told = []
    for topic, _, value, _ in planned.events():
        if b"-spoiled" not in value and value[:1] == b"{" and value[-1:] == b"}":
            told.append({"topic": topic, **msgspec.json.decode(value)})
    return planned, told


def test_every_kind_of_every_topic_occurs(month: tuple[Plan, list[dict[str, object]]]) -> None:
    tags = {(t, fact.__struct_config__.tag) for t, area in AREAS.items() for fact in area.contract.facts}
    assert tags <= set(month[0].sent)
    assert {reason for _, _, reason in month[0].schedule.rejects} == {reason for reason, _ in WAYS.values()}


def test_the_mix_is_that_of_published_benchmarks(month: tuple[Plan, list[dict[str, object]]]) -> None:
    planned, told = month
    opened = [event for event in told if event["topic"] == "cases" and event["kind"] == "created"]
    channels, issues = (Counter(event.get(name) for event in opened) for name in ("channel", "issue_type"))
    assert channels["phone"] / len(opened) == pytest.approx(0.27, abs=0.03)
    assert [word for word, _ in channels.most_common(3)] == ["web", "phone", "email"]
    assert all(issues[kind] / len(opened) == pytest.approx(0.33, abs=0.03) for kind in ("how_to", "bug_performance"))
    numbers = Truth(planned).at(START + 30 * DAY)
    mean = _total(numbers, "support_case_resolution_seconds_gsum", "7d", "full", "elapsed") / _total(
        numbers, "support_case_resolution_seconds_gcount", "7d", "full", "elapsed"
    )
    assert 18 < mean / 3600 < 40
    answers = {
        word: _total(numbers, "support_survey_responses", "7d", "csat", word) for word in ("satisfied", "neutral")
    }
    assert answers["satisfied"] > 5 * answers["neutral"]


def test_demand_follows_the_week(month: tuple[Plan, list[dict[str, object]]]) -> None:
    days: Counter[int] = Counter()
    for event in month[1]:
        if event["topic"] == "cases" and event["kind"] == "created":
            days[(int(str(event["at"])) // DAY + 3) % 7] += 1
    assert days[5] + days[6] < 0.5 * (days[1] + days[2])


def _total(numbers: dict[tuple[str, tuple[str, ...]], float], name: str, *labels: str) -> float:
    return sum(value for (found, values), value in numbers.items() if found == name and set(labels) <= set(values))


@pytest.mark.parametrize("rate", [60.0, 200.0])
def test_the_rate_is_about_what_was_asked_for(rate: float) -> None:
    planned = plan(
        1, START, 2 * MINUTE, life=replace(LIVE, rate=rate), faults=LIVE_FAULTS, backfill_ms=3 * MINUTE, keep=False
    )
    live = sum(1 for record in planned.events() if record[3] > START)
    assert live / 120 == pytest.approx(rate, rel=0.15)


def test_a_rate_below_that_of_the_fleet_is_refused() -> None:
    with pytest.raises(ValueError, match="the fleet alone makes"):
        plan(1, START, MINUTE, life=replace(LIVE, rate=10.0))


def test_shares_of_faults_are_what_was_asked_for() -> None:
    planned = plan(1, START, 2 * DAY, life=SMALL, faults=TROUBLED)
    events = sum(1 for _ in planned.events())
    for found in (planned.schedule.rejects, planned.schedule.duplicates, planned.schedule.late):
        assert len([one for one in found if one[0] <= planned.end_ms]) / events == pytest.approx(0.03, rel=0.2)


def test_a_backlog_surge_brings_urgent_cases_that_stay_open() -> None:
    numbers = [
        Truth(plan(1, START, 4 * HOUR, life=SMALL, incidents=incidents)).at(START + 100 * MINUTE)
        for incidents in ([], [Incident.parse("backlog-surge@1h+1h")])
    ]
    before, after = (_total(one, "support_cases_open", "p1") for one in numbers)
    assert after > before + 100


def test_a_silent_fleet_is_silent_until_the_incident_ends() -> None:
    planned = plan(1, START, DAY, life=SMALL, incidents=[Incident.parse("silent-fleet:gateway@2h+4h")])
    truth = Truth(planned)
    assert _total(truth.at(START + HOUR), "support_devices", "gateway", "silent") == 0
    assert _total(truth.at(START + 6 * HOUR), "support_devices", "gateway", "silent") == 15
    assert _total(truth.at(START + 7 * HOUR), "support_devices", "gateway", "silent") < 3


def test_without_data_a_topic_is_quiet_and_then_catches_up() -> None:
    planned = plan(1, START, DAY, life=SMALL, incidents=[Incident.parse("no-data:cases@2h+4h")])
    times = [when for topic, _, _, when in planned.events() if topic == "cases"]
    assert not [when for when in times if START + 2 * HOUR <= when < START + 6 * HOUR]
    assert times.count(START + 6 * HOUR) > 10


@pytest.mark.parametrize(
    ("text", "length"), [("90", 90_000), ("1.5h", 5_400_000), ("1h30m", 5_400_000), ("-5m", -300_000), ("250ms", 250)]
)
def test_lengths_of_time_are_read(text: str, length: int) -> None:
    assert milliseconds(text) == length


@pytest.mark.parametrize("text", ["", "5 m", "m", "backlog-surge", "flood@5m", "no-data:weather@1m", "silent-fleet@x"])
def test_what_is_no_incident_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Incident.parse(text)


def test_a_publisher_that_was_stopped_catches_up_without_a_burst() -> None:
    pacer = Pacer(0, speed=2.0)
    assert [pacer.due(second / 50) for second in range(3)] == [0, 40, 80]
    late = [pacer.due(10 + tick * TICK_SECONDS) for tick in range(400)]
    assert max(after - before for before, after in pairwise(late)) <= 2.0 * 4 * 20 + 1
    assert late[-1] == int((10 + 399 * TICK_SECONDS) * 2000)


def test_a_limit_lets_no_more_through_than_its_share() -> None:
    assert allowance(1000, 1.0, 990) == 10
    assert allowance(1000, 1.0, 1000) == 0
    assert allowance(1000, 60.0, 0) == 51


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def put(self, records: Iterable[Record]) -> None:
        self.records += records

    async def flush(self) -> None:
        pass


async def test_publishing_gives_out_the_whole_plan_in_order() -> None:
    sink = Kept()
    progress = await publish(plan(2, START, 6 * HOUR, life=SMALL, backfill_ms=DAY), sink, speed=0)
    assert sink.records == list(plan(2, START, 6 * HOUR, life=SMALL, backfill_ms=DAY).events())
    assert progress.sent == len(sink.records)
    assert not progress.stopped


async def test_a_stopped_publisher_knows_the_truth_of_what_it_sent() -> None:
    planned, sink, stop = (
        plan(2, START, None, life=replace(LIVE, rate=100.0), faults=LIVE_FAULTS),
        Kept(),
        asyncio.Event(),
    )
    asyncio.get_running_loop().call_later(0.5, stop.set)
    progress = await publish(planned, sink, speed=60, stop=stop)
    assert progress.stopped
    assert sum(planned.sent.values()) == len(sink.records)
    core = Core(planned.rules)
    core.take(sink.records)
    assert core.numbers(progress.now_ms) == Truth(planned).at(progress.now_ms)
    line = msgspec.json.decode(next(statements(planned, 0)))
    assert sum(one["count"] for one in line["input"]["sent"]) == progress.sent
    assert len(line["series"]) == len(Truth(planned).at(line["from_ms"], progress.now_ms))
