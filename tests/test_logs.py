"""Log lines look alike whoever wrote them, readable or as JSON."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from stream_app import logs


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {
        name: logging.getLogger(name).level for name in ("aiokafka", "faust", "mode", "aiohttp.access", "asyncio")
    }
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def test_a_line_for_people_says_when_how_bad_what_and_who() -> None:
    out = io.StringIO()
    logs.set_up("info", "text", out)
    logging.getLogger("stream_app.shell").info("recovered %d rows", 5, extra={"topic": "cases"})
    line = out.getvalue()
    assert line.endswith("[info] recovered 5 rows [stream_app.shell] topic=cases\n")
    assert line[10] == "T"


def test_a_json_line_is_one_object_with_the_same_parts() -> None:
    out = io.StringIO()
    logs.set_up("info", "json", out)
    logging.getLogger("stream_app.shell").warning("lag is %d", 7, extra={"topic": "cases"})
    structlog.get_logger("stream_app.shell").warning("lag is 7", topic="cases")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    for said in (first, second):
        said.pop("time")
    wanted = {"level": "warn", "message": "lag is 7", "topic": "cases", "logger": "stream_app.shell"}
    assert first == second == wanted


def test_an_exception_stays_on_its_json_line() -> None:
    out = io.StringIO()
    logs.set_up("info", "json", out)
    try:
        int("bad")
    except ValueError:
        logging.getLogger("faust").exception("failed")
    said = json.loads(out.getvalue())
    assert said["level"] == "error"
    assert said["exception"].splitlines()[-1].startswith("ValueError")


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        ("crit", ["crit"]),
        ("error", ["crit", "error"]),
        ("warn", ["crit", "error", "warn"]),
        ("info", ["crit", "error", "warn", "info"]),
        ("debug", ["crit", "error", "warn", "info", "debug"]),
    ],
)
def test_a_level_shows_itself_and_what_is_worse(level: logs.Level, shown: list[str]) -> None:
    out = io.StringIO()
    logs.set_up(level, "json", out)
    for number in sorted(logs.LEVELS.values(), reverse=True):
        logging.getLogger("stream_app").log(number, "x")
    assert [json.loads(line)["level"] for line in out.getvalue().splitlines()] == shown


def test_libraries_speak_of_their_insides_only_when_asked() -> None:
    out = io.StringIO()
    logs.set_up("info", "text", out)
    logging.getLogger("aiokafka.consumer").info("fetching")
    logging.getLogger("aiokafka.consumer").warning("heartbeat failed")
    assert "fetching" not in out.getvalue()
    assert "heartbeat failed" in out.getvalue()
    logs.set_up("debug", "text", out)
    logging.getLogger("aiokafka.consumer").info("fetching")
    assert "fetching" in out.getvalue()


def test_a_library_says_the_same_once_and_then_how_often(monkeypatch: pytest.MonkeyPatch) -> None:
    out, now = io.StringIO(), [1_000.0]
    monkeypatch.setattr("stream_app.logs.time.monotonic", lambda: now[0])
    logs.set_up("info", "text", out)
    for _ in range(1_000):
        logging.getLogger("aiokafka").error("Unable connect to node with id %s", 1)
        now[0] += 0.001
    logging.getLogger("aiokafka").error("Unable connect to node with id %s", 2)
    assert out.getvalue().count("\n") == 2
    now[0] += 10
    logging.getLogger("aiokafka").error("Unable connect to node with id %s", 1)
    last = out.getvalue().splitlines()[-1]
    assert "Unable connect to node with id 1 (and 999 times more in 11 s)" in last
    now[0] += 1_000
    logging.getLogger("aiokafka").error("Unable connect to node with id %s", 1)
    assert "more" not in out.getvalue().splitlines()[-1]


def test_what_the_program_itself_says_is_never_held_back() -> None:
    out = io.StringIO()
    logs.set_up("info", "text", out)
    for _ in range(3):
        logging.getLogger("stream_app").info("again")
    assert out.getvalue().count("again") == 3


def test_setting_up_again_does_not_double_the_lines() -> None:
    out = io.StringIO()
    logs.set_up("info", "text", out)
    logs.set_up("info", "text", out)
    logging.getLogger("stream_app").info("once")
    assert out.getvalue().count("once") == 1
