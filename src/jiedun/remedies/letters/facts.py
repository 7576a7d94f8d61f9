"""What was found, as statements that each name their evidence, in words that fit force and certainty."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from jiedun.model.evidence import Channel, ItemRef, Outcome
from jiedun.model.finding import Certainty, Cite, Finding, Force
from jiedun.model.letter import Block, Heading, Kind, Para, Run, Runs, Style, Table
from jiedun.model.report import TimelineRow
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.remedies.letters.build import Builder, told_by
from jiedun.remedies.letters.numerals import chinese

MOST_ROWS = 30
_LONGEST = 160
_HEAD = Words("时间|情况|证据", "Time|What happened|Evidence")
_NONE = Words(
    "目前的材料里没有查到属于本信范围的具体行为。请在这里补写时间、号码、内容和证据：",
    "The material holds no particular act of this kind. Add time, number, words and evidence here: ",
)
_REST = Words(
    "另有{n}次同类情况，见附件证据清单：", "{n} further acts of the same kind, see the annex: "
)
_SETTLE = Words("能够查清的材料：", "What would settle it: ")
_COUNT = Words("{title}（{n}次）", "{title} ({n})")
_BINDS = {
    Force.STANDARD: Words("推荐性标准", "the recommended standard"),
    Force.SELF_DISCIPLINE: Words("自律规范", "the self-discipline rules"),
    Force.JUDICIAL_POLICY: Words("司法政策", "the judicial policy"),
}
_LAWS = (Force.LAW, Force.REGULATION, Force.JUDICIAL_INTERPRETATION)
_AGAINST = {
    Certainty.CERTAIN: Words("本人认为，上述情况违反", "In my view this breaches "),
    Certainty.PROBABLE: Words("上述情况很可能违反", "This probably breaches "),
    Certainty.POSSIBLE: Words("上述情况疑似违反", "This may breach "),
}
_SHORT = {
    Certainty.CERTAIN: Words("上述情况不符合", "This falls short of "),
    Certainty.PROBABLE: Words("上述情况很可能不符合", "This probably falls short of "),
    Certainty.POSSIBLE: Words("上述情况疑似不符合", "This may fall short of "),
}
_ASK = {
    Certainty.CERTAIN: Words("，请予核实、认定。", "; please verify and decide."),
    Certainty.PROBABLE: Words("，请予调查、认定。", "; please investigate and decide."),
    Certainty.POSSIBLE: Words(
        "；目前还不能确定，请予核查。", "; this is not certain yet, please examine it."
    ),
}
_CRIME = Words(
    "是否构成犯罪，请公安机关对照{clauses}审查；本人不作认定。",
    "Whether it is a crime is for the police to examine under {clauses}; I assert nothing.",
)
_NOT_LAW = Words(
    "（这类文件不是法律，只用来说明行业公认的做法。）",
    " (Such documents are not law; they show what the trade accepts.)",
)
_ADVISORY = Words(
    "以上只作提示：没有可以引用的条文，不作为违规主张。",
    "This is for your attention only: no clause is cited and no breach is claimed.",
)
_POSSIBLE = Words("疑似：", "Possibly: ")
_CHANNELS = {
    Channel.CALL: Words("电话", "call"),
    Channel.SMS: Words("短信", "message"),
    Channel.MMS: Words("彩信", "MMS"),
    Channel.CHAT: Words("聊天消息", "chat message"),
    Channel.VISIT: Words("上门", "visit"),
    Channel.POSTER: Words("张贴", "poster"),
    Channel.OTHER: Words("其他", "other"),
}


def facts(builder: Builder, options: Mapping[str, Any]) -> Iterator[Block]:
    """The findings that `options` select, one section a kind of conduct and certainty."""
    groups = list(_groups(chosen(builder.matter.findings, options)))
    if not groups and options.get("advisory") != "only":
        label = _NONE.of(builder.lang)
        yield Para((Run(label), Run("时间、号码、内容", Kind.BLANK)), Style.NOTE)
    for n, group in enumerate(groups, start=1):
        yield from _section(builder, n, group, options.get("standards", True))


def chosen(findings: Sequence[Finding], options: Mapping[str, Any]) -> list[Finding]:
    """The findings of `violations` less `without`; advisory ones only where asked (`also`, `only`)."""
    wanted, advisory = set(options.get("violations", ())), options.get("advisory", "no")
    without = set(options.get("without", ()))
    found = [
        f for f in findings if (not wanted or f.violation in wanted) and f.violation not in without
    ]
    if advisory == "only":
        return [f for f in found if f.force is Force.ADVISORY]
    return [f for f in found if advisory == "also" or f.force is not Force.ADVISORY]


def _groups(findings: Sequence[Finding]) -> Iterator[list[Finding]]:
    groups: dict[tuple[str, Certainty], list[Finding]] = {}
    for f in sorted(findings, key=lambda f: (f.occurred_at, f.id)):
        groups.setdefault((f.title.zh, f.certainty), []).append(f)
    yield from sorted(
        groups.values(), key=lambda g: (g[0].certainty.rank, g[0].force.rank, -g[0].severity)
    )


def _section(
    builder: Builder, n: int, group: Sequence[Finding], standards: bool
) -> Iterator[Block]:
    first, lang = group[0], builder.lang
    title = _COUNT.of(lang).format(title=first.title.of(lang), n=len(group))
    doubt = _POSSIBLE.of(lang) if first.certainty is Certainty.POSSIBLE else ""
    mark = f"（{chinese(n)}）" if lang != "en" else f"({n}) "
    yield Heading((Run(f"{mark}{doubt}{title}"),), 2)
    rows = tuple(_row(builder, f) for f in group[:MOST_ROWS])
    yield Table(tuple(_HEAD.of(lang).split("|")), rows, (24, 56, 20), facts=True)
    rest = group[MOST_ROWS:]
    if rest:
        refs = [ref for f in rest for ref in f.items]
        text = _REST.of(lang).format(n=len(rest))
        yield Para((Run(text), builder.evidence(*refs)), fact=True)
    yield from verdict(builder, group, standards=standards)


def _row(builder: Builder, finding: Finding) -> tuple[Runs, ...]:
    refs = finding.items or _loan_refs(builder)
    timed = finding.items and not finding.day_only
    layout = "%Y-%m-%d %H:%M:%S" if timed else "%Y-%m-%d"
    at = finding.occurred_at.astimezone(SHANGHAI).strftime(layout)
    what = [Run(finding.explanation.of(builder.lang))]
    for ref in finding.items[:3]:
        what += _said(builder, builder.matter.items.get(str(ref)))
    blank = "证据" if builder.lang != "en" else "evidence"
    evidence = (builder.evidence(*refs),) if refs else (Run(blank, Kind.BLANK),)
    return ((Run(at),), tuple(what), evidence)


def _loan_refs(builder: Builder) -> tuple[ItemRef, ...]:
    """What a finding about a loan rests on: it accuses no single row of a file."""
    return tuple(loan.ref for loan in builder.matter.loans)


def _said(builder: Builder, row: TimelineRow | None) -> list[Run]:
    if row is None:
        return []
    en = builder.lang == "en"
    kind = _CHANNELS[row.channel].of(builder.lang)
    word = told_by(row.ref)
    head = f"\n{kind} {row.number}" if row.number else f"\n{kind}"
    head = f"\n{word.of(builder.lang)}" if word else head
    if not row.text:
        return [Run(head + _length(row, en))]
    cut = row.text[:_LONGEST]
    tail = (
        [] if cut == row.text else [Run(" (whole text in the annex)" if en else "（全文见证据）")]
    )
    return [
        Run(head + (": " if en else "："), Kind.PLAIN),
        Run(cut, Kind.SAID, str(row.ref)),
        *tail,
    ]


def _length(row: TimelineRow, en: bool) -> str:
    if row.channel is not Channel.CALL:
        return ""
    if row.outcome in (Outcome.MISSED, Outcome.REJECTED):
        return ", not answered" if en else "，未接听"
    if row.duration_s is None:
        return ""
    return f", {row.duration_s} s" if en else f"，通话{row.duration_s}秒"


def verdict(
    builder: Builder, group: Sequence[Finding], *, standards: bool = True
) -> Iterator[Block]:
    """What the conduct is measured against, split by force; then what would settle a doubt."""
    first, lang = group[0], builder.lang
    if first.force is Force.ADVISORY:
        yield Para((Run(_ADVISORY.of(lang)),), Style.NOTE)
        return
    cites = _cites(group)
    for forces in _SIDES if standards else _SIDES[:1]:
        mine = [(cite, on) for cite, on in cites if cite.force in forces]
        if mine:
            yield Para(_against(builder, mine, first.certainty, forces))
    crimes = [(cite, on) for cite, on in cites if cite.force is Force.CRIMINAL_LAW]
    if crimes:
        head, _, tail = _CRIME.of(lang).partition("{clauses}")
        yield Para((Run(head), *_named(builder, crimes), Run(tail)))
    settle = tuple(dict.fromkeys(w.of(lang) for f in group for w in f.would_settle))
    if settle and first.certainty is not Certainty.CERTAIN:
        yield Para((Run(_SETTLE.of(lang) + "；".join(settle)),), Style.NOTE)


_SIDES = (_LAWS, (Force.STANDARD,), (Force.SELF_DISCIPLINE,), (Force.JUDICIAL_POLICY,))


def _against(
    builder: Builder,
    cites: Sequence[tuple[Cite, date]],
    certainty: Certainty,
    forces: Sequence[Force],
) -> Runs:
    lang, kind = builder.lang, _BINDS.get(forces[0])
    words = _SHORT[certainty] if kind else _AGAINST[certainty]
    lead = words.of(lang) + (kind.of(lang) if kind else "") + (" " if kind and lang == "en" else "")
    note = ""
    if forces[0] in (Force.STANDARD, Force.SELF_DISCIPLINE) and not builder.told_not_law:
        builder.told_not_law, note = True, _NOT_LAW.of(lang)
    return (Run(lead), *_named(builder, cites), Run(_ASK[certainty].of(lang) + note))


def _named(builder: Builder, cites: Sequence[tuple[Cite, date]]) -> Runs:
    runs: list[Run] = []
    for n, (cite, on) in enumerate(cites):
        if n:
            runs.append(Run("、" if builder.lang != "en" else "; "))
        runs.append(builder.clause(cite, on))
    return tuple(runs)


def _cites(group: Sequence[Finding]) -> list[tuple[Cite, date]]:
    """The group's clauses, each once a wording, with the day of the first act they are cited for."""
    found: dict[tuple[Any, ...], tuple[Cite, date]] = {}
    for finding in group:
        on = finding.occurred_at.astimezone(SHANGHAI).date()
        for cite in finding.cites:
            key = (cite.instrument, cite.article, cite.paragraph, cite.item, cite.quote)
            found.setdefault(key, (cite, on))
    return list(found.values())
