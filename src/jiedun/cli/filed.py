"""`jiedun filed FOLDER [CHANNEL]`: what was handed in, its number, its answer."""

import argparse
import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jiedun.cli.main import Exit
from jiedun.errors import UsageError
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI

if TYPE_CHECKING:
    from jiedun.remedies.values import Filed

EXAMPLE = """例 / examples:
  jiedun filed 我的证据/                                       已经提交了什么 / what was filed
  jiedun filed 我的证据/ lender --on 2026-11-20 --number T123  记一次投诉 / record a complaint
  jiedun filed 我的证据/ lender --on 2026-11-20 --answered 2026-12-01 --answer "说会核实"
渠道的名字 / channels: jiedun next 我的证据/ --channels"""

_NONE = Words("还没有记录提交过什么。", "Nothing filed yet.")
_NOTED = Words("已记下。", "Recorded.")


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("folder", type=Path, help="证据文件夹 / folder of evidence")
    parser.add_argument("channel", nargs="?", help="渠道 / channel, e.g. lender, nfra-12378")
    parser.add_argument("--on", type=day, help="哪天提交的（默认今天）/ day of filing")
    parser.add_argument("--to", metavar="放贷方", help="关于哪个放贷方 / which creditor")
    parser.add_argument("--number", default="", help="编号、案号、回执号 / its number")
    parser.add_argument("--accepted", type=day, help="哪天受理的 / day of acceptance")
    parser.add_argument("--answered", type=day, help="哪天答复的 / day of the answer")
    parser.add_argument("--answer", default="", help="答复说了什么 / what it says")
    parser.add_argument("--out", type=Path, help="结果文件夹 / results folder")


def run(args: argparse.Namespace) -> int:
    """0 recorded or listed. Errors: LawError for an unknown channel, UsageError for dates."""
    from jiedun.case.filed import default_out, read_filed, record
    from jiedun.law import channel
    from jiedun.remedies.values import Filed

    folder = args.folder.resolve()
    if not folder.is_dir():
        raise UsageError(f"没有这个文件夹 / no such folder: {args.folder.name}")
    out = (args.out or default_out(folder)).resolve()
    if args.channel is None:
        entries = read_filed(out)
    else:
        today = datetime.now(SHANGHAI).date()
        on = args.on or today
        _check(args, on, today)
        entry = Filed(
            channel(args.channel).id, on, args.number, args.accepted, args.answered, args.answer,
            args.to,
        )  # fmt: skip
        entries = record(out, entry)
    _show(entries, args)
    return Exit.DONE


def day(text: str) -> date:
    """The date of `2026-11-20`; argparse's error otherwise."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("写成 2026-11-20 / write 2026-11-20") from error


def _check(args: argparse.Namespace, on: date, today: date) -> None:
    later = [d for d in (args.accepted, args.answered) if d is not None]
    if on > today or any(d > today for d in later):
        raise UsageError("日期在将来 / a date lies in the future")
    if any(d < on for d in later):
        raise UsageError("受理、答复不能早于提交 / accepted or answered before it was filed")


def _show(entries: Sequence["Filed"], args: argparse.Namespace) -> None:
    from jiedun.case.filed import as_json, line_of

    if args.json:
        print(json.dumps([as_json(e) for e in entries], ensure_ascii=False, indent=2))
        return
    if args.channel is not None:
        print(_NOTED.of(args.lang))
    print("\n".join(line_of(e, args.lang) for e in entries) or _NONE.of(args.lang))
