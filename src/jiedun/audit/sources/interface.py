"""What a source gives: a table expression with the audit's columns, and how its lines are cut."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Lines:
    """How a text file is cut: its columns in order, the separator, and whether a head comes first."""

    columns: tuple[str, ...]
    separator: str
    head: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """A file ready to be read.

    `base` is a table expression over the file's own columns in the file's order; `mapped(base)` is one
    with the audit's columns, those of `held` (name → DuckDB type), and `row_no`. `says_who` is False
    where the format never says who was called: what is absent there is unknown, and no fault of a row.
    `ends` tells that `end_a` rang `end_b` and the direction is still to be found. `lines` is None where
    no line can break (Parquet). `label` names the format.
    """

    label: str
    base: str
    held: dict[str, str]
    mapped: Callable[[str], str]
    says_who: bool = True
    ends: bool = False
    lines: Lines | None = None
    copy: Path | None = None


def text(value: str) -> str:
    """A text as a SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def name(column: str) -> str:
    """A column as a SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def selected(columns: dict[str, str]) -> Callable[[str], str]:
    """`mapped` for columns given as SQL expressions over the file's own columns."""
    told = ", ".join(f"{expression} AS {name(column)}" for column, expression in columns.items())
    return lambda base: f"(SELECT row_no, {told} FROM {base} AS f)"
