"""Source, changelog and dead-letter topics: what they should be, what they are, and how the one becomes the other.

A partition count is fixed for life: with another one, the events of an account would go to another
partition than the one that holds its rows.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from stream_app.connection import BrokerUnreachableError, admin
from stream_app.operate.contracts import Configs, TopicContract, place, read
from stream_app.settings import Settings

Role = Literal["source", "changelog", "dead-letters"]
ROLES: Final[tuple[Role, ...]] = ("source", "changelog", "dead-letters")

EXISTENCE: Final = "topic"
PARTITIONS: Final = "partitions"
REPLICAS: Final = "replication factor"

_SET_ON_THE_TOPIC: Final = 1
"""Kafka's code for a setting that was given to the topic itself."""
_EXISTS_ALREADY: Final = 36


@dataclass(frozen=True, slots=True)
class Wanted:
    """A topic as it should be. configs: Kafka's names and values."""

    name: str
    role: Role
    partitions: int
    replicas: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A topic as the broker has it. configs: what is in force; own: names that were set on the topic itself."""

    name: str
    partitions: int
    replicas: int
    configs: Mapping[str, str]
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing about a topic that is not as it should be."""

    topic: str
    setting: str
    found: str
    wanted: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.topic}: {self.setting} is {self.found}, should be {self.wanted}"

    @property
    def fixed_for_life(self) -> str | None:
        """Why `apply` leaves it as it is, and the way out; None if it may be altered."""
        return _FIXED.get(self.setting)


_FIXED: Final = {
    PARTITIONS: (
        "a partition count is fixed for life, since with another one an account's events would go to another partition "
        "than its rows: set topics.partitions to what is there, or create topics under a new topics.prefix and app.id "
        "and replay the events into them"
    ),
    REPLICAS: (
        "the replication factor of a topic that exists is changed by moving replicas, which is the cluster's business: "
        "use kafka-reassign-partitions, or set kafka.replication_factor to what is there"
    ),
}

