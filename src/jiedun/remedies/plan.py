"""The plan of a case: steps in order, dates to keep, channels that fit, what never to say or pay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from jiedun.remedies.values import Caution, Due, Plan, PlanStep, Situation

CAUTIONS = {
    "say": Words("千万别说", "Never say"),
    "pay": Words("千万别付", "Never pay"),
    "do": Words("千万别做", "Never do"),
}


def plan(situation: Situation) -> Plan:
    """The plan of a case: urgent steps first, then the order of `data/steps.yaml`."""
    when = dues(situation)
    steps = _steps(situation)
    return Plan(
        as_of=situation.as_of,
        kind=situation.kind,
        steps=tuple(_with_due(step, when) for step in steps),
        dues=when,
        fits=fits(situation),
        cautions=cautions(situation.kind, situation.as_of),
        filed=situation.filed,
    )


def report_steps(made: Plan) -> tuple[Step, ...]:
    """The plan as the report shows it: steps, the person's own dates, what never to say, pay, do."""
    dated = {step.due for step in made.steps if step.due}
    return (
        *(_report_step(step) for step in made.steps),
        *(_date_step(due) for due in made.dues if due.mine and due.on not in dated),
        *(_caution_step(kind, made) for kind in CAUTIONS if _of_kind(kind, made)),
    )


def _report_step(step: PlanStep) -> Step:
    return Step(
        title=step.title,
        detail=step.detail,
        urgent=step.urgent,
        due=step.due,
        channel=step.channel.name if step.channel else None,
    )


def _date_step(due: Due) -> Step:
    doubt = Words("（待与受理机关核实）", " (to be confirmed with the office)")
    mark = doubt if due.to_confirm else Words("", "")
    return Step(due.what, Words(due.basis.zh + mark.zh, due.basis.en + mark.en), due=due.on)


def _of_kind(kind: str, made: Plan) -> list[Caution]:
    return [caution for caution in made.cautions if caution.kind == kind]


def _caution_step(kind: str, made: Plan) -> Step:
    found = _of_kind(kind, made)
    return Step(
        CAUTIONS[kind],
        Words("；".join(c.text.zh for c in found), "; ".join(c.text.en for c in found)),
    )


def _steps(case: Situation) -> tuple[PlanStep, ...]:
    steps = [_step(entry, case) for entry in entries("steps") if _fits(entry, case)]
    return tuple(sorted(steps, key=lambda step: not step.urgent))


def _fits(entry: Mapping[str, Any], case: Situation) -> bool:
    if case.kind not in entry.get("situations", ("collection",)) or not _stage(entry, case):
        return False
    if entry.get("barred", case.barred) != case.barred:
        return False
    lenders = {LenderType(name) for name in entry.get("lenders", ())}
    if lenders and not lenders & set(case.lender_types.values()):
        return False
    if entry.get("needs_finding"):
        return bool(case.findings)
    return not entry["violations"] or bool(_because(entry, case.findings))


def _stage(entry: Mapping[str, Any], case: Situation) -> bool:
    """Whether the court papers received and the complaints filed are those the step is for."""
    papers = {paper.kind for paper in case.court_papers}
    filed = {f.channel for f in case.filed}
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


def _step(entry: Mapping[str, Any], case: Situation) -> PlanStep:
    return PlanStep(
        id=entry["id"],
        title=words(entry["title"]),
        detail=words(entry["detail"]),
        urgent=bool(entry.get("urgent", False)),
        clock=words(entry["clock"]) if "clock" in entry else None,
        channel=channel(entry["channel"]) if entry.get("channel") else None,
        because=_because(entry, case.findings),
        letters=tuple(entry.get("letters", ())),
        needs=needs(entry.get("ask", ()), case.have),
    )


_DUE_OF_STEP = {
    "payment-order": "payment-order-objection",
    "court-claim": "answer-to-suit",
    "danger": "police-six-months",
    "fake-authority": "police-six-months",
    "police-list": "police-six-months",
}


def _with_due(step: PlanStep, when: Sequence[Due]) -> PlanStep:
    days = [due.on for due in when if due.id == _DUE_OF_STEP.get(step.id)]
    return replace(step, due=min(days)) if days else step
