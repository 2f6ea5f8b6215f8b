"""Looks at everything a worker needs, and says of each thing whether it is well and, if not, the cure."""

import http.client
import json
import os
import shutil
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import Final, Literal

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app import native
from stream_app.connection import BrokerUnreachableError, admin, client_arguments, reaching
from stream_app.operate import topics
from stream_app.operate.contracts import ContractError
from stream_app.operate.topics import EXISTENCE, PARTITIONS, REPLICAS, Mismatch, TopicsError
from stream_app.pipeline import AREAS
from stream_app.settings import Settings

Status = Literal["ok", "warn", "fail"]

PACKAGE: Final = "stream-app"
_MODULES: Final = ("faust", "aiokafka", "cramjam", "msgspec", "orjson", "prometheus_client", "structlog", "xxhash")
_LOW_DISK_BYTES: Final = 1 << 30
_NO_DISK_BYTES: Final = 100 << 20
_APPLY: Final = "stream-app topics apply"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. cure: what to do when it is not well."""

    name: str
    status: Status
    says: str
    cure: str = ""


def packages() -> Check:
    """Whether what the program is built on can be imported, in the versions it was built for."""
    broken = []
    for module in _MODULES:
        try:
            import_module(module)
        except ImportError as error:
            broken.append(f"{module} ({error})")
    if broken:
        why = "; without cramjam no lz4, snappy or zstd batch can be read" if "cramjam" in str(broken) else ""
        return Check("packages", "fail", f"cannot be imported: {', '.join(broken)}{why}", "make setup")
    wrong = [
        f"{name} is {metadata.version(name)}, built for {wanted}"
        for name, wanted in _pinned()
        if metadata.version(name) != wanted
    ]
    if wrong:
        return Check("packages", "warn", "; ".join(wrong), "make setup")
    return Check("packages", "ok", f"all there, faust-streaming {metadata.version('faust-streaming')}")


def _pinned() -> Iterable[tuple[str, str]]:
    for requirement in metadata.requires(PACKAGE) or []:
        name, equals, version = requirement.partition(";")[0].partition("==")
        if equals:
            yield name.strip(), version.strip()


def core() -> Check:
    """Whether events are counted by the compiled core; the plain one counts them as well, at several times the CPU."""
    if not native.PLAIN_BECAUSE:
        return Check("core", "ok", "compiled")
    cure = "make setup" if native.BUILT else "apt-get install g++ python3-dev, then make setup"
    cure = "take it out of the environment" if native.VARIABLE in native.PLAIN_BECAUSE else cure
    return Check("core", "warn", f"plain, at five times the CPU: {native.PLAIN_BECAUSE}", cure)


def pages() -> Check:
    """Whether the system gives huge pages of memory to a worker, which looks at many rows in no order."""
    if not native.BUILT:
        return Check("pages", "ok", "huge pages of memory are not asked for: there is no compiled core")
    if native.huge_pages_granted():
        return Check("pages", "ok", "huge pages of memory are granted")
    cure = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"
    return Check("pages", "warn", "small pages of memory only: some tenth more CPU with 100,000 rows and more", cure)


def disk(folder: Path | None = None) -> Check:
    """Whether there is room where the program runs."""
    where = folder or Path.cwd()
    free = shutil.disk_usage(where).free
    says = f"{free >> 20} MB free in {where}"
    if free < _NO_DISK_BYTES:
        return Check("disk", "fail", says, "free some space, or run it elsewhere")
    return Check(
        "disk", "warn" if free < _LOW_DISK_BYTES else "ok", says, "free some space" if free < _LOW_DISK_BYTES else ""
    )


def port(settings: Settings) -> Check:
    """Whether a worker can serve its pages: the port is free, or one of ours serves there already."""
    host, number = settings.web.host, settings.web.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            worker = _worker_at(host, number)
            if worker is not None:
                return Check("port", "ok", f"a worker serves at {host}:{number}: {worker}")
            cure = f"end what listens there, or set web.port (STREAM_APP_WEB__PORT) to another than {number}"
            return Check("port", "fail", f"{host}:{number} cannot be used: {error.strerror}", cure)
    return Check("port", "ok", f"{host}:{number} is free")


def _worker_at(host: str, number: int) -> str | None:
    """What a worker of ours that serves there says of itself; None if it is none."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  an address to listen on, not to ask
    link = http.client.HTTPConnection(asked, number, timeout=2)
    try:
        link.request("GET", "/ready")
        state = json.loads(link.getresponse().read())
        return "ready" if state["ready"] else f"recovering, {state['recovered']} of {state['assigned']} partitions done"
    except (OSError, http.client.HTTPException, ValueError, TypeError, KeyError):
        return None
    finally:
        link.close()


