"""The joins: what rows of several topics of one account weigh together.

Rows of one account lie in one partition, so a join needs no other worker. An account is never stored: it is
moved whenever the part of one of its rows changes, by what changed alone, and rebuilt after recovery. A join
is a class with a `move` of its own; what one device and the cases about it weigh together is weighed with the
device, and the account only knows which cases those are.
"""

from collections.abc import Collection, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, TypeVar

from stream_app.domain import callhome, cases, surveyed
from stream_app.domain.board import Weight
from stream_app.domain.intervals import Span, Union, edges
from stream_app.domain.words import WINDOWS

Change = tuple[Sequence[Weight], Sequence[Weight]]
"""What a join no longer weighs, and what it weighs now."""

NOTHING: Final[Change] = ((), ())

PartT = TypeVar("PartT")


class Minutes:
    """Minutes that are counted, and the first of them.

    Found by a heap, so that a heartbeat costs the same however many devices an account has. The heap may hold minutes
    that are counted no more; they are dropped as they come first.
    """

    __slots__ = ("_counts", "_heap")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._heap: list[int] = []

    def move(self, before: int | None, after: int | None) -> int | None:
        """Count one minute less and another more; returns the first one that is counted then."""
        counts = self._counts
        if after is not None:
            found = counts.get(after, 0)
            counts[after] = found + 1
            if not found:
                heappush(self._heap, after)
        if before is not None:
            left = counts[before] - 1
            if left:
                counts[before] = left
            else:
                del counts[before]
        return self._first()

    def _first(self) -> int | None:
        heap, counts = self._heap, self._counts
        while heap and heap[0] not in counts:
            heappop(heap)
        if len(heap) > 2 * len(counts) + 64:
            self._heap = heap = list(counts)
            heapify(heap)
        return heap[0] if heap else None

    def heaped(self) -> tuple[int, int]:
        """How many minutes the heap holds, and how many are counted."""
        return len(self._heap), len(self._counts)


class Silence:
    """Open cases of an account count from the minute its first device falls silent.

    What is empty is not there: accounts are many, and most have cases and no device, or the other way round.
    """

    __slots__ = ("_first", "_minutes", "_open")

    def __init__(self) -> None:
        self._open: dict[str, int] | None = None
        self._minutes: Minutes | None = None
        self._first: int | None = None

    def case(self, before: str | None, after: str | None) -> Change:
        """A case is open under another priority; None when it is not open."""
        if before == after:
            return NOTHING
        was = self._weigh()
        self._count(before, after)
        return was, self._weigh()

    def _count(self, before: str | None, after: str | None) -> None:
        found = self._open or {}
        if before is not None:
            left = found[before] - 1
            if left:
                found[before] = left
            else:
                del found[before]
        if after is not None:
            found[after] = found.get(after, 0) + 1
        self._open = found or None

    def device(self, before: int | None, after: int | None) -> Change:
        """A device falls silent in another minute; None when it does not count."""
        if before == after:
            return NOTHING
        if self._minutes is None:
            self._minutes = Minutes()
        first = self._minutes.move(before, after)
        if first == self._first:
            return NOTHING
        was = self._weigh()
        self._first = first
        return was, self._weigh()

    def _weigh(self) -> list[Weight]:
        first = self._first
        if first is None or not self._open:
            return []
        return [("cases_open_silent_device", (priority,), first, n) for priority, n in sorted(self._open.items())]


class Availability:
    """Customers with devices in service, and those of which some device was in outage within each window."""

    __slots__ = ("_devices", "_outages")

    def __init__(self) -> None:
        self._devices = 0
        self._outages: Union | None = None

    def device(self, before: Sequence[Span] | None, after: Sequence[Span] | None) -> Change:
        """A device has other outages; None when it is not in service."""
        if before == after:
            return NOTHING
        served = self._devices
        self._devices += (after is not None) - (before is not None)
        gone, come = list(_customer(served)), list(_customer(self._devices))
        away, new = set(before or ()), set(after or ())
        if away != new:
            if self._outages is None:
                self._outages = Union()
            for was, now in self._outages.move(away - new, new - away):
                gone += _with_outage(was)
                come += _with_outage(now)
        return gone, come


def _customer(devices: int) -> Sequence[Weight]:
    return (("customers_with_devices", (), None, 1),) if devices else ()


def _with_outage(lasting: Sequence[Span]) -> list[Weight]:
    return [
        ("customers_with_outage", (window,), when, change)
        for window, length in WINDOWS.items()
        for when, change in edges(lasting, length)
    ]


class Account:
    """What one account's rows weigh together; as with `Silence`, what is empty is not there."""

    __slots__ = ("_about", "_answers", "_availability", "_silence")

    def __init__(self) -> None:
        self._silence = Silence()
        self._availability: Availability | None = None
        self._about: dict[str, dict[str, cases.Part]] | None = None
        self._answers: dict[str, dict[str, surveyed.Answer]] | None = None

    def about(self, device: str) -> Collection[cases.Part]:
        """The parts of the cases about a device."""
        found = self._about and self._about.get(device)
        return found.values() if found else ()

    def answers(self, case: str) -> Collection[surveyed.Answer]:
        """The answers of the surveys about a case."""
        found = self._answers and self._answers.get(case)
        return found.values() if found else ()

    def survey(self, survey: str, before: surveyed.Answer | None, after: surveyed.Answer | None) -> Change:
        """A survey's answer changed. What the case it is about weighs with it is the caller's."""
        self._answers = _put(self._answers, survey, before and before.case, after and after.case, after)
        return NOTHING

    def case(self, case: str, before: cases.Part | None, after: cases.Part | None) -> Change:
        """A case's part changed. What its devices weigh with it is the caller's."""
        self._about = _put(self._about, case, before and before.device, after and after.device, after)
        return self._silence.case(before and before.priority, after and after.priority)

    def device(self, before: callhome.Part | None, after: callhome.Part | None) -> Change:
        """A device's part changed."""
        if self._availability is None:
            self._availability = Availability()
        left = self._silence.device(before and before.silent_from, after and after.silent_from)
        out = self._availability.device(before and before.outages, after and after.outages)
        return [*left[0], *out[0]], [*left[1], *out[1]]

    def beat(self, before: int | None, after: int | None) -> Change:
        """A device in service falls silent in another minute, and nothing else of it changed."""
        return self._silence.device(before, after)


def _put(
    found: dict[str, dict[str, PartT]] | None, thing: str, before: str | None, after: str | None, part: PartT | None
) -> dict[str, dict[str, PartT]] | None:
    """The parts of things by what they are about, when one is about something else; None when there are none."""
    if not before and not after:
        return found
    found = found or {}
    if before:
        del found[before][thing]
        if not found[before]:
            del found[before]
    if after and part is not None:
        found.setdefault(after, {})[thing] = part
    return found or None
