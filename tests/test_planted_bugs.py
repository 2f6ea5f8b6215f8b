"""Each law can fail: a deliberate bug in the product breaks it, and it is found within a small fixed volume.

A bug is an edit of a function's source. The edited code replaces the function's own for one test, so it
acts wherever the function is referred to. An edit that no longer fits the source is an error.
"""

import inspect
import textwrap
from collections.abc import Callable
from random import Random
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest

from stream_app import codec, pipeline
from stream_app.catalogue import reads, values
from stream_app.domain import account, board, callhome, fold, surveys
from stream_app.domain.cases import moves, weights
from tests.generators import LARGE, LONG, WIDE, Stream, stream
from tests.laws import LAWS, NEEDS_MEMORY

pytestmark = pytest.mark.slow  # they test the laws, which `make check` runs

STREAMS = 30
"""How many streams a law may need to find a bug; most need one or two."""

BATCH = "1 batch size changes nothing"
REPLAY = "2 replay changes nothing"
AGAIN = "2 publishing again changes nothing"
REBUILT = "3 rebuilt equals kept"
PARTS = "4 parts add up"
BAD = "5 a bad payload costs only itself"
KEEPS = "5 whatever is decoded can be kept"
ORACLE = "6 stream equals batch"
ORDER = "order changes nothing"


class Bug(NamedTuple):
    """`old` becomes `new` in the source of `function`; `law` finds it."""

    name: str
    law: str
    function: Callable[..., Any]
    old: str
    new: str


