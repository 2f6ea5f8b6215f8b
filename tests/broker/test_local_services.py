"""The services of this machine really start, answer, keep their data, and end with their parent."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import psutil
import pytest

from stream_app.local.docker import run_argv
from stream_app.local.errors import LocalError
from stream_app.local.kafka import BOOTSTRAP_VARIABLE, Broker, find_or_start_broker, start_broker
from stream_app.local.kafka_broker import takes_requests
from stream_app.local.kafka_settings import broker_settings, image_environment
from stream_app.local.ports import answers, free_port
from stream_app.local.processes import Child, Command, start
from stream_app.local.prometheus import Alertmanager, Prometheus
from stream_app.local.receiver import Receiver
from tests.broker.conftest import MakeBroker
from tests.broker.kafka_log import make_topic, read, write

pytestmark = pytest.mark.broker

RULES = """
groups:
  - name: test
    interval: 1s
    rules:
      - alert: AlwaysFires
        expr: vector(1)
"""
PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: itself
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
alerting:
  alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager_port}"]}}]}}]
"""
ALERTMANAGER = """
route: {{receiver: test, group_wait: 0s, group_interval: 1s}}
receivers:
  - name: test
    webhook_configs: [{{url: "{url}", send_resolved: false}}]
"""


def port_of(bootstrap: str) -> int:
    return int(bootstrap.rpartition(":")[2])


def sleeper(tmp_path: Path, code: str = "import time; time.sleep(600)") -> Child:
    return start(Command("sleeper", [sys.executable, "-c", code], tmp_path / "log"), lambda: True)


# Kafka


@pytest.mark.parametrize("codec", [None, "gzip", "snappy", "lz4", "zstd"])
async def test_every_codec_of_kafka_is_written_and_read(broker: Broker, codec: str | None) -> None:
    topic = f"codec-{codec}-{uuid.uuid4().hex}"
    values = [f"{number:05d} {'support ' * 20}".encode() for number in range(1000)]
    await make_topic(broker.bootstrap, topic)
    await write(broker.bootstrap, topic, values, codec)
    assert await read(broker.bootstrap, topic, len(values)) == values


async def test_a_broker_keeps_its_records_when_stopped_or_killed(private_broker: MakeBroker) -> None:
    kafka = private_broker()
    address = kafka.bootstrap
    await make_topic(address, "kept")
    await write(address, "kept", [b"before the stop"])
    kafka.stop()
    assert not answers(port_of(address))
    kafka.start()
    await write(address, "kept", [b"before the kill"])
    kafka.kill()
    kafka.start()
    assert kafka.bootstrap == address
    await write(address, "kept", [b"after it"])
    assert await read(address, "kept", 3) == [b"before the stop", b"before the kill", b"after it"]


def test_a_frozen_broker_answers_nothing_until_it_is_thawed(private_broker: MakeBroker) -> None:
    kafka = private_broker()
    kafka.freeze()
    assert kafka.is_alive
    assert not takes_requests(port_of(kafka.bootstrap))
    kafka.thaw()
    assert takes_requests(port_of(kafka.bootstrap))


def test_a_second_broker_on_the_same_data_is_refused_and_harms_nothing(services_dir: Path) -> None:
    directory = services_dir / "twice"
    with (
        start_broker(directory),
        pytest.raises(LocalError, match="twice is in use by another run"),
    ):
        start_broker(directory)


def test_a_given_broker_is_used_and_left_running(
    broker: Broker, services_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BOOTSTRAP_VARIABLE, broker.bootstrap)
    with find_or_start_broker(services_dir / "unused") as given:
        assert given.bootstrap == broker.bootstrap
    assert answers(port_of(broker.bootstrap))
    assert not (services_dir / "unused").exists()


def test_a_given_broker_that_does_not_answer_is_named(services_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BOOTSTRAP_VARIABLE, f"127.0.0.1:{free_port()}")
    with pytest.raises(LocalError, match=rf"no Kafka broker answers at 127.0.0.1:\d+; correct {BOOTSTRAP_VARIABLE}"):
        find_or_start_broker(services_dir / "unused")


