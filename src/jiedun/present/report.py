"""The report as one HTML page that opens offline, runs no script and asks for nothing.

Every string is escaped by the template engine; a last pass over the whole page writes unseen
characters as `⟨U+XXXX⟩`. The page's own policy forbids scripts and requests altogether.
"""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jiedun.model.finding import Certainty, Cite, Finding, Force
from jiedun.model.report import LoanReport, Report, TimelineRow
from jiedun.present import charts, figures, words
from jiedun.present.by_rule import apart, by_rule, kinds
from jiedun.present.calendar import Calendar, count_contacts
from jiedun.present.escaping import visible
from jiedun.present.owed import span_words
from jiedun.present.pen import PEN
from jiedun.present.phrases import MONTHS, PHRASES, say
from jiedun.present.timeline import Day, fold

_TEMPLATES = Path(__file__).parent / "templates"
_MOST_LISTED = 400
_MOST_FINDINGS = 8
_MOST_TEXT = 1_200
_INSERTED = re.compile(r"\d+-\d+")


def render(report: Report, lang: str = "zh") -> str:
    """The page in `lang` (`zh` or `en`), ready to be written as UTF-8."""
    calendar = count_contacts(report)
    drawings = _drawings(report, calendar, lang)
    with ThreadPoolExecutor(max_workers=1) as pen:
        drawn = {chart.id: pen.submit(charts.draw, chart) for chart in drawings}
        page = _page(report, calendar, lang, [chart.id for chart in drawings])
        return visible(_with_drawings(page, drawn, lang))


def warm() -> None:
    """Nothing; starts the drawing engine in its own process so that `render` finds it ready."""
    PEN.start()


def _page(report: Report, calendar: Calendar | None, lang: str, drawn: Sequence[str]) -> str:
    groups = by_rule(report.findings)
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            lang=lang,
            html_lang="en" if lang == "en" else "zh-CN",
            t={key: phrase.of(lang) for key, phrase in PHRASES.items()},
            calendar=calendar,
            drawn=frozenset(drawn),
            timeline=fold(report),
            groups=groups,
            group_of={f.id: n for n, g in enumerate(groups, 1) for f in g.findings},
            kinds=kinds(report.findings),
            lines=apart(report.findings),
            read=[f for f in report.files if f.reader is not None],
            kept=[f for f in report.files if f.reader is None],
            rows_read=sum(f.rows for f in report.files),
            owed_words=span_words(report.loans, lang),
            kind_no={kind.violation: n for n, kind in enumerate(kinds(report.findings), 1)},
            Certainty=Certainty,
            Force=Force,
            most=_MOST_LISTED,
            most_findings=_MOST_FINDINGS,
            **_helpers(lang),
        )
    )


def _helpers(lang: str) -> dict[str, Callable[..., Any]]:
    return {
        "w": lambda said: said.of(lang) if said else "",
        "say": partial(say, lang=lang),
        "day": partial(figures.day, lang=lang),
        "duration": partial(figures.duration, lang=lang),
        "force_name": lambda force: words.FORCE[force].of(lang),
        "force_means": lambda force: words.FORCE_MEANS[force].of(lang),
        "sure_name": lambda level: words.CERTAINTY[level].of(lang),
        "sure_means": lambda level: words.CERTAINTY_MEANS[level].of(lang),
        "verdict": lambda force, level, weighed=False: words.verdict(force, level, weighed).of(
            lang
        ),
        "violation": lambda finding: words.violation(finding).of(lang),
        "role": lambda role: words.ROLE[role].of(lang),
        "reached": lambda whom: words.REACHED[whom].of(lang),
        "contact": partial(_contact_words, lang=lang),
        "pieces": _pieces,
        "when": _when,
        "groups_of": lambda ids, group_of: sorted({group_of[i] for i in ids if i in group_of}),
        "place": partial(_clause_place, lang=lang),
        "is_day": lambda block: isinstance(block, Day),
        "has_quote": _has_quote,
        "all_quoted": lambda cites: all(map(_has_quote, cites)),
        "line_colours": charts.line_colours,
        "part_colour": lambda part: charts.PART_COLOURS.get(part.id, charts.OTHER_PART),
        "paid_parts": _paid_parts,
    }


@cache
def _environment() -> Environment:
    engine = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("clock", "stamp", "money", "percent", "size", "count"):
        engine.filters[name] = getattr(figures, name)
    return engine


def _mark(chart_id: str) -> str:
    return f"<!--chart:{chart_id}-->"


