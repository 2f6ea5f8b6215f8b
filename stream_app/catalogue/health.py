"""How the health of customers is read from the board of one partition."""

from collections.abc import Iterator

from stream_app.catalogue.metric import Found, Sample
from stream_app.domain.board import Board
from stream_app.domain.health.ledger import Standing
from stream_app.domain.health.words import HOUR_MS
from stream_app.domain.rules import Rules
from stream_app.domain.words import MINUTE_MS


def _standing(board: Board, now_ms: int, rules: Rules) -> Iterator[Standing]:
    for ledger in board.ledgers:
        yield ledger.read(now_ms // HOUR_MS, rules)


def bands(board: Board, now_ms: int, rules: Rules) -> Iterator[Sample]:
    """Accounts by band and tier."""
    for standing in _standing(board, now_ms, rules):
        for labels, count in standing.bands.items():
            yield Sample("", labels, count)


def open_cases(board: Board, now_ms: int, rules: Rules) -> Iterator[Sample]:
    """Open cases by tier, band of their account and priority."""
    for standing in _standing(board, now_ms, rules):
        for labels, count in standing.open.items():
            yield Sample("", labels, count)


def unknown(board: Board, now_ms: int, rules: Rules) -> Iterator[Sample]:
    """Accounts without a score."""
    for standing in _standing(board, now_ms, rules):
        yield Sample("", (), standing.unknown)


def at_risk(board: Board, now_ms: int, rules: Rules) -> Iterator[Sample]:
    """Accounts at risk by tier and weighty reason."""
    for standing in _standing(board, now_ms, rules):
        for labels, count in standing.at_risk.items():
            yield Sample("", labels, count)


def stale(board: Board, now_ms: int, rules: Rules) -> Iterator[Sample]:
    """Accounts by input that has gone stale."""
    for standing in _standing(board, now_ms, rules):
        for told, count in standing.stale.items():
            yield Sample("", (told,), count)


def worst(board: Board, now_ms: int, rules: Rules) -> Iterator[Sample]:
    """The lowest scores, by account."""
    for standing in _standing(board, now_ms, rules):
        for account, score in standing.worst(rules.worst_accounts):
            yield Sample("", (account,), score)


def lowest(found: Found, rules: Rules) -> Found:
    """As many of the lowest values as the settings show by name."""
    places = sorted(found, key=lambda place: (found[place], place))
    return {place: found[place] for place in places[: rules.worst_accounts]}


def age(board: Board, now_ms: int, _rules: Rules) -> Iterator[Sample]:
    """Seconds since the last full hour, by whole minutes of the clock, while there are accounts."""
    if any(ledger.accounts for ledger in board.ledgers):
        yield Sample("", (), now_ms % HOUR_MS // MINUTE_MS * 60)
