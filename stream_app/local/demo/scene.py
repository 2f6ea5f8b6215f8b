"""One run of the demo: what was asked for, where its files lie, what its topics are called, how its parts are set."""

import json
import secrets
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from stream_app.local.kafka_files import PROJECT
from stream_app.settings import RulesSettings, Settings, load
from stream_app.settings.load import CONFIG_VARIABLE, variable
from stream_app.sources.simulate.fleet import VERSIONS

SERVICE_LEVELS: Final = PROJECT / "deploy" / "service-levels.toml"
INCIDENT: Final = "backlog-surge"
INCIDENT_AFTER_SECONDS: Final = 15
INCIDENT_LASTS_SECONDS: Final = 60
INCIDENT_ALERT: Final = "SupportBacklogSurge"
"""What the incident must make fire."""

SESSION_SECONDS: Final = 6
"""A worker that was killed loses its partitions after so long; shorter than elsewhere, for somebody watches."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. Ports are the first ones tried. log, mapping: a real log to play instead of the simulator."""

    state: Path = Path(".state/demo")
    duration_seconds: float | None = None
    seed: int = 1
    port: int = 6066
    kafka_port: int = 9092
    prometheus_port: int = 9090
    alertmanager_port: int = 9093
    log: Path | None = None
    mapping: Path | None = None
    speed: float = 604_800.0


def _name() -> str:
    # Two machines may begin at the same second on one broker.
    return f"{time.strftime('demo-%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"


@dataclass(slots=True)
class Scene:
    """One run. Its topics and its consumer group carry a name of their own, so that no run counts another's events."""

    options: Options
    name: str = field(default_factory=_name)

    @property
    def state(self) -> Path:
        """Where the demo keeps its files."""
        return self.options.state.resolve()

    @property
    def window(self) -> str:
        """What the shown numbers look back on: simulated life is quick, that of a log is not."""
        return "15m" if self.options.log is None else "7d"

    @property
    def settings_file(self) -> Path:
        """The settings of the run, for other verbs: `--config FILE`."""
        return self.state / "stream-app.toml"

    def log(self, part: str) -> Path:
        """The log of a part."""
        return self.state / "logs" / f"{part}.log"

    def clear(self) -> None:
        """Remove what an earlier run left and this one must not see: its numbers, its notifications, its logs."""
        for folder in ("prometheus", "alertmanager", "logs"):
            shutil.rmtree(self.state / folder, ignore_errors=True)
        (self.state / "logs").mkdir(parents=True)
        # Services log beside their data; here one finds all logs together.
        for part, there in (
            ("kafka", "kafka/kafka.log"),
            ("prometheus", "prometheus/log"),
            ("alertmanager", "alertmanager/log"),
        ):
            self.log(part).symlink_to(Path("..") / there)

    def values(self, bootstrap: str, port: int) -> dict[str, Any]:
        """Dotted name -> value of each setting that the demo decides on."""
        return {
            "kafka.bootstrap_servers": bootstrap,
            "kafka.replication_factor": 1,
            "kafka.min_insync_replicas": 1,
            "topics.prefix": f"{self.name}.",
            "app.id": self.name,
            "app.clock": "wall" if self.options.log is None else "event",
            "delivery.session_timeout_seconds": SESSION_SECONDS,
            "delivery.heartbeat_seconds": SESSION_SECONDS / 6,
            "web.host": "127.0.0.1",
            "web.port": port,
            "rules.service_levels_file": str(SERVICE_LEVELS),
        }

    def settings(self, values: dict[str, Any]) -> Settings:
        """Write the settings file of the run and load it. Raises SettingsFaultsError."""
        groups: dict[str, list[str]] = {}
        for name, value in values.items():
            group, _, key = name.partition(".")
            groups.setdefault(group, []).append(f"{key} = {json.dumps(value)}\n")
        released = ", ".join(f'"{product}" = "{VERSIONS[-1]}"' for product in RulesSettings().products)
        groups.setdefault("rules", []).append(f"current_versions = {{{released}}}\n")
        text = "".join(f"\n[{group}]\n{''.join(lines)}" for group, lines in groups.items())
        head = "# Settings of the latest demo: while it runs, give this file to other verbs by --config.\n"
        self.settings_file.write_text(head + text)
        return load(self.settings_file, values)

    def environment(self, values: dict[str, Any]) -> dict[str, str]:
        """The settings as the demo's children get them; a settings file of the current directory is not read."""
        return {CONFIG_VARIABLE: str(self.settings_file)} | {
            variable(name): str(value) for name, value in values.items()
        }

    def source_arguments(self) -> list[str]:
        """The verb and arguments of the child that publishes."""
        options = self.options
        if options.log is not None:
            # without a mapping the command line refuses to begin
            how = ["--mapping", str(options.mapping), "--speed", str(options.speed), "--shift", "now", "--json"]
            return ["import", str(options.log), *how]
        incident = f"{INCIDENT}@{INCIDENT_AFTER_SECONDS}s+{INCIDENT_LASTS_SECONDS}s"
        return ["simulate", "--seed", str(options.seed), "--incident", incident, "--json"]
