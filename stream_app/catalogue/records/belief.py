"""Whether the numbers may be believed."""

from typing import Final

from stream_app.catalogue.promql import whole
from stream_app.catalogue.records.record import Record


def _complete() -> str:
    wanted = whole("stream_app_topic_partitions", by=("topic",))
    once = f"count by (topic) ({whole('stream_app_partition_owned', by=('topic', 'partition'))} == 1)"
    return f"min(\n  ({once} or 0 * {wanted})\n  == bool {wanted}\n)"


RECORDS: Final[tuple[Record, ...]] = (
    Record(
        "support:belief:complete", _complete(),
        "1 when every partition of every source topic is owned and recovered by exactly one worker, 0 when one is "
        "missing or owned twice; absent without a worker.",
        "yes or no", "belief",
    ),
)  # fmt: skip
