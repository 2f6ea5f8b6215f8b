"""The truth of a plan: what every gauge must show at an instant, straight from what was planned.

Nothing here decodes an event or uses the program's own folds and boards: a case is read as spells of time, a
device by its last sign of life, a survey by its latest answer, each from the steps published until the instant.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from stream_app.domain.rules import Rules
from stream_app.domain.words import (
    ACCESS_POINTS,
    ASPECTS,
    CHANNELS,
    DEVICE_CLASSES,
    ESCALATED_TO,
    ISSUE_TYPES,
    ORIGINS,
    PRIORITIES,
)
from stream_app.sources.simulate.customers import Customers
from stream_app.sources.simulate.fleet_truth import fleet, origin_of
from stream_app.sources.simulate.numbers import Numbers, Series, word_of
from stream_app.sources.simulate.plan import Plan
from stream_app.sources.simulate.promises import served
from stream_app.sources.simulate.standing import Standing, standing
from stream_app.sources.simulate.surveys import word
from stream_app.sources.simulate.things import CASES, DAY, Fields, Step, Thing
from stream_app.sources.simulate.worked import attempts, machines, recorded, worked_on

_GONE: Final = frozenset({"deleted", "transferred_out"})


@dataclass(frozen=True, slots=True)
class Input:
    """The faults of input that were published, by topic; rejects by (topic, reason).

    duplicates: facts published again. heartbeats_again: heartbeats published again; nobody need tell them
    from old ones. late: events published later than they happened, by as much as a late one is.
    """

    rejects: Counter[tuple[str, str]]
    duplicates: Counter[str]
    heartbeats_again: Counter[str]
    late: Counter[str]


class Truth:
    """What the gauges and counters must say of a plan. The plan must have been made with `keep`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def at(self, now_ms: int, published_ms: int | None = None) -> Series:
        """The gauges at `now_ms`, zeros left out, when all published up to `published_ms` (or now) has arrived."""
        until = self._until(now_ms if published_ms is None else published_ms)
        numbers = Numbers(now_ms)
        rules = self._plan.rules
        customers = Customers(now_ms, rules)
        cases: list[tuple[Thing, Standing]] = []
        surveys: list[tuple[str, list[Step]]] = []
        for thing in self._plan.things:
            steps = [step for step in thing.steps if step.published <= until]
            if steps and thing.topic == CASES:
                cases.append((thing, standing(steps)))
            elif steps:
                surveys.append((thing.account.name, steps))
        by_name = {(thing.account.name, thing.name): case for thing, case in cases}
        for account, steps in surveys:
            _survey(numbers, customers, account, steps, by_name, rules)
        silent = fleet(numbers, customers, self._plan.devices, cases, until, rules)
        for thing, case in cases:
            _case(numbers, customers, thing, case, rules, silent)
        customers.count(numbers)
        numbers.most("support_bug_cases_top", rules.top_bugs)
        numbers.most("support_known_topic_cases_top", rules.top_known_topics)
        return numbers.series()

    def input(self, published_ms: int) -> Input:
        """What was wrong with the events published up to a time."""
        until = self._until(published_ms)
        again = Counter(
            (topic, kind == "heartbeat") for at, topic, kind in self._plan.schedule.duplicates if at <= until
        )
        return Input(
            Counter((topic, reason) for at, topic, reason in self._plan.schedule.rejects if at <= until),
            Counter({topic: n for (topic, beat), n in again.items() if not beat}),
            Counter({topic: n for (topic, beat), n in again.items() if beat}),
            Counter(topic for at, topic in self._plan.schedule.late if at <= until),
        )

    def _until(self, published_ms: int) -> int:
        """The latest time of publishing that counts; before the start nothing is published."""
        plan = self._plan
        plan.advance(published_ms)
        return min(published_ms, plan.end_ms) if published_ms >= plan.start_ms else plan.begin_ms - 1


