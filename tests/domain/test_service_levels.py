"""Promises to customers, one case at a time: Friday evenings, changes of the clocks, holidays, pauses, reopenings."""

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from stream_app.catalogue import read_all
from stream_app.codec import Event
from stream_app.domain.cases.state import Case
from stream_app.domain.cases.targets import clocks
from stream_app.domain.rules import Rules
from stream_app.domain.service_levels import Policy, ServiceLevels, Target
from stream_app.pipeline import AREAS, Partition
from stream_app.service_levels.hours import calendar, holidays
from tests.events.making import HOUR, MINUTE
from tests.generators import encoded
from tests.promises import business, elapsed

OFFICE = {day: [(9 * 60, 17 * 60)] for day in ("mon", "tue", "wed", "thu", "fri")}
BERLIN = calendar("Europe/Berlin", OFFICE, holidays("DE", "BE"))

Said = tuple[str, str, dict[str, Any]]
"""When on the clocks of Berlin, kind, fields."""


def at(local: str) -> int:
    """`2024-03-28 16:00+01:00` as ms."""
    return int(datetime.fromisoformat(local).timestamp() * 1000)


def rules(*policies: Policy, priority: str = "p1", more: dict[str, Policy] | None = None) -> Rules:
    found = {("premium", priority): policies, **{("premium", p): (policy,) for p, policy in (more or {}).items()}}
    return Rules(levels=ServiceLevels(found, {"emea": BERLIN}))


def only(target: str, promised: Target, since: int = 0) -> Policy:
    targets: dict[str, Any] = {target: promised}
    return Policy(since, **targets)


def says(when: str, kind: str, **fields: Any) -> Said:
    return (when, kind, fields)


def told(promised: Rules, *said: Said, by: str = "customer", priority: str = "p1") -> Partition:
    """The partition that was told of one case. The first thing said is its creation."""
    partition = Partition(promised)
    codec = AREAS["cases"].codec()
    opened = {"by": by, "priority": priority, "tier": "premium", "region": "emea", "team": "network"}
    for offset, (when, kind, fields) in enumerate(said):
        event = {
            "event_id": f"e{offset}", "kind": kind, "at": at(when), "account": "a", "source": "t", "case": "c",
            **(opened if kind == "created" else {}), **fields,
        }  # fmt: skip
        decoded = codec.decode(encoded(event), offset, 1 << 60)
        assert isinstance(decoded, Event), decoded
        partition.absorb(AREAS["cases"], [decoded])
    return partition


def counted(partition: Partition, when: str, window: str = "30d") -> dict[tuple[str, ...], float]:
    """What the numbers of service levels say: metric without its prefix, then labels; of windows one.

    Nobody is said to have delivered these cases: what is judged by who did is what is judged. What is due of a case
    nobody has is what is due; of one that was given to somebody nothing is.
    """
    found = {
        (name.removeprefix("support_sla_"), *(label for label in labels if label != window)): value
        for (name, labels), value in read_all([partition.board], at(when), partition.rules).items()
        if name.startswith("support_sla_")
        and value
        and (not name.startswith("support_sla_cases") or labels[0] == window)
    }
    delivered = {labels[1:]: found.pop(labels) for labels in list(found) if labels[0] == "cases_by_delivery"}
    every = Counter[tuple[str, ...]]()
    for (series, target, *_, outcome), value in found.items():
        if series == "cases":
            every[target, "unknown", outcome] += int(value)
    assert delivered == every
    nobodys = {labels[1:]: found.pop(labels) for labels in list(found) if labels[0] == "due_unassigned"}
    soon = Counter[tuple[str, ...]]()
    for (series, *of), value in found.items():
        if series == "due":
            soon[of[0], of[1], of[3]] += int(value)
    states = [row.state for row in partition.rows["cases"].values()]
    assert nobodys == ({} if any(state is not None and state.assigned for state in states) else soon)
    return found


def judged(partition: Partition, when: str) -> set[tuple[str, str]]:
    """(target, outcome) of what was met or breached."""
    return {(labels[1], labels[4]) for labels in counted(partition, when) if labels[0] == "cases"}


def clock(partition: Partition, when: str) -> set[tuple[str, str]]:
    """(target, what its clock does) of what is open."""
    return {(labels[1], labels[2]) for labels in counted(partition, when) if labels[0] == "open"}


