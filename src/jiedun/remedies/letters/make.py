"""A letter from its template and a case."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from jiedun.model.letter import Block, Heading, Items, Kind, Letter, PageBreak, Para, Style
from jiedun.remedies._data import words
from jiedun.remedies.letters import annex, facts, lists, sums
from jiedun.remedies.letters.build import Builder, day_of
from jiedun.remedies.letters.facts import chosen
from jiedun.remedies.letters.matter import Matter
from jiedun.remedies.letters.template import TEXT_BLOCKS, Template, expand

_UNSAFE = re.compile(r"[^\w.\-]+")
_STYLES = {
    "p": Style.BODY,
    "note": Style.NOTE,
    "warning": Style.WARNING,
    "right": Style.RIGHT,
    "center": Style.CENTER,
}


def make(template: Template, matter: Matter, lang: str) -> Letter:
    """The letter; deterministic, never raises for what the case lacks: that becomes a blank."""
    builder = Builder(_with_day(matter, lang), lang)
    for block in expand(template.body):
        if _holds(block.get("if"), builder.matter):
            builder.written += _draw(builder, block)
    return Letter(
        id=template.id,
        name=file_name(template, matter),
        lang=lang,
        title=template.title.of(lang),
        blocks=tuple(builder.written),
    )


def file_name(template: Template, matter: Matter) -> str:
    """The letter's file name: its id and whom it is about, safe on every file system."""
    about = matter.phone if template.per == "phone" else matter.creditor
    if template.per == "creditor" and matter.creditor is None and matter.findings:
        about = "unknown-sender"
    about = None if template.per == "case" else about
    tail = _UNSAFE.sub("_", about or "")[:24].strip("._")
    return f"{template.id}-{tail}" if tail else template.id


def _with_day(matter: Matter, lang: str) -> Matter:
    return replace(matter, fields={"as_of": day_of(matter.as_of, lang), **matter.fields})


def _holds(condition: Mapping[str, Any] | None, matter: Matter) -> bool:
    """Whether a block's `if` holds: `findings` of these violations, `sums`, `field`, `not_field`."""
    if condition is None:
        return True
    if "findings" in condition and not chosen(
        matter.findings, {"violations": condition["findings"]}
    ):
        return False
    if condition.get("advisory") and not chosen(matter.findings, {"advisory": "only"}):
        return False
    if condition.get("sums") and not any(loan.answers for loan in matter.loans):
        return False
    if condition.get("no_sums") and any(loan.answers for loan in matter.loans):
        return False
    if condition.get("refund") and not any(loan.refund for loan in matter.loans):
        return False
    if condition.get("payments") and not matter.payments:
        return False
    given = condition.get("field")
    return given is None or bool(matter.fields.get(given))


def _draw(builder: Builder, block: Mapping[str, Any]) -> Iterator[Block]:
    for key, value in block.items():
        if key in TEXT_BLOCKS and _holds(value.get("if"), builder.matter):
            yield _text(builder, key, value)
        elif key in ("list", "bullets"):
            yield _items(builder, value, ordered=key == "list")
        elif key in _DRAWERS:
            yield from _DRAWERS[key](builder, value if isinstance(value, Mapping) else {})


def _text(builder: Builder, key: str, value: Mapping[str, str]) -> Block:
    runs = builder.runs(words(value).of(builder.lang))
    if key in ("h", "h2"):
        return Heading(runs, 1 if key == "h" else 2)
    named = any(run.kind is Kind.EVIDENCE for run in runs)
    return Para(runs, _STYLES[key], fact=named)


def _items(builder: Builder, value: Any, *, ordered: bool) -> Items:
    kept = [item for item in value if _holds(item.get("if"), builder.matter)]
    return Items(tuple(builder.runs(words(item).of(builder.lang)) for item in kept), ordered)


def _break(builder: Builder, options: Mapping[str, Any]) -> Iterator[Block]:
    yield PageBreak()


_DRAWERS: Mapping[str, Callable[[Builder, Mapping[str, Any]], Iterator[Block]]] = {
    "facts": facts.facts,
    "numbers": lists.numbers,
    "table": lists.form_table,
    "offences": lists.offences,
    "photos": annex.photos,
    "pieces": lambda builder, _: lists.pieces(builder),
    "sums": lambda builder, _: sums.sums(builder),
    "payments": lambda builder, _: sums.payments(builder),
    "schedule": lambda builder, _: sums.schedule(builder),
    "clauses": lambda builder, _: annex.clauses(builder),
    "glossary": lambda builder, _: annex.glossary(builder),
    "annex": lambda builder, _: annex.annex(builder),
    "break": _break,
}
