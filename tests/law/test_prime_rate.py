"""The LPR: the last publication on or before a day, nothing before the first or after the last."""

import csv
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun import law
from jiedun.errors import LawError

CHANGES = [
    ("2019-08-20", "4.25", "4.85"),
    ("2019-09-20", "4.20", "4.85"),
    ("2019-11-20", "4.15", "4.80"),
    ("2020-02-20", "4.05", "4.75"),
    ("2020-04-20", "3.85", "4.65"),
    ("2021-12-20", "3.80", "4.65"),
    ("2022-01-20", "3.70", "4.60"),
    ("2022-05-20", "3.70", "4.45"),
    ("2022-08-22", "3.65", "4.30"),
    ("2023-06-20", "3.55", "4.20"),
    ("2023-08-21", "3.45", "4.20"),
    ("2024-02-20", "3.45", "3.95"),
    ("2024-07-22", "3.35", "3.85"),
    ("2024-10-21", "3.10", "3.60"),
    ("2025-05-20", "3.00", "3.50"),
]


@pytest.mark.parametrize(("day", "one_year", "five_year"), CHANGES)
def test_change_days(day: str, one_year: str, five_year: str) -> None:
    rate = law.lpr(date.fromisoformat(day))
    assert (rate.one_year, rate.five_year) == (Decimal(one_year), Decimal(five_year))
    assert rate.on_publication_day


def test_one_day_changes_the_answer() -> None:
    assert law.lpr(date(2024, 10, 20)).one_year == Decimal("3.35")
    assert law.lpr(date(2024, 10, 21)).one_year == Decimal("3.10")
    assert not law.lpr(date(2024, 10, 22)).on_publication_day


def test_never_before_the_first() -> None:
    assert law.lpr(date(2019, 8, 20)).one_year == Decimal("4.25")
    with pytest.raises(LawError, match="2019-08-19"):
        law.lpr(date(2019, 8, 19))


def test_never_after_the_last_known_cycle() -> None:
    last = law.lpr_publications()[-1].published
    due = (last.replace(day=1) + timedelta(days=32)).replace(day=20)
    assert law.lpr(due - timedelta(days=1)).published == last
    with pytest.raises(LawError, match="not loaded"):
        law.lpr(due)


def test_2026_october_is_not_loaded_until_it_is_known() -> None:
    assert law.lpr(date(2026, 10, 19)).confidence == "medium"
    if law.lpr_publications()[-1].published < date(2026, 10, 20):
        with pytest.raises(LawError, match="not loaded"):
            law.lpr(date(2026, 10, 20))


@given(st.dates(date(2019, 8, 20), date(2026, 10, 19)))
def test_the_rate_is_that_of_the_last_publication(on: date) -> None:
    rate = law.lpr(on)
    assert rate.published <= on
    assert not any(rate.published < row.published <= on for row in law.lpr_publications())


def test_rows_are_the_source(shared: Path) -> None:
    with (shared / "law/lpr.csv").open(encoding="utf-8", newline="") as file:
        source = [(r["date"], Decimal(r["lpr_1y"]), r["confidence"]) for r in csv.DictReader(file)]
    held = [(p.published.isoformat(), p.one_year, p.confidence) for p in law.lpr_publications()]
    assert held == source
