"""Writes `src/jiedun/reading/weights/characters.npz`: how one character is read as another.

Sources: Unicode NFKC and simple case folding (the running Python), the traditional-to-simplified
character list of OpenCC (Apache-2.0), the readings of pypinyin (MIT), and `data/lookalikes.tsv`
(the project's own). Run in an environment with `scripts/requirements-train.txt` installed.
"""

import csv
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from pypinyin import Style, lazy_pinyin

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "src/jiedun/reading/weights/characters.npz"
LIMIT = 0x20000
DROPPED = {"Mn", "Me", "Cf", "Cc", "Cs", "Co"}


def _folded(code: int) -> int | None:
    """What the character folds to; 0 drops it, None keeps it."""
    char = chr(code)
    if char in "\n\t\r\u3000\u00a0":
        return 10 if char in "\n\r" else 32
    if unicodedata.category(char) in DROPPED:
        return 0
    folded = unicodedata.normalize("NFKC", char).lower()
    if folded != char and len(folded) == 1:
        return ord(folded)
    return ord(folded[1]) if len(folded) == 3 and folded[0] == "(" else None


def _simplified() -> dict[str, str]:
    origin = find_spec("opencc")
    assert origin is not None and origin.origin is not None
    path = Path(origin.origin).parent / "dictionary/TSCharacters.txt"
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines() if line)
    return {a: b.split(" ")[0] for a, b in rows if len(a) == 1}


def main() -> None:
    """Writes the table."""
    table = {c: f for c in range(LIMIT) if (f := _folded(c)) is not None}
    with (ROOT / "data/lookalikes.tsv").open(encoding="utf-8") as lines:
        table |= {ord(a): ord(b) for a, b in csv.reader(lines, delimiter="\t") if len(a) == 1}
    simple = {ord(a): ord(b) for a, b in _simplified().items() if ord(a) < LIMIT}
    table = {a: simple.get(b, b) for a, b in table.items()} | {
        a: b for a, b in simple.items() if a not in table
    }
    han = [chr(c) for c in range(0x4E00, 0xA000)]
    sounds = [(lazy_pinyin(c, style=Style.NORMAL) or [""])[0] for c in han]
    index = {s: i + 1 for i, s in enumerate(sorted({s for s in sounds if s.isascii()}))}
    np.savez_compressed(
        OUT,
        source=np.array(sorted(table), np.uint32),
        target=np.array([table[c] for c in sorted(table)], np.uint32),
        sound=np.array([index.get(s, 0) for s in sounds], np.uint16),
    )


if __name__ == "__main__":
    main()
