"""How cases are handled: who waits too long, what is not taken up, what is done badly."""

from stream_app.catalogue import Record
from stream_app.catalogue.promql import whole
from stream_app.operate.rules.alert import Alert, slower
from stream_app.operate.rules.parts import Firing
from stream_app.operate.rules.shapes import Level, Stream, WindowShare
from stream_app.operate.rules.thresholds import Thresholds

_AREA = "handling"
_REPLIES = "replies"
"""A file of its own, for its tests take a week."""

_URGENT = 'priority=~"p1|p2"'
_HOURS = 3_600


def _levels(thresholds: Thresholds) -> dict[str, Level]:
    overdue, _ = slower(
        "support_cases_awaiting_reply_age_seconds", round(thresholds.replies_overdue.hours * _HOURS), _URGENT
    )
    return {
        "overdue": Level(
            "support:replies_overdue", overdue,
            f"Cases of p1 and p2 that have waited for a reply longer than {thresholds.replies_overdue.hours:g} h",
            "cases", _AREA, thresholds.replies_overdue,
        ),
        "untaken": Level(
            "support:cases_untaken", whole("support_cases_open", _URGENT, 'state="new"'),
            "Cases of p1 and p2 that nobody has taken up", "cases", _AREA, thresholds.cases_untaken,
        ),
        "stuck": Level(
            "support:cases_stuck", whole("support_cases_stuck"), "Cases whose next step is long due", "cases", _AREA,
            thresholds.cases_stuck,
        ),
        "escalated": Level(
            "support:cases_escalated", whole("support_cases_open", 'state="escalated"'),
            "Open cases that were handed on", "cases", _AREA, thresholds.escalations_surge,
        ),
    }  # fmt: skip


def _shares(thresholds: Thresholds) -> dict[str, WindowShare]:
    response, resolution = "support_case_first_response_seconds", "support_case_resolution_seconds"

    def late_response(window: str) -> tuple[str, str]:
        bound = round(thresholds.first_response_slow.hours * _HOURS)
        return slower(response, bound, f'window="{window}"', 'clock="elapsed"', _URGENT)

    def late_resolution(window: str) -> tuple[str, str]:
        bound = round(thresholds.resolution_slow.hours * _HOURS)
        return slower(resolution, bound, f'window="{window}"', 'kind="full"', 'clock="elapsed"')

    def solved(window: str, *conditions: str) -> str:
        return whole("support_cases_solved", f'window="{window}"', *conditions)

    def reopened(window: str) -> str:
        return whole("support_cases_reopened", f'window="{window}"')

    return {
        "response": WindowShare(
            "support:first_response_slow", lambda window: late_response(window)[0],
            lambda window: late_response(window)[1],
            f"First responses to p1 and p2 that took longer than {thresholds.first_response_slow.hours:g} h",
            _AREA, thresholds.first_response_slow,
        ),
        "resolution": WindowShare(
            "support:resolution_slow", lambda window: late_resolution(window)[0],
            lambda window: late_resolution(window)[1],
            f"Solved cases that took longer than {thresholds.resolution_slow.hours:g} h",
            _AREA, thresholds.resolution_slow,
        ),
        "reopened": WindowShare(
            "support:reopens", reopened, lambda window: f"{solved(window)} + {reopened(window)}",
            "Solves that were taken back", _AREA, thresholds.reopens_high,
        ),
        "later": WindowShare(
            "support:first_contact_failed", lambda window: solved(window, 'contact="later"'),
            lambda window: solved(window, 'contact!="unknown"'),
            "Cases that were not solved at first contact", _AREA, thresholds.first_contact_low,
        ),
    }  # fmt: skip


def _replies(thresholds: Thresholds) -> Stream:
    limits, window = thresholds.replies_stopped, ('window="1h"', 'direction="outbound"')
    ago = ["", *(f" offset {hours}h" for hours in range(1, limits.hours))]
    return Stream(
        "support:replies", "\n+ ".join(whole("support_interactions", *window, at=at) for at in ago),
        f"Messages and calls of support to customers in {limits.hours} h", "interactions", _REPLIES, limits,
    )  # fmt: skip