async def broker(settings: Settings) -> Check:
    """Whether there are brokers enough. Raises BrokerUnreachableError."""
    async with admin(settings.kafka) as client:
        nodes = len((await client.describe_cluster())["brokers"])
    says = f"{nodes} broker{'s' if nodes > 1 else ''} at {settings.kafka.bootstrap_servers}"
    if nodes < settings.kafka.replication_factor:
        asked = settings.kafka.replication_factor
        cure = "add brokers, or set kafka.replication_factor (and kafka.min_insync_replicas) to what there is"
        return Check("broker", "fail", f"{says}, but each partition shall have {asked} copies", cure)
    return Check("broker", "ok", says)


async def topics_as_contracted(settings: Settings) -> list[Check]:
    """Whether the topics are there, with their partitions, and keep what they should."""
    try:
        found = await topics.check(settings)
    except (ContractError, TopicsError) as error:
        return [Check("topics", "fail", str(error), "see the message")]
    total = 3 * len(AREAS)
    missing = [item.topic for item in found if item.setting == EXISTENCE]
    shapes = [item for item in found if item.setting in {PARTITIONS, REPLICAS}]
    rest = [item for item in found if item.setting not in {EXISTENCE, PARTITIONS, REPLICAS}]
    return [
        Check("topics", "fail", f"{len(missing)} of {total} are missing: {', '.join(missing)}", _APPLY)
        if missing
        else Check("topics", "ok", f"all {total} are there"),
        _judged("partitions", shapes, f"{settings.topics.partitions} in every topic", _fixed_cure(shapes)),
        _judged("retention", rest, "retention, compaction and copies as contracted", _APPLY),
    ]


def _judged(name: str, mismatches: list[Mismatch], well: str, cure: str) -> Check:
    if mismatches:
        return Check(name, "fail", "; ".join(map(str, mismatches)), cure)
    return Check(name, "ok", well)


def _fixed_cure(mismatches: list[Mismatch]) -> str:
    return "; ".join(dict.fromkeys(item.fixed_for_life or "" for item in mismatches))


async def clock(settings: Settings) -> Check:
    """Whether this machine's clock agrees with those that stamp the records. Raises BrokerUnreachableError."""
    consumer = AIOKafkaConsumer(**client_arguments(settings.kafka), enable_auto_commit=False)
    now_ms = time.time_ns() // 1_000_000
    latest = 0
    async with admin(settings.kafka) as client:
        sources = {settings.source_topic(area) for area in AREAS}
        known = [topic for topic in await client.describe_topics() if topic["topic"] in sources]
    parts = [TopicPartition(topic["topic"], number) for topic in known for number in range(len(topic["partitions"]))]
    if parts:
        async with reaching(settings.kafka, consumer):
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            starts = await consumer.beginning_offsets(parts)
            filled = [part for part in parts if ends[part] > starts[part]]
            for part in filled:
                consumer.seek(part, ends[part] - 1)
            waiting, patience = set(filled), time.monotonic() + 5
            while waiting and time.monotonic() < patience:
                for part, records in (await consumer.getmany(*waiting, timeout_ms=200)).items():
                    latest = max([latest, *(record.timestamp for record in records)])
                    waiting.discard(part)
    if not latest:
        return Check("clock", "ok", "no record to compare the clock with")
    ahead = (latest - now_ms) // 1000
    if ahead > settings.app.skew_seconds:
        cure = "set this machine's clock by NTP, and the publishers' too"
        return Check("clock", "fail", f"the latest record is stamped {ahead} s ahead of this machine's clock", cure)
    if ahead > 2:
        cure = "set this machine's clock by NTP, and the publishers' too"
        return Check("clock", "warn", f"the latest record is stamped {ahead} s ahead of this machine's clock", cure)
    return Check(
        "clock", "ok", f"the latest record was stamped {-ahead} s ago" if ahead < 0 else "agrees with the records"
    )


async def examine(settings: Settings, tell: Callable[[str], None] = lambda _name: None) -> list[Check]:
    """Every check, of the settings' broker too. tell: called with the name of what is looked at next."""
    checks = [Check("settings", "ok", "no fault in them")]
    local: tuple[Callable[[], Check], ...] = (packages, core, pages, disk, lambda: port(settings))
    for look in local:
        tell("this machine")
        checks.append(look())
    remote: tuple[tuple[str, Callable[[Settings], Awaitable[Check | list[Check]]]], ...] = (
        ("broker", broker),
        ("topics", topics_as_contracted),
        ("clock", clock),
    )
    for name, ask in remote:
        tell(name)
        try:
            result = await ask(settings)
        except BrokerUnreachableError as error:
            says, _, cure = str(error).partition("; ")
            checks.append(Check(name, "fail", says, cure))
            break  # what else is asked of it would fail the same way
        checks += result if isinstance(result, list) else [result]
    return checks
