"""What the findings of an audit say together: by rule, agency, hour, week; worst cases; a sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import duckdb

from jiedun.audit.run import Audit

WORST, SAMPLE = 20, 50
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole` under one name, with the bounds of a 95 % interval (Wilson)."""

    name: str
    part: int
    whole: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Tables for people. `rules` counts findings by (rule, force, certainty); `agencies` are rates of
    accused contacts; `worst` are (debtor, findings, first, last) with the most findings; `sample` are
    findings picked by hash for a person to look at."""

    rules: Sequence[tuple[str, str, str, int]]
    agencies: Sequence[Rate]
    hours: Sequence[tuple[int, int]]
    weeks: Sequence[tuple[str, int]]
    worst: Sequence[tuple[str, int, str, str]]
    sample: Sequence[tuple[str, str, str, str]]


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The bounds of a 95 % interval for `part` of `whole` (Wilson 1927); (0, 1) for nothing seen."""
    if not whole:
        return 0.0, 1.0
    p, z2 = part / whole, _Z * _Z
    middle = p + z2 / (2 * whole)
    half = _Z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    scale = 1 + z2 / whole
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def summarise(result: Audit) -> Summary:
    """The summary of an audit that has run; advisory hints are counted, and are no breach."""
    files = [str(path) for path in result.files()]
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        db.execute(f"CREATE VIEW f AS SELECT * FROM read_parquet({_listed(files)})")
        return Summary(
            rules=_rows(db, "SELECT rule, force, certainty, count(*) FROM f GROUP BY ALL ORDER BY 4 DESC, 1, 2, 3"),
            agencies=_agencies(db, result),
            hours=_rows(
                db, "SELECT second_of_day // 3600, count(DISTINCT contact_id) FROM f GROUP BY 1 ORDER BY 1"
            ),
            weeks=_rows(
                db,
                "SELECT strftime(date_trunc('week', local_date), '%Y-%m-%d'), count(*) FROM f "
                "WHERE force <> 'advisory' GROUP BY 1 ORDER BY 1",
            ),
            worst=_rows(
                db,
                "SELECT debtor, count(*), CAST(min(local_date) AS VARCHAR), CAST(max(local_date) AS VARCHAR) "
                f"FROM f WHERE force <> 'advisory' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {WORST}",
            ),
            sample=_rows(
                db,
                "SELECT rule, contact_id, CAST(to_timestamp(instant) AS VARCHAR), certainty FROM f "
                f"ORDER BY hash(contact_id, rule), contact_id, rule LIMIT {SAMPLE}",
            ),
        )  # fmt: skip


def _listed(files: Sequence[str]) -> str:
    return "[" + ", ".join("'" + file.replace("'", "''") + "'" for file in files) + "]"


def _rows(db: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:  # type: ignore[type-arg]
    return list(db.execute(query).fetchall())


def _agencies(db: duckdb.DuckDBPyConnection, result: Audit) -> list[Rate]:
    """For each agency the share of its contacts with a finding that is more than a hint."""
    found = db.execute(
        "SELECT coalesce(agency, ''), count(DISTINCT contact_id) FROM f WHERE force <> 'advisory' GROUP BY 1"
    ).fetchall()
    accused: dict[str, int] = dict(found)
    rates = []
    for name, whole in sorted(result.contacts_of.items()):
        part = accused.get(name, 0)
        rates.append(Rate(name, part, whole, *wilson(part, whole)))
    return sorted(rates, key=lambda rate: (-rate.part / max(1, rate.whole), rate.name))
