"""`jiedun check FOLDER`: the main job."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from jiedun.cli.main import Exit
from jiedun.errors import UsageError

EXAMPLE = "例 / example:\n  jiedun check 我的证据/ --as-of 2026-11-20\n  结果写在 我的证据.jiedun/report.html"


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("folder", type=_path, help="证据文件夹，只读不改 / folder of evidence")
    parser.add_argument("--out", type=_path, help="结果放哪里 / where results go")
    parser.add_argument(
        "--as-of", type=_day, help="算到哪一天 / counted as of this day, 2026-11-20"
    )
    parser.add_argument(
        "--tier",
        choices=("auto", "fast", "deep"),
        default="auto",
        help="怎样读文字：消息多时自动用快速档 / how words are read; auto takes the fast reader for many",
    )


def run(args: argparse.Namespace) -> int:
    """0 done; 1 nothing could be read; 3 done but some input could not be read."""
    from jiedun.case.run import check_folder
    from jiedun.case.save import document
    from jiedun.present.screen import summary

    folder = args.folder.resolve()
    out = (args.out or folder.with_name(folder.name + ".jiedun")).resolve()
    if out == folder or folder in out.parents:
        raise UsageError(
            "结果不能写进证据文件夹 / the output must lie outside the folder of evidence",
            next_step="--out 换一个位置 / choose another place",
        )
    checked, report = check_folder(
        folder,
        out,
        as_of=args.as_of,
        lang=args.lang,
        tier=args.tier,
        progress=_progress if sys.stderr.isatty() else None,
    )
    if args.json:
        print(json.dumps(document(checked, report.questions), ensure_ascii=False))
    else:
        print(summary(report, args.lang, 80))
    if not any(f.reader for f in checked.evidence.files):
        return Exit.NOTHING
    return Exit.PARTLY if checked.partly else Exit.DONE


def _path(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("位置不能是空的 / a place must be named")
    return Path(text)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("写成 2026-11-20 / write 2026-11-20") from error
    if not 2000 <= day.year < 2100:
        raise argparse.ArgumentTypeError("年份应在2000至2099之间 / a year from 2000 to 2099")
    return day


def _progress(done: int, total: int) -> None:
    share = 100 if total == 0 else min(100, done * 100 // total)
    print(f"\r读取 {share}%", end="" if done < total else "\r", file=sys.stderr, flush=True)
