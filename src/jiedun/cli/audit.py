"""`jiedun audit CONTACTS… --out DIR`: every rule over every contact, findings as Parquet and a page."""

import argparse
import json
import sys
import time
from pathlib import Path

from jiedun.audit.compare import save, with_earlier, within
from jiedun.audit.page import Page, render
from jiedun.audit.progress import Line, Progress, silent
from jiedun.audit.review import draw, filled_in, read_form, write_form
from jiedun.audit.run import Audit, audit
from jiedun.audit.summary import summarise
from jiedun.cli.main import Exit
from jiedun.gate.rules import GateRules, load_rules

EXAMPLE = """例 / examples:
  jiedun audit 联系记录.parquet 旧记录.csv --out 审计/       列见 docs/audit.md / columns: docs/audit.md
  jiedun audit Master.csv cdr/ --parties parties.csv --loans loans.csv --out 审计/     话单 / call records
  jiedun audit 十月.csv --out 十月/ --compare-with 九月/     与上期比较 / compare with an earlier audit
  jiedun audit 十月.csv --out 十月/ --reviewed 十月/review.csv   复核后的准确率 / precision after review"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument(
        "contacts", nargs="+", type=Path,
        help="Parquet、CSV、话单或文件夹 / Parquet, CSV, call records or a folder",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="结果目录 / where results go")
    parser.add_argument("--parties", type=Path, action="append", default=[], metavar="FILE",
                        help="号码是谁的 / whose numbers")  # fmt: skip
    parser.add_argument("--loans", type=Path, action="append", default=[], metavar="FILE",
                        help="债务是谁的 / whose debts")  # fmt: skip
    parser.add_argument(
        "--house", type=Path, action="append", default=[], help="机构规则 / house rules"
    )
    parser.add_argument("--compare-with", type=Path, metavar="DIR",
                        help="上次审计的目录 / folder of an earlier audit")  # fmt: skip
    parser.add_argument("--reviewed", type=Path, metavar="FILE",
                        help="填好的 review.csv / review.csv filled in")  # fmt: skip
    parser.add_argument("--sample", type=int, default=20, metavar="N",
                        help="每条规则抽样数 / findings sampled a rule")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="抽样种子 / seed of the sample")
    parser.add_argument("--show-numbers", action="store_true",
                        help="不遮盖号码 / numbers unmasked")  # fmt: skip
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--master", metavar="URL", help="Spark 集群 / Spark master (local[*])")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="6GB")


def run(args: argparse.Namespace) -> int:
    """The exit code: 3 when some input could not be read."""
    rules = load_rules(args.house)
    result = audit(
        args.contacts, args.out, rules, threads=args.threads, memory=args.memory,
        progress=_progress(), parties=args.parties, loans=args.loans, engine=args.engine,
        master=args.master,
    )  # fmt: skip
    page = _written(args, result, rules)
    print(json.dumps(_data(result), ensure_ascii=False) if args.json else _screen(result, page))
    return Exit.PARTLY if result.partly else Exit.DONE


def _written(args: argparse.Namespace, result: Audit, rules: GateRules) -> Path:
    """The path of the page; the sample and the summary for later audits lie beside it."""
    reviewed = read_form(args.reviewed, result.files()) if args.reviewed else None
    earlier = with_earlier(result, args.compare_with) if args.compare_with else within(result)
    sample = draw(result.files(), result.sources, seed=args.seed, each=args.sample)
    titles = {rule.id: rule.title.of(args.lang) for rule in rules.rules}
    form = args.out / "review.csv"
    if not filled_in(form):
        write_form(sample, titles, form)
    save(result)
    page: Path = args.out / "audit.html"
    told = Page(result, summarise(result), sample, earlier, reviewed, args.show_numbers)
    page.write_text(render(told, rules, args.lang), "utf-8")
    return page


def _progress() -> Progress:
    return Line(sys.stderr, time.monotonic) if sys.stderr.isatty() else silent


def _data(result: Audit) -> dict[str, object]:
    return {
        "rows": result.rows,
        "findings": result.findings,
        "refused": result.refused_count,
        "refused_rows": [{"file": f, "row": n, "columns": c} for f, n, c in result.refused],
        "unread": [{"file": u.file, "why": u.why} for u in result.unread],
        "told": result.told,
        "undecided": result.undecided,
        "unknown": [{"rule": r, "missing": m, "contacts": n} for r, m, n in result.unknown],
        "files": [str(path) for path in result.files()],
    }


def _screen(result: Audit, page: Path) -> str:
    lines = [f"{u.file}: {u.why}" for u in result.unread]
    lines += [f"{f}#{n}: {', '.join(c)}" for f, n, c in result.refused[:20]]
    lines.append(
        f"联系 / contacts {result.rows:,} · 发现 / findings {result.findings:,} · "
        f"不能用的行 / refused {result.refused_count:,}"
    )
    if result.undecided:
        lines.append(
            f"至少 {result.undecided:,} 次联系有规则因缺事实不能判断 / contacts that some rule could not "
            "decide for want of facts, at least"
        )
    return "\n".join([*lines, f"→ {page}"])
