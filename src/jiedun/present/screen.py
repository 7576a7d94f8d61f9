"""The calm summary that `jiedun check` prints: at most 24 lines, Chinese counted double."""

import unicodedata
from collections.abc import Iterator

from jiedun.model.finding import Certainty
from jiedun.model.report import Report
from jiedun.present import words
from jiedun.present.by_rule import Kind, apart, kinds
from jiedun.present.escaping import one_line, visible
from jiedun.present.owed import span_words
from jiedun.present.phrases import say

_MOST_KINDS = 8
_MOST_STEPS = 3
_DOTS = {Certainty.CERTAIN: "●", Certainty.PROBABLE: "◐", Certainty.POSSIBLE: "○"}


def summary(report: Report, lang: str, width: int = 80) -> str:
    """The summary as lines of at most `width` columns, without a newline at the end."""
    wide = max(40, width)
    lines = [*_head(report, lang, wide), *_body(report, lang), "", say("s_unchanged", lang)]
    return "\n".join(fit(line, wide) for line in lines)


def columns(text: str) -> int:
    """The columns `text` takes on a terminal: 2 for wide characters, 0 for combining ones."""
    return sum(map(_columns_of, text))


def fit(text: str, width: int) -> str:
    """`text` cut to `width` columns, with an ellipsis where something is left out."""
    if columns(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += _columns_of(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + "…"


def _columns_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _pad(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _head(report: Report, lang: str, width: int) -> Iterator[str]:
    name = one_line(report.case, 60)
    yield f"{say('report', lang)} · {name} · {say('as_of', lang)} {report.as_of.isoformat()}"
    yield "─" * min(width, 60)


def _body(report: Report, lang: str) -> Iterator[str]:
    keys = ("s_read", "s_found", "s_owed", "s_not_read", "s_first", "s_report")
    wide = max(columns(say(key, lang)) for key in keys) + 2

    def row(key: str, text: str) -> str:
        return _pad(say(key, lang) if key else "", wide) + text

    yield row("s_read", _read(report, lang))
    yield from _found(report, lang, row("s_found", ""))
    yield row("s_owed", visible(span_words(report.loans, lang)))
    yield row("s_not_read", _not_read(report, lang))
    for n, step in enumerate(report.steps[:_MOST_STEPS], 1):
        yield row("s_first" if n == 1 else "", f"{n} {one_line(step.title.of(lang), 80)}")
    if report.saved_as:
        yield row("s_report", one_line(report.saved_as, 400))


def _read(report: Report, lang: str) -> str:
    kept = sum(f.reader is None for f in report.files)
    rows = say("n_rows", lang, n=sum(f.rows for f in report.files))
    files = say("n_files", lang, n=len(report.files) - kept)
    text = files + say("comma", lang) + rows
    return text + say("s_kept", lang, n=kept) if kept else text


def _found(report: Report, lang: str, label: str) -> Iterator[str]:
    found = apart(report.findings)
    if not found:
        yield label + say("s_nothing", lang)
        return
    places = say("n_places", lang, n=len(report.findings))
    yield (
        label
        + say("n_kinds", lang, n=len(kinds(report.findings)))
        + say("found_all", lang)
        + places
    )
    shown = found[:_MOST_KINDS]
    name_width = max(columns(visible(kind.name.of(lang))) for kind in shown) + 2
    for kind in shown:
        yield _kind_line(kind, lang, name_width)
    if len(found) > len(shown):
        yield "  " + say("s_more", lang, n=len(found) - len(shown))


def _kind_line(kind: Kind, lang: str, name_width: int) -> str:
    name = _pad(visible(kind.name.of(lang)), name_width)
    verdict = words.verdict(kind.force, kind.certainty, kind.weighed).of(lang)
    return f"  {_DOTS[kind.certainty]} {name}{kind.count:>5,}  {verdict}"


def _not_read(report: Report, lang: str) -> str:
    if not report.problems:
        return say("s_all_read", lang)
    first = report.problems[0]
    place = one_line(first.path if first.at is None else f"{first.path}#{first.at}", 60)
    return say("s_places", lang, n=len(report.problems), place=place)
