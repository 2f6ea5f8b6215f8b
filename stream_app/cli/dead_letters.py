"""`stream-app dead-letters`: list what could not be used, show it, and send it back once it can."""

import re
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stream_app.cli.output import ConfigOption, ExitCode, JsonOption, console, emit, epilog, fail, notes

if TYPE_CHECKING:
    from stream_app.operate.dead_letters import Choice, Letter

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}

TopicsOption = Annotated[
    list[str] | None, typer.Option("--topic", metavar="cases|surveys|callhome", help="Only of these topics.")
]
ReasonsOption = Annotated[list[str] | None, typer.Option("--reason", help="Only for these reasons.")]
DetailOption = Annotated[str, typer.Option("--detail", help="Only where the detail contains this, as `$.at`.")]
PartitionOption = Annotated[int | None, typer.Option("--partition", help="Only of this partition.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="AGE", help="Rejected at most so long ago: 90s, 2h.")
]
BeforeOption = Annotated[str | None, typer.Option("--before", metavar="AGE", help="Rejected longer ago than this: 7d.")]


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.add_typer(
        app, name="dead-letters", help="List, show and send back records that could not be used.",
        epilog=epilog(
            ("dead-letters list --since 1h", "what was rejected in the last hour, and why"),
            ("dead-letters show cases.dead-letters/3/17", "one of them with its original bytes"),
            ("dead-letters redrive --reason future --dry-run", "how many could be used now"),
            ("dead-letters redrive --reason future", "send these back to their source topic"),
        ),
    )  # fmt: skip


@app.command(
    "list",
    epilog=epilog(
        ("dead-letters list", "the latest ones, and how many there are for each reason"),
        ("dead-letters list --topic cases --reason invalid --detail '$.at'", "by reason and place"),
        note="Prints reasons and places only, never what stands in a record.",
    ),
)
def list_(
    *,
    topic: TopicsOption = None,
    reason: ReasonsOption = None,
    detail: DetailOption = "",
    partition: PartitionOption = None,
    since: SinceOption = None,
    before: BeforeOption = None,
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many, the latest.")] = 20,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List dead letters: where they came from, why and when they were rejected, whether they were sent back."""
    import asyncio
    from collections import Counter

    from stream_app.operate.dead_letters import letters
    from stream_app.settings import load

    strangers: Counter[str] = Counter()
    choice = _choice(topic, reason, detail, partition, since, before)
    found = asyncio.run(letters(load(config), choice, strangers))
    counts = Counter((letter.area, letter.origin.reason, letter.redriven) for letter in found)
    if as_json:
        by_reason = [
            {"topic": area, "reason": why, "redriven": redriven, "letters": count}
            for (area, why, redriven), count in sorted(counts.items())
        ]
        emit({"counts": by_reason, "letters": [_summary(letter) for letter in found[-limit:]], "others": strangers})
        return
    _print(found[-limit:])
    for (area, why, redriven), count in sorted(counts.items()):
        console().print(f"  {area} {why}: {count}{' sent back' if redriven else ''}")
    console().print(f"{len(found)} dead letters" + (f", the latest {limit} shown" if len(found) > limit else ""))
    for name, count in strangers.items():
        notes().print(f"{name}: {count} records there are no dead letters of this program")


@app.command(
    epilog=epilog(
        ("dead-letters show cases.dead-letters/3/17", "where it came from, why it was rejected, what it says"),
        ("dead-letters show cases.dead-letters/3/17 --raw > event.json", "the original bytes and nothing else"),
        note="[bold]The original may hold personal data[/bold]; no other verb prints it.",
    )
)
def show(
    place: Annotated[str, typer.Argument(metavar="TOPIC/PARTITION/OFFSET", help="As `list` prints it.")],
    raw: Annotated[
        bool, typer.Option("--raw", help="Write the original value, byte by byte, and nothing else.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one dead letter with its original key, value and headers."""
    import asyncio
    import sys

    from stream_app.operate.dead_letters import letter_at
    from stream_app.settings import load

    parts = re.fullmatch(r"([\w.-]+)/(\d+)/(\d+)", place)
    if parts is None:
        fail(f"{place} is no place of a dead letter: topic/partition/offset, as `dead-letters list` prints it", 2)
    letter = asyncio.run(letter_at(load(config), parts[1], int(parts[2]), int(parts[3])))
    if raw:
        sys.stdout.buffer.write(letter.value or b"")
        return
    whole = _summary(letter) | {
        "key": _text(letter.key),
        "headers": [{"name": name, "value": _text(value)} for name, value in letter.headers],
        "value": _text(letter.value),
    }
    if as_json:
        emit(whole)
        return
    for name, value in whole.items():
        if name != "headers":
            console().print(f"{name:<10} {value}", markup=False, soft_wrap=True)
    for header in whole["headers"]:
        console().print(f"header     {header['name']}: {header['value']}", markup=False, soft_wrap=True)


@app.command(
    epilog=epilog(
        ("dead-letters redrive --dry-run", "how many could be used now, and why the others could not"),
        ("dead-letters redrive --topic cases --reason misrouted --limit 100", "a first hundred of one kind"),
        note="Each letter is sent back at most once, however often this is run, stopped or run twice at the same time: "
        "the original and a mark beside the letter are written in one Kafka transaction.",
    )
)
def redrive(
    *,
    topic: TopicsOption = None,
    reason: ReasonsOption = None,
    detail: DetailOption = "",
    partition: PartitionOption = None,
    since: SinceOption = None,
    before: BeforeOption = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Send back at most so many, the oldest.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also those that would be rejected again.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send originals back to their source topic, to the partition of their account, each at most once."""
    import asyncio

    from rich.progress import Progress

    from stream_app.operate import dead_letters
    from stream_app.settings import load

    choice = _choice(topic, reason, detail, partition, since, before)
    settings = load(config)
    with Progress(console=notes(), transient=True, disable=as_json) as progress:
        task = progress.add_task("sending back", total=None)
        done = asyncio.run(
            dead_letters.redrive(
                settings, choice, limit=limit, dry_run=dry_run, force=force,
                tell=lambda sent, all_: progress.update(task, completed=sent, total=all_),
            )
        )  # fmt: skip
    if as_json:
        emit({"dry_run": dry_run, "sent": done.sent, "left": done.left})
        return
    out = console()
    for name, count in sorted(done.sent.items()):
        out.print(f"  {name}: {count} {'would be ' if dry_run else ''}sent back")
    for why, count in sorted(done.left.items()):
        out.print(f"  left: {count} that would be rejected again ({why})")
    out.print(f"{done.sent.total()} {'could be ' if dry_run else ''}sent back, {done.left.total()} left")


def _choice(
    topics: list[str] | None, reasons: list[str] | None, detail: str, partition: int | None, *ages: str | None
) -> "Choice":
    """The choice of the options; ages: since, before."""
    from stream_app.codec import REASONS
    from stream_app.operate.dead_letters import Choice
    from stream_app.pipeline import AREAS

    since, before = ages
    for given, known in ((topics, AREAS), (reasons, REASONS)):
        for word in given or []:
            if word not in known:
                fail(f"{word} is none of {', '.join(known)}", ExitCode.USAGE)
    return Choice(
        tuple(topics or ()), tuple(reasons or ()), detail, partition,
        since_ms=_ago(since) if since else 0, until_ms=_ago(before) if before else None,
    )  # fmt: skip


def _ago(age: str) -> int:
    """The time in ms that lies so long ago."""
    parts = re.fullmatch(r"(\d+)([smhd])", age)
    if parts is None:
        fail(f"{age} is no age: a number and s, m, h or d, as 90s or 2h", ExitCode.USAGE)
    return time.time_ns() // 1_000_000 - int(parts[1]) * _UNITS[parts[2]] * 1000


def _summary(letter: "Letter") -> dict[str, Any]:
    origin = letter.origin
    return {
        "place": letter.place,
        "reason": origin.reason,
        "detail": origin.detail,
        "source": f"{origin.topic}/{origin.partition}/{origin.offset}",
        "published": _utc(origin.timestamp),
        "rejected": _utc(origin.time),
        "bytes": letter.size,
        "redriven": letter.redriven,
    }


def _print(letters: "list[Letter]") -> None:
    from rich.table import Column, Table

    told = [(letter, _summary(letter)) for letter in letters]
    # the place must be whole: it is what `show` is given
    place = Column("Place", no_wrap=True, min_width=max((len(said["place"]) for _, said in told), default=0))
    table = Table(place, "Rejected", "Reason", "Detail", "Source", "Sent back")
    for letter, said in told:
        table.add_row(
            said["place"], said["rejected"], said["reason"], said["detail"].replace("[", r"\["), said["source"],
            "yes" if letter.redriven else "",
        )  # fmt: skip
    if letters:
        console().print(table)


def _utc(ms: int) -> str:
    from datetime import UTC, datetime

    return "" if ms < 0 else datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")


def _text(data: bytes | None) -> str | None:
    """The bytes as text; what is not UTF-8 is shown as backslash escapes."""
    return None if data is None else data.decode("utf-8", "backslashreplace")
