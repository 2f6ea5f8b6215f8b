"""The columns of a mapping found in the header of a log: functions from a row to the values in it."""

from collections.abc import Callable, Iterator, Sequence

from xxhash import xxh3_64_intdigest

from stream_app.sources.meaning import Lookup, among, value_of
from stream_app.sources.schema import Account, FieldValue, Mapping, Where, Word
from stream_app.sources.table import LogFile

Text = Callable[[list[str]], str | None]
"""A row to a text without blanks around it; None when it is missing."""


class Columns:
    """Reads the columns a mapping names. Raises LogError naming all that the log does not have."""

    def __init__(self, mapping: Mapping, log: LogFile) -> None:
        self._places = log.indexes(list(_named(mapping)))
        self._missing = among(mapping.file.missing)

    def one(self, name: str) -> Text:
        """The value of a column."""
        place, missing = self._places[name], self._missing

        def read(row: list[str]) -> str | None:
            value = row[place].strip()
            return None if missing(value) else value

        return read

    def joined(self, names: Sequence[str], join: str, *, whole: bool = False) -> Text:
        """The values of some columns together, a missing one empty.

        None when all are missing; with `whole`, when any is.
        """
        if len(names) == 1:
            return self.one(names[0])
        readers = [self.one(name) for name in names]

        def read(row: list[str]) -> str | None:
            values = [reader(row) for reader in readers]
            if (None in values) if whole else not any(values):
                return None
            return join.join([value or "" for value in values]).strip()

        return read

    def each(self, names: Sequence[str]) -> Callable[[list[str]], tuple[str, ...]]:
        """The values of some columns one by one, a missing one empty."""
        readers = [self.one(name) for name in names]
        if not readers:
            return lambda _row: ()
        return lambda row: tuple([read(row) or "" for read in readers])

    def field(self, spec: FieldValue) -> Callable[[list[str]], Word | None]:
        """The value of an event's field; None when there is none."""
        default = spec.default
        if spec.column is None:
            return lambda _row: default
        text, value = self.one(spec.column), value_of(spec)

        def read(row: list[str]) -> Word | None:
            found = text(row)
            return default if found is None else value(found)

        return read

    def where(self, conditions: Sequence[Where]) -> Callable[[list[str]], bool]:
        """Whether a row counts."""
        checks = [(self._places[condition.column], _allowed(condition)) for condition in conditions]
        if not checks:
            return lambda _row: True
        return lambda row: all(allowed(row[place].strip()) for place, allowed in checks)

    def account(self, account: Account) -> Callable[[list[str], str], str]:
        """The account of a row, given its case. Ids that are made say `account-17`, or the prefix given."""
        prefix = account.prefix
        if account.one is not None:
            one = prefix + account.one
            return lambda _row, _case: one
        if account.column is None:
            return lambda _row, case: prefix + case
        text, default, count = self.one(account.column), account.default, account.accounts
        if count is None:
            return lambda row, _case: prefix + (text(row) or default)
        made: Lookup[str] = Lookup({}, lambda word: f"{prefix or 'account-'}{_hash(word) % count}")
        return lambda row, _case: made(text(row) or default)


def _allowed(where: Where) -> Lookup[bool]:
    only, without = among(where.only), among(where.without)
    if not where.only:
        return Lookup({}, lambda word: not without(word))
    return Lookup({}, lambda word: only(word) and not without(word))


def _hash(word: str) -> int:
    return xxh3_64_intdigest(word.encode(errors="surrogateescape"))


def _named(mapping: Mapping) -> Iterator[str]:
    """Every column a mapping names."""
    yield from mapping.case.names
    yield from mapping.time.names
    yield from mapping.words.names
    if mapping.account.column is not None:
        yield mapping.account.column
    yield from (where.column for where in mapping.where)
    yield from (value.column for value in mapping.fields.values() if value.column is not None)
    for columns in (mapping.assigned, mapping.order):
        if columns is not None:
            yield from columns.columns
