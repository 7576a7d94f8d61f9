"""docs/law.md says what the room does."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from jiedun import law

DOCS = (Path(__file__).resolve().parents[2] / "docs/law.md").read_text(encoding="utf-8")


def test_the_python_lines_hold() -> None:
    shown = re.findall(r"^(law\.\S.*?)\s+# (.+)$", DOCS, re.MULTILINE)
    found = {text: eval(text, {"law": law, "date": date}) for text, _ in shown}
    assert len(shown) == 4
    cite = "law.cite"
    for text, told in shown:
        if text.startswith(cite):
            assert found[text] == law.clause("pipl", "23", date(2025, 6, 1)).text
        else:
            assert found[text] == eval(told, {"Decimal": Decimal})


def test_counts_hold() -> None:
    held = [act for act in law.instruments() if act.held != "none"]
    articles = sum(len(law.article_numbers(act.id)) for act in held)
    assert f"{len(held)} instruments, {articles:,} numbered articles" in DOCS
    last = law.lpr_publications()[-1].published
    assert f"2019-08-20 to {last}" in DOCS


def test_criminal_law_counts_hold() -> None:
    numbers = law.article_numbers("criminal-law")
    early = [n for n in numbers if law.clause("criminal-law", n, date(2015, 11, 1)).in_force]
    assert (len(early), len(numbers) - len(early)) == (38, 5)
