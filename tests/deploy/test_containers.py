"""The image, the compose file and the Kubernetes documents: whole, pinned, and in agreement with the program."""

import re
import tomllib
from typing import Any

import kubernetes_validate
import pytest
import yaml

from stream_app.local import prometheus as services
from stream_app.local.kafka_files import kafka_version
from stream_app.settings import Settings
from stream_app.settings.load import BOOTSTRAP_VARIABLE, PREFIX, names, variable
from tests.deploy.shipped import DEPLOY, TOP, loaded, run, tool, verb


def test_hadolint_finds_nothing_wrong_with_the_dockerfile() -> None:
    code, said = run(tool("hadolint"), DEPLOY / "Dockerfile")
    assert code == 0, said
    assert said == ""


def test_the_image_is_pinned_and_has_no_rights() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert "--require-hashes --requirement /tmp/requirements.lock" in text
    assert re.search(r"^USER 10001$", text, re.MULTILINE)
    assert "/health" in text
    assert not re.findall(r"https?://(?!127\.0\.0\.1)", text)
    copied = {word.removeprefix("./") for word in re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE)}
    ignored = (TOP / ".dockerignore").read_text().split()
    sent = {word[1:] for word in ignored if word.startswith("!")}
    assert sent <= copied
    assert all(any(f"{word}/".startswith(f"{whole}/") for whole in sent) for word in copied)
    assert all((TOP / word).exists() for word in copied)


COMPOSE = loaded((TOP / "docker-compose.yml").read_text())
KUBERNETES = [d for d in yaml.safe_load_all((DEPLOY / "kubernetes" / "stream-app.yaml").read_text()) if d]


def test_the_compose_file_is_one() -> None:
    code, said = run(
        tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", TOP / "docker-compose.yml", cwd=TOP
    )
    assert code == 0, said


def test_nothing_of_the_compose_file_listens_beyond_this_machine() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", ())]
    assert len(ports) == 5
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_images_are_those_that_run_here() -> None:
    images = {name: service["image"] for name, service in COMPOSE["services"].items()}
    assert images["kafka"] == f"apache/kafka:{kafka_version()}"
    assert images["prometheus"] == services.PROMETHEUS.image
    assert images["alertmanager"] == services.ALERTMANAGER.image


def test_what_is_mounted_is_there() -> None:
    mounts = [mount.split(":")[0] for service in COMPOSE["services"].values() for mount in service.get("volumes", ())]
    for mount in mounts:
        assert (TOP / mount).exists() if mount.startswith(".") else mount in COMPOSE["volumes"]


def test_every_variable_is_a_setting() -> None:
    known = {BOOTSTRAP_VARIABLE, *map(variable, names())}
    own = [service for service in COMPOSE["services"].values() if service["image"] == "stream-app"]
    assert len(own) == 3
    given = {name for service in own for name in service["environment"]}
    given |= set(next(d for d in KUBERNETES if d["kind"] == "ConfigMap")["data"])
    given |= set(re.findall(rf"\b{PREFIX}\w+", (DEPLOY / "Dockerfile").read_text()))
    assert given <= known, given - known


def test_the_commands_are_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [s["command"] for s in COMPOSE["services"].values() if s["image"] == "stream-app"]
    for kind in ("Job", "Deployment"):
        pod = next(d for d in KUBERNETES if d["kind"] == kind)["spec"]["template"]["spec"]
        commands += [container["args"] for container in pod["containers"]]
    assert ["topics", "apply"] in commands
    for command in commands:
        assert verb(*command, "--help") == 0
    capsys.readouterr()


def test_prometheus_of_the_compose_file_scrapes_its_worker_and_tells_its_alertmanager() -> None:
    targets = loaded((DEPLOY / "prometheus" / "targets" / "workers.yml").read_text())
    assert targets == [{"targets": [f"worker:{Settings().web.port}"]}]
    assert {"worker", "alertmanager"} <= set(COMPOSE["services"])


@pytest.mark.parametrize("document", KUBERNETES, ids=lambda document: document["kind"])
def test_a_kubernetes_document_is_one_of_its_kind(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, "1.31", strict=True)
    broken = document | {"speck": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, "1.31", strict=True)


def test_on_kubernetes_workers_are_probed_given_time_and_not_more_than_partitions() -> None:
    worker = next(d for d in KUBERNETES if d["kind"] == "Deployment")["spec"]
    pod = worker["template"]["spec"]
    container = pod["containers"][0]
    assert container["livenessProbe"]["httpGet"]["path"] == "/health"
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert container["ports"][0]["containerPort"] == Settings().web.port
    config = next(d for d in KUBERNETES if d["kind"] == "ConfigMap")["data"]
    assert worker["replicas"] <= int(config["STREAM_APP_TOPICS__PARTITIONS"])
    assert pod["terminationGracePeriodSeconds"] > Settings().delivery.session_timeout_seconds
    assert pod["securityContext"]["runAsNonRoot"]
    version = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"]
    assert container["image"] == f"stream-app:{version}"
