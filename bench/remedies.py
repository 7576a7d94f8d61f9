"""Letters: made, proved and rendered; a letter of about five pages, and all letters of a case.

typst remembers what it has laid out, so every timed letter bears names not seen before.

The example case is checked once; every letter is proved before anything is timed. Peers in the same
run: typst and docxtpl alone on a document of the same size, without Jiedun.
"""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from itertools import count
from pathlib import Path
from statistics import median

from jiedun.case.check import check
from jiedun.case.letters import Afford, Desk, Draft, desk, drafts, fitting
from jiedun.model.letter import Letter
from jiedun.model.time import SHANGHAI
from jiedun.present.letters import docx, pdf
from jiedun.reading import conduct
from jiedun.remedies.letters import make, prove, template

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "case-linxi"
AT = datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)
ONE_LETTER_S, ALL_LETTERS_S = 0.3, 5.0
_RUNS = 5
_COUNT = count()


def run() -> bool:
    """Whether every letter is proved and both times are kept."""
    made = _letters()
    flaws = [flaw for draft in made for flaw in prove(draft.letter, draft.matter)]
    print(f"letters of the example case: {len(made)}, flaws {len(flaws)}")
    five = _nearest(made, 5)
    kept = not flaws
    for name, render in (("pdf", _pdf), ("docx", _docx)):
        one = _time(partial(render, five))
        every = _time(partial(_every, render), 3)
        _print(f"{name}: 5-page letter", one, ONE_LETTER_S)
        _print(f"{name}: the renderer alone, 5 pages of text", _peer(name), None)
        _print(f"{name}: all {len(made)} letters of the case", every, ALL_LETTERS_S)
        kept = kept and one[1] <= ONE_LETTER_S and every[1] <= ALL_LETTERS_S
    return kept


def _print(what: str, taken: tuple[float, float], limit: float | None) -> None:
    bound = f" (limit {limit} s of processor time)" if limit else ""
    print(f"{what}: {taken[1]:.3f} s processor, {taken[0]:.3f} s wall{bound}")


def _pdf(draft: Draft) -> bytes:
    return pdf(_fresh(draft), AT)


def _docx(draft: Draft) -> bytes:
    return docx(_fresh(draft))


def _fresh(draft: Draft) -> Letter:
    """The letter with another name of the borrower, so that nothing of it is remembered."""
    fields = {**draft.matter.fields, "me.name": f"某甲{next(_COUNT)}", "as_of": str(next(_COUNT))}
    items = {
        name: replace(row, text=f"{row.text}{next(_COUNT)}" if row.text else "")
        for name, row in draft.matter.items.items()
    }
    matter = replace(draft.matter, fields=fields, items=items)
    return make(template(draft.letter.id), matter, "zh")


def _every(render: Callable[[Draft], bytes]) -> int:
    return sum(len(render(draft)) for draft in _letters())


def _letters() -> list[Draft]:
    return list(drafts(_case(), fitting(_case(), "collection"), "zh"))


@cache
def _case() -> Desk:
    checked = check(
        EXAMPLE,
        as_of=date(2026, 11, 22),
        at=AT,
        read=lambda messages: conduct.read(messages, tier="fast"),
    )
    return desk(checked, afford=Afford(Decimal(800), True))


def _nearest(made: list[Draft], pages: int) -> Draft:
    from pypdf import PdfReader

    def off(draft: Draft) -> int:
        return abs(len(PdfReader(io.BytesIO(pdf(draft.letter, AT))).pages) - pages)

    return min(made, key=off)


def _time(work: Callable[[], object], runs: int = _RUNS) -> tuple[float, float]:
    """Median wall and processor seconds of one run; rendering uses one thread."""
    work()
    wall, processor = [], []
    for _ in range(runs):
        start, used = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return median(wall), median(processor)


def _peer(name: str) -> tuple[float, float]:
    """The renderer alone on five pages of plain text."""
    text = "此处为一段普通文字，用来占满一页。" * 40
    if name == "pdf":
        import typst

        return _time(
            lambda: typst.compile("\n\n".join([f"{text}{next(_COUNT)}"] * 5).encode(), format="pdf")
        )
    from docx import Document
    from docxtpl import DocxTemplate

    document = Document()
    document.add_paragraph("{%p for t in texts %}")
    document.add_paragraph("{{ t }}")
    document.add_paragraph("{%p endfor %}")
    raw = io.BytesIO()
    document.save(raw)

    def fill() -> None:
        template = DocxTemplate(io.BytesIO(raw.getvalue()))
        template.render({"texts": [text] * 5})
        template.save(io.BytesIO())

    return _time(fill)
