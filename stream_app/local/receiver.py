"""A webhook receiver on the loopback interface that keeps what Alertmanager posts to it."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from stream_app.local.ports import LOOPBACK, free_port


@dataclass(frozen=True, slots=True)
class Notification:
    """One post of Alertmanager (its webhook payload, version 4) and when it came, Unix time in ms."""

    at_ms: int
    body: dict[str, Any]

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """The alerts in it, each with `status`, `labels`, `annotations`, `startsAt`."""
        found: list[dict[str, Any]] = self.body["alerts"]
        return found


class Receiver:
    """Listens from its making until `stop`; usable as a context manager."""

    def __init__(self, *, preferred_port: int | None = None) -> None:
        """Listen, in a thread that ends with the process. Raises OSError if the port was taken meanwhile."""
        self._kept: list[Notification] = []
        self._arrived = threading.Condition()
        self._server = ThreadingHTTPServer((LOOPBACK, free_port(preferred_port)), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="receiver", daemon=True).start()

    @property
    def url(self) -> str:
        """What to give to Alertmanager as `webhook_configs: url`."""
        return f"http://{LOOPBACK}:{self._server.server_port}/"

    @property
    def notifications(self) -> list[Notification]:
        """All notifications so far, in order of arrival."""
        with self._arrived:
            return list(self._kept)

    def wait_for(self, wanted: Callable[[Notification], bool], *, timeout_seconds: float) -> Notification | None:
        """Return the first notification that is wanted, come or still to come; None if there is none in time."""
        deadline = time.monotonic() + timeout_seconds
        with self._arrived:
            while True:
                if found := next(filter(wanted, self._kept), None):
                    return found
                if not self._arrived.wait(max(0.0, deadline - time.monotonic())) and time.monotonic() >= deadline:
                    return next(filter(wanted, self._kept), None)

    def stop(self) -> None:
        """Stop listening; what was kept stays."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _keep(self, body: bytes) -> bool:
        at_ms = time.time_ns() // 1_000_000
        try:
            notification = Notification(at_ms, json.loads(body))
            notification.alerts  # noqa: B018  a payload without alerts is none of Alertmanager's
        except (ValueError, KeyError, TypeError):
            return False
        with self._arrived:
            self._kept.append(notification)
            self._arrived.notify_all()
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        keep = self._keep

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                self.send_response(200 if keep(body) else 400)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Stay silent: the terminal belongs to the demo."""

        return Handler
