"""`jiedun vault …`: the vault around personal information, one sub-command an act."""

import argparse
from importlib import import_module
from typing import Any

from jiedun.errors import UsageError

EXAMPLE = """例 / examples:
  jiedun vault init --at V                          新建保险库 / a new vault
  jiedun vault collect people.jsonl --purpose loan  哪些字段可以收集 / what may be collected
  jiedun vault notice build|check 告知书.txt          生成、检查告知书 / draft or check a notice
  jiedun vault put people.jsonl --at V --purpose loan --actor 张三
  jiedun vault read ID mobile name --at V --purpose loan --actor 张三 --role credit
  jiedun vault find mobile 13800001234 --at V --purpose loan --actor 张三 --role credit
  jiedun vault trace LEAK.csv --at V --campaign 2026a   谁泄露的 / who leaked"""

_MODULES = ("_vault_keep", "_vault_tell", "_vault_incidents", "_vault_trace", "_vault_serve")


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the sub-commands."""
    acts = parser.add_subparsers(dest="act", metavar="ACT")
    for name in _MODULES:
        module: Any = import_module(f"jiedun.cli.{name}")
        module.configure(acts)


def run(args: argparse.Namespace) -> int:
    """The exit code of the act."""
    if args.act is None:
        raise UsageError("jiedun vault ACT: 见 --help / see --help")
    return int(args.do(args))
