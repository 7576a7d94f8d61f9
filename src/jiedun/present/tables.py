"""CSV and XLSX whose cells cannot execute, and the report's lists as such tables.

Text that a spreadsheet could take for a formula (it begins, at the start of the cell or after a
separator, with `=`, `+`, `-`, `@`, a tab, their full-width forms, or an apostrophe) gets an
apostrophe before it; unseen characters become `⟨U+XXXX⟩`. Both are visible, and `restore` undoes
both. Numbers given as numbers stay numbers. CSV is UTF-8 with BOM, every field quoted, CRLF.
In XLSX every text cell is typed as text besides. See OWASP, "CSV Injection".
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from jiedun.model.report import Report
from jiedun.present import figures, words
from jiedun.present.escaping import original, visible
from jiedun.present.timeline import notes_by_row

_EDGE = r"(?:^|(?<=[,;|\t\n\"]))"
_RISKY = r"(?=[ \u00a0\u3000]*[=+\-@\t\r'＝＋－＠])"
_TO_GUARD = re.compile(_EDGE + _RISKY)
_GUARDED = re.compile(_EDGE + "'" + _RISKY)
_PLAIN = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][-0-9A-Za-z\u4e00-\u9fff .:#/_，。！？、（）]*")
_LONGEST = 32_000  # a spreadsheet holds 32,767 characters a cell
_SHEET_ROWS = 1_000_000  # and 1,048,576 rows a sheet

Value = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Table:
    """A name, the column heads, and rows that may be read once."""

    name: str
    header: tuple[str, ...]
    rows: Iterable[Sequence[Value]]


@lru_cache(maxsize=16_384)
def neutralise(text: str) -> str:
    """`text` as a cell that no spreadsheet executes; `restore` gives `text` back."""
    if _PLAIN.fullmatch(text):  # nothing in it could be an edge, a risk or unseen
        return text
    return _TO_GUARD.sub("'", visible(text))


def restore(cell: str) -> str:
    """The text that `neutralise` was given."""
    return original(_GUARDED.sub("", cell))


def write_csv(table: Table, path: Path) -> None:
    """Nothing; writes the table as CSV. Raises OSError as the file system gives it."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow([neutralise(head) for head in table.header])
        writer.writerows([_csv_cell(value) for value in row] for row in table.rows)


def write_xlsx(tables: Sequence[Table], path: Path) -> None:
    """Nothing; writes one sheet a table, further sheets where a million rows do not suffice.

    Text over 32,000 characters is cut there and says so; the CSV holds it whole.
    """
    from openpyxl import Workbook  # takes a quarter of a second to load: only for who asks

    book = Workbook(write_only=True)
    for table in tables:
        for n, rows in enumerate(_portions(table.rows), 1):
            name = neutralise(table.name)[:28]
            sheet = book.create_sheet(name if n == 1 else f"{name}_{n}")
            sheet.freeze_panes = "A2"
            sheet.append([_xlsx_cell(sheet, head) for head in table.header])
            for row in rows:
                sheet.append([_xlsx_cell(sheet, value) for value in row])
    book.save(path)


def report_tables(report: Report, lang: str) -> tuple[Table, ...]:
    """The report's lists: `timeline`, `findings`, `owed`, `files`, `problems`."""
    return (
        Table("timeline", _TIMELINE, _timeline(report, lang)),
        Table("findings", _FINDINGS, _findings(report, lang)),
        Table("owed", _OWED, _owed(report, lang)),
        Table("files", _FILES, _files(report)),
        Table("problems", _PROBLEMS, _problems(report, lang)),
    )


def save(report: Report, folder: Path, lang: str) -> tuple[Path, ...]:
    """The paths of the CSV files written into `folder`, one a list of the report."""
    written = []
    for table in report_tables(report, lang):
        path = folder / f"{table.name}.csv"
        write_csv(table, path)
        written.append(path)
    return tuple(written)


_TIMELINE = ("time", "item", "channel", "direction", "outcome", "seconds", "who", "number", "phone",
             "creditor", "reached", "findings", "text")  # fmt: skip
_FINDINGS = ("time", "id", "violation", "name", "force", "certainty", "verdict", "creditor", "items",
             "clauses", "explanation")  # fmt: skip
_OWED = ("loan", "id", "assumption", "principal", "interest", "fees", "penalty", "paid", "total",
         "overpaid", "contrast")  # fmt: skip
_FILES = ("path", "sha256", "bytes", "kind", "reader", "reader_version", "rows")
_PROBLEMS = ("path", "at", "code", "message", "next_step")


def _timeline(report: Report, lang: str) -> Iterator[Sequence[Value]]:
    notes = notes_by_row(report.findings)
    for row in sorted(report.timeline, key=lambda r: (r.at, r.ref)):
        found = " ".join(dict.fromkeys(f.violation for f in notes.get(row.ref, ())))
        yield (
            figures.stamp(row.at, row.day_only), str(row.ref), row.channel.value, row.direction.value,
            row.outcome.value, row.duration_s, row.who.of(lang), row.number, row.phone.of(lang),
            row.creditor or "", row.reached.value, found, row.text,
        )  # fmt: skip


def _findings(report: Report, lang: str) -> Iterator[Sequence[Value]]:
    for f in sorted(report.findings, key=lambda f: (f.occurred_at, f.id)):
        clauses = " ".join(f"{c.instrument}#{c.article or ''}" for c in f.cites)
        yield (
            figures.stamp(f.occurred_at, f.day_only), f.id, f.violation, words.violation(f).of(lang),
            f.force.value, f.certainty.value, words.verdict(f.force, f.certainty, f.weighed).of(lang),
            f.creditor or "", " ".join(map(str, f.items)), clauses, f.explanation.of(lang),
        )  # fmt: skip


def _owed(report: Report, lang: str) -> Iterator[Sequence[Value]]:
    for loan in report.loans or ():
        for a in loan.answers:
            sums = (a.principal, a.interest, a.fees, a.penalty, a.paid, a.total, a.overpaid)
            contrast = "contrast" if a.contrast else ""
            yield loan.title.of(lang), a.id, a.assumption.of(lang), *sums, contrast


def _files(report: Report) -> Iterator[Sequence[Value]]:
    for f in report.files:
        yield f.path, f.sha256, f.size, f.kind, f.reader or "", f.reader_version or "", f.rows


def _problems(report: Report, lang: str) -> Iterator[Sequence[Value]]:
    for p in report.problems:
        step = p.next_step.of(lang) if p.next_step else ""
        yield p.path, p.at or "", p.code, p.message.of(lang), step


def _csv_cell(value: Value) -> str:
    if isinstance(value, str):
        return neutralise(value)
    return "" if value is None else str(value)


def _xlsx_cell(sheet: Any, value: Value) -> Any:
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell

    text = neutralise(value)
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… [CSV]"
    cell = WriteOnlyCell(sheet, value=cut)
    cell.data_type = "s"
    return cell


def _portions(rows: Iterable[Sequence[Value]]) -> Iterator[Iterator[Sequence[Value]]]:
    """The rows in turns of a sheet each; at least one turn, so that an empty table has heads."""
    source = iter(rows)
    ahead = next(source, None)
    if ahead is None:
        yield iter(())
    while ahead is not None:
        taken = [ahead]
        yield _turn(taken, source)
        ahead = next(source, None)


def _turn(
    taken: list[Sequence[Value]], source: Iterator[Sequence[Value]]
) -> Iterator[Sequence[Value]]:
    yield taken[0]
    for _ in range(_SHEET_ROWS - 1):
        row = next(source, None)
        if row is None:
            return
        yield row
