"""Every quote of every rule is verbatim, and nothing is cited on a day it was not in force."""

from datetime import date, timedelta

import pytest

from jiedun import law
from jiedun.rules.pack import rulebook
from jiedun.rules.rule import CiteSpec, Rule

DAYS = [date(2015, 1, 1) + timedelta(days=97 * n) for n in range(48)] + [
    date(2020, 12, 31), date(2021, 1, 1), date(2021, 10, 31), date(2021, 11, 1), date(2024, 5, 14),
    date(2024, 5, 15), date(2025, 2, 27), date(2025, 2, 28), date(2025, 12, 31), date(2026, 1, 1),
    date(2026, 1, 29), date(2026, 1, 30), date(2026, 7, 31), date(2026, 8, 1),
]  # fmt: skip
CITES = [(rule, cite) for rule in rulebook() for cite in rule.cites]


@pytest.mark.parametrize(("rule", "cite"), CITES, ids=[f"{r.id}-{c.instrument}" for r, c in CITES])
def test_quotes_are_verbatim_and_in_force(rule: Rule, cite: CiteSpec) -> None:
    cited = 0
    for day in DAYS:
        found = law.cite(
            cite.instrument, cite.article, day, paragraph=cite.paragraph, item=cite.item
        )
        if found is None:
            continue
        cited += 1
        assert law.instrument(cite.instrument).in_force(day) is not False
        if found.quote is None:
            assert not found.verified
            continue
        assert cite.article is not None
        clause = law.clause(cite.instrument, cite.article, day)
        assert clause.in_force is True
        assert found.quote == clause.text
    assert cited, f"{rule.id} cites what is never in force"


def test_unverified_instruments_are_never_quoted() -> None:
    for _, cite in CITES:
        if not law.instrument(cite.instrument).verified:
            for day in DAYS:
                found = law.cite(cite.instrument, cite.article, day)
                assert found is None or (found.quote is None and not found.verified)
