"""Small logs and mappings for tests."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stream_app.sources import mapping
from stream_app.sources.log import Log, Report

ACTIVITY = """
name = "tickets"
style = "activity"
reopen_on_other = true
[case]
column = "id"
[time]
column = "time"
format = "iso"
[account]
one = "acme"
[activity]
column = "what"
default = "none"
[activity.kinds]
"take" = "assigned"
"wait" = { kind = "waiting", on = "customer" }
"solve" = "solved"
"close" = "closed"
"""

SNAPSHOT = """
name = "incidents"
style = "snapshot"
reopen_on_other = true
[case]
column = "id"
[time]
column = "time"
format = "iso"
[account]
one = "acme"
[state]
column = "state"
[state.states]
"New" = "new"
"Active" = "open"
"User" = "waiting_customer"
"Vendor" = "waiting_vendor"
"Dev" = "escalated"
"Again" = "reopened"
"-" = "none"
"Resolved" = "solved"
"Closed" = "closed"
"""


def written(folder: Path, text: str | bytes, name: str = "log.csv") -> Path:
    """A file with this content."""
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def read(file: Path, toml: str, **options: Any) -> tuple[list[dict[str, Any]], Report]:
    """The events of a log as they are published, and the report."""
    with Log(file, mapping.parse(toml)) as log:
        events = [json.loads(ready.message.value) for ready in log.ready(**options)]
        return events, log.report()


def told(folder: Path, toml: str, rows: Sequence[str], header: str = "id,time,what") -> list[tuple[str, str]]:
    """(minute, kind) of the events of a log whose rows say only the minute of their time."""
    text = "\n".join([header, *(row.replace("@", "2020-01-01T10:") for row in rows)])
    events, _ = read(written(folder, text), toml)
    return [(str(event["at"] // 60_000 % 60), event["kind"]) for event in events]


def skipped(report: Report) -> dict[str, int]:
    """Rows left out, by reason."""
    return {item.reason: item.rows for item in report.skipped}
