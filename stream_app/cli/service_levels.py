"""`stream-app service-levels`: what the file of service levels says, and when each region is open."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog, fail

if TYPE_CHECKING:
    from stream_app.domain.service_levels import ServiceLevels, Target
    from stream_app.service_levels import Read

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.add_typer(
        app, name="service-levels", help="Show what is promised to customers, and in which hours.",
        epilog=epilog(
            ("service-levels show", "policies, and when each region opens or closes next"),
            ("service-levels show --at 2026-12-24T12:00:00Z", "what is in force then"),
        ),
    )  # fmt: skip


@app.callback()
def service_levels() -> None:
    """What is promised to customers, and in which hours."""


@app.command(
    epilog=epilog(
        ("service-levels show", "every policy, those in force marked, and the hours of regions"),
        ("service-levels show --json", "the same for programs"),
        note="The file is the one that rules.service_levels_file names; all that is wrong with it is said at once.",
    )
)
def show(
    config: ConfigOption = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="INSTANT", show_default=False, help="The clock: ISO or ms; else now.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the policies of service levels, and for each region whether it is open and until or from when."""
    from stream_app.cli.logs import instant
    from stream_app.domain.service_levels import TARGETS
    from stream_app.service_levels import compiled, read
    from stream_app.settings import load

    rules = load(config).rules
    file = rules.service_levels_file
    if file is None:
        fail("no service levels are set: rules.service_levels_file names their file", ExitCode.USAGE)
    found = read(file, rules.tiers, rules.regions)
    now_ms = instant(at) if at is not None else time.time_ns() // 1_000_000
    data = _data(found, compiled(found), now_ms)
    if as_json:
        emit(data)
        return
    from rich.table import Table

    table = Table(
        "Tier", "Priority", "Effective from", "First response", "Next response", "Resolution", "Engineering", "In force"
    )
    for row in data["policies"]:
        targets = (row[name] or "" for name in TARGETS)
        table.add_row(row["tier"], row["priority"], row["effective_from"], *targets, "yes" if row["in_force"] else "")
    console().print(table)
    table = Table("Region", "Zone", "Now", "Until")
    for row in data["regions"]:
        table.add_row(row["region"], row["zone"], "open" if row["open"] else "closed", row["until"])
    console().print(table)


def _data(found: "Read", levels: "ServiceLevels", now_ms: int) -> dict[str, Any]:
    from stream_app.domain.service_levels import TARGETS
    from stream_app.service_levels.file import local, milliseconds

    policies = [
        {
            "tier": said.tier,
            "priority": said.priority,
            "effective_from": said.effective_from.isoformat(),
            **{name: _target(said.target(name)) for name in TARGETS},
            "in_force": levels.policy(said.tier, said.priority, now_ms).effective_from
            == milliseconds(said.effective_from),
        }
        for said in found.policies
    ]  # fmt: skip
    regions = []
    for said in found.calendars:
        hours = levels.hours(said.region)
        is_open = hours.opening(now_ms) == now_ms
        until = hours.closing(now_ms) if is_open else hours.opening(now_ms)
        shown = "always" if until is None else local(until, said.zone).isoformat(sep=" ", timespec="minutes")
        regions.append({"region": said.region, "zone": said.zone, "open": is_open, "until": shown})
    counted = None if found.counted_from is None else found.counted_from.isoformat()
    return {"policies": policies, "regions": regions, "counted_from": counted}


def _target(target: "Target | None") -> str | None:
    if target is None:
        return None
    minutes, seconds = divmod(target.length // 1000, 60)
    length = f"{minutes // 60}h{minutes % 60:02d}m" + (f"{seconds:02d}s" if seconds else "")
    return f"{length} {'business' if target.business else 'elapsed'}"
