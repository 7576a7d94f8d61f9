"""What next: steps, dates with their basis, channels that fit and why not the others."""

from collections.abc import Callable
from datetime import date

import pytest

from jiedun import law
from jiedun.model.finding import Certainty, Finding, Force
from jiedun.model.loan import LenderType
from jiedun.remedies._data import entries, table
from jiedun.remedies.channels import where
from jiedun.remedies.plan import plan, report_steps
from jiedun.remedies.values import SITUATIONS, CourtPaper, Filed, Limit, Plan, Situation

MakeFinding = Callable[..., Finding]
DAY = date(2026, 11, 20)


def _due(made: Plan, ident: str) -> date | None:
    return next((d.on for d in made.dues if d.id == ident), None)


def _fit(made: Plan, channel: str) -> bool | None:
    return next(f.fits for f in made.fits if f.channel.id == channel)


def _plan(*found: Finding, kind: LenderType = LenderType.MICRO_LOAN) -> Plan:
    return plan(Situation(DAY, found, {"云岭小贷": kind}))


def test_nothing_found_still_says_what_to_keep() -> None:
    steps = [s.title.zh for s in plan(Situation(DAY)).steps]
    assert "把原件留好" in steps
    assert not any("投诉" in title for title in steps)


def test_urgent_steps_come_first(finding: MakeFinding) -> None:
    made = _plan(finding("abuse"), finding("threat"), finding("private_payment"))
    urgent = [s.urgent for s in made.steps]
    assert urgent == sorted(urgent, reverse=True)
    assert made.steps[0].id == "danger"
    assert [s.title for s in plan(Situation(DAY)).steps] == [
        s.title for s in plan(Situation(DAY)).steps
    ]


@pytest.mark.parametrize(
    ("on", "instrument"),
    [
        (date(2025, 12, 31), "public-security-penalties-2012"),
        (date(2026, 1, 1), "public-security-penalties"),
    ],
)
def test_six_months_cite_the_law_of_the_day(
    finding: MakeFinding, on: date, instrument: str
) -> None:
    due = next(d for d in _plan(finding("threat", on)).dues if d.id == "police-six-months")
    assert due.cite is not None
    assert due.cite.instrument == instrument
    assert due.cite.quote == law.clause(instrument, due.cite.article, on).text
    assert not due.to_confirm


def test_each_kind_of_conduct_has_its_own_six_months(finding: MakeFinding) -> None:
    made = _plan(finding("threat", date(2026, 5, 31)), finding("abuse", date(2026, 9, 1)))
    days = [d.on for d in made.dues if d.id == "police-six-months"]
    assert days == [date(2026, 11, 30), date(2027, 3, 1)]
    danger = next(s for s in made.steps if s.id == "danger")
    assert danger.due == date(2026, 11, 30)


def test_memory_is_shown_as_to_be_confirmed() -> None:
    filed = (Filed("lender", date(2026, 11, 2), creditor="云岭银行"),)
    made = plan(Situation(DAY, (), {"云岭银行": LenderType.BANK}, filed))
    marks = {d.id: d.to_confirm for d in made.dues}
    assert marks == {"lender-15": False, "lender-30": True, "lender-60": True}
    assert _due(made, "lender-15") == date(2026, 11, 17)
    assert all("待核实" in d.basis.zh for d in made.dues)


@pytest.mark.parametrize("kind", [LenderType.MICRO_LOAN, LenderType.UNKNOWN, LenderType.PRIVATE])
def test_bank_periods_bind_no_other_lender(kind: LenderType) -> None:
    filed = (Filed("lender", date(2026, 11, 2), creditor="云岭小贷"),)
    made = plan(Situation(DAY, (), {"云岭小贷": kind}, filed))
    assert _due(made, "lender-15") is None


def test_answered_complaint_waits_no_longer() -> None:
    filed = (Filed("lender", date(2026, 11, 2), answered=date(2026, 11, 9), creditor="云岭银行"),)
    made = plan(Situation(DAY, (), {"云岭银行": LenderType.BANK}, filed))
    assert _due(made, "lender-15") is None
    assert _due(made, "lender-review") == date(2026, 12, 9)


