"""Letters as files below the results folder, each written whole or not at all."""

import os
from datetime import datetime
from pathlib import Path

from jiedun.case.letters import Draft
from jiedun.errors import UnreadableFile
from jiedun.model.letter import Table
from jiedun.present.letters import docx, pdf
from jiedun.present.tables import Table as Sheet
from jiedun.present.tables import write_csv, write_xlsx

_LISTS = ("spam-12321",)


def save_letter(draft: Draft, out: Path, kind: str, at: datetime) -> list[Path]:
    """The paths written: the letter, and for a report by number its list as CSV and XLSX."""
    letter = draft.letter
    data = pdf(letter, at) if kind == "pdf" else docx(letter)
    path = out / f"{letter.name}.{kind}"
    _write(path, data)
    paths = [path]
    if letter.id in _LISTS:
        paths += _lists(draft, out)
    return paths


def _lists(draft: Draft, out: Path) -> list[Path]:
    """The letter's first table once more, for pasting into the form."""
    table = next((b for b in draft.letter.blocks if isinstance(b, Table)), None)
    if table is None:
        return []
    rows = [["".join(run.text for run in cell) for cell in row] for row in table.rows]
    base = out / f"{draft.letter.name}-numbers"
    paths = [base.with_name(base.name + ".csv"), base.with_name(base.name + ".xlsx")]
    try:
        write_csv(Sheet("numbers", table.header, rows), paths[0])
        write_xlsx([Sheet("numbers", table.header, rows)], paths[1])
    except OSError as error:
        raise _cannot(paths[0], error) from error
    return paths


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _cannot(path, error) from error


def _cannot(path: Path, error: OSError) -> UnreadableFile:
    return UnreadableFile(
        "输出文件写不进去 / the output cannot be written",
        where=str(path),
        why=error.strerror or "I/O error",
        next_step="换一个有空间、可写的位置：--out DIR / choose a place with room: --out DIR",
    )
