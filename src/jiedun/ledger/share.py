"""Payments shared out among several loans of one lender, so that none is counted twice.

A payment that names its loan by sum and day (an instalment of that very sum due within ten days)
goes to it; any other follows Civil Code article 560: the sum that fell due first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jiedun.ledger.as_written import schedule
from jiedun.ledger.names import same_lender
from jiedun.model.evidence import Payment
from jiedun.model.loan import Loan
from jiedun.model.text import Words

NEAR_DAYS = 10


@dataclass(frozen=True, slots=True)
class Shared:
    """For each loan, in the order given, its payments; and what should be confirmed."""

    payments: tuple[tuple[Payment, ...], ...]
    questions: tuple[Words, ...]


@dataclass(slots=True)
class _Open:
    """One loan's sums still open while payments are shared out."""

    loan: Loan
    due: list[tuple[date, Decimal]]
    taken: list[Payment] = field(default_factory=list)

    def began(self, on: date) -> bool:
        start = self.loan.disbursed_on or self.loan.signed
        return start is None or start <= on

    def exact(self, payment: Payment) -> tuple[date, Decimal] | None:
        near = [
            d
            for d in self.due
            if d[1] == payment.amount and abs((d[0] - payment.on).days) <= NEAR_DAYS
        ]
        return min(near, key=lambda d: abs((d[0] - payment.on).days), default=None)

    def take(self, payment: Payment, exact: tuple[date, Decimal] | None) -> None:
        self.taken.append(payment)
        if exact is not None:
            self.due.remove(exact)
            return
        money = payment.amount
        while money > 0 and self.due:
            on, amount = self.due[0]
            part = min(amount, money)
            money -= part
            self.due[0] = (on, amount - part)
            if amount == part:
                self.due.pop(0)


def share_out(loans: Sequence[Loan], payments: Sequence[Payment]) -> Shared:
    """`payments` for each of `loans`; one that fits several loans of a lender goes to one of them.

    Payments that fit no loan, or one loan only, are given to every loan as they are: each loan's
    own sorting decides about them.
    """
    open_loans = [_Open(loan, schedule(loan)) for loan in loans]
    guessed: list[Payment] = []
    for payment in sorted(payments, key=lambda p: p.on):
        fitting = [
            o
            for o in open_loans
            if same_lender(payment.payee, o.loan.lender) and o.began(payment.on)
        ]
        if len(fitting) < 2:
            for one in open_loans:
                one.taken.append(payment)
            for one in fitting:
                one.taken.pop()
                one.take(payment, one.exact(payment))
            continue
        if not _give(fitting, payment):
            guessed.append(payment)
    return Shared(tuple(tuple(o.taken) for o in open_loans), _ask(guessed))


def _give(fitting: Sequence[_Open], payment: Payment) -> bool:
    """Gives the payment to one loan; True when its sum and day name exactly one."""
    named = [(o, e) for o in fitting if (e := o.exact(payment)) is not None]
    if len(named) == 1:
        named[0][0].take(payment, named[0][1])
        return True
    first = min(fitting, key=lambda o: o.due[0][0] if o.due else date.max)
    first.take(payment, None)
    return False


def _ask(guessed: Sequence[Payment]) -> tuple[Words, ...]:
    if not guessed:
        return ()
    at = ", ".join(str(p.ref) for p in guessed)
    return (
        Words(
            f"{at} 是还同一家的哪一笔借款？现在按先到期的先抵（民法典第五百六十条），请核对",
            f"which loan of the same lender did {at} repay? the sum due first is taken (Civil Code 560): please check",
        ),
    )
