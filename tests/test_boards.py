"""The boards of Grafana: what is committed is what is generated, and keeps the rules of Grafana's own linter."""

import copy
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from stream_app.__main__ import main
from stream_app.catalogue import BENCHMARK_SERIES, BENCHMARKS, SERIES
from stream_app.operate import boards, rules
from stream_app.operate.boards import panel as parts
from stream_app.operate.boards import queries, variables
from stream_app.operate.boards.trust import ROW as TRUST

TOP = Path(__file__).parents[1]
GRAFANA = TOP / "deploy" / "grafana"
DASHBOARDS = GRAFANA / "dashboards"
THRESHOLDS = rules.read(TOP / "deploy" / "thresholds.toml")
RECORDS = {record.name: record for record in rules.every_record(THRESHOLDS)}

Tree = dict[str, Any]

MADE = {board.name: boards.render(board, THRESHOLDS) for board in boards.BOARDS}
every_board = pytest.mark.parametrize("name", MADE)

UNITS = {"s", "percentunit", "none", "locale", "cps", "bool_yes_no"}
"""Those in use, all of which Grafana knows."""


def panels(board: Tree) -> list[Tree]:
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions(board: Tree) -> Iterator[str]:
    for panel in panels(board):
        yield from (target["expr"] for target in panel["targets"])
    yield from (each["expr"] for each in board["annotations"]["list"])


def parsed(expr: str) -> promql_parser.Expr:
    return promql_parser.parse(expr.replace("$__rate_interval", "5m"))


def nodes(expr: str) -> list[Any]:
    """Every node of an expression, each after what it stands in."""
    found: list[Any] = []
    promql_parser.walk(parsed(expr), found.append)
    return found


# -- what is generated


def test_the_committed_boards_are_those_that_are_generated() -> None:
    assert boards.differing(THRESHOLDS, DASHBOARDS) == [], "stream-app boards generate"
    assert {file.name for file in DASHBOARDS.glob("*.json")} == set(boards.texts(THRESHOLDS))


def test_the_verb_writes_and_compares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def verb(*arguments: str) -> int:
        with pytest.raises(SystemExit) as end:
            main(["boards", *arguments, "--out", str(tmp_path / "boards")])
        return int(end.value.code or 0)

    assert verb("check") == 1
    assert verb("generate") == 0
    assert verb("check") == 0
    assert "as they should be" in capsys.readouterr().out
    (tmp_path / "boards" / "fleet.json").write_text("{}")
    assert verb("check", "--json") == 1
    assert json.loads(capsys.readouterr().out)["differ"] == [str(tmp_path / "boards" / "fleet.json")]
    assert verb("generate") == 0
    assert capsys.readouterr().out.splitlines() == [f"{tmp_path / 'boards' / 'fleet.json'} written"]


def lost(given: Any, back: Any, path: str = "") -> Iterator[str]:
    """What of a document is not in another."""
    if isinstance(given, dict) and isinstance(back, dict):
        for key, value in given.items():
            if key in back:
                yield from lost(value, back[key], f"{path}.{key}")
            else:
                yield f"{path}.{key}"
    elif isinstance(given, list) and isinstance(back, list) and len(given) == len(back):
        for one, other in zip(given, back, strict=True):
            yield from lost(one, other, path)
    elif given != back:
        yield f"{path}: {given!r} became {back!r}"


def unknown_to_grafana(board: Tree) -> set[str]:
    """What the types of Grafana's own library do not have."""
    register_default_plugins()
    return set(lost(board, json.loads(JSONEncoder().encode(Dashboard.from_json(copy.deepcopy(board))))))


BEYOND_THE_LIBRARY = {
    ".annotations.list.target.expr", ".annotations.list.target.interval", ".annotations.list.target.refId",
    ".annotations.list.titleFormat", ".annotations.list.textFormat",
    ".templating.list.definition",
}  # fmt: skip
"""What the Prometheus data source reads and the library's types leave out."""


@every_board
def test_grafana_knows_every_setting_of_a_board(name: str) -> None:
    assert unknown_to_grafana(MADE[name]) <= BEYOND_THE_LIBRARY


@pytest.mark.parametrize("place", [
    ("options", "reduceOptions"), ("fieldConfig", "defaults", "custom"), ("fieldConfig", "defaults"), ("targets", 0),
    (),
])  # fmt: skip
def test_a_setting_that_grafana_does_not_know_would_be_found(place: tuple[Any, ...]) -> None:
    board = copy.deepcopy(MADE["overview"])
    wanted = "timeseries" if "custom" in place else "stat"
    at = next(panel for panel in panels(board) if panel["type"] == wanted)
    for key in place:
        at = at[key]
    at["colour"] = "red"
    assert any(path.endswith(".colour") for path in unknown_to_grafana(board))


