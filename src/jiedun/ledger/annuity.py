"""Level payments, equal-principal, flat and interest-only schedules in exact decimals.

Signs: what is lent and what is paid are both positive. `rate` is per period; `fv` is what is left
after the last payment to be paid in addition (or saved); `early` = payments at period starts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

ONE, ZERO = Decimal(1), Decimal(0)
_EXACT = Context(prec=50)


class Step(NamedTuple):
    """One period of a schedule, unrounded yuan."""

    payment: Decimal
    interest: Decimal
    principal: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """A loan repaid in `periods` equal steps of time."""

    principal: Decimal
    rate: Decimal
    periods: int
    fv: Decimal = ZERO
    early: bool = False


def _grown(rate: Decimal, periods: int | Decimal) -> Decimal:
    return (ONE + rate) ** periods


def payment(terms: Terms) -> Decimal:
    """The level payment (等额本息), unrounded."""
    with localcontext(_EXACT):
        if not terms.rate:
            return (terms.principal + terms.fv) / terms.periods
        grown = _grown(terms.rate, terms.periods)
        factor = (grown - 1) / terms.rate * (ONE + terms.rate if terms.early else ONE)
        return (terms.principal * grown + terms.fv) / factor


def level(terms: Terms) -> list[Step]:
    """等额本息: the same payment each period."""
    with localcontext(_EXACT):
        pay, left, steps = payment(terms), terms.principal, list[Step]()
        for k in range(terms.periods):
            interest = ZERO if terms.early and k == 0 else left * terms.rate
            left -= pay - interest
            steps.append(Step(pay, interest, pay - interest, left))
        return steps


def equal_principal(terms: Terms) -> list[Step]:
    """等额本金: the same principal each period, interest on what is left."""
    with localcontext(_EXACT):
        part, left, steps = terms.principal / terms.periods, terms.principal, list[Step]()
        for _ in range(terms.periods):
            interest = left * terms.rate
            left -= part
            steps.append(Step(part + interest, interest, part, left))
        return steps


def flat(terms: Terms) -> list[Step]:
    """等本等息: the same principal and interest on the original sum each period."""
    with localcontext(_EXACT):
        part, interest = terms.principal / terms.periods, terms.principal * terms.rate
        rows = range(1, terms.periods + 1)
        return [Step(part + interest, interest, part, terms.principal - part * k) for k in rows]


def interest_only(terms: Terms) -> list[Step]:
    """先息后本: interest each period, the principal with the last."""
    with localcontext(_EXACT):
        interest = terms.principal * terms.rate
        steps = [Step(interest, interest, ZERO, terms.principal)] * (terms.periods - 1)
        return [*steps, Step(interest + terms.principal, interest, terms.principal, ZERO)]


METHODS: tuple[tuple[tuple[str, ...], Callable[[Terms], list[Step]]], ...] = (
    (("等额本金", "equal principal", "straight"), equal_principal),
    (("等本等息", "flat"), flat),
    (("先息后本", "interest only", "interest-only", "bullet"), interest_only),
)


def method_of(words: str) -> Callable[[Terms], list[Step]]:
    """The schedule that `words` name; level payment when they name none."""
    low = words.lower()
    return next((m for names, m in METHODS if any(n in low for n in names)), level)


def nper(rate: Decimal, pay: Decimal, principal: Decimal, fv: Decimal = ZERO) -> Decimal:
    """The number of level payments, not a whole number; ValueError when it is never repaid."""
    with localcontext(_EXACT):
        if not rate:
            return (principal + fv) / pay
        top, bottom = pay + fv * rate, pay - principal * rate
        if top <= 0 or bottom <= 0:
            raise ValueError("the payment never repays the loan")
        return (top / bottom).ln() / (ONE + rate).ln()


def present(rate: Decimal, periods: int, pay: Decimal, fv: Decimal = ZERO) -> Decimal:
    """What `periods` payments of `pay` and `fv` at the end are worth at the start."""
    with localcontext(_EXACT):
        if not rate:
            return pay * periods + fv
        discount = _grown(rate, -periods)
        return pay * (ONE - discount) / rate + fv * discount


def future(rate: Decimal, periods: int, pay: Decimal, principal: Decimal = ZERO) -> Decimal:
    """What `principal` and `periods` payments of `pay` have grown to at the end."""
    with localcontext(_EXACT):
        grown = _grown(rate, periods)
        saved = pay * periods if not rate else pay * (grown - 1) / rate
        return principal * grown + saved


def effective(nominal: Decimal, per_year: int) -> Decimal:
    """The effective annual rate of a nominal one."""
    with localcontext(_EXACT):
        return _grown(nominal / per_year, per_year) - 1


def nominal(rate: Decimal, per_year: int) -> Decimal:
    """The nominal annual rate of an effective one."""
    with localcontext(_EXACT):
        return ((ONE + rate) ** (ONE / per_year) - 1) * per_year
