"""What the demo starts, in order, and ends again: nothing else. All of it listens on the loopback interface only."""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Final

from stream_app.catalogue.worker import EVENTS, REJECTS
from stream_app.local.demo import topics, watching
from stream_app.local.demo.logs import SourceLogs
from stream_app.local.demo.scene import Scene
from stream_app.local.demo.screen import Screen
from stream_app.local.errors import LocalError
from stream_app.local.http import get_text, is_ok, url
from stream_app.local.kafka import BOOTSTRAP_VARIABLE, Kafka, find_or_start_broker
from stream_app.local.lock import hold
from stream_app.local.ports import free_port
from stream_app.local.processes import Child, Command, decisive_line, start
from stream_app.local.prometheus import Alertmanager, Prometheus
from stream_app.local.receiver import Receiver

_READY_SECONDS: Final = 90
_GRACE_SECONDS: Final = 20
_GRACE_WITHOUT_BROKER_SECONDS: Final = 2
_SOON_SECONDS: Final = 10
"""A worker that ends so soon after it was started does not get any better by starting it again."""


class Stack:
    """The parts of one run. `stop` ends them in the reverse order, whatever came of the start."""

    receiver: Receiver
    alertmanager: Alertmanager
    prometheus: Prometheus
    logs: SourceLogs
    source: Child
    worker: Child

    def __init__(self, scene: Scene, screen: Screen) -> None:
        self._scene, self._screen = scene, screen
        self._to_stop: list[tuple[str, Callable[[], object]]] = []
        self._worker_since = 0.0
        self.worker_port = 0
        self.restarts = 0

    def start(self) -> None:
        """Start everything up to the worker; then come `start_source` and `start_watching`.

        Raises LocalError, BrokerUnreachableError, SettingsFaultsError and what `topics.apply` raises.
        """
        scene, screen, options = self._scene, self._screen, self._scene.options
        given = os.environ.get(BOOTSTRAP_VARIABLE)
        try:
            self._keep("", hold(scene.state).close)
            scene.clear()
        except OSError as error:
            raise LocalError(
                f"{scene.state} cannot be used: {error.strerror}; name another place by --state"
            ) from error
        with screen.step("starting Kafka") as done:
            self._broker = broker = find_or_start_broker(
                scene.state / "kafka", preferred_port=options.kafka_port, say=screen.say
            )
            self._keep("" if given else "stopping Kafka", broker.stop)
            done.append(f"Kafka at {broker.bootstrap}")
        self.worker_port = free_port(options.port)
        values = scene.values(broker.bootstrap, self.worker_port)
        settings, self._environment = scene.settings(values), scene.environment(values)
        runs = topics.Runs.of(scene.state, given)
        with screen.step("creating the topics") as done:
            count = topics.prepare(settings, runs)
            done.append(f"{count} topics of {settings.topics.partitions} partitions, named {scene.name}.*")
        if given:
            self._keep(f"removing the topics {scene.name}.*", lambda: topics.remove(settings, runs))
        with screen.step("starting the worker") as done:
            self._start_worker()
            self._keep("stopping the worker", self._stop_worker)
            done.append(f"worker, pid {self.worker.pid}, owns every partition")
        self.logs = SourceLogs(settings)
        self._keep("", self.logs.close)

    def start_source(self) -> None:
        """Start what publishes: the simulator, or the import of a log. Raises LocalError."""
        arguments = self._scene.source_arguments()
        self.source = self._child(arguments[0], arguments, lambda: True)
        self._keep("stopping the source of events", self.stop_source)

    def start_watching(self) -> None:
        """Start what scrapes, judges and notifies. Raises LocalError."""
        scene, screen, options = self._scene, self._screen, self._scene.options
        with screen.step("starting Prometheus and Alertmanager") as done:
            self.receiver = Receiver()
            self._keep("", self.receiver.stop)
            config = watching.alertmanager_config(self.receiver.url)
            self.alertmanager = Alertmanager(
                scene.state / "alertmanager", config, preferred_port=options.alertmanager_port, say=screen.say
            )
            self.alertmanager.start()
            self._keep("stopping Alertmanager", self.alertmanager.stop)
            alerts = watching.write_rules(scene.state / "prometheus" / "rules")
            self.prometheus = Prometheus(
                scene.state / "prometheus",
                watching.prometheus_config(self.worker_port, self.alertmanager.port),
                preferred_port=options.prometheus_port,
                say=screen.say,
            )
            self.prometheus.start()
            self._keep("stopping Prometheus", self.prometheus.stop)
            done.append(f"Prometheus and Alertmanager, {alerts} alerts")

    def stop_source(self) -> None:
        """End what publishes, after everything sent has been acknowledged."""
        self.source.stop(self._grace_seconds())

    def counted(self) -> int:
        """How many records the worker says it has absorbed. Raises LocalError."""
        text = get_text(url(self.worker_port, "/metrics"))
        counters = (f"{EVENTS.name}{{", f"{REJECTS.name}{{")
        return sum(round(float(line.rpartition(" ")[2])) for line in text.splitlines() if line.startswith(counters))

    def look_after(self) -> None:
        """Start the worker again if it has ended, as a supervisor would. Raises LocalError if anything else has."""
        if self._broker_is_gone():
            raise LocalError(f"Kafka has ended; log: {self._scene.log('kafka')}")
        if not self.worker.is_alive:
            self._restart_worker()
        for server, part in ((self.prometheus, "prometheus"), (self.alertmanager, "alertmanager")):
            if not is_ok(url(server.port, "/-/healthy")):
                raise LocalError(f"{server.service.name} does not answer any more; log: {self._scene.log(part)}")
        code = self.source.process.poll()
        if code:
            log = self.source.command.log
            raise LocalError(f"the source of events ended with code {code}: {decisive_line(log)}; log: {log}")

    def stop(self) -> list[str]:
        """End everything that was started, saying what; returns what did not end well, which keeps no other running."""
        failed: list[str] = []
        for doing, stop in reversed(self._to_stop):
            if doing:
                self._screen.say(doing)
            try:
                stop()
            except Exception as error:  # noqa: BLE001  the rest must be ended all the same
                failed.append(f"{doing or 'ending'}: {error}")
                self._screen.say(failed[-1])
        self._to_stop.clear()
        return failed

    def _start_worker(self) -> None:
        ready = url(self.worker_port, "/ready")
        self.worker = self._child("worker", ["worker", "--port", str(self.worker_port)], lambda: is_ok(ready))
        self._worker_since = time.monotonic()

    def _stop_worker(self) -> None:
        code = self.worker.stop(self._grace_seconds())  # the one that is there now
        if code and not self._broker_is_gone():
            log = self.worker.command.log
            raise LocalError(f"it ended with code {code}: {decisive_line(log)}; log: {log}")

    def _grace_seconds(self) -> float:
        """How long a client of the broker may take to end: without a broker it can send nothing any more."""
        return _GRACE_WITHOUT_BROKER_SECONDS if self._broker_is_gone() else _GRACE_SECONDS

    def _broker_is_gone(self) -> bool:
        return isinstance(self._broker, Kafka) and not self._broker.is_alive

    def _restart_worker(self) -> None:
        code = self.worker.process.wait()
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
        if code >= 0 and time.monotonic() - self._worker_since < _SOON_SECONDS:  # it was not killed
            raise LocalError(f"the worker ended {how} as soon as it had started; log: {self.worker.command.log}")
        self.restarts += 1
        self._screen.end_view()
        with self._screen.step(f"the worker ended {how}; starting it again, as a supervisor would") as done:
            self._start_worker()
            done.append(f"the worker ended {how} and was started again, pid {self.worker.pid}; its rows are recovered")

    def _child(self, part: str, arguments: list[str], ready: Callable[[], bool]) -> Child:
        argv = [sys.executable, "-m", "stream_app", *arguments]
        command = Command(part, argv, self._scene.log(part), self._environment)
        return start(command, ready, timeout_seconds=_READY_SECONDS)

    def _keep(self, doing: str, stop: Callable[[], object]) -> None:
        """Remember how to end something; `doing` is said then, unless it is empty."""
        self._to_stop.append((doing, stop))
