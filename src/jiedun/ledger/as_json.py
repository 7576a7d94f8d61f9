"""The result of one loan as a JSON object: rates as fractions, money in yuan with two decimals."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from jiedun.ledger.values import Answer, Cap, CostOfCredit, Ledger, Line, LoanResult, Rate
from jiedun.model.evidence import Problem
from jiedun.model.finding import Cite
from jiedun.model.text import Words

_MARK = re.compile(r'"\\u0000([^"\\]+)\\u0000"')
_MONEY = ("instalment", "total_repay", "total_interest", "first_term_charge")


def dumps(data: Any) -> str:
    """JSON text in which every `Decimal` stands as the exact number it is."""
    text = json.dumps(data, ensure_ascii=False, indent=1, default=_plain)
    return _MARK.sub(r"\1", text)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"\0{value:f}\0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Words):
        return {"zh": value.zh, "en": value.en}
    raise TypeError(type(value).__name__)


def _money(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(Decimal("0.01"))


def cite_json(cite: Cite) -> dict[str, Any]:
    """One clause as findings show it."""
    return {
        "instrument": cite.instrument,
        "article": cite.article,
        "paragraph": cite.paragraph,
        "item": cite.item,
        "in_force_from": cite.in_force_from,
        "quote": cite.quote,
        "verified": cite.verified,
        "force": cite.force.value,
        "title": cite.title,
    }


def plain_json(value: Any) -> Any:
    """A frozen dataclass of this room, with what it holds, as JSON objects and lists."""
    if isinstance(value, Cite):
        return cite_json(value)
    if isinstance(value, list | tuple):
        return [plain_json(v) for v in value]
    if isinstance(value, Words) or not is_dataclass(value):
        return value
    return {one.name: plain_json(getattr(value, one.name)) for one in fields(value)}


def rate_json(cost: CostOfCredit) -> dict[str, Any]:
    """Every rate by name, null with its reason under `why_not`."""
    data: dict[str, Any] = {}
    reasons: dict[str, Words] = {}
    for one in fields(cost):
        value = getattr(cost, one.name)
        if isinstance(value, Rate):
            data[one.name] = value.value
            if value.why_not is not None:
                reasons[one.name] = value.why_not
        elif one.name != "variants":
            data[one.name] = _money(value) if one.name in _MONEY else value
    for variant in cost.variants:
        data[variant.id] = {
            "assumption": variant.assumption,
            "monthly_irr": variant.monthly_irr.value,
            "annual_nominal": variant.annual_nominal.value,
        }
    return {**data, "why_not": reasons}


def _cap(cap: Cap) -> dict[str, Any]:
    return {
        "id": cap.id,
        "label": cap.label,
        "rate": cap.rate,
        "upper": cap.upper,
        "basis": cap.basis,
        "applies": cap.applies,
        "on_request": cap.on_request,
        "claims": list(cap.claims),
        "from": cap.since,
        "until": cap.until,
        "verified": cap.verified,
        "why_not": cap.why_not,
        "cites": [cite_json(c) for c in cap.cites],
    }


def answer_json(answer: Answer) -> dict[str, Any]:
    """One answer; figures that only it has stand beside the common ones."""
    data: dict[str, Any] = {
        "id": answer.id,
        "assumption": answer.assumption,
        "formula": answer.formula,
    }
    for name in (
        "principal",
        "interest",
        "fees",
        "penalty",
        "paid",
        "total",
        "overpaid",
        "recoverable",
    ):
        data[name] = _money(getattr(answer, name))
    data["annual_rate"] = answer.annual_rate
    data["lawful_interest_total"] = _money(answer.interest_total)
    data["cleared_on"] = answer.cleared_on
    data["contrast_only"] = answer.contrast_only
    for key, value in answer.more.items():
        data.setdefault(key, _money(value) if isinstance(value, Decimal) else value)
    return {**data, "cites": [cite_json(c) for c in answer.cites]}


def _line(line: Line) -> dict[str, Any]:
    money = ("payment", "interest", "to_costs", "to_interest", "to_principal", "beyond", "principal",
             "unpaid_interest", "overpaid")  # fmt: skip
    return {
        "date": line.on,
        "what": line.what,
        "days": line.days,
        "rate": line.rate,
        **{name: _money(getattr(line, name)) for name in money},
        "principal_after": _money(line.principal - line.overpaid),
        "item": str(line.ref) if line.ref else None,
        "cites": [{"instrument": c.instrument, "article": c.article} for c in line.cites],
    }


def _ledger(ledger: Ledger) -> dict[str, Any]:
    return {"id": ledger.id, "lines": [_line(line) for line in ledger.lines]}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "path": problem.path,
        "at": problem.at,
        "code": problem.code,
        "message": problem.message,
    }


def result_json(
    result: LoanResult, findings: Sequence[Mapping[str, Any]], problems: Sequence[Problem]
) -> dict[str, Any]:
    """The whole answer of `jiedun owe --json` for one loan."""
    refund = result.refund
    return {
        "schema": "jiedun.owe/1",
        "as_of": result.as_of,
        "lender_type": result.lender_type.value,
        "main": result.main,
        "rate": rate_json(result.rate),
        "caps": [_cap(cap) for cap in result.caps],
        "owed": [answer_json(a) for a in result.owed],
        "findings": list(findings),
        "ledger": [_ledger(ledger) for ledger in result.ledgers],
        "refund_claim": refund
        and {"amount": _money(refund.amount), "basis": refund.basis, "answer": refund.answer},
        "payments_counted": [{"id": str(c.payment.ref), "why": c.why} for c in result.counted],
        "payments_not_counted": [
            {"id": str(n.payment.ref), "code": n.code, "why": n.why} for n in result.not_counted
        ],
        "total_paid": _money(
            result.facts["total_paid"] if isinstance(result.facts["total_paid"], Decimal) else None
        ),
        "facts": dict(result.facts),
        "questions": list(result.questions),
        "problems": [_problem(p) for p in problems],
    }
