"""The contracts in topics/ say what the program does: kinds, schemas, and samples good and bad."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from stream_app.codec import REASONS, Codec, Event, Reject, wire_type
from stream_app.operate import schemas
from stream_app.operate.contracts import ContractError, Place, place, read
from stream_app.operate.routing import misrouted, partition_of
from stream_app.pipeline import AREAS
from stream_app.settings import Settings

WHERE = Place(Path(__file__).parents[1] / "topics")
NOW_MS = time.time_ns() // 1_000_000
PARTITIONS = 8

topics = pytest.mark.parametrize("topic", list(AREAS))


def lines(file: Path) -> Iterator[dict[str, Any]]:
    yield from (json.loads(line) for line in file.read_text().splitlines())


def decoded(topic: str, payload: str | None) -> Event | Reject:
    return AREAS[topic].codec().decode(None if payload is None else payload.encode(), 0, NOW_MS)


@topics
def test_the_contract_names_the_kinds_the_thing_and_the_key_of_the_types(topic: str) -> None:
    contract = read(WHERE)[topic]
    assert contract.kinds == [fact.__struct_config__.tag for fact in AREAS[topic].contract.facts]
    assert contract.thing == AREAS[topic].contract.thing
    assert contract.key == "account"


def test_every_topic_has_the_partitions_of_the_setting() -> None:
    assert {contract.partitions for contract in read(WHERE).values()} == {Settings().topics.partitions}


@topics
def test_changelogs_are_compacted_only_in_bounded_segments_that_wait_an_hour(topic: str) -> None:
    changelog = read(WHERE)[topic].changelog
    assert changelog["cleanup.policy"] == "compact"
    assert int(changelog["min.compaction.lag.ms"]) >= 3_600_000
    assert {"segment.ms", "segment.bytes", "min.cleanable.dirty.ratio"} <= set(changelog)


def test_the_contracts_beside_the_program_are_found() -> None:
    assert place() == WHERE


def test_a_contract_that_is_missing_or_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"cases\.toml, cannot be read"):
        read(Place(tmp_path))
    (tmp_path / "cases.toml").write_text('topic = "cases"\n')
    with pytest.raises(ContractError, match=r"cases\.toml, is wrong: .*publisher"):
        read(Place(tmp_path))


@topics
def test_schemas_are_as_the_types_have_them(topic: str) -> None:
    assert WHERE.schema(topic).read_bytes() == schemas.text(topic), "write them anew: stream-app topics schemas"


@topics
def test_schemas_are_valid_json_schema(topic: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schemas.schema(topic))


@topics
def test_every_good_sample_is_an_event(topic: str) -> None:
    for line in WHERE.samples(topic).read_text().splitlines():
        event = decoded(topic, line)
        assert isinstance(event, Event), (line, event)


@topics
def test_every_good_sample_fits_the_schema(topic: str) -> None:
    validator = jsonschema.Draft202012Validator(
        schemas.schema(topic), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    for event in lines(WHERE.samples(topic)):
        assert validator.is_valid(event), event


@topics
def test_the_good_samples_show_every_kind_and_every_field_once(topic: str) -> None:
    contract = AREAS[topic].contract
    shown = {(event["kind"], name) for event in lines(WHERE.samples(topic)) for name in event}
    envelope = {"event_id", "at", "account", "source", contract.thing, "version", "sequence"}
    for fact in contract.facts:
        kind = str(fact.__struct_config__.tag)
        fields = set(wire_type(contract, fact).__struct_fields__)
        assert {(kind, name) for name in fields - {"version", "sequence"}} <= shown
    assert envelope <= {name for _, name in shown}


@topics
def test_no_two_good_samples_share_an_event_id(topic: str) -> None:
    ids = [event["event_id"] for event in lines(WHERE.samples(topic))]
    assert len(ids) == len(set(ids))


@topics
def test_every_bad_sample_is_refused_for_the_reason_it_states(topic: str) -> None:
    for sample in lines(WHERE.bad_samples(topic)):
        result = decoded(topic, sample["payload"])
        if sample["reason"] == "misrouted":
            assert isinstance(result, Event)
            account, key = result.key[0], sample["key"].encode()
            assert misrouted(account, key, partition_of(key, PARTITIONS), PARTITIONS)
            continue
        assert isinstance(result, Reject), sample
        assert result.reason == sample["reason"], (sample, result)
        assert sample["detail contains"] in result.detail, (sample, result)


@topics
def test_the_bad_samples_show_every_reason(topic: str) -> None:
    assert {sample["reason"] for sample in lines(WHERE.bad_samples(topic))} == set(REASONS)


@topics
def test_a_bad_sample_of_wrong_shape_does_not_fit_the_schema(topic: str) -> None:
    validator = jsonschema.Draft202012Validator(
        schemas.schema(topic), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    beyond_a_schema = ("outside its scale", "scale is empty", "timezone", "`$.at`")
    for sample in lines(WHERE.bad_samples(topic)):
        if sample["reason"] in {"invalid", "unknown_kind"} and sample["detail contains"] not in beyond_a_schema:
            assert not validator.is_valid(json.loads(sample["payload"])), sample


@topics
def test_unknown_fields_are_ignored(topic: str) -> None:
    codec: Codec = AREAS[topic].codec()
    event = next(lines(WHERE.samples(topic)))
    with_more = json.dumps(event | {"a_field_of_next_year": {"deep": [1]}}).encode()
    assert codec.decode(with_more, 0, NOW_MS) == codec.decode(json.dumps(event).encode(), 0, NOW_MS)
