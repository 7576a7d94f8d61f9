"""`jiedun next FOLDER`: what to do, in order, by when."""

import argparse
import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jiedun.cli.filed import day
from jiedun.cli.main import Exit
from jiedun.errors import UsageError
from jiedun.model.time import SHANGHAI

if TYPE_CHECKING:
    from jiedun.case.check import Checked
    from jiedun.remedies.values import Plan

EXAMPLE = """例 / examples:
  jiedun next 我的证据/
  jiedun next 我的证据/ --channels            每个渠道为什么合适、为什么不合适
  jiedun next 我的证据/ --ics                 导出日历 / write a calendar file
  jiedun next 我的证据/ --situation impersonated   身份被冒用借款"""

_SITUATIONS = ("collection", "impersonated", "exposed-card", "closed-platform")


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    case_arguments(parser)
    parser.add_argument("--channels", action="store_true", help="逐个渠道说明 / channel by channel")
    parser.add_argument("--ics", action="store_true", help="写 next.ics / write a calendar file")


def case_arguments(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Adds what every command on a case takes: folder, results folder, day, situation, form."""
    parser.add_argument(
        "folder", type=Path, nargs="?" if optional else None,
        help="证据文件夹，只读不改 / folder of evidence",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, help="结果放哪里 / where results go")
    parser.add_argument("--as-of", type=day, help="算到哪一天 / counted as of this day")
    parser.add_argument(
        "--situation", choices=_SITUATIONS, default="collection", metavar="|".join(_SITUATIONS),
        help="哪种情况（默认：被催收）/ which situation",
    )  # fmt: skip
    parser.add_argument("--form", type=Path, help="表格文件（默认 FOLDER/form.yaml）/ the form")
    parser.add_argument("--tier", choices=("fast", "deep"), default="deep", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """0 done; 1 the folder does not exist; 3 done, but some input could not be read."""
    from jiedun.case.filed import read_filed
    from jiedun.case.form import read_form
    from jiedun.case.next import plan_of
    from jiedun.case.plan_text import as_json, lines

    checked = checked_case(args)
    out = results_folder(args)
    plan = plan_of(
        checked,
        filed=read_filed(out),
        form=read_form(checked.folder, args.form),
        kind=args.situation,
    )
    if args.ics:
        _write_ics(args, plan, checked.at, out)
    if args.json:
        print(json.dumps(as_json(plan), ensure_ascii=False, indent=2))
    else:
        print("\n".join(lines(plan, args.lang, args.channels)))
    return Exit.PARTLY if checked.partly else Exit.DONE


def results_folder(args: argparse.Namespace) -> Path:
    """Where the results go; UsageError where that lies inside the evidence."""
    from jiedun.case.filed import default_out

    folder: Path = args.folder.resolve()
    out: Path = (args.out or default_out(folder)).resolve()
    if out == folder or folder in out.parents:
        raise UsageError(
            "结果不能写进证据文件夹 / the output must lie outside the folder of evidence",
            next_step="--out 换一个位置 / choose another place",
        )
    return out


def checked_case(args: argparse.Namespace) -> "Checked":
    """The folder checked as `jiedun check` does, nothing written."""
    from jiedun.case.check import check
    from jiedun.reading import conduct

    folder = args.folder.resolve()
    if not folder.is_dir():
        raise UsageError(f"没有这个文件夹 / no such folder: {args.folder.name}")
    now = datetime.now(SHANGHAI)
    return check(
        folder,
        as_of=args.as_of or now.date(),
        at=now,
        read=lambda messages: conduct.read(messages, tier=args.tier),
    )


def _write_ics(args: argparse.Namespace, plan: "Plan", at: datetime, out: Path) -> None:
    from jiedun.case.output import write_whole
    from jiedun.remedies.ics import calendar

    write_whole(out / "next.ics", calendar(plan, at, args.lang).decode("utf-8"))
