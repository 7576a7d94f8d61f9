"""DOCX and PDF of letters: both hold every word, nothing in them executes, nothing overflows."""

import io
import re
import zipfile
from datetime import UTC, date, datetime
from functools import cache

import docx as python_docx
import pytest
from pypdf import PdfReader

from jiedun.model.finding import Cite, Force
from jiedun.model.letter import (
    Block,
    Code,
    Heading,
    Items,
    Kind,
    Letter,
    PageBreak,
    Para,
    Quote,
    Run,
    Style,
    Table,
)
from jiedun.model.text import Words
from jiedun.present.letters import docx, pdf
from jiedun.present.letters.content import content, shown

AT = datetime(2026, 11, 20, tzinfo=UTC)
HOSTILE = (
    "{{ 7*7 }}",
    "{_{ 7*7 }_} {_% x %_}", "{% for x in y %}", "{{ ''.__class__.__mro__ }}", '#eval("1+1")', "#import \"x.typ\"",
    "$ x^2 $", "*粗* _斜_ `码` @ref <label>", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)",
    "{ MERGEFIELD x }", "</w:t></w:r><w:fldSimple w:instr=\"DDE c:\\\\x\"/>", "\\\\host\\x.dotm",
    "]]>", "<!ENTITY x SYSTEM \"file:///etc/passwd\">", "&lt;&amp;", "\u202e倒写", "\ud800", "\x00\x08",
    "😀🦊", "﷽", "第一行\n第二行\t列", "a" * 300, "https://example.test/" + "x" * 200,
)  # fmt: skip
LONG = "阿卜杜热合曼" * 6 + "甲乙丙丁"  # forty characters


def _cite() -> Cite:
    return Cite("pipl", "10", Force.LAW, None, "条文", True, Words("法", "Law"))


def _letter(*texts: str, rows: int = 3) -> Letter:
    cells = [texts[n % len(texts)] if texts else "" for n in range(rows)]
    table = tuple(
        (
            (Run(str(n)),),
            (Run(text, Kind.SAID, "sms.xml#1"),),
            (Run(f"〔证据{n}〕", Kind.EVIDENCE, "sms.xml#1"),),
        )
        for n, text in enumerate(cells, start=1)
    )
    blocks: tuple[Block, ...] = (
        Heading((Run(texts[0] if texts else "一、事实"),)),
        *(Para((Run(text, Kind.GIVEN), Run("姓名", Kind.BLANK)), style)
          for text in texts for style in (Style.BODY, Style.NOTE, Style.WARNING)),
        Items(tuple((Run(text),) for text in texts) or ((Run("无"),),)),
        Quote("《法》第十条", "第一款\n第二款", _cite(), date(2026, 1, 1)),
        Quote("《标准》（待核实，未引原文）", None, _cite(), date(2026, 1, 1)),
        Para((Run("合计"), Run("99,999,999.99元", Kind.FIGURE, "k")), Style.RIGHT),
        Table(("序号", "内容", "证据"), table, (10, 60, 30)),
        PageBreak(),
        Code("JIEDUN-SEAL-1\nroot=ab", (Run("封存包的根"),)),
    )  # fmt: skip
    return Letter("test", "test", "zh", texts[0] if texts else "投诉书", blocks)


@cache
def _pdf_words(letter: Letter) -> tuple[str, int]:
    reader = PdfReader(io.BytesIO(pdf(letter, AT)))
    text = "".join(page.extract_text() for page in reader.pages)
    return _squeezed(text), len(reader.pages)


def _docx_words(letter: Letter) -> str:
    document = python_docx.Document(io.BytesIO(docx(letter)))
    parts = [p.text for p in document.paragraphs]
    parts += [cell.text for t in document.tables for row in t.rows for cell in row.cells]
    return _squeezed("".join(parts))


def _squeezed(text: str) -> str:
    return re.sub(r"\s|\u200b", "", text)


