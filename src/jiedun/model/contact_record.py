"""One contact as a lender's system records it: the columns an audit reads, in Parquet or CSV.

Only `id`, `at`, `creditor`, `debtor`, `person`, `role` and `channel` are needed. An instant without
a zone is read as Asia/Shanghai. What is absent is unknown and never guessed.
"""

from dataclasses import dataclass
from enum import StrEnum

from jiedun.model.evidence import Channel
from jiedun.model.loan import LenderType
from jiedun.model.party import Role


class ColumnType(StrEnum):
    """The type of a column, as DuckDB names it."""

    TEXT = "VARCHAR"
    INSTANT = "TIMESTAMPTZ"
    FLAG = "BOOLEAN"
    COUNT = "BIGINT"
    CLOCK = "TIME"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `values` lists all it may hold, or is empty when any value will do."""

    name: str
    type: ColumnType
    needed: bool = False
    values: tuple[str, ...] = ()


KINDS = ("attempt", "notification", "interactive", "message", "visit")
_COLLECTED = (Role.LENDER, Role.COLLECTOR)

COLUMNS = (
    Column("id", ColumnType.TEXT, needed=True),
    Column("at", ColumnType.INSTANT, needed=True),
    Column("creditor", ColumnType.TEXT, needed=True),
    Column("debtor", ColumnType.TEXT, needed=True),
    Column("person", ColumnType.TEXT, needed=True),
    Column(
        "role", ColumnType.TEXT, needed=True, values=tuple(r for r in Role if r not in _COLLECTED)
    ),
    Column("channel", ColumnType.TEXT, needed=True, values=tuple(Channel)),
    Column("kind", ColumnType.TEXT, values=KINDS),
    Column("direction", ColumnType.TEXT, values=("in", "out", "unknown")),  # seen from the person
    Column("debt", ColumnType.TEXT),
    Column("number", ColumnType.TEXT),
    Column("caller", ColumnType.TEXT),
    Column("agency", ColumnType.TEXT),
    Column("collector", ColumnType.TEXT),
    Column("lender_type", ColumnType.TEXT, values=tuple(LenderType)),
    Column("zone", ColumnType.TEXT),
    Column("connected", ColumnType.FLAG),
    Column("seconds", ColumnType.COUNT),
    Column("text", ColumnType.TEXT),
    Column("agreed_from", ColumnType.CLOCK),
    Column("agreed_to", ColumnType.CLOCK),
    Column("debtor_reachable", ColumnType.FLAG),
    Column("refusal_on_file", ColumnType.FLAG),
    Column("refuses_contact", ColumnType.FLAG),
    Column("wrong_person", ColumnType.FLAG),
    Column("declared", ColumnType.FLAG),
    Column("in_phonebook", ColumnType.FLAG),
)
