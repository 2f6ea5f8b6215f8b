"""The settings by group: name, type, limits, default and meaning of each. Where values come from: `load`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from stream_app import service_levels
from stream_app.domain.rules import Rules
from stream_app.domain.service_levels import ServiceLevels

_TOPIC_PART = r"^[a-zA-Z0-9._-]*$"
_RULES = Rules()


class _Group(BaseModel):
    """Settings that belong together. A key that is not named here is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def contradictions(self) -> list[str]:
        """What is wrong with the group although each value is right by itself."""
        return []

    @model_validator(mode="after")
    def _agree(self) -> Self:
        found = self.contradictions()
        if found:
            raise ValueError("; ".join(found))
        return self


def _unreadable(name: str, file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        file.open("rb").close()
    except OSError as error:
        return [f"{name}: {file} cannot be read: {error.strerror}"]
    return []


class KafkaSettings(_Group):
    """How to reach the brokers, and how safely topics are kept there."""

    bootstrap_servers: str = Field(
        default="localhost:9092",
        min_length=1,
        description="Brokers to begin with: host:port, several joined by commas.",
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How the connection is secured."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="PLAIN", description="How to log in, when the protocol is a SASL one."
    )
    user: str | None = Field(default=None, description="User to log in as.")
    password: SecretStr | None = Field(
        default=None,
        description="Password to log in with. From the environment only: a settings file is no place for it.",
    )
    password_file: Path | None = Field(default=None, description="File that holds the password, instead of `password`.")
    ca_file: Path | None = Field(default=None, description="Certificates (PEM) to trust, instead of the system's.")
    replication_factor: int = Field(default=3, ge=1, le=32767, description="Copies of each partition.")
    min_insync_replicas: int = Field(
        default=2, ge=1, le=32767, description="Copies that must hold a record before it counts."
    )
    request_timeout_ms: int = Field(default=10_000, ge=100, description="Patience with one request, ms.")

    def contradictions(self) -> list[str]:
        """Login without a name, copies that cannot be had, files that cannot be read."""
        found = _unreadable("password_file", self.password_file) + _unreadable("ca_file", self.ca_file)
        if self.min_insync_replicas > self.replication_factor:
            found.append(
                f"min_insync_replicas ({self.min_insync_replicas}) is above replication_factor "
                f"({self.replication_factor}): no record could ever be written"
            )
        if self.security_protocol.startswith("SASL_"):
            if not self.user:
                found.append(f"security_protocol {self.security_protocol} needs `user`")
            if self.password is None and self.password_file is None:
                found.append(f"security_protocol {self.security_protocol} needs `password` or `password_file`")
        if self.password is not None and self.password_file is not None:
            found.append("`password` and `password_file` are both set: which one is meant?")
        return found

    def secret(self) -> str | None:
        """The password in clear, from `password` or the first line of `password_file`; None if neither is set."""
        if self.password is not None:
            return self.password.get_secret_value()
        if self.password_file is not None:
            return self.password_file.read_text().split("\n", 1)[0]
        return None


class TopicsSettings(_Group):
    """Names and shape of the topics."""

    prefix: str = Field(
        default="", max_length=64, pattern=_TOPIC_PART, description="Put before the name of every source topic."
    )
    partitions: int = Field(
        default=8,
        ge=1,
        le=10_000,
        description="Partitions of every topic: the same for all of them, and fixed for life.",
    )
    folder: Path | None = Field(
        default=None, description="Folder of the topics' contracts, instead of the one that comes with the program."
    )


class AppSettings(_Group):
    """Who the workers are, and what time it is for them."""

    id: str = Field(
        default="stream-app", min_length=1, max_length=64, pattern=_TOPIC_PART,
        description="Consumer group, and beginning of the names of the changelog topics.",
    )  # fmt: skip
    clock: Literal["wall", "event"] = Field(
        default="wall",
        description="`wall`: now is now. `event`: now is the latest event time applied (one worker only).",
    )
    skew_seconds: int = Field(
        default=300,
        ge=0,
        le=86_400,
        description="How far ahead of the clock an event's time may lie; beyond it is rejected.",
    )
    late_seconds: int = Field(
        default=3_600,
        ge=1,
        description="Events older than this when they arrive are counted as late. They count all the same.",
    )


class DeliverySettings(_Group):
    """How much is done at once, and when a worker gives up."""

    max_batch: int = Field(default=2_000, ge=1, le=100_000, description="Records of one partition handled at once.")
    max_dirty: int = Field(
        default=10_000, ge=1, description="Changed rows after which they are written and offsets committed."
    )
    max_age_ms: int = Field(
        default=1_000, ge=10, le=60_000, description="Longest time a changed row waits for that, ms."
    )
    session_timeout_seconds: float = Field(
        default=15,
        ge=1,
        le=1_800,
        description="Without a heartbeat for so long, a worker loses its partitions to the others.",
    )
    heartbeat_seconds: float = Field(
        default=3, gt=0, description="Time between two heartbeats to the group's coordinator."
    )
    progress_timeout_seconds: float = Field(
        default=60, ge=1, description="A worker that makes no progress for so long although there is lag ends itself."
    )

    def contradictions(self) -> list[str]:
        """A session that could run out between two heartbeats."""
        if self.heartbeat_seconds * 3 <= self.session_timeout_seconds:
            return []
        session = f"session_timeout_seconds ({self.session_timeout_seconds:g})"
        return [f"heartbeat_seconds ({self.heartbeat_seconds:g}) must be at most a third of {session}"]


class WebSettings(_Group):
    """Where a worker serves /metrics, /health, /ready and its page."""

    host: str = Field(
        default="127.0.0.1", min_length=1, description="Address to listen on; 0.0.0.0 opens it to the network."
    )
    port: int = Field(default=6066, ge=1, le=65_535, description="Port to listen on.")


class LogSettings(_Group):
    """What is logged, and how."""

    level: Literal["crit", "error", "warn", "info", "debug"] = Field(
        default="info", description="The least that is logged."
    )
    format: Literal["text", "json"] = Field(default="text", description="`text` for people, `json`: one object a line.")


class RulesSettings(_Group):
    """What numbers depend on: the closed sets of labels, and when a device counts as late or silent."""

    products: tuple[str, ...] = Field(
        default=_RULES.products, max_length=50, description="Products with numbers of their own; any other is `other`."
    )
    tiers: tuple[str, ...] = Field(
        default=_RULES.tiers,
        max_length=20,
        description="Service tiers with numbers of their own; any other is `other`.",
    )
    teams: tuple[str, ...] = Field(
        default=_RULES.teams,
        max_length=20,
        description="Teams of support with numbers of their own; any other is `other`.",
    )
    regions: tuple[str, ...] = Field(
        default=_RULES.regions,
        max_length=20,
        description="Regions of customers with numbers of their own; any other is `other`.",
    )
    reasons: tuple[str, ...] = Field(
        default=_RULES.reasons,
        max_length=30,
        description="Reasons of dissatisfaction with numbers of their own; any other is `other`.",
    )
    partners: tuple[str, ...] = Field(
        default=_RULES.partners,
        max_length=20,
        description="Who delivers support, with numbers of their own; any other is `other`.",
    )
    heartbeat_minutes: dict[str, int] = Field(
        default={}, description="Minutes expected between two heartbeats of a device, by product."
    )
    default_heartbeat_minutes: int = Field(
        default=_RULES.default_heartbeat_minutes, ge=1, le=10_080, description="The same for products not named there."
    )
    late_after: int = Field(
        default=_RULES.late_after, ge=1, description="Intervals without a sign of life: the device is late."
    )
    silent_after: int = Field(
        default=_RULES.silent_after, ge=1, description="Intervals without a sign of life: the device is silent."
    )
    stuck_minutes: int = Field(
        default=_RULES.stuck_minutes,
        ge=1,
        le=43_200,
        description="Minutes after which a case whose next step is due counts as stuck.",
    )
    untouched_days: int = Field(
        default=_RULES.untouched_days,
        ge=1,
        le=3_650,
        description="Days without an event after which an open case counts as untouched.",
    )
    service_levels_file: Path | None = Field(
        default=None,
        description="File of service levels: targets by tier and priority, and the hours of regions. Without one "
        "nothing is promised. docs/service-levels.md; deploy/service-levels.toml is an example.",
    )

    retired_grace_minutes: int = Field(
        default=_RULES.retired_grace_minutes,
        ge=0,
        le=10_080,
        description="A device that is heard of within so many minutes of its end stays retired.",
    )
    current_versions: dict[str, str] = Field(
        default={}, description="Current release of the devices' software, by product."
    )
    top_versions: int = Field(
        default=_RULES.top_versions,
        ge=0,
        le=100,
        description="Versions of a product's software with numbers of their own, the most frequent ones.",
    )
    top_bugs: int = Field(
        default=_RULES.top_bugs,
        ge=0,
        le=20,
        description="Product issues shown by name, those with the most cases of each window; 0 shows none. Names are "
        "the publisher's, and must be no personal data.",
    )
    top_known_topics: int = Field(
        default=_RULES.top_known_topics,
        ge=0,
        le=20,
        description="The same for the topics of solved cases.",
    )
    signal_days: int = Field(
        default=_RULES.signal_days,
        ge=1,
        le=90,
        description="Days before a reactive case in which a fault of its device is a signal that was missed.",
    )
    storm_minutes: int = Field(
        default=_RULES.storm_minutes,
        ge=1,
        le=10_080,
        description="Minutes within which devices that raise a fault of one cause are counted together.",
    )
    health_points: dict[str, int] = Field(
        default=_RULES.health_points,
        description="Points that each piece of evidence takes from a customer's health score of 100, by kind; below 0 "
        "it gives back. Kinds not named keep what is usual.",
    )
    health_most_points: int = Field(
        default=_RULES.health_most_points, ge=1, le=100, description="The most points one kind takes or gives back."
    )
    health_fade_days: int = Field(
        default=_RULES.health_fade_days,
        ge=1,
        le=400,
        description="Days in which what happened (a case reopened, a survey answered) fades from the score.",
    )
    health_long_days: int = Field(
        default=_RULES.health_long_days, ge=1, le=400, description="Days after which a case has been open for long."
    )
    health_stale_days: int = Field(
        default=_RULES.health_stale_days,
        ge=1,
        le=400,
        description="Days without a survey answered, or with every device silent, after which that input is stale.",
    )
    health_red_below: int = Field(
        default=_RULES.health_red_below, ge=1, le=100, description="Customers with a lower score are at risk: red."
    )
    health_yellow_below: int = Field(
        default=_RULES.health_yellow_below, ge=1, le=100, description="Customers with a lower score are yellow."
    )
    health_reason_share: int = Field(
        default=_RULES.health_reason_share,
        ge=1,
        le=100,
        description="Per cent of the points taken from which on a kind of evidence is named as a reason for risk.",
    )
    worst_accounts: int = Field(
        default=_RULES.worst_accounts,
        ge=0,
        le=100,
        description="How many customers with the lowest scores are shown by account; 0 shows none.",
    )

    @field_validator("health_points")
    @classmethod
    def _usual_points(cls, value: dict[str, int]) -> dict[str, int]:
        return {**_RULES.health_points, **value}

    def contradictions(self) -> list[str]:
        """Repeated words, intervals of no length, silence before lateness."""
        found = [
            f"{name}: a word is there twice"
            for name, words in (
                ("products", self.products),
                ("tiers", self.tiers),
                ("teams", self.teams),
                ("regions", self.regions),
                ("reasons", self.reasons),
                ("partners", self.partners),
            )
            if len(set(words)) < len(words)
        ]
        found += [
            f"heartbeat_minutes: {product} must be 1 to 10080 minutes"
            for product, minutes in self.heartbeat_minutes.items()
            if not 1 <= minutes <= 10_080
        ]
        found += [
            f"heartbeat_minutes: {product} is none of products"
            for product in self.heartbeat_minutes
            if product not in self.products
        ]
        found += [
            f"current_versions: {product} must begin with a number, and be one of products"
            for product, version in self.current_versions.items()
            if product not in self.products or not version[:1].isdigit()
        ]
        found += [
            f"health_points: {kind} is none of {', '.join(_RULES.health_points)}"
            for kind in self.health_points
            if kind not in _RULES.health_points
        ]
        found += [
            f"health_points: {kind} must be -100 to 100"
            for kind, points in self.health_points.items()
            if not -100 <= points <= 100
        ]
        if self.health_yellow_below < self.health_red_below:
            found.append(
                f"health_yellow_below ({self.health_yellow_below}) must not be under "
                f"health_red_below ({self.health_red_below})"
            )
        if self.silent_after <= self.late_after:
            found.append(f"silent_after ({self.silent_after}) must be above late_after ({self.late_after})")
        if self.service_levels_file is not None:
            try:
                service_levels.read(self.service_levels_file, self.tiers, self.regions)
            except service_levels.ServiceLevelsError as error:
                found.append(f"service_levels_file {self.service_levels_file}: {'; '.join(error.faults)}")
        return found

    def build(self) -> Rules:
        """The rules as the domain takes them."""
        levels = ServiceLevels()
        if self.service_levels_file is not None:
            levels = service_levels.compiled(service_levels.read(self.service_levels_file, self.tiers, self.regions))
        return Rules(**self.model_dump(exclude={"service_levels_file"}), levels=levels)


class Settings(BaseSettings):
    """Every setting. Made by `load`; made directly it holds defaults and what it is given, and looks nowhere else."""

    model_config = SettingsConfigDict(
        env_prefix="STREAM_APP_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    kafka: KafkaSettings = KafkaSettings()
    topics: TopicsSettings = TopicsSettings()
    app: AppSettings = AppSettings()
    delivery: DeliverySettings = DeliverySettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()
    rules: RulesSettings = RulesSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the framework's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given and nothing else: `load` puts the layers together and remembers which gave what."""
        return (init_settings,)

    def source_topic(self, area: str) -> str:
        """The topic that an area's events come from; `area` is a key of `stream_app.pipeline.AREAS`."""
        return f"{self.topics.prefix}{area}"

    def changelog_topic(self, area: str) -> str:
        """The topic that an area's rows are kept in."""
        return f"{self.app.id}-{area}-changelog"

    def dead_letter_topic(self, area: str) -> str:
        """The topic for records of an area that cannot be used."""
        return f"{self.source_topic(area)}.dead-letters"
