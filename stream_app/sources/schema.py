"""The tables and keys of a mapping file: what may be said about a log, and what each alone must be."""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

REGEX: Final = "re:"
"""A key of a table of words that begins so is a regular expression for the whole value."""

Text = Annotated[str, Field(min_length=1, max_length=200)]
Word = str | bool | int
"""A value an event may carry."""


class _Part(BaseModel):
    """A table of the mapping file. A key not named here is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class _Columns(_Part):
    """One column, or several whose values are joined."""

    column: Text | None = None
    columns: list[Text] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.column is None) == (not self.columns):
            raise ValueError("needs either `column` or `columns`")
        return self

    @property
    def names(self) -> list[str]:
        """The columns, in the order they are joined."""
        return [self.column] if self.column is not None else self.columns


class FileFormat(_Part):
    """How the file is laid out. `columns` names them when the file has no header line."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Field(max_length=1)] = '"'
    escape: Annotated[str, Field(max_length=1)] = ""
    encoding: Text = "utf-8"
    columns: list[Text] = Field(default_factory=list)
    skip_lines: Annotated[int, Field(ge=0)] = 0
    missing: list[str] = Field(default_factory=lambda: [""])
    member: Text | None = None

    @model_validator(mode="after")
    def _known_encoding(self) -> Self:
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError("`encoding` is none that Python knows") from None
        return self


class CaseColumn(_Columns):
    """What identifies a case."""

    join: str = "/"


class TimeColumn(_Columns):
    """When a record happened. `zone` is for times that do not say theirs themselves."""

    join: str = " "
    format: Text | list[Text]
    zone: Text = "UTC"

    @property
    def formats(self) -> list[str]:
        """The formats to try, in order."""
        return [self.format] if isinstance(self.format, str) else self.format


class OrderColumns(_Part):
    """What orders the records of one case that have the same time."""

    columns: Annotated[list[Text], Field(min_length=1)]


class Account(_Part):
    """Whose case it is: a column, a column hashed into a number of accounts, one for all, or one a case."""

    column: Text | None = None
    accounts: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    one: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    per_case: bool = False
    default: Annotated[str, Field(min_length=1, max_length=128)] = "unknown"
    prefix: Annotated[str, Field(max_length=64)] = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum((self.column is not None, self.one is not None, self.per_case)) != 1:
            raise ValueError("needs exactly one of `column`, `one` and `per_case = true`")
        if self.accounts is not None and self.column is None:
            raise ValueError("`accounts` hashes a column: `column` is missing")
        return self


class Where(_Part):
    """Which rows count: by the value of a column. `only` and `without` take words and `re:` expressions."""

    column: Text
    only: list[str] = Field(default_factory=list)
    without: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.only and not self.without:
            raise ValueError("needs `only` or `without`")
        return self


class Kind(BaseModel):
    """One event a record makes: its kind, and values of its fields that are always the same."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, hide_input_in_errors=True)
    __pydantic_extra__: dict[str, Word]

    kind: Text

    @property
    def constants(self) -> dict[str, Word]:
        """Field -> value."""
        return dict(self.__pydantic_extra__ or {})


Meaning = Text | Kind | list[Text | Kind]

State = Literal[
    "new", "open", "waiting_customer", "waiting_vendor", "escalated", "reopened", "solved", "closed", "none"
]  # fmt: skip


class _Words(_Columns):
    """The column that says what a record means, and what is done with words it does not explain."""

    join: str = "/"
    ignore: list[str] = Field(default_factory=list)
    broken: list[str] = Field(default_factory=list)


class Activity(_Words):
    """Of an activity log: activity -> event kinds. `default` is for all others; without it they are skipped."""

    kinds: dict[str, Meaning]
    default: Meaning | None = None


class StateColumn(_Words):
    """Of a snapshot log: state -> state of a case. `default` is for all others; without it they are skipped."""

    states: dict[str, State]
    default: State | None = None


class FieldValue(_Part):
    """A field of events: from a column, through a table of words, or always the same."""

    column: Text | None = None
    map: dict[str, Word] = Field(default_factory=dict)
    otherwise: Word | None = None
    default: Word | None = None
    kinds: list[Text] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_source(self) -> Self:
        if self.column is None and self.default is None:
            raise ValueError("needs `column`, or `default` for a value that is always the same")
        if self.column is None and (self.map or self.otherwise is not None):
            raise ValueError("`map` and `otherwise` are about the values of a column: `column` is missing")
        return self


class Assigned(_Part):
    """Columns that say who has the case; a new value in one of them is an assignment."""

    columns: Annotated[list[Text], Field(min_length=1)]


class Mapping(_Part):
    """A mapping file: see docs/mappings.md, which explains every key."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
    style: Literal["activity", "snapshot"]
    reopen_on_other: bool = False
    resume_on_other: bool = False
    file: FileFormat = Field(default_factory=FileFormat)
    case: CaseColumn
    time: TimeColumn
    order: OrderColumns | None = None
    account: Account
    where: list[Where] = Field(default_factory=list)
    activity: Activity | None = None
    state: StateColumn | None = None
    fields: dict[str, FieldValue] = Field(default_factory=dict)
    assigned: Assigned | None = None

    @model_validator(mode="after")
    def _style_has_its_table(self) -> Self:
        if self.style == "activity" and (self.activity is None or self.state is not None):
            raise ValueError('style = "activity" needs [activity], and no [state]')
        if self.style == "snapshot" and (self.state is None or self.activity is not None):
            raise ValueError('style = "snapshot" needs [state], and no [activity]')
        if self.style == "snapshot" and self.resume_on_other:
            raise ValueError("`resume_on_other` is for activity logs: states say by themselves when waiting ends")
        return self

    @property
    def words(self) -> Activity | StateColumn:
        """The table that says what a record means."""
        words = self.activity or self.state
        assert words is not None  # noqa: S101 - kept by _style_has_its_table
        return words
