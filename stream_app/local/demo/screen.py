"""What the demo tells people: steps with how long they took, a live view, lines where there is no terminal."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from stream_app.local.demo.numbers import FINEST_SECONDS, Numbers

_LINE_EVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class View:
    """One moment of a run. seconds: since the first event; whole: how many there will be, if that is known.

    window: what resolution and CSAT look back on.
    """

    seconds: float
    whole: float | None
    events_in: int
    rate: float
    numbers: Numbers
    delivered: tuple[str, ...]
    window: str

    @property
    def clock(self) -> str:
        """How far the run is."""
        return _minutes(self.seconds) + ("" if self.whole is None else f" of {_minutes(self.whole)}")

    def pairs(self) -> Iterator[tuple[str, str]]:
        """What, and how much of it."""
        numbers = self.numbers
        yield "events in", f"{self.events_in:,} ({self.rate:,.0f}/s)"
        yield "applied", f"{numbers.applied:,}"
        yield "refused", f"{numbers.refused:,}"
        yield "rejected", f"{numbers.rejected:,}"
        yield "lag", _shown(numbers.lag)
        yield "open cases", _shown(numbers.open)
        p50 = numbers.resolution_p50_seconds
        coarse = p50 is not None and p50 < FINEST_SECONDS
        yield f"resolution p50 {self.window}", f"under {length(FINEST_SECONDS)}" if coarse else length(p50)
        yield f"resolution mean {self.window}", length(numbers.resolution_mean_seconds)
        yield f"CSAT {self.window}", "-" if numbers.csat is None else f"{numbers.csat:.0%}"
        yield "devices silent", _shown(numbers.silent)
        yield "alerts firing", ", ".join(numbers.firing) or "none"
        yield "delivered", ", ".join(self.delivered) or "none"


class Screen:
    """Writes to standard error, so that it never mixes with results."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._live: Live | None = None
        self._lined = float("-inf")

    def say(self, line: str) -> None:
        """One line of progress."""
        self._console.print(f"  {line}", markup=False, soft_wrap=True)

    @contextmanager
    def step(self, doing: str) -> Iterator[list[str]]:
        """Something that takes time. What is put into the list is said when it is done, with how long it took."""
        began = time.monotonic()
        done: list[str] = []
        terminal = self._console.is_terminal
        with self._console.status(f"  {doing}") if terminal else nullcontext():
            yield done
        took = f"{time.monotonic() - began:5.1f} s"
        self._console.print(f"  {took}  {' '.join(done) or doing}", markup=False, soft_wrap=True)

    def links(self, links: Iterable[tuple[str, str]]) -> None:
        """Where to look."""
        self._console.print()
        for what, where in links:
            self._console.print(f"  {what:<16}{where}", markup=False, soft_wrap=True)
        self._console.print()

    def show(self, view: View) -> None:
        """The present moment: in place on a terminal, a line now and then elsewhere."""
        if self._console.is_terminal:
            if self._live is None:
                self._live = Live(console=self._console, auto_refresh=False)
                self._live.start()
            self._live.update(_panel(view), refresh=True)
        elif view.seconds - self._lined >= _LINE_EVERY_SECONDS:
            self._lined = view.seconds
            self.say(f"{view.clock}  " + "  ".join(f"{name} {value}" for name, value in view.pairs()))

    def end_view(self) -> None:
        """Leave the last view standing and go on below it."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def summary_table(lines: Iterable[tuple[str, str]], faults: Iterable[str]) -> RenderableType:
    """The end of a run."""
    grid = Table.grid(padding=(0, 2))
    for what, much in lines:
        grid.add_row(what, much)
    for fault in faults:
        grid.add_row("FAILED", fault, style="bold red")
    return Panel(grid, title="stream-app demo", expand=False)


def _panel(view: View) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    pairs = list(view.pairs())
    alarm = "bold red" if view.numbers.firing else None
    for what, much in pairs:
        grid.add_row(what, much, style=alarm if what == "alerts firing" else None)
    grid.add_row("", "")
    grid.add_row("Ctrl-C", "ends the demo and all it started", style="dim")
    return Panel(grid, title=view.clock, expand=False)


def length(seconds: float | None) -> str:
    """A length of time as people say it."""
    if seconds is None:
        return "-"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.0f} s"


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _shown(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"
