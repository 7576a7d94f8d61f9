"""The loan prime rate as published: the last publication on or before a day, never extrapolated.

Published on the 20th of each month, moved to the next working day; source of each row in lpr.csv.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from jiedun.errors import LawError
from jiedun.law._data import Once, rows_of

PUBLICATION_DAY = 20


@dataclass(frozen=True, slots=True)
class Lpr:
    """One publication, in percent a year; `on_publication_day` when the day asked for is its own.

    A contract formed on a publication day takes the new rate, but wants a person's look.
    """

    published: date
    one_year: Decimal
    five_year: Decimal
    confidence: str
    source: str
    on_publication_day: bool = False


def lpr(on: date) -> Lpr:
    """The rate in force on a local day; LawError before the first and after the last known cycle."""
    rows = lpr_publications()
    at = bisect_right([row.published for row in rows], on)
    if at == 0:
        raise LawError(
            f"{on} 还没有贷款市场报价利率 / no LPR on this day",
            why=f"2019 年改革后首次公布于 / first published {rows[0].published}",
            next_step="按当时的贷款基准利率或司法解释处理 / the rules of that time apply",
        )
    row = rows[at - 1]
    if at == len(rows) and on >= _next_due(row.published):
        raise LawError(
            f"{on} 的贷款市场报价利率未载入 / LPR not loaded for this day",
            why=f"数据止于 / last publication held: {row.published}",
            next_step="在 lpr.csv 补上新公布的一行 / add the new publication (docs/law.md)",
        )
    return Lpr(
        row.published, row.one_year, row.five_year, row.confidence, row.source, on == row.published
    )


def lpr_publications() -> tuple[Lpr, ...]:
    """Every publication held, oldest first, one a month without a gap."""
    return _rows()


def _next_due(published: date) -> date:
    months = published.year * 12 + published.month
    return date(months // 12, months % 12 + 1, PUBLICATION_DAY)


def _load() -> tuple[Lpr, ...]:
    rows = tuple(
        Lpr(
            date.fromisoformat(row["date"]),
            Decimal(row["lpr_1y"]),
            Decimal(row["lpr_5y"]),
            row["confidence"],
            row["source"],
        )
        for row in rows_of("lpr.csv")
    )
    for last, row in pairwise(rows):
        due = _next_due(last.published)
        if (row.published.year, row.published.month) != (due.year, due.month):
            raise LawError(
                f"lpr.csv: {last.published} 之后缺一次公布 / a publication is missing",
                next_step=f"补上 {due:%Y-%m} 的一行 / add the row of that month",
            )
    return rows


_rows = Once(_load)
