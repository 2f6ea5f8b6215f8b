"""Steps to payloads: the envelope, the thing's id, and what the step says. The truth never looks at these."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import msgspec

from stream_app.sources.simulate.faults import WAYS, Spoiled
from stream_app.sources.simulate.rhythm import REGIONS
from stream_app.sources.simulate.things import CALLHOME, CASES, SURVEYS, Step, Thing

PUBLISHERS: Final = {CASES: ("case", "helpdesk"), SURVEYS: ("survey", "survey-tool"), CALLHOME: ("device", "fleet")}
"""Topic -> the field of the thing's id, and the name of the publisher."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ZONES: Final = {region: timezone(timedelta(hours=ahead)) for region, (ahead, _) in REGIONS.items()}
_encode: Final[Callable[[Any], bytes]] = msgspec.json.Encoder().encode


def written(at_ms: int, region: str) -> str:
    """A time as RFC 3339 with the offset of a region."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(_ZONES[region]).isoformat(timespec="milliseconds")


def event(thing: Thing, step: Step) -> dict[str, Any]:
    """One event as its publisher says it. The survey tool writes its times out, the others count ms."""
    field, source = PUBLISHERS[thing.topic]
    at = step.at
    return {
        "event_id": f"{thing.name}-{at}-{step.kind}",
        "kind": step.kind,
        "at": written(at, thing.account.region) if thing.topic == SURVEYS else at,
        "account": thing.account.name,
        "source": source,
        field: thing.name,
        **step.fields,
    }


def payload(thing: Thing, step: Step | Spoiled) -> bytes:
    """One event as it is published, or spoiled."""
    if type(step) is Spoiled:
        said = event(thing, step.step)
        said["event_id"] += "-spoiled"
        return WAYS[step.way][1](said, step.step)
    return _encode(event(thing, step))  # type: ignore[arg-type]
