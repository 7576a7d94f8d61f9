"""`jiedun owe LOAN.json`: what a loan costs and what is lawfully owed; `--golden FILE` checks it."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from jiedun.case.loans import Loans, judge_loans
from jiedun.case.output import finding_json
from jiedun.errors import UnreadableFile, UsageError
from jiedun.evidence.interface import Reader, Record, Source
from jiedun.evidence.readers.table_loan import LOANS
from jiedun.evidence.readers.table_money import PAYMENTS
from jiedun.evidence.readers.table_people import PARTIES
from jiedun.ledger import as_json, export
from jiedun.ledger.examine import examine
from jiedun.ledger.golden import judge, read_golden
from jiedun.ledger.limitation import Limitation, limitation
from jiedun.ledger.many import together
from jiedun.ledger.outlook import Outlook, civil_outlook
from jiedun.ledger.people import payees_of
from jiedun.ledger.reminders import as_ics, due_reminders, limitation_reminder, plan_reminders
from jiedun.ledger.share import share_out
from jiedun.ledger.sources import default_law
from jiedun.ledger.telling import tell
from jiedun.ledger.telling_plans import tell_limitation, tell_many, tell_outlook, tell_ways
from jiedun.ledger.values import LoanResult
from jiedun.ledger.ways_out import WaysOut, afford_of, ways_out
from jiedun.ledger.written import loan_from
from jiedun.model.evidence import LoanFile, PartyRow, Payment, Problem
from jiedun.model.time import SHANGHAI

EXAMPLE = """例 / example:
  jiedun owe 我的证据/loan.json --payments 我的证据/payments.csv --as-of 2026-11-22
  jiedun owe loan.json --json
  jiedun owe loan.json --limitation --outlook --afford 1500/month --ics 提醒.ics
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
    add(
        "loan",
        nargs="*",
        type=Path,
        metavar="LOAN.json",
        help="借款，可以几笔 / one loan or several",
    )
    add(
        "--payments",
        type=Path,
        metavar="CSV",
        help="还款（默认同目录 payments.csv）/ payments made",
    )
    add("--parties", type=Path, metavar="CSV", help="人员（默认同目录 parties.csv）/ who is who")
    add("--as-of", type=_day, metavar="DATE", help="计算到哪天（默认今天）/ worked out to this day")
    add("--filed", type=_day, metavar="DATE", help="起诉日，若已起诉 / the day a suit was filed")
    add("--demand", type=_day, metavar="DATE", action="append", default=[],
        help="催收到达的日期，可重复 / a day a demand reached you")  # fmt: skip
    add("--limitation", action="store_true", help="看诉讼时效 / where limitation stands")
    add("--outlook", action="store_true", help="不还、被起诉会怎样 / what can follow, what cannot")
    add("--afford", metavar="1500/month", help="每月能还多少，出还款方案 / proposals that fit")
    add(
        "--confirm-limitation", action="store_true", help="明白时效风险，仍要方案 / risk understood"
    )
    add(
        "--lent-identity",
        choices=("yes", "no"),
        help="证件账户是否借给别人用 / papers lent to others?",
    )
    add("--ics", type=Path, metavar="FILE", help="还款日提醒 / due days for a calendar")
    add("--csv", type=Path, metavar="FILE", help="导出首选算法的流水 / the first ledger as CSV")
    add("--xlsx", type=Path, metavar="FILE", help="导出全部流水 / every ledger as XLSX")
    add(
        "--golden",
        type=Path,
        metavar="FILE",
        help="对照已公布的答案 / compare with published answers",
    )


@dataclass(frozen=True, slots=True)
class _Report:
    """One loan with the parts that were asked for."""

    result: LoanResult
    problems: tuple[Problem, ...]
    state: Limitation | None
    outlook: Outlook | None
    ways: WaysOut | None


def run(args: argparse.Namespace) -> int:
    """0 done; 1 nothing could be worked out; 3 done, but something could not be read; 4 disagreed."""
    if args.golden is not None:
        return _golden(args.golden)
    if not args.loan:
        raise UsageError("缺少借款文件 / no loan file", next_step="jiedun owe LOAN.json")
    afford = afford_of(args.afford) if args.afford is not None else None
    reports = [one for path in args.loan for one in _reports(args, path, afford)]
    _print(args, reports)
    _export(args, reports)
    return 3 if any(r.problems for r in reports) else 0


def _golden(path: Path) -> int:
    """Prints one line a case and `N of M agree` last."""
    law = default_law()
    verdicts = [judge(case, law) for case in read_golden(path)]
    for one in verdicts:
        mark = "ok  " if one.agrees else "FAIL"
        got = "-" if one.got is None else f"{one.got:.10g}"
        print(
            f"{mark} {one.id}  {one.kind}  expected {one.expected}  got {got}  {one.why}".rstrip()
        )
    agree = sum(one.agrees for one in verdicts)
    print(f"{agree} of {len(verdicts)} agree")
    return 0 if agree == len(verdicts) else 4


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


