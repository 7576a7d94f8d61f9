"""A letter as DOCX that a person can edit, by docxtpl: data fill a skeleton, nothing is evaluated."""

import re
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from jiedun.model.letter import Letter
from jiedun.present.letters.content import content
from jiedun.present.letters.qr import png

_SKELETON = files("jiedun.present.letters").joinpath("skeleton.docx")
# docxtpl turns these marks into braces after filling; a run's end between them keeps them as written
_REWRITTEN = re.compile(r"(?<=\{_)(?=[{%])|(?<=[}%]_)(?=\})")
_LINE = 9000  # the width of the text in twentieths of a point
_STYLE: dict[str, dict[str, Any]] = {
    "strong": {"bold": True},
    "figure": {"bold": True},
    "evidence": {"color": "1D4F91", "size": 18},
    "blank": {"color": "555555"},
}


def docx(letter: Letter) -> bytes:
    """The letter as an Office Open XML document."""
    from docxtpl import DocxTemplate

    data = content(letter)
    template = DocxTemplate(BytesIO(_skeleton()))
    blocks = [_fill(block, template) for block in data["blocks"]]
    context = {"title": data["title"], "blocks": blocks, "lang": data["lang"]}
    template.render(context, jinja_env=_environment())
    widths = [b["widths"] for b in data["blocks"] if b["is"] == "table"]
    _set_widths(template.docx, widths)
    out = BytesIO()
    template.save(out)
    return out.getvalue()


@cache
def _environment() -> Any:
    """An escaping, sandboxed template environment that compiles each part of the skeleton once."""
    from jinja2.sandbox import SandboxedEnvironment

    compiled: dict[str, Any] = {}

    class _Compiling(SandboxedEnvironment):
        def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Any:
            if source not in compiled:
                compiled[source] = super().from_string(source, *args, **kwargs)
            return compiled[source]

    return _Compiling(autoescape=True)


@cache
def _skeleton() -> bytes:
    return _SKELETON.read_bytes()


def _fill(block: dict[str, Any], template: Any) -> dict[str, Any]:
    kind = block["is"]
    if kind in ("heading", "para"):
        return {**block, "rich": _rich(block["runs"])}
    if kind == "items":
        marks = [f"{n}. " if block["ordered"] else "· " for n in range(1, len(block["items"]) + 1)]
        rich = [
            _rich([{"t": mark, "k": "plain"}, *item])
            for mark, item in zip(marks, block["items"], strict=True)
        ]
        return {**block, "rich": rich}
    if kind == "quote":
        return {**block, "lines": (block["text"] or "").split("\n") if block["text"] else []}
    if kind == "table":
        return {**block, "cells": [[_rich(cell) for cell in row] for row in block["rows"]]}
    if kind == "code":
        return {**block, "rich": _rich(block["runs"]), "image": _image(block["text"], template)}
    return block


def _image(text: str, template: Any) -> Any:
    from docx.shared import Mm
    from docxtpl import InlineImage

    return InlineImage(template, BytesIO(png(text)), width=Mm(32))


def _rich(runs: list[dict[str, str]]) -> Any:
    from docxtpl import RichText

    rich = RichText()
    for run in runs:
        text = f"________（{run['t']}）" if run["k"] == "blank" else run["t"]
        for part in _REWRITTEN.split(text):
            rich.add(part, **_STYLE.get(run["k"], {}))
    return rich if runs else RichText("")


def _set_widths(document: Any, widths: list[list[int]]) -> None:
    """Nothing; gives every table the widths of its content and repeats its first row on each page."""
    from docx.oxml.ns import qn

    for table, shares in zip(document.tables, widths, strict=True):
        total = sum(shares)
        twips = [str(_LINE * share // total) for share in shares]
        for column, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), twips, strict=False):
            column.set(qn("w:w"), width)
        for row in table._tbl.tr_lst:
            for cell, width in zip(row.tc_lst, twips, strict=False):
                cell.get_or_add_tcPr().get_or_add_tcW().set(qn("w:w"), width)
