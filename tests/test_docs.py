"""The documents say what is there: commands parse, links lead somewhere, names exist, and lists are whole."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from stream_app import native
from stream_app.__main__ import command
from stream_app.catalogue import RECORDS, SERIES
from stream_app.codec import REASONS
from stream_app.operate import rules
from stream_app.settings.load import CONFIG_VARIABLE, names, variable

TOP = Path(__file__).parents[1]
PAGES = sorted([TOP / "README.md", TOP / "CHANGELOG.md", *(TOP / "docs").glob("*.md")])
COMMAND = typer.main.get_command(command())


def named(page: Path) -> str:
    return str(page.relative_to(TOP))


every_page = pytest.mark.parametrize("page", PAGES, ids=named)


def code(page: Path) -> Iterator[str]:
    """The lines of the blocks, and what stands between backticks."""
    text = page.read_text()
    for block in re.findall(r"^ *```[a-z]*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL))


def commands() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for line in code(page):
            found = re.match(r"\s*(?:\.venv/bin/)?stream-app (?!\.\.\.)(.+)", line)
            if found and re.match(r"[a-z-]+", found[1]):
                yield named(page), found[1]


def parse(words: list[str]) -> None:
    """Refuse verbs and options that are not there. Raises what the command's parser raises, or KeyError."""
    verb: Any = COMMAND
    while words and hasattr(verb, "commands"):
        verb = verb.commands[words.pop(0)]
    if not hasattr(verb, "commands"):
        verb.make_parser(typer.Context(verb)).parse_args(words)


@pytest.mark.parametrize(("page", "line"), list(commands()))
def test_every_command_of_the_documents_parses(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    stop = next((place for place, word in enumerate(words) if word in {">", "|", "<", "&&"}), len(words))
    parse(words[:stop])


def test_a_command_that_is_not_there_would_be_found() -> None:
    with pytest.raises(KeyError):
        parse(["tpoics", "apply"])
    with pytest.raises(Exception, match="--hurry"):
        parse(["topics", "apply", "--hurry"])


def test_the_documents_show_many_commands() -> None:
    assert len(list(commands())) > 20


def test_the_table_of_verbs_is_whole() -> None:
    told = re.findall(r"^\| `([a-z-]+)` \|", (TOP / "README.md").read_text(), re.MULTILINE)
    assert sorted(told) == sorted(COMMAND.commands)  # type: ignore[attr-defined]


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("https://"):
            continue
        path, _, heading = target.partition("#")
        there = (page.parent / path) if path else page
        assert there.exists(), f"{named(page)} leads to {target}"
        if heading:
            headings = re.findall(r"^#+ (.+)$", there.read_text(), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


@every_page
def test_series_and_settings_that_are_named_exist(page: Path) -> None:
    series = set(SERIES) | {record.name for record in RECORDS} | {
        record.name for record in rules.records(rules.read(TOP / "deploy/thresholds.toml"))
    }  # fmt: skip
    groups = {name.partition(".")[0] for name in names()}
    for words in code(page):
        for name in re.findall(r"\b(?:support|stream_app)_\w+\b(?!\.|/)", words):
            assert name in series or page.name == "metrics.md", f"{named(page)}: {name}"
        for name in re.findall(r"\bsupport:[a-z_:]*[a-z0-9]\b", words):
            assert name in series, f"{named(page)}: {name}"
        for name in re.findall(rf"\b(?:{'|'.join(groups)})\.[a-z_]+\b(?!\.)", words):
            if re.fullmatch(r"[a-z_.]+", words):
                assert name in names(), f"{named(page)}: {name}"
        for name in re.findall(r"\bSTREAM_APP_[A-Z_]*[A-Z]\b", words):
            assert name in {CONFIG_VARIABLE, native.VARIABLE, *map(variable, names())}, f"{named(page)}: {name}"


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        for words in code(page):
            for target in re.findall(r"^make ([a-z-]+)", words):
                assert target in targets, f"{named(page)}: make {target}"


def test_operations_name_every_reason_of_a_reject_and_every_alert_of_the_pipeline() -> None:
    text = (TOP / "docs/operations.md").read_text()
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(REASONS)
    alerts = rules.alerts(rules.read(TOP / "deploy/thresholds.toml"))
    assert {alert.name for alert in alerts if alert.team == "pipeline"} <= set(re.findall(r"\[(\w+)\]", text))


def test_decisions_name_every_seam_of_faust_that_is_overridden() -> None:
    text = (TOP / "docs/decisions.md").read_text()
    for seam in ("_new_transport", "_create_worker_consumer", "_to_message", "_add_gap", "_slurp_changelogs"):
        assert f"def {seam}(" in "".join(file.read_text() for file in (TOP / "stream_app/shell").glob("*.py"))
        assert seam in text


def test_changes_that_are_not_released_have_their_place() -> None:
    assert "\n## [Unreleased]\n" in (TOP / "CHANGELOG.md").read_text()
