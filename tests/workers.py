"""A worker's keeper without a broker: nothing is written or read, its partitions are as good as recovered."""

from faust.types import TP

from stream_app.pipeline import AREAS, Partition
from stream_app.settings import Settings
from stream_app.shell.changelog import Changelog
from stream_app.shell.keeper import Keeper
from stream_app.shell.stats import Stats
from stream_app.shell.writer import Writer


def idle_keeper(stats: Stats, partitions: int, *, owned: bool) -> Keeper:
    """A keeper that owns every partition of every topic, or none."""
    settings = Settings.model_validate({"topics": {"partitions": partitions}})
    keeper = Keeper(settings, stats, Writer({}, 1), Changelog({}, 1))
    if owned:
        tps = {TP(settings.source_topic(area), number) for area in AREAS for number in range(partitions)}
        keeper.held.assigned = frozenset(tps)
        for topic, number in tps:
            keeper.held.delivery.assigned((topic, number), None, 0)
            keeper.held.delivery.recovered((topic, number), 0)
            keeper.held.partitions.setdefault(number, Partition(keeper.held.rules))
    return keeper