def _with_drawings(page: str, drawn: dict[str, "Future[str]"], lang: str) -> str:
    for chart_id, drawing in drawn.items():
        page = page.replace(_mark(chart_id), _finished(drawing, lang), 1)
    return page


def _finished(drawing: "Future[str]", lang: str) -> str:
    """The drawing, or a plain sentence where the engine refused: the report goes on without it."""
    try:
        return drawing.result()
    except ValueError:
        return f'<p class="small">{escape(say("not_drawn", lang))}</p>'


def _drawings(report: Report, calendar: Calendar | None, lang: str) -> list[charts.Chart]:
    made = [] if calendar is None else _calendar_charts(calendar, lang)
    for n, loan in enumerate(report.loans or (), 1):
        made += _loan_charts(loan, n, lang)
    return made


def _calendar_charts(calendar: Calendar, lang: str) -> list[charts.Chart]:
    tell = partial(say, lang=lang)
    names = (tell("lim_08"), tell("lim_21"), tell("lim_22"), MONTHS["en" if lang == "en" else "zh"])
    hours = charts.hours_spec(calendar, names)
    busy = charts.busiest_spec(calendar, tell("lim_3"))
    desc = tell(
        "cal_desc",
        total=calendar.total,
        early=calendar.early,
        evening=calendar.evening,
        night=calendar.night,
        third=calendar.third,
    )
    unit = tell(f"unit_{calendar.unit}")
    title = tell("busy_title", unit=unit)
    over = f"{tell('cal_over')}: {calendar.days_over}"
    return [
        charts.Chart("hours", hours, tell("calendar"), desc, charts.width_of(hours)),
        charts.Chart("busiest", busy, title, over, charts.width_of(busy)),
    ]


def _loan_charts(loan: LoanReport, n: int, lang: str) -> list[charts.Chart]:
    made = []
    series = [s for s in loan.balances if s.points]
    if series:
        spec = charts.balance_spec(series)
        words_ = say("balance", lang), say("balance_desc", lang)
        made.append(charts.Chart(f"balance-{n}", spec, *words_, charts.width_of(spec)))
    flows = [f for f in loan.flows if _paid_parts(f.parts)]
    if flows:
        spec = charts.flow_spec(flows)
        title = say("flow", lang)
        made.append(charts.Chart(f"flow-{n}", spec, title, title, charts.width_of(spec)))
    return made


def _paid_parts(parts: Sequence[Any]) -> list[Any]:
    return [part for part in parts if part.amount > 0]


def _contact_words(row: TimelineRow, lang: str) -> str:
    parts = [words.CHANNEL[row.channel].of(lang), words.OUTCOME[row.outcome].of(lang)]
    parts.append(figures.duration(row.duration_s, lang) if row.duration_s else "")
    return " · ".join(part for part in parts if part)


def _pieces(row: TimelineRow) -> list[tuple[str, bool]]:
    """The row's text cut at its marks: (piece, whether it decided); overlaps are joined.

    Over 1,200 characters the rest is left to timeline.csv.
    """
    text = row.text if len(row.text) <= _MOST_TEXT else f"{row.text[:_MOST_TEXT]}……"
    pieces: list[tuple[str, bool]] = []
    at = 0
    for first, last in sorted(row.marks):
        start, end = max(at, first), min(last, len(text))
        if start < end:
            pieces += [(text[at:start], False), (text[start:end], True)]
            at = end
    pieces.append((text[at:], False))
    return [piece for piece in pieces if piece[0]]


def _has_quote(cite: Cite) -> bool:
    return cite.quote is not None and cite.verified


def _when(finding: Finding) -> str:
    """The finding's moment; the day alone where no row with a time stands behind it."""
    return figures.stamp(finding.occurred_at, finding.day_only or not finding.items)


def _clause_place(cite: Cite, lang: str) -> str:
    """Article, paragraph and item in figures: `第50条第1款`; `293-1` is `第293条之1`."""
    if cite.article is None:
        return ""
    zh = lang != "en"
    article = f"第{cite.article}条"
    if _INSERTED.fullmatch(cite.article):
        article = f"第{cite.article.replace('-', '条之')}"
    parts = [article if zh else f"article {cite.article}"]
    if cite.paragraph:
        parts.append(f"第{cite.paragraph}款" if zh else f"paragraph {cite.paragraph}")
    if cite.item:
        parts.append(f"第{cite.item}项" if zh else f"item {cite.item}")
    return "".join(parts) if zh else ", ".join(parts)
