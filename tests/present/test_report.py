"""The page: evidence stays text, nothing runs, nothing is fetched, every word has its force."""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from jiedun.model.evidence import FileEntry, ItemRef, Problem
from jiedun.model.finding import Certainty, Cite, Finding, Force
from jiedun.model.party import Role, Source
from jiedun.model.report import LoanReport, Report, ReportParty, Step, TimelineRow
from jiedun.model.text import Words
from jiedun.present import charts
from jiedun.present.report import render, warm

VOID = {"meta", "input", "br", "link", "img", "hr", "path", "line", "rect"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "=cmd|' /C calc'!A0",
    "{{7*7}} {% raw %} ${7*7}",
    "</blockquote></main></style><!--",
    "<!--chart:hours-->",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "a\x00b\x1b[31m\ufffe",
    "\ud83d 半个表情",
    "]]>&lt;&#60;",
]


class Page(HTMLParser):
    """What a browser would see: elements with attributes, text, ids, anchors."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def values(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.elements if name in attrs]


def empty(**changes: object) -> Report:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return replace(Report("空", date(2026, 1, 1), made, "0.1.0"), **changes)  # type: ignore[arg-type]


def hostile(
    text: str, base: Report, make_sms: Callable[..., TimelineRow], make: Callable[..., Finding]
) -> Report:
    ref = ItemRef(f"夹{text}.xml", 1)
    said = Words(text, text)
    row = make_sms(1, "2026-03-02 22:44:02", text, ref=ref, who=said, phone=said, creditor=text)
    cite = Cite(text, text, Force.LAW, None, text, True, said, text, text)
    found = make("f<1>", text, Force.LAW, "2026-03-02 22:44:02", items=(ref,), title=said, cites=(cite,),
                 explanation=said, would_settle=(said,), exceptions=(said,))  # fmt: skip
    loan = replace((base.loans or ())[0], title=said, notes=(said,))
    loan = replace(loan, balances=tuple(replace(s, label=said, id=text) for s in loan.balances))
    flows = tuple(replace(f, label=said, parts=tuple(replace(p, label=said, id=text) for p in f.parts))
                  for f in loan.flows)  # fmt: skip
    return replace(
        base,
        case=text,
        version=text,
        timeline=(row,),
        findings=(found,),
        loans=(replace(loan, flows=flows),),
        files=(FileEntry(text, text, 1, text, text, text, 1), FileEntry(text, text, 1, text)),
        problems=(Problem(text, text, text, said, said),),
        parties=(ReportParty(text, Role.UNKNOWN, Source.PROPOSED, text, text, None, said),),
        steps=(Step(said, said, channel=said),),
        notices=(said,),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_evidence_is_shown_as_text(
    text: str,
    sample_report: Report,
    make_sms: Callable[..., TimelineRow],
    make_finding: Callable[..., Finding],
) -> None:
    plain = Page(render(hostile("寻常", sample_report, make_sms, make_finding), "zh"))
    html = render(hostile(text, sample_report, make_sms, make_finding), "zh")
    page = Page(html)
    html.encode("utf-8")
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert not [n for _, attrs in page.elements for n in attrs if n.startswith("on")]
    assert page.text.count("寻常") == 0
    if text.isprintable():
        assert page.text.count(text) >= plain.text.count("寻常")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_runs_and_nothing_is_fetched(sample_report: Report, lang: str) -> None:
    page = Page(render(sample_report, lang))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {
        "script",
        "iframe",
        "object",
        "embed",
        "link",
        "form",
        "base",
        "img",
        "image",
    }
    assert not [n for _, attrs in page.elements for n in attrs if n.startswith("on")]
    assert all(link.startswith("#") for link in page.values("href"))
    assert not page.values("src")
    policy = page.values("content")
    assert any(
        p.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:") for p in policy
    )
    assert "url(" not in render(sample_report, lang)
    assert "@import" not in render(sample_report, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_can_be_walked_without_sight(sample_report: Report, lang: str) -> None:
    page = Page(render(sample_report, lang))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = {link[1:] for link in page.values("href")} | set(page.values("for"))
    assert targets <= set(ids)
    assert page.elements[0] == ("html", {"lang": "zh-CN" if lang == "zh" else "en"})
    levels = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all("scope" in attrs for tag, attrs in page.elements if tag == "th")
    drawings = [attrs for tag, attrs in page.elements if tag == "svg"]
    assert len(drawings) == 4
    for attrs in drawings:
        assert attrs["role"] == "img"
        assert set((attrs["aria-labelledby"] or "").split()) <= set(ids)


def test_the_sections_say_what_they_must(sample_report: Report) -> None:
    text = Page(render(sample_report, "zh")).text
    for said in (
        "自然人享有隐私权。任何组织或者个人不得以刺探",  # a quote, verbatim
        "待核实",
        "很可能违反法律",
        "可能不符合自律规范",
        "提示，不是违规认定",
        "大约 ¥2,900.00 到 ¥3,512.33",
        "仅作对照",
        "a1" * 32,
        "calls.csv#17",
        "12378",
        "95000,lender,云海小贷,",
        "不是法律意见",
        "程序推定，请您确认",
        "parties.csv 第 3 行",
    ):
        assert said in text


@pytest.mark.parametrize("force", Force)
@pytest.mark.parametrize("sure", Certainty)
def test_each_force_in_its_words(
    force: Force, sure: Certainty, make_finding: Callable[..., Finding]
) -> None:
    found = make_finding("f", "abuse", force, "2025-12-01 10:00:00", certainty=sure)
    text = Page(render(empty(findings=(found,)), "zh")).text
    body = text[text.index("看到了什么") : text.rindex("关于这份报告")]
    breaches = {Force.LAW, Force.REGULATION, Force.JUDICIAL_INTERPRETATION}
    assert ("违反" in body) == (force in breaches)
    assert ("涉嫌触犯刑法，由公安机关认定" in body) == (force is Force.CRIMINAL_LAW)


def test_an_unverified_quote_is_never_shown(make_finding: Callable[..., Finding]) -> None:
    cite = Cite("x", "5", Force.LAW, None, "没有核对过的文字", False, Words("某规定", "some rule"))
    found = make_finding("f", "abuse", Force.LAW, "2025-12-01 10:00:00", cites=(cite,))
    text = Page(render(empty(findings=(found,)), "zh")).text
    assert "没有核对过的文字" not in text
    assert "某规定 第5条" in text
    assert "这一条的原文还没有核对" in text


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "文件夹里没有能读的记录"), ("en", "Nothing in the folder")]
)
def test_an_empty_report_says_so(lang: str, said: str) -> None:
    text = Page(render(empty(), lang)).text
    assert said in text


def test_no_findings_are_no_all_clear(sample_report: Report) -> None:
    text = Page(render(replace(sample_report, findings=()), "zh")).text
    assert "不等于事情没有发生" in text
    assert "违反" not in text


@pytest.mark.parametrize(("loans", "said"), [(None, "这份报告还没有算钱"), ((), "没有借款资料")])
def test_sums_not_computed_are_said_so(loans: tuple[LoanReport, ...] | None, said: str) -> None:
    text = Page(render(empty(loans=loans), "zh")).text
    assert said in text
    assert "尚未计算" in text


def test_marks_show_the_words_that_decided(make_sms: Callable[..., TimelineRow],
                                           make_finding: Callable[..., Finding]) -> None:  # fmt: skip
    row = make_sms(1, "2025-12-01 10:00:00", "还钱，不然去你家", marks=((5, 8), (3, 6), (90, 99)))
    found = make_finding("f", "threat", Force.LAW, "2025-12-01 10:00:00", items=(row.ref,))
    html = render(empty(timeline=(row,), findings=(found,)), "zh")
    assert "还钱，<mark>不然去</mark><mark>你家</mark>" in html


def test_a_chart_that_cannot_be_drawn_does_not_stop_the_report(
    sample_report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(chart: charts.Chart) -> str:
        raise ValueError(chart.id)

    monkeypatch.setattr(charts, "draw", refuse)
    text = Page(render(sample_report, "zh")).text
    assert text.count("这张图没有画出来") == 4
    assert "不是法律意见" in text


@pytest.mark.parametrize(
    ("article", "paragraph", "zh", "en"),
    [
        ("50", "1", "第50条第1款", "article 50, paragraph 1"),
        ("293-1", None, "第293条之1", "article 293-1"),
        ("5.3", None, "第5.3条", "article 5.3"),
        (None, None, "法", "law"),
    ],
)
def test_clauses_are_named(
    make_finding: Callable[..., Finding],
    article: str | None,
    paragraph: str | None,
    zh: str,
    en: str,
) -> None:
    cite = Cite("x", article, Force.LAW, None, None, False, Words("某法", "some law"), paragraph)
    found = make_finding("f", "abuse", Force.LAW, "2025-12-01 10:00:00", cites=(cite,))
    assert zh in Page(render(empty(findings=(found,)), "zh")).text
    assert en in Page(render(empty(findings=(found,)), "en")).text


def test_a_long_case_stays_small_and_quick(large_report: Report) -> None:
    took = []
    for _ in range(3):
        begun = time.process_time()
        html = render(large_report, "zh")
        took.append(time.process_time() - begun)
    assert len(html.encode()) < 3_000_000
    assert "20,000" in html
    assert min(took) < 2.5  # seconds of CPU on a machine that others use; bench/present.py measures


def test_a_case_where_everything_is_found_stays_small(
    large_report: Report, make_finding: Callable[..., Finding]
) -> None:
    every = tuple(
        make_finding(f"f{n}", "abuse", Force.LAW, str(row.at)[:19], items=(row.ref,))
        for n, row in enumerate(large_report.timeline)
    )
    html = render(replace(large_report, findings=every), "zh")
    assert len(html.encode()) < 3_000_000
    assert "另有 29,992 处同类情况" in html


def test_a_warmed_engine_draws_the_same(sample_report: Report) -> None:
    before = render(sample_report, "zh")
    warm()
    assert render(sample_report, "zh") == before
