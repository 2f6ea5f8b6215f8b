"""What a broker without Docker needs: Java 17 or newer, and Apache Kafka's own artifacts from Maven, kept in build/."""

import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from stream_app.local.errors import LocalError
from stream_app.local.packages import apt_prefix, find_program, install
from stream_app.local.processes import decisive_line
from stream_app.local.report import Say

PROJECT: Final = Path(__file__).resolve().parents[2]
POM: Final = PROJECT / "deploy" / "kafka" / "pom.xml"
CACHE: Final = PROJECT / "build" / "kafka"
OLDEST_JAVA: Final = 17
JAVA_PACKAGE: Final = "openjdk-17-jre-headless"
_MAVEN_SECONDS: Final = 600


def kafka_version() -> str:
    """Return the version of Apache Kafka that deploy/kafka/pom.xml names."""
    try:
        found = re.search(r"<kafka\.version>([\d.]+)</kafka\.version>", POM.read_text())
    except OSError as error:
        raise LocalError(f"{POM} cannot be read ({error.strerror}); run from a checkout of the project") from error
    if found is None:
        raise LocalError(f"{POM} names no <kafka.version>")
    return found[1]


def libraries() -> Path:
    """Return the directory of Kafka's jar files, there or not."""
    return CACHE / kafka_version()


@functools.cache
def find_java() -> str | None:
    """Return a `java` of version 17 or newer, of JAVA_HOME or else of the PATH; None if there is none."""
    home = os.environ.get("JAVA_HOME")
    candidates = [str(Path(home) / "bin" / "java")] if home else []
    if on_path := shutil.which("java"):
        candidates.append(on_path)
    return next((java for java in candidates if _java_version(java) >= OLDEST_JAVA), None)


def _java_version(java: str) -> int:
    try:
        said = subprocess.run([java, "-version"], check=False, capture_output=True, text=True, timeout=30).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


def obtainable() -> bool:
    """Say whether a broker can be run with Java: all is here, or what is missing can be installed."""
    java_and_files = find_java() is not None and (libraries().is_dir() or find_program("mvn") is not None)
    return java_and_files or apt_prefix() is not None


def obtain(say: Say) -> tuple[str, Path]:
    """Return `java` and the directory of Kafka's jar files, fetching once what is missing. Raises LocalError."""
    jars = libraries()
    wanted = [] if find_java() else [JAVA_PACKAGE]
    if not jars.is_dir() and find_program("mvn") is None:
        wanted.append("maven")
    if wanted:
        install(wanted, say)
        find_java.cache_clear()
    java = find_java()
    if java is None:
        raise LocalError(f"no Java {OLDEST_JAVA} or newer after installing {JAVA_PACKAGE}; set JAVA_HOME to one")
    if not jars.is_dir():
        _fetch(jars, say)
    return java, jars


def _fetch(jars: Path, say: Say) -> None:
    """Copy the jar files beside their place and move them there whole: a broken download is never found again."""
    say(f"fetching Apache Kafka {kafka_version()} with Maven (43 MB, once)")
    CACHE.mkdir(parents=True, exist_ok=True)
    log = CACHE / "maven.log"
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetching-") as scratch, log.open("wb") as output:
        there = Path(scratch) / "libs"
        command = ["mvn", "--batch-mode", "--no-transfer-progress", "--strict-checksums", f"--file={POM}"]
        command += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={there}"]
        try:
            done = subprocess.run(command, check=False, stdout=output, stderr=output, timeout=_MAVEN_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise LocalError(f"Maven could not fetch Apache Kafka: {error}; log: {log}") from error
        if done.returncode != 0:
            raise LocalError(
                f"Maven could not fetch Apache Kafka: {decisive_line(log)}; log: {log}; check network and proxy"
            )
        if not jars.is_dir():  # another process may have been as quick
            there.rename(jars)
