"""The register: what every instrument must say, and what the violations page may cite."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from jiedun import law
from jiedun.errors import LawError
from jiedun.law._data import DATA
from jiedun.model.finding import Force

ACTS = law.instruments()
CONFIDENCE = {"high", "medium-high", "medium", "low", "unknown"}
PRIVATE = ("ji-private-lending", "ji-private-lending-2015", "ji-private-lending-2020-08")


def test_ids_are_unique() -> None:
    loaded = yaml.safe_load((DATA / "instruments.yaml").read_text(encoding="utf-8"))
    ids = [row["id"] for row in loaded["instruments"]]
    assert len(ids) == len(set(ids)) == len(ACTS)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.id)
def test_each_instrument_is_whole(act: law.Instrument) -> None:
    assert act.title.zh
    assert act.title.en
    assert act.source
    assert act.binds
    assert act.confidence in CONFIDENCE
    assert act.held in {"full", "excerpt", "none"}
    assert act.effective_from or act.note
    days = [d for d in (act.first_in_force, act.text_from, act.text_to or act.effective_to) if d]
    assert days == sorted(days)
    if act.superseded_by:
        assert law.instrument(act.superseded_by).id == act.superseded_by
    if act.force is Force.SELF_DISCIPLINE:
        assert act.members


def test_dates_in_article_dates_are_within_their_instrument() -> None:
    with (DATA / "article_dates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["article"] for row in rows} == set(law.article_numbers("criminal-law"))
    assert all(row["basis"] for row in rows)


@pytest.mark.parametrize(
    ("act", "force"),
    [
        ("criminal-law", Force.CRIMINAL_LAW),
        ("criminal-law-amendment-11", Force.CRIMINAL_LAW),
        ("civil-code", Force.LAW),
        ("pipl", Force.LAW),
        ("credit-bureau-regs", Force.REGULATION),
        ("samr-complaints-2022", Force.REGULATION),
        ("cfc-2024", Force.REGULATION),
        ("ji-private-lending", Force.JUDICIAL_INTERPRETATION),
        ("npcsc-interp-credit-card", Force.JUDICIAL_INTERPRETATION),
        ("spc-22-2017", Force.JUDICIAL_POLICY),
        ("gbt-45251-2025", Force.STANDARD),
        ("jrt-0171-2020", Force.STANDARD),
        ("nifa-pact-2018", Force.SELF_DISCIPLINE),
        ("cba-guide-2026", Force.SELF_DISCIPLINE),
    ],
)
def test_force(act: str, force: Force) -> None:
    assert law.instrument(act).force is force


@pytest.mark.parametrize("act", PRIVATE)
@pytest.mark.parametrize("lender", ["bank", "consumer_finance", "micro_loan"])
def test_private_lending_rules_bind_no_licensed_lender(act: str, lender: str) -> None:
    assert not law.instrument(act).binds_lender(lender)
    assert law.instrument(act).binds_lender("private")


def test_hours_have_no_rule_before_the_guide() -> None:
    guide, standard = law.instrument("nifa-guide-2024"), law.instrument("gbt-45251-2025")
    assert guide.in_force(date(2024, 5, 14)) is False
    assert guide.in_force(date(2025, 2, 27)) is True
    assert guide.in_force(date(2025, 2, 28)) is False
    assert standard.in_force(date(2025, 2, 27)) is False
    assert standard.in_force(date(2025, 2, 28)) is True


def test_no_draft_is_an_instrument() -> None:
    for draft in ("app-draft-2026", "large-handler-draft-2026", "anti-online-violence-draft-2026"):
        with pytest.raises(LawError, match="draft is not law"):
            law.instrument(draft)


def test_everything_the_violations_page_cites_is_registered(shared: Path) -> None:
    with (shared / "law/violations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {act.id for act in ACTS}
    for row in rows:
        for part in row["primary_provisions"].split(";"):
            cited = re.match(r"\s*([a-z][a-z0-9-]*)", part)
            assert cited is None or cited[1] in known, part


@pytest.mark.parametrize(
    ("text", "on", "id_"),
    [
        ("pipl", "2026-01-01", "pipl"),
        ("民法典", "2026-01-01", "civil-code"),
        ("《中华人民共和国民法典》", "2026-01-01", "civil-code"),
        ("刑法", "2026-01-01", "criminal-law"),
        ("网络安全法", "2025-06-01", "csl-2016"),
        ("网络安全法", "2026-06-01", "csl"),
        ("治安管理处罚法", "2025-12-31", "public-security-penalties-2012"),
        ("治安管理处罚法", "2026-01-01", "public-security-penalties"),
        ("网络安全法（2016）", "2026-06-01", "csl-2016"),
        ("《网络安全法（2016）》", "2026-06-01", "csl-2016"),
        (
            "最高人民法院关于审理民间借贷案件适用法律若干问题的规定",
            "2020-09-01",
            "ji-private-lending-2020-08",
        ),
        (
            "最高人民法院关于审理民间借贷案件适用法律若干问题的规定(2015)",
            "2026-01-01",
            "ji-private-lending-2015",
        ),
    ],
)
def test_an_instrument_is_found_by_its_title(text: str, on: str, id_: str) -> None:
    assert law.named(text, date.fromisoformat(on)).id == id_


@pytest.mark.parametrize(
    "text",
    [
        "若干问题",
        "个人信息保护",
        "没有这部法",
        "法",
        "",
        "(2016)",
        "治安管理处罚法（2012修正）",
        "刑法修正案（八）",
        "刑法修正案",
        "民法典（草案）",
        "刑法第三百一十三条",
        "民法典合同编",
        "诉讼法",
        "公告",
    ],
)
def test_a_title_that_names_none_or_several_is_refused(text: str) -> None:
    with pytest.raises(LawError):
        law.named(text, date(2026, 1, 1))
