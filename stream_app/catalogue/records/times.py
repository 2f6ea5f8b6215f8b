"""Mean, median and 90th percentile of a gauge histogram of durations."""

from stream_app.catalogue.promql import mean, quantile
from stream_app.catalogue.records.record import Record


def times(name: str, metric: str, what: str, by: tuple[str, ...]) -> tuple[Record, ...]:
    """The three rules of a metric, by some of its labels; `what` follows "Mean" in their help."""
    one_of = {
        "mean": (mean(metric, by=by), f"Mean {what}."),
        "p50": (quantile(0.5, metric, by=by), f"Median {what}."),
        "p90": (quantile(0.9, metric, by=by), f"90th percentile of {what}."),
    }
    return tuple(Record(f"{name}:{word}", expr, text, "seconds", "cases", by) for word, (expr, text) in one_of.items())
