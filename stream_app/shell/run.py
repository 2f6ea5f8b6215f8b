"""Runs one worker in this process until a signal ends it."""

import gc
import logging

from faust.worker import Worker

from stream_app import logs, native
from stream_app.settings import Settings
from stream_app.shell.app import build

log = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Work until SIGTERM or SIGINT; returns the exit code."""
    logs.set_up(settings.log.level, settings.log.format)
    app = build(settings)
    log.info("worker of group %s, serving http://%s:%d/metrics", settings.app.id, settings.web.host, settings.web.port)
    if native.PLAIN_BECAUSE:
        log.warning("the plain core counts, at five times the CPU: %s", native.PLAIN_BECAUSE)
    else:
        pages = "huge" if native.use_huge_pages() else "small"
        log.info("the compiled core counts, its memory in %s pages", pages)
    # Rows are many, live long and hold no cycles: looking through them for garbage cost a fifth of a worker's time.
    gc.set_threshold(100_000, 20, 1_000)
    worker = Worker(app, override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None  # it would write to the terminal what only a terminal can read
    try:
        worker.execute_from_commandline()
    except SystemExit as error:
        return int(error.code or 0)
