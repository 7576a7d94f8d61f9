"""A case folder with every name, number and date changed, for tests that no answer is keyed on a case."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

_DAY = re.compile(r"(?<!\d)(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?!\d)")
_CHINESE_DAY = re.compile(r"(?<!\d)(\d{4})年(\d{1,2})月(\d{1,2})日")
_NUMBER = re.compile(
    r"(?<!\d)((?:(?:\+|00)?86)?[ -]?(?:170[ -]?0000[ -]?|10690{4,6}|0?26[ -]?0000[ -]?|40{5}))(\d{4})(?!\d)"
)


@dataclass(frozen=True)
class Shift:
    """How a case is changed: days later (or earlier), and other names for the named."""

    days: int
    names: dict[str, str]

    def text(self, text: str) -> str:
        """`text` with names, numbers and dates changed."""
        for old, new in self.names.items():
            text = text.replace(old, new)
        text = _NUMBER.sub(lambda m: f"{m[1]}{(int(m[2]) * 7 + 1234) % 10000:04d}", text)
        text = _DAY.sub(lambda m: self._day(m, f"%Y{m[2]}%m{m[2]}%d", (1, 3, 4)), text)
        return _CHINESE_DAY.sub(lambda m: self._day(m, "%Y年%m月%d日", (1, 2, 3)), text)

    def _day(self, match: re.Match[str], layout: str, groups: tuple[int, int, int]) -> str:
        year, month, day = (int(match[g]) for g in groups)
        return (datetime(year, month, day) + timedelta(days=self.days)).strftime(layout)

    def value(self, value: Any) -> Any:
        """A decoded JSON value, changed throughout."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        return value


def _decoded(raw: bytes) -> tuple[str, str]:
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("gb18030"), "gb18030"


def _change_sms(text: str, shift: Shift) -> str:
    moved = shift.days * 86_400_000
    return re.sub(
        r'(date(?:_sent)?)="(\d{12,})"', lambda m: f'{m[1]}="{int(m[2]) + moved}"', shift.text(text)
    )


@pytest.fixture
def shifted(tmp_path: Path) -> Callable[[Path, Shift], Path]:
    """Copies a case folder with everything changed by a `Shift`."""

    def copy(case: Path, shift: Shift) -> Path:
        out = tmp_path / "shifted"
        for path in sorted(case.rglob("*")):
            if not path.is_file():
                continue
            target = out / shift.text(path.relative_to(case).as_posix())
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix not in {".csv", ".xml", ".json", ".md", ".txt"}:
                shutil.copyfile(path, target)
                continue
            raw = path.read_bytes()
            text, encoding = _decoded(raw)
            change = _change_sms(text, shift) if path.suffix == ".xml" else shift.text(text)
            target.write_bytes(change.encode(encoding))
        return out

    return copy


@pytest.fixture
def make_shift() -> Callable[[Path, int], Shift]:
    """A `Shift` by so many days with another name for everybody in parties.csv and loan.json."""

    def build(case: Path, days: int) -> Shift:
        rows = _decoded((case / "parties.csv").read_bytes())[0].splitlines()[1:]
        names = {row.split(",")[2] for row in rows}
        loan = json.loads((case / "loan.json").read_text("utf-8"))
        people = sorted((n for n in names if 2 <= len(n) <= 4), key=len, reverse=True)
        pool = ["闻人牧", "端木晴", "宿宛", "嵇朗", "储悦", "厍明", "亓官远", "逄然", "蔺秋", "郏宁",
                "桑屿", "贲舒", "谷梁澈", "逯鸣", "阙影", "鄢棠", "缪朔", "竺冉", "麴原", "禚野"]  # fmt: skip
        changed = {}
        for name, other in zip((n for n in people if n not in loan["lender"]), pool, strict=False):
            if not any(
                word in name for word in ("消金", "小贷", "金融", "物业", "客服", "平台", "机构")
            ):
                changed[name] = other
        return Shift(days, changed)

    return build


@pytest.fixture
def shift() -> type[Shift]:
    """The kind of change that `shifted` takes: days, and other names for the named."""
    return Shift