def test_court_paper_gives_fifteen_days_and_an_urgent_step() -> None:
    paper = CourtPaper("payment_order", date(2026, 11, 10))
    made = plan(Situation(DAY, court_papers=(paper,)))
    assert _due(made, "payment-order-objection") == date(2026, 11, 25)
    step = next(s for s in made.steps if s.id == "payment-order")
    assert step.urgent and step.due == date(2026, 11, 25)


def test_working_days_into_an_open_year_say_so() -> None:
    filed = (Filed("samr-12315", date(2026, 11, 10), accepted=date(2026, 11, 18)),)
    due = next(d for d in plan(Situation(DAY, filed=filed)).dues if d.id == "samr-mediation-45")
    assert due.on.year == 2027
    assert due.note is not None and due.to_confirm


def test_lender_type_decides_the_authority(finding: MakeFinding) -> None:
    found = finding("third_party_contact")
    table_of = {
        LenderType.BANK: (True, False),
        LenderType.CONSUMER_FINANCE: (True, False),
        LenderType.MICRO_LOAN: (False, True),
        LenderType.PRIVATE: (False, False),
        LenderType.UNKNOWN: (None, None),
    }
    for kind, expected in table_of.items():
        made = _plan(found, kind=kind)
        assert (_fit(made, "nfra-12378"), _fit(made, "local-finance")) == expected


def test_every_channel_says_why_or_why_not(finding: MakeFinding) -> None:
    made = _plan(finding("threat"))
    assert {f.channel.id for f in made.fits} == {e["channel"] for e in entries("channels")}
    assert all(f.why.zh and f.why.en for f in made.fits)
    assert all(f.letters == () for f in made.fits if f.fits is False)


def test_advisory_count_opens_no_authority(finding: MakeFinding) -> None:
    counted = finding("calls_over_daily_limit", force=Force.ADVISORY, certainty=Certainty.CERTAIN)
    made = _plan(counted, kind=LenderType.BANK)
    assert _fit(made, "nfra-12378") is False
    assert _fit(made, "lender") is True


@pytest.mark.parametrize("kind", SITUATIONS)
def test_each_situation_has_steps_in_two_languages(kind: str) -> None:
    made = plan(Situation(DAY, kind=kind))
    assert len(made.steps) >= 3
    assert all(s.title.zh and s.title.en and s.detail.zh and s.detail.en for s in made.steps)
    assert {c.kind for c in made.cautions} == {"say", "pay", "do"}


def test_data_names_only_what_exists() -> None:
    for name in ("steps", "channels"):
        for entry in entries(name):
            if entry.get("channel"):
                told, _ = where(law.channel(entry["channel"]))
                assert told.zh
            assert set(entry.get("ask", ())) <= set(table("needs"))
    for entry in entries("cautions"):
        for cite in entry["cites"]:
            assert law.cite(cite["instrument"], cite["article"], DAY) is not None


def test_words_for_chinese_readers_hold_no_english_sentence(finding: MakeFinding) -> None:
    for fit in _plan(finding("threat")).fits:
        told, _ = where(fit.channel)
        letters = sum(c.isascii() and c.isalpha() for c in told.zh)
        assert letters <= len(told.zh) * 0.75 or "." in told.zh


def test_report_shows_steps_dates_and_cautions(finding: MakeFinding) -> None:
    shown = report_steps(_plan(finding("threat"), finding("debt_disclosure")))
    titles = [step.title.zh for step in shown]
    assert titles[-3:] == ["千万别说", "千万别付", "千万别做"]
    assert any(step.due for step in shown)
    assert all(step.title.en and step.detail.en for step in shown)


def test_limitation_of_the_creditor_is_named_and_never_sure() -> None:
    limit = Limit("云岭小贷", date(2026, 1, 1), date(2029, 1, 1))
    due = next(
        d for d in plan(Situation(DAY, limits=(limit,))).dues if d.id == "creditor-limitation"
    )
    assert due.on == date(2029, 1, 1) and due.to_confirm and not due.mine
