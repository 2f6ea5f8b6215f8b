"""The page of the documentation that lists every number."""

from collections.abc import Iterable, Iterator

from stream_app.catalogue import CATALOGUE, METRICS, WORKER, Metric, Record, Scope

_BEGIN = """# Every number

Made by `stream-app metrics --markdown > docs/metrics.md` from the catalogue: change that, not this page.

A label value that a publisher leaves out is `unknown`, one outside the set is `other`. *Over workers* says how the
values of several workers make the whole; the recording rules below do it so. *Most series* is what one worker that owns
every partition can show with the default settings; combinations appear when they first occur, so it is mostly less.
A window W at the time t covers the minutes m with minute(t) - W < m <= minute(t) of event time.
Gauge histograms are counts of a window, not of all time: take `histogram_quantile` of them without `rate`.
"""

_RULES = """Prometheus makes these from the numbers above (deploy/prometheus/rules). Ratios, means and quantiles are
absent while there is nothing to judge.
"""


def page(numbers: Iterable[Record], scope: Scope) -> str:
    """The page, in Markdown."""
    total = sum(metric.size(scope) for metric in CATALOGUE)
    return "\n".join([
        _BEGIN,
        f"{len(CATALOGUE)} metrics, at most {total:,} series.\n",
        "## Numbers of support\n",
        *_metrics(METRICS, scope),
        "## What a worker measures of itself\n",
        "Beside these stand the client library's `process_*`.\n",
        *_metrics(WORKER, scope),
        "## Recording rules\n",
        _RULES,
        *_rules(numbers),
    ])  # fmt: skip


def _metrics(metrics: Iterable[Metric], scope: Scope) -> Iterator[str]:
    for metric in metrics:
        yield f"### {metric.name}\n"
        yield f"{metric.help}\n"
        yield f"{metric.definition}\n"
        yield f"- {metric.kind}, {metric.unit}; over workers: {metric.aggregation}; most series: {metric.size(scope):,}"
        for label, values in metric.labels.items():
            yield f"- `{label}`: {', '.join(values(scope))}"
        yield ""


def _rules(numbers: Iterable[Record]) -> Iterator[str]:
    for rule in numbers:
        constant = ", ".join(f'{name}="{value}"' for name, value in rule.constant.items())
        yield f"### {rule.name}{f'{{{constant}}}' if constant else ''}\n"
        yield f"{rule.help}\n"
        told = [rule.unit] if rule.unit else []
        told += [f"by {', '.join(rule.labels)}"] if rule.labels and not constant else []
        if told:
            yield f"{'; '.join(told)}\n"
        yield f"```\n{rule.expr}\n```\n"
