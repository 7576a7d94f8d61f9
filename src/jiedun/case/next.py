"""`jiedun next`: the plan of a checked case."""

from collections.abc import Iterator, Sequence
from datetime import date

from jiedun.case.check import Checked
from jiedun.case.creditors import creditors, with_one_name
from jiedun.case.filed import default_out, read_filed
from jiedun.case.form import Form, read_form
from jiedun.errors import InputError
from jiedun.ledger import Limitation, LoanResult, limitation, same_lender
from jiedun.model.evidence import Channel, Direction
from jiedun.model.party import Role
from jiedun.model.time import SHANGHAI
from jiedun.reading import talk
from jiedun.remedies.plan import plan
from jiedun.remedies.values import Filed, Limit, Plan, Situation

_MESSAGES = (Channel.SMS, Channel.MMS, Channel.CHAT)
_PICTURES = ("png", "jpeg", "gif", "webp", "heic", "avif")


def case_plan(checked: Checked) -> Plan:
    """The plan with the form in the folder and what was filed, read where they usually lie.

    A form or list that cannot be read is left out here; `jiedun next` says what is wrong with it.
    """
    try:
        form = read_form(checked.folder)
        filed = read_filed(default_out(checked.folder))
        return plan_of(checked, filed=filed, form=form)
    except InputError:
        return plan_of(checked)


def plan_of(
    checked: Checked,
    *,
    filed: Sequence[Filed] = (),
    form: Form | None = None,
    kind: str = "collection",
) -> Plan:
    """The plan of a case; `kind` is one of `remedies.values.SITUATIONS`."""
    form = form or Form()
    return plan(
        Situation(
            as_of=checked.as_of,
            findings=with_one_name(checked),
            lender_types={c.name: c.type for c in creditors(checked)},
            filed=tuple(filed),
            court_papers=form.court_papers,
            have=frozenset(_have(checked, filed)) | frozenset(form.texts("have")),
            kind=kind,
            limits=tuple(_limits(checked)),
        )
    )


def limitation_of(checked: Checked, result: LoanResult) -> Limitation:
    """Where limitation of a loan stands, with the demands for money that the messages show."""
    return limitation(result, demands=_demands(checked, result.loan.lender))


def _limits(checked: Checked) -> Iterator[Limit]:
    """Where limitation of each loan ends, as far as the file shows."""
    for creditor in creditors(checked):
        for result in creditor.loans:
            found = limitation_of(checked, result)
            if found.since is not None and found.until is not None:
                cite = next((c for c in found.cites if c.article == "188"), None)
                yield Limit(creditor.name, found.since, found.until, cite)


def _demands(checked: Checked, lender: str) -> tuple[date, ...]:
    """Local days on which words that demand money reached the debtor from a creditor's side."""
    reached = [
        c
        for c in checked.read.contacts
        if c.peer.given
        and c.peer.creditor is not None
        and same_lender(c.peer.creditor, lender)
        and c.direction is Direction.IN
        and c.owner.role is Role.DEBTOR
        and c.text
    ]
    plain = talk.plain([c.text for c in reached])
    days = {
        c.at.astimezone(SHANGHAI).date()
        for c, said in zip(reached, plain, strict=True)
        if talk.demands_money(said)
    }
    return tuple(sorted(days))


def _have(checked: Checked, filed: Sequence[Filed]) -> Iterator[str]:
    evidence = checked.evidence
    channels = {c.channel for c in evidence.contacts}
    kinds = {f.kind for f in evidence.files}
    held = {
        "calls": Channel.CALL in channels,
        "messages": any(c in channels for c in _MESSAGES),
        "others": any(c.phone is not None for c in evidence.contacts),
        "recording": any(k.startswith(("audio", "video")) for k in kinds),
        "pictures": any(k in kinds for k in _PICTURES),
        "contract": any("合同" in f.path or "contract" in f.path.lower() for f in evidence.files),
        "loan": bool(evidence.loans),
        "payments": bool(evidence.payments),
        "statements": bool(evidence.statements),
        "lender-reply": any(f.channel == "lender" and (f.number or f.answered) for f in filed),
        "police-receipt": any(f.channel == "police-110" and f.number for f in filed),
    }
    yield from (name for name, there in held.items() if there)
