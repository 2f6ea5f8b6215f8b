"""Bugs of what joins the rows of an account."""

from stream_app.domain import account
from tests.bugs.bug import ORACLE, REBUILT, Bug

BUGS = (
    Bug("a closed case stays in its account", REBUILT, account._moved, "counts[before] -= 1", "pass"),
    Bug(
        "a device falls silent when first heard of",
        REBUILT,
        account._moved,
        "if after is not None",
        "if before is None",
    ),
    Bug("an account waits for its last device to fall silent", ORACLE, account.weigh, "min(", "max("),
)
