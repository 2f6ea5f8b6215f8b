"""Bugs of what was recorded of cases, of attempts to reach support, and of what machines did."""

from stream_app.catalogue import values
from stream_app.domain import observed
from stream_app.domain.cases import contact, moves, record, weights
from tests.bugs.bug import ORACLE, Bug

BUGS = (
    Bug(
        "a thing of attempts alone is incomplete",
        ORACLE,
        weights._never_created,
        "row.count != row.state.attempted",
        "True",
    ),
    Bug(
        "attempts make an incomplete row whole",
        ORACLE,
        weights._never_created,
        "row.count != row.state.attempted",
        "not row.state.attempted",
    ),
    Bug(
        "a snapshot takes the attempts away",
        ORACLE,
        moves._snapshot,
        "case.asking, case.recorded = fact.information_rounds, False",
        "case.asking, case.attempts, case.recorded = fact.information_rounds, False, ()",
    ),
    Bug("an attempt has the channel of its case", ORACLE, contact.attempts, "closed(by, CHANNELS) if by else ", ""),
    Bug("who is queued has waited", ORACLE, contact.attempts, "if wait is not None", "if wait"),
    Bug("an attempt may end in any word", ORACLE, contact.attempts, "closed(outcome, ATTEMPTS)", "outcome"),
    Bug("what was routed stays", ORACLE, contact.automation, "if moved else", "if False else"),
    Bug("every step is moved on", ORACLE, contact.automation, 'step == "routed" and', ""),
    Bug("a machine does anything", ORACLE, contact.automation, "closed(step, AUTOMATION)", "step"),
    Bug("asking twice is two rounds", ORACLE, moves._information_asked, "if not case.asking", "if True"),
    Bug("an answer ends no round", ORACLE, moves._replied, "case.asking = False", "pass", seed=10),
    Bug("no round is a round", ORACLE, record.solved, "if case.rounds:", "if True:"),
    Bug(
        "interactions after the solve count",
        ORACLE,
        record.solved,
        "case.solved_spoken",
        "len([s for s in case.interactions if s[1] == 'customer'])",
    ),
    Bug(
        "agents' interactions are customers'",
        ORACLE,
        moves._solve,
        'sum(side == "customer" for _, side, _ in case.interactions)',
        "len(case.interactions)",
    ),
    Bug("a snapshot has no interactions before its solve", ORACLE, moves._snapshot, "case.solved_spoken += 1", "pass"),
    Bug("a close knows nothing of the record", ORACLE, moves._closed, "_recorded(case, fact)", "pass"),
    Bug("who does not say it says no", ORACLE, moves._recorded, "if fact.recorded is not None", "if True"),
    Bug("no record is none", ORACLE, record.solved, "if case.recorded is not None", "if case.recorded"),
    Bug("every topic is known", ORACLE, moves._linked, 'fact.action == "made"', "False"),
    Bug("a topic of any kind is known", ORACLE, record.solved, "if case.known_topic:", "if True:"),
    Bug("the last article counts", ORACLE, moves._linked, "elif not case.knowledge or", "elif True or"),
    Bug("a bug is an article", ORACLE, moves._linked, 'elif fact.what == "bug"', "elif False"),
    Bug("every case has a bug", ORACLE, weights._opened, "if case.bug", "if True"),
    Bug(
        "a snapshot has no bug",
        ORACLE,
        moves._snapshot,
        "case.bug, case.knowledge = fact.bug, fact.knowledge",
        "case.knowledge = fact.knowledge",
    ),
    Bug(
        "as many as a bound are more",
        ORACLE,
        observed.count,
        "bisect_left(COUNT_BOUNDS, number)",
        "bisect_left(COUNT_BOUNDS, number + 1)",
    ),
    Bug("what is counted is in ms", ORACLE, values.read, 'if metric.unit != "seconds"', "if False"),
    Bug("an issue is met when its case is solved", ORACLE, record.tied, "minute(case.created)", "minute(case.solved)"),
    Bug("only new topics have a name", ORACLE, record.solved, "if rules.top_known_topics", "if case.topic_made"),
    Bug("every topic is the same one", ORACLE, record.solved, "(case.known_topic,)", '("topic",)'),
)
