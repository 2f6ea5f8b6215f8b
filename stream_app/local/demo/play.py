"""One run of the demo from its first step to its summary."""

import json
import shutil
import sys
import time
from pathlib import Path
from typing import Final

from stream_app.local.demo import freshness, numbers, watching
from stream_app.local.demo.delivered import delivered, watchdog_came
from stream_app.local.demo.interrupt import Interrupt, Interrupted
from stream_app.local.demo.scene import INCIDENT, INCIDENT_AFTER_SECONDS, INCIDENT_LASTS_SECONDS, Options, Scene
from stream_app.local.demo.screen import Screen, View
from stream_app.local.demo.stack import Stack
from stream_app.local.demo.summary import Summary
from stream_app.local.errors import LocalError
from stream_app.local.processes import decisive_line

_LOOK_SECONDS: Final = 1.0
_FIRST_EVENT_SECONDS: Final = 60.0
_HISTORY_SECONDS: Final = 15.0
_SCRAPE_SECONDS: Final = 15.0
_DRAIN_SECONDS: Final = 20.0
_MEASURED_SECONDS: Final = 120
"""How far back the time from event to scrape is measured."""


def play(options: Options, screen: Screen) -> Summary:
    """Start everything, show it until its time is over or somebody ends it, end everything, and sum up.

    Raises LocalError and what the parts' starting raises; nothing is left running then either.
    """
    summary = Summary(options.seed if options.log is None else None, interrupted=False)
    began = time.monotonic()
    scene = Scene(options)
    stack = Stack(scene, screen)
    with Interrupt() as interrupt:
        try:
            stack.start()
            stack.start_source()
            Run(scene, stack, screen, interrupt, summary).run(began)
        except Interrupted:
            summary.interrupted = True
        finally:
            interrupt.raising = False
            screen.end_view()
            summary.endings = stack.stop()
    summary.seconds = time.monotonic() - began
    return summary


