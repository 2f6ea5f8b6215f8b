"""Logging: structlog's rendering over the standard library's loggers, so that Faust's and aiokafka's lines look alike.

`text` is for people at a terminal, `json` is one object a line for collectors. Lines go to standard
error. They name topics, partitions, offsets and counts, never what stands in an event.
"""

import logging
import sys
import time
from collections import OrderedDict
from collections.abc import Mapping, MutableMapping
from typing import IO, Any, Final, Literal

import structlog

Level = Literal["crit", "error", "warn", "info", "debug"]
Format = Literal["text", "json"]

LEVELS: Final[Mapping[str, int]] = {
    "crit": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
"""Name of a level -> the standard library's number."""

_NOISY: Final = ("aiokafka", "faust", "mode", "aiohttp.access", "asyncio")
"""Libraries whose lines below `warn` speak of their own insides: shown only at level `debug`."""

REPEAT_S: Final = 10.0
"""How long a library's line is held back when it says the same again: a client without its broker says it for ever."""

_LIFECYCLE: Final = "[^"
"""How mode begins a line about a service that starts or stops; ours inherit these lines under names of our own."""


class Once(logging.Filter):
    """Lets each line of a library through once in `REPEAT_S`, and says with the next how many were held back."""

    def __init__(self) -> None:
        super().__init__()
        self._said: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is to be written; one that stands for others says so."""
        if not record.name.startswith(_NOISY):
            return True
        now, line = time.monotonic(), record.getMessage()
        place = (record.name, line)
        said, held_back = self._said.get(place, (now - REPEAT_S, 0))
        if now - said < REPEAT_S:
            self._said[place] = said, held_back + 1
            return False
        if held_back:
            record.msg, record.args = f"{line} (and {held_back:,} times more in {now - said:.0f} s)", ()
        self._said[place] = now, 0
        self._said.move_to_end(place)
        while now - next(iter(self._said.values()))[0] > 10 * REPEAT_S:
            self._said.popitem(last=False)
        return True


def set_up(level: Level = "info", format: Format = "text", stream: IO[str] | None = None) -> None:
    """Send every log line of this process to `stream` (standard error), in one form. May be called again."""
    out = sys.stderr if stream is None else stream
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        _add_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    handler = logging.StreamHandler(out)
    if level != "debug":
        handler.addFilter(lambda record: not str(record.msg).startswith(_LIFECYCLE))
        handler.addFilter(Once())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(format, out)],
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
    for name in _NOISY:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.DEBUG if level == "debug" else max(LEVELS[level], logging.WARNING))


def _renderers(format: Format, out: IO[str]) -> list[structlog.types.Processor]:
    if format == "json":
        return [
            structlog.processors.EventRenamer("message"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    return [
        structlog.dev.ConsoleRenderer(
            colors=out.isatty(), timestamp_key="time", pad_event_to=0, pad_level=False,
            exception_formatter=structlog.dev.plain_traceback,
        )
    ]  # fmt: skip


_NAMES: Final = {"critical": "crit", "fatal": "crit", "exception": "error", "warning": "warn"}


def _add_level(_logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Name the level as the settings do."""
    record = event.get("_record")
    name = record.levelname.lower() if record is not None else method
    event["level"] = _NAMES.get(name, name)
    return event
