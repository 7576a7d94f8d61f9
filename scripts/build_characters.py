"""Writes `src/jiedun/reading/weights/characters.npz`: how one character is read as another.

Sources: Unicode NFKC and simple case folding (the running Python), the traditional-to-simplified
character list of OpenCC (Apache-2.0), and `data/lookalikes.tsv` (the project's own). Run in an
environment with `scripts/requirements-train.txt` installed.
"""

import csv
import unicodedata
from importlib.util import find_spec
from pathlib import Path

import numpy as np

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
    np.savez_compressed(
        OUT,
        source=np.array(sorted(table), np.uint32),
        target=np.array([table[c] for c in sorted(table)], np.uint32),
    )


if __name__ == "__main__":
    main()
