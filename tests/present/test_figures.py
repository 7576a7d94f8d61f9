"""Dates, sums and sizes as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from jiedun.model.report import LoanReport, OwedAnswer
from jiedun.model.text import Words
from jiedun.present import figures
from jiedun.present.owed import Span, span, span_words
from jiedun.present.phrases import PHRASES, say

NONE = Words("", "")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1234.5", "¥1,234.50"), ("-3", "−¥3.00"), ("0.005", "¥0.01"), ("0", "¥0.00")],
)
def test_money(amount: str, text: str) -> None:
    assert figures.money(Decimal(amount)) == text


def test_absent_figures_are_dashes() -> None:
    assert figures.money(None) == figures.percent(None) == "—"


@pytest.mark.parametrize(
    ("rate", "text"), [("0.24", "24.00%"), ("12.3456", "1,234.56%"), ("-0.1", "-10.00%")]
)
def test_percent(rate: str, text: str) -> None:
    assert figures.percent(Decimal(rate)) == text


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [(7, "7秒", "7 s"), (67, "1分07秒", "1 min 07 s"), (-5, "−5秒", "−5 s"), (None, "", "")],
)
def test_duration(seconds: int | None, zh: str, en: str) -> None:
    assert figures.duration(seconds, "zh") == zh
    assert figures.duration(seconds, "en") == en


def test_times_are_beijing_time() -> None:
    at = datetime(2026, 3, 1, 16, 30, 5, 999, tzinfo=UTC)
    assert figures.stamp(at) == "2026-03-02 00:30:05"
    assert figures.clock(at) == "00:30:05"
    assert figures.day(date(2026, 3, 2), "zh") == "2026年3月2日 周一"
    assert figures.day(date(2026, 3, 2), "en") == "Mon 2026-03-02"


@pytest.mark.parametrize(
    ("octets", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 KB"), (5 * 10**12, "5000.0 GB")]
)
def test_size(octets: int, text: str) -> None:
    assert figures.size(octets) == text


def _loan(*totals: tuple[str | None, str | None, bool]) -> LoanReport:
    return LoanReport(NONE, "loan.json", tuple(
        OwedAnswer(str(n), NONE, total=None if t is None else Decimal(t),
                   overpaid=None if o is None else Decimal(o), contrast=c)
        for n, (t, o, c) in enumerate(totals)))  # fmt: skip


def test_the_span_leaves_contrast_out_and_adds_loans() -> None:
    one = _loan(("100", None, False), ("0", "30", False), ("900", None, True))
    two = _loan(("50", None, False), (None, None, False))
    assert span([one, two]) == Span(Decimal(50), Decimal(150), Decimal(30))
    assert span([_loan((None, None, False))]) is None


def test_the_span_in_words() -> None:
    assert span_words(None, "zh") == span_words((), "zh") == "尚未计算"
    assert span_words([_loan(("50", None, False))], "zh") == "大约 ¥50.00"
    both = span_words([_loan(("0", "30", False), ("5", None, False))], "en")
    assert (
        both == "between ¥0.00 and ¥5.00, depending on the assumption; you may have overpaid ¥30.00"
    )


def test_one_is_singular() -> None:
    assert say("n_files", "en", n=1) == "1 file"
    assert say("n_files", "en", n=2000) == "2,000 files"


def test_every_phrase_has_both_languages_and_the_same_gaps() -> None:
    for key, words in PHRASES.items():
        assert words.zh.strip(), key
        assert words.en.strip(), key
        gaps = [
            {part.split("}")[0] for part in text.split("{")[1:]} for text in (words.zh, words.en)
        ]
        assert gaps[0] == gaps[1], key
