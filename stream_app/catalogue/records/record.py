"""What a recording rule is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Record:
    """One recording rule. area: the file it stands in. constant: labels it adds, with their values."""

    name: str
    expr: str
    help: str
    unit: str
    area: str
    labels: tuple[str, ...] = ()
    constant: dict[str, str] = field(default_factory=dict)
