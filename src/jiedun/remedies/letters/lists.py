"""Lists a form wants: the numbers that called, tables of the form, the five pieces of a loan, offences."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from jiedun import law
from jiedun.model.evidence import Channel
from jiedun.model.finding import Certainty, Cite, Finding
from jiedun.model.letter import Block, Items, Kind, Para, Run, Runs, Style, Table
from jiedun.model.report import TimelineRow
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.remedies._data import entries, words
from jiedun.remedies.letters.build import Builder, label_of
from jiedun.remedies.letters.facts import chosen

_NUMBERS = Words(
    "号码|次数|首次|最近一次|方式|证据", "Number|Times|First|Last|Kind|Evidence"
)  # fmt: skip
_NO_NUMBERS = Words("（没有属于本信范围的号码。）", "(No numbers of this kind.)")
_KIND = {Channel.CALL: Words("电话", "call"), Channel.SMS: Words("短信", "message")}
_OTHER = Words("其他", "other")
_ROWS_MISSING = Words(
    "（请在 form.yaml 的 {key} 里填表，或在这里手写：）",
    "(Fill in {key} in form.yaml, or write here:) ",
)
_GIVEN, _LACKS, _OPEN = (
    Words("已提供", "handed over"),
    Words("没有提供，请提供", "not handed over: please provide it"),
    Words("不清楚，请说明", "not known: please explain"),
)
_OFFENCE = Words("{title}（{day}）：", "{title} ({day}): ")
_CONSIDER = Words(
    "是否构成，请公安机关审查。", "Whether it is made out is for the police to examine."
)
_SUSPECT = Words("（疑似，请核查）", " (suspected, please examine)")


def numbers(builder: Builder, options: Mapping[str, Any]) -> Iterator[Block]:
    """The numbers that did it, how often, when, with their evidence."""
    rows = number_rows(builder, options)
    if not rows:
        yield Para((Run(_NO_NUMBERS.of(builder.lang)),), Style.NOTE)
        return
    head = tuple(_NUMBERS.of(builder.lang).split("|"))
    yield Table(head, tuple(rows), (20, 9, 21, 21, 12, 17), facts=True)


def number_rows(builder: Builder, options: Mapping[str, Any]) -> list[tuple[Runs, ...]]:
    """One row a number: number, times, first, last, kinds, evidence."""
    found = chosen(builder.matter.findings, options)
    refs = dict.fromkeys(str(ref) for f in found for ref in f.items)
    grouped: dict[str, list[TimelineRow]] = {}
    for name in refs:
        item = builder.matter.items.get(name)
        if item is not None and item.number:
            grouped.setdefault(item.number, []).append(item)
    ordered = sorted(grouped.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [_number(builder, number, items) for number, items in ordered]


def _number(builder: Builder, number: str, items: Sequence[TimelineRow]) -> tuple[Runs, ...]:
    times = sorted(item.at.astimezone(SHANGHAI) for item in items)
    kinds = dict.fromkeys(_KIND.get(item.channel, _OTHER).of(builder.lang) for item in items)
    cells = (number, str(len(items)), f"{times[0]:%Y-%m-%d %H:%M:%S}",
             f"{times[-1]:%Y-%m-%d %H:%M:%S}", "、".join(kinds))  # fmt: skip
    return (
        *((Run(cell),) for cell in cells),
        (builder.evidence(*(item.ref for item in items)),),
    )


def form_table(builder: Builder, options: Mapping[str, Any]) -> Iterator[Block]:
    """A table of the form (`rows`), with the columns and heads that the template names."""
    key, columns = options["rows"], options["columns"]
    heads = tuple(label_of(f"{key}.{column}", builder.lang) for column in columns)
    rows = [
        tuple((Run(row.get(column, ""), Kind.GIVEN),) for column in columns)
        for row in builder.matter.rows.get(key, ())
    ]
    if not rows:
        yield Para((Run(_ROWS_MISSING.of(builder.lang).format(key=key)),), Style.NOTE)
        blank = tuple((Run("　"),) for _ in columns)
        rows = [blank, blank, blank]
    yield Table(heads, tuple(rows), tuple(10 for _ in columns))


def pieces(builder: Builder) -> Iterator[Block]:
    """The five pieces a genuine loan leaves, and for each whether the lender handed it over."""
    items = []
    for piece in entries("pieces"):
        given = builder.matter.fields.get(f"impersonated.pieces.{piece['id']}", "")
        state = {"given": _GIVEN, "none": _LACKS}.get(given, _OPEN)
        told = f"：{state.zh}。" if builder.lang != "en" else f": {state.en}. "
        items.append(
            (
                Run(words(piece["name"]).of(builder.lang), Kind.STRONG),
                Run(told),
                Run(words(piece["ask"]).of(builder.lang)),
            )
        )
    yield Items(tuple(items))


def offences(builder: Builder, options: Mapping[str, Any]) -> Iterator[Block]:
    """For each kind of conduct the provisions in force on the day of the act, to be considered."""
    found = sorted(chosen(builder.matter.findings, options), key=lambda f: f.occurred_at)
    items = []
    for entry in entries("offences"):
        for cites, group in _by_version(entry, _meant(entry, found, builder.matter.lender_type)):
            items.append(_offence(builder, group, cites))
    if items:
        yield Items(tuple(items))
        yield Para((Run(_CONSIDER.of(builder.lang)),), Style.NOTE)


def _meant(
    entry: Mapping[str, Any], found: Sequence[Finding], lender_type: str | None
) -> list[Finding]:
    """The findings an entry of `data/offences.yaml` is about."""
    if "lenders" in entry and lender_type not in entry["lenders"]:
        return []
    rules = entry.get("rules")
    mine = [
        f
        for f in found
        if f.violation in entry["violations"] and (rules is None or f.rule in rules)
    ]
    return mine if len(mine) >= entry.get("at_least", 1) else []


def _by_version(
    entry: Mapping[str, Any], found: Sequence[Finding]
) -> Iterator[tuple[list[tuple[Cite, date]], list[Finding]]]:
    """The findings of an entry, parted by the wording in force on their day."""
    parted: dict[tuple[Any, ...], tuple[list[tuple[Cite, date]], list[Finding]]] = {}
    for f in found:
        on = f.occurred_at.astimezone(SHANGHAI).date()
        cites = [(cite, on) for cite in _cites(entry, on)]
        key = (f.title.zh, *((c.instrument, c.article, c.item) for c, _ in cites))
        parted.setdefault(key, (cites, []))[1].append(f)
    yield from parted.values()


def _cites(entry: Mapping[str, Any], on: date) -> Iterator[Cite]:
    for spec in entry["cites"]:
        cite = law.cite(
            spec["instrument"], spec["article"], on,
            paragraph=spec.get("paragraph"), item=spec.get("item"),
        )  # fmt: skip
        if cite is not None:
            yield cite


def _offence(
    builder: Builder, group: Sequence[Finding], cites: Sequence[tuple[Cite, date]]
) -> Runs:
    lang = builder.lang
    days = sorted({f.occurred_at.astimezone(SHANGHAI).date().isoformat() for f in group})
    span = days[0] if len(days) == 1 else f"{days[0]} … {days[-1]}"
    doubt = all(f.certainty is Certainty.POSSIBLE for f in group)
    runs = [Run(_OFFENCE.of(lang).format(title=group[0].title.of(lang), day=span))]
    for n, (cite, on) in enumerate(cites):
        runs += [Run("、" if lang != "en" else "; ")] if n else []
        runs.append(builder.clause(cite, on))
    refs = [ref for f in group for ref in f.items]
    runs += [Run(_SUSPECT.of(lang))] if doubt else []
    return (*runs, builder.evidence(*refs)) if refs else tuple(runs)
