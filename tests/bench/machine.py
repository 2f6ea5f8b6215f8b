"""The machine that was measured on."""

import os
import platform
from pathlib import Path

import psutil

from stream_app.local import docker, kafka_files
from stream_app.local.kafka import BOOTSTRAP_VARIABLE


def machine() -> dict[str, str | int | float]:
    """Cores, processor, memory, system, Python, Kafka, and how busy it was at the start."""
    if os.environ.get(BOOTSTRAP_VARIABLE):
        kafka = "given"
    else:
        kafka = kafka_files.kafka_version() + (" in Docker" if docker.engine_answers() else ", one broker beside it")
    return {
        "cores": psutil.cpu_count() or 0,
        "cpu": _cpu(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kafka": kafka,
        "load_at_start": round(os.getloadavg()[0], 2),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")
