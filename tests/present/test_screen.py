"""The screen summary: few lines, right width, no control characters."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from jiedun.model.evidence import Problem
from jiedun.model.finding import Finding, Force
from jiedun.model.report import Report, Step
from jiedun.model.text import Words
from jiedun.present.screen import columns, fit, summary
from jiedun.present.words import VIOLATION


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("还钱", 4),
        ("e\u0301", 1),
        ("，", 2),
        ("●", 1),
        ("👍", 2),
        ("a\u200db", 2),
        ("", 0),
    ],
)
def test_columns_count_wide_characters_double(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "width", "cut"), [("还钱", 4, "还钱"), ("还钱吧", 5, "还钱…"), ("还钱吧", 4, "还…")]
)
def test_fit_cuts_at_columns(text: str, width: int, cut: str) -> None:
    assert fit(text, width) == cut


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_summary_fits(
    sample_report: Report, make_finding: Callable[..., Finding], lang: str, width: int
) -> None:
    every = tuple(make_finding(v, v, Force.LAW, "2026-01-01 10:00:00") for v in VIOLATION)
    steps = (Step(Words("做" * 90, "do " * 60), Words("", "")),) * 5
    long = replace(sample_report, findings=every, steps=steps, case="案" * 200)
    lines = summary(long, lang, width).splitlines()
    assert len(lines) <= 24
    assert max(map(columns, lines)) <= width


def test_the_summary_says_what_matters(sample_report: Report) -> None:
    text = summary(sample_report, "zh", 80)
    for said in ("3 个文件", "7 类情况", "很可能违反法律", "提示，不是违规认定", "¥2,900.00", "calls.csv#17",
                 "把恐吓短信截图", "林溪.jiedun/report.html", "不是法律意见"):  # fmt: skip
        assert said in text


def test_nothing_found_is_no_all_clear(sample_report: Report) -> None:
    assert "不等于没有发生" in summary(replace(sample_report, findings=()), "zh", 80)
    assert "尚未计算" in summary(replace(sample_report, loans=None), "zh", 80)


def test_a_terminal_is_not_steered(sample_report: Report) -> None:
    evil = "\x1b]0;x\x07\x1b[2J\u202e\ud83d\n\r行"
    report = replace(
        sample_report,
        case=evil,
        saved_as=evil,
        problems=(Problem(evil, evil, "c", Words(evil, evil)),),
    )
    text = summary(report, "zh", 120)
    text.encode("utf-8")
    assert not set("\x1b\x07\r\u202e") & set(text)
    assert len(text.splitlines()) <= 24
