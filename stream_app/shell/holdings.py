"""What one worker holds, and how it ends itself: shared by those who take in, write out and restore."""

import logging
import os
import time
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from faust.types import TP

from stream_app.codec import Reader
from stream_app.dead_letters import DeadLetter
from stream_app.domain.delivery import Delivery, Lost
from stream_app.domain.fold import Row
from stream_app.domain.rules import Rules
from stream_app.pipeline import AREAS, Area, Partition
from stream_app.settings import Settings
from stream_app.shell.failpoints import Failpoints
from stream_app.shell.stats import Stats

log = logging.getLogger(__name__)

Place = tuple[str, int]
"""A source topic and a partition: how the delivery machine names it."""

CHUNK: Final = 500
"""Rows encoded or restored before the event loop gets a turn."""

EXIT_GAVE_UP: Final = 70
"""Exit code of a worker that ended itself so that a supervisor starts it again."""


def give_up(reason: str) -> NoReturn:
    """End the process at once, without flushing or committing."""
    log.critical("ending this worker: %s", reason)
    logging.shutdown()
    os._exit(EXIT_GAVE_UP)


def monotonic_ms() -> int:
    """The clock of the delivery machine."""
    return int(time.monotonic() * 1000)


def wall_ms() -> int:
    """The wall clock."""
    return int(time.time() * 1000)


def place(tp: TP) -> Place:
    """Faust's name of a partition as ours."""
    return (tp.topic, tp.partition)


@dataclass(frozen=True, slots=True)
class Source:
    """An area with its coders and the names of its topics."""

    area: Area
    reader: Reader
    read: Callable[[bytes], Row]
    dump: Callable[[Row], bytes]
    changelog: str
    letters: str


def _sources(settings: Settings) -> dict[str, Source]:
    return {
        settings.source_topic(name): Source(
            area,
            area.reader(),
            area.read(),
            area.dump(),
            settings.changelog_topic(name),
            settings.dead_letter_topic(name),
        )
        for name, area in AREAS.items()
    }


@dataclass(slots=True)
class Holdings:
    """The partitions a worker owns with their rows, and the delivery machine that says what may be done.

    consumer: Faust's, known from the first assignment on. letters: dead letters not sent yet, with their
    topic and partition. latest_ms: the highest event time applied. recovering_ms: when recovery last got a step
    further (`monotonic_ms`). left_at: where the changelogs of partitions ended that were given up with every row
    settled; while their `partitions` are kept, the next assignment may take them as they are.
    """

    settings: Settings
    stats: Stats
    rules: Rules = field(init=False)
    delivery: Delivery = field(init=False)
    sources: Mapping[str, Source] = field(init=False)
    failpoints: Failpoints = field(default_factory=Failpoints)
    partitions: dict[int, Partition] = field(default_factory=dict)
    assigned: frozenset[TP] = frozenset()
    letters: list[tuple[str, int, DeadLetter]] = field(default_factory=list)
    latest_ms: int = 0
    recovering_ms: int = 0
    left_at: dict[Place, int] = field(default_factory=dict)
    consumer: Any = None

    def __post_init__(self) -> None:
        """Derive from the settings what depends on them alone."""
        delivery = self.settings.delivery
        self.rules = self.settings.rules.build()
        self.sources = _sources(self.settings)
        self.delivery = Delivery(int(delivery.session_timeout_seconds * 1000), delivery.max_dirty, delivery.max_age_ms)

    def keep(self, numbers: Iterable[int], places: Container[Place]) -> None:
        """Of these partitions drop the rows of all that are not in `places` with every topic."""
        for number in numbers:
            parts = [(topic, number) for topic in self.sources]
            if not all(where in places for where in parts):
                self.partitions.pop(number, None)
                for where in parts:
                    self.left_at.pop(where, None)

    def lost(self, where: Place, lost: Lost | None) -> None:
        """Count and say what left the log before it was read."""
        if lost is not None:
            self.stats.lost.labels(where[0]).inc(lost.end - lost.first)
            log.critical(
                "%s/%d: offsets %d to %d left the log before they were read; their events are lost",
                *where, lost.first, lost.end - 1,
            )  # fmt: skip
