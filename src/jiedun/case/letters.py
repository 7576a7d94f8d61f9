"""`jiedun draft`: a checked case as letters, one matter a creditor, a phone, or the whole case."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from jiedun.case.check import Checked
from jiedun.case.creditors import Creditor, creditors, with_one_name
from jiedun.case.form import Form
from jiedun.case.report import compose
from jiedun.ledger import LoanResult, Rate, limitation, ways_out
from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Finding, Force
from jiedun.model.letter import Letter
from jiedun.model.loan import LenderType
from jiedun.model.party import Role
from jiedun.model.report import OwedAnswer, Report
from jiedun.model.text import Words
from jiedun.remedies.letters import LoanSums, Matter, Seal, Template, make, templates
from jiedun.remedies.values import Filed

PROPOSAL = "repayment-proposal"


@dataclass(frozen=True, slots=True)
class Draft:
    """One letter with the case it was written from; `refused` says why it must not be sent yet."""

    letter: Letter
    matter: Matter
    refused: Words | None = None


@dataclass(frozen=True, slots=True)
class Afford:
    """What a repayment proposal is made from: yuan a month, and that the risk is understood."""

    monthly: Decimal | None = None
    confirm_limitation: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """A checked case laid out for writing: report rows, form, seal, what was filed."""

    checked: Checked
    report: Report
    form: Form
    filed: tuple[Filed, ...]
    seal: Seal | None
    afford: Afford


def desk(
    checked: Checked,
    *,
    form: Form | None = None,
    filed: Sequence[Filed] = (),
    seal: Seal | None = None,
    afford: Afford | None = None,
) -> Desk:
    """The case laid out once for all its letters."""
    return Desk(checked, compose(checked), form or Form(), tuple(filed), seal, afford or Afford())


def drafts(
    case: Desk, chosen: Sequence[Template], lang: str, *, to: str | None = None
) -> Iterator[Draft]:
    """The letters of these templates; `to` narrows to one creditor's side."""
    for template in chosen:
        for matter in matters(case, template):
            if to is None or matter.creditor in (None, to):
                ready = _with_ways(case, matter) if template.id == PROPOSAL else matter
                yield Draft(make(template, ready, lang), ready, refusal(ready))


def refusal(matter: Matter) -> Words | None:
    """Why a repayment proposal is not made yet, if so: limitation, lent papers, no lawful sum."""
    return next((loan.refused for loan in matter.loans if loan.refused), None)


def _with_ways(case: Desk, matter: Matter) -> Matter:
    """The matter with the ledger's schedule on the lawful sum, or the reason why there is none."""
    results = {r.loan.path: r for r in case.checked.loans.results}
    return replace(
        matter, loans=tuple(_planned(case, loan, results[loan.path]) for loan in matter.loans)
    )


def _planned(case: Desk, loan: LoanSums, result: LoanResult) -> LoanSums:
    lent = {"yes": True, "no": False}.get(case.form.text("lent_identity"))
    ways = ways_out(
        result,
        limitation(result),
        afford=case.afford.monthly,
        confirm_limitation=case.afford.confirm_limitation,
        lent_identity=lent,
    )
    if ways.refused is not None:
        return replace(loan, refused=ways.refused)
    fit = [p for p in ways.proposals if p.within_cap and len(p.parts) > 1]
    if not fit:
        return loan
    chosen = fit[0]
    schedule = tuple((part.due, part.payment) for part in chosen.parts)
    return replace(loan, schedule=schedule, schedule_note=chosen.words, schedule_total=chosen.total)


def fitting(case: Desk, kind: str) -> tuple[Template, ...]:
    """The templates of a situation that this case has anything for."""
    return tuple(t for t in templates() if kind in t.situations and _fits(t, case))


def matters(case: Desk, template: Template) -> Iterator[Matter]:
    """What the template is written about, one by one; at least one, so that none is refused."""
    whole = _whole(case)
    if template.per == "case":
        yield whole
        return
    found = [_of_creditor(case, whole, c) for c in creditors(case.checked)]
    if template.per == "phone":
        found = [m for f in found for m in _of_phones(case, f, template)]
    if template.unattributed:
        found.append(_of_nobody(whole))
    kept = [m for m in found if _enough(template, m)]
    yield from kept or found[:1] or [whole]


def _fits(template: Template, case: Desk) -> bool:
    if not template.needs:
        return True
    return any(_enough(template, m) for m in matters(case, template))


def _enough(template: Template, matter: Matter) -> bool:
    if template.lenders and matter.lender_type not in template.lenders:
        return False
    sums = any(loan.answers for loan in matter.loans)
    wanted = set(template.violations)
    found = any(
        f.force is not Force.ADVISORY and (not wanted or f.violation in wanted)
        for f in matter.findings
    )
    holds = {
        "": True,
        "findings": found,
        "sums": sums,
        "either": found or sums,
        "guarantor": "guarantor" in matter.fields,
        "asked": False,
    }
    return holds[template.needs]


def _whole(case: Desk) -> Matter:
    checked = case.checked
    timeline = {str(row.ref): row for row in case.report.timeline}
    debtor = next((p for p in case.report.parties if p.role is Role.DEBTOR), None)
    fields = {"me.name": debtor.name, "me.phone": debtor.number} if debtor else {}
    fields["borrower"] = debtor.name if debtor else ""
    guarantors = [p.name or p.number for p in case.report.parties if p.role is Role.GUARANTOR]
    fields["guarantor"] = "、".join(guarantors)
    kinds = {c.type.value for c in creditors(checked)}
    return Matter(
        as_of=checked.as_of,
        findings=with_one_name(checked),
        items=timeline,
        loans=tuple(loan_sums(r) for r in checked.loans.results),
        payments=checked.evidence.payments,
        parties=case.report.parties,
        files=checked.evidence.files,
        fields={k: v for k, v in {**fields, **case.form.flat()}.items() if v},
        rows=_rows(case.form),
        seal=case.seal,
        lender_type=kinds.pop() if len(kinds) == 1 else None,
    )


