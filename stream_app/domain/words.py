"""The closed sets every label value comes from, the windows and the histogram bounds."""

from bisect import bisect_left
from collections.abc import Collection
from typing import Final

UNKNOWN: Final = "unknown"
OTHER: Final = "other"

PRIORITIES: Final = ("p1", "p2", "p3", "p4")
CHANNELS: Final = ("phone", "web", "email", "chat", "community", "in_product", "social", "api")
ORIGINS: Final = ("reactive", "proactive")
ISSUE_TYPES: Final = ("how_to", "bug_performance", "install_config_setup")
ACCESS_POINTS: Final = ("in_product", "web_site", "phone", "mobile_app")
DEVICE_CLASSES: Final = ("desktop", "mobile")
ESCALATED_TO: Final = ("person", "tier", "team", "department", "engineering", "vendor")
ATTEMPTS: Final = ("queued", "connected", "abandoned", "cut_off")
AUTOMATION: Final = (
    "acknowledged", "routed", "solution_suggested", "bot_answered", "bot_handed_over", "auto_closed", "close_notice",
    "survey_sent",
)  # fmt: skip
AUTOMATED: Final = ("done", "failed", "accepted", "declined", "reassigned")
KNOWLEDGE: Final = ("linked", "changed", "made")
COLLABORATORS: Final = ("person", "team", "vendor")
PATHS: Final = ("first_contact", "coached", "team", "escalated", UNKNOWN)
CASE_STATES: Final = ("new", "open", "waiting_customer", "waiting_vendor", "escalated")
SEVERITIES: Final = ("critical", "major", "minor", "info")
CAUSES: Final = tuple("0123456789abcdef")
"""What fault codes are counted under, since they are free words: the first hex digit of a code's MD5 sum."""

ASPECTS: Final = ("overall", "response_time", "solution", "staff", "effort", "product")

MINUTE_MS: Final = 60_000

WINDOWS: Final = {"15m": 15, "1h": 60, "24h": 24 * 60, "7d": 7 * 24 * 60, "30d": 30 * 24 * 60}
"""Window label to its length in minutes. A window W at t holds minutes m, minute(t) - W < m <= minute(t)."""

DUE: Final = {"15m": 15, "1h": 60, "4h": 4 * 60, "24h": 24 * 60}
"""Label to the minutes ahead in which something comes due: deadlines m, minute(t) < m <= minute(t) + minutes."""

DURATION_BOUNDS: Final = (
    300, 900, 3_600, 7_200, 14_400, 28_800, 86_400,
    172_800, 259_200, 604_800, 1_209_600, 2_592_000, 7_776_000,
)  # fmt: skip
"""Upper bounds in seconds of every duration histogram; +Inf follows."""


COUNT_BOUNDS: Final = (0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30)
"""Upper bounds of every histogram of how many; +Inf follows."""


def minute(at_ms: int) -> int:
    """The minute since the epoch that a time in ms lies in."""
    return at_ms // MINUTE_MS


def closed(value: str, allowed: Collection[str]) -> str:
    """A label value of a closed set: absent is `unknown`, one outside the set is `other`."""
    if value in allowed:
        return value
    return OTHER if value and value != UNKNOWN else UNKNOWN


def bucket(seconds: float) -> int:
    """Index of the first bound of DURATION_BOUNDS at or above `seconds`; the last index is +Inf."""
    return bisect_left(DURATION_BOUNDS, seconds)
