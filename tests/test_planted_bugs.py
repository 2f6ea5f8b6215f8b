"""Each law can fail: a deliberate bug in the product breaks it, and it is found within a small fixed volume.

A bug is an edit of a function's source. The edited code replaces the function's own for one test, so it
acts wherever the function is referred to. An edit that no longer fits the source is an error.
"""

import inspect
import textwrap
from functools import cache
from random import Random
from types import CodeType, FunctionType

import pytest

from stream_app import native
from stream_app.domain import surveys
from stream_app.domain.callhome import joint
from stream_app.domain.callhome import moves as fleet
from stream_app.domain.callhome import weights as devices
from stream_app.domain.cases import contact, moves, record, targets, weights, work
from stream_app.domain.health import evidence
from stream_app.pipeline import Partition
from tests.bugs import BUGS, Bug
from tests.bugs.bug import COMPILED
from tests.generators import LARGE, LONG, WIDE, Stream, stream
from tests.laws import LAWS, NEEDS_MEMORY

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("plain")]  # they test the laws, which `make check` runs


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bugs are planted in the plain core: without this the compiled one would work in its place."""
    monkeypatch.setattr(native, "ENABLED", False)


STREAMS = 30
"""How many streams a law may need to find a bug; most need one or two."""


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


@cache
def holds_as_it_is(law: str, seed: int) -> bool:
    """Whether the law holds for a stream without any bug: many bugs are found in the same few streams."""
    return holds(law, seed)


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_breaks_a_law(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(bug.function, FunctionType)
    monkeypatch.setattr(bug.function, "__code__", planted(bug))
    seed = next((seed for seed in range(bug.seed, bug.seed + STREAMS) if not holds(bug.law, seed)), None)
    monkeypatch.undo()
    assert seed is not None, f"law {bug.law!r} holds for {STREAMS} streams"
    assert holds_as_it_is(bug.law, seed), "the law fails without the bug as well"
    print(f"found by law {bug.law!r} after {seed - bug.seed + 1} streams")


DONE_TWICE = (
    moves._end_waiting, moves._solve, moves._created, moves._closed, moves._spoke, moves._described,
    moves._effort_logged, moves._information_asked, moves._recorded, moves._linked, weights.open_state, weights._opened,
    weights._first, weights._served, weights._solved, weights._closed, weights._open, weights._untouched_from,
    work.contact, work.with_engineering, contact.interactions, contact.attempts, contact.automation, record.solved,
    record.tied, targets._runs, evidence.of_case, evidence.first_hour, Partition._beat, devices.interval,
    surveys.word, surveys._about, surveys._sent, surveys._answered, surveys._judged, surveys._contacted, surveys.weigh,
    surveys._answer, evidence.of_survey, evidence.silent_hour,
    fleet._fault_raised, fleet._ended, fleet._software_version, devices._faults, joint._evidence,
)  # fmt: skip
"""Functions that the compiled core has in words of its own, for whatever they do."""


@pytest.mark.parametrize("bug", [bug for bug in BUGS if bug.function in DONE_TWICE], ids=lambda bug: bug.name)
def test_a_bug_in_one_of_the_cores_is_seen_beside_the_other(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    assert holds_as_it_is(COMPILED, 0)
    monkeypatch.setattr(bug.function, "__code__", planted(bug))
    assert not all(holds(COMPILED, seed) for seed in range(STREAMS))


def test_bugs_are_planted_everywhere_and_every_law_finds_some() -> None:
    assert {bug.function.__module__.rsplit(".", 1)[-1] for bug in BUGS} == {
        "fold", "board", "minutes", "pipeline", "account", "intervals", "moves", "weights", "work", "contact", "record",
        "observed", "joint", "surveys", "codec", "reads", "values", "state", "targets", "calendars", "service_levels",
        "health", "score", "evidence", "tiers", "ledger", "words", "surveyed", "names",
    }  # fmt: skip
    assert {bug.law for bug in BUGS} == set(LAWS) - {COMPILED}
    assert len({bug.name for bug in BUGS}) == len(BUGS)
