"""`jiedun lender NAME`: what to check before borrowing, and the signs of an unlawful lender."""

import argparse
import json
from datetime import datetime
from pathlib import Path

from jiedun.cli.filed import day
from jiedun.cli.main import Exit
from jiedun.errors import UsageError
from jiedun.model.time import SHANGHAI

EXAMPLE = """例 / examples:
  jiedun lender 青禾小额贷款有限公司                  查什么、去哪里查 / what to check and where
  jiedun lender 青禾小贷 --list 名单.csv              在自己下载的官方名单里找 / in a list you downloaded
  jiedun lender 青禾小贷 --contract loan.json         看合同里的数字 / the contract's numbers"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("name", help="放贷方名称 / the lender's name")
    parser.add_argument(
        "--list", type=Path, action="append", default=[], metavar="FILE",
        help="官方名单（CSV或XLSX，自己下载）/ an official list you downloaded",
    )  # fmt: skip
    parser.add_argument("--contract", type=Path, metavar="FILE", help="合同数字 / loan.json")
    parser.add_argument("--as-of", type=day, help="哪一天 / as of this day")


def run(args: argparse.Namespace) -> int:
    """0 answered; 3 a list could not be read."""
    from jiedun.case.before import as_json, look_at, told

    if not args.name.strip():
        raise UsageError("要写放贷方名称 / name the lender")
    on = args.as_of or datetime.now(SHANGHAI).date()
    found = look_at(args.name, args.list, args.contract, on)
    if args.json:
        print(json.dumps(as_json(found), ensure_ascii=False, indent=2))
    else:
        print("\n".join(told(found, args.lang)))
    return Exit.PARTLY if found.unread else Exit.DONE