BUGS = (
    # fold
    Bug(
        "an event right after the row's last one is taken for delivered",
        ORACLE,
        fold.step,
        "<= row.offset:",
        "<= row.offset + 1:",
    ),
    Bug("a stale event is counted", REPLAY, fold.step, "return Outcome.STALE", "row.count += 1; return Outcome.STALE"),
    Bug("ids are not compared", AGAIN, fold.step, "kept.id == identity", "kept.offset == fact.offset"),
    Bug("a tie with the horizon is let in", AGAIN, fold.step, ") <= row.horizon", ") < row.horizon"),
    Bug("nothing is too late", AGAIN, fold.step, "row.horizon is not None", "False"),
    Bug(
        "a late fact is applied last", REBUILT, fold.step, "refold(folding, row)", "_advance(folding, row.state, fact)"
    ),
    Bug("a late fact is not applied", REBUILT, fold.step, "refold(folding, row)", "pass"),
    Bug("a late sign of life moves the latest back", ORDER, fold.step, "and fact.at > row.seen", ""),
    Bug("a late heartbeat moves the latest back", ORDER, fold.step, "fact.at <= row.seen", "False"),
    Bug(
        "the sequence is not looked at",
        ORDER,
        fold._insert,
        "facts[place - 1].order > order",
        "facts[place - 1].at > fact.at",
    ),
    Bug("the base is changed in place", REBUILT, fold._copied, "msgspec.structs.replace(base)", "base"),
    Bug("facts of one instant are forgotten one by one", REBUILT, fold._forget, "del facts[:tied]", "del facts[:1]"),
    Bug("forgotten facts are not in the base", REBUILT, fold._forget, "_advance(folding, base, fact)", "pass"),
    Bug("the horizon stays", AGAIN, fold._forget, "row.horizon = instant", "row.horizon = row.horizon or instant"),
    # board
    Bug(
        "minutes to come are summed at once", REBUILT, board.Tally.add, "edge is None or minute > edge", "edge is None"
    ),
    Bug(
        "the window is a minute longer when added to",
        REBUILT,
        board.Tally.add,
        "minute > edge - span",
        "minute >= edge - span",
    ),
    Bug("what is added is not summed", REBUILT, board.Tally.add, "sums[index] += amount", "pass"),
    Bug(
        "a minute leaves the window late",
        REBUILT,
        board.Tally._move,
        "(edge - span + 1, now_minute - span + 1)",
        "(edge - span, now_minute - span)",
    ),
    Bug(
        "the minute of the clock enters late",
        REBUILT,
        board.Tally._move,
        "range(edge + 1, now_minute + 1)",
        "range(edge + 1, now_minute)",
    ),
    Bug(
        "the clock cannot go back",
        REBUILT,
        board.Tally.read,
        "not 0 < now_minute - edge <= _FAR",
        "now_minute - edge > _FAR",
    ),
    Bug("the clock's own minute is not in the window", ORACLE, board.Tally.within, "m <= now_minute", "m < now_minute"),
    Bug("the window is a minute longer", ORACLE, board.Tally.within, "m > start", "m >= start"),
    Bug("nothing leaves its minute", REBUILT, board.Board.add, "sign * amount)", "amount)"),
    Bug("nothing leaves its level", REBUILT, board.Board.add, "0) + sign * amount", "0) + amount"),
    Bug(
        "levels of parts are left out",
        PARTS,
        board.combined,
        "in board.contents().items())",
        "in board.contents().items() if m is not None)",
    ),
    # pipeline
    Bug(
        "what a row weighed before a batch stays",
        BATCH,
        pipeline.Partition.absorb,
        "before.get(key) or (weigh(row, rules), part(row, rules))",
        "before.get(key) or ([], None)",
    ),
    Bug(
        "a row is weighed only after a batch",
        REBUILT,
        pipeline.Partition.absorb,
        "before.setdefault(key, known)",
        "before[key] = (weigh(row, rules), part(row, rules))",
    ),
    Bug(
        "a refused event makes a row",
        ORACLE,
        pipeline.Partition.absorb,
        "row = new_row(folding)",
        "row = rows[key] = new_row(folding)",
    ),
    Bug("an account's old weight stays", REBUILT, pipeline.Partition._joined, "self.board.add(weights, -1)", "pass"),
    Bug(
        "a row restored over another counts twice",
        REBUILT,
        pipeline.Partition.restore,
        "if key not in rows else",
        "if True else",
    ),
    Bug("a dropped row stays in its account", REBUILT, pipeline.Partition.drop, "if was is not None", "if False"),
    Bug(
        "a device is silent when it is late",
        ORACLE,
        pipeline.spans,
        "rules.silent_minutes(product), PAST",
        "rules.late_minutes(product), PAST",
    ),
    # account
    Bug("a closed case stays in its account", REBUILT, account._moved, "counts[before] -= 1", "pass"),
    Bug(
        "a device falls silent when first heard of",
        REBUILT,
        account._moved,
        "if after is not None",
        "if before is None",
    ),
    Bug("an account waits for its last device to fall silent", ORACLE, account.weigh, "min(", "max("),
    # cases
    Bug(
        "time between solve and reopening is worked time",
        ORACLE,
        moves._reopened,
        "case.paused += fact.at - (case.solved or case.closed)",
        "pass",
    ),
    Bug("waiting on a vendor is no worked time", ORACLE, moves._end_waiting, '== "customer"', '!= ""'),
    Bug("the first solve moves", ORACLE, moves._solve, "if not case.first_solved", "if True"),
    Bug(
        "a reopened case keeps its solve",
        ORACLE,
        moves._reopened,
        "case.solved = case.solved_paused = case.closed = 0",
        "case.closed = 0",
    ),
    Bug(
        "a merged case has a full resolution",
        ORACLE,
        weights.weigh,
        "if case.phase == MERGED:",
        "if False:",
    ),
    Bug("a second creation counts", ORACLE, moves._created, "if case.created:", "if False:"),
    Bug("an internal note is a reply", ORACLE, moves._replied, "not fact.public or ", ""),
    Bug("an automatic answer is a reply", ORACLE, moves._replied, " or fact.automatic", ""),
    Bug(
        "an agent's own case has a first response",
        ORACLE,
        weights.weigh,
        'if case.replied and case.by == "customer"',
        "if case.replied",
    ),
    Bug("a close does not end the waiting", ORACLE, moves._closed, "_end_waiting(case, fact.at)", "pass"),
    Bug("a reopened case is escalated as before", ORACLE, moves._solved, "case.escalated = False", "pass"),
    Bug(
        "escalated comes before waiting",
        ORACLE,
        weights.open_state,
        "if case.waiting:",
        "if case.waiting and not case.escalated:",
    ),
    Bug("a snapshot keeps earlier reopenings", ORACLE, moves._snapshot, "case.reopened = fact.reopened_at", "pass"),
    Bug(
        "a snapshot keeps an earlier reply",
        ORACLE,
        moves._snapshot,
        "case.replied = fact.replied_at",
        "case.replied = case.replied or fact.replied_at",
    ),
    Bug("an answer leaves the customer waiting", ORACLE, moves._replied, "case.awaiting = 0", "pass"),
    Bug("a solve leaves the customer waiting", ORACLE, moves._solve, "case.awaiting = 0", "pass"),
    Bug(
        "the latest question starts the waiting again",
        ORACLE,
        moves._replied,
        "case.awaiting = case.awaiting or fact.at",
        "case.awaiting = fact.at",
    ),
    Bug("an agent's own case awaits a reply", ORACLE, moves._created, 'if fact.by == "customer"', "if True"),
    Bug("a case assigned without a team has none", ORACLE, moves._assigned, "fact.team or case.team", "fact.team"),
    Bug("a case with somebody is unassigned", ORACLE, weights._open, "if not case.assigned", "if not case.team"),
    Bug("the oldest case is the newest", ORACLE, reads._first, "min(", "max("),
    Bug("the oldest cases of two workers are added up", PARTS, values.read, "TOGETHER[metric.aggregation]", "add"),
    Bug("one change too little moves the board", REBUILT, pipeline.Partition._weighs, "start += 1", "start += 2"),
    Bug(
        "every message is an interaction",
        ORACLE,
        moves._spoke,
        "if not case.interactions or case.interactions[-1][1] != side",
        "if True",
    ),
    Bug("the creation is no interaction", ORACLE, moves._created, '_spoke(case, fact.at, fact.by, "")', "pass"),
    Bug("a snapshot keeps earlier interactions", ORACLE, moves._snapshot, "case.interactions = ()", "pass"),
    Bug("an interaction has the channel of its case", ORACLE, weights.weigh, "closed(by, CHANNELS) if by else ", ""),
    Bug("a case is of no issue", ORACLE, moves._described, "fact.issue_type", "case.issue_type"),
    Bug(
        "access is told by the device alone",
        ORACLE,
        weights._opened,
        "closed(case.access_point, ACCESS_POINTS)",
        "'phone'",
    ),
    Bug(
        "a product that is not listed has numbers",
        ORACLE,
        weights._opened,
        "closed(case.product, rules.products)",
        "case.product",
    ),
    Bug(
        "a region is a product",
        ORACLE,
        weights._opened,
        "closed(case.region, rules.regions)",
        "closed(case.region, rules.products)",
    ),
    Bug("opened by the channel alone", ORACLE, weights._opened, "(channel, priority), at", '(channel, "p1"), at'),
    Bug(
        "a case nobody judged is not complete",
        ORACLE,
        weights._opened,
        "_COMPLETE[case.complete]",
        "_COMPLETE[bool(case.complete)]",
    ),
    Bug(
        "first contact lasts until the customer speaks for the second time",
        ORACLE,
        moves._replied,
        "case.contact_ended = case.contact_ended or fact.at",
        "case.contact_ended += 1 if case.touches > 1 else 0",
    ),
    Bug("a message after the solve was before it", ORACLE, weights._solved, "case.solved_later", "case.contact_ended"),
    Bug("nobody answered at first contact", ORACLE, weights._solved, " if case.replied else UNKNOWN", ""),
    Bug("replies after the solve are touches", ORACLE, weights._solved, "case.solved_touches", "case.touches"),
    Bug("a snapshot has no touches", ORACLE, moves._snapshot, "sum(turn for _, turn in spoken)", "0"),
    Bug("a case closed without a solve was solved", ORACLE, weights._closed, "if not case.first_solved", "if False"),
    Bug("the close pauses nothing", ORACLE, weights._closed, "length - case.paused", "length"),
    Bug(
        "resolution by channel is that of the close",
        ORACLE,
        weights._solved,
        "(channel,), case.solved, length)",
        "(channel,), case.closed, length)",
    ),
    Bug(
        "a response by channel begins at the response",
        ORACLE,
        weights.weigh,
        "(channel,), case.replied, length)",
        "(channel,), case.replied, 0)",
    ),
    Bug("a case is handed on to nowhere", ORACLE, moves._escalated, "fact.to", '""'),
    Bug(
        "a snapshot forgets who worked on it",
        ORACLE,
        moves._snapshot,
        "fact.escalated_to, fact.collaborated",
        '"", False',
    ),
    Bug("an escalated case was handed on", ORACLE, weights._solved, "if case.handed_on", "if case.escalated"),
    Bug("collaboration is a solve", ORACLE, weights._solved, "if case.collaborated", "if True"),
    Bug("the next step of an escalated case is due", ORACLE, weights._open, " and not case.handed_on", ""),
    Bug(
        "a case is stuck at once",
        ORACLE,
        weights._open,
        "since + rules.stuck_minutes",
        "since",
    ),
    Bug("a deleted case counts", ORACLE, weights.weigh, "if case.phase == GONE:", "if False:"),
    Bug("a case may be merged into itself", ORACLE, moves._merged_into_itself, "fact.into == key[1]", "False"),
    Bug("a case without creation counts", ORACLE, weights.weigh, "if not case.created:", "if False:"),
    # surveys
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
    # callhome
    Bug("a device lives in the instant of its end", ORACLE, callhome._retired, ">= row.seen", "> row.seen"),
    Bug(
        "a snapshot of a retired device revives it",
        ORACLE,
        callhome._snapshot,
        "fact.at if",
        "fact.decommissioned_at if",
    ),
    Bug("clearing a fault clears the others", ORACLE, callhome._fault_cleared, "item[0] != fact.code", "False"),
    Bug(
        "a fault raised again keeps its severity",
        ORACLE,
        callhome._fault_raised,
        "{**dict(device.faults), fact.code: fact.severity}",
        "{fact.code: fact.severity, **dict(device.faults)}",
    ),
    Bug(
        "a device registered again keeps its product",
        ORACLE,
        callhome._registered,
        "= fact.product",
        "= device.product or fact.product",
    ),
    Bug("a retired device falls silent", ORACLE, callhome.silent_from, " or _retired(row)", ""),
    Bug("a deleted device falls silent", ORACLE, callhome.silent_from, "device.phase == GONE or ", ""),
    # codec and catalogue
    Bug("the horizon is not stored", REBUILT, codec.RowCodec.dump, "row.horizon", "None"),
    Bug("the base is not stored", REBUILT, codec.RowCodec.dump, "row.base", "None"),
    Bug("the latest sign of life is not stored", REBUILT, codec.RowCodec.dump, "row.seen", "0"),
    Bug("a snapshot knows times after its own", ORACLE, codec._known_at, "min(ms, at)", "ms"),
    Bug("a time in seconds is read inside a snapshot", BAD, codec._known_at, "ms < EARLIEST_MS", "ms < 0"),
    Bug("a time inside a snapshot has no bound", KEEPS, codec._known_at, "ms < EARLIEST_MS", "False"),
    Bug("what is no JSON ends the worker", KEEPS, codec.Codec.decode, "msgspec.DecodeError, UnicodeDecodeError,", ""),
    Bug("any version is read", BAD, codec.Codec.decode, "wire.version != EVENT_VERSION", "False"),
    Bug("a time in seconds is read", BAD, codec.Codec.decode, "EARLIEST_MS <= at", "at"),
    Bug("a device ahead of the clock is missing", ORACLE, reads.fleet, "fresh + ahead", "fresh"),
    Bug("buckets do not hold the smaller ones", ORACLE, reads._histogram, "running += count", "running = count"),
)