# -- the rules of Grafana's dashboard-linter, by their names there


def template_datasource(board: Tree) -> Iterator[str]:
    sources = [each for each in board["templating"]["list"] if each["type"] == "datasource"]
    if [(each["name"], each["label"], each["query"]) for each in sources] != [
        ("datasource", "Data source", "prometheus")
    ]:
        yield "no templated data source"


def template_label_promql(board: Tree) -> Iterator[str]:
    for each in board["templating"]["list"]:
        if each["type"] == "query":
            found = re.fullmatch(r"label_values\((\w+), (\w+)\)", each["query"])
            if found is None or found[2] not in SERIES[found[1]].series[found[1]]:
                yield each["name"]


def template_on_time_change_reload(board: Tree) -> Iterator[str]:
    for each in board["templating"]["list"]:
        if each["type"] == "query" and each["refresh"] != 2:
            yield each["name"]


def uneditable(board: Tree) -> Iterator[str]:
    if board["editable"] is not False:
        yield "editable"


def panel_datasource(board: Tree) -> Iterator[str]:
    for panel in panels(board):
        if any(each["datasource"]["uid"] != "${datasource}" for each in (panel, *panel["targets"])):
            yield panel["title"]


def panel_title_description(board: Tree) -> Iterator[str]:
    for panel in panels(board):
        if not panel["title"] or len(panel["description"]) < 10 or not panel["description"].endswith("."):
            yield panel["title"]


def panel_units(board: Tree) -> Iterator[str]:
    yield from (each["title"] for each in panels(board) if each["fieldConfig"]["defaults"].get("unit") not in UNITS)


def panel_no_targets(board: Tree) -> Iterator[str]:
    yield from (panel["title"] for panel in panels(board) if not panel["targets"])


def target_promql(board: Tree) -> Iterator[str]:
    for expr in expressions(board):
        try:
            parsed(expr)
        except ValueError as error:
            yield f"{error}: {expr}"


def target_rate_interval(board: Tree) -> Iterator[str]:
    for expr in expressions(board):
        if re.search(r"rate\(", expr) and re.findall(r"\[[^]]*\]", expr) != ["[$__rate_interval]"]:
            yield expr


def target_counter_agg(board: Tree) -> Iterator[str]:
    for expr in expressions(board):
        counters = [each for each in nodes(expr) if str(getattr(each, "name", "")).endswith("_total")]
        rated = [each for each in nodes(expr) if isinstance(each, promql_parser.Call) and each.func.name == "rate"]
        if len(counters) != len(rated):
            yield expr


def _without(label: str) -> Callable[[Tree], Iterator[str]]:
    def rule(board: Tree) -> Iterator[str]:
        if label not in {each["name"] for each in board["templating"]["list"]}:
            yield f"no variable {label}"

    return rule


def _unmatched(label: str) -> Callable[[Tree], Iterator[str]]:
    return lambda board: (expr for expr in expressions(board) if f"{label}=~" not in expr)


LINT: dict[str, Callable[[Tree], Iterator[str]]] = {
    "template-datasource-rule": template_datasource,
    "template-job-rule": _without("job"),
    "template-instance-rule": _without("instance"),
    "template-label-promql-rule": template_label_promql,
    "template-on-time-change-reload-rule": template_on_time_change_reload,
    "panel-datasource-rule": panel_datasource,
    "panel-title-description-rule": panel_title_description,
    "panel-units-rule": panel_units,
    "panel-no-targets-rule": panel_no_targets,
    "target-promql-rule": target_promql,
    "target-rate-interval-rule": target_rate_interval,
    "target-job-rule": _unmatched("job"),
    "target-instance-rule": _unmatched("instance"),
    "target-counter-agg-rule": target_counter_agg,
    "uneditable-dashboard": uneditable,
}
EXCLUSIONS = yaml.safe_load((DASHBOARDS / ".lint").read_text())["exclusions"]


@pytest.mark.parametrize("rule", [rule for rule in LINT if rule not in EXCLUSIONS])
@every_board
def test_a_board_keeps_a_rule_of_the_linter(name: str, rule: str) -> None:
    assert list(LINT[rule](MADE[name])) == []


@pytest.mark.parametrize("rule", EXCLUSIONS)
def test_a_rule_that_is_not_kept_has_its_reason(rule: str) -> None:
    assert len(EXCLUSIONS[rule]["reason"]) > 40
    assert any(list(LINT[rule](board)) for board in MADE.values()), "it is kept: the exclusion may go"