def test_the_image_gets_the_very_settings_of_the_broker_on_the_loopback_address_only() -> None:
    settings = broker_settings("/data", 9092, 9093)
    environment = image_environment(settings)
    assert len(environment) == len(settings)
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert environment["KAFKA_CONTROLLER_QUORUM_VOTERS"] == "1@127.0.0.1:9093"
    argv = run_argv(
        "apache/kafka:1", "name", network=["--publish=127.0.0.1:9092:9092"], env={"A": "b"}, data=(Path("/d"), "/data")
    )
    user = f"--user={os.getuid()}:0"
    expected = (
        "docker run --rm --name=name --publish=127.0.0.1:9092:9092 USER --volume=/d:/data --env=A=b apache/kafka:1"
    )
    assert argv == expected.replace("USER", user).split()


def test_what_this_machine_lacks_is_said_in_one_line_each_with_the_ways_out(tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if name not in {"JAVA_HOME", BOOTSTRAP_VARIABLE}}
    bare["PATH"] = str(tmp_path)
    asked = subprocess.run(
        [sys.executable, "-m", "stream_app.local"], capture_output=True, text=True, check=False, env=bare
    )
    assert asked.returncode == 1
    kafka, prometheus, alertmanager = asked.stderr.splitlines()
    assert kafka == (
        "missing: no Kafka broker: set KAFKA_BOOTSTRAP_SERVERS to a broker of yours, or start a Docker engine, "
        "or install Java 17 or newer and Maven"
    )
    assert prometheus == (
        "missing: no Prometheus: put prometheus on the PATH, or install the Debian package prometheus, "
        "or start a Docker engine"
    )
    assert alertmanager == (
        "missing: no Alertmanager: put prometheus-alertmanager on the PATH, or install the Debian package "
        "prometheus-alertmanager, or start a Docker engine"
    )