def test_friday_evening_to_monday() -> None:
    """Half an hour of the hour that was promised passes on Friday, the other on Monday."""
    promised = rules(only("first_response", business(HOUR)))
    case = told(promised, says("2024-06-07 16:30+02:00", "created"))
    assert judged(case, "2024-06-10 09:29+02:00") == set()
    assert clock(case, "2024-06-08 12:00+02:00") == {("first_response", "running")}
    assert counted(case, "2024-06-10 09:15+02:00")["due", "first_response", "15m", "premium", "p1"] == 1
    assert ("due", "first_response", "15m", "premium", "p1") not in counted(case, "2024-06-10 09:14+02:00")
    assert judged(case, "2024-06-10 09:30+02:00") == {("first_response", "breached")}
    assert counted(case, "2024-06-10 09:30+02:00")["breached_open", "network", "p1"] == 1
    answered = says("2024-06-10 09:30+02:00", "replied", by="agent")
    late = says("2024-06-10 09:30:01+02:00", "replied", by="agent")
    created = says("2024-06-07 16:30+02:00", "created")
    assert judged(told(promised, created, answered), "2024-06-10 12:00+02:00") == {("first_response", "met")}
    assert judged(told(promised, created, late), "2024-06-10 12:00+02:00") == {("first_response", "breached")}
    assert clock(told(promised, created, late), "2024-06-10 12:00+02:00") == set()


def test_a_breach_is_counted_in_the_minute_of_its_deadline() -> None:
    promised = rules(only("resolution", elapsed(HOUR)))
    case = told(promised, says("2024-06-07 10:00+02:00", "created"), says("2024-06-07 14:00+02:00", "solved"))

    def found(when: str) -> bool:
        return ("cases", "resolution", "premium", "p1", "breached") in counted(case, when, "15m")

    assert [found(f"2024-06-07 {time}+02:00") for time in ("10:59", "11:00", "11:14", "11:15", "14:00")] == [
        False, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("created", "deadline"),
    [
        ("2024-03-29 22:00+01:00", "2024-03-30 22:00+01:00"),  # Saturday before the clocks are put forward
        ("2024-03-30 22:00+01:00", "2024-03-31 23:00+02:00"),  # the day that has 23 hours
        ("2024-10-26 22:00+02:00", "2024-10-27 21:00+01:00"),  # the day that has 25
    ],
)
def test_elapsed_time_knows_no_change_of_the_clocks(created: str, deadline: str) -> None:
    case = told(rules(only("resolution", elapsed(24 * HOUR))), says(created, "created"))
    before = datetime.fromtimestamp(at(deadline) / 1000 - 60).astimezone().isoformat()
    assert judged(case, before) == set()
    assert judged(case, deadline) == {("resolution", "breached")}


@pytest.mark.parametrize(
    ("created", "deadline"),
    [
        ("2024-03-22 16:00+01:00", "2024-03-25 12:00+01:00"),  # a weekend like any other
        ("2025-03-28 16:00+01:00", "2025-03-31 12:00+02:00"),  # in spring, the clocks put forward on Sunday
        ("2024-10-25 16:00+02:00", "2024-10-28 12:00+01:00"),  # in autumn, put back
    ],
)
def test_an_office_opens_at_nine_on_both_sides_of_a_change_of_the_clocks(created: str, deadline: str) -> None:
    case = told(rules(only("resolution", business(4 * HOUR))), says(created, "created"))
    before = datetime.fromtimestamp(at(deadline) / 1000 - 60).astimezone().isoformat()
    assert judged(case, before) == set()
    assert judged(case, deadline) == {("resolution", "breached")}


def test_a_pause_over_a_holiday() -> None:
    """Waiting from Thursday noon before Good Friday until Tuesday after Easter Monday pauses five open hours."""
    promised = rules(only("resolution", business(8 * HOUR)))
    created, waiting = (
        says("2024-03-28 10:00+01:00", "created"),
        says("2024-03-28 12:00+01:00", "waiting", on="customer"),
    )
    case = told(promised, created, waiting)
    assert clock(case, "2024-04-02 10:00+02:00") == {("resolution", "paused")}
    resumed = says("2024-04-02 11:00+02:00", "resumed")
    case = told(promised, created, waiting, resumed)
    assert clock(case, "2024-04-02 16:59+02:00") == {("resolution", "running")}, (
        "two hours on Thursday, six from eleven"
    )
    assert judged(case, "2024-04-02 17:00+02:00") == {("resolution", "breached")}
    assert judged(told(promised, created), "2024-04-02 10:00+02:00") == {("resolution", "breached")}, "else on Tuesday"
    assert judged(told(promised, created), "2024-04-02 09:59+02:00") == set()


