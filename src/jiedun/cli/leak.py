"""`jiedun leak FOLDER`: who passed my number on, how likely, and what would settle it."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from jiedun.model.time import SHANGHAI

EXAMPLE = """例 / example:
  jiedun leak 我的登记/
    registrations.csv  date,platform,number,mail,name   给了每家什么 / what each was given
    marketing.csv      time,to,name,from,words          之后来了什么 / what came afterwards"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the folder."""
    parser.add_argument("folder", type=Path, help="有两张表的文件夹 / folder with the two tables")


def run(args: argparse.Namespace) -> int:
    """0 answered; 3 some rows could not be read."""
    from jiedun.case.leak import Answer, ask

    answer: Answer = ask(args.folder, datetime.now(SHANGHAI))
    if args.json:
        suspects = [
            {
                "platform": s.platform,
                "probability": round(s.probability, 3),
                "rows": list(s.fits),
                "same_as": list(s.same_as),
                "would_settle": {"zh": s.settle.zh, "en": s.settle.en},
            }
            for s in answer.suspects
        ]
        cites = [f"{c.instrument}#{c.article}" for c in answer.cites]
        whole = {"suspects": suspects, "unexplained": list(answer.unexplained), "cites": cites}
        print(
            json.dumps({**whole, "problems": list(answer.problems)}, ensure_ascii=False, indent=1)
        )
    else:
        print("\n".join(_lines(answer, args.lang)))
    for place in answer.problems:
        print(f"jiedun: {place}: 这一行没有用上 / this row was not used", file=sys.stderr)
    return 3 if answer.problems else 0


def _lines(answer: object, lang: str) -> list[str]:
    from jiedun.case.leak import Answer

    assert isinstance(answer, Answer)
    zh, lines = lang != "en", list[str]()
    for one in answer.suspects:
        share = f"{one.probability:.0%}"
        lines.append(
            f"{share:>4}  {one.platform}：{len(one.fits)} 条相符"
            if zh
            else f"{share:>4}  {one.platform}: {len(one.fits)} rows fit"
        )
        if one.probability > 0.02:
            lines.append(f"      {one.settle.of(lang)}")
    if answer.unexplained:
        rows = ", ".join(map(str, answer.unexplained[:20]))
        lines.append(f"      都对不上的行：{rows}" if zh else f"      rows that fit none: {rows}")
    lines.append(
        "这是可能性，不是证据；只说明先问谁，不说明谁违法。"
        if zh
        else "A likelihood, not proof: it says whom to ask first, not who broke the law."
    )
    return lines
