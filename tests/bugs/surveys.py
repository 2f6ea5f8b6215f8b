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
    Bug("a survey is always about a case", ORACLE, surveys.weigh, 'if response.case else "account"', 'if True else ""'),
    Bug(
        "a survey was sent by no channel until it is answered",
        ORACLE,
        surveys.weigh,
        "closed(response.channel, CHANNELS)",
        'closed(response.channel if response.answered else "", CHANNELS)',
    ),
    Bug(
        "surveys are sent to one tier",
        ORACLE,
        surveys.weigh,
        '("surveys_sent_by_tier", (response.survey, tier)',
        '("surveys_sent_by_tier", (response.survey, UNKNOWN)',
    ),
    Bug("an answer came by no channel", ORACLE, surveys._about, "= fact.channel or", "="),
    Bug("the first word on the tier counts", ORACLE, surveys._about, "fact.tier or response.tier", "response.tier"),
    Bug("aspects count by channel", ORACLE, surveys._answer, 'if aspect == "overall"', "if True"),
    Bug("a detractor is dissatisfied", ORACLE, surveys._answer, "if response.dissatisfied", "if response.answers"),
    Bug(
        "a reason outside the set has a label of its own",
        ORACLE,
        surveys._answer,
        "sorted(reasons)",
        "response.reasons or sorted(reasons)",
    ),
    Bug("a contact is forgotten when there is another", ORACLE, surveys._contacted, "*response.contacts, ", ""),
    Bug("every contact counts", ORACLE, surveys._contacted, "and not response.contacted", ""),
    Bug("a contact ends nothing", ORACLE, surveys._contacted, "response.contacted = True", "pass"),
    Bug("who was contacted once is done with", ORACLE, surveys._judged, "response.contacted = False", "pass"),
    Bug("a snapshot's contact is not seen", ORACLE, surveys._snapshot, "and fact.contacted_at > 0", "and False"),
    Bug(
        "who waits has waited since the sending",
        ORACLE,
        surveys._answer,
        "(tier,), when, when)",
        "(tier,), when, minute(response.sent))",
    ),
)