def test_no_breach_while_paused() -> None:
    promised = rules(only("resolution", elapsed(HOUR)))
    created, waiting = (
        says("2024-06-03 10:00+02:00", "created"),
        says("2024-06-03 10:30+02:00", "waiting", on="customer"),
    )
    case = told(promised, created, waiting)
    for later in ("2024-06-03 11:00+02:00", "2024-06-30 11:00+02:00"):
        assert judged(case, later) == set()
        assert counted(case, later) == {("open", "resolution", "paused"): 1}
    vendor = told(promised, created, says("2024-06-03 10:30+02:00", "waiting", on="vendor"))
    assert judged(vendor, "2024-06-03 11:00+02:00") == {("resolution", "breached")}
    again = told(promised, created, waiting, says("2024-06-03 18:00+02:00", "resumed"))
    assert judged(again, "2024-06-03 18:29+02:00") == set()
    assert judged(again, "2024-06-03 18:30+02:00") == {("resolution", "breached")}


def test_a_breach_that_came_before_a_pause_stays_a_breach() -> None:
    promised = rules(only("resolution", elapsed(HOUR)))
    case = told(
        promised, says("2024-06-03 10:00+02:00", "created"), says("2024-06-03 12:00+02:00", "waiting", on="customer")
    )
    assert clock(case, "2024-06-03 13:00+02:00") == {("resolution", "breached")}


def test_reopened_after_a_breach() -> None:
    promised = rules(only("resolution", elapsed(HOUR)))
    created, solved = says("2024-06-03 10:00+02:00", "created"), says("2024-06-03 12:00+02:00", "solved")
    reopened = says("2024-06-05 10:00+02:00", "reopened")
    case = told(promised, created, solved)
    assert counted(case, "2024-06-04 10:00+02:00") == {("cases", "resolution", "premium", "p1", "breached"): 1}
    case = told(promised, created, solved, reopened)
    assert counted(case, "2024-06-05 11:00+02:00") == {
        ("cases", "resolution", "premium", "p1", "breached"): 1,
        ("open", "resolution", "breached"): 1,
        ("breached_open", "network", "p1"): 1,
    }
    case = told(promised, created, solved, reopened, says("2024-06-05 10:05+02:00", "solved"))
    assert counted(case, "2024-06-05 11:00+02:00") == {("cases", "resolution", "premium", "p1", "breached"): 1}, "once"


def test_reopened_after_it_was_met() -> None:
    """The met resolution leaves; what is left of the time runs on from the reopening."""
    promised = rules(only("resolution", elapsed(HOUR)))
    created, solved = says("2024-06-03 10:00+02:00", "created"), says("2024-06-03 10:40+02:00", "solved")
    assert judged(told(promised, created, solved), "2024-06-04 10:00+02:00") == {("resolution", "met")}
    case = told(promised, created, solved, says("2024-06-05 10:00+02:00", "reopened"))
    assert judged(case, "2024-06-05 10:19+02:00") == set()
    assert judged(case, "2024-06-05 10:20+02:00") == {("resolution", "breached")}


def test_priority_raised() -> None:
    """The new target counts from the creation; a stop keeps the priority it was judged by."""
    week = Policy(0, elapsed(8 * HOUR), None, elapsed(168 * HOUR))
    promised = rules(Policy(0, elapsed(15 * MINUTE), None, elapsed(4 * HOUR)), more={"p3": week})
    created, answered = (
        says("2024-06-03 10:00+02:00", "created"),
        says("2024-06-03 11:00+02:00", "replied", by="agent"),
    )
    raised = says("2024-06-03 16:00+02:00", "priority_changed", priority="p1")
    before = told(promised, created, answered, priority="p3")
    assert counted(before, "2024-06-03 15:00+02:00") == {
        ("cases", "first_response", "premium", "p3", "met"): 1,
        ("open", "resolution", "running"): 1,
    }
    after = told(promised, created, answered, raised, priority="p3")
    assert counted(after, "2024-06-03 16:00+02:00") == {
        ("cases", "first_response", "premium", "p3", "met"): 1,
        ("cases", "resolution", "premium", "p1", "breached"): 1,
        ("open", "resolution", "breached"): 1,
        ("breached_open", "network", "p1"): 1,
    }
    assert ("cases", "resolution", "premium", "p1", "breached") not in counted(after, "2024-06-03 16:00+02:00", "1h")
    assert ("cases", "resolution", "premium", "p1", "breached") in counted(after, "2024-06-03 14:30+02:00", "1h")
    solved = says("2024-06-03 13:00+02:00", "solved")
    case = told(promised, created, answered, solved, raised, priority="p3")
    assert judged(case, "2024-06-03 18:00+02:00") == {("first_response", "met"), ("resolution", "met")}


