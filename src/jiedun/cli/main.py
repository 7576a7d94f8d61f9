"""`jiedun COMMAND …`: finds the command's module, imports only that, turns errors into exit codes.

Exit codes: 0 done · 1 nothing could be done · 2 wrong use · 3 done, but some input could not be
read · 4 checked and failed.
"""

import argparse
import sys
from collections.abc import Sequence
from enum import IntEnum
from importlib import import_module
from typing import NamedTuple, NoReturn

from jiedun import __version__
from jiedun.errors import JiedunError, UsageError


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    NOTHING = 1
    USAGE = 2
    PARTLY = 3
    FAILED = 4


class Command(NamedTuple):
    """A command's module under `jiedun.cli` and its one-line summaries."""

    module: str
    zh: str
    en: str


COMMANDS = {
    "check": Command("check", "检查一个证据文件夹：发现、依据、报告（主功能）", "check a case folder"),
    "law": Command("law", "查某日有效的法条原文", "a clause as in force on a date"),
    "rules": Command("rules", "查看、检验规则库", "list, show or test the rulebook"),
    "number": Command("number", "看一个号码是什么类型、能证明什么", "what kind of number this is"),
    "next": Command("next", "接下来做什么、找谁、什么时候之前", "what to do next, where, by when"),
    "draft": Command("draft", "写信：投诉、举报、报案、起诉、还款方案", "draft letters ready to sign"),
    "filed": Command("filed", "记下提交了什么、编号、答复", "what was filed, its number, its answer"),
    "lender": Command("lender", "借款前查放贷方、看合同数字", "check a lender before borrowing"),
    "owe": Command("owe", "算一笔借款依法还欠多少", "what is lawfully owed on a loan"),
    "read": Command("read", "读消息：说了什么", "what messages say"),
    "pii": Command("pii", "找出文字里的个人信息", "personal information in text"),
    "mask": Command("mask", "遮盖文字里的个人信息", "mask personal information in text"),
    "gate": Command("gate", "催收前先问：拨打之前的决定", "a decision before a contact is made"),
    "audit": Command("audit", "审计全部联系记录", "audit all contacts"),
    "app": Command("app", "看一个贷款应用要哪些权限", "which permissions an app asks for"),
    "leak": Command("leak", "我的号码是谁泄露的：可能性有多大", "who passed my number on: how likely"),
    "vault": Command("vault", "个人信息保险库（机构用）", "the vault around personal information"),
    "seal": Command("seal", "把证据封存成可独立核验的包", "seal an evidence package"),
    "verify": Command("verify", "核验封存包", "verify a sealed package"),
    "open": Command("open", "打开加密的封存包", "open an encrypted package"),
}  # fmt: skip


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {message}", file=sys.stderr)
        raise SystemExit(Exit.USAGE)


def _overview() -> str:
    width = max(map(len, COMMANDS)) + 2
    lines = [f"  {name:<{width}}{c.zh} / {c.en}" for name, c in COMMANDS.items()]
    return "\n".join(
        [
            "借盾 Jiedun: jiedun COMMAND [--help]",
            "",
            *lines,
            "",
            "例 / example:  jiedun check 我的证据/",
            "每个命令都有 --help、--json、--lang zh|en。 Works offline; evidence is never changed.",
        ]
    )


def _parser(name: str) -> tuple[argparse.ArgumentParser, object]:
    command = COMMANDS[name]
    module = import_module(f"jiedun.cli.{command.module}")
    parser = _Parser(
        prog=f"jiedun {name}",
        description=f"{command.zh} / {command.en}",
        epilog=getattr(module, "EXAMPLE", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="语言 / language")
    parser.add_argument("--json", action="store_true", help="给程序读的输出 / output for machines")
    module.configure(parser)
    return parser, module


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of one command line."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_overview())
        return Exit.DONE if words else Exit.USAGE
    if words[0] in ("-V", "--version"):
        print(f"jiedun {__version__}")
        return Exit.DONE
    if words[0] not in COMMANDS:
        print(_overview(), file=sys.stderr)
        print(f"\njiedun: 没有这个命令 / no such command: {words[0]}", file=sys.stderr)
        return Exit.USAGE
    parser, module = _parser(words[0])
    args = parser.parse_args(words[1:])
    try:
        return int(module.run(args))  # type: ignore[attr-defined]
    except UsageError as error:
        print(f"jiedun: {error}", file=sys.stderr)
        return Exit.USAGE
    except JiedunError as error:
        print(f"jiedun: {error}", file=sys.stderr)
        return Exit.NOTHING
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.DONE
    except KeyboardInterrupt:
        print("jiedun: 已停止 / stopped", file=sys.stderr)
        return Exit.NOTHING


if __name__ == "__main__":
    sys.exit(main())
