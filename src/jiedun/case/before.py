"""`jiedun lender`: before borrowing. Official lists a person downloaded, and a contract's numbers."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiedun import law
from jiedun.case.output import plain
from jiedun.errors import UnreadableFile
from jiedun.evidence.decode import decode_text
from jiedun.ledger import examine, loan_from, same_lender
from jiedun.ledger.names import is_person, trades
from jiedun.model.text import Words
from jiedun.remedies.before import Check, Sign, before, list_means, questions, sign

_LARGEST = 200_000_000
_SHORT_DAYS = 30
_LINE = Decimal("0.24")


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of a list with the same or a similar name: file, row number, the name as listed."""

    path: str
    row: int
    name: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found about a lender; `lists` counts the rows read of each list."""

    name: str
    checks: tuple[Check, ...]
    questions: tuple[Words, ...]
    lists: Mapping[str, int]
    hits: tuple[Hit, ...]
    signs: tuple[Sign, ...]
    unread: tuple[str, ...]
    asked_contract: bool

    @property
    def means(self) -> Words | None:
        """What being on the lists, or not, means; None where none was given."""
        return list_means(bool(self.hits)) if self.lists else None


def look_at(name: str, lists: Sequence[Path], contract: Path | None, on: date) -> Looked:
    """What to check about `name`, its rows in `lists`, and the signs in `contract` (loan.json)."""
    read: dict[str, int] = {}
    hits: list[Hit] = []
    unread: list[str] = []
    for path in lists:
        try:
            rows = list(_rows(path))
        except UnreadableFile as error:
            unread.append(str(error))
            continue
        read[path.name] = len(rows)
        hits += [Hit(path.name, n, cell) for n, cell in _matches(name, rows)]
    return Looked(
        name=name,
        checks=before(trades(name), on),
        questions=questions(),
        lists=read,
        hits=tuple(hits),
        signs=tuple(_signs(contract, on)) if contract else (),
        unread=tuple(unread),
        asked_contract=contract is not None,
    )


def _matches(name: str, rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    for n, row in enumerate(rows, start=1):
        for cell in row:
            if len(cell) >= 2 and (same_lender(name, cell) or same_lender(cell, name)):
                yield n, cell
                break


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        if path.stat().st_size > _LARGEST:
            raise _bad(path, "太大 / too large")
        data = path.read_bytes()
    except OSError as error:
        raise _bad(path, error.strerror or "I/O") from error
    if data[:2] == b"PK" or path.suffix.lower() in (".xls", ".xlsx"):
        yield from _sheet_rows(path, data)
    else:
        text = decode_text(data)[0].replace("\x00", "")
        try:
            for row in csv.reader(io.StringIO(text, newline="")):
                yield list(map(str.strip, row))
        except csv.Error as error:  # a cell beyond the library's limit, an unclosed quote
            raise _bad(path, str(error)) from error


def _sheet_rows(path: Path, data: bytes) -> Iterator[list[str]]:
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in book.sheet_names:
            for row in book.get_sheet_by_name(name).to_python():
                yield [str(cell).strip() for cell in row]
    except Exception as error:  # the library raises its own kinds and panics as plain exceptions
        raise _bad(path, type(error).__name__) from error


def _bad(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(
        "名单读不了 / the list cannot be read",
        where=path.name,
        why=why,
        next_step="另存为 CSV 或 XLSX / save it as CSV or XLSX",
    )


def _signs(path: Path, on: date) -> Iterator[Sign]:
    """The signs of an unlawful lender that the numbers of a contract show."""
    data = _contract(path)
    loan, _ = loan_from(data, path.name)
    result = examine(loan, (), as_of=on, charts=False)
    facts = result.facts
    if facts.get("interest_in_advance"):
        yield sign("advance", on, f"{loan.principal} → {loan.disbursed}")
    rate = result.rate.annual_nominal.value
    cap = next((c.rate for c in result.caps if c.applies and c.rate is not None), None) or _LINE
    if rate is not None and rate > cap:
        yield sign("rate", on, f"{rate * 100:.2f}% > {cap * 100:.2f}%")
    if loan.disbursed_on and loan.instalments:
        term = loan.instalments[-1].due - loan.disbursed_on
        if term < timedelta(days=_SHORT_DAYS):
            yield sign("short", on, f"{term.days}天 / days")
    others = [f.name for f in loan.fees if f.payee and not same_lender(f.payee, loan.lender)]
    if others:
        yield sign("third-fees", on, "、".join(others))
    if any("放款前" in f.timing for f in loan.fees):
        yield sign("before-payout", on, "")
    if is_person(loan.repayment_account) and not is_person(loan.lender):
        yield sign("private-account", on, "")
    if data.get("permissions") and "通讯录" in str(data["permissions"]):
        yield sign("address-book", on, "")


def _contract(path: Path) -> Mapping[str, Any]:
    try:
        text = decode_text(path.read_bytes())[0]
        data = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        raise UnreadableFile(
            "合同数字读不了 / the contract's numbers cannot be read",
            where=path.name,
            why=type(error).__name__,
            next_step="照 loan.json 的样子写 / write it like loan.json",
        ) from error
    if not isinstance(data, dict):
        raise UnreadableFile("合同数字读不了 / not an object", where=path.name)
    return data


_HEADS = {
    "check": Words("借款前查一查：{name}", "Before borrowing: {name}"),
    "lists": Words("名单：{lists}", "Lists: {lists}"),
    "rows": Words("{file}（{n}行）", "{file} ({n} rows)"),
    "signs": Words("合同数字里的危险信号", "Warnings in the contract's numbers"),
    "none": Words(
        "合同数字里没有看到这些信号（不等于放心）。", "None of these signs in the numbers."
    ),
    "ask": Words("签字前问自己", "Ask before signing"),
    "confirm": Words("（待核实）", " (to be confirmed)"),
}


def told(found: Looked, lang: str) -> list[str]:
    """The answer for the screen."""
    lines = [_HEADS["check"].of(lang).format(name=found.name), ""]
    for n, check in enumerate(found.checks, start=1):
        mark = _HEADS["confirm"].of(lang) if check.to_confirm else ""
        lines += [f"{n}. {check.title.of(lang)}{mark}", f"   → {check.where.of(lang)}",
                  f"   {check.say.of(lang)}"]  # fmt: skip
    lines += ["", *_told_lists(found, lang)]
    if found.asked_contract:
        lines += [_HEADS["signs"].of(lang)]
        lines += [_told_sign(s, lang) for s in found.signs] or [_HEADS["none"].of(lang)]
        lines.append("")
    lines += [_HEADS["ask"].of(lang), *(f"· {q.of(lang)}" for q in found.questions)]
    return lines


def _told_lists(found: Looked, lang: str) -> list[str]:
    if found.means is None:
        return list(found.unread)
    read = "、".join(
        _HEADS["rows"].of(lang).format(file=file, n=n) for file, n in found.lists.items()
    )
    hits = [f"   {hit.path}#{hit.row}  {hit.name}" for hit in found.hits[:20]]
    means = found.means.of(lang)
    return [_HEADS["lists"].of(lang).format(lists=read), *hits, means, *found.unread, ""]


def _told_sign(found: Sign, lang: str) -> str:
    shown = f"（{found.shows}）" if found.shows else ""
    return f"· {found.title.of(lang)}{shown}：{found.why.of(lang)} {found.basis}".rstrip()


def as_json(found: Looked) -> dict[str, Any]:
    """The answer as an object."""
    return {
        "schema": "jiedun.lender/1",
        "name": found.name,
        "checks": [{"title": plain(c.title), "where": plain(c.where), "say": plain(c.say),
                    "to_confirm": c.to_confirm} for c in found.checks],
        "lists": dict(found.lists),
        "hits": [{"file": h.path, "row": h.row, "name": h.name} for h in found.hits],
        "means": plain(found.means),
        "signs": [{"id": s.id, "title": plain(s.title), "shows": s.shows, "why": plain(s.why),
                   "basis": s.basis} for s in found.signs],
        "questions": plain(found.questions),
        "unread": list(found.unread),
        "law_as_of": law.as_of().isoformat(),
    }  # fmt: skip
