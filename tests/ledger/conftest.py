"""A small law of its own: the LPR rows the tests speak of, and clauses with dates."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from jiedun.errors import LawError
from jiedun.model.finding import Cite, Force
from jiedun.model.text import Words

ROWS = """2019-08-20,4.25
2019-09-20,4.20
2019-11-20,4.15
2020-02-20,4.05
2020-04-20,3.85
2021-02-22,3.85
2021-12-20,3.80
2022-01-20,3.70
2022-08-22,3.65
2023-06-20,3.55
2023-08-21,3.45
2024-07-22,3.35
2024-10-21,3.10
2025-05-20,3.00
2026-09-21,3.00
"""
LAST = date(2026, 10, 19)
FORCE = {
    "civil-code": (date(2021, 1, 1), None),
    "ji-private-lending": (date(2021, 1, 1), None),
    "ji-private-lending-2020-08": (date(2020, 8, 20), date(2020, 12, 31)),
    "ji-private-lending-2015": (date(2015, 9, 1), date(2020, 8, 19)),
    "ji-delay-interest": (date(2014, 8, 1), None),
}


@dataclass(frozen=True)
class Row:
    published: date
    one_year: Decimal
    on_publication_day: bool


class SmallLaw:
    """LPR rows and dated clauses; nothing is extrapolated past the last row's month."""

    def lpr(self, on: date) -> Row:
        rows = [(date.fromisoformat(a), Decimal(b)) for a, b in csv.reader(io.StringIO(ROWS))]
        held = [(d, r) for d, r in rows if d <= on]
        if not held or on > LAST:
            raise LawError("LPR not loaded")
        return Row(held[-1][0], held[-1][1], any(d == on for d, _ in rows))

    def cite(
        self,
        instrument_id: str,
        article: str | None,
        on: date,
        *,
        paragraph: str | None = None,
        item: str | None = None,
    ) -> Cite | None:
        since, until = FORCE.get(instrument_id, (None, None))
        if since is None or on < since or (until is not None and on > until):
            return None
        title = Words(instrument_id, instrument_id)
        return Cite(instrument_id, article, Force.LAW, since, "…", True, title, paragraph, item)


@pytest.fixture(scope="session")
def law() -> SmallLaw:
    """The small law."""
    return SmallLaw()
