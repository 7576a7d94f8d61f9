"""A ledger as CSV or XLSX that a spreadsheet shows and cannot execute."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from jiedun.ledger.values import Ledger, Line
from jiedun.model.finding import Cite
from jiedun.model.text import Words

_COLUMNS: tuple[Words, ...] = (
    Words("日期", "date"), Words("事项", "what"), Words("天数", "days"), Words("年利率", "rate a year"),
    Words("还款", "payment"), Words("本段利息", "interest accrued"), Words("抵费用", "to costs"),
    Words("抵利息", "to interest"), Words("抵本金", "to principal"), Words("超出", "beyond the debt"),
    Words("剩余本金", "principal left"), Words("未付利息", "interest unpaid"), Words("累计多付", "overpaid"),
    Words("凭证", "item"), Words("依据", "clause"),
)  # fmt: skip
_DANGER = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(text: str) -> str:
    """`text` that no spreadsheet takes for a formula: a quote is put before what could start one."""
    if text.lstrip(" \u00a0\u3000").startswith(_DANGER) or text.startswith(_DANGER):
        return "'" + text
    return text


def _clause(cite: Cite, lang: str) -> str:
    article = f"#{cite.article}" if cite.article else ""
    mark = "" if cite.verified else Words("（待核实）", " (to be confirmed)").of(lang)
    return f"{cite.title.of(lang)}{article}{mark}"


def _cells(line: Line, lang: str) -> list[str | Decimal]:
    money = (line.payment, line.interest, line.to_costs, line.to_interest, line.to_principal,
             line.beyond, line.principal, line.unpaid_interest, line.overpaid)  # fmt: skip
    clauses = "; ".join(_clause(c, lang) for c in line.cites)
    return [
        line.on.isoformat(),
        inert(line.what.of(lang)),
        Decimal(line.days),
        line.rate,
        *(amount.quantize(Decimal("0.01")) for amount in money),
        inert(str(line.ref) if line.ref else ""),
        inert(clauses),
    ]


def as_csv(ledger: Ledger, lang: str = "zh") -> str:
    """The lines as CSV text (RFC 4180, CRLF); write it as UTF-8 with a BOM for spreadsheets."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([words.of(lang) for words in _COLUMNS])
    writer.writerows(_cells(line, lang) for line in ledger.lines)
    return out.getvalue()


def as_xlsx(ledgers: Sequence[Ledger], lang: str = "zh") -> bytes:
    """A workbook with one sheet a ledger; text cells are typed as text, never as formulas."""
    book = Workbook(write_only=True)
    for number, ledger in enumerate(ledgers, 1):
        sheet = book.create_sheet(f"{number} {ledger.id}"[:31])
        sheet.append([words.of(lang) for words in _COLUMNS])
        for line in ledger.lines:
            row = []
            for value in _cells(line, lang):
                cell = WriteOnlyCell(sheet, value=value if isinstance(value, str) else float(value))
                if isinstance(value, str):
                    cell.data_type = "s"
                row.append(cell)
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
