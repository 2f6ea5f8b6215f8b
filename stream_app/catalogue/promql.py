"""Expressions over the catalogue's series. The one that adds up workers does it as the catalogue states."""

from collections.abc import Mapping
from typing import Final

from stream_app.catalogue.metric import Metric
from stream_app.catalogue.support import METRICS
from stream_app.catalogue.worker import WORKER

CATALOGUE: Final = (*METRICS, *WORKER)
"""Every metric that a worker shows."""

SERIES: Final[Mapping[str, Metric]] = {name: metric for metric in CATALOGUE for name in metric.series}
"""Name of a series -> its metric."""


def selected(series: str, *conditions: str, at: str = "") -> str:
    """A series with label matchers such as `window="1h"`; `at` follows it: a range, an offset.

    Raises ValueError for a series that is none of the catalogue's or a label that it does not have.
    """
    if series not in SERIES:
        raise ValueError(f"{series} is no series of the catalogue")
    labels = SERIES[series].series[series]
    for condition in conditions:
        label = condition.replace("!", "=").partition("=")[0]
        if label not in labels:
            raise ValueError(f"{series} has no label {label}")
    return series + (f"{{{','.join(conditions)}}}" if conditions else "") + at


def whole(series: str, *conditions: str, by: tuple[str, ...] = (), at: str = "") -> str:
    """The value of a series over all workers, for each combination of the labels `by`. Raises as `selected`."""
    inner = selected(series, *conditions, at=at)
    metric = SERIES[series]
    if unknown := set(by) - set(metric.series[series]):
        raise ValueError(f"{series} has no label {', '.join(sorted(unknown))}")
    return f"{metric.aggregation}{grouped(by)}({inner})"


def grouped(by: tuple[str, ...]) -> str:
    """The `by` of an aggregation."""
    return f" by ({', '.join(by)}) " if by else ""


def increase(series: str, window: str, *conditions: str, by: tuple[str, ...] = (), at: str = "") -> str:
    """The growth of a counter over all workers in a window. Raises as `selected`."""
    return f"sum{grouped(by)}(increase({selected(series, *conditions, at=f'[{window}]{at}')}))"


def ratio(part: str, total: str) -> str:
    """A share: zero while there is nothing of the part, absent while there is nothing at all."""
    return f"({part} or 0 * {total})\n/ ({total} > 0)"


def quantile(q: float, metric: str, *conditions: str, by: tuple[str, ...]) -> str:
    """A quantile of a gauge histogram, from its buckets over all workers; absent without an observation."""
    buckets = whole(f"{metric}_bucket", *conditions, by=(*by, "le"))
    count = whole(f"{metric}_gcount", *conditions, by=by)
    return f"histogram_quantile({q}, {buckets})\nand ({count} > 0)"


def mean(metric: str, *conditions: str, by: tuple[str, ...]) -> str:
    """The mean of a gauge histogram over all workers; absent without an observation."""
    count = whole(f"{metric}_gcount", *conditions, by=by)
    return f"{whole(f'{metric}_gsum', *conditions, by=by)}\n/ ({count} > 0)"


def surely_more(mean: str, dispersion: float = 1.0) -> str:
    """What a count whose mean is `mean` passes by chance less than once in a thousand times.

    The Cornish-Fisher form of the Poisson quantile at 0.999, with half a case for its being whole numbers.
    dispersion: variance / mean; 1 for arrivals that know nothing of each other.
    """
    return f"{mean} + 3.09 * sqrt({dispersion:g} * {mean}) + 1.925"


def surely_less(mean: str, dispersion: float = 1.0) -> str:
    """What a count whose mean is `mean` stays below by chance less than once in a thousand times; as `surely_more`."""
    return f"{mean} - 3.09 * sqrt({dispersion:g} * {mean}) + 0.925"


def surely_share(share: str, count: str, *, upper: bool = False) -> str:
    """The lower (or upper) end of Wilson's interval (98 %) of a share observed among `count` (z = 2.326)."""
    spread = f"sqrt({share} * (1 - {share}) / {count} + 1.353 / {count} ^ 2)"
    return f"({share} + 2.705 / {count} {'+' if upper else '-'} 2.326 * {spread}) / (1 + 5.41 / {count})"
