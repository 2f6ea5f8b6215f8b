"""The command: every verb explains itself, starts quickly, and with --json prints nothing but JSON."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from stream_app.__main__ import command, main
from stream_app.cli.output import ExitCode, fail


def verbs() -> Iterator[tuple[str, ...]]:
    """Every verb, those of a group with the group's name before them."""

    def below(found: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if not hasattr(found, "commands"):
            yield path
            return
        for name, inner in found.commands.items():
            yield from below(inner, (*path, name))

    yield from below(typer.main.get_command(command()), ())


VERBS = list(verbs())
every_verb = pytest.mark.parametrize("verb", VERBS, ids=" ".join)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    captured = capsys.readouterr()
    return int(ended.value.code or 0), captured.out, captured.err


@every_verb
def test_every_verb_shows_examples_and_its_exit_codes(
    verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, *verb, "--help")
    assert code == 0
    assert f"stream-app {verb[0]}" in out.partition("Examples")[2]
    assert "Exit codes:" in out


@every_verb
def test_every_verb_can_print_json(verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert "--json" in run(capsys, *verb, "--help")[1]


@every_verb
def test_every_verb_says_in_one_line_what_it_does(verb: tuple[str, ...]) -> None:
    found: Any = typer.main.get_command(command())
    for name in verb:
        found = found.commands[name]
    assert found.help
    assert found.help.strip().splitlines()[0].endswith((".", ".\n", "any.", ";", "are any."))


def test_help_imports_nothing_heavy() -> None:
    heavy = ["aiokafka", "faust", "pydantic", "msgspec", "orjson", "prometheus_client", "structlog", "duckdb"]
    code = f"import sys, stream_app.__main__ as m; m.command(); print([n for n in {heavy!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_failure_is_one_line_on_standard_error_and_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stream_app.__main__.command", lambda: lambda _given: fail("no luck; try again", 3))
    assert run(capsys) == (ExitCode.UNREACHABLE, "", "stream-app: no luck; try again\n")


def test_with_json_a_failure_is_a_document_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("stream_app.__main__.command", lambda: lambda _given: fail("no luck", 1))
    code, out, err = run(capsys, "--json")
    assert (code, json.loads(out), err) == (1, {"error": "no luck", "exit_code": 1}, "stream-app: no luck\n")


def test_a_bug_is_not_hidden_behind_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_given: list[str]) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("stream_app.__main__.command", lambda: broken)
    with pytest.raises(ZeroDivisionError):
        main([])


def test_an_interruption_ends_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_given: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("stream_app.__main__.command", lambda: interrupted)
    assert run(capsys)[0] == 130


def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "topics", "chek")
    assert (code, out) == (2, "")
    assert "check" in err
