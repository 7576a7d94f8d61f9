"""Data for two pictures: balance over time, as written against as lawful; where each yuan went."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from jiedun.ledger.as_written import letter, schedule
from jiedun.ledger.charges import deduction
from jiedun.ledger.payees import Sorted
from jiedun.ledger.values import Answer, ChartData, Flow, Ledger, Point
from jiedun.model.loan import Loan
from jiedun.model.text import Words

ZERO = Decimal(0)


def _lawful(ledgers: Sequence[Ledger], ident: str | None) -> list[Point]:
    found = next((one for one in ledgers if one.id == ident), None)
    if found is None:
        return []
    return [
        Point("lawful", x.on, x.principal + x.unpaid_interest - x.overpaid) for x in found.lines
    ]


def _written(loan: Loan, payments: Sorted, start: date, as_of: date) -> list[Point]:
    """What the letter still asks for, due or not, after each day on which something changed."""
    days = {start, as_of, *(on for on, _ in schedule(loan))}
    days |= {c.payment.on for c in payments.counted}
    points = []
    for on in sorted(day for day in days if start <= day <= as_of):
        before = [c for c in payments.counted if c.payment.on <= on]
        points.append(Point("as_written", on, letter(loan, before, on).whole))
    return points


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
    """The points and flows of one loan; no lawful series where no answer is shown first."""
    start = loan.disbursed_on or loan.signed
    points = _lawful(ledgers, main.id if main else None)
    if start is not None and loan.instalments and start <= as_of:
        points += _written(loan, payments, start, as_of)
    return ChartData(tuple(points), _went(loan, payments, main))
