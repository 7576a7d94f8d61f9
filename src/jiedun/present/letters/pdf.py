"""A letter as PDF, by typst: the content goes in as JSON data, never as markup."""

import json
import re
from datetime import datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from jiedun.model.letter import Letter
from jiedun.present.letters.content import content
from jiedun.present.letters.qr import svg

_LONG = re.compile(r"[!-~]{17,}")
_TEMPLATE = files("jiedun.present.letters").joinpath("letter.typ")


def pdf(letter: Letter, at: datetime) -> bytes:
    """The letter as PDF 1.7 with embedded fonts; the same bytes for the same letter and instant."""
    import typst

    data = content(letter)
    for block in data["blocks"]:
        if block["is"] == "code":
            block["svg"] = svg(block["text"])
    text = json.dumps(_breakable(data), ensure_ascii=False)
    with as_file(_TEMPLATE) as template:
        made = typst.compile(
            template,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": text},
            timestamp=int(at.timestamp()),
        )
    if not isinstance(made, bytes):
        raise TypeError("typst gave no document")
    return made


@cache
def _fonts() -> Any:
    import typst

    with as_file(files("jiedun.present.letters").joinpath("fonts")) as folder:
        return typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]
        )


def _breakable(value: Any) -> Any:
    """The content with a place to break inside every long word, so that none leaves its cell."""
    if isinstance(value, list):
        return [_breakable(v) for v in value]
    if isinstance(value, dict):
        keep = ("is", "k", "svg", "style", "lang")
        return {k: v if k in keep else _breakable(v) for k, v in value.items()}
    if isinstance(value, str):
        return _LONG.sub(lambda m: "\u200b".join(_cut(m.group())), value)
    return value


def _cut(word: str) -> list[str]:
    return [word[n : n + 8] for n in range(0, len(word), 8)]
