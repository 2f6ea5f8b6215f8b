"""How far behind a worker is in time, which the numbers it shows are worth no more than."""

from collections.abc import Mapping

Partition = tuple[str, int]


class Behind:
    """Remembers when each partition was last seen with nothing left to read. Times in ms of the wall clock.

    The oldest record left to read came after the last one absorbed, and after the last moment there was none left.
    The later of the two bounds its age, so that a first record after a quiet night does not count as a night's lag.
    """

    def __init__(self) -> None:
        self._caught_up: dict[Partition, int] = {}

    def seconds(self, lag: Mapping[Partition, int], stamps: Mapping[Partition, int], now_ms: int) -> dict[str, float]:
        """Seconds behind by topic; a topic of which that cannot be known yet is left out.

        lag: records left to read of each owned partition. stamps: timestamp of the last record absorbed.
        """
        self._caught_up = {
            tp: self._caught_up[tp] if records else now_ms
            for tp, records in lag.items()
            if not records or tp in self._caught_up
        }
        worst: dict[str, float] = {}
        unknown = set()
        for tp in lag:
            since = max(self._caught_up.get(tp, 0), stamps.get(tp, 0) if lag[tp] else now_ms)
            if since:
                worst[tp[0]] = max(worst.get(tp[0], 0.0), (now_ms - since) / 1000, 0.0)
            else:
                unknown.add(tp[0])
        return {topic: behind for topic, behind in worst.items() if topic not in unknown}