def _case(
    numbers: Numbers, customers: Customers, thing: Thing, case: Standing, rules: Rules, silent: frozenset[str]
) -> None:
    if case.gone:
        return
    customers.known(thing.account.name)
    if case.created is not None:
        _felt(customers, thing.account.name, case, rules)
    if case.created is None:
        _never_created(numbers, case.steps)
        return
    opened = case.opened
    priority = word_of(case.priority, PRIORITIES)
    channel = word_of(opened.get("channel"), CHANNELS)
    origin = word_of(origin_of(opened), ORIGINS)
    numbers.happened("support_cases_opened", case.created, channel, origin)
    attempts(numbers, case.steps, channel)
    machines(numbers, case.steps, moved=case.handoffs + case.reassignments > 0)
    _opened(numbers, case, channel, priority, rules)
    for at, side, by in case.interactions():
        labels = (word_of(by, CHANNELS) if by else channel, "inbound" if side == "customer" else "outbound")
        numbers.happened("support_interactions", at, *labels)
    if case.open:
        _backlog(numbers, case, priority, rules, with_silent=thing.account.name in silent)
        _untouched(numbers, max(step.at for step in case.steps), priority, rules)
    if case.replied is not None and opened.get("by", "customer") == "customer":
        length = case.replied - case.created
        numbers.lasted("support_case_first_response_seconds", case.replied, length, "elapsed", priority)
        numbers.lasted("support_case_first_response_by_channel_seconds", case.replied, length, channel)
    _resolved(numbers, case, priority)
    served(numbers, case, rules)
    for reopening in case.reopened:
        numbers.happened("support_cases_reopened", reopening)
    if case.merged is None:
        _ended(numbers, case, channel, priority, rules)
    elif case.went_on is not None:
        numbers.happened("support_cases_merged", case.went_on)


def _felt(customers: Customers, account: str, case: Standing, rules: Rules) -> None:
    """What a case does to the health of its customer."""
    created = case.created or 0
    tier = word_of(case.opened.get("tier"), rules.tiers)
    customers.case(account, created, tier)
    if case.open:
        customers.opened(account, tier, word_of(case.priority, PRIORITIES))
        priority = case.priority if case.priority in PRIORITIES else "other"
        customers.lasts(account, f"open_{priority}", created)
        customers.lasts(account, "open_long", created + rules.health_long_days * DAY)
        if case.escalated:
            customers.lasts(account, "escalated", created)
    for reopening in case.reopened:
        customers.happened(account, "reopened", reopening)


def _resolved(numbers: Numbers, case: Standing, priority: str) -> None:
    """The time to the first and to the latest solve."""
    created = case.created or 0
    solves = {"first": case.first_solved, "full": None if case.merged is not None else case.solved}
    for kind, solve in solves.items():
        if solve is not None:
            clocks = {"elapsed": solve - created, "net": solve - created - case.paused(solve)}
            for clock, length in clocks.items():
                numbers.lasted("support_case_resolution_seconds", solve, length, kind, clock, priority)


def _never_created(numbers: Numbers, steps: Sequence[Step]) -> None:
    """Attempts that no case came of, or a case whose creation is missing."""
    if all(step.kind == "contact_attempt" for step in steps):
        attempts(numbers, steps, "unknown")
    else:
        numbers.count("stream_app_rows_incomplete", CASES)


def _ended(numbers: Numbers, case: Standing, channel: str, priority: str, rules: Rules) -> None:
    """What the latest solve and the final close of a case count in."""
    created, solve, close = case.created or 0, case.solved, case.closed
    if solve is not None:
        numbers.lasted("support_case_resolution_by_channel_seconds", solve, solve - created, channel)
        numbers.happened("support_cases_solved", solve, case.contact(solve), channel)
        if case.handed_to is not None:
            to = word_of(case.handed_to, ESCALATED_TO)
            numbers.happened("support_cases_solved_escalated", solve, to, case.contact(solve))
        if case.collaborated:
            numbers.happened("support_cases_solved_collaborated", solve, case.contact(solve))
        numbers.happened("support_cases_solved_touches", solve, case.touches(solve))
        worked_on(numbers, case, solve, rules)
        recorded(numbers, case, solve)
    if close is not None and case.first_solved is None:
        numbers.happened("support_cases_closed_unsolved", close)
    elif close is not None:
        clocks = {"elapsed": close - created, "net": close - created - case.waited(close) - case.idled(close)}
        for clock, length in clocks.items():
            numbers.lasted("support_case_resolution_seconds", close, length, "closed", clock, priority)


