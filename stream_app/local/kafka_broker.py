"""One Apache Kafka broker of our own: made by Docker or by Java, started, stopped, killed, frozen."""

import shutil
import socket
import struct
import subprocess
from pathlib import Path
from typing import IO, Final, Self

from stream_app.local import docker, kafka_files
from stream_app.local.errors import LocalError
from stream_app.local.kafka_settings import broker_settings, cluster_id, image_environment, properties_text
from stream_app.local.lock import hold
from stream_app.local.ports import LOOPBACK, free_port
from stream_app.local.processes import Child, Command, start
from stream_app.local.report import Say, say_on_stderr

HEAP: Final = "-Xmx700m"
LEAST_DISK_BYTES: Final = 1 << 30
_IN_CONTAINER: Final = "/var/lib/kafka/data"
_ALL: Final = "0.0.0.0"  # noqa: S104  of the container; it is published on the loopback address only


class Kafka:
    """One Apache Kafka broker of our own on the loopback interface, its data kept in `state_dir` between starts.

    Its port stays the same for as long as this object lives.
    """

    def __init__(self, state_dir: Path, *, preferred_port: int | None = None, say: Say = say_on_stderr) -> None:
        """Choose the ports; nothing runs before `start`."""
        self._dir = state_dir.resolve()
        self._say = say
        self._port = free_port(preferred_port)
        # Far from the ports beside 9092, which other services are known by.
        self._controller_port = free_port(None if preferred_port is None else self._port + 10_000)
        self._child: Child | None = None
        self._lock: IO[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Its address: `127.0.0.1:port`."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def is_alive(self) -> bool:
        """Whether its process is there, frozen or not."""
        return self._child is not None and self._child.is_alive

    def start(self, *, timeout_seconds: float = 60) -> None:
        """Start it and wait until it takes requests; does nothing if it runs. Raises LocalError."""
        if self.is_alive:
            return
        # Kafka locks its logs but not its metadata: a second broker would harm them before it noticed the first.
        self._lock = self._lock or hold(self._dir)
        try:
            self._launch(timeout_seconds)
        except BaseException:
            self._release()
            raise

    def _launch(self, timeout_seconds: float) -> None:
        free = shutil.disk_usage(self._dir).free
        if free < LEAST_DISK_BYTES:
            raise LocalError(f"too little disk for Kafka in {self._dir}: {free >> 20} MB free, 1024 needed; free some")
        command = self._docker_command() if docker.engine_answers() else self._java_command()
        self._child = start(command, lambda: takes_requests(self._port), timeout_seconds=timeout_seconds)

    def stop(self) -> None:
        """End it cleanly, as an operator would; data are kept."""
        if self._child is not None:
            self._child.stop()
        self._release()

    def kill(self) -> None:
        """End it as `kill -9` would, with no chance to tidy up; data are kept."""
        if self._child is not None:
            self._child.kill()
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def freeze(self) -> None:
        """Halt it: connections stay open and nothing answers."""
        if self._child is not None:
            self._child.freeze()

    def thaw(self) -> None:
        """Let it go on after `freeze`."""
        if self._child is not None:
            self._child.thaw()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def _log(self) -> Path:
        return self._dir / "kafka.log"

    def _java_command(self) -> Command:
        java, jars = kafka_files.obtain(self._say)
        data, properties = self._dir / "data", self._dir / "server.properties"
        properties.write_text(properties_text(broker_settings(data, self._port, self._controller_port)))
        base = [java, "-cp", f"{jars}/*", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
        if not (data / "meta.properties").exists():
            self._format([*base, "-XX:TieredStopAtLevel=1", "kafka.tools.StorageTool"], properties)
        argv = [*base, HEAP, "-XX:+UseG1GC", "kafka.Kafka", str(properties)]
        return Command("Kafka", argv, self._log)

    def _format(self, tool: list[str], properties: Path) -> None:
        argv = [*tool, "format", "--cluster-id", cluster_id("stream-app"), "--config", str(properties)]
        done = subprocess.run(argv, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            reason = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise LocalError(
                f"Kafka could not format {self._dir}: {' '.join(reason)}; remove the directory to begin afresh"
            )

    def _docker_command(self) -> Command:
        image = f"apache/kafka:{kafka_files.kafka_version()}"
        docker.fetch_image(image, self._say)
        data = self._dir / "data"
        data.mkdir(exist_ok=True)
        name = f"stream-app-kafka-{self._port}"
        settings = broker_settings(_IN_CONTAINER, self._port, self._controller_port, bind=_ALL)
        env = image_environment(settings) | {"CLUSTER_ID": cluster_id("stream-app"), "KAFKA_HEAP_OPTS": HEAP}
        network = [f"--publish={LOOPBACK}:{self._port}:{self._port}"]
        argv = docker.run_argv(image, name, network=network, env=env, data=(data, _IN_CONTAINER))
        return Command("Kafka in Docker", argv, self._log, container=name)


def takes_requests(port: int) -> bool:
    """Say whether a broker on this loopback port takes requests and is part of its cluster (Metadata v1, no topics)."""
    request = struct.pack(">hhih", 3, 1, 1, -1) + struct.pack(">i", 0)
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as link:
            link.settimeout(2)
            link.sendall(struct.pack(">i", len(request)) + request)
            answer = link.recv(12, socket.MSG_WAITALL)
    except OSError:
        return False
    head = struct.Struct(">iii")
    return len(answer) == head.size and head.unpack(answer)[2] >= 1  # brokers that are not fenced
