"""Boards with every label value the catalogue has, filled at random."""

from itertools import product
from random import Random
from typing import Final

from stream_app.catalogue import METRICS, Scope
from stream_app.catalogue.support import health
from stream_app.domain.board import Board, Labels
from stream_app.domain.health.tiers import stamp
from stream_app.domain.health.words import HOUR_MS, KNOWN, NOTHING, POINTS, open_case
from stream_app.domain.rules import Rules
from stream_app.domain.words import COUNT_BOUNDS, DURATION_BOUNDS, MINUTE_MS, PRIORITIES
from stream_app.pipeline import spans

NOW_MS: Final = 1_700_000_000_000
_NOW: Final = NOW_MS // MINUTE_MS

LEVELS: Final = {
    "cases_open": "support_cases_open",
    "cases_open_by_team": "support_cases_open_by_team",
    "cases_unassigned": "support_cases_unassigned",
    "sla_paused": "support_sla_open",
    "devices_retired": "support_devices",
    "device_faults_active": "support_device_faults_active",
    "devices_in_outage": "support_devices_in_outage",
    "customers_with_devices": "support_customers_with_devices",
    "devices_by_version:any": "support_devices_by_version",
    "devices_by_release": "support_devices_by_release",
    "proactive_candidates": "support_proactive_candidates",
    "rows_incomplete": "stream_app_rows_incomplete",
}
"""Series of plain counts -> the metric whose labels it has."""

TALLIES: Final = {
    "cases_open_age": "support_cases_open_age_seconds",
    "cases_awaiting_reply_age": "support_cases_awaiting_reply_age_seconds",
    "cases_opened": "support_cases_opened",
    "cases_opened_by_issue": "support_cases_opened_by_issue",
    "cases_opened_by_access": "support_cases_opened_by_access",
    "cases_opened_by_product": "support_cases_opened_by_product",
    "cases_opened_by_region": "support_cases_opened_by_region",
    "cases_opened_by_priority": "support_cases_opened_by_priority",
    "cases_opened_complete": "support_cases_opened_complete",
    "interactions": "support_interactions",
    "cases_solved_handoffs": "support_cases_solved_handoffs",
    "cases_solved_reassignments": "support_cases_solved_reassignments",
    "cases_solved_collaborated_with": "support_cases_solved_collaborated_with",
    "cases_solved_vendor": "support_cases_solved_vendor",
    "cases_merged": "support_cases_merged",
    "contact_attempts": "support_contact_attempts",
    "contact_wait": "support_contact_wait_seconds",
    "case_interactions": "support_case_customer_interactions",
    "case_rounds": "support_case_information_rounds",
    "cases_solved_recorded": "support_cases_solved_recorded",
    "cases_solved_known": "support_cases_solved_known",
    "cases_solved_knowledge": "support_cases_solved_knowledge",
    "bug_cases": "support_bug_cases",
    "case_automation": "support_case_automation",
    "cases_untouched": "support_cases_untouched",
    "cases_open_engineering_age": "support_cases_open_engineering_age_seconds",
    "resolution_by_path": "support_case_resolution_by_path_seconds",
    "resolution_by_tier": "support_case_resolution_by_tier_seconds",
    "resolution_by_delivery": "support_case_resolution_by_delivery_seconds",
    "effort": "support_case_effort_seconds",
    "engineering": "support_case_engineering_seconds",
    "cases_solved": "support_cases_solved",
    "cases_solved_escalated": "support_cases_solved_escalated",
    "cases_solved_collaborated": "support_cases_solved_collaborated",
    "cases_next_step_due_age": "support_cases_next_step_due_age_seconds",
    "cases_stuck": "support_cases_stuck",
    "cases_solved_touches": "support_cases_solved_touches",
    "cases_closed_unsolved": "support_cases_closed_unsolved",
    "resolution_by_channel": "support_case_resolution_by_channel_seconds",
    "first_response_by_channel": "support_case_first_response_by_channel_seconds",
    "resolution": "support_case_resolution_seconds",
    "first_response": "support_case_first_response_seconds",
    "cases_reopened": "support_cases_reopened",
    "sla_cases": "support_sla_cases",
    "sla_cases_by_delivery": "support_sla_cases_by_delivery",
    "sla_due": "support_sla_due",
    "sla_due_unassigned": "support_sla_due_unassigned",
    "sla_breached_open": "support_sla_breached_open",
    "surveys_sent": "support_surveys_sent",
    "surveys_sent_by_channel": "support_surveys_sent_by_channel",
    "surveys_sent_by_tier": "support_surveys_sent_by_tier",
    "survey_responses": "support_survey_responses",
    "survey_responses_by_channel": "support_survey_responses_by_channel",
    "survey_responses_by_tier": "support_survey_responses_by_tier",
    "survey_responses_by_delivery": "support_survey_responses_by_delivery",
    "survey_responses_by_path": "support_survey_responses_by_path",
    "dissatisfaction": "support_dissatisfaction",
    "dissatisfied_contacted": "support_dissatisfied_contacted",
    "dissatisfied_awaiting_contact_age": "support_dissatisfied_awaiting_contact_age_seconds",
    "devices_seen": "support_devices",
    "cases_open_silent_device": "support_cases_open_silent_device",
    "device_faults": "support_device_faults",
    "device_faults_ended": "support_device_faults_ended",
    "device_fault_causes": "support_device_fault_causes",
    "device_outages": "support_device_outage_seconds",
    "devices_with_outage": "support_devices_with_outage",
    "customers_with_outage": "support_customers_with_outage",
    "devices_silent_excused": "support_proactive_candidates",
    "cases_reactive_device": "support_cases_reactive_device",
    "missed_signal_lead": "support_case_missed_signal_lead_seconds",
}
"""Series of counts by minute -> the metric whose labels it has, but for the window."""

