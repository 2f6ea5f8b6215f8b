"""Bugs of who works on cases, and how."""

from stream_app.domain.cases import moves, weights, work
from tests.bugs.bug import ORACLE, Bug

BUGS = (
    Bug(
        "an escalated case that gets another team was handed off",
        ORACLE,
        moves._assigned,
        "not case.stepped_up and ",
        "",
    ),
    Bug("the first team is a handoff", ORACLE, moves._assigned, "if case.team and not", "if not"),
    Bug("a solved case is handed off", ORACLE, moves._assigned, "not case.stepped_up and case.phase == OPEN", "True"),
    Bug("an escalation explains every later assignment", ORACLE, moves._assigned, "case.stepped_up = False", "pass"),
    Bug("the first agent is a reassignment", ORACLE, moves._assigned, "if case.agent and", "if"),
    Bug("another team keeps the agent", ORACLE, moves._assigned, "fact.team, fact.agent\n", "fact.team, case.agent\n"),
    Bug(
        "an assignment ends the partner's work",
        ORACLE,
        moves._assigned,
        "fact.delivered_by or case.delivered_by",
        "fact.delivered_by",
    ),
    Bug("a case that nobody asked about has a vendor", ORACLE, moves._worked_with, "if word == _VENDOR", "if True"),
    Bug(
        "the last vendor counts",
        ORACLE,
        moves._worked_with,
        "(case.vendor, _AGREED[authorised])",
        "(_AGREED[authorised],)",
    ),
    Bug("one collaborator is enough", ORACLE, moves._worked_with, "(*case.worked_with, word)", "(word,)"),
    Bug("the last effort counts", ORACLE, moves._effort_logged, "(case.effort or 0) + ", ""),
    Bug("effort of no minutes is none", ORACLE, work.solved, "if case.effort is not None", "if case.effort"),
    Bug("engineering has it since the last word", ORACLE, moves._escalated, "case.engineering or fact.at", "fact.at"),
    Bug("whoever has it next, engineering has it", ORACLE, moves._escalated, "case.engineering = 0", "pass"),
    Bug("engineering begins anew each time", ORACLE, moves._escalated, "case.fixing or fact.at", "fact.at"),
    Bug("a reopened case is back with engineering", ORACLE, moves._reopened, "case.engineering = 0", "pass"),
    Bug("a snapshot keeps the handoffs", ORACLE, moves._handled, "= fact.handoffs, fact", "= case.handoffs, fact"),
    Bug("a snapshot keeps the collaborators", ORACLE, moves._handled, 'case.worked_with, case.vendor = (), ""', "pass"),
    Bug("a snapshot says nothing of engineering", ORACLE, moves._handled, "if here else 0", "if False else 0"),
    Bug("a merge happens when it is told", ORACLE, moves._handled, "(fact.merged_at or fact.at)", "fact.at"),
    Bug("a merge has no minute", ORACLE, moves._merged, "case.went_on = ", ""),
    Bug(
        "a merged case is none",
        ORACLE,
        weights._told,
        '"cases_merged", (), minute(case.went_on), 1',
        '"cases_merged", (), minute(case.went_on), 0',
    ),
    Bug(
        "escalated comes before first contact",
        ORACLE,
        work.path,
        'contact == "first"',
        'contact == "first" and not case.handed_on',
    ),
    Bug("a team is a coach", ORACLE, work.path, "_OTHERS.isdisjoint(case.worked_with)", "True"),
    Bug(
        "twice is often", ORACLE, work.solved, "_TIMES[min(case.handoffs, 3)]", "_TIMES[min(2 * case.handoffs - 1, 3)]"
    ),
    Bug(
        "agents change as often as teams",
        ORACLE,
        work.solved,
        "_TIMES[min(case.reassignments, 3)]",
        "_TIMES[min(case.handoffs or 1, 3)]",
    ),
    Bug(
        "resolution by path is that of nothing",
        ORACLE,
        work.solved,
        "way, case.solved, length)",
        "way, case.solved, 0)",
    ),
    Bug("every tier is served alike", ORACLE, work.solved, "closed(case.tier, rules.tiers)", '"basic"'),
    Bug("everybody may deliver", ORACLE, work.solved, "closed(case.delivered_by, rules.partners)", "case.delivered_by"),
    Bug("the fix begins with the case", ORACLE, work.solved, "case.solved - case.fixing", "length"),
    Bug(
        "a case is with engineering since it was opened",
        ORACLE,
        work.with_engineering,
        "minute(case.engineering)",
        "minute(case.created)",
    ),
    Bug("untouched a day early", ORACLE, weights._untouched_from, "_DAY_MS + 1 + rules", "_DAY_MS + rules"),
)