def records(thresholds: Thresholds) -> tuple[Record, ...]:
    """What the alerts rest on."""
    levels, shares = _levels(thresholds).values(), _shares(thresholds).values()
    shapes: list[Level | WindowShare | Stream] = [*levels, *shares, _replies(thresholds)]
    return tuple(record for shape in shapes for record in shape.records())


def alerts(thresholds: Thresholds) -> tuple[Alert, ...]:
    """The alerts."""
    levels, shares, limits = _levels(thresholds), _shares(thresholds), thresholds

    def alert(name: str, expr: str, firing: Firing, summary: str, description: str, area: str = _AREA) -> Alert:
        return Alert(name, area, "support", expr, firing, summary, description, gated=True)

    percent = "{{ $value | humanizePercentage }}"
    return (
        alert(
            "SupportRepliesOverdue", levels["overdue"].too_high, limits.replies_overdue,
            "Urgent cases wait far too long for a reply.",
            "{{ $value | humanize }} cases of p1 and p2 have waited for a reply longer than "
            f"{limits.replies_overdue.hours:g} h, many more than at this time of other days.",
        ),
        alert(
            "SupportRepliesStopped", _replies(thresholds).dry, limits.replies_stopped,
            "Support hardly speaks to customers any more.",
            f"{{{{ $value | humanize }}}} messages and calls went to customers in {limits.replies_stopped.hours} h, "
            "fewer than chance leaves of what is usual at this time.",
            _REPLIES,
        ),
        alert(
            "SupportCasesUntaken", levels["untaken"].too_high, limits.cases_untaken,
            "Nobody takes up urgent cases.",
            "{{ $value | humanize }} cases of p1 and p2 have neither somebody assigned nor a reply, many more than "
            "at this time of other days.",
        ),
        alert(
            "SupportCasesStuck", levels["stuck"].too_high, limits.cases_stuck,
            "More and more cases are stuck.",
            "{{ $value | humanize }} cases were not solved at first contact and nobody has handed them on or joined in "
            "for as long as the setting rules.stuck_minutes says.",
        ),
        alert(
            "SupportEscalationsSurge", levels["escalated"].too_high, limits.escalations_surge,
            "Far more cases than usual are with those they were handed on to.",
            "{{ $value | humanize }} open cases were handed on and are neither solved nor waiting for the customer.",
        ),
        alert(
            "SupportFirstResponseSlow", shares["response"].too_high, limits.first_response_slow,
            "First responses to urgent cases are slow.",
            f"{percent} of the first responses to p1 and p2 of the last {limits.first_response_slow.long} took longer "
            f"than {limits.first_response_slow.hours:g} h; surely more than {limits.first_response_slow.share:.0%}.",
        ),
        alert(
            "SupportResolutionSlow", shares["resolution"].too_high, limits.resolution_slow,
            "Cases take long to be solved.",
            f"{percent} of the cases solved in the last {limits.resolution_slow.long} took longer "
            f"than {limits.resolution_slow.hours:g} h; surely more than {limits.resolution_slow.share:.0%}.",
        ),
        alert(
            "SupportReopensHigh", shares["reopened"].too_high, limits.reopens_high,
            "Many solved cases are opened again.",
            f"{percent} of the solves of the last {limits.reopens_high.long} were taken back by the customer; surely "
            f"more than {limits.reopens_high.share:.0%}.",
        ),
        alert(
            "SupportFirstContactLow", shares["later"].too_high, limits.first_contact_low,
            "Few cases are solved at first contact.",
            f"{percent} of the cases solved in the last {limits.first_contact_low.long} needed more than the first "
            f"contact; surely more than {limits.first_contact_low.share:.0%}.",
        ),
    )  # fmt: skip