PLANTED: dict[str, Callable[[Tree], None]] = {
    "template-datasource-rule": lambda board: board["templating"]["list"][0].update(name="ds"),
    "template-label-promql-rule": lambda board: board["templating"]["list"][-1].update(query="label_values(up, color)"),
    "template-on-time-change-reload-rule": lambda board: board["templating"]["list"][-1].update(refresh=1),
    "panel-datasource-rule": lambda board: panels(board)[0]["targets"][0].update(datasource={"uid": "mine"}),
    "panel-title-description-rule": lambda board: panels(board)[0].update(description=""),
    "panel-units-rule": lambda board: panels(board)[0]["fieldConfig"]["defaults"].update(unit="cases"),
    "panel-no-targets-rule": lambda board: panels(board)[0].update(targets=[]),
    "target-promql-rule": lambda board: panels(board)[0]["targets"][0].update(expr="sum by (a) rate(b)"),
    "target-rate-interval-rule": lambda board: panels(board)[0]["targets"][0].update(expr="rate(a_total[5m])"),
    "target-counter-agg-rule": lambda board: panels(board)[0]["targets"][0].update(expr="sum(a_total)"),
    "uneditable-dashboard": lambda board: board.update(editable=True),
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_fault_that_is_planted_is_found_by_its_rule(rule: str) -> None:
    board = copy.deepcopy(MADE["overview"])
    PLANTED[rule](board)
    assert list(LINT[rule](board)) if rule != "template-label-promql-rule" else _raises(LINT[rule], board)


def test_every_rule_that_is_kept_is_shown_to_find_something() -> None:
    assert set(PLANTED) | set(EXCLUSIONS) == set(LINT)


def _raises(rule: Callable[[Tree], Iterator[str]], board: Tree) -> bool:
    with pytest.raises(KeyError):
        list(rule(board))
    return True


# -- the grid and the names


@every_board
def test_panels_have_numbers_of_their_own_and_so_have_their_queries(name: str) -> None:
    board = MADE[name]
    assert max(Counter(panel["id"] for panel in board["panels"]).values()) == 1
    assert 0 not in {panel["id"] for panel in board["panels"]}
    for panel in panels(board):
        assert max(Counter(target["refId"] for target in panel["targets"]).values()) == 1
    titles = Counter((panel["type"], panel["title"]) for panel in panels(board))
    assert max(titles.values()) == 1, titles.most_common(1)


def test_boards_have_uids_of_their_own() -> None:
    for name in ("uid", "title"):
        assert len({board[name] for board in MADE.values()}) == len(MADE) == 4


@every_board
def test_panels_lie_within_the_grid_and_on_no_other(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in MADE[name]["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert all(0 <= x < parts.COLUMNS for x, _y in cells), panel["title"]
        taken |= cells


def test_a_panel_that_does_not_fit_goes_to_the_next_line() -> None:
    query = queries.whole("support_cases_unassigned")
    row = parts.Row("r", tuple(parts.number(str(width), query, width=width) for width in (10, 10, 10)))
    made = boards.render(parts.GrafanaBoard("x", "x", "x", (row,)), THRESHOLDS)
    assert [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels(made)] == [(0, 1), (10, 1), (0, 5)]


# -- the numbers


def named(expr: str) -> set[str]:
    return {str(each.name) for each in nodes(expr) if isinstance(each, promql_parser.VectorSelector)}


@every_board
def test_every_query_is_over_numbers_that_there_are(name: str) -> None:
    known = {*SERIES, *RECORDS, queries.ALERTS}
    for expr in expressions(MADE[name]):
        assert named(expr) <= known, expr


@pytest.mark.parametrize("query", [
    queries.whole("support_cases_opne"), queries.whole("support_cases_open", 'colour="red"'),
    queries.whole("support_cases_open", by=("colour",)), queries.rate("support_cases_open"),
    queries.recorded("support:cases_open:total"), queries.recorded("support:cases_open:sum", 'window="1h"'),
    queries.benchmark("support:cases_open:sum"), queries.quantile(0.5, "support_cases_open"),
])  # fmt: skip
def test_a_query_over_what_is_not_there_is_refused(query: parts.Query) -> None:
    with pytest.raises(ValueError, match=r"no|none"):
        queries.expression(query, RECORDS)


def test_a_variable_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        variables.used(['a{b="$colour"}'])


@every_board
def test_a_board_has_the_variables_it_uses_and_no_other(name: str) -> None:
    used = {v for expr in expressions(MADE[name]) for v in re.findall(r"\$(\w+)", expr)} - {"__rate_interval"}
    assert [each["name"] for each in MADE[name]["templating"]["list"]][1:] == [
        variable for variable in ("window", "tier", "team", "product") if variable in used
    ]


def test_windows_tiers_and_teams_can_be_chosen() -> None:
    offered = {each["name"] for board in MADE.values() for each in board["templating"]["list"]}
    assert offered == {"datasource", "window", "tier", "team", "product"}


def test_every_benchmark_is_a_line_of_reference_beside_its_number() -> None:
    drawn = set()
    for board in MADE.values():
        for panel in panels(board):
            for target in panel["targets"]:
                found = re.search(rf'{BENCHMARK_SERIES}{{metric="([^"]+)"}}', target["expr"])
                if found:
                    drawn.add(found[1])
                    assert any(each["expr"].startswith(found[1]) for each in panel["targets"]), panel["title"]
                    assert panel["fieldConfig"]["overrides"], "dashed"
    assert drawn == {figure.beside for figure in BENCHMARKS}


# -- belief


@every_board
def test_every_board_begins_with_whether_its_numbers_may_be_believed(name: str) -> None:
    first = [panel["title"] for panel in panels(MADE[name])][: len(TRUST.panels)]
    assert first == [panel.title for panel in TRUST.panels]
    words = [panel["fieldConfig"]["defaults"] for panel in panels(MADE[name])[:2]]
    assert [each["mappings"][0]["options"]["0"]["text"] for each in words] == ["INCOMPLETE", "BEHIND"]
    assert [each["noValue"] for each in words] == ["NO WORKER", "NOT KNOWN"]
    (mark,) = MADE[name]["annotations"]["list"]
    assert mark["enable"]
    assert "support:belief:complete" in mark["expr"]


@every_board
def test_a_figure_of_support_is_shown_as_incomplete_while_it_may_not_be_believed(name: str) -> None:
    for panel in panels(MADE[name]):
        for target in panel["targets"]:
            if panel["type"] in {"stat", "bargauge"} and "support_" in target["expr"].replace("support:belief", ""):
                assert "support:belief:complete == 1" in target["expr"], panel["title"]
                assert "support:belief:current == 1" in target["expr"], panel["title"]
                (mapping,) = panel["fieldConfig"]["defaults"]["mappings"]
                assert mapping["options"]["match"] == "null+nan"
                assert mapping["options"]["result"]["text"] == "incomplete"


# -- runbooks


@every_board
def test_links_lead_to_runbooks_that_there_are(name: str) -> None:
    links = [link for panel in panels(MADE[name]) for link in panel["links"]]
    assert links
    for link in links:
        assert (TOP / link["url"]).is_file(), link
        assert link["title"] == f"Runbook: {Path(link['url']).stem}"


def test_every_alert_is_linked_to_from_a_panel() -> None:
    linked = {Path(link["url"]).stem for board in MADE.values() for panel in panels(board) for link in panel["links"]}
    assert {alert.name for alert in rules.alerts(THRESHOLDS)} == linked


def test_links_follow_the_address_of_the_runbooks() -> None:
    elsewhere = boards.render(
        boards.BOARDS[0], msgspec.structs.replace(THRESHOLDS, runbooks="https://wiki.example/runbooks/")
    )
    (first, *_others) = [link["url"] for panel in panels(elsewhere) for link in panel["links"]]
    assert first == "https://wiki.example/runbooks/SupportNumbersIncomplete.md"


# -- provisioning


def provisioned(path: str) -> Tree:
    found: Tree = yaml.safe_load((GRAFANA / "provisioning" / path).read_text())
    assert found["apiVersion"] == 1
    return found


def test_the_data_source_is_the_one_that_boards_begin_with() -> None:
    (source,) = provisioned("datasources/prometheus.yaml")["datasources"]
    assert source["uid"] == variables.DATASOURCE_UID
    assert source["type"] == "prometheus"
    assert source["editable"] is False
    assert source["jsonData"]["httpMethod"] == "POST"
    prometheus = yaml.safe_load((TOP / "deploy" / "prometheus" / "prometheus.yml").read_text())
    assert source["jsonData"]["timeInterval"] == prometheus["global"]["scrape_interval"]


def test_boards_come_from_their_folder_and_cannot_be_changed_in_grafana() -> None:
    (provider,) = provisioned("dashboards/stream-app.yaml")["providers"]
    assert provider["allowUiUpdates"] is False
    assert provider["disableDeletion"] is True
    compose = yaml.safe_load((TOP / "docker-compose.yml").read_text())["services"]["grafana"]
    mounts = dict(mount.split(":")[:2] for mount in compose["volumes"])
    assert mounts["./deploy/grafana/dashboards"] == provider["options"]["path"]
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"


def test_grafana_of_the_compose_file_is_pinned_shows_and_changes_nothing() -> None:
    grafana = yaml.safe_load((TOP / "docker-compose.yml").read_text())["services"]["grafana"]
    assert re.fullmatch(r"grafana/grafana:\d+\.\d+\.\d+", grafana["image"])
    settings = grafana["environment"]
    assert settings["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
    assert not [name for name in settings if "PASSWORD" in name or "SECRET" in name]
    first = Path(settings["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (DASHBOARDS / first.name).is_file()
