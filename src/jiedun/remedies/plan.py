"""The steps that fit a case, in order, from `data/steps.yaml`."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from jiedun.law import channel
from jiedun.model.finding import Certainty, Finding
from jiedun.model.loan import LenderType
from jiedun.model.report import Step
from jiedun.model.text import Words


def plan(findings: Sequence[Finding], lenders: Iterable[LenderType]) -> tuple[Step, ...]:
    """What to do next for these findings and types of lender; urgent steps first."""
    types = frozenset(lenders)
    steps = [_step(entry) for entry in _entries() if _fits(entry, findings, types)]
    return tuple(sorted(steps, key=lambda step: not step.urgent))


@cache
def _entries() -> tuple[dict[str, Any], ...]:
    text = files("jiedun.remedies").joinpath("data/steps.yaml").read_text("utf-8")
    return tuple(yaml.safe_load(text))


def _fits(entry: dict[str, Any], findings: Sequence[Finding], types: frozenset[LenderType]) -> bool:
    lenders = {LenderType(name) for name in entry.get("lenders", ())}
    if lenders and not lenders & types:
        return False
    if entry.get("needs_finding"):
        return bool(findings)
    wanted = set(entry["violations"])
    surest = Certainty(entry.get("surest", "possible"))
    return not wanted or any(
        f.violation in wanted and f.certainty.rank <= surest.rank for f in findings
    )


def _step(entry: dict[str, Any]) -> Step:
    where = channel(entry["channel"]) if entry.get("channel") else None
    return Step(
        title=Words(**entry["title"]),
        detail=Words(**entry["detail"]),
        urgent=bool(entry.get("urgent", False)),
        channel=where.name if where else None,
    )
