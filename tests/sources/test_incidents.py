"""Incidents: the core agrees with the plan's truth under each, each does what it says, and all else stays as it was."""

from collections import Counter

import pytest

from stream_app.domain.fold import Outcome
from stream_app.sources.simulate.incidents import KINDS, Incident, Span
from stream_app.sources.simulate.plan import Plan, Record, plan
from stream_app.sources.simulate.things import DAY, HOUR
from stream_app.sources.simulate.truth import Truth
from tests.sources.test_simulate import RULES, SMALL, START, Core

pytestmark = pytest.mark.slow

BEGIN, END = START + 6 * HOUR, START + 14 * HOUR


def planned(kind: str | None, *, keep: bool = True) -> Plan:
    incidents = [] if kind is None else [Incident(kind, 6 * HOUR, 8 * HOUR)]
    return plan(4, START, 2 * DAY, life=SMALL, incidents=incidents, rules=RULES, backfill_ms=DAY, keep=keep)


@pytest.mark.parametrize("kind", KINDS)
def test_the_core_agrees_with_the_truth_under_every_incident(kind: str) -> None:
    one = planned(kind)
    core, truth = Core(RULES), Truth(one)
    for hour in (5, 8, 13, 20, 47):
        now = START + hour * HOUR
        core.take(one.due(now))
        assert core.numbers(now) == truth.at(now)
        assert core.rejects == truth.input(now).rejects
        assert core.count(Outcome.DUPLICATE) == truth.input(now).duplicates


@pytest.mark.parametrize("kind", KINDS)
def test_an_incident_is_stated_before_anything_is_serialised(kind: str) -> None:
    one = planned(kind)
    target = {"product": "controller", "topic": KINDS[kind].usual, "": ""}[KINDS[kind].subject]
    assert one.incidents == (Span(BEGIN, END, kind, target),)
    assert not one.sent


def test_a_plan_without_incidents_states_none() -> None:
    assert planned(None).incidents == ()


def sent(kind: str | None) -> list[Record]:
    return list(planned(kind, keep=False).events())


@pytest.fixture(scope="module")
def quiet() -> list[Record]:
    return sent(None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith(("worker", "unowned"))])
def test_an_incident_changes_what_is_published_and_not_before_it_begins(kind: str, quiet: list[Record]) -> None:
    found = sent(kind)
    assert Counter(found) != Counter(quiet)

    def before(records: list[Record]) -> Counter[Record]:
        return Counter(record for record in records if record[3] < BEGIN)

    assert before(found) == before(quiet)


@pytest.mark.parametrize("kind", ["worker-down", "worker-slow", "unowned"])
def test_what_befalls_a_worker_changes_nothing_that_is_published(kind: str, quiet: list[Record]) -> None:
    assert sent(kind) == quiet


def total(kind: str | None, at: int, name: str, *labels: str) -> float:
    numbers = Truth(planned(kind)).at(at)
    return sum(value for (found, values), value in numbers.items() if found == name and set(labels) <= set(values))


HIT = {
    "backlog-surge": (END, "support_cases_open", ["p1"], 20.0),
    "staff-shortage": (END, "support_cases_awaiting_reply", [], 1.5),
    "replies-slow": (END, "support_cases_awaiting_reply", [], 1.5),
    "reopen-wave": (END, "support_cases_reopened", ["24h"], 3.0),
    "escalation-wave": (END, "support_cases_open", ["escalated"], 2.0),
    "handoff-wave": (START + 2 * DAY - 1, "support_cases_solved_handoffs", ["7d"], 2.0),
    "calls-dropped": (END, "support_contact_attempts", ["24h", "abandoned"], 5.0),
    "csat-collapse": (END, "support_survey_responses", ["24h", "csat", "overall", "dissatisfied"], 2.0),
    "fault-storm": (END - HOUR, "support_device_faults_active", ["controller", "critical"], 5.0),
    "silent-fleet": (END, "support_devices", ["controller", "silent"], 5.0),
    "late-fleet": (END, "support_devices", ["controller", "late"], 3.0),
}


@pytest.mark.parametrize("kind", HIT)
def test_an_incident_moves_the_number_it_is_about(kind: str) -> None:
    at, name, labels, times = HIT[kind]
    assert total(kind, at, name, *labels) >= times * max(total(None, at, name, *labels), 1)


def test_while_surveys_are_lost_nobody_answers() -> None:
    assert total("survey-silence", END, "support_survey_responses", "1h") == 0
    assert total(None, END, "support_survey_responses", "24h") > 3


def test_nine_of_ten_events_of_a_bad_publisher_are_unusable() -> None:
    one = planned("bad-records")
    given, steps = Truth(one).input(END), Counter[bool]()
    for thing in one.things:
        if thing.topic == "cases":
            steps.update(step.published < END for step in thing.steps if BEGIN <= step.at < END)
    assert sum(given.rejects.values()) == pytest.approx(0.9 * steps.total(), rel=0.2)
    assert steps[False] > 5 * steps[True]


def test_an_incident_without_a_subject_has_no_target() -> None:
    with pytest.raises(ValueError, match="has no target"):
        Incident.parse("staff-shortage:gateway@1h")
