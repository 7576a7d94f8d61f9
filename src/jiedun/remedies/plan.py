"""The plan of a case: steps in order, dates to keep, channels that fit, what never to say or pay."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jiedun.law import channel
from jiedun.model.finding import Certainty, Finding
from jiedun.model.loan import LenderType
from jiedun.model.report import Step
from jiedun.model.text import Words
from jiedun.remedies._data import entries, words
from jiedun.remedies.cautions import cautions
from jiedun.remedies.channels import fits
from jiedun.remedies.deadlines import dues
from jiedun.remedies.needs import needs
from jiedun.remedies.values import Due, Filed, Plan, PlanStep, Situation


def plan(findings: Sequence[Finding], lenders: Iterable[LenderType]) -> tuple[Step, ...]:
    """What to do next for these findings and types of lender, as the report shows it."""
    day = max((f.occurred_at.date() for f in findings), default=None)
    types = {f"#{n}": kind for n, kind in enumerate(sorted(set(lenders)))}
    situation = Situation(day, tuple(findings), types) if day else None
    steps = _steps(situation.findings, types, situation) if situation else _steps((), types, None)
    return tuple(report_step(step) for step in steps)


def whole_plan(situation: Situation) -> Plan:
    """The plan of a case: urgent steps first, then the order of `data/steps.yaml`."""
    when = dues(situation)
    steps = _steps(situation.findings, situation.lender_types, situation)
    return Plan(
        as_of=situation.as_of,
        kind=situation.kind,
        steps=tuple(_with_due(step, when) for step in steps),
        dues=when,
        fits=fits(situation),
        cautions=cautions(situation.kind, situation.as_of),
        filed=situation.filed,
    )


def report_step(step: PlanStep) -> Step:
    """The step as the report's noun."""
    return Step(
        title=step.title,
        detail=step.detail,
        urgent=step.urgent,
        due=step.due,
        channel=step.channel.name if step.channel else None,
    )


def _steps(
    findings: Sequence[Finding], types: Mapping[str, LenderType], case: Situation | None
) -> tuple[PlanStep, ...]:
    kinds = frozenset(types.values())
    steps = [_step(e, findings, case) for e in entries("steps") if _fits(e, findings, kinds, case)]
    return tuple(sorted(steps, key=lambda step: not step.urgent))


def _fits(
    entry: Mapping[str, Any],
    findings: Sequence[Finding],
    types: frozenset[LenderType],
    case: Situation | None,
) -> bool:
    kind = case.kind if case else "collection"
    if kind not in entry.get("situations", ("collection",)) or not _stage(entry, case):
        return False
    lenders = {LenderType(name) for name in entry.get("lenders", ())}
    if lenders and not lenders & types:
        return False
    if entry.get("needs_finding"):
        return bool(findings)
    return not entry["violations"] or bool(_because(entry, findings))


def _stage(entry: Mapping[str, Any], case: Situation | None) -> bool:
    """Whether the court papers received and the complaints filed are those the step is for."""
    papers = {paper.kind for paper in case.court_papers} if case else set()
    filed: dict[str, Filed] = {f.channel: f for f in case.filed} if case else {}
    if "paper" in entry and entry["paper"] not in papers:
        return False
    if "filed" in entry and entry["filed"] not in filed:
        return False
    return entry.get("unfiled") not in filed


def _because(entry: Mapping[str, Any], findings: Sequence[Finding]) -> tuple[Words, ...]:
    wanted = set(entry["violations"])
    surest = Certainty(entry.get("surest", "possible"))
    found = [f for f in findings if f.violation in wanted and f.certainty.rank <= surest.rank]
    return tuple(dict.fromkeys(f.title for f in found))


def _step(
    entry: Mapping[str, Any], findings: Sequence[Finding], case: Situation | None
) -> PlanStep:
    return PlanStep(
        id=entry["id"],
        title=words(entry["title"]),
        detail=words(entry["detail"]),
        urgent=bool(entry.get("urgent", False)),
        clock=words(entry["clock"]) if "clock" in entry else None,
        channel=channel(entry["channel"]) if entry.get("channel") else None,
        because=_because(entry, findings),
        letters=tuple(entry.get("letters", ())),
        needs=needs(entry.get("ask", ()), case.have if case else frozenset()),
    )


_DUE_OF_STEP = {
    "payment-order": "payment-order-objection",
    "court-claim": "answer-to-suit",
    "danger": "police-six-months",
    "fake-authority": "police-six-months",
    "police-list": "police-six-months",
}


def _with_due(step: PlanStep, when: Sequence[Due]) -> PlanStep:
    from dataclasses import replace

    days = [due.on for due in when if due.id == _DUE_OF_STEP.get(step.id)]
    return replace(step, due=min(days)) if days else step
