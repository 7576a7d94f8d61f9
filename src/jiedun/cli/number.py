"""`jiedun number N…`: what kind of number this is, and what that does and does not prove."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator

from jiedun.errors import UsageError
from jiedun.people.kinds import NumberKind, kind

EXAMPLE = """例 / example:
  jiedun number 026-00005190 "+86 170 0000 5121"
  jiedun number - < numbers.txt        # 一行一个 / one a line"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the numbers."""
    parser.add_argument(
        "numbers", nargs="+", metavar="N", help="号码；- 表示从标准输入读 / - reads stdin"
    )


def run(args: argparse.Namespace) -> int:
    """Prints each number's kind; exit 0."""
    if args.numbers == ["-"] and sys.stdin is None:
        raise UsageError("没有标准输入 / no standard input")
    for written in _numbers(args.numbers):
        found = kind(written)
        print(_as_json(written, found) if args.json else _as_text(written, found, args.lang))
    return 0


def _numbers(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        if word == "-":
            yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())
        else:
            yield word


def _as_json(written: str, found: NumberKind) -> str:
    texts = {
        key: {"zh": words.zh, "en": words.en}
        for key, words in (
            ("what", found.what),
            ("proves", found.proves),
            ("does_not_prove", found.does_not_prove),
        )
    }
    head = {"written": written, "number": found.number, "kind": found.id, "verified": found.certain}
    return json.dumps({**head, **texts}, ensure_ascii=False)


def _as_text(written: str, found: NumberKind, lang: str) -> str:
    proves, unproven = ("Shows", "Does not show") if lang == "en" else ("能说明", "不能说明")
    same = "" if found.number in (None, written) else f"  = {found.number}"
    return (
        f"{written}{same}\n  {found.what.of(lang)}\n"
        f"  {proves}: {found.proves.of(lang)}\n  {unproven}: {found.does_not_prove.of(lang)}"
    )
