"""Writes docs/commands.md and docs/rulebook.md from the commands and the rules themselves.

Run `make docs`; a test fails when either page is not current.
"""

import io
import os
import sys
from contextlib import redirect_stdout, suppress
from pathlib import Path

from jiedun import law
from jiedun.cli.main import COMMANDS, main
from jiedun.rules.pack import rulebook
from jiedun.rules.rule import CiteSpec, Rule

DOCS = Path(__file__).resolve().parents[1] / "docs"


def commands() -> str:
    """Every command's own help, as one page."""
    os.environ["COLUMNS"] = "100"
    parts = [
        "# 命令 / Commands\n\n由 `make docs` 从命令自己的帮助生成。 Made from the commands' own help.\n"
    ]
    for name, command in COMMANDS.items():
        shown = io.StringIO()
        with redirect_stdout(shown), suppress(SystemExit):
            main([name, "--help"])
        text = "\n".join(line.rstrip() for line in shown.getvalue().strip().splitlines())
        parts.append(f"## {name}\n\n{command.zh} / {command.en}\n\n```\n{text}\n```\n")
    return "\n".join(parts)


def rules() -> str:
    """Every rule with its predicate, addressees, days and clauses, as one page."""
    parts = [
        "# 规则一览 / The rulebook\n\n由 `make docs` 从规则包生成；怎样加规则见 [rules.md](rules.md)。\n"
    ]
    parts += [_rule(rule) for rule in rulebook()]
    return "\n".join(parts)


def _rule(rule: Rule) -> str:
    days = f"{rule.from_ or '…'} – {rule.until or '…'}"
    binds = "、".join(sorted(b.value for b in rule.binds)) or "任何人 / everyone"
    lines = [
        f"## {rule.id} · {rule.title.zh}\n",
        f"{rule.title.en}. `{rule.violation}`, 版本 {rule.version}, 最高把握 {rule.certainty.value}.\n",
        f"- 条件 / when: `{rule.when.text}`",
        f"- 行为日期 / days: {days}；约束 / binds: {binds}；此外 / outside: {rule.outside.value}",
        *(f"- 依据 / cites: {_cite(cite)}" for cite in rule.cites),
        *(["- 依据 / cites: 无（只作提示） / none, a hint"] if not rule.cites else []),
        f"- 来源 / source: {rule.source}\n",
    ]
    return "\n".join(lines)


def _cite(cite: CiteSpec) -> str:
    instrument = law.instrument(cite.instrument)
    place = "".join(f"#{part}" for part in (cite.article, cite.paragraph, cite.item) if part)
    mark = "" if instrument.verified else "（待核实 / to be confirmed）"
    return f"{instrument.title.zh} `{cite.instrument}{place}`{mark}"


PAGES = {"commands.md": commands, "rulebook.md": rules}

if __name__ == "__main__":
    for name, build in PAGES.items():
        (DOCS / name).write_text(build(), encoding="utf-8")
    sys.exit(0)
