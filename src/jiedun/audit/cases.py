"""The worst debtors of an audit with the contacts that made them, each with its place in a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from jiedun.audit.ingest import ROWS_A_FILE
from jiedun.audit.sources.interface import text

CASES, CONTACTS = 10, 40
_SHOWN = "seq, instant, creditor, debtor, channel, role, person, number, connected, agency, collector, text"


@dataclass(frozen=True, slots=True)
class Made:
    """One contact of a case: its place (`file`, `row`), what it was, and the rules it broke."""

    file: str
    row: int
    at: datetime
    channel: str
    role: str
    person: str
    number: str
    connected: bool | None
    agency: str
    collector: str
    words: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A debtor of a creditor: contacts accused, findings, and the contacts of the worst days.

    `left_out` counts the accused contacts that are not shown.
    """

    creditor: str
    debtor: str
    accused: int
    findings: int
    contacts: tuple[Made, ...]
    left_out: int


def collect(
    db: duckdb.DuckDBPyConnection, findings: Sequence[Path], sources: Sequence[tuple[str, str]]
) -> list[Case]:
    """The cases with most accused contacts; hints do not count. All contacts of the days are shown,
    accused or not, since a limit is broken by those before; days with most findings come first."""
    if not findings:
        return []
    source = f"read_parquet([{', '.join(text(str(path)) for path in findings)}])"
    beyond = "force <> 'advisory' AND debtor IS NOT NULL AND creditor IS NOT NULL"
    db.execute(
        "CREATE OR REPLACE TEMP TABLE worst AS SELECT creditor, debtor, count(DISTINCT seq) AS accused, "
        f"count(*) AS findings FROM {source} WHERE {beyond} GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC, 1, 2 LIMIT {CASES}"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE broken AS SELECT seq, list(DISTINCT rule ORDER BY rule) AS rules "
        f"FROM {source} SEMI JOIN worst USING (creditor, debtor) WHERE {beyond} GROUP BY seq"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE of_worst AS SELECT seq FROM lean WHERE k IN "
        "(SELECT hash(creditor, debtor) FROM worst)"
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE near AS SELECT r.*, b.rules, CAST(to_timestamp(r.instant) AS DATE) AS day "
        f"FROM (SELECT {_SHOWN} FROM raw SEMI JOIN of_worst USING (seq)) AS r LEFT JOIN broken AS b USING (seq)"
    )
    worst = db.execute("SELECT * FROM worst ORDER BY accused DESC, findings DESC, 1, 2").fetchall()
    return [_case(db, row, sources) for row in worst]


def _case(
    db: duckdb.DuckDBPyConnection,
    worst: tuple[str, str, int, int],
    sources: Sequence[tuple[str, str]],
) -> Case:
    creditor, debtor, accused, count = worst
    rows = db.execute(
        f"""SELECT * FROM (
            SELECT seq // {ROWS_A_FILE}, seq % {ROWS_A_FILE}, to_timestamp(instant) AS moment, channel, role, person,
                number, connected, agency, collector, text, rules, seq,
            FROM near JOIN (SELECT day, count(rules) AS n FROM near WHERE creditor = $1 AND debtor = $2 GROUP BY day)
                AS d USING (day) WHERE creditor = $1 AND debtor = $2 AND n > 0
            ORDER BY n DESC, day, instant, seq LIMIT {CONTACTS}) ORDER BY moment, seq""",
        [creditor, debtor],
    ).fetchall()
    made = tuple(_made(row[:-1], sources) for row in rows)
    shown = sum(1 for contact in made if contact.rules)
    return Case(creditor, debtor, accused, count, made, accused - shown)


def _made(row: tuple, sources: Sequence[tuple[str, str]]) -> Made:  # type: ignore[type-arg]
    file, no, at, channel, role, person, number, connected, agency, collector, words, rules = row
    return Made(
        sources[file][0], no, at, channel, role or "", person or "", number or "", connected,
        agency or "", collector or "", words or "", tuple(rules or ()),
    )  # fmt: skip
