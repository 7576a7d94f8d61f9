"""Dates to keep, counted from what happened, each with its basis and how sure it is."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from jiedun import law
from jiedun.model.finding import Certainty, Cite
from jiedun.model.loan import LenderType
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.remedies._data import entries, words
from jiedun.remedies.values import Due, Filed, Limit, Situation
from jiedun.remedies.workdays import after_days, after_months, after_workdays

_OPEN_YEAR = Words(
    "跨到节假日安排还没公布的年份，按周一到周五估算",
    "runs into a year whose holidays are not published: counted Monday to Friday",
)


def dues(case: Situation) -> tuple[Due, ...]:
    """The dates of a case in order of time."""
    found = [
        _due(entry, start, about)
        for entry in entries("deadlines")
        for start, about in _starts(entry, case)
    ]
    found += [_limit(limit) for limit in case.limits]
    return tuple(sorted(set(found), key=lambda due: (due.on, due.id)))


def _limit(limit: Limit) -> Due:
    """The day on which a creditor's claim is limited, if nothing the file does not show restarted it."""
    return Due(
        id="creditor-limitation",
        what=Words(
            f"{limit.creditor}要您还钱的诉讼时效算到这天（催收、部分还款、承诺都会让它重新计算，算法见 jiedun owe）",
            f"limitation of {limit.creditor}'s claim, as far as the file shows (a demand, part payment or "
            "promise restarts it; see jiedun owe)",
        ),
        on=limit.until,
        counted_from=limit.since,
        mine=False,
        basis=_basis({"basis": {"instrument": "civil-code", "article": "188"}}, limit.cite),
        to_confirm=True,
        cite=limit.cite,
    )


def _starts(entry: Mapping[str, Any], case: Situation) -> Iterator[tuple[date, Words | None]]:
    """The days from which a period runs in this case, and what it is about."""
    source = entry["from"]
    if source in ("last_act", "first_act"):
        yield from _acts(entry, case)
    elif source == "court_paper":
        yield from ((p.received, None) for p in case.court_papers if p.kind == entry["paper"])
    else:
        for filed in case.filed:
            if filed.channel == entry["channel"] and _binds(entry, filed, case):
                yield from ((day, None) for day in _day_of(filed, source))


def _acts(entry: Mapping[str, Any], case: Situation) -> Iterator[tuple[date, Words | None]]:
    """The last day of each kind of conduct, or the first day of all of it."""
    surest = Certainty(entry["surest"])
    days: dict[Words, date] = {}
    for f in sorted(case.findings, key=lambda f: f.occurred_at):
        if f.violation in entry["violations"] and f.certainty.rank <= surest.rank:
            days[f.title] = f.occurred_at.astimezone(SHANGHAI).date()
            if entry["from"] == "first_act":
                yield days[f.title], None
                return
    yield from ((day, title) for title, day in days.items())


def _binds(entry: Mapping[str, Any], filed: Filed, case: Situation) -> bool:
    """Whether the period binds the lender complained to; one of unknown type is not bound."""
    if "lenders" not in entry:
        return True
    types = set(case.lender_types.values())
    if filed.creditor is not None:
        types = {case.lender_types.get(filed.creditor, LenderType.UNKNOWN)}
    return bool(types & {LenderType(name) for name in entry["lenders"]})


def _day_of(filed: Filed, source: str) -> Iterator[date]:
    day = {"filed": filed.on, "accepted": filed.accepted, "answered": filed.answered}[source]
    if day is not None and (source == "answered" or filed.answered is None):
        yield day


def _due(entry: Mapping[str, Any], start: date, about: Words | None) -> Due:
    (unit, count), *_ = entry["span"].items()
    on, note = _end(start, unit, int(count))
    cite = _cite(entry["basis"], start)
    return Due(
        id=entry["id"],
        what=_about(words(entry["what"]), about),
        on=on,
        counted_from=start,
        mine=bool(entry["mine"]),
        basis=_basis(entry, cite),
        to_confirm=entry["confidence"] != "high" or note is not None,
        cite=cite,
        note=note,
    )


def _about(what: Words, about: Words | None) -> Words:
    if about is None:
        return what
    return Words(f"{what.zh}（{about.zh}）", f"{what.en} ({about.en})")


def _end(start: date, unit: str, count: int) -> tuple[date, Words | None]:
    if unit == "workdays":
        counted = after_workdays(start, count)
        return counted.on, None if counted.confirmed else _OPEN_YEAR
    if unit == "days":
        return after_days(start, count), None
    return after_months(start, count * 12 if unit == "years" else count), None


def _cite(basis: Mapping[str, Any], on: date) -> Cite | None:
    """The clause in force on the day the period began; its predecessor where a law was revised."""
    found = law.cite(basis["instrument"], basis["article"], on)
    if found is None and "old" in basis:
        return law.cite(basis["old"]["instrument"], basis["old"]["article"], on)
    return found


def _basis(entry: Mapping[str, Any], cite: Cite | None) -> Words:
    shown = cite.title if cite else law.instrument(entry["basis"]["instrument"]).title
    article = cite.article if cite else entry["basis"]["article"]
    doubt = Words("", "") if cite and cite.verified else Words("（条文待核实）", " (text not held)")
    number = Words("", "")
    if article is not None:
        head, _, tail = article.partition("-")
        number = Words(f"第{head}条" + (f"之{tail}" if tail else ""), f", art. {article}")
    return Words(f"《{shown.zh}》{number.zh}{doubt.zh}", f"{shown.en}{number.en}{doubt.en}")