def _reports(args: argparse.Namespace, path: Path, afford: Decimal | None) -> list[_Report]:
    """Every loan of one file, worked out; raises `UnreadableFile` when it holds none."""
    loans, problems = _read(path, LOANS, LoanFile)
    if not loans:
        raise UnreadableFile(
            "没有读到借款 / no loan could be read",
            where=path.name,
            why="；".join(p.message.zh for p in problems),
            next_step="参考 docs/ledger.md 的字段 / see docs/ledger.md for the fields",
        )
    payments, more = _beside(path, args.payments, "payments.csv", PAYMENTS, Payment)
    parties, most = _beside(path, args.parties, "parties.csv", PARTIES, PartyRow)
    as_of = args.as_of or datetime.now(SHANGHAI).date()
    written = [loan_from(file.data, file.path) for file in loans]
    shares = share_out([loan for loan, _ in written], payments)
    found = []
    for (loan, unclear), own in zip(written, shares.payments, strict=True):
        payees = payees_of(parties, loan)
        result = examine(loan, own, as_of=as_of, filed=args.filed, payees=payees)
        result = replace(result, questions=(*result.questions, *shares.questions))
        found.append(_report(args, result, (*problems, *more, *most, *unclear), afford))
    return found


def _report(
    args: argparse.Namespace,
    result: LoanResult,
    problems: tuple[Problem, ...],
    afford: Decimal | None,
) -> _Report:
    state = limitation(result, demands=args.demand)
    lent = None if args.lent_identity is None else args.lent_identity == "yes"
    ways = None
    if afford is not None:
        confirmed = args.confirm_limitation
        ways = ways_out(
            result, state, afford=afford, confirm_limitation=confirmed, lent_identity=lent
        )
    wanted = args.limitation or afford is not None
    outlook = civil_outlook(result) if args.outlook else None
    return _Report(result, problems, state if wanted else None, outlook, ways)


def _print(args: argparse.Namespace, reports: Sequence[_Report]) -> None:
    if args.json:
        data = [_json(report) for report in reports]
        print(as_json.dumps(data[0] if len(data) == 1 else {"loans": data}))
        return
    for line in _lines(reports, args.lang):
        print(line)


def _json(report: _Report) -> dict[str, Any]:
    found = judge_loans(Loans((report.result,), ()))
    findings = [finding_json(finding, {}) for finding in found.findings]
    data = as_json.result_json(report.result, findings, report.problems)
    parts = (("limitation", report.state), ("outlook", report.outlook), ("ways_out", report.ways))
    return {**data, **{name: as_json.plain_json(part) for name, part in parts if part is not None}}


def _lines(reports: Sequence[_Report], lang: str) -> Iterator[str]:
    for report in reports:
        yield from tell(report.result, report.problems, lang)
        if report.state is not None:
            yield from tell_limitation(report.state, lang)
        if report.outlook is not None:
            yield from tell_outlook(report.outlook, lang)
        if report.ways is not None:
            yield from tell_ways(report.ways, lang)
    if len(reports) > 1:
        yield from tell_many(together([r.result for r in reports]), lang)


def _export(args: argparse.Namespace, reports: Sequence[_Report]) -> None:
    result = reports[0].result
    first = result.ledger(result.main) or next(iter(result.ledgers), None)
    if args.csv is not None and first is not None:
        _write(args.csv, b"\xef\xbb\xbf" + export.as_csv(first, args.lang).encode("utf-8"))
    if args.xlsx is not None:
        ledgers = [ledger for one in reports for ledger in one.result.ledgers]
        _write(args.xlsx, export.as_xlsx(ledgers, args.lang))
    if args.ics is not None:
        _write(args.ics, _calendar(reports, args.lang).encode("utf-8"))


def _calendar(reports: Sequence[_Report], lang: str) -> str:
    """Sums still due, the end of limitation if asked, and the first instalment plan if there is one."""
    rows = [one for r in reports for one in due_reminders(r.result)]
    rows += [one for r in reports if r.state for one in limitation_reminder(r.state)]
    plans = [
        p for r in reports if r.ways for p in r.ways.proposals if p.id.startswith("instalments")
    ]
    rows += [one for p in plans[:1] for one in plan_reminders(p)]
    return as_ics(rows, datetime.now(SHANGHAI), lang)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UnreadableFile(
            "写不出文件 / the file cannot be written", where=path.name, why=str(error.strerror)
        ) from error
    print(path, file=sys.stderr)
