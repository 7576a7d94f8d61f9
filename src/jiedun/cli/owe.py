"""`jiedun owe LOAN.json`: what a loan costs and what is lawfully owed; `--golden FILE` checks it."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, TypeVar

from jiedun.errors import UnreadableFile, UsageError
from jiedun.evidence.interface import Reader, Record, Source
from jiedun.evidence.readers.table_loan import LOANS
from jiedun.evidence.readers.table_money import PAYMENTS
from jiedun.evidence.readers.table_people import PARTIES
from jiedun.ledger import as_json, export
from jiedun.ledger.examine import examine
from jiedun.ledger.golden import judge, read_golden
from jiedun.ledger.people import payees_of
from jiedun.ledger.sources import default_law
from jiedun.ledger.telling import tell
from jiedun.ledger.values import LoanResult
from jiedun.ledger.written import loan_from
from jiedun.model.evidence import LoanFile, PartyRow, Payment, Problem
from jiedun.model.loan import Loan
from jiedun.model.time import SHANGHAI

EXAMPLE = """例 / example:
  jiedun owe 我的证据/loan.json --payments 我的证据/payments.csv --as-of 2026-11-22
  jiedun owe loan.json --json
  jiedun owe --golden loan_golden.json
"""
HEAD = 64 * 1024
T = TypeVar("T", LoanFile, Payment, PartyRow)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            "写成 2026-11-22 这样 / write it like 2026-11-22"
        ) from error


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("loan", nargs="?", type=Path, metavar="LOAN.json", help="借款 / the loan as written")
    add(
        "--payments",
        type=Path,
        metavar="CSV",
        help="还款（默认同一文件夹的 payments.csv）/ payments made",
    )
    add(
        "--parties",
        type=Path,
        metavar="CSV",
        help="人员（默认同一文件夹的 parties.csv）/ who is who",
    )
    add(
        "--as-of",
        type=_day,
        metavar="DATE",
        help="计算到哪天（默认今天）/ the day to work it out to",
    )
    add(
        "--filed",
        type=_day,
        metavar="DATE",
        help="起诉日，若已起诉 / the day a suit was filed, if one was",
    )
    add(
        "--csv",
        type=Path,
        metavar="FILE",
        help="导出首选算法的流水 / export the first ledger as CSV",
    )
    add("--xlsx", type=Path, metavar="FILE", help="导出全部流水 / export every ledger as XLSX")
    add(
        "--golden",
        type=Path,
        metavar="FILE",
        help="对照已公布的答案 / compare with published answers",
    )


def run(args: argparse.Namespace) -> int:
    """0 done; 1 nothing could be worked out; 3 done, but something could not be read; 4 disagreed."""
    if args.golden is not None:
        return _golden(args.golden)
    if args.loan is None:
        raise UsageError("缺少借款文件 / no loan file", next_step="jiedun owe LOAN.json")
    loans, problems = _read(args.loan, LOANS, LoanFile)
    if not loans:
        raise UnreadableFile(
            "没有读到借款 / no loan could be read",
            where=args.loan.name,
            why="；".join(p.message.zh for p in problems),
            next_step="参考 docs/ledger.md 的字段 / see docs/ledger.md for the fields",
        )
    payments, more = _beside(args.loan, args.payments, "payments.csv", PAYMENTS, Payment)
    parties, most = _beside(args.loan, args.parties, "parties.csv", PARTIES, PartyRow)
    problems += more + most
    results = [_one(args, file, payments, parties, problems) for file in loans]
    _print(args, results, problems)
    _export(args, [result for result, _ in results])
    return 3 if problems else 0


def _golden(path: Path) -> int:
    """Prints one line a case and `N of M agree` last."""
    law = default_law()
    verdicts = [judge(case, law) for case in read_golden(path)]
    for one in verdicts:
        mark = "ok  " if one.agrees else "FAIL"
        print(
            f"{mark} {one.id}  {one.kind}  expected {one.expected}  got {_short(one.got)}  {one.why}".rstrip()
        )
    agree = sum(one.agrees for one in verdicts)
    print(f"{agree} of {len(verdicts)} agree")
    return 0 if agree == len(verdicts) else 4


def _short(value: Decimal | None) -> str:
    return "-" if value is None else f"{value:.10g}"


def _source(path: Path) -> Source:
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableFile(
            "文件打不开 / the file cannot be opened", where=path.name, why=str(error.strerror)
        ) from error

    def open_again() -> BinaryIO:
        return path.open("rb")

    return Source(path.name, size, head, open_again)


def _read(path: Path, reader: Reader, kind: type[T]) -> tuple[list[T], list[Problem]]:
    rows: list[T] = []
    problems: list[Problem] = []
    found: Iterator[Record | Problem] = reader.read(_source(path))
    for one in found:
        if isinstance(one, kind):
            rows.append(one)
        elif isinstance(one, Problem):
            problems.append(one)
    return rows, problems


def _beside(
    loan: Path, given: Path | None, name: str, reader: Reader, kind: type[T]
) -> tuple[list[T], list[Problem]]:
    """The rows of the file given, or of the one with the usual name beside the loan, or none."""
    path = given or loan.parent / name
    if given is None and not path.is_file():
        return [], []
    return _read(path, reader, kind)


def _one(
    args: argparse.Namespace,
    file: LoanFile,
    payments: Sequence[Payment],
    parties: Sequence[PartyRow],
    problems: list[Problem],
) -> tuple[LoanResult, Loan]:
    loan, unclear = loan_from(file.data, file.path)
    problems += unclear
    as_of = args.as_of or datetime.now(SHANGHAI).date()
    payees = payees_of(parties, loan)
    return examine(loan, payments, as_of=as_of, filed=args.filed, payees=payees), loan


def _print(
    args: argparse.Namespace,
    results: Sequence[tuple[LoanResult, Loan]],
    problems: Sequence[Problem],
) -> None:
    if args.json:
        data = [as_json.result_json(result, (), problems) for result, _ in results]
        print(as_json.dumps(data[0] if len(data) == 1 else {"loans": data}))
        return
    for result, _ in results:
        for line in tell(result, problems, args.lang):
            print(line)


def _export(args: argparse.Namespace, results: Sequence[LoanResult]) -> None:
    result = results[0]
    first = next((x for x in result.ledgers if x.id == result.main), None)
    if args.csv is not None and first is None and result.ledgers:
        first = result.ledgers[0]
    if args.csv is not None and first is not None:
        text = export.as_csv(first, args.lang)
        _write(args.csv, lambda: b"\xef\xbb\xbf" + text.encode("utf-8"))
    if args.xlsx is not None:
        ledgers = [ledger for one in results for ledger in one.ledgers]
        _write(args.xlsx, lambda: export.as_xlsx(ledgers, args.lang))


def _write(path: Path, content: Callable[[], bytes]) -> None:
    try:
        path.write_bytes(content())
    except OSError as error:
        raise UnreadableFile(
            "写不出文件 / the file cannot be written", where=path.name, why=str(error.strerror)
        ) from error
    print(path, file=sys.stderr)
