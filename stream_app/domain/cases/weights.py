"""What a case adds to the board of its partition."""

from typing import Final, NamedTuple

from stream_app.domain.board import Weight
from stream_app.domain.cases import contact, record, targets, work
from stream_app.domain.cases.state import GONE, MERGED, OPEN, Case
from stream_app.domain.cases.touched import ALWAYS, BACKLOG, DONE, FIRST, OPENED, SERVED, SPOKEN, TOLD
from stream_app.domain.fold import Row
from stream_app.domain.observed import duration
from stream_app.domain.rules import Rules
from stream_app.domain.touched import ALL
from stream_app.domain.words import (
    ACCESS_POINTS,
    CHANNELS,
    DEVICE_CLASSES,
    ESCALATED_TO,
    ISSUE_TYPES,
    ORIGINS,
    PRIORITIES,
    UNKNOWN,
    closed,
    minute,
)


def open_state(case: Case) -> str:
    """The exclusive state of an open case, first match."""
    if case.waiting:
        return "waiting_" + case.waiting
    if case.escalated:
        return "escalated"
    return "open" if case.assigned or case.replied else "new"


def weigh(row: Row, rules: Rules, of: int = ALL) -> list[Weight]:
    """What a case adds to the board of its partition, or only these groups of it."""
    case: Case = row.state
    if case.phase == GONE:
        return []
    if not case.created:
        return _never_created(row) if of & ALWAYS else []
    priority, channel = closed(case.priority, PRIORITIES), closed(case.channel, CHANNELS)
    weights: list[Weight] = []
    for group, add in _GROUPS:
        if of & group:
            add(case, channel, priority, rules, weights)
    if of & ALWAYS and case.phase == OPEN:
        weights.append(("cases_untouched", (priority,), _untouched_from(row.at, rules), 1))
    return weights


def _never_created(row: Row) -> list[Weight]:
    """What a row without a creation adds: attempts that no case came of, or that it is incomplete."""
    if row.count != row.state.attempted or not row.count:
        return [("rows_incomplete", ("cases",), None, 1)]
    weights: list[Weight] = []
    contact.attempts(row.state, UNKNOWN, weights)
    return weights