def test_a_broker_dies_with_its_parent(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from stream_app.local.kafka import start_broker\n"
        f"kafka = start_broker(Path({str(tmp_path / 'kafka')!r}))\n"
        "print(kafka.bootstrap, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        port = port_of(parent.stdout.readline().strip())
        assert answers(port)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while answers(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not answers(port)


# Prometheus, Alertmanager and the receiver


def test_an_alert_of_prometheus_reaches_the_receiver_through_alertmanager(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "prometheus").mkdir()
    (tmp_path / "prometheus" / "rules.yml").write_text(RULES)
    with (
        Receiver() as receiver,
        Alertmanager(tmp_path / "alertmanager", ALERTMANAGER.format(url=receiver.url)) as alertmanager,
        Prometheus(
            tmp_path / "prometheus",
            PROMETHEUS.format(port=port, alertmanager_port=alertmanager.port),
            preferred_port=port,
        ) as prometheus,
    ):
        notification = receiver.wait_for(lambda each: bool(each.alerts), timeout_seconds=60)
        assert notification is not None
        assert notification.alerts[0]["labels"]["alertname"] == "AlwaysFires"
        assert abs(notification.at_ms - time.time_ns() // 1_000_000) < 60_000
        assert [alert["labels"]["alertname"] for alert in alertmanager.alerts()] == ["AlwaysFires"]
        assert prometheus.query("vector(1) + 1") == [({}, 2.0)]
        deadline = time.monotonic() + 30
        while not (up := prometheus.query("up")) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert up == [({"__name__": "up", "instance": f"127.0.0.1:{port}", "job": "itself"}, 1.0)]
    assert not answers(prometheus.port)
    assert not answers(alertmanager.port)


def test_a_bad_configuration_is_told_in_the_words_of_prometheus(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"Prometheus ended with code 2 .*no_such_key.*; log: "):
        Prometheus(tmp_path, "no_such_key: 1").start()


def test_a_query_that_is_no_promql_is_refused_in_the_words_of_prometheus(tmp_path: Path) -> None:
    with Prometheus(tmp_path, "{}") as prometheus, pytest.raises(LocalError, match="parse error"):
        prometheus.query("sum by (")


def test_the_receiver_refuses_what_alertmanager_would_not_send() -> None:
    with Receiver() as receiver:
        request = urllib.request.Request(receiver.url, json.dumps([1]).encode())
        with pytest.raises(urllib.error.HTTPError, match="400"):
            urllib.request.urlopen(request, timeout=10)
        assert receiver.notifications == []
        assert receiver.wait_for(lambda _: True, timeout_seconds=0.05) is None


# Processes and ports


def test_a_program_that_ends_early_is_told_by_its_decisive_line(tmp_path: Path) -> None:
    program = "import sys; print('starting'); print('error: the port is taken', file=sys.stderr); print('bye'); exit(3)"
    with pytest.raises(LocalError) as caught:
        start(
            Command("thing", [sys.executable, "-c", program], tmp_path / "log", way_out="free the port"), lambda: False
        )
    assert str(caught.value) == (
        f"thing ended with code 3 before it was ready: error: the port is taken; log: {tmp_path / 'log'}; free the port"
    )


def test_a_program_that_is_never_ready_is_ended(tmp_path: Path) -> None:
    program = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with pytest.raises(LocalError, match=r"thing was not ready after 0\.5 s"):
        start(Command("thing", [sys.executable, "-c", program], tmp_path / "log"), lambda: False, timeout_seconds=0.5)
    assert not psutil.pid_exists(int((tmp_path / "log").read_text()))


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"thing could not be run: .*no-such-program"):
        start(Command("thing", ["no-such-program"], tmp_path / "log"), lambda: True)


def test_stopping_ends_the_children_of_a_child(tmp_path: Path) -> None:
    program = "import subprocess; subprocess.Popen(['sleep', '600']).wait()"
    child = sleeper(tmp_path, program)
    while not (grandchildren := psutil.Process(child.pid).children()):
        time.sleep(0.02)
    assert child.stop() == -signal.SIGTERM
    assert psutil.wait_procs(grandchildren, timeout=5)[1] == []


def test_what_ignores_the_request_to_end_is_killed_after_the_grace(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = (
        "import signal, time; from pathlib import Path; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"Path({str(ready)!r}).touch(); time.sleep(600)"
    )
    child = start(Command("deaf", [sys.executable, "-c", program], tmp_path / "log"), ready.exists)
    assert child.stop(grace_seconds=0.3) == -signal.SIGKILL


def test_a_frozen_child_can_be_stopped(tmp_path: Path) -> None:
    child = sleeper(tmp_path)
    child.freeze()
    assert child.stop() == -signal.SIGTERM


def test_a_frozen_child_does_nothing_more_from_the_moment_it_is_frozen(tmp_path: Path) -> None:
    ticks = tmp_path / "ticks"
    program = (
        f"from pathlib import Path; file = Path({str(ticks)!r}).open('ab', buffering=0)\n"
        "from threading import Thread\n"
        "def tick():\n    while True: file.write(b'.')\n"
        "for _ in range(8): Thread(target=tick).start()"
    )
    with start(Command("ticking", [sys.executable, "-c", program], tmp_path / "log"), ticks.exists) as child:
        for _ in range(20):
            child.freeze()
            seen = ticks.stat().st_size
            time.sleep(0.01)
            assert ticks.stat().st_size == seen
            child.thaw()
            time.sleep(0.01)
        while ticks.stat().st_size == seen:
            time.sleep(0.01)


def test_a_child_that_has_ended_can_be_frozen(tmp_path: Path) -> None:
    child = sleeper(tmp_path, "pass")
    while child.is_alive:
        time.sleep(0.01)
    child.freeze()
    assert child.stop() == 0


def test_a_child_outlives_the_thread_that_started_it(tmp_path: Path) -> None:
    started: list[Child] = []
    thread = threading.Thread(target=lambda: started.append(sleeper(tmp_path)))
    thread.start()
    thread.join()
    time.sleep(0.3)
    with started[0] as child:
        assert child.is_alive


async def test_a_child_can_be_started_beside_a_running_loop(tmp_path: Path) -> None:
    with await asyncio.to_thread(sleeper, tmp_path) as child:
        assert os.getpgid(child.pid) == child.pid != os.getpgid(0)


def test_the_next_free_port_is_taken_when_the_preferred_one_is_not_free() -> None:
    with Receiver() as receiver:
        taken = port_of(receiver.url.rstrip("/"))
        assert taken < free_port(taken) < taken + 100
