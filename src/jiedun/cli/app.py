"""`jiedun app FILE…`: which permissions an app asks for, and what they expose."""

import argparse
import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jiedun.errors import InputError, UsageError
from jiedun.model.time import SHANGHAI
from jiedun.vault import app

EXAMPLE = """例 / examples:
  jiedun app 某贷款.apk
  jiedun app AndroidManifest.xml --json"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the files and the day."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="APK 或 AndroidManifest.xml"
    )
    parser.add_argument("--on", metavar="YYYY-MM-DD", help="哪一天的法律 / law of which day")


def run(args: argparse.Namespace) -> int:
    """0 read; 3 some files could not be; 1 none could."""
    on = _day(args.on)
    failed = 0
    for path in args.files:
        try:
            found = app.read(path)
        except InputError as error:
            failed += 1
            print(f"jiedun: {error}", file=sys.stderr)
            continue
        if args.json:
            print(json.dumps(_as_json(path, found, on), ensure_ascii=False))
        else:
            print("\n".join(_as_text(path, found, on, args.lang)))
    if not failed:
        return 0
    return 1 if failed == len(args.files) else 3


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else datetime.now(SHANGHAI).date()
    except ValueError:
        raise UsageError("--on: 不是日期 / not a date (YYYY-MM-DD)") from None


def _as_json(path: Path, found: app.App, on: date) -> dict[str, Any]:
    needed = app.necessary()
    return {
        "file": path.name,
        "package": found.package,
        "beyond": [
            {
                "permission": a.permission,
                "group": a.group,
                "exposes": {"zh": a.exposes.zh, "en": a.exposes.en} if a.exposes else None,
            }
            for a in found.beyond
        ],
        "others": [a.permission for a in found.asked if a.group is None],
        "necessary": {"zh": needed.zh, "en": needed.en},
        "cites": [
            {
                "instrument": c.instrument,
                "article": c.article,
                "quote": c.quote,
                "verified": c.verified,
            }
            for c in app.clauses(on)
        ],
    }


def _as_text(path: Path, found: app.App, on: date, lang: str) -> list[str]:
    zh = lang != "en"
    lines = [f"{path.name}  {found.package}"]
    if not found.beyond:
        lines.append(
            "  没有要求会接触个人信息的权限。" if zh else "  No permission reaches personal data."
        )
    for one in found.beyond:
        lines += [f"  ! {one.permission}", f"      {one.exposes.of(lang) if one.exposes else ''}"]
    others = len(found.asked) - len(found.beyond)
    lines.append(f"  另有 {others} 项一般权限。" if zh else f"  {others} other permissions.")
    lines.append("  " + app.necessary().of(lang))
    lines.append(
        "  清单只说明应用能要求什么；是否真的收集了，要看使用中的请求和网络记录。"
        if zh
        else "  A manifest shows what an app can ask for, not what it took."
    )
    for cite in app.clauses(on):
        mark = "" if cite.verified else ("（待核实）" if zh else " (to be confirmed)")
        article = f"#{cite.article}" if cite.article else ""
        lines.append(f"  {cite.title.of(lang)}{article}{mark}")
        if cite.quote:
            lines += [f"      {line}" for line in cite.quote.splitlines()]
    return lines