def _untouched_from(latest: int, rules: Rules) -> int:
    """The first midnight (UTC, in minutes) at which an event is as many days old as the rules say."""
    return (latest // _DAY_MS + 1 + rules.untouched_days) * _DAY_MINUTES


def _first(case: Case, channel: str, priority: str, _rules: Rules, weights: list[Weight]) -> None:
    """What the first response to a case and its first solve add."""
    if case.replied and case.by == "customer":
        length = case.replied - case.created
        weights += duration("first_response", ("elapsed", priority), case.replied, length)
        weights += duration("first_response_by_channel", (channel,), case.replied, length)
    if case.first_solved:
        length = case.first_solved - case.created
        weights += duration("resolution", ("first", "elapsed", priority), case.first_solved, length)
        weights += duration("resolution", ("first", "net", priority), case.first_solved, length - case.first_paused)


def _served(case: Case, _channel: str, priority: str, rules: Rules, weights: list[Weight]) -> None:
    """What a case adds where calendars and service levels are set: times by the business clock, targets."""
    levels = rules.levels
    if levels.tiers and closed(case.tier, rules.tiers) in levels.tiers:
        weights += targets.weigh(case, rules)
    if levels.calendars:
        hours = levels.hours(closed(case.region, rules.regions))
        if case.replied and case.by == "customer":
            length = hours.open_between(case.created, case.replied)
            weights += duration("first_response", ("business", priority), case.replied, length)
        ends = [("first", case.first_solved)]
        if case.phase != MERGED:
            ends += [("full", case.solved), ("closed", case.first_solved and case.closed)]
        for kind, at in ends:
            if at:
                length = hours.open_between(case.created, at)
                weights += duration("resolution", (kind, "business", priority), at, length)


def _opened(case: Case, channel: str, priority: str, rules: Rules, weights: list[Weight]) -> None:
    """What a case adds to the numbers of cases opened."""
    at = minute(case.created)
    access = (closed(case.access_point, ACCESS_POINTS), closed(case.device_class, DEVICE_CLASSES))
    weights += (
        ("cases_opened", (channel, closed(case.origin, ORIGINS)), at, 1),
        ("cases_opened_by_issue", (closed(case.issue_type, ISSUE_TYPES),), at, 1),
        ("cases_opened_by_access", access, at, 1),
        ("cases_opened_by_product", (closed(case.product, rules.products),), at, 1),
        ("cases_opened_by_region", (closed(case.region, rules.regions),), at, 1),
        ("cases_opened_complete", (channel, _COMPLETE[case.complete]), at, 1),
        ("cases_opened_by_priority", (channel, priority), at, 1),
    )
    if case.bug:
        weights.append(("bug_cases", (), at, 1))
        record.tied(case, rules, weights)


def _told(case: Case, channel: str, _priority: str, _rules: Rules, weights: list[Weight]) -> None:
    """What a case adds of what is counted whenever it happens."""
    if case.reopened:
        weights += [("cases_reopened", (), minute(at), 1) for at in case.reopened]
    contact.attempts(case, channel, weights)
    contact.automation(case, weights)
    if case.phase == MERGED:
        weights.append(("cases_merged", (), minute(case.went_on), 1))


def _done(case: Case, channel: str, priority: str, rules: Rules, weights: list[Weight]) -> None:
    """What a case adds that is solved or closed."""
    if case.phase == MERGED:
        return
    if case.solved:
        _solved(case, channel, priority, rules, weights)
    if case.closed:
        _closed(case, priority, weights)


def _solved(case: Case, channel: str, priority: str, rules: Rules, weights: list[Weight]) -> None:
    """What the latest solve of a case that is not open again adds."""
    length, at = case.solved - case.created, minute(case.solved)
    weights += duration("resolution", ("full", "elapsed", priority), case.solved, length)
    weights += duration("resolution", ("full", "net", priority), case.solved, length - case.solved_paused)
    weights += duration("resolution_by_channel", (channel,), case.solved, length)
    first_or_later = work.contact(case)
    weights.append(("cases_solved", (first_or_later, channel), at, 1))
    if case.handed_on:
        weights.append(("cases_solved_escalated", (closed(case.escalated_to, ESCALATED_TO), first_or_later), at, 1))
    if case.collaborated:
        weights.append(("cases_solved_collaborated", (first_or_later,), at, 1))
    weights.append(("cases_solved_touches", (_TOUCHES[min(case.solved_touches, 3)],), at, 1))
    work.solved(case, first_or_later, rules, weights)
    record.solved(case, rules, weights)


def _closed(case: Case, priority: str, weights: list[Weight]) -> None:
    """What the final close of a case adds."""
    if not case.first_solved:
        weights.append(("cases_closed_unsolved", (), minute(case.closed), 1))
        return
    length = case.closed - case.created
    weights += duration("resolution", ("closed", "elapsed", priority), case.closed, length)
    weights += duration("resolution", ("closed", "net", priority), case.closed, length - case.paused)


_TOUCHES: Final = ("none", "one", "two", "multi")
_DAY_MINUTES: Final = 24 * 60
_DAY_MS: Final = _DAY_MINUTES * 60_000
_COMPLETE: Final = {True: "yes", False: "no", None: UNKNOWN}


def _open(case: Case, _channel: str, priority: str, rules: Rules, weights: list[Weight]) -> None:
    """What an open case adds."""
    if case.phase != OPEN:
        return
    opened = minute(case.created)
    weights.append(("cases_open", (priority, open_state(case), closed(case.tier, rules.tiers)), None, 1))
    weights.append(("cases_open_age", (priority,), opened, 1))
    weights.append(("cases_open_age:start", (priority,), opened, opened))
    weights.append(("cases_open_by_team", (closed(case.team, rules.teams), priority), None, 1))
    if not case.assigned:
        weights.append(("cases_unassigned", (), None, 1))
    if case.engineering:
        work.with_engineering(case, priority, weights)
    if case.awaiting:
        since = minute(case.awaiting)
        weights.append(("cases_awaiting_reply_age", (priority,), since, 1))
        weights.append(("cases_awaiting_reply_age:start", (priority,), since, since))
    if case.contact_ended and not case.handed_on and not case.collaborated:
        since = minute(case.contact_ended)
        weights.append(("cases_next_step_due_age", (priority,), since, 1))
        weights.append(("cases_next_step_due_age:start", (priority,), since, since))
        weights.append(("cases_stuck", (priority,), since + rules.stuck_minutes, 1))


_GROUPS: Final = (
    (OPENED, _opened), (SPOKEN, contact.interactions), (FIRST, _first), (TOLD, _told), (SERVED, _served),
    (DONE, _done), (BACKLOG, _open),
)  # fmt: skip


class Part(NamedTuple):
    """What the joins of its account need of a case. device: the one it is about, empty for none.

    priority: while it is open, else None; the rest only of a case about a device.
    """

    priority: str | None
    device: str = ""
    created: int = 0
    reactive: bool = False
    signal: str = ""
    product: str = ""

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return self.priority is not None


def part(row: Row) -> Part | None:
    """The part of a case in the joins of its account; None if it has none."""
    case: Case = row.state
    if case.phase == GONE or not case.created:
        return None
    priority = closed(case.priority, PRIORITIES) if case.phase == OPEN else None
    if case.device:
        return Part(priority, case.device, case.created, case.origin == "reactive", case.signal, case.product)
    return None if priority is None else Part(priority)