class Run:
    """The part of a run in which events flow."""

    def __init__(self, scene: Scene, stack: Stack, screen: Screen, interrupt: Interrupt, summary: Summary) -> None:
        self._scene, self._stack, self._screen = scene, stack, screen
        self._interrupt, self._summary = interrupt, summary
        self._caught_up_ms: int | None = None
        self._before = (0.0, 0)

    def run(self, began: float) -> None:
        """Watch until the end, then collect what the summary says. Raises LocalError, Interrupted."""
        self._await_first_event()
        first = time.monotonic()
        self._summary.until_traffic_seconds = first - began
        self._await_history()
        self._stack.start_watching()
        self._await_first_scrape()
        self._screen.links(self._links())
        self._interrupt.raising = False
        duration = self._scene.options.duration_seconds
        while not self._interrupt.asked.is_set():
            elapsed = time.monotonic() - first
            if duration is not None and elapsed >= duration:
                break
            self._look(elapsed)
            self._interrupt.asked.wait(_LOOK_SECONDS)
        self._summary.interrupted = self._interrupt.asked.is_set()
        self._screen.end_view()
        self._collect()

    def _await_first_event(self) -> None:
        with self._screen.step("waiting for the first event") as done:
            until = time.monotonic() + _FIRST_EVENT_SECONDS
            while not self._stack.logs.total():
                if self._stack.source.process.poll() or time.monotonic() > until:
                    log = self._stack.source.command.log
                    raise LocalError(f"no event came in: {decisive_line(log) or 'nothing was said'}; log: {log}")
                time.sleep(0.05)
            options = self._scene.options
            what = f"simulator, seed {options.seed}" if options.log is None else f"import of {options.log}"
            done.append(f"{what}: the first events are in Kafka")

    def _await_history(self) -> None:
        """Wait until what was published at once is counted: half of a history would look like a surge."""
        with self._screen.step("the worker reads the history") as done:
            until = time.monotonic() + _HISTORY_SECONDS
            counted = 0
            while time.monotonic() < until:
                total, before, counted = self._stack.logs.total(), counted, self._stack.counted()
                if counted >= 0.99 * total and counted - before < 0.05 * total:
                    break
                time.sleep(0.2)
            done.append(f"{counted:,} events of its history are counted")

    def _await_first_scrape(self) -> None:
        """Wait until Prometheus has found its target, which takes it 5 s."""
        with self._screen.step("waiting for the first scrape") as done:
            until = time.monotonic() + _SCRAPE_SECONDS
            while time.monotonic() < until and not numbers.now(self._stack.prometheus, self._scene.window).counted:
                time.sleep(0.1)
            done.append("the first scrape")

    def _links(self) -> list[tuple[str, str]]:
        stack, options = self._stack, self._scene.options
        worker = f"http://127.0.0.1:{stack.worker_port}"
        links = [
            ("Page", f"{worker}/"),
            ("Gauges", f"{worker}/metrics"),
            ("Ready?", f"{worker}/ready"),
            ("Prometheus", watching.graph_url(stack.prometheus.url)),
            ("Alerts", watching.alerts_url(stack.prometheus.url)),
            ("Alertmanager", stack.alertmanager.url),
            ("Rules", "the demo's own (deploy/demo/thresholds.toml): judged every second, sent without a wait"),
            ("Logs", f"{_near(self._scene.log('worker').parent)}/"),
            ("Dead letters", f"{_command()} dead-letters list --config {_near(self._scene.settings_file)}"),
        ]
        if options.log is None:
            lasts = f"{INCIDENT_LASTS_SECONDS} s long"
            comes = f"{INCIDENT} {INCIDENT_AFTER_SECONDS} s after the simulator's start, {lasts}: an alert will fire"
            links.append(("Incident", comes))
        else:
            links.append(("Clock", "the numbers are those of the latest event's time, not of now"))
        return links

    def _look(self, elapsed: float) -> None:
        stack = self._stack
        stack.look_after()
        try:
            present, total = numbers.now(stack.prometheus, self._scene.window), stack.logs.total()
        except LocalError:
            stack.look_after()  # what has ended since is the reason
            raise
        at = time.monotonic()
        if self._caught_up_ms is None and present.counted >= 0.95 * total:
            self._caught_up_ms = _now_ms()
        before_at, before_total = self._before
        rate = (total - before_total) / (at - before_at) if before_at else 0.0
        self._before = (at, total)
        names = tuple(alert.name for alert in delivered(stack.receiver.notifications))
        whole = self._scene.options.duration_seconds
        self._screen.show(View(elapsed, whole, total, rate, present, names, self._scene.window))

    def _collect(self) -> None:
        """End the source, wait until a scrape counts everything it published, and measure."""
        stack, summary = self._stack, self._summary
        with self._screen.step("ending the traffic, waiting until everything is counted") as done:
            until_ms = _now_ms()
            stack.stop_source()
            summary.events_in = stack.logs.total()
            summary.numbers = self._drained(summary.events_in)
            summary.gauges, summary.series = numbers.series(stack.prometheus)
            notifications = stack.receiver.notifications
            summary.alerts, summary.watchdog = delivered(notifications), watchdog_came(notifications)
            summary.worker_restarts = stack.restarts
            done.append("the traffic has ended and everything is counted")
        if summary.seed is not None:
            summary.incident_ms = self._incident_ms()
        if self._caught_up_ms is not None and not stack.restarts:
            from_ms = max(self._caught_up_ms, until_ms - _MEASURED_SECONDS * 1000)
            tails = stack.logs.tails(from_ms, until_ms)
            seconds = (_now_ms() - from_ms) // 1000 + 2
            summary.freshness = freshness.freshness(tails, freshness.scrapes(stack.prometheus, seconds))

    def _drained(self, events_in: int) -> numbers.Numbers:
        """The numbers when a scrape counts everything, or the last ones if none does in time."""
        until = time.monotonic() + _DRAIN_SECONDS
        while True:
            found = numbers.now(self._stack.prometheus, self._scene.window)
            if time.monotonic() > until or self._stack.restarts or found.counted >= events_in:
                return found
            time.sleep(0.2)

    def _incident_ms(self) -> int | None:
        """When the incident's first event came to the broker; the simulator says at its end when it began."""
        log = self._stack.source.command.log.read_text(errors="replace")
        try:
            start_ms = json.loads(log[log.index("{") :])["start_ms"]
        except (ValueError, KeyError):
            return None
        return self._stack.logs.first_of_incident(start_ms + INCIDENT_AFTER_SECONDS * 1000)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _command() -> str:
    """How this program is called here."""
    beside = Path(sys.executable).with_name("stream-app")
    return "stream-app" if shutil.which("stream-app") or not beside.exists() else str(_near(beside))


def _near(path: Path) -> Path:
    """A path as short as it can be said here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
