"""The joins: what rows of several topics of one account weigh together.

Rows of one account lie in one partition, so a join needs no other worker. An account is never stored: it is
moved whenever the part of one of its rows changes, by what changed alone, and rebuilt after recovery. A join
is a class with a `move` of its own; what one device and the cases about it weigh together is weighed with the
device, and the account only knows which cases those are.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from heapq import heapify, heappop, heappush
from typing import Final

from stream_app.domain import callhome, cases, surveyed
from stream_app.domain.board import Weight
from stream_app.domain.intervals import Span, Union, edges
from stream_app.domain.words import WINDOWS

Change = tuple[Sequence[Weight], Sequence[Weight]]
"""What a join no longer weighs, and what it weighs now."""

NOTHING: Final[Change] = ((), ())


class Silence:
    """Open cases of an account count from the minute its first device falls silent.

    Minutes are counted, and the first one found by a heap, so that a heartbeat costs the same however many
    devices an account has. The heap may hold minutes that no device has any more; they are dropped as they come first.
    """

    __slots__ = ("_first", "_from", "_heap", "_open")

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()
        self._from: dict[int, int] = {}
        self._heap: list[int] = []
        self._first: int | None = None

    def case(self, before: str | None, after: str | None) -> Change:
        """A case is open under another priority; None when it is not open."""
        if before == after:
            return NOTHING
        was = self._weigh()
        if before is not None:
            self._open[before] -= 1
            if not self._open[before]:
                del self._open[before]
        if after is not None:
            self._open[after] += 1
        return was, self._weigh()

    def device(self, before: int | None, after: int | None) -> Change:
        """A device falls silent in another minute; None when it does not count."""
        if before == after:
            return NOTHING
        silent = self._from
        if after is not None:
            found = silent.get(after, 0)
            silent[after] = found + 1
            if not found:
                heappush(self._heap, after)
        if before is not None:
            left = silent[before] - 1
            if left:
                silent[before] = left
            else:
                del silent[before]
        first = self._earliest()
        if first == self._first:
            return NOTHING
        was = self._weigh()
        self._first = first
        return was, self._weigh()

    def _earliest(self) -> int | None:
        heap, silent = self._heap, self._from
        while heap and heap[0] not in silent:
            heappop(heap)
        if len(heap) > 2 * len(silent) + 64:
            self._heap = heap = list(silent)
            heapify(heap)
        return heap[0] if heap else None

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
    """What one account's rows weigh together."""

    __slots__ = ("_about", "_answers", "_availability", "_silence")

    def __init__(self) -> None:
        self._silence = Silence()
        self._availability = Availability()
        self._about: dict[str, dict[str, cases.Part]] = {}
        self._answers: dict[str, dict[str, surveyed.Answer]] = {}

    def about(self, device: str) -> Collection[cases.Part]:
        """The parts of the cases about a device."""
        found = self._about.get(device)
        return found.values() if found else ()

    def answers(self, case: str) -> Collection[surveyed.Answer]:
        """The answers of the surveys about a case."""
        found = self._answers.get(case)
        return found.values() if found else ()

    def survey(self, survey: str, before: surveyed.Answer | None, after: surveyed.Answer | None) -> Change:
        """A survey's answer changed. What the case it is about weighs with it is the caller's."""
        if before is not None:
            found = self._answers[before.case]
            del found[survey]
            if not found:
                del self._answers[before.case]
        if after is not None:
            self._answers.setdefault(after.case, {})[survey] = after
        return NOTHING

    def case(self, case: str, before: cases.Part | None, after: cases.Part | None) -> Change:
        """A case's part changed. What its devices weigh with it is the caller's."""
        if before is not None and before.device:
            found = self._about[before.device]
            del found[case]
            if not found:
                del self._about[before.device]
        if after is not None and after.device:
            self._about.setdefault(after.device, {})[case] = after
        return self._silence.case(before and before.priority, after and after.priority)

    def device(self, before: callhome.Part | None, after: callhome.Part | None) -> Change:
        """A device's part changed."""
        left = self._silence.device(before and before.silent_from, after and after.silent_from)
        out = self._availability.device(before and before.outages, after and after.outages)
        return [*left[0], *out[0]], [*left[1], *out[1]]

    def beat(self, before: int | None, after: int | None) -> Change:
        """A device in service falls silent in another minute, and nothing else of it changed."""
        return self._silence.device(before, after)
