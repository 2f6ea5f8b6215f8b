"""The demo as a child process: the whole system runs, an alert is delivered, and nothing is left when it ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import psutil
import pytest

from stream_app.local.kafka import BOOTSTRAP_VARIABLE
from stream_app.local.ports import free_port

pytestmark = [pytest.mark.broker, pytest.mark.slow]

PATIENCE_S = 180


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@contextmanager
def demo(state: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A demo with a broker of its own, on ports that are free."""
    ports = [f"--{name}={free_port()}" for name in ("port", "kafka-port", "prometheus-port", "alertmanager-port")]
    environment = {name: value for name, value in os.environ.items() if name != BOOTSTRAP_VARIABLE}
    with subprocess.Popen(
        [sys.executable, "-m", "stream_app", "demo", "--json", f"--state={state}", *ports, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def until_said(process: subprocess.Popen[str], words: str) -> str:
    """What it says on standard error up to a line with these words."""
    said = ""
    for line in cast("IO[str]", process.stderr):
        said += line
        if words in line:
            return said
    raise AssertionError(f"it ended before it said {words!r}:\n{said}")


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    found = psutil.Process(process.pid).children(recursive=True)
    assert len(found) >= 5  # Kafka, the worker, the simulator, Prometheus, Alertmanager
    return found


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_a_demo_ends_by_itself_with_a_summary_of_numbers_that_agree(state: Path) -> None:
    with demo(state, "--duration", "60") as process:  # the alert is there after 25 s, but not where all else runs too
        until_said(process, "Incident")
        started = family(process)
        out, error = process.communicate(timeout=PATIENCE_S)
    summary = json.loads(out)
    assert (process.returncode, summary["faults"]) == (0, []), error
    assert summary["applied"] + summary["refused"] + summary["rejected"] == summary["events_in"] > 1_000
    assert sum(summary["outcomes"].values()) == summary["applied"] + summary["refused"]
    assert sum(summary["reasons"].values()) == summary["rejected"] > 0
    assert summary["belief"] == 1
    assert summary["gauges"] > 100
    assert summary["cases_open"] > 0
    assert "SupportBacklogSurge" in [alert["name"] for alert in summary["alerts"]]
    assert 0 < summary["event_to_notification_seconds"] < 20
    assert 0 < summary["event_to_scrape_seconds"]["p50"] <= summary["event_to_scrape_seconds"]["p99"] < 10
    assert alive(started) == []


def test_ctrl_c_ends_everything_that_the_demo_started(state: Path) -> None:
    with demo(state) as process:
        until_said(process, "Incident")
        started = family(process)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, error
    assert json.loads(out)["interrupted"]
    for name in ("the source of events", "the worker", "Prometheus", "Alertmanager", "Kafka"):
        assert f"stopping {name}" in error
    assert "ended with code" not in error
    assert alive(started) == []


def test_what_is_missing_is_one_line_and_an_exit_code(state: Path) -> None:
    environment = os.environ | {BOOTSTRAP_VARIABLE: f"127.0.0.1:{free_port()}"}
    done = subprocess.run(
        [sys.executable, "-m", "stream_app", "demo", f"--state={state}"],
        capture_output=True, text=True, env=environment, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("stream-app: "))
    assert "no Kafka broker answers at" in line
    assert BOOTSTRAP_VARIABLE in line


def test_a_demo_whose_kafka_dies_says_so_and_ends_the_rest_soon(state: Path) -> None:
    with demo(state) as process:
        until_said(process, "Incident")
        started = family(process)
        next(each for each in started if "kafka.Kafka" in each.cmdline()).kill()
        _out, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Kafka has ended" in error
    assert alive(started) == []
