"""Builds `skeleton.docx`, the document that docxtpl fills for every letter.

    python scripts/make_letter_skeleton.py

Edit the result with any word processor to change fonts or margins; the tags must stay.
"""

import re
import sys
import zipfile
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

OUT = Path(__file__).resolve().parents[1] / "src/jiedun/present/letters/skeleton.docx"
_SONG, _HEI = "宋体", "黑体"


def _font(style, name: str, size: float, bold: bool = False) -> None:
    style.font.name, style.font.size, style.font.bold = name, Pt(size), bold
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _styles(doc) -> None:
    _font(doc.styles["Normal"], _SONG, 10.5)
    doc.styles["Normal"].paragraph_format.space_after = Pt(6)
    doc.styles["Normal"].paragraph_format.line_spacing = 1.3
    for name, size in (("Title", 17), ("Heading 1", 12.5), ("Heading 2", 11)):
        _font(doc.styles[name], _HEI, size, True)
        doc.styles[name].font.color.rgb = RGBColor(0, 0, 0)
    for name, size in (("Quote", 9.5), ("Caption", 9)):
        _font(doc.styles[name], _SONG, size)
        doc.styles[name].font.italic = False
        doc.styles[name].font.color.rgb = RGBColor(0x33, 0x33, 0x33)
        doc.styles[name].paragraph_format.left_indent = Mm(5)


def _page_number(doc) -> None:
    para = doc.sections[0].footer.paragraphs[0]
    para.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = para.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


def _say(doc, text: str, style: str = "Normal", align=None):
    para = doc.add_paragraph(text, style=style)
    if align is not None:
        para.alignment = align
    return para


def _case(doc, condition: str) -> None:
    _say(doc, f"{{%p if {condition} %}}")


def _end(doc) -> None:
    _say(doc, "{%p endif %}")


def _table(doc) -> None:
    table = doc.add_table(rows=4, cols=3, style="Table Grid")
    table.autofit = False
    cells = [
        ["{%tc for h in b.header %}", "{{ h }}", "{%tc endfor %}"],
        ["{%tr for row in b.cells %}", "", ""],
        ["{%tc for c in row %}", "{{r c }}", "{%tc endfor %}"],
        ["{%tr endfor %}", "", ""],
    ]
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)
    head = table.rows[0]._tr.get_or_add_trPr()
    head.append(OxmlElement("w:tblHeader"))
    for run in table.rows[0].cells[1].paragraphs[0].runs:
        run.bold = True


def _body(doc) -> None:
    _say(doc, "{{ title }}", "Title", WD_ALIGN_PARAGRAPH.CENTER)
    _say(doc, "{%p for b in blocks %}")
    for level in (1, 2):
        _case(doc, f"b.is == 'heading' and b.level == {level}")
        _say(doc, "{{r b.rich }}", f"Heading {level}")
        _end(doc)
    for style, name, align in (
        ("body", "Normal", None),
        ("right", "Normal", WD_ALIGN_PARAGRAPH.RIGHT),
        ("center", "Normal", WD_ALIGN_PARAGRAPH.CENTER),
        ("note", "Caption", None),
        ("warning", "Intense Quote", None),
    ):
        _case(doc, f"b.is == 'para' and b.style == '{style}'")
        _say(doc, "{{r b.rich }}", name, align)
        _end(doc)
    _case(doc, "b.is == 'items'")
    _say(doc, "{%p for i in b.rich %}")
    _say(doc, "{{r i }}").paragraph_format.left_indent = Mm(4)
    _say(doc, "{%p endfor %}")
    _end(doc)
    _case(doc, "b.is == 'quote'")
    _say(doc, "{{ b.label }}", "Quote").runs[0].bold = True
    _say(doc, "{%p for line in b.lines %}")
    _say(doc, "{{ line }}", "Quote")
    _say(doc, "{%p endfor %}")
    _end(doc)
    _case(doc, "b.is == 'table'")
    _table(doc)
    _say(doc, "")
    _end(doc)
    _case(doc, "b.is == 'code'")
    _say(doc, "{{ b.image }}")
    _say(doc, "{{r b.rich }}", "Caption")
    _end(doc)
    _case(doc, "b.is == 'break'")
    _say(doc, "").paragraph_format.page_break_before = True
    _end(doc)
    _say(doc, "{%p endfor %}")


def _constant(data: bytes) -> bytes:
    """The same archive with fixed times, so that a rebuild changes nothing."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in sorted(old.namelist()):
            text = old.read(name)
            if name == "docProps/core.xml":
                text = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-01T00:00:00Z", text)
                text = text.replace(b"python-docx", b"jiedun")
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def main() -> int:
    """0 done."""
    doc = Document()
    section = doc.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(22)
    _styles(doc)
    _page_number(doc)
    _body(doc)
    out = BytesIO()
    doc.save(out)
    OUT.write_bytes(_constant(out.getvalue()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