def planted(bug: Bug) -> CodeType:
    """The code of the bug's function after the edit."""
    source = textwrap.dedent(inspect.getsource(bug.function))
    assert bug.old in source, f"the source changed: {bug.old!r} is not in {bug.function.__qualname__}"
    module = compile(source.replace(bug.old, bug.new), f"<{bug.name}>", "exec")
    return next(c for c in module.co_consts if isinstance(c, CodeType) and c.co_name == bug.function.__name__)


def volume(law: str, seed: int) -> Stream:
    """The streams a bug is looked for in: those of the laws, every second one long where the law allows it."""
    if law in NEEDS_MEMORY:
        return stream(Random(seed), WIDE)
    return stream(Random(seed), LONG if seed % 2 else LARGE)


def holds(law: str, seed: int) -> bool:
    try:
        LAWS[law](Random(seed), volume(law, seed))
    except Exception:  # noqa: BLE001  a planted bug may break anything in any way
        return False
    return True


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_breaks_a_law(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(bug.function, FunctionType)
    monkeypatch.setattr(bug.function, "__code__", planted(bug))
    seed = next((seed for seed in range(STREAMS) if not holds(bug.law, seed)), None)
    monkeypatch.undo()
    assert seed is not None, f"law {bug.law!r} holds for {STREAMS} streams"
    assert holds(bug.law, seed), "the law fails without the bug as well"
    print(f"found by law {bug.law!r} after {seed + 1} streams")


def test_bugs_are_planted_everywhere_and_every_law_finds_some() -> None:
    assert {bug.function.__module__.rsplit(".", 1)[-1] for bug in BUGS} == {
        "fold", "board", "pipeline", "account", "moves", "weights", "surveys", "callhome", "codec", "reads", "values",
    }  # fmt: skip
    assert {bug.law for bug in BUGS} == set(LAWS)
    assert len({bug.name for bug in BUGS}) == len(BUGS)
