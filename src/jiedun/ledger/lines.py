"""From an unrounded running balance to lines and answers in fen that add up exactly."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP as HALF_UP
from decimal import Decimal

from jiedun.ledger.balance import Balance, Row
from jiedun.ledger.values import Answer, Ledger, Line
from jiedun.model.finding import Cite
from jiedun.model.money import FEN, to_fen
from jiedun.model.text import Words

ZERO = Decimal(0)
_WHAT: Mapping[str, Words] = {
    "open": Words("放款到手", "money received"),
    "payment": Words("还款", "payment"),
    "rate": Words("利率标准变化", "the rate changes"),
    "cost": Words("实现债权的费用", "costs of enforcement"),
    "close": Words("计算到这一天", "worked out to this day"),
}


def lines_of(balance: Balance, clauses: Callable[[Row], tuple[Cite, ...]]) -> tuple[Line, ...]:
    """One line a step; each column is the difference of rounded balances, so all add up."""
    lines: list[Line] = []
    principal = unpaid = costs = over = ZERO
    for row in balance.rows:
        left, open_interest = (
            row.principal.quantize(FEN, HALF_UP),
            row.unpaid.quantize(FEN, HALF_UP),
        )
        open_costs, surplus = row.costs.quantize(FEN, HALF_UP), row.over.quantize(FEN, HALF_UP)
        payment = row.payment
        if row.kind == "payment":
            to_principal, beyond, to_costs = principal - left, surplus - over, costs - open_costs
            to_interest = payment - to_principal - beyond - to_costs
        else:
            to_principal = beyond = to_costs = to_interest = ZERO
        lines.append(
            Line(row.on, _WHAT[row.kind], row.days, row.rate, payment,
                 open_interest - unpaid + to_interest, to_costs, to_interest, to_principal, beyond,
                 left, open_interest, surplus, row.ref, clauses(row))
        )  # fmt: skip
        principal, unpaid, costs, over = left, open_interest, open_costs, surplus
    return tuple(lines)


def answer_of(
    ident: str,
    balance: Balance,
    words: tuple[Words, Words],
    annual_rate: Decimal | None,
    cites: tuple[Cite, ...],
    contrast_only: bool = False,
) -> Answer:
    """The answer a running balance gives; `words` are assumption and formula.

    paid + total - overpaid = principal lent + interest_total (+ costs), to the fen.
    """
    principal, interest, costs, over = (
        to_fen(x) for x in (balance.principal, balance.interest, balance.costs, balance.overpaid)
    )
    total = principal + interest + costs
    lent = balance.rows[0].principal
    charged = sum((r.costs - b.costs for b, r in _cost_rows(balance)), ZERO)
    return Answer(
        id=ident,
        assumption=words[0],
        formula=words[1],
        principal=principal,
        interest=interest,
        fees=costs,
        penalty=ZERO,
        paid=to_fen(balance.paid),
        total=total,
        overpaid=over,
        cites=cites,
        annual_rate=annual_rate,
        interest_total=to_fen(balance.paid) + total - over - to_fen(lent) - to_fen(charged),
        cleared_on=balance.cleared_on,
        recoverable=over,
        contrast_only=contrast_only,
    )


def _cost_rows(balance: Balance) -> list[tuple[Row, Row]]:
    pairs = zip(balance.rows, balance.rows[1:], strict=False)
    return [(before, row) for before, row in pairs if row.kind == "cost"]


def ledger_of(ident: str, balance: Balance, clauses: Callable[[Row], tuple[Cite, ...]]) -> Ledger:
    """The lines of a balance under the answer's id."""
    return Ledger(ident, lines_of(balance, clauses))
