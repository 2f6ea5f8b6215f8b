"""The doctor says of each thing whether it is well, and the cure when it is not."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest

from stream_app import native
from stream_app.__main__ import main
from stream_app.operate import doctor
from stream_app.settings import Settings, WebSettings


@contextmanager
def serving(body: bytes) -> Iterator[int]:
    """A web server on this machine that answers everything with the same body."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def at(port: int) -> Settings:
    return Settings(web=WebSettings(port=port))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_free_port_is_well() -> None:
    assert doctor.port(at(free_port())).status == "ok"


def test_a_port_where_a_worker_of_ours_serves_is_well() -> None:
    with serving(b'{"ready": false, "assigned": 8, "recovered": 3}') as number:
        check = doctor.port(at(number))
    assert (check.status, "recovering, 3 of 8" in check.says) == ("ok", True)


@pytest.mark.parametrize("body", [b"hello", b"[1]", b"{}"])
def test_a_port_that_somebody_else_has_fails_with_the_setting_that_helps(body: bytes) -> None:
    with serving(body) as number:
        check = doctor.port(at(number))
    assert check.status == "fail"
    assert "STREAM_APP_WEB__PORT" in check.cure


def test_the_packages_of_this_environment_are_well() -> None:
    assert doctor.packages().status == "ok"


def test_a_core_that_is_not_compiled_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.core().status == "ok"
    monkeypatch.setattr(native, "PLAIN_BECAUSE", "STREAM_APP_NATIVE=0 says so")
    assert (doctor.core().status, doctor.core().cure) == ("warn", "take it out of the environment")
    monkeypatch.setattr(native, "PLAIN_BECAUSE", "the compiled one is older than its sources")
    assert (doctor.core().status, doctor.core().cure) == ("warn", "make setup")
    monkeypatch.setattr(native, "BUILT", False)
    assert (doctor.core().status, "g++" in doctor.core().cure) == ("warn", True)


def test_small_pages_of_memory_are_a_warning_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "huge_pages_granted", lambda: False)
    assert (doctor.pages().status, "madvise" in doctor.pages().cure) == ("warn", True)
    monkeypatch.setattr(native, "huge_pages_granted", lambda: True)
    assert doctor.pages().status == "ok"


def test_a_package_that_cannot_be_imported_fails_and_says_what_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> Any:
        if name == "cramjam":
            raise ImportError("no such thing")
        return import_module(name)

    monkeypatch.setattr(doctor, "import_module", broken)
    check = doctor.packages()
    assert check.status == "fail"
    assert "no lz4, snappy or zstd" in check.says


def test_a_package_of_another_version_than_pinned_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[str], str] = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.0.1" if name == "aiokafka" else real(name))
    check = doctor.packages()
    assert (check.status, check.says) == ("warn", f"aiokafka is 0.0.1, built for {real('aiokafka')}")


@pytest.mark.parametrize(("free", "status"), [(1 << 34, "ok"), (500 << 20, "warn"), (1 << 20, "fail")])
def test_little_disk_is_a_warning_and_none_a_failure(
    free: int, status: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr("shutil.disk_usage", lambda _where: usage)
    assert doctor.disk(tmp_path).status == status


def run(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)
    return int(ended.value.code or 0), {check["name"]: check for check in checks}


def test_a_broker_that_does_not_answer_fails_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAM_APP_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("STREAM_APP_WEB__PORT", str(free_port()))
    code, checks = run(capsys)
    assert (code, checks["broker"]["status"]) == (1, "fail")
    assert "kafka.bootstrap_servers" in checks["broker"]["cure"]
    assert checks["port"]["status"] == "ok"


def test_settings_that_are_wrong_fail_each_with_how_to_set_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STREAM_APP_WEB__PORT", "0")
    code, checks = run(capsys)
    assert code == 1
    assert "STREAM_APP_WEB__PORT" in checks["settings"]["cure"]
