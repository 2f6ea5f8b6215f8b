"""The truth of who worked on cases, what was recorded of them, attempts to reach support, and what machines did."""

from collections.abc import Iterable

from stream_app.domain.rules import Rules
from stream_app.domain.words import ATTEMPTS, AUTOMATED, AUTOMATION, CHANNELS, COLLABORATORS
from stream_app.sources.simulate.numbers import Numbers, word_of
from stream_app.sources.simulate.standing import Standing
from stream_app.sources.simulate.things import MINUTE, Step


def worked_on(numbers: Numbers, case: Standing, solve: int, rules: Rules) -> None:
    """What a case that stays solved counts in by who worked on it."""
    length = solve - (case.created or 0)
    path = "first_contact" if case.contact(solve) == "first" else case.path
    numbers.lasted("support_case_resolution_by_path_seconds", solve, length, path)
    delivered_by = word_of(case.delivered_by, rules.partners)
    numbers.lasted("support_case_resolution_by_delivery_seconds", solve, length, delivered_by)
    tier = word_of(case.opened.get("tier"), rules.tiers)
    numbers.lasted("support_case_resolution_by_tier_seconds", solve, length, tier)
    often = {"support_cases_solved_handoffs": case.handoffs, "support_cases_solved_reassignments": case.reassignments}
    for name, times in often.items():
        if times:
            numbers.happened(name, solve, ("one", "two", "multi")[min(times, 3) - 1])
    helpers = {word_of(who, COLLABORATORS) for who, _ in case.helpers}
    for who in helpers:
        numbers.happened("support_cases_solved_collaborated_with", solve, who)
    if "vendor" in helpers:
        agreed = {True: "yes", False: "no", None: "unknown"}[case.vendor_authorised]
        numbers.happened("support_cases_solved_vendor", solve, agreed)
    if case.effort is not None:
        numbers.lasted("support_case_effort_seconds", solve, case.effort * MINUTE, path)
    if case.fixing is not None:
        numbers.lasted("support_case_engineering_seconds", solve, solve - case.fixing)


def recorded(numbers: Numbers, case: Standing, solve: int) -> None:
    """What a case that stays solved counts in by what was recorded of it."""
    numbers.counted("support_case_customer_interactions", solve, case.spoken(solve))
    if case.rounds:
        numbers.counted("support_case_information_rounds", solve, case.rounds)
    if case.recorded is not None:
        numbers.happened("support_cases_solved_recorded", solve, "yes" if case.recorded else "no")
    if case.topic:
        numbers.happened("support_cases_solved_known", solve, "no" if case.topic_made else "yes")
        numbers.happened("support_known_topic_cases_top", solve, case.topic)
    if case.knowledge:
        numbers.happened("support_cases_solved_knowledge", solve, case.knowledge)


def attempts(numbers: Numbers, steps: Iterable[Step], channel: str) -> None:
    """The attempts to reach support; channel: that of the case."""
    for step in steps:
        if step.kind == "contact_attempt":
            said = step.fields
            where = word_of(said["channel"], CHANNELS) if said.get("channel") else channel
            numbers.happened("support_contact_attempts", step.at, where, word_of(said["outcome"], ATTEMPTS))
            if "wait_ms" in said:
                numbers.lasted("support_contact_wait_seconds", step.at, said["wait_ms"], where)


def machines(numbers: Numbers, steps: Iterable[Step], *, moved: bool) -> None:
    """What machines did; moved: the case went to another team or agent."""
    for step in steps:
        if step.kind == "automation":
            what, came_to = step.fields["step"], word_of(step.fields.get("outcome"), AUTOMATED)
            came_to = "reassigned" if moved and what == "routed" else came_to
            numbers.happened("support_case_automation", step.at, word_of(what, AUTOMATION), came_to)