NAMED: Final = {
    "bug_cases:any": "support_bug_cases_top",
    "known_topic_cases:any": "support_known_topic_cases_top",
}
"""Series of names by minute -> the metric whose labels it has, but for the window."""

ALSO_READ: Final = {
    "support_cases_open_oldest_seconds": "cases_open_age",
    "support_cases_awaiting_reply": "cases_awaiting_reply_age",
    "support_cases_next_step_due": "cases_next_step_due_age",
    "support_dissatisfied_awaiting_contact": "dissatisfied_awaiting_contact_age",
    "support_cases_open_engineering": "cases_open_engineering_age",
    "support_sla_open": "sla_due",
}
"""Metric -> the series it reads besides the metric the series has the labels of."""

OF_ACCOUNTS: Final = frozenset(metric.name for metric in health.METRICS)
"""Metrics that are read from the ledger of accounts."""

_NOT_COUNTED_BY: Final = {
    "devices_seen": {"state"}, "devices_retired": {"state"}, "devices_silent_excused": {"reason"},
    "sla_paused": {"state"}, "sla_due": {"within"}, "sla_due_unassigned": {"within"},
}  # fmt: skip
_COUNTED_BY_WINDOW: Final = {"devices_with_outage", "customers_with_outage"}
_INTERVAL: Final = 15
_BY_LENGTH: Final = {
    "resolution", "first_response", "resolution_by_channel", "first_response_by_channel", "resolution_by_path",
    "resolution_by_delivery", "resolution_by_tier", "effort", "engineering", "contact_wait",
    "missed_signal_lead",
}  # fmt: skip
_BY_NUMBER: Final = {"case_interactions", "case_rounds"}


def combinations(series: str, rules: Rules) -> list[Labels]:
    """Every combination of labels that a series can have."""
    name = {**LEVELS, **TALLIES, **NAMED}[series]
    metric = next(metric for metric in METRICS if metric.name == name)
    left_out = (set() if series in _COUNTED_BY_WINDOW else {"window"}) | _NOT_COUNTED_BY.get(series, set())
    sets = [values(Scope(rules)) for label, values in metric.labels.items() if label not in left_out]
    return [(*labels, _INTERVAL) if series == "devices_seen" else labels for labels in product(*sets)]


def filled(rng: Random, rules: Rules, share: float = 1.0) -> Board:
    """A board on which a share of the combinations have been counted."""
    board = Board(spans(rules))
    for series in LEVELS:
        for labels in combinations(series, rules):
            if rng.random() < share:
                board.add([(series, labels, None, rng.randint(0, 9_999_999))])
    for series in TALLIES:
        for labels in combinations(series, rules):
            if rng.random() < share:
                _count(rng, board, series, labels)
    for series in NAMED:
        for labels in combinations(series, rules):
            board.add([(series, labels, _NOW - rng.choice((0, 14)), rng.randint(1, 500))])
    _know(rng, board, rules)
    return board


def _know(rng: Random, board: Board, rules: Rules) -> None:
    """Accounts with evidence of every kind, some of it old; with some nothing is said."""
    hour, ledger = NOW_MS // HOUR_MS, board.ledgers[0]
    for number in range(3 * rules.worst_accounts):
        items = tuple((rng.choice(list(POINTS)), hour - rng.choice((0, 30, 900, 4_000))) for _ in range(12))
        tier = stamp(NOW_MS, rng.choice((*rules.tiers, "unknown", "other")), rules)
        ledger.move(f"acct-{number}-{rng.random()}", NOTHING, (items if number % 9 else ((KNOWN, 0),), tier))
    bands = {
        "green": (),
        "yellow": (("dissatisfied", hour),) * 2,
        "red": (("dissatisfied", hour), ("open_p1", hour)) * 9,
    }
    for band, items in bands.items():
        for tier_word in (*rules.tiers, "unknown", "other"):
            opened = tuple((open_case(tier_word, priority), 0) for priority in (*PRIORITIES, "unknown", "other"))
            ledger.move(f"acct-{band}-{tier_word}", NOTHING, ((*opened, *items), stamp(NOW_MS, tier_word, rules)))
    costly = [kind for kind, points in rules.health_points.items() if points > 0]
    for place, kind in enumerate(costly):
        for tier_word in (*rules.tiers, "unknown", "odd"):
            items = ((kind, hour), (costly[place - 1], hour)) * 100
            ledger.move(f"acct-{kind}-{tier_word}", NOTHING, (items, stamp(NOW_MS, tier_word, rules)))


def _count(rng: Random, board: Board, series: str, labels: Labels) -> None:
    minute, amount = _NOW - rng.choice((0, 1, 14, 15, 61, 1_500, 9_000)), rng.randint(1, 500)
    if series in {"sla_due", "sla_due_unassigned"}:
        minute = _NOW + rng.choice((-60, 1, 15, 61, 241, 1_440))
    if series in _BY_LENGTH | _BY_NUMBER:
        index = rng.randint(0, len(DURATION_BOUNDS if series in _BY_LENGTH else COUNT_BOUNDS))
        board.add([(series, (*labels, index), minute, amount), (f"{series}:sum", labels, minute, amount * 12_345)])
        return
    board.add([(series, labels, minute, amount)])
    if series == "device_outages":
        board.add([(f"{series}:ms", labels, minute, amount * minute * MINUTE_MS)])
    if series.endswith("_age"):
        board.add([(f"{series}:start", labels, minute, amount * minute)])
