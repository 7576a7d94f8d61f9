"""Each creditor of a case: the side that contacts name and the lender of a loan, made one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from jiedun.case.check import Checked
from jiedun.ledger import LoanResult, same_lender
from jiedun.model.finding import Finding
from jiedun.model.loan import LenderType
from jiedun.model.party import Party, Role


@dataclass(frozen=True, slots=True)
class Creditor:
    """One creditor: `name` as the contacts' side says it, `full` as the loan says it (or `name`)."""

    name: str
    full: str
    type: LenderType
    findings: tuple[Finding, ...] = ()
    loans: tuple[LoanResult, ...] = ()
    parties: tuple[Party, ...] = ()

    @property
    def collectors(self) -> tuple[Party, ...]:
        """Those who collect for it."""
        return tuple(p for p in self.parties if p.role is Role.COLLECTOR)


def creditors(checked: Checked) -> tuple[Creditor, ...]:
    """The creditors of a case, those with a loan file first; findings of no side are in none."""
    names = list(_names(checked))
    found = [_creditor(name, checked) for name in names]
    return tuple(sorted(found, key=lambda c: (not c.loans, -len(c.findings))))


def with_one_name(checked: Checked) -> tuple[Finding, ...]:
    """The findings, each with its creditor under the one name of `creditors`."""
    names = list(_names(checked))
    return tuple(replace(f, creditor=_name_of(f.creditor, names)) for f in checked.findings)


def _names(checked: Checked) -> Iterator[str]:
    """One name a creditor: sides first, then lenders of loans that are no side's."""
    sides = [p.creditor for p in checked.people.parties.values() if p.creditor]
    told = [f.creditor for f in checked.findings if f.creditor]
    lenders = [r.loan.lender for r in checked.loans.results if r.loan.lender]
    kept: list[str] = []
    for name in dict.fromkeys([*sides, *told, *lenders]):
        if not any(_same(name, other) for other in kept):
            kept.append(name)
            yield name


def _same(one: str, other: str) -> bool:
    return one == other or same_lender(one, other) or same_lender(other, one)


def _name_of(creditor: str | None, names: list[str]) -> str | None:
    if creditor is None or creditor in names:
        return creditor
    return next((name for name in names if _same(creditor, name)), creditor)


def _creditor(name: str, checked: Checked) -> Creditor:
    loans = tuple(r for r in checked.loans.results if r.loan.lender and _same(name, r.loan.lender))
    types = {r.loan.lender_type for r in loans}
    return Creditor(
        name=name,
        full=loans[0].loan.lender if loans else name,
        type=types.pop() if len(types) == 1 else LenderType.UNKNOWN,
        findings=tuple(f for f in with_one_name(checked) if f.creditor == name),
        loans=loans,
        parties=tuple(p for p in checked.people.parties.values() if p.creditor == name),
    )