def _opened(numbers: Numbers, case: Standing, channel: str, priority: str, rules: Rules) -> None:
    """The further numbers of cases opened."""
    at, said = case.created or 0, case.opened
    numbers.happened("support_cases_opened_by_issue", at, word_of(said.get("issue_type"), ISSUE_TYPES))
    access = word_of(said.get("access_point"), ACCESS_POINTS)
    numbers.happened("support_cases_opened_by_access", at, access, word_of(said.get("device_class"), DEVICE_CLASSES))
    numbers.happened("support_cases_opened_by_product", at, word_of(said.get("product"), rules.products))
    numbers.happened("support_cases_opened_by_region", at, word_of(said.get("region"), rules.regions))
    numbers.happened("support_cases_opened_by_priority", at, channel, priority)
    if case.bug:
        numbers.happened("support_bug_cases", at)
        numbers.happened("support_bug_cases_top", at, case.bug)
    complete = "yes" if said.get("complete") else "no" if "complete" in said else "unknown"
    numbers.happened("support_cases_opened_complete", at, channel, complete)


def _untouched(numbers: Numbers, latest: int, priority: str, rules: Rules) -> None:
    """Whether more than so many midnights have passed since the latest event of an open case."""
    if numbers.minutes_since(latest // DAY * DAY) // (24 * 60) > rules.untouched_days:
        numbers.count("support_cases_untouched", priority)


def _backlog(numbers: Numbers, case: Standing, priority: str, rules: Rules, *, with_silent: bool) -> None:
    """What an open case counts in. with_silent: its account has a silent device."""
    created = case.created or 0
    numbers.count("support_cases_open", priority, case.state, word_of(case.opened.get("tier"), rules.tiers))
    numbers.aged("support_cases_open_age_seconds", created, priority)
    numbers.oldest("support_cases_open_oldest_seconds", created, priority)
    numbers.count("support_cases_open_by_team", word_of(case.team, rules.teams), priority)
    if not case.assigned:
        numbers.count("support_cases_unassigned")
    if case.awaiting is not None:
        numbers.count("support_cases_awaiting_reply", priority)
        numbers.aged("support_cases_awaiting_reply_age_seconds", case.awaiting, priority)
    due = case.contact_ended()
    if due is not None and case.handed_to is None and not case.collaborated:
        numbers.count("support_cases_next_step_due", priority)
        numbers.aged("support_cases_next_step_due_age_seconds", due, priority)
        if numbers.minutes_since(due) >= rules.stuck_minutes:
            numbers.count("support_cases_stuck", priority)
    if case.engineering is not None:
        numbers.count("support_cases_open_engineering", priority)
        numbers.aged("support_cases_open_engineering_age_seconds", case.engineering, priority)
    if with_silent:
        numbers.count("support_cases_open_silent_device", priority)


def _survey(
    numbers: Numbers, customers: Customers, account: str, steps: Sequence[Step],
    cases: Mapping[tuple[str, str], Standing], rules: Rules,
) -> None:  # fmt: skip
    """Count one survey from its last snapshot on; of its case, channel and tier the latest word counts."""
    begin = max((place for place, step in enumerate(steps) if step.kind == "snapshot"), default=0)
    if any(step.kind in _GONE for step in steps[begin:]):
        return
    customers.known(account)
    told = [(step.at, step.kind, step.fields) for step in steps[begin:]]
    said: dict[str, Any] = {name: value for _, _, fields in told for name, value in fields.items() if value}
    tier = word_of(said.get("tier"), rules.tiers)
    sent = next(((at, fields) for at, kind, fields in told if kind == "sent"), None)
    if told[0][1] == "snapshot":
        sent = (told[0][2]["sent_at"], said) if told[0][2].get("sent_at") else sent
    if sent is not None:
        survey, channel = said["survey_type"], word_of(said.get("channel"), CHANNELS)
        numbers.happened("support_surveys_sent", sent[0], survey, "case" if "case" in said else "account")
        numbers.happened("support_surveys_sent_by_channel", sent[0], survey, channel)
        numbers.happened("support_surveys_sent_by_tier", sent[0], survey, tier)
    answers = [place for place, (_, _, fields) in enumerate(told) if "score" in fields]
    for place, following in pairwise([*answers, len(told)]):
        if word(told[place][2], told[place][2]["score"]) != "dissatisfied":
            continue
        contacts = [at for at, kind, _ in told[place + 1 : following] if kind == "contacted"]
        if told[place][2].get("contacted_at"):
            contacts.insert(0, told[place][2]["contacted_at"])
        if contacts:
            numbers.happened("support_dissatisfied_contacted", contacts[0], tier)
        elif place == answers[-1]:
            numbers.count("support_dissatisfied_awaiting_contact", tier)
            numbers.aged("support_dissatisfied_awaiting_contact_age_seconds", _answered(told[place]), tier)
    if answers:
        last = told[answers[-1]]
        overall = word(last[2], last[2]["score"])
        customers.happened(account, "neutral" if overall == "passive" else overall, _answered(last))
        _answer(numbers, _answered(last), last[2], said, rules)
        _answer_about(numbers, last, overall, (account, said.get("case", "")), cases, rules)


def _answer_about(
    numbers: Numbers, told: tuple[int, str, Fields], overall: str, about: tuple[str, str],
    cases: Mapping[tuple[str, str], Standing], rules: Rules,
) -> None:  # fmt: skip
    """What the latest answer of a survey about a case counts in, but for NPS. about: account and name of the case."""
    survey, at = told[2]["survey_type"], _answered(told)
    if about[1] and survey != "nps":
        delivered_by, path = _as_solved(cases.get(about), rules)
        numbers.happened("support_survey_responses_by_delivery", at, survey, delivered_by, overall)
        numbers.happened("support_survey_responses_by_path", at, survey, path, overall)


def _as_solved(case: Standing | None, rules: Rules) -> tuple[str, str]:
    """Who delivered a case and which path it took, as long as it stays solved."""
    if case is None or case.gone or case.created is None or case.merged is not None or case.solved is None:
        return "unknown", "unknown"
    path = "first_contact" if case.contact(case.solved) == "first" else case.path
    return word_of(case.delivered_by, rules.partners), path


def _answered(told: tuple[int, str, Fields]) -> int:
    """When an answer was given, by the step that tells of it."""
    at, _, fields = told
    return int(fields.get("answered_at", at))


def _answer(numbers: Numbers, at: int, answer: Fields, said: Fields, rules: Rules) -> None:
    """What the latest answer of a survey counts in. said: the latest word on everything."""
    survey, overall = answer["survey_type"], word(answer, answer["score"])
    for aspect, score in {**answer.get("aspects", {}), "overall": answer["score"]}.items():
        numbers.happened("support_survey_responses", at, survey, word_of(aspect, ASPECTS), word(answer, score))
    channel = word_of(said.get("channel"), CHANNELS)
    numbers.happened("support_survey_responses_by_channel", at, survey, channel, overall)
    numbers.happened("support_survey_responses_by_tier", at, survey, word_of(said.get("tier"), rules.tiers), overall)
    if overall == "dissatisfied":
        for reason in {word_of(reason, rules.reasons) for reason in answer.get("reasons", ("",))}:
            numbers.happened("support_dissatisfaction", at, reason)
