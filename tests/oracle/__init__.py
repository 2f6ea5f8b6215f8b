"""The numbers of an instant, recomputed in SQL from what was published.

Written from the definitions and importing nothing of the product, so that a mistake there is not
repeated here. Every definition is a set-based query: no event is ever applied to a state.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb

_HERE: Final = Path(__file__).parent
_THING: Final = {"cases": "case", "surveys": "survey", "callhome": "device"}
_TIMES: Final = {
    "created_at", "replied_at", "first_solved_at", "solved_at", "closed_at", "awaiting_since", "sent_at", "answered_at",
    "decommissioned_at", "contacted_at", "merged_at", "engineering_at", "engineering_until",
}  # fmt: skip
_COLUMNS: Final = {
    "topic": "VARCHAR", "record_offset": "BIGINT", "account": "VARCHAR", "thing": "VARCHAR", "event_id": "VARCHAR",
    "kind": "VARCHAR", "at_ms": "BIGINT", "sequence": "BIGINT", "by": "VARCHAR", "channel": "VARCHAR",
    "origin": "VARCHAR",
    "priority": "VARCHAR", "tier": "VARCHAR", "public": "BOOLEAN", "automatic": "BOOLEAN", "on": "VARCHAR",
    "into": "VARCHAR", "state": "VARCHAR", "created_at": "BIGINT", "replied_at": "BIGINT", "first_solved_at": "BIGINT",
    "solved_at": "BIGINT", "closed_at": "BIGINT", "reopened_at": ["BIGINT"], "waited_ms": "BIGINT", "idle_ms": "BIGINT",
    "team": "VARCHAR", "awaiting_since": "BIGINT", "issue_type": "VARCHAR", "access_point": "VARCHAR",
    "device_class": "VARCHAR", "region": "VARCHAR", "complete": "BOOLEAN", "customer_spoke_at": ["BIGINT"],
    "agent_spoke_at": ["BIGINT"], "to": "VARCHAR", "escalated_to": "VARCHAR", "collaborated": "BOOLEAN",
    "agent": "VARCHAR", "delivered_by": "VARCHAR", "who": "VARCHAR", "authorised": "BOOLEAN", "handoffs": "BIGINT",
    "reassignments": "BIGINT", "collaborated_with": ["VARCHAR"], "vendor_authorised": "BOOLEAN", "merged_at": "BIGINT",
    "effort_minutes": "BIGINT", "engineering_at": "BIGINT", "engineering_until": "BIGINT", "minutes": "BIGINT",
    "information_rounds": "BIGINT", "recorded": "BOOLEAN", "known_topic": "VARCHAR", "topic_made": "BOOLEAN",
    "bug": "VARCHAR", "knowledge": "VARCHAR", "what": "VARCHAR", "target": "VARCHAR", "action": "VARCHAR",
    "outcome": "VARCHAR", "wait_ms": "BIGINT", "step": "VARCHAR",
    "survey_type": "VARCHAR", "score": "DOUBLE", "least": "DOUBLE", "most": "DOUBLE",
    "aspects": [{"aspect": "VARCHAR", "score": "DOUBLE"}], "satisfied_from": "DOUBLE", "dissatisfied_to": "DOUBLE",
    "sent_at": "BIGINT", "answered_at": "BIGINT", "contacted_at": "BIGINT",
    "case": "VARCHAR", "reasons": ["VARCHAR"], "product": "VARCHAR", "code": "VARCHAR", "severity": "VARCHAR",
    "faults": [{"code": "VARCHAR", "severity": "VARCHAR"}], "decommissioned_at": "BIGINT",
    "device": "VARCHAR", "signal": "VARCHAR", "heartbeat_minutes": "BIGINT", "software": "VARCHAR",
    "history": [{
        "code": "VARCHAR", "severity": "VARCHAR", "raised_at": "BIGINT", "cleared_at": "BIGINT",
        "self_healed": "BOOLEAN",
    }],
    "outages": [{"began_at": "BIGINT", "ended_at": "BIGINT"}],
}  # fmt: skip

_OPTIMIZERS: Final = ",".join(
    name for (name,) in duckdb.connect().execute("SELECT name FROM duckdb_optimizers()").fetchall()
)
_FEW: Final = 20_000
"""So few records are queried as written sooner than a better way is found: a quarter of the CPU."""

Numbers = dict[tuple[str, tuple[str, ...]], float]
Published = tuple[str, int, bytes | None]
"""(topic, offset, value) of one record."""


def numbers(published: Iterable[Published], instants: Sequence[int], rules: Mapping[str, Any]) -> list[Numbers]:
    """(metric name, label values) -> number for each instant (ms). `rules`: the fields of the product's rules."""
    rows = [_row(*record) for record in published]
    settings: dict[str, str | bool | int | float | list[str]] = {"threads": 1}
    if len(rows) < _FEW:
        settings["disabled_optimizers"] = _OPTIMIZERS
    with duckdb.connect(config=settings) as connection:
        _load(connection, rows, instants, rules)
        for name in (
            "common", "cases", "work", "record", "service_levels", "surveys", "callhome", "accounts", "health",
            "numbers",
        ):  # fmt: skip
            connection.execute((_HERE / f"{name}.sql").read_text())
        found: list[Numbers] = [{} for _ in instants]
        for instant, name, labels, value in connection.execute("SELECT * FROM number").fetchall():
            found[instant][name, tuple(labels)] = value
        return found


