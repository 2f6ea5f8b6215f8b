"""The truth of a plan as JSON lines, one for each minute after its end: gauges change when a minute begins."""

from collections.abc import Iterator
from typing import Any

import orjson

from stream_app.catalogue import METRICS
from stream_app.sources.simulate.plan import Plan
from stream_app.sources.simulate.things import MINUTE
from stream_app.sources.simulate.truth import Truth


def statements(plan: Plan, minutes: int) -> Iterator[bytes]:
    """What the gauges must say in the minute all that was sent had arrived, and in each of some minutes after it.

    A line holds from `from_ms` to before `to_ms`; series that are zero are left out.
    """
    truth, last = Truth(plan), plan.planned_until
    given = truth.input(last)
    wrong = {
        "rejects": [
            {"topic": topic, "reason": reason, "count": n} for (topic, reason), n in sorted(given.rejects.items())
        ],
        "duplicates": dict(sorted(given.duplicates.items())),
        "heartbeats_again": dict(sorted(given.heartbeats_again.items())),
        "late": dict(sorted(given.late.items())),
        "sent": [{"topic": topic, "kind": kind, "count": n} for (topic, kind), n in sorted(plan.sent.items())],
    }
    incidents = [
        {"kind": span.kind, "target": span.target, "begin_ms": span.begin, "end_ms": min(span.end, plan.end_ms)}
        for span in plan.incidents
    ]
    for minute in range(last // MINUTE, last // MINUTE + 1 + minutes):
        begin = max(minute * MINUTE, last)
        told = {"from_ms": begin, "to_ms": (minute + 1) * MINUTE, "input": wrong, "incidents": incidents}
        series = [_named(name, labels, value) for (name, labels), value in sorted(truth.at(begin, last).items())]
        yield orjson.dumps(told | {"series": series}, option=orjson.OPT_APPEND_NEWLINE)


def _named(name: str, values: tuple[str, ...], value: float) -> dict[str, Any]:
    family = name
    for suffix in ("_bucket", "_gcount", "_gsum"):
        family = family.removesuffix(suffix)
    labels = next(metric.label_names for metric in METRICS if metric.name == family)
    names = (*labels, "le") if name.endswith("_bucket") else labels
    return {"name": name, "labels": dict(zip(names, values, strict=True)), "value": value}
