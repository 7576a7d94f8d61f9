"""One finding put together from the rows a rule accuses."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Finding
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.rules._grade import Grade, together
from jiedun.rules.explain import explain, names_in
from jiedun.rules.rule import Rule
from jiedun.rules.standing import Standing


@dataclass(frozen=True, slots=True)
class Accused:
    """A row that a rule accuses, with its standing that day and its grade."""

    index: int
    ref: ItemRef
    at: datetime
    on: date
    facts: Mapping[str, Any]
    held: Standing
    grade: Grade


def finding(rule: Rule, accused: Sequence[Accused], context: Sequence[ItemRef]) -> Finding:
    """The finding over `accused` (one or more, in time order)."""
    refs = tuple(item.ref for item in accused)
    first, held = accused[0], accused[0].held
    facts = _facts(rule, accused, context)
    creditors = {item.facts.get("creditor") for item in accused}
    return Finding(
        id=finding_id(rule, refs),
        rule=rule.id,
        rule_version=rule.version,
        violation=rule.violation,
        title=rule.title,
        force=held.force,
        certainty=together(item.grade for item in accused),
        occurred_at=first.at,
        items=refs,
        cites=held.cites,
        explanation=explain(rule.explain, {**first.facts, **_said(accused, context)}, rule.table),
        would_settle=_settle(accused),
        creditor=creditors.pop() if len(creditors) == 1 else None,
        severity=rule.severity,
        facts=facts,
        exceptions=tuple(clause.words for clause in rule.exceptions),
        channels=rule.channels,
        weighed=rule.weighed,
    )


def finding_id(rule: Rule, refs: Iterable[ItemRef]) -> str:
    """`F-` and 12 hex digits of SHA-256 over rule id, version and item refs, one a line."""
    text = "\n".join([rule.id, rule.version, *map(str, refs)])
    return f"F-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _said(accused: Sequence[Accused], context: Sequence[ItemRef]) -> dict[str, Any]:
    first, last = accused[0], accused[-1]
    return {
        "count": len(accused),
        "context_count": len(context),
        "total": len(accused) + len(context),
        "date": first.on.isoformat(),
        "time": _clock(first),
        "last_date": last.on.isoformat(),
        "last_time": _clock(last),
    }


def _clock(item: Accused) -> str | None:
    """The time of day, None for a row whose second of the day is null."""
    if item.facts.get("second_of_day", 0) is None:
        return None
    return item.at.astimezone(SHANGHAI).strftime("%H:%M:%S")


def _facts(rule: Rule, accused: Sequence[Accused], context: Sequence[ItemRef]) -> dict[str, Any]:
    """What decided: facts that all rows share by name, those that differ under `each`, in order."""
    names = {*rule.facts, *(names_in(rule.explain) & rule.table.facts.keys())}
    facts: dict[str, Any] = {}
    each: dict[str, list[Any]] = {}
    for name in sorted(names):
        values = [item.facts.get(name) for item in accused]
        if all(value == values[0] for value in values):
            facts[name] = values[0]
        else:
            each[name] = values
    facts["count"] = len(accused)
    if each:
        facts["each"] = each
    if rule.context is not None:
        facts["context"] = [str(ref) for ref in context]
    return {**facts, **_doubts(rule, accused)}


def _doubts(rule: Rule, accused: Sequence[Accused]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if rule.exceptions:
        open_ids = frozenset().union(*(item.grade.unruled for item in accused))
        found["exceptions"] = {
            clause.id: "unknown" if clause.id in open_ids else "not_met"
            for clause in rule.exceptions
        }
    levels = Counter(item.grade.certainty.value for item in accused)
    if len(levels) > 1:
        found["certainties"] = dict(levels)
    return found


def _settle(accused: Sequence[Accused]) -> tuple[Words, ...]:
    grades = {id(item.grade): item.grade for item in accused}.values()
    return tuple(dict.fromkeys(words for grade in grades for words in grade.settle))
