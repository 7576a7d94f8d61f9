"""`parties.csv` (who is who) and address books exported as a table."""

import re
from collections.abc import Iterator, Sequence

from jiedun.evidence.interface import PhonebookEntry, Record, Source
from jiedun.evidence.readers.table import Grid, Layout, fits, grids, header_name, problem
from jiedun.evidence.readers.table_words import number
from jiedun.model.evidence import ItemRef, PartyRow, Problem
from jiedun.model.text import Words

_PARTIES = Layout(
    {
        "number": ("number", "phone", "phone_number", "号码", "电话", "电话号码", "手机号", "手机号码"),
        "role": ("role", "角色", "身份", "关系", "是谁"),
        "name": ("name", "姓名", "名称", "名字"),
        "note": ("note", "notes", "remark", "备注", "说明"),
    },
    frozenset({"number", "role"}),
)  # fmt: skip

_BOOK = Layout(
    {
        "name": ("name", "display_name", "full_name", "first_name", "姓名", "联系人", "名称", "名字", "昵称"),
        "number": ("number", "phone", "phone_number", "mobile", "phone_1_-_value", "mobile_phone", "电话", "号码",
                   "电话号码", "手机", "手机号", "手机号码", "移动电话", "联系电话"),
    },
    frozenset({"name", "number"}),
)  # fmt: skip
_BOOK_NAME = re.compile(
    r"通讯录|通信录|联系人|电话本|电话簿|contacts|phone ?book|address ?book", re.IGNORECASE
)
_PHONE_COLUMN = re.compile(r"phone(_\d+)?(_-_value)?|手机\d?|电话\d?|mobile(_phone)?|号码\d?")
_REWRITE = Words(
    "号码列设成“文本”后重新填写，或用记事本写", "set the number column to text and type it again"
)


def _cell(cells: Sequence[str], at: int | None) -> str:
    return cells[at].strip() if at is not None and at < len(cells) else ""


class PartiesTable:
    """The reader of parties.csv."""

    name = "parties_table"
    version = "1"

    def recognises(self, source: Source) -> bool:
        """A header with number and role, or the name parties.csv."""
        return source.name == "parties.csv" or fits(source, _PARTIES)

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """One `PartyRow` a row, as written; roles are judged by `jiedun.people`."""
        for grid in grids(source, _PARTIES):
            if isinstance(grid, Problem):
                yield grid
                continue
            for row in grid.rows:
                if isinstance(row, Problem):
                    yield row
                elif any(cell.strip() for cell in row[1]):
                    yield from self._row(source, grid, *row)

    def _row(
        self, source: Source, grid: Grid, n: int, cells: Sequence[str]
    ) -> Iterator[Record | Problem]:
        digits, lost = number(_cell(cells, grid.columns["number"]))
        if lost:
            yield problem(
                source,
                n,
                "damaged-number",
                "号码被表格软件改坏了",
                "a spreadsheet destroyed the number",
                _REWRITE,
            )
        role, name, note = (_cell(cells, grid.columns.get(key)) for key in ("role", "name", "note"))
        extra = cells[len(grid.header) :]
        if grid.columns.get("note") == len(grid.header) - 1 and any(extra):
            note = ",".join([note, *extra]).rstrip(",")  # a comma in the note, unquoted
        yield PartyRow(ItemRef(source.path, n), digits, role, name, note)


class ContactsTable:
    """The reader of an address book that a phone or account exported as a table."""

    name = "contacts_table"
    version = "1"

    def recognises(self, source: Source) -> bool:
        """Names and numbers in a file that says, in its name, that it is an address book."""
        return _BOOK_NAME.search(source.name) is not None and fits(source, _BOOK)

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """One `PhonebookEntry` for each number of each row."""
        for grid in grids(source, _BOOK):
            if isinstance(grid, Problem):
                yield grid
                continue
            columns = _phone_columns(grid)
            for row in grid.rows:
                if isinstance(row, Problem):
                    yield row
                else:
                    yield from _entries(row[1], grid, columns)


def _phone_columns(grid: Grid) -> list[int]:
    named = [i for i, cell in enumerate(grid.header) if _PHONE_COLUMN.fullmatch(header_name(cell))]
    return sorted({grid.columns["number"], *named})


def _entries(cells: Sequence[str], grid: Grid, columns: Sequence[int]) -> Iterator[PhonebookEntry]:
    names = [header_name(cell) for cell in grid.header]
    name = _cell(cells, grid.columns["name"])
    if "last_name" in names:
        name = f"{name} {_cell(cells, names.index('last_name'))}".strip()
    for at in columns:
        for part in re.split(r":::|[;、]", _cell(cells, at)):
            if digits := number(part)[0]:
                yield PhonebookEntry(digits, name)


PARTIES = PartiesTable()
CONTACTS = ContactsTable()
