"""Bugs of surveys."""

from stream_app.domain import surveys
from tests.bugs.bug import ORACLE, Bug

BUGS = (
    Bug("eight tenths of the way is satisfied", ORACLE, surveys.word, "way > 0.8", "way >= 0.8"),
    Bug(
        "stated limits are not looked at", ORACLE, surveys.word, "above if above is not None else fixed[0]", "fixed[0]"
    ),
    Bug("a six is a passive", ORACLE, surveys.word, "score > 6", "score >= 6"),
    Bug(
        "a changed answer counts in its first minute",
        ORACLE,
        surveys._answered,
        "= fact.at",
        "= response.answered or fact.at",
    ),
    Bug("a survey sent again is sent later", ORACLE, surveys._sent, "if not response.sent", "if True"),
    Bug(
        "a snapshot keeps an earlier sending",
        ORACLE,
        surveys._snapshot,
        "= fact.sent_at",
        "= response.sent or fact.sent_at",
    ),
)
