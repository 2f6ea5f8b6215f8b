"""Settings of one local broker that is its own controller: small, quick to start, loopback only."""

import base64
import hashlib
from pathlib import Path

from stream_app.local.ports import LOOPBACK


def cluster_id(name: str) -> str:
    """Return a Kafka cluster id (22 characters) that is always the same for a name."""
    return base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()[:16]).decode().rstrip("=")


def broker_settings(data: Path | str, port: int, controller_port: int, *, bind: str = LOOPBACK) -> dict[str, str]:
    """Return server.properties as a dict; `bind` is the address listened on, clients are told the loopback one.

    Replication factors are 1, since there is one broker; topics are created by command only; groups form without the
    usual delay of 3 s; sessions may be as short as 1 s, so that a test of a frozen worker need not wait.
    """
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listeners": f"PLAINTEXT://{bind}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # A broker that was killed may register again only when its last session is over (9 s by default).
        "broker.heartbeat.interval.ms": "500",
        "broker.session.timeout.ms": "3000",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "log.cleaner.backoff.ms": "1000",
        "log.cleaner.dedupe.buffer.size": str(32 * 1024 * 1024),
        "num.network.threads": "2",
        "num.io.threads": "4",
    }


def properties_text(settings: dict[str, str]) -> str:
    """Return settings as a Java properties file."""
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def image_environment(settings: dict[str, str]) -> dict[str, str]:
    """Return settings as the environment variables the image apache/kafka turns into server.properties."""
    return {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in settings.items()}
