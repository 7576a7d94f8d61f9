"""The whole page as it was last approved: a wanted change is read in the diff.

Rewritten when JIEDUN_GOLDEN=rewrite is set (`make golden`).
"""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jiedun.model.report import Report
from jiedun.present.report import render
from jiedun.present.screen import summary

GOLDEN = Path(__file__).parent / "golden"
EMPTY = Report("空文件夹", date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "0.1.0")


def _compare(name: str, made: str) -> None:
    path = GOLDEN / name
    if os.environ.get("JIEDUN_GOLDEN") == "rewrite":
        path.write_text(made, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == made, f"{name} differs: make golden, read the diff"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_golden_report(sample_report: Report, lang: str) -> None:
    _compare(f"report-{lang}.html", render(sample_report, lang))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_golden_empty_report(lang: str) -> None:
    _compare(f"empty-{lang}.html", render(EMPTY, lang))


def test_golden_report_without_findings(sample_report: Report) -> None:
    _compare("clean-zh.html", render(replace(sample_report, findings=(), loans=None), "zh"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_golden_screen(sample_report: Report, lang: str) -> None:
    _compare(f"screen-{lang}.txt", summary(sample_report, lang, 80) + "\n")
