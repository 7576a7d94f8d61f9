"""`jiedun rules list|show ID|test [FILE…]`: the rulebook, one rule of it, its examples tried."""

import argparse
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiedun import law
from jiedun.cli.main import Exit
from jiedun.errors import UsageError
from jiedun.model.text import Words
from jiedun.rules.examples import Tried, try_file, try_own
from jiedun.rules.pack import rulebook
from jiedun.rules.rule import CiteSpec, Rule

EXAMPLE = """例 / examples:
  jiedun rules list
  jiedun rules show CN-COL-011-standard
  jiedun rules test 我的用例.yaml        自己写的用例也一起检验 / your own cases too"""

_LABELS = {
    "when": Words("何时成立", "holds when"),
    "exceptions": Words("例外", "exceptions"),
    "days": Words("适用的行为日期", "acts on"),
    "binds": Words("约束谁", "binds"),
    "cites": Words("依据", "clauses"),
    "certainty": Words("最多有多确定", "at most"),
    "settle": Words("什么能查清", "what would settle it"),
    "source": Words("来源", "source"),
    "examples": Words("例子", "examples"),
}
_EVERYONE = Words("所有人", "everyone")
_ALWAYS = Words("不限", "always")
_COUNT = Words("{n} 条规则", "{n} rules")


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds what the command takes."""
    parser.add_argument(
        "action", choices=("list", "show", "test"), help="列出、查看、检验 / what to do"
    )
    parser.add_argument(
        "names", nargs="*", metavar="ID|FILE", help="规则编号；用例文件 / rule id; files"
    )


def run(args: argparse.Namespace) -> int:
    """The exit code: 4 when an example does not agree."""
    rules = rulebook()
    if args.action == "list":
        return _list(rules, args)
    return _show(rules, args) if args.action == "show" else _test(rules, args)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


def _list(rules: Sequence[Rule], args: argparse.Namespace) -> int:
    if args.names:
        raise UsageError("`rules list` 不带参数 / takes nothing", next_step="jiedun rules show ID")
    if args.json:
        _print_json([_short(rule) for rule in rules])
        return Exit.DONE
    width = max((len(rule.id) for rule in rules), default=0)
    for rule in rules:
        print(f"{rule.id:<{width}}  {rule.subject:<8}  {rule.title.of(args.lang)}")
    print(_COUNT.of(args.lang).format(n=len(rules)))
    return Exit.DONE


def _short(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "version": rule.version,
        "subject": rule.subject,
        "violation": rule.violation,
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "from": rule.from_,
        "until": rule.until,
        "severity": rule.severity,
    }


def _show(rules: Sequence[Rule], args: argparse.Namespace) -> int:
    by_id = {rule.id: rule for rule in rules}
    if len(args.names) != 1 or args.names[0] not in by_id:
        raise UsageError(
            "没有这条规则 / no such rule" if args.names else "要写规则编号 / name a rule",
            next_step="jiedun rules list",
        )
    rule = by_id[args.names[0]]
    if args.json:
        _print_json(_whole(rule))
    else:
        _print_rule(rule, args.lang)
    return Exit.DONE


def _whole(rule: Rule) -> dict[str, Any]:
    return {
        **_short(rule),
        "when": rule.when.text,
        "facts": list(rule.facts),
        "exceptions": [
            {"id": e.id, "when": e.when.text, "words": {"zh": e.words.zh, "en": e.words.en}}
            for e in rule.exceptions
        ],
        "binds": sorted(rule.binds),
        "outside": rule.outside,
        "cites": [_cite_data(cite) for cite in rule.cites],
        "certainty": rule.certainty,
        "group": list(rule.group),
        "channels": list(rule.channels),
        "source": rule.source,
        "examples": [
            {"name": e.name, "kind": e.kind, "on": e.on, "facts": e.facts, "expect": e.expect}
            for e in rule.examples
        ],
    }


def _cite_data(cite: CiteSpec) -> dict[str, Any]:
    return {
        "instrument": cite.instrument,
        "article": cite.article,
        "paragraph": cite.paragraph,
        "item": cite.item,
        "from": cite.from_,
        "until": cite.until,
        "binds": None if cite.binds is None else sorted(cite.binds),
    }


def _print_rule(rule: Rule, lang: str) -> None:
    print(f"{rule.id} v{rule.version}  {rule.title.of(lang)}\n")
    lines: Mapping[str, Sequence[str]] = {
        "when": [rule.when.text],
        "exceptions": [f"{e.words.of(lang)}  ({e.when.text})" for e in rule.exceptions],
        "days": [_days(rule.from_, rule.until, lang)],
        "binds": [", ".join(sorted(rule.binds)) or _EVERYONE.of(lang)],
        "cites": [_cite_line(cite, lang) for cite in rule.cites],
        "certainty": [rule.certainty.value],
        "settle": [words.of(lang) for words in rule.settle],
        "source": [rule.source],
        "examples": [f"{e.on} {e.expect.value}: {e.name}" for e in rule.examples],
    }
    for key, values in lines.items():
        if values:
            print(_LABELS[key].of(lang))
            print("\n".join(f"  {value}" for value in values))


def _days(first: date | None, last: date | None, lang: str) -> str:
    if first is None and last is None:
        return _ALWAYS.of(lang)
    return f"{first or '…'} – {last or '…'}"


def _cite_line(cite: CiteSpec, lang: str) -> str:
    title = law.instrument(cite.instrument).title.of(lang)
    article = f"#{cite.article}" if cite.article else ""
    return f"{cite.instrument}{article}  {title}"


def _test(rules: Sequence[Rule], args: argparse.Namespace) -> int:
    tried = list(try_own(rules, law.cite))
    for name in args.names:
        tried += try_file(Path(name), rules, law.cite)
    failed = [one for one in tried if not one.agrees]
    if args.json:
        _print_json(
            {
                "agree": len(tried) - len(failed),
                "of": len(tried),
                "failed": [_data(t) for t in failed],
            }
        )
    else:
        for one in failed:
            print(_line(one))
        print(f"{len(tried) - len(failed)} of {len(tried)} agree")
    return Exit.FAILED if failed else Exit.DONE


def _data(tried: Tried) -> dict[str, Any]:
    return {
        "rule": tried.rule.id,
        "example": tried.example.name,
        "file": tried.file,
        "expected": tried.example.expect,
        "said": tried.said,
    }


def _line(tried: Tried) -> str:
    place = f"{tried.file}: " if tried.file else ""
    return (
        f"✗ {place}{tried.rule.id}: {tried.example.name}: "
        f"expected {tried.example.expect}, said {tried.said}"
    )
