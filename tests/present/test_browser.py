"""The page in a real browser, where one is on the machine: nothing runs, it prints."""

import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jiedun.model.finding import Finding, Force
from jiedun.model.report import Report, TimelineRow
from jiedun.present.report import render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def _browse(page: Path, *flags: str) -> str:
    assert CHROMIUM is not None
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               f"--user-data-dir={page.parent / 'profile'}", *flags, page.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


@pytest.fixture(name="page")
def _page(
    tmp_path: Path,
    sample_report: Report,
    make_sms: Callable[..., TimelineRow],
    make_finding: Callable[..., Finding],
) -> Path:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    row = make_sms(99, "2026-03-02 23:00:00", EVIL)
    found = make_finding("f-9", "abuse", Force.LAW, "2026-03-02 23:00:00", items=(row.ref,))
    report = replace(
        sample_report,
        timeline=(*sample_report.timeline, row),
        findings=(*sample_report.findings, found),
    )
    path = tmp_path / "report.html"
    path.write_text(render(report, "zh"), encoding="utf-8")
    return path


def test_evidence_does_not_run(page: Path) -> None:
    dom = _browse(page, "--dump-dom")
    assert "<title>林溪的借款 · 借盾报告</title>" in dom
    assert "&lt;script&gt;" in dom
    assert "<script" not in dom


def test_it_prints(page: Path) -> None:
    out = page.with_suffix(".pdf")
    _browse(page, "--no-pdf-header-footer", f"--print-to-pdf={out}")
    assert out.read_bytes().startswith(b"%PDF")


def test_it_shows_on_a_phone(page: Path) -> None:
    out = page.with_suffix(".png")
    _browse(page, "--window-size=500,900", f"--screenshot={out}")
    width, height = struct.unpack(">II", out.read_bytes()[16:24])
    assert (width, height) == (500, 900)
