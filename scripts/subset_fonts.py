"""Cuts the letters' fonts out of Debian's `fonts-noto-cjk` and writes which characters they hold.

    python scripts/subset_fonts.py [--fonts /usr/share/fonts/opentype/noto] [--check]

Needs fonttools (a development dependency) and some ten minutes. `--check` cuts nothing and only
says whether `coverage.json` still describes the fonts that are shipped. Both fonts are under the
SIL Open Font License 1.1; `OFL.txt` beside them must stay there.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).resolve().parents[1] / "src/jiedun/present/letters/fonts"
REGULAR = HERE / "NotoSerifCJKsc-Regular-subset.otf"
BOLD = HERE / "NotoSansCJKsc-Bold-subset.otf"
_SIGNS = ((0x20, 0x7F), (0xA0, 0x180), (0x2000, 0x2300), (0x2460, 0x2600), (0x25A1, 0x25A2),
          (0x2611, 0x2612), (0x27E8, 0x27EA), (0x3000, 0x30FF), (0x3105, 0x312A),
          (0xFF00, 0xFFF0))  # fmt: skip
_HAN = (0x4E00, 0xA000)


def gb2312() -> set[int]:
    """The code points of GB 2312."""
    found: set[int] = set()
    for lead in range(0xA1, 0xF8):
        for trail in range(0xA1, 0xFF):
            text = bytes((lead, trail)).decode("gb2312", "ignore")
            found.update(map(ord, text))
    return found


def cut(source: Path, family: str, points: Iterable[int], out: Path) -> None:
    """Nothing; writes the subset of the collection's face `family`."""
    faces = TTCollection(str(source), lazy=True).fonts
    names = [face["name"].getDebugName(1) for face in faces]
    options = subset.Options()
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.font_number = names.index(family)
    options.drop_tables += ["GPOS", "GSUB", "BASE", "VORG", "vhea", "vmtx"]
    font = subset.load_font(str(source), options, lazy=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    font.save(str(out))


def ranges(points: Iterable[int]) -> list[list[int]]:
    """Code points as runs `[first, last]`."""
    runs: list[list[int]] = []
    for point in sorted(points):
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return runs


def coverage(path: Path) -> list[list[int]]:
    """What the font at `path` has a glyph for."""
    return ranges(TTFont(str(path), lazy=True).getBestCmap())


def main() -> int:
    """0 done; 1 `--check` found a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share/fonts/opentype/noto"))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    target = HERE / "coverage.json"
    signs = {point for low, high in _SIGNS for point in range(low, high)} | gb2312()
    if not args.check:
        han = set(range(*_HAN))
        cut(args.fonts / "NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC", signs | han, REGULAR)
        cut(args.fonts / "NotoSansCJK-Bold.ttc", "Noto Sans CJK SC", signs, BOLD)
    text = json.dumps(coverage(REGULAR)) + "\n"
    if args.check:
        return int(target.read_text("utf-8") != text)
    target.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
