"""A letter's content as plain values for the two renderers, every text made fit to be shown.

A character that cannot be seen, or that the fonts do not hold, is written as `〈U+1F600〉`, so that
nothing is lost and nothing shows as an empty box.
"""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

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
    Runs,
    Table,
)
from jiedun.present.escaping import visible

_BRACKETS = str.maketrans("⟨⟩", "〈〉")
FONTS = files("jiedun.present.letters").joinpath("fonts")


def shown(text: str) -> str:
    """`text` with every character either printable in the letters' fonts or named."""
    plain = visible(text).translate(_BRACKETS)
    return _outside().sub(lambda m: f"〈U+{ord(m.group()):04X}〉", plain)


def content(letter: Letter) -> dict[str, Any]:
    """Title, language and blocks as dictionaries of text."""
    return {
        "title": shown(letter.title),
        "lang": letter.lang,
        "blocks": [_block(block) for block in letter.blocks],
    }


@cache
def _outside() -> re.Pattern[str]:
    runs = json.loads(FONTS.joinpath("coverage.json").read_text("utf-8"))
    held = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in runs)
    return re.compile(f"[^\\n{held}]")


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"is": "heading", "level": block.level, "runs": _runs(block.runs)}
    if isinstance(block, Para):
        return {"is": "para", "style": block.style.value, "runs": _runs(block.runs)}
    if isinstance(block, Items):
        return {
            "is": "items",
            "ordered": block.ordered,
            "items": [_runs(item) for item in block.items],
        }
    if isinstance(block, Quote):
        text = shown(block.text) if block.text is not None else None
        return {"is": "quote", "label": shown(block.label), "text": text}
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Code):
        return {"is": "code", "text": block.text, "runs": _runs(block.caption)}
    assert isinstance(block, PageBreak)
    return {"is": "break"}


def _table(table: Table) -> dict[str, Any]:
    return {
        "is": "table",
        "header": [shown(head) for head in table.header],
        "rows": [[_runs(cell) for cell in row] for row in table.rows],
        "widths": list(table.widths),
    }


def _runs(runs: Runs) -> list[dict[str, str]]:
    return [{"t": _text(run), "k": run.kind.value} for run in runs]


def _text(run: Run) -> str:
    text = shown(run.text)
    return f"“{text}”" if run.kind is Kind.SAID else text