def test_a_policy_edited_holds_for_cases_created_from_then_on() -> None:
    promised = rules(
        only("resolution", elapsed(8 * HOUR)),
        only("resolution", elapsed(HOUR), at("2024-06-03 12:00+02:00")),
        Policy(at("2024-06-10 00:00+02:00")),
    )
    old = told(promised, says("2024-06-03 11:59+02:00", "created"))
    new = told(promised, says("2024-06-03 12:00+02:00", "created"))
    none = told(promised, says("2024-06-10 00:00+02:00", "created"))
    assert judged(old, "2024-06-03 13:00+02:00") == set()
    assert judged(new, "2024-06-03 13:00+02:00") == {("resolution", "breached")}
    assert judged(old, "2024-06-03 19:59+02:00") == {("resolution", "breached")}
    assert counted(none, "2024-06-30 00:00+02:00") == {}


def test_each_later_question_is_a_promise_of_its_own() -> None:
    promised = rules(only("next_response", elapsed(HOUR)))
    created, first = says("2024-06-03 10:00+02:00", "created"), says("2024-06-03 18:00+02:00", "replied", by="agent")
    asked = [says(f"2024-06-03 {time}+02:00", "replied", by="customer") for time in ("18:10", "18:30", "20:00")]
    answers = [says(f"2024-06-03 {time}+02:00", "replied", by="agent") for time in ("19:10", "21:00:01")]
    case = told(promised, created, first, asked[0], asked[1], answers[0], asked[2])
    assert counted(case, "2024-06-03 20:00+02:00") == {
        ("cases", "next_response", "premium", "p1", "met"): 1,
        ("open", "next_response", "running"): 1,
        ("due", "next_response", "1h", "premium", "p1"): 1,
        ("due", "next_response", "4h", "premium", "p1"): 1,
        ("due", "next_response", "24h", "premium", "p1"): 1,
    }
    case = told(promised, created, first, asked[0], asked[1], answers[0], asked[2], answers[1])
    assert judged(case, "2024-06-03 22:00+02:00") == {("next_response", "met"), ("next_response", "breached")}


ENGINEERING = rules(only("engineering", elapsed(2 * HOUR)))
CREATED = says("2024-06-03 08:00+02:00", "created")
HANDED_ON = says("2024-06-03 10:00+02:00", "escalated", to="engineering")


def test_engineering_is_judged_from_its_first_escalation_to_a_solve_or_to_leaving_it() -> None:
    assert counted(told(ENGINEERING, CREATED), "2024-06-03 20:00+02:00") == {}, "never there"
    case = told(ENGINEERING, CREATED, HANDED_ON, says("2024-06-03 11:00+02:00", "escalated", to="engineering"))
    assert counted(case, "2024-06-03 11:30+02:00") == {
        ("open", "engineering", "running"): 1,
        ("due", "engineering", "1h", "premium", "p1"): 1,
        ("due", "engineering", "4h", "premium", "p1"): 1,
        ("due", "engineering", "24h", "premium", "p1"): 1,
    }
    assert counted(case, "2024-06-03 12:00+02:00") == {
        ("cases", "engineering", "premium", "p1", "breached"): 1,
        ("open", "engineering", "breached"): 1,
        ("breached_open", "network", "p1"): 1,
    }
    for kind, fields in (("solved", {}), ("escalated", {"to": "vendor"}), ("escalated", {})):
        in_time, late = (says(f"2024-06-03 12:00:0{s}+02:00", kind, **fields) for s in (0, 1))
        assert judged(told(ENGINEERING, CREATED, HANDED_ON, in_time), "2024-06-04 10:00+02:00") == {
            ("engineering", "met")
        }
        assert counted(told(ENGINEERING, CREATED, HANDED_ON, late), "2024-06-04 10:00+02:00") == {
            ("cases", "engineering", "premium", "p1", "breached"): 1
        }
    assigned = says("2024-06-03 11:00+02:00", "assigned", team="storage")
    assert clock(told(ENGINEERING, CREATED, HANDED_ON, assigned), "2024-06-03 11:30+02:00") == {
        ("engineering", "running")
    }


