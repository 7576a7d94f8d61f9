"""`jiedun audit CONTACTS… --out DIR`: every rule over every contact, findings as Parquet and a page."""

import argparse
import json
import sys
from pathlib import Path

from jiedun.audit.page import render
from jiedun.audit.run import Audit, audit
from jiedun.audit.summary import summarise
from jiedun.cli.main import Exit
from jiedun.errors import UsageError
from jiedun.gate.rules import load_rules

EXAMPLE = """例 / example:
  jiedun audit 联系记录.parquet 旧记录.csv --out 审计/       列见 docs/audit.md / columns: docs/audit.md"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument("contacts", nargs="+", type=Path, help="Parquet 或 CSV / Parquet or CSV")
    parser.add_argument("--out", type=Path, required=True, help="结果目录 / where results go")
    parser.add_argument(
        "--house", type=Path, action="append", default=[], help="机构规则 / house rules"
    )
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="6GB")


def run(args: argparse.Namespace) -> int:
    """The exit code: 3 when some input could not be read."""
    if args.engine == "spark":
        raise UsageError("这一版没有 Spark 引擎 / there is no Spark engine in this version",
                         next_step="--engine duckdb")  # fmt: skip
    rules = load_rules(args.house)
    result = audit(
        args.contacts, args.out, rules, threads=args.threads, memory=args.memory, progress=_progress
    )
    page = args.out / "audit.html"
    page.write_text(render(result, summarise(result), rules, args.lang), "utf-8")
    print(json.dumps(_data(result), ensure_ascii=False) if args.json else _screen(result, page))
    return Exit.PARTLY if result.partly else Exit.DONE


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty() and of > 1:
        print(f"\r{done}/{of}", end="\n" if done == of else "", file=sys.stderr)


def _data(result: Audit) -> dict[str, object]:
    return {
        "rows": result.rows,
        "findings": result.findings,
        "refused": result.refused_count,
        "refused_rows": [{"file": f, "row": n, "columns": c} for f, n, c in result.refused],
        "unread": [{"file": u.file, "why": u.why} for u in result.unread],
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
    return "\n".join([*lines, f"→ {page}"])