Outcome = Literal["created", "altered", "refused", "as it should be"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What `apply` did with one topic. changes: what was altered or refused; why: the reason of a refusal."""

    topic: str
    outcome: Outcome
    changes: tuple[Mismatch, ...] = ()
    why: str = ""


class TopicsError(Exception):
    """The broker refused to show, create or alter a topic."""

    exit_code = 1


class TopicsMismatchError(Exception):
    """Topics are not as they should be: nothing may be read from or written to them."""

    exit_code = 1

    def __init__(self, mismatches: list[Mismatch]) -> None:
        lines = "\n  ".join(map(str, mismatches))
        super().__init__(
            f"the topics are not as they should be:\n  {lines}\n`stream-app topics apply` puts right what it may"
        )
        self.mismatches = mismatches


def wanted(settings: Settings, contracts: Mapping[str, TopicContract]) -> list[Wanted]:
    """Every topic there should be: for each contract its source, its changelog and its dead letters."""
    topics = []
    for area, contract in contracts.items():
        by_role: dict[Role, tuple[str, Configs]] = {
            "source": (settings.source_topic(area), contract.source),
            "changelog": (settings.changelog_topic(area), contract.changelog),
            "dead-letters": (settings.dead_letter_topic(area), contract.dead_letters),
        }
        for role, (name, configs) in by_role.items():
            given = {"min.insync.replicas": settings.kafka.min_insync_replicas, **configs}
            texts = {key: _text(value) for key, value in given.items()}
            topics.append(Wanted(name, role, settings.topics.partitions, settings.kafka.replication_factor, texts))
    return topics


def compare(topics: Iterable[Wanted], found: Mapping[str, Found]) -> list[Mismatch]:
    """Everything that is not as it should be. More replicas than asked for are no fault."""
    mismatches = []
    for topic in topics:
        there = found.get(topic.name)
        if there is None:
            mismatches.append(Mismatch(topic.name, EXISTENCE, "missing", f"there, with {topic.partitions} partitions"))
            continue
        if there.partitions != topic.partitions:
            mismatches.append(Mismatch(topic.name, PARTITIONS, str(there.partitions), str(topic.partitions)))
        if there.replicas < topic.replicas:
            mismatches.append(Mismatch(topic.name, REPLICAS, str(there.replicas), str(topic.replicas)))
        mismatches += [
            Mismatch(topic.name, name, there.configs.get(name, "unknown"), value)
            for name, value in topic.configs.items()
            if not _same(there.configs.get(name), value)
        ]
    return mismatches


async def check(settings: Settings) -> list[Mismatch]:
    """Compare every topic with what it should be.

    Raises BrokerUnreachableError, ContractError, TopicsError.
    """
    topics = wanted(settings, read(place(settings.topics.folder)))
    async with _client(settings) as client:
        return compare(topics, await _found(client, topics))


async def require(settings: Settings) -> None:
    """What a worker asks for before it starts. Raises TopicsMismatchError naming every mismatch, and as `check`."""
    mismatches = await check(settings)
    if mismatches:
        raise TopicsMismatchError(mismatches)


async def apply(settings: Settings, *, dry_run: bool = False) -> list[Applied]:
    """Create the topics that are missing and alter what may be altered; never a partition count.

    dry_run: say what would be done. Raises BrokerUnreachableError, ContractError, TopicsError.
    """
    topics = wanted(settings, read(place(settings.topics.folder)))
    async with _client(settings) as client:
        found = await _found(client, topics)
        missing = [topic for topic in topics if topic.name not in found]
        if missing and not dry_run:
            await _create(client, missing)
        done = [Applied(topic.name, "created") for topic in missing]
        for topic in topics:
            if topic.name in found:
                done.append(_plan(topic, found[topic.name]))
                alterable = {change.setting for change in done[-1].changes if change.fixed_for_life is None}
                if alterable and not dry_run:
                    await _alter(client, topic, found[topic.name])
        if not dry_run:
            await _until_shown(client, topics, settings.kafka.request_timeout_ms / 1000)
    return done


async def _until_shown(client: AIOKafkaAdminClient, topics: list[Wanted], patience_seconds: float) -> None:
    """Wait until the brokers show what was done: they learn of it only after the controller has said yes."""
    async with asyncio.timeout(patience_seconds):
        while any(not item.fixed_for_life for item in compare(topics, await _found(client, topics))):  # noqa: ASYNC110  nothing tells of it
            await asyncio.sleep(0.05)


def _plan(topic: Wanted, there: Found) -> Applied:
    changes = tuple(compare([topic], {topic.name: there}))
    reasons = [change.fixed_for_life for change in changes if change.fixed_for_life]
    if reasons:
        return Applied(topic.name, "refused", changes, "; ".join(reasons))
    return Applied(topic.name, "altered" if changes else "as it should be", changes)


@asynccontextmanager
async def _client(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client; what the broker refuses becomes a TopicsError, a lost connection a BrokerUnreachableError."""
    async with admin(settings.kafka) as client:
        try:
            yield client
        except (OSError, TimeoutError) as error:
            raise BrokerUnreachableError(settings.kafka, str(error) or "it stopped answering") from error
        except KafkaError as error:
            if error.retriable:
                raise BrokerUnreachableError(settings.kafka, str(error)) from error
            raise TopicsError(f"the broker refused: {error}") from error


async def _found(client: AIOKafkaAdminClient, topics: Iterable[Wanted]) -> dict[str, Found]:
    names = {topic.name for topic in topics}
    # all topics are listed, because asking for one by its name may create it (auto.create.topics.enable)
    listed = {topic["topic"]: topic for topic in await client.describe_topics() if topic["topic"] in names}
    if not listed:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in listed]
    configs: dict[str, dict[str, str]] = {}
    own: dict[str, frozenset[str]] = {}
    for response in await client.describe_configs(resources):
        for code, message, _, name, entries in response.resources:
            _raise_for(code, message, f"show the settings of {name}")
            configs[name] = {entry[0]: entry[1] for entry in entries if entry[1] is not None}
            own[name] = frozenset(entry[0] for entry in entries if entry[3] == _SET_ON_THE_TOPIC)
    return {
        name: Found(
            name,
            len(topic["partitions"]),
            min((len(partition["replicas"]) for partition in topic["partitions"]), default=0),
            configs[name],
            own[name],
        )
        for name, topic in listed.items()
    }


async def _create(client: AIOKafkaAdminClient, topics: list[Wanted]) -> None:
    new = [
        NewTopic(topic.name, topic.partitions, topic.replicas, topic_configs=dict(topic.configs)) for topic in topics
    ]
    response = await client.create_topics(new)
    for name, code, message in response.topic_errors:
        if code != _EXISTS_ALREADY:  # somebody else was quicker: the next check compares what they made
            _raise_for(code, message, f"create {name}")


async def _alter(client: AIOKafkaAdminClient, topic: Wanted, there: Found) -> None:
    # the request replaces all settings of the topic, so those that are none of ours are sent along
    configs = {name: there.configs[name] for name in there.own} | dict(topic.configs)
    for response in await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, configs)]):
        for code, message, _, name in response.resources:
            _raise_for(code, message, f"alter {name}")


def _raise_for(code: int, message: str | None, what: str) -> None:
    if code:
        raise TopicsError(f"the broker refused to {what}: {for_code(code).__name__}: {message or 'it gave no reason'}")


def _text(value: str | float | bool) -> str:  # noqa: FBT001  a value of a settings file
    return str(value).lower() if isinstance(value, bool) else str(value)


def _same(one: str | None, other: str) -> bool:
    if one is None:
        return False
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other