def test_what_engineering_met_stays_met() -> None:
    solved, reopened = says("2024-06-03 11:00+02:00", "solved"), says("2024-06-04 10:00+02:00", "reopened")
    again = says("2024-06-04 11:00+02:00", "escalated", to="engineering")
    assert counted(told(ENGINEERING, CREATED, HANDED_ON, solved, reopened, again), "2024-06-05 10:00+02:00") == {
        ("cases", "engineering", "premium", "p1", "met"): 1
    }


def test_a_case_closed_unsolved_leaves_engineering_when_it_is_reopened() -> None:
    closed, reopened = says("2024-06-03 11:30+02:00", "closed"), says("2024-06-05 10:00+02:00", "reopened")
    assert counted(told(ENGINEERING, CREATED, HANDED_ON, closed), "2024-06-05 09:00+02:00") == {}
    again = told(ENGINEERING, CREATED, HANDED_ON, closed, reopened)
    assert counted(again, "2024-06-06 10:00+02:00") == {("cases", "engineering", "premium", "p1", "met"): 1}
    late = says("2024-06-03 12:30+02:00", "closed")
    for story in ((late,), (late, reopened)):
        assert judged(told(ENGINEERING, CREATED, HANDED_ON, *story), "2024-06-06 10:00+02:00") == {
            ("engineering", "breached")
        }


def test_engineering_waits_for_the_customer_like_anybody_else() -> None:
    waits, goes_on = says("2024-06-03 11:00+02:00", "waiting", on="customer"), says("2024-06-03 15:00+02:00", "resumed")
    assert clock(told(ENGINEERING, CREATED, HANDED_ON, waits), "2024-06-03 14:00+02:00") == {("engineering", "paused")}
    case = told(ENGINEERING, CREATED, HANDED_ON, waits, goes_on)
    assert judged(case, "2024-06-03 15:59+02:00") == set()
    assert judged(case, "2024-06-03 16:00+02:00") == {("engineering", "breached")}


def test_engineering_is_judged_by_the_priority_at_its_stop() -> None:
    promised = rules(only("engineering", elapsed(2 * HOUR)), more={"p2": only("engineering", elapsed(8 * HOUR))})
    lowered = says("2024-06-03 11:00+02:00", "priority_changed", priority="p2")
    left = says("2024-06-03 14:00+02:00", "escalated", to="tier")
    raised = says("2024-06-03 15:00+02:00", "priority_changed", priority="p1")
    assert counted(told(promised, CREATED, HANDED_ON, lowered, left, raised), "2024-06-04 10:00+02:00") == {
        ("cases", "engineering", "premium", "p2", "met"): 1
    }


