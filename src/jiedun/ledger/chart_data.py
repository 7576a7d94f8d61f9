"""Data for two pictures: balance over time, as written against as lawful; where each yuan went."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from jiedun.ledger.as_written import asked_over_time
from jiedun.ledger.charges import deduction
from jiedun.ledger.payees import Sorted
from jiedun.ledger.values import Answer, ChartData, Flow, Ledger, Point
from jiedun.model.loan import Loan
from jiedun.model.text import Words

ZERO = Decimal(0)


def _lawful(ledgers: Sequence[Ledger], ident: str | None) -> list[Point]:
    name = (ident or "").replace("contract_with_penalty", "contract", 1)
    found = next((one for one in ledgers if one.id == name), None)
    if found is None:
        return []
    return [
        Point(found.id, x.on, x.principal + x.unpaid_interest - x.overpaid) for x in found.lines
    ]


def _went(loan: Loan, payments: Sorted, main: Answer | None) -> tuple[Flow, ...]:
    received = loan.disbursed if loan.disbursed is not None else loan.principal
    flows = []
    if main is not None and received is not None:
        interest = (main.interest_total or ZERO) - main.interest
        flows = [
            Flow("principal", Words("还了本金", "repaid principal"), received - main.principal),
            Flow("interest", Words("付了依法的利息", "lawful interest"), interest),
            Flow("beyond", Words("超出依法应付的部分", "beyond what is lawful"), main.overpaid),
        ]
    others: dict[str, tuple[Words, Decimal]] = {}
    for one in payments.not_counted:
        so_far = others.get(one.code, (one.why, ZERO))[1]
        others[one.code] = (one.why, so_far + max(one.payment.amount, ZERO))
    flows += [Flow(code, why, amount) for code, (why, amount) in others.items()]
    if deduction(loan):
        words = Words("放款时被扣、没有到手", "taken off the payout, never received")
        flows.append(Flow("deducted", words, deduction(loan)))
    return tuple(f for f in flows if f.amount)


def chart_data(
    loan: Loan, payments: Sorted, ledgers: Sequence[Ledger], main: Answer | None, as_of: date
) -> ChartData:
    """The points and flows of one loan; no lawful series where no answer is shown first.

    A series bears the id of the answer whose balance it is; under overdue interest, which is no
    running balance, that of the contract's answer.
    """
    points = _lawful(ledgers, main.id if main else None)
    asked = asked_over_time(loan, payments.counted, as_of)
    points += [Point("as_written", on, owed) for on, owed in asked]
    return ChartData(tuple(points), _went(loan, payments, main))