def _words(letter: Letter) -> list[str]:
    """Every text of the content, as it must be found in both files."""
    found: list[str] = []

    def walk(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, name)
        elif isinstance(value, list):
            for inner in value:
                walk(inner, key)
        elif isinstance(value, str) and key in ("t", "label", "title", "header"):
            found.append(_squeezed(value))

    walk(content(letter))
    return [word for word in found if word]


@pytest.mark.parametrize("text", HOSTILE)
def test_both_files_show_hostile_text_as_text(text: str) -> None:
    letter = _letter(text)
    told = _docx_words(letter)
    printed, _ = _pdf_words(letter)
    for word in _words(letter):
        assert word in told
        assert word in printed


def test_docx_holds_no_code_but_the_page_number() -> None:
    data = docx(_letter(*HOSTILE))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        parts = {
            n: archive.read(n).decode("utf-8", "replace")
            for n in names
            if n.endswith(("xml", "rels"))
        }
    instructions = [
        i for xml in parts.values() for i in re.findall(r"<w:instrText[^>]*>(.*?)<", xml)
    ]
    assert instructions == ["PAGE"]
    joined = "".join(parts.values())
    assert "fldSimple w:instr" not in joined.replace("&lt;w:fldSimple w:instr", "")
    assert 'TargetMode="External"' not in joined
    assert not any(n.endswith((".bin", ".vba", ".dotm")) or "vba" in n.lower() for n in names)
    assert "49" not in re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", parts["word/document.xml"])


def test_pdf_holds_no_action_and_embeds_its_fonts() -> None:
    reader = PdfReader(io.BytesIO(pdf(_letter(*HOSTILE), AT)))
    raw = str(reader.trailer["/Root"])
    assert "/OpenAction" not in raw and "/JavaScript" not in raw and "/AA" not in raw
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            described = inner["/FontDescriptor"]
            assert "/FontFile3" in described or "/FontFile2" in described
            assert "CJKsc" in str(inner["/BaseFont"]) or "CJK" in str(inner["/BaseFont"])


def test_no_glyph_is_missing() -> None:
    everything = "".join(map(chr, range(0x20, 0x3100))) + "龘靐㐀𠮷あ한ไ🇨🇳"
    printed = shown(everything)
    assert "龘" in printed and "あ" in printed
    assert "〈U+20BB7〉" in printed and "〈U+3400〉" in printed and "〈U+D55C〉" in printed
    words, _ = _pdf_words(_letter("龘靐（）“”《》〔〕、。…—☐¥±×÷①Ⅳあア"))
    assert "\ufffd" not in words and "龘靐（）“”《》〔〕" in words


@pytest.mark.parametrize("rows", [0, 1, 300])
def test_any_number_of_evidence_rows(rows: int) -> None:
    letter = _letter("再不还就去你家里", rows=rows)
    printed, pages = _pdf_words(letter)
    assert printed.count("再不还就去你家里") >= rows
    assert _docx_words(letter).count("〔证据") == rows
    assert pages >= 1 + rows // 60


@pytest.mark.parametrize("text", [LONG, "9" * 400, "https://" + "a.b/" * 90, "字" * 2000])
def test_nothing_leaves_the_page(text: str) -> None:
    reader = PdfReader(io.BytesIO(pdf(_letter(text), AT)))
    for page in reader.pages:
        width = float(page.mediabox.width)

        def inside(part: str, _cm: object, tm: list[float], _font: object, size: float) -> None:
            if part.strip():
                wide = sum(size * (1.0 if ord(c) > 0x2E7F else 0.55) for c in part.strip())
                assert tm[4] + wide <= width - 30  # noqa: B023

        page.extract_text(visitor_text=inside)


def test_same_letter_same_bytes() -> None:
    letter = _letter("甲", LONG)
    assert pdf(letter, AT) == pdf(letter, AT)
    assert content(letter) == content(letter)


def test_empty_letter_is_still_a_document() -> None:
    letter = Letter("x", "x", "en", "Empty", ())
    assert PdfReader(io.BytesIO(pdf(letter, AT))).pages
    assert "Empty" in _docx_words(letter)
