"""How the demo's Prometheus and Alertmanager are set: impatient, so that one can watch an alert come."""

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from stream_app.local.errors import LocalError
from stream_app.local.http import is_ok
from stream_app.local.kafka_files import PROJECT
from stream_app.local.ports import LOOPBACK
from stream_app.operate import rules

THRESHOLDS: Final = PROJECT / "deploy" / "demo" / "thresholds.toml"
JOB: Final = "stream-app"

_PROMETHEUS: Final = """\
# Of the demo: scraped and evaluated every second.
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: {job}
    static_configs: [{{targets: ["{loopback}:{worker}"]}}]
alerting:
  alertmanagers: [{{static_configs: [{{targets: ["{loopback}:{alertmanager}"]}}]}}]
"""

_ALERTMANAGER: Final = """\
# Of the demo: told at once, and posted to the demo itself.
route: {{receiver: demo, group_by: [alertname, topic, product], group_wait: 0s, group_interval: 1s}}
receivers:
  - name: demo
    webhook_configs: [{{url: "{receiver}", send_resolved: true}}]
"""


def prometheus_config(worker_port: int, alertmanager_port: int) -> str:
    """The configuration of Prometheus; its rules lie beside it."""
    return _PROMETHEUS.format(job=JOB, loopback=LOOPBACK, worker=worker_port, alertmanager=alertmanager_port)


def alertmanager_config(receiver_url: str) -> str:
    """The configuration of Alertmanager."""
    return _ALERTMANAGER.format(receiver=receiver_url)


def write_rules(folder: Path) -> int:
    """Write the rules from the catalogue and the demo's thresholds; returns how many alerts. Raises LocalError."""
    if not THRESHOLDS.exists():
        raise LocalError(f"{THRESHOLDS} is not there; run the demo from a checkout of the project")
    thresholds = rules.read(THRESHOLDS)
    rules.write(thresholds, "deploy/demo/thresholds.toml", folder)
    return len(rules.alerts(thresholds))


def graph_url(prometheus_url: str) -> str:
    """Where Prometheus draws the open cases, and the number above which they are a surge."""
    lines = {"open": "support:cases_open:sum", "surge above": "support:cases_open:surely"}
    drawn = " or ".join(f'label_replace({series}, "line", "{line}", "", "")' for line, series in lines.items())
    return f"{prometheus_url.rstrip('/')}/graph?{urlencode({'g0.expr': drawn, 'g0.tab': '0', 'g0.range_input': '2m'})}"


def alerts_url(prometheus_url: str) -> str:
    """Where Prometheus shows its alerts: Debian's package has its older pages only."""
    whole = prometheus_url.rstrip("/")
    return f"{whole}/alerts" if is_ok(f"{whole}/alerts") else f"{whole}/classic/alerts"
