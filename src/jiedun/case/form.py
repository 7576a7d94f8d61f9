"""What the person fills in: `form.yaml` or `form.json` in the case folder, for plan and letters.

Every value is text as written; nothing of it is evidence. Absent values become blanks to fill by
hand. `jiedun draft --form-sample` prints the keys.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from jiedun.errors import BadValue, Place, UnreadableFile
from jiedun.evidence.decode import decode_text
from jiedun.remedies.values import CourtPaper

NAMES = ("form.yaml", "form.yml", "form.json")
_LARGEST = 1_000_000
_COLUMNS = {
    "姓名": "name",
    "合同编号": "contract",
    "投入": "paid_in",
    "已收回": "received",
    "电话": "phone",
}


@dataclass(frozen=True, slots=True)
class Form:
    """The form's values by path (`me.name`); lists stay lists of text or of mappings."""

    values: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""

    def text(self, key: str) -> str:
        """The value at a dotted key, empty where it was left out."""
        found = _at(self.values, key)
        return found.strip() if isinstance(found, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts at a dotted key."""
        found = _at(self.values, key)
        return tuple(v.strip() for v in found if isinstance(v, str)) if _is_list(found) else ()

    def flat(self) -> dict[str, str]:
        """Every text value by its dotted key."""
        return dict(_flat(self.values, ""))

    @property
    def court_papers(self) -> tuple[CourtPaper, ...]:
        """The papers of a court received; BadValue where a date is none."""
        rows = _at(self.values, "court_papers")
        papers = [row for row in rows if isinstance(row, Mapping)] if _is_list(rows) else []
        return tuple(
            CourtPaper(str(row.get("kind", "")), self._day(row, f"court_papers.{n}.received"))
            for n, row in enumerate(papers, start=1)
        )

    def _day(self, row: Mapping[str, Any], at: str) -> date:
        try:
            return date.fromisoformat(str(row.get("received", "")))
        except ValueError as error:
            raise BadValue(
                "不是日期 / not a date",
                where=Place(self.path or "form.yaml", at),
                next_step="写成 2026-11-03 / write 2026-11-03",
            ) from error


def read_form(folder: Path, given: Path | None = None) -> Form:
    """The form of a case folder, or of the file `given`; empty where there is none.

    `investors.csv` in the folder adds its rows as `investors`. UnreadableFile where the form is no
    YAML or JSON mapping.
    """
    form = _read(folder, given)
    rows = _investors(folder / "investors.csv")
    return Form({**form.values, "investors": rows}, form.path) if rows else form


def _investors(path: Path) -> list[dict[str, str]]:
    """The rows of investors.csv by column; heads in Chinese or English."""
    if not path.is_file():
        return []
    if path.stat().st_size > _LARGEST:
        raise _bad(path, "太大 / too large")
    lines = csv.reader(
        io.StringIO(decode_text(path.read_bytes())[0].replace("\x00", ""), newline="")
    )
    head = [_COLUMNS.get(cell.strip(), cell.strip()) for cell in next(lines, [])]
    return [dict(zip(head, map(str.strip, row), strict=False)) for row in lines if any(row)]


def _read(folder: Path, given: Path | None) -> Form:
    path = given or next((folder / n for n in NAMES if (folder / n).is_file()), None)
    if path is None:
        return Form()
    try:
        if path.stat().st_size > _LARGEST:
            raise _bad(path, "太大 / too large")
        loaded = yaml.load(path.read_text("utf-8-sig"), yaml.BaseLoader)  # noqa: S506 - text only
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise _bad(path, _why(error)) from error
    if not isinstance(loaded, Mapping | None):
        raise _bad(path, "应是“键: 值” / a mapping is expected")
    return Form(loaded or {}, path.name)


def _bad(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(
        "表格读不了 / the form cannot be read",
        where=path.name,
        why=why,
        next_step="照 jiedun draft --form-sample 的样子写 / write it as jiedun draft --form-sample shows",
    )


def _why(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"第{mark.line + 1}行 / line {mark.line + 1}" if mark else type(error).__name__


def _at(values: Any, key: str) -> Any:
    for part in key.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _flat(values: Mapping[str, Any], head: str) -> Any:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{head}{key}.")
        elif isinstance(value, str) and value.strip():
            yield f"{head}{key}", value.strip()
