"""A letter as content, before any format: paragraphs, tables, quotes, evidence, blanks to fill.

DOCX and PDF are made from one `Letter`; tests check this object and then that both formats hold it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jiedun.model.finding import Cite


class Kind(StrEnum):
    """What a run of text is, which decides how it looks and how it is checked."""

    PLAIN = "plain"
    STRONG = "strong"
    BLANK = "blank"  # text names what to fill in by hand
    EVIDENCE = "evidence"  # ref is the item's locator
    FIGURE = "figure"  # ref says which sum of the ledger this is
    CLAUSE = "clause"  # ref is `instrument#article@date`
    SAID = "said"  # words taken from evidence; ref is the item's locator
    GIVEN = "given"  # what the person wrote in the form, or a name of the case


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one kind."""

    text: str
    kind: Kind = Kind.PLAIN
    ref: str = ""


Runs = tuple[Run, ...]


class Style(StrEnum):
    """How a paragraph stands on the page."""

    BODY = "body"
    RIGHT = "right"
    CENTER = "center"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 or 2."""

    runs: Runs
    level: int = 1


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph. `fact` marks a statement of what happened: it must name its evidence."""

    runs: Runs
    style: Style = Style.BODY
    fact: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list; numbered where `ordered`."""

    items: tuple[Runs, ...]
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class Quote:
    """A clause: `text` verbatim as in force on `on`, or None where its text is not held (待核实)."""

    label: str
    text: str | None
    cite: Cite
    on: date


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `widths` are shares of the line. `facts` as for `Para`, row by row."""

    header: tuple[str, ...]
    rows: tuple[tuple[Runs, ...], ...]
    widths: tuple[int, ...]
    facts: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of `text` with a caption."""

    text: str
    caption: Runs


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The annex begins on a new page."""


Block = Heading | Para | Items | Quote | Table | Code | PageBreak


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter in one language; `name` is what its file is called, without extension."""

    id: str
    name: str
    lang: str
    title: str
    blocks: tuple[Block, ...]


def runs_of(block: Block) -> tuple[Run, ...]:
    """Every run of a block, in the order it is read."""
    if isinstance(block, Heading | Para):
        return block.runs
    if isinstance(block, Items):
        return tuple(run for item in block.items for run in item)
    if isinstance(block, Table):
        return tuple(run for row in block.rows for cell in row for run in cell)
    return block.caption if isinstance(block, Code) else ()


def text_of(letter: Letter) -> str:
    """Everything a letter says, one block or table row a line; for tests and for searching."""
    lines = [letter.title]
    for block in letter.blocks:
        if isinstance(block, Quote):
            lines += [block.label, block.text or ""]
        elif isinstance(block, Table):
            lines.append(" | ".join(block.header))
            lines += [" | ".join(map(_joined, row)) for row in block.rows]
        elif isinstance(block, Items):
            lines += [f"- {_joined(item)}" for item in block.items]
        else:
            lines.append(_joined(runs_of(block)))
    return "\n".join(lines)


def _joined(runs: Runs) -> str:
    """The runs as text; a blank as a line with what belongs there."""
    return "".join(f"____（{r.text}）" if r.kind is Kind.BLANK else r.text for r in runs)
