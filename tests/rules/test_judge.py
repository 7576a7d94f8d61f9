"""Judging: force and clauses of the day, certainty, grouping, context, unknowns, speed of many rows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Certainty, Cite, Finding, Force
from jiedun.model.loan import LenderType
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.rules.judge import Judgement, Row, judge
from jiedun.rules.language import Predicate
from jiedun.rules.pack import load_facts, load_packs
from jiedun.rules.rule import CiteSpec, Rule

Night = Callable[..., Row]
BANK, PRIVATE, UNSURE = LenderType.BANK, LenderType.PRIVATE, LenderType.UNKNOWN

DATA = Path(__file__).parent / "data"
FORCES = {
    "gbt-45251-2025": Force.STANDARD,
    "guide": Force.SELF_DISCIPLINE,
    "ji-private": Force.JUDICIAL_INTERPRETATION,
    "code": Force.LAW,
    "note": Force.ADVISORY,
}


@pytest.fixture(scope="session")
def sample() -> Mapping[str, Rule]:
    tables = load_facts(DATA / "facts")
    return {rule.id: rule for rule in load_packs([DATA / "sample.yaml"], tables)}


@pytest.fixture(scope="session")
def cite() -> Callable[..., Cite | None]:
    def look_up(
        instrument: str,
        article: str | None,
        on: date,
        /,
        *,
        paragraph: str | None = None,
        item: str | None = None,
    ) -> Cite | None:
        if instrument == "guide" and on > date(2026, 6, 30):
            return None
        return Cite(
            instrument, article, FORCES[instrument], None, None, False, Words("法", "act"),
            paragraph, item,
        )  # fmt: skip

    return look_up


@pytest.fixture(scope="session")
def night() -> Callable[..., Row]:
    """A contact at night by 甲公司; `n` is its row, keywords change its facts."""

    def row(n: int = 1, on: date = date(2025, 3, 1), second: int = 80000, **facts: Any) -> Row:
        at = datetime(on.year, on.month, on.day, tzinfo=SHANGHAI) + timedelta(seconds=second)
        base = {
            "channel": "call",
            "creditor": "甲公司",
            "creditor_side": True,
            "second_of_day": second,
            "local_date": on,
            "agreed_hours": False,
            "role_given": True,
        }
        return Row(ItemRef("calls.csv", n), at, on, {**base, **facts})

    return row


@pytest.fixture
def judged(sample: Mapping[str, Rule], cite: Any) -> Callable[..., Judgement]:
    def run(rows: list[Row], lender: LenderType = BANK, **changes: Any) -> Judgement:
        rule = replace(sample["SAMPLE-HOURS"], **changes)
        return judge([rule], rows, lender_type_of=lambda _: lender, cite=cite)

    return run


def only(judgement: Judgement) -> Finding:
    assert len(judgement.findings) == 1
    return judgement.findings[0]


def test_one_finding_a_group_in_time_order(judged: Any, night: Night) -> None:
    rows = [night(1, second=81000), night(2, second=80000), night(3, second=50000)]
    found = only(judged([*rows, night(4, on=date(2025, 3, 2), second=50000)]))
    assert found.items == (ItemRef("calls.csv", 2), ItemRef("calls.csv", 1))
    assert found.facts["context"] == ["calls.csv#3"]
    assert found.facts["count"] == 2
    assert found.facts["each"] == {"second_of_day": [80000, 81000]}
    assert found.explanation.zh == "甲公司 在 2025-03-01 夜间联系 2 次，第一次在 22:13:20。"
    assert (found.certainty, found.force, found.creditor) == (
        Certainty.CERTAIN,
        Force.STANDARD,
        "甲公司",
    )
    assert found.would_settle == ()
    assert found.occurred_at.tzinfo is SHANGHAI


def test_groups_are_kept_apart(judged: Any, night: Night) -> None:
    rows = [night(1), night(2, creditor="乙公司"), night(3, on=date(2025, 3, 2))]
    assert len(judged(rows).findings) == 3


def test_no_group_is_one_finding_a_row(judged: Any, night: Night) -> None:
    assert len(judged([night(1), night(2)], group=(), context=None).findings) == 2


def test_the_id_is_stable_and_hangs_on_rule_version_and_items(judged: Any, night: Night) -> None:
    first = only(judged([night(1), night(2)]))
    assert first.id == only(judged([night(2), night(1)])).id
    assert first.id.startswith("F-") and len(first.id) == 14
    assert only(judged([night(1), night(2)], version="2")).id != first.id
    assert only(judged([night(1)])).id != first.id


@pytest.mark.parametrize(
    ("lender", "on", "force", "cited"),
    [
        (BANK, date(2025, 3, 1), Force.STANDARD, ["gbt-45251-2025"]),
        (BANK, date(2026, 1, 29), Force.STANDARD, ["gbt-45251-2025"]),
        (BANK, date(2026, 1, 30), Force.STANDARD, ["gbt-45251-2025", "guide"]),
        (BANK, date(2026, 7, 1), Force.STANDARD, ["gbt-45251-2025"]),
        (LenderType.MICRO_LOAN, date(2026, 1, 30), Force.STANDARD, ["gbt-45251-2025"]),
        (PRIVATE, date(2026, 1, 30), Force.ADVISORY, []),
        (UNSURE, date(2026, 1, 30), Force.ADVISORY, []),
    ],
)
def test_force_and_clauses_of_the_day(
    judged: Any, night: Night, lender: LenderType, on: date, force: Force, cited: list[str]
) -> None:
    found = only(judged([night(on=on)], lender))
    assert found.force is force
    assert [c.instrument for c in found.cites] == cited


def test_a_finding_is_split_where_the_clauses_change(judged: Any, night: Night) -> None:
    rows = [night(1, on=date(2026, 1, 29)), night(2, on=date(2026, 1, 30))]
    found = judged(rows, group=("creditor",)).findings
    assert [len(f.cites) for f in found] == [1, 2]


def test_advisory_never_cites(judged: Any, night: Night) -> None:
    found = only(judged([night()], cites=(CiteSpec("note", "1"),)))
    assert (found.force, found.cites) == (Force.ADVISORY, ())


def test_nothing_outside_the_days(judged: Any, night: Night) -> None:
    assert judged([night(on=date(2025, 2, 27))]) == Judgement((), ())
    assert judged([night()], until=date(2025, 2, 28)) == Judgement((), ())
    assert only(judged([night(on=date(2025, 2, 28))], until=date(2025, 2, 28)))


def test_an_unknown_lender_leaves_a_yardstick_and_says_what_settles_it(
    judged: Any, night: Night
) -> None:
    found = only(judged([night()], UNSURE))
    assert found.certainty is Certainty.POSSIBLE
    assert any("哪一类" in words.zh for words in found.would_settle)


def test_a_clause_that_binds_everyone_stands_without_the_lender(judged: Any, night: Night) -> None:
    cites = (CiteSpec("gbt-45251-2025", "5.3"), CiteSpec("code", "1033", binds=frozenset()))
    found = only(judged([night()], UNSURE, cites=cites))
    assert (found.force, found.certainty) == (Force.LAW, Certainty.CERTAIN)
    assert [c.instrument for c in found.cites] == ["code"]
    assert any("哪一类" in words.zh for words in found.would_settle)
    assert [c.instrument for c in only(judged([night()], BANK, cites=cites)).cites] == [
        "code",
        "gbt-45251-2025",
    ]


def test_a_rule_that_skips_outsiders(sample: Mapping[str, Rule], cite: Any, night: Night) -> None:
    facts = {"annual_nominal": Decimal("0.5"), "cap": Decimal("0.138"), "creditor": "甲公司"}
    row = Row(ItemRef("loan.json", 1), night().at, date(2024, 1, 1), facts, "loan")

    def said(lender: LenderType) -> Judgement:
        return judge([sample["SAMPLE-CAP"]], [row], lender_type_of=lambda _: lender, cite=cite)

    assert said(BANK) == Judgement((), ())
    assert said(PRIVATE).findings[0].explanation.zh == "年化 50.00%，上限 13.80%。"
    assert said(UNSURE).findings == ()
    assert said(UNSURE).unknown[0].missing == ("lender_type",)


def test_exceptions(judged: Any, night: Night) -> None:
    assert judged([night(agreed_hours=True)]) == Judgement((), ())
    found = only(judged([night(agreed_hours=None)]))
    assert found.certainty is Certainty.POSSIBLE
    assert any("同意" in words.zh for words in found.would_settle)
    assert found.facts["exceptions"] == {"agreed": "unknown"}
    assert only(judged([night()])).facts["exceptions"] == {"agreed": "not_met"}
    assert [words.zh for words in found.exceptions] == ["双方约定可在此时间联系"]


def test_an_exception_that_is_not_presumed_is_listed_only(
    judged: Any, sample: Mapping[str, Rule], night: Night
) -> None:
    clause = replace(sample["SAMPLE-HOURS"].exceptions[0], presume=False)
    found = only(judged([night(agreed_hours=None)], exceptions=(clause,)))
    assert found.certainty is Certainty.CERTAIN
    assert found.facts["exceptions"] == {"agreed": "unknown"}


def test_an_exception_that_holds_leaves_nothing_unknown(judged: Any, night: Night) -> None:
    assert judged([night(creditor_side=None, agreed_hours=True)]) == Judgement((), ())


def test_lowerings(judged: Any, night: Night) -> None:
    found = only(judged([night(channel="sms")]))
    assert found.certainty is Certainty.PROBABLE
    assert [words.zh for words in found.would_settle] == [
        "短信到达时间以运营商记录为准",
        "运营商通话详单",
    ]
    assert only(judged([night(channel=None)])).certainty is Certainty.PROBABLE


def test_a_group_is_as_sure_as_its_surest_row(judged: Any, night: Night) -> None:
    found = only(judged([night(1, channel="sms"), night(2)]))
    assert found.certainty is Certainty.CERTAIN
    assert found.facts["certainties"] == {"probable": 1, "certain": 1}


def test_a_proposed_role_weighs_on_the_whole_group(judged: Any, night: Night) -> None:
    found = only(
        judged([night(1), night(2, role_given=False, role_line="1,collector,,代表甲公司")])
    )
    assert found.certainty is Certainty.POSSIBLE
    assert any(words.zh.endswith("：1,collector,,代表甲公司") for words in found.would_settle)


def test_a_name_that_is_not_known_reads_unknown(judged: Any, night: Night) -> None:
    found = only(judged([night(creditor=None)]))
    assert found.explanation.en.startswith("(unknown) made 1 contacts")
    assert found.creditor is None


def test_ten_thousand_unknown_rows_make_one_entry(judged: Any, night: Night) -> None:
    result = judged([night(i, creditor_side=None) for i in range(1, 10_001)])
    assert result.findings == ()
    (entry,) = result.unknown
    assert (entry.count, len(entry.items), entry.missing) == (10_000, 20, ("creditor_side",))
    assert entry.items[0] == ItemRef("calls.csv", 1)
    assert "parties.csv" in entry.would_settle[0].zh


def test_the_lender_is_asked_once_for_each_creditor(
    sample: Mapping[str, Rule], cite: Any, night: Night
) -> None:
    asked: list[str | None] = []

    def lender(creditor: str | None) -> LenderType:
        asked.append(creditor)
        return BANK

    rows = [night(i, creditor="AB"[i % 2]) for i in range(10)]
    judge([sample["SAMPLE-HOURS"]], rows, lender_type_of=lender, cite=cite)
    assert sorted(map(str, asked)) == ["A", "B"]


def test_a_context_predicate_never_accuses(judged: Any, sample: Any, night: Night) -> None:
    none = Predicate.of("FALSE", sample["SAMPLE-HOURS"].table)
    assert judged([night()], when=none) == Judgement((), ())