def _of_creditor(case: Desk, whole: Matter, creditor: Creditor) -> Matter:
    results = creditor.loans
    counted = {c.payment.ref for r in results for c in r.counted}
    collectors = [f"{p.name}（{p.number}）" if p.name else p.number for p in creditor.collectors]
    numbers = [p.number for p in creditor.parties]
    complaint = _complaint(case.filed, creditor.name)
    fields = {
        "creditor": creditor.name,
        "creditor.full": creditor.full,
        "collectors": "、".join(collectors),
        "collector.numbers": "、".join(numbers),
        "complaint.number": complaint.number if complaint else "",
        "complaint.answer": complaint.answer if complaint else "",
        **_guarantee(results),
    }
    return replace(
        whole,
        creditor=creditor.name,
        findings=creditor.findings,
        loans=tuple(loan_sums(r) for r in results),
        payments=tuple(p for p in whole.payments if p.ref in counted),
        fields={**{k: v for k, v in fields.items() if v}, **whole.fields},
        lender_type=creditor.type.value if creditor.type is not LenderType.UNKNOWN else None,
    )


def _of_nobody(whole: Matter) -> Matter:
    """The findings whose sender is on nobody's known side, with the numbers they came from."""
    findings = tuple(f for f in whole.findings if f.creditor is None)
    rows = [whole.items.get(str(ref)) for f in findings for ref in f.items]
    numbers = dict.fromkeys(row.number for row in rows if row is not None and row.number)
    fields = {"collectors": "、".join(numbers), "collector.numbers": "、".join(numbers)}
    return replace(
        whole,
        findings=findings,
        loans=(),
        payments=(),
        fields={**{k: v for k, v in fields.items() if v}, **whole.fields},
        lender_type=None,
    )


def _complaint(filed: Sequence[Filed], creditor: str) -> Filed | None:
    mine = [f for f in filed if f.channel == "lender" and f.creditor in (None, creditor)]
    return mine[-1] if mine else None


def _guarantee(results: Sequence[LoanResult]) -> dict[str, str]:
    for result in results:
        if result.loan.guarantor:
            told = "，".join(
                filter(None, [result.loan.guarantee_kind, result.loan.guarantee_period])
            )
            return {"guarantor": result.loan.guarantor, "guarantee": told}
    return {}


def _of_phones(case: Desk, matter: Matter, template: Template) -> Iterator[Matter]:
    """One matter a phone of another person that holds findings of the template's violations."""
    wanted = set(template.violations)
    owned: dict[str, list[Finding]] = {}
    for finding in matter.findings:
        if not wanted or finding.violation in wanted:
            for phone in dict.fromkeys(map(_phone_of, finding.items)):
                if phone is not None:
                    owned.setdefault(phone, []).append(finding)
    for phone, findings in sorted(owned.items()):
        owner = case.checked.people.owner(phone)
        fields = {"owner": owner.name, "owner.number": owner.number} if owner else {}
        yield replace(
            matter,
            phone=f"{matter.creditor}-{phone}",
            findings=tuple(_only(f, phone) for f in findings),
            loans=(),
            payments=(),
            fields={**matter.fields, **{k: v for k, v in fields.items() if v}},
        )


def _only(finding: Finding, phone: str) -> Finding:
    kept = tuple(ref for ref in finding.items if _phone_of(ref) == phone)
    return replace(finding, items=kept)


def _phone_of(ref: ItemRef) -> str | None:
    parts = ref.path.split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "phones" else None


def _rows(form: Form) -> dict[str, tuple[Mapping[str, str], ...]]:
    found: dict[str, tuple[Mapping[str, str], ...]] = {}
    for key, value in form.values.items():
        if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
            found[key] = tuple({str(k): _plain(v) for k, v in row.items()} for row in value)
    return found


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else ""


def loan_sums(result: LoanResult) -> LoanSums:
    """The ledger's answers as a letter takes them."""
    cap = next((c for c in result.caps if c.applies and c.rate is not None), None)
    return LoanSums(
        path=result.loan.path,
        lender=result.loan.lender,
        signed=result.loan.signed,
        principal=result.loan.principal,
        received=result.loan.disbursed,
        received_on=result.loan.disbursed_on,
        answers=tuple(_answer(a) for a in result.owed),
        main=result.main,
        nominal=_value(result.rate.annual_nominal),
        cap=cap.rate if cap else None,
        cap_label=cap.label if cap else None,
        refund=result.refund.amount if result.refund else None,
        refund_basis=result.refund.basis if result.refund else None,
        notes=result.questions,
    )


def _value(rate: Rate) -> Decimal | None:
    return rate.value


def _answer(answer: Any) -> OwedAnswer:
    return OwedAnswer(
        id=answer.id,
        assumption=answer.assumption,
        principal=answer.principal,
        interest=answer.interest,
        fees=answer.fees,
        penalty=answer.penalty,
        paid=answer.paid,
        total=answer.total,
        overpaid=answer.overpaid,
        formula=answer.formula,
        cites=answer.cites,
        contrast=answer.contrast_only,
    )