def _ms(value: int | str) -> int:
    if isinstance(value, int):
        return value
    return (datetime.fromisoformat(value) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _row(topic: str, offset: int, value: bytes | None) -> dict[str, Any]:
    event = json.loads(value or b"{}")
    row = {name: value for name, value in event.items() if name in _COLUMNS}
    row |= {"topic": topic, "record_offset": offset, "thing": event[_THING[topic]], "at_ms": _ms(event["at"])}
    row |= {name: _ms(event[name]) for name in _TIMES if name in event}
    row["reasons"] = event.get("reasons", [])
    for name in ("reopened_at", "customer_spoke_at", "agent_spoke_at"):
        row[name] = [_ms(time) for time in event.get(name, ())]
    row["aspects"] = [{"aspect": name, "score": score} for name, score in event.get("aspects", {}).items()]
    row["faults"] = [{"code": code, "severity": severity} for code, severity in event.get("faults", {}).items()]
    for name in ("history", "outages"):
        row[name] = [{k: _ms(v) if k.endswith("_at") else v for k, v in part.items()} for part in event.get(name, ())]
    return row


def _load(
    connection: duckdb.DuckDBPyConnection,
    rows: list[dict[str, Any]],
    instants: Sequence[int],
    rules: Mapping[str, Any],
) -> None:
    connection.execute(
        "CREATE TABLE published AS SELECT unnest(from_json($rows, $columns), recursive := false) AS event",
        {"rows": json.dumps(rows), "columns": json.dumps([_COLUMNS])},
    )
    connection.execute("CREATE TABLE event AS SELECT event.* FROM published")
    connection.execute(
        "CREATE TABLE instant AS SELECT unnest(range(len($at))) AS instant, unnest($at::BIGINT[]) AS now_ms, "
        "now_ms // 60000 AS now",
        {"at": list(instants)},
    )
    connection.execute(
        "CREATE TABLE product AS SELECT unnest($products::VARCHAR[]) AS product", {"products": list(rules["products"])}
    )
    connection.execute("CREATE TABLE tier AS SELECT unnest($tiers::VARCHAR[]) AS tier", {"tiers": list(rules["tiers"])})
    connection.execute(
        "CREATE TABLE region AS SELECT unnest($all::VARCHAR[]) AS region", {"all": list(rules["regions"])}
    )
    connection.execute(
        "CREATE TABLE reason AS SELECT unnest($all::VARCHAR[]) AS reason", {"all": list(rules["reasons"])}
    )
    connection.execute("CREATE TABLE team AS SELECT unnest($teams::VARCHAR[]) AS team", {"teams": list(rules["teams"])})
    connection.execute(
        "CREATE TABLE partner AS SELECT unnest($all::VARCHAR[]) AS partner", {"all": list(rules["partners"])}
    )
    connection.execute(
        "CREATE TABLE beat AS SELECT unnest($products::VARCHAR[]) AS product, unnest($minutes::BIGINT[]) AS minutes",
        {"products": list(rules["heartbeat_minutes"]), "minutes": list(rules["heartbeat_minutes"].values())},
    )
    connection.execute(
        "CREATE TABLE current AS SELECT unnest($products::VARCHAR[]) AS product, unnest($all::VARCHAR[]) AS current",
        {"products": list(rules["current_versions"]), "all": list(rules["current_versions"].values())},
    )
    connection.execute(
        "CREATE TABLE fleet_rule AS SELECT $usual AS usual, $late AS late, $silent AS silent, $stuck AS stuck, "
        "$grace * 60000 AS grace, $signal * 86400000 AS signal, $storm AS storm, $untouched AS untouched",
        {
            "usual": rules["default_heartbeat_minutes"],
            "late": rules["late_after"],
            "silent": rules["silent_after"],
            "stuck": rules["stuck_minutes"],
            "grace": rules["retired_grace_minutes"],
            "signal": rules["signal_days"],
            "storm": rules["storm_minutes"],
            "untouched": rules["untouched_days"],
        },
    )
    _promise(connection, rules["levels"])
    _health(connection, rules)


def _health(connection: duckdb.DuckDBPyConnection, rules: Mapping[str, Any]) -> None:
    """What takes how many points, and the order of tiers."""
    points: Mapping[str, int] = rules["health_points"]
    connection.execute(
        "CREATE TABLE points AS SELECT unnest($kinds::VARCHAR[]) AS kind, unnest($points::BIGINT[]) AS points",
        {"kinds": list(points), "points": list(points.values())},
    )
    connection.execute(
        "CREATE TABLE health_rule AS SELECT $most AS most, $fade AS fade, $long AS long, $stale AS stale, $red AS red, "
        "$yellow AS yellow, $share AS share, $worst AS worst",
        {
            "most": rules["health_most_points"],
            "fade": rules["health_fade_days"],
            "long": rules["health_long_days"],
            "stale": rules["health_stale_days"],
            "red": rules["health_red_below"],
            "yellow": rules["health_yellow_below"],
            "share": rules["health_reason_share"],
            "worst": rules["worst_accounts"],
        },
    )
    connection.execute(
        "CREATE TABLE tier_order AS "
        "SELECT unnest($tiers::VARCHAR[]) AS tier, unnest(range(len($tiers::VARCHAR[]))) AS place",
        {"tiers": [*rules["tiers"], "other"]},
    )


_EVER: Final = 1 << 50


def _promise(connection: duckdb.DuckDBPyConnection, levels: Any) -> None:
    """Targets by policy, and the open time of regions; before the first opening and after the last close it is open."""
    promised = [
        (tier, priority, policy.effective_from, name, *(getattr(policy, name) or (None, None)))
        for (tier, priority), policies in levels["policies"].items()
        for policy in policies
        for name in ("first_response", "next_response", "resolution", "engineering")
    ]
    connection.execute(
        "CREATE TABLE promised (tier VARCHAR, priority VARCHAR, effective_from BIGINT, target VARCHAR, length BIGINT, "
        "business BOOLEAN)"
    )
    if promised:
        connection.executemany("INSERT INTO promised VALUES (?, ?, ?, ?, ?, ?)", promised)
    connection.execute("CREATE TABLE promise_rule AS SELECT $ms AS counted_from", {"ms": levels["counted_from"]})
    connection.execute("CREATE TABLE open_time (region VARCHAR, opens BIGINT, closes BIGINT)")
    for region, hours in levels["calendars"].items():
        opens, closes = list(hours.opens), list(hours.closes)
        if opens:
            opens, closes = [-_EVER, *opens, closes[-1]], [opens[0], *closes, _EVER]
        connection.execute(
            "INSERT INTO open_time SELECT $region, unnest($opens::BIGINT[]), unnest($closes::BIGINT[])",
            {"region": region, "opens": opens or [-_EVER], "closes": closes or [_EVER]},
        )
