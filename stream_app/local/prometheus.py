"""Prometheus and Alertmanager on this machine: found, installed or taken from images, started on a loopback port."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from stream_app.local import docker
from stream_app.local.errors import LocalError
from stream_app.local.http import get_json, is_ok, url
from stream_app.local.packages import apt_prefix, find_program, install
from stream_app.local.ports import LOOPBACK, answers, free_port
from stream_app.local.processes import Child, Command, start
from stream_app.local.report import Say, say_on_stderr


@dataclass(frozen=True, slots=True)
class Service:
    """One of the two programs: what it is called where, and the port its package's own service would take."""

    name: str
    programs: tuple[str, ...]
    package: str
    image: str
    default_port: int
    flags: tuple[str, ...]


PROMETHEUS: Final = Service(
    "Prometheus",
    ("prometheus",),
    "prometheus",
    "prom/prometheus:v2.55.1",
    9090,
    (
        "--storage.tsdb.path={data}",
        "--web.listen-address=" + LOOPBACK + ":{port}",
        # It drops what fires before it has discovered its Alertmanager (5 s), to send it again a minute later.
        "--rules.alert.resend-delay=5s",
    ),
)
ALERTMANAGER: Final = Service(
    "Alertmanager",
    ("prometheus-alertmanager", "alertmanager"),
    "prometheus-alertmanager",
    "prom/alertmanager:v0.27.0",
    9093,
    (
        "--storage.path={data}",
        "--web.listen-address=" + LOOPBACK + ":{port}",
        "--cluster.listen-address=",  # alone; else it looks for an address of this machine to gossip on
    ),
)


def promtool() -> str:
    """Return the path of promtool, installing its package if need be. Raises LocalError."""
    return program(PROMETHEUS, ("promtool",), say_on_stderr)


def amtool() -> str:
    """Return the path of amtool, installing its package if need be. Raises LocalError."""
    return program(ALERTMANAGER, ("amtool",), say_on_stderr)


def program(service: Service, names: tuple[str, ...], say: Say) -> str:
    """Return the path of a program of a service's package, installing it if need be. Raises LocalError."""
    found = find_program(*names)
    if found is None:
        install([service.package], say)
        found = find_program(*names)
        if answers(service.default_port):
            say(f"port {service.default_port} answers: the package may have started its own {service.name} there")
    if found is None:
        raise LocalError(f"{service.package} is installed but {names[0]} is not on the PATH {os.environ.get('PATH')}")
    return found


def obtain(service: Service, say: Say) -> str | None:
    """Return the service's program, or None when it is to run from its image. Raises LocalError naming the ways."""
    if find_program(*service.programs) or apt_prefix() is not None:
        return program(service, service.programs, say)
    if docker.engine_answers():
        docker.fetch_image(service.image, say)
        return None
    message = (
        f"no {service.name}: put {service.programs[0]} on the PATH, or install the Debian package "
        f"{service.package}, or start a Docker engine"
    )
    raise LocalError(message)


class _Server:
    """A service with one configuration file, its own data directory and a port that stays while the object lives."""

    service: Service

    def __init__(
        self, state_dir: Path, config: str, *, preferred_port: int | None = None, say: Say = say_on_stderr
    ) -> None:
        """Choose the port; nothing runs before `start`. `config` is the text of the configuration file (YAML)."""
        self._dir = state_dir.resolve()
        self._config = config
        self._say = say
        self.port = free_port(preferred_port)
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return url(self.port)

    def start(self, *, timeout_seconds: float = 30) -> None:
        """Start it and wait until it says that it is ready; does nothing if it runs. Raises LocalError."""
        if self._child is not None and self._child.is_alive:
            return
        data, config = self._dir / "data", self._dir / "config.yml"
        data.mkdir(parents=True, exist_ok=True)
        config.write_text(self._config)
        found = obtain(self.service, self._say)
        command = self._docker_command() if found is None else self._command([found], self._dir)
        self._child = start(command, lambda: is_ok(url(self.port, "/-/ready")), timeout_seconds=timeout_seconds)

    def stop(self) -> None:
        """End it; data are kept."""
        if self._child is not None:
            self._child.stop()

    def get(self, path: str, **query: str) -> Any:
        """Return the JSON of a path of its API, such as `/api/v1/rules`. Raises LocalError."""
        return get_json(url(self.port, path, query))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self, argv: Sequence[str], seen_as: Path, container: str | None = None) -> Command:
        flags = [flag.format(data=seen_as / "data", port=self.port) for flag in self.service.flags]
        log = self._dir / "log"
        arguments = [*argv, f"--config.file={seen_as / 'config.yml'}", *flags]
        return Command(self.service.name, arguments, log, container=container)

    def _docker_command(self) -> Command:
        # The network of the host, to scrape and to notify what listens on this machine's loopback address. The
        # directory has the same path on both sides, so that the configuration may name files beside it.
        name = f"stream-app-{self.service.name.lower()}-{self.port}"
        argv = docker.run_argv(self.service.image, name, network=["--network=host"], data=(self._dir, str(self._dir)))
        return self._command(argv, self._dir, name)


class Prometheus(_Server):
    """A Prometheus server. Rule files that its configuration names by relative paths lie beside it in `state_dir`."""

    service = PROMETHEUS

    def query(self, expression: str, *, at_seconds: float | None = None) -> list[tuple[dict[str, str], float]]:
        """Return the instant vector (labels, value) of an expression, now or at a Unix time. Raises LocalError."""
        when = {} if at_seconds is None else {"time": f"{at_seconds:.3f}"}
        answer = self.get("/api/v1/query", query=expression, **when)["data"]
        if answer["resultType"] == "scalar":
            return [({}, float(answer["result"][1]))]
        return [(sample["metric"], float(sample["value"][1])) for sample in answer["result"]]


class Alertmanager(_Server):
    """An Alertmanager that is no part of a cluster."""

    service = ALERTMANAGER

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts it holds, as its API v2 gives them. Raises LocalError."""
        answer: list[dict[str, Any]] = self.get("/api/v2/alerts")
        return answer
