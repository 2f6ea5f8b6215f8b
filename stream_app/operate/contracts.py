"""Reads the contracts of the topics: `topics/<topic>.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from stream_app.pipeline import AREAS

Value = str | int | float | bool
Configs = dict[str, Value]

_BESIDE_THE_PROGRAM: Final = Path(__file__).resolve().parents[2] / "topics"
_HERE: Final = Path("topics")


class ContractError(Exception):
    """A topic's file is missing or wrong: which, and why."""

    exit_code = 2


class TopicContract(msgspec.Struct, forbid_unknown_fields=True, rename={"dead_letters": "dead-letters"}):
    """One topic as its publishers and brokers see it.

    key: the field that is the record's key. thing: the field that identifies the thing. source, changelog,
    dead_letters: settings of the topic and of its companions, by Kafka's names.
    """

    topic: str
    publisher: str
    key: str
    thing: str
    partitions: Annotated[int, Meta(ge=1)]
    kinds: list[str]
    source: Configs
    changelog: Configs
    dead_letters: Configs


@dataclass(frozen=True, slots=True)
class Place:
    """Where the contracts, schemas and samples lie."""

    folder: Path

    def contract(self, topic: str) -> Path:
        """The contract of a topic."""
        return self.folder / f"{topic}.toml"

    def schema(self, topic: str) -> Path:
        """The JSON Schema of a topic's events."""
        return self.folder / "schemas" / f"{topic}.json"

    def samples(self, topic: str) -> Path:
        """Good events of every kind."""
        return self.folder / "samples" / f"{topic}.jsonl"

    def bad_samples(self, topic: str) -> Path:
        """Bad payloads, each with the reason it is refused for."""
        return self.folder / "samples" / f"{topic}.bad.jsonl"


def place(folder: Path | None = None) -> Place:
    """Where the contracts are: in the folder given, else beside the program, else in ./topics. Raises ContractError."""
    looked = [folder] if folder is not None else [_BESIDE_THE_PROGRAM, _HERE]
    for candidate in looked:
        if candidate.is_dir():
            return Place(candidate)
    raise ContractError(f"no folder of topic contracts at {looked[-1]}: set topics.folder (STREAM_APP_TOPICS__FOLDER)")


def read(where: Place) -> dict[str, TopicContract]:
    """The contract of every topic, by its name. Raises ContractError."""
    return {topic: _read(where.contract(topic), topic) for topic in AREAS}


def _read(file: Path, topic: str) -> TopicContract:
    try:
        tree: dict[str, Any] = tomllib.loads(file.read_text())
        contract = msgspec.convert(tree, TopicContract)
    except OSError as error:
        raise ContractError(f"the contract of {topic}, {file}, cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ContractError(f"the contract of {topic}, {file}, is wrong: {error}") from error
    if contract.topic != topic:
        raise ContractError(f"the contract {file} speaks of {contract.topic!r}, not of {topic!r}")
    return contract