SNAPSHOT = {"by": "customer", "priority": "p1", "tier": "premium", "region": "emea", "team": "network"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"state": "escalated", "escalated_to": "engineering"}, {("engineering", "breached")}),
        ({"state": "escalated", "escalated_to": "engineering", "until": "11:00"}, {("engineering", "met")}),
        ({"state": "escalated", "escalated_to": "vendor", "until": "12:30"}, {("engineering", "breached")}),
        ({"state": "escalated", "escalated_to": "vendor"}, set()),
        ({"state": "open"}, set()),
        ({"state": "open", "escalated_to": "engineering"}, set()),
        ({"state": "open", "until": "11:00"}, {("engineering", "met")}),
        ({"state": "open", "escalated_to": "engineering", "first": "11:00"}, {("engineering", "met")}),
        ({"state": "solved", "escalated_to": "engineering", "solved": "12:30"}, {("engineering", "breached")}),
        ({"state": "solved", "escalated_to": "engineering", "first": "09:00", "solved": "11:00"},
            {("engineering", "met")}),
        ({"state": "solved", "escalated_to": "engineering", "first": "11:00", "solved": "12:30"},
            {("engineering", "met")}),
        ({"state": "solved", "escalated_to": "tier", "solved": "11:00"}, set()),
    ],
)  # fmt: skip
def test_a_snapshot_says_how_long_engineering_had_a_case(said: dict[str, str], found: set[tuple[str, str]]) -> None:
    times = {"until": "engineering_until", "first": "first_solved_at", "solved": "solved_at"}
    fields = {times.get(name, name): at(f"2024-06-03 {v}+02:00") if name in times else v for name, v in said.items()}
    since = {"created_at": at("2024-06-03 08:00+02:00"), "engineering_at": at("2024-06-03 10:00+02:00")}
    case = told(ENGINEERING, says("2024-06-03 13:00+02:00", "snapshot", **SNAPSHOT, **since, **fields))
    assert judged(case, "2024-06-04 10:00+02:00") == found
    left = says("2024-06-03 14:00+02:00", "escalated", to="tier")
    later = told(ENGINEERING, says("2024-06-03 13:00+02:00", "snapshot", **SNAPSHOT, **since, **fields), left)
    assert judged(later, "2024-06-04 10:00+02:00") == found, "the first time it left counts"


def test_rows_that_do_not_say_when_a_case_left_engineering_are_not_judged_by_it() -> None:
    """As programs wrote them that did not keep it."""
    left = Case(created=at("2024-06-03 08:00+02:00"), fixing=at("2024-06-03 10:00+02:00"))
    assert "engineering" not in {target for target, *_ in clocks(left)}


def test_what_is_not_promised_counts_nowhere() -> None:
    promised = rules(only("first_response", elapsed(HOUR)))
    assert (
        counted(told(promised, says("2024-06-03 10:00+02:00", "created", tier="basic")), "2024-06-30 10:00+02:00") == {}
    )
    own = told(promised, says("2024-06-03 10:00+02:00", "created"), by="agent")
    assert counted(own, "2024-06-30 10:00+02:00") == {}, "an agent's own case waits for no first response"
    closed = told(promised, says("2024-06-03 10:00+02:00", "created"), says("2024-06-03 10:30+02:00", "closed"))
    assert counted(closed, "2024-06-30 10:00+02:00") == {}, "nobody waits for an answer any more"


def test_history_before_an_instant_counts_nowhere() -> None:
    promised = rules(only("resolution", elapsed(HOUR)))
    since = Rules(levels=ServiceLevels(promised.levels.policies, {}, at("2024-06-03 11:30+02:00")))
    created = says("2024-06-03 10:00+02:00", "created")
    assert counted(told(since, created), "2024-06-04 10:00+02:00") == {}
    assert counted(told(since, created, says("2024-06-03 10:30+02:00", "solved")), "2024-06-04 10:00+02:00") == {}
    assert judged(told(since, says("2024-06-03 10:40+02:00", "created")), "2024-06-04 10:00+02:00") == {
        ("resolution", "breached")
    }


def test_history_of_long_ago_is_in_no_window_that_pages() -> None:
    case = told(rules(only("resolution", elapsed(HOUR))), says("2019-06-03 10:00+02:00", "created"))
    found = counted(case, "2024-06-03 10:00+02:00")
    assert found == {("open", "resolution", "breached"): 1, ("breached_open", "network", "p1"): 1}


def test_the_business_clock_counts_opening_hours() -> None:
    case = told(
        rules(), says("2024-06-07 16:30+02:00", "created"), says("2024-06-10 09:30+02:00", "replied", by="agent"),
        says("2024-06-10 10:00+02:00", "solved"),
    )  # fmt: skip
    found = read_all([case.board], at("2024-06-10 12:00+02:00"), case.rules)
    assert found["support_case_first_response_seconds_gsum", ("24h", "business", "p1")] == 3_600
    assert found["support_case_resolution_seconds_gsum", ("24h", "full", "business", "p1")] == 5_400
    always = told(
        rules(), says("2024-06-10 08:00+02:00", "created", region="apac"), says("2024-06-10 10:00+02:00", "solved")
    )
    found = read_all([always.board], at("2024-06-10 12:00+02:00"), always.rules)
    assert found["support_case_resolution_seconds_gsum", ("24h", "full", "business", "p1")] == 7_200
