"""Bugs of what joins the rows of an account."""

from stream_app.domain import account, intervals, surveyed
from stream_app.domain.callhome import joint
from tests.bugs.bug import EDGE, ORACLE, REBUILT, Bug

BUGS = (
    Bug("a closed case stays in its account", REBUILT, account.Silence.case, "self._open[before] -= 1", "pass"),
    Bug(
        "a device goes on falling silent in the same minute",
        REBUILT,
        account.Silence.device,
        "del silent[before]",
        "pass",
    ),
    Bug(
        "an account waits for its last device to fall silent",
        ORACLE,
        account.Silence._earliest,
        "heap[0] if",
        "max(heap) if",
    ),
    Bug("minutes without a device stay the first", REBUILT, account.Silence._earliest, "heappop(heap)", "break"),
    Bug("a case about another device now is about both", REBUILT, account.Account.case, "del found[case]", "pass"),
    Bug("customers are counted by device", ORACLE, account._customer, " if devices else ()", " * devices"),
    Bug(
        "customers in outage are counted by device",
        ORACLE,
        account.Availability.device,
        "self._outages.move(away - new, new - away)",
        "[(list(away), list(new))]",
    ),
    Bug("an outage that ended is not over for its customer", ORACLE, account.Availability.device, "away - new", "()"),
    Bug("what lasts before a change is not looked at", ORACLE, intervals.Union._again, "max(low - 1, 0)", "low"),
    Bug(
        "a window is left a minute late", EDGE, intervals.edges, "ends = last + window\n", "ends = last + window + 1\n"
    ),
    Bug("what follows in the window does not prolong it", EDGE, intervals.edges, "max(ends, last + window)", "ends"),
    Bug("a span that follows in the window counts again", ORACLE, intervals.edges, "if first > ends:", "if True:"),
    Bug(
        "a signal counts however old",
        EDGE,
        joint._signal,
        "since <= raised <= case.created",
        "raised <= case.created",
    ),
    Bug(
        "a signal after the case came before it",
        ORACLE,
        joint._signal,
        "since <= raised <= case.created",
        "since <= raised",
    ),
    Bug("the latest signal is the first", EDGE, joint._signal, "min(signals)", "max(signals)"),
    Bug("proactive cases missed a signal", ORACLE, joint.together, "if case.reactive", "if True"),
    Bug("a case about another signal is of this fault", ORACLE, joint._ended, ' and case.signal in {"", code}', ""),
    Bug(
        "a case after the fault is of it",
        ORACLE,
        joint._ended,
        "raised <= case.created <= cleared",
        "raised <= case.created",
    ),
    Bug("a fault of unknown beginning ended by itself", ORACLE, joint._ended, "if not raised:", "if False:"),
    Bug("what a device mended was cleared", ORACLE, joint._ended, '"self_healed" if healed else ', ""),
    Bug("a closed case cares for its device", ORACLE, joint._cared_for, "case.open", "True"),
    Bug("a minor fault calls for a case", ORACLE, joint._evidence, '"major" in words', "words"),
    Bug("a retired device calls for a case", ORACLE, joint.together, "not retired(known, rules)", "True"),
    Bug("a silent device with a case calls for one", ORACLE, joint.pulse, "(cases and _cared_for(cases))", "False"),
    Bug(
        "a silent device with a grave fault calls twice",
        ORACLE,
        joint.pulse,
        "(device.faults and _evidence(device))",
        "False",
    ),
    Bug("what is not solved has a path", ORACLE, surveyed.together, "case.solved and", "case.phase and"),
    Bug("who delivers a merged case is known", ORACLE, surveyed.together, "{GONE, MERGED}", "{GONE}"),
    Bug(
        "everybody may deliver what is asked about",
        ORACLE,
        surveyed.together,
        "closed(case.delivered_by, rules.partners)",
        "case.delivered_by",
    ),
    Bug("a survey that is gone is about a case", ORACLE, surveyed.answer, " or response.phase == surveys.GONE", ""),
    Bug("a relationship is held against a case", ORACLE, surveyed.answer, ' or response.survey == "nps"', ""),
    Bug(
        "an answer came when it was asked for",
        ORACLE,
        surveyed.answer,
        "minute(response.answered)",
        "minute(response.sent)",
    ),
    Bug("an answer stays with its first case", REBUILT, account.Account.survey, "del found[survey]", "pass"),
    Bug(
        "a case does not know what was answered about it",
        ORACLE,
        account.Account.answers,
        "found.values() if found else ()",
        "()",
    ),
)
