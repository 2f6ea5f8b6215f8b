"""The topics of the demo's runs: made for each, and those of former runs removed."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stream_app.connection import admin
from stream_app.operate import topics
from stream_app.pipeline import AREAS
from stream_app.settings import Settings

_OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Runs:
    """A file of the runs whose topics may still be there, a line each: the broker, the run's name.

    The demo removes what this file names and nothing else: a broker that is given may hold anybody's topics.
    """

    file: Path
    broker: str

    @classmethod
    def of(cls, state: Path, given: str | None) -> "Runs":
        """The runs on a broker: a given one, or the demo's own."""
        return cls(state / "runs", given or _OWN)

    def former(self) -> list[str]:
        """Names of the runs noted for this broker."""
        lines = [line.split(" ", 1) for line in self._lines()]
        return [name for broker, name in lines if broker == self.broker]

    def note(self, name: str) -> None:
        """Add a run."""
        self._write([*self._lines(), f"{self.broker} {name}"])

    def forget(self, names: Iterable[str]) -> None:
        """Take runs out whose topics are gone."""
        gone = {f"{self.broker} {name}" for name in names}
        self._write(line for line in self._lines() if line not in gone)

    def _lines(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []

    def _write(self, lines: Iterable[str]) -> None:
        self.file.write_text("".join(f"{line}\n" for line in lines))


def prepare(settings: Settings, runs: Runs) -> int:
    """Remove the topics of former runs, make those of this one; returns how many. Raises as `topics.apply`."""
    former = runs.former()
    runs.note(settings.app.id)
    if former:
        asyncio.run(_remove(settings, former))
        runs.forget(former)
    return len(asyncio.run(topics.apply(settings)))


def remove(settings: Settings, runs: Runs) -> None:
    """Remove the topics of this run. Raises BrokerUnreachableError."""
    asyncio.run(_remove(settings, [settings.app.id]))
    runs.forget([settings.app.id])


async def _remove(settings: Settings, names: Iterable[str]) -> None:
    async with admin(settings.kafka) as client:
        there = set(await client.list_topics())
        wanted = {topic for name in names for topic in _topics(settings, name)}
        if wanted & there:
            await client.delete_topics(sorted(wanted & there))


def _topics(settings: Settings, name: str) -> list[str]:
    of_run = settings.model_copy(update={
        "app": settings.app.model_copy(update={"id": name}),
        "topics": settings.topics.model_copy(update={"prefix": f"{name}."}),
    })  # fmt: skip
    kinds = (of_run.source_topic, of_run.changelog_topic, of_run.dead_letter_topic)
    return [kind(area) for kind in kinds for area in AREAS]
