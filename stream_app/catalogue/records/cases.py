"""What is made from the numbers of cases."""

from typing import Final

from stream_app.catalogue.promql import ratio, whole
from stream_app.catalogue.records.record import Record
from stream_app.catalogue.records.times import times
from stream_app.domain.words import WINDOWS

_OPEN: Final = "support_cases_open"
_OPENED: Final = "support_cases_opened"
_COMPLETE: Final = "support_cases_opened_complete"
_SPOKEN: Final = "support_interactions"
_SOLVED: Final = "support_cases_solved"
_TOUCHES: Final = "support_cases_solved_touches"
_RESOLUTION: Final = "support_case_resolution_seconds"
_RESPONSE: Final = "support_case_first_response_seconds"
_WINDOW: Final = ("window",)
_BY_PRIORITY: Final = "support_cases_opened_by_priority"
_INTERACTIVE: Final = 'channel=~"phone|chat"'
_URGENT: Final = 'priority=~"p1|p2"'
_KNOWN_CHANNEL: Final = 'channel!~"unknown|other"'


def _growth() -> str:
    opened = {window: f'support:cases_opened:sum{{window="{window}"}}' for window in WINDOWS}
    return "\nor ".join(f"{now} / ({now} offset {window} > 0) - 1" for window, now in opened.items())


RECORDS: Final[tuple[Record, ...]] = (
    Record("support:cases_open:sum", whole(_OPEN), "Open cases.", "cases", "cases"),
    Record(
        "support:cases_open:by_priority", whole(_OPEN, by=("priority",)), "Open cases by priority.",
        "cases", "cases", ("priority",),
    ),
    Record(
        "support:cases_opened:sum", whole(_OPENED, by=_WINDOW), "Cases opened in the window.",
        "cases", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved:sum", whole(f"{_RESOLUTION}_gcount", 'kind="full"', 'clock="elapsed"', by=_WINDOW),
        "Cases solved in the window and not open again.", "cases", "cases", _WINDOW,
    ),
    Record(
        "support:cases_net_opened:sum",
        "support:cases_opened:sum - (support:cases_solved:sum or 0 * support:cases_opened:sum)",
        "Cases opened in the window less those solved in it: how the backlog moves.", "cases", "cases", _WINDOW,
    ),
    Record(
        "support:cases_opened:growth", _growth(),
        "Cases opened in the window against the window before, 0.1 for 10 % more. Needs twice the window of history.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_opened_phone:ratio",
        ratio(
            whole(_OPENED, 'channel="phone"', by=_WINDOW), whole(_OPENED, _KNOWN_CHANNEL, by=_WINDOW),
        ),
        "Share of phone among the cases opened by a known channel.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_opened_by_channel:ratio",
        f"{whole(_OPENED, _KNOWN_CHANNEL, by=('window', 'channel'))}\n"
        f"/ on (window) group_left () ({whole(_OPENED, _KNOWN_CHANNEL, by=_WINDOW)} > 0)",
        "Share of each channel among the cases opened by a known channel.", "ratio", "cases", ("window", "channel"),
    ),
    Record(
        "support:cases_opened_electronic:ratio", "1 - support:cases_opened_phone:ratio",
        "Share of all other channels among the cases opened by a known channel.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_interactive_urgent:ratio",
        ratio(
            whole(_BY_PRIORITY, _INTERACTIVE, _URGENT, by=_WINDOW),
            whole(_BY_PRIORITY, _INTERACTIVE, 'priority!="unknown"', by=_WINDOW),
        ),
        "Share of p1 and p2 among the cases opened by phone or chat: these channels are best kept for urgent ones.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_urgent_interactive:ratio",
        ratio(
            whole(_BY_PRIORITY, _INTERACTIVE, _URGENT, by=_WINDOW),
            whole(_BY_PRIORITY, _KNOWN_CHANNEL, _URGENT, by=_WINDOW),
        ),
        "Share of phone and chat among the p1 and p2 cases opened by a known channel.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_written_structured:ratio",
        ratio(
            whole(_OPENED, 'channel=~"web|in_product"', by=_WINDOW),
            whole(_OPENED, 'channel=~"web|in_product|email"', by=_WINDOW),
        ),
        "Share of forms, on the web and in the product, among the cases opened by a form or an e-mail: forms ask for "
        "what is needed to begin.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_opened_complete:ratio",
        ratio(
            whole(_COMPLETE, 'complete="yes"', by=_WINDOW), whole(_COMPLETE, 'complete!="unknown"', by=_WINDOW),
        ),
        "Share of cases with enough information among the cases opened of which that is known.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:interactions_phone:ratio",
        ratio(
            whole(_SPOKEN, 'channel="phone"', by=_WINDOW), whole(_SPOKEN, _KNOWN_CHANNEL, by=_WINDOW),
        ),
        "Share of phone among the interactions by a known channel.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_first_contact:ratio",
        ratio(
            whole(_SOLVED, 'contact="first"', by=_WINDOW), whole(_SOLVED, 'contact!="unknown"', by=_WINDOW),
        ),
        "Share solved at first contact among the cases solved in the window of which that is known.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_one_touch:ratio",
        ratio(
            whole(_TOUCHES, 'touches="one"', by=_WINDOW), whole(_TOUCHES, 'touches!="none"', by=_WINDOW),
        ),
        "Share solved with one public reply of a person among the cases solved in the window with any.",
        "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_escalated:ratio",
        ratio(
            whole("support_cases_solved_escalated", 'contact="later"', by=_WINDOW),
            whole(_SOLVED, 'contact="later"', by=_WINDOW),
        ),
        "Share handed on among the cases solved in the window, but not at first contact.", "ratio", "cases", _WINDOW,
    ),
    Record(
        "support:cases_solved_collaborated:ratio",
        ratio(whole("support_cases_solved_collaborated", by=_WINDOW), whole(_SOLVED, by=_WINDOW)),
        "Share that a second person worked on among the cases solved in the window.", "ratio", "cases", _WINDOW,
    ),
    *times(
        "support:case_resolution_seconds", _RESOLUTION, "time to resolution of cases solved in the window",
        ("window", "kind", "clock"),
    ),
    *times(
        "support:case_first_response_seconds", _RESPONSE, "time to the first response, responses of the window",
        ("window", "clock"),
    ),
)  # fmt: skip
