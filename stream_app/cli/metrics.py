"""`stream-app metrics`: every number there is, as the catalogue has it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stream_app.cli.output import ConfigOption, JsonOption, console, emit, epilog

if TYPE_CHECKING:
    from stream_app.catalogue import Metric, Scope
    from stream_app.settings import Settings


def register(command: typer.Typer) -> None:
    """Put the verb on the command."""
    command.command(
        epilog=epilog(
            ("metrics", "every series with its labels and the most there can be of it"),
            ("metrics --rules", "the numbers made from them by recording rules"),
            ("metrics --markdown > docs/metrics.md", "both, as the documentation has them"),
            ("metrics --json", "both, for programs"),
        )
    )(metrics)


def metrics(
    config: ConfigOption = None,
    rules: Annotated[bool, typer.Option("--rules", help="Show the recording rules instead.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page of the documentation.")] = False,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            "--thresholds", metavar="FILE", show_default=False, help="What some recording rules depend on; as `rules`."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every number: name, kind, unit, labels, aggregation over workers, meaning, and how many series it makes."""
    from stream_app.catalogue import CATALOGUE
    from stream_app.operate.rules import every_record, page, read
    from stream_app.settings import load

    scope = _scope(load(config))
    numbers = every_record(read(thresholds)) if rules or markdown or as_json else ()
    if markdown:
        print(page(numbers, scope), end="")
    elif as_json:
        emit({
            "metrics": [_as_dict(metric, scope) for metric in CATALOGUE],
            "most_series": sum(metric.size(scope) for metric in CATALOGUE),
            "rules": [
                {
                    "name": rule.name, "unit": rule.unit, "labels": list(rule.labels), "help": rule.help,
                    "expr": rule.expr, **({"constant": rule.constant} if rule.constant else {}),
                }
                for rule in numbers
            ],
        })  # fmt: skip
    elif rules:
        _print_rules(numbers)
    else:
        _print_metrics(scope)


def _scope(settings: "Settings") -> "Scope":
    from stream_app.catalogue import Scope
    from stream_app.pipeline import AREAS

    topics = tuple(settings.source_topic(name) for name in AREAS)
    return Scope(settings.rules.build(), settings.topics.partitions, topics)


def _as_dict(metric: "Metric", scope: "Scope") -> dict[str, Any]:
    return {
        "name": metric.name, "kind": metric.kind, "unit": metric.unit, "help": metric.help,
        "definition": metric.definition, "aggregation": metric.aggregation,
        "labels": {label: list(values(scope)) for label, values in metric.labels.items()},
        "series": list(metric.series), "most_series": metric.size(scope),
    }  # fmt: skip


def _print_metrics(scope: "Scope") -> None:
    from rich.table import Table

    from stream_app.catalogue import CATALOGUE

    table = Table(box=None, pad_edge=False)
    table.add_column("Metric", no_wrap=True)
    for heading in ("Kind", "Unit", "Labels", "Over workers", "Meaning"):
        table.add_column(heading)
    table.add_column("Most series", justify="right")
    for metric in CATALOGUE:
        size = f"{metric.size(scope):,}"
        labels = ", ".join(metric.label_names)
        table.add_row(metric.name, metric.kind, metric.unit, labels, metric.aggregation, metric.help, size)
    out = console()
    out.print(table)
    total = sum(metric.size(scope) for metric in CATALOGUE)
    out.print(
        f"{len(CATALOGUE)} metrics; with these settings a worker that owns every partition shows at most {total:,} "
        "series, and those of its process"
    )


def _print_rules(numbers: Any) -> None:
    out = console()
    for rule in numbers:
        labels = ", ".join(f"{name}={rule.constant[name]}" if rule.constant else name for name in rule.labels)
        unit = f" [{rule.unit}]" if rule.unit else ""
        out.print(f"{rule.name}{f' by {labels}' if labels else ''}{unit}", style="bold", markup=False, soft_wrap=True)
        out.print(f"  {rule.help}", markup=False, soft_wrap=True)
        for line in rule.expr.splitlines():
            out.print(f"    {line}", style="dim", markup=False, soft_wrap=True)
