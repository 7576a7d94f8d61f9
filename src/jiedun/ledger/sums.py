"""Single sums the law speaks of, each in fen: ceilings, penalty bands, delayed performance."""

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext

from jiedun.ledger.balance import YEAR, simple_interest
from jiedun.ledger.caps import rule
from jiedun.model.money import to_fen

_EXACT = Context(prec=50)


def rollover_ceiling(principal: Decimal, cap: Decimal, days: int) -> Decimal:
    """Article 27: original principal + cap x original principal x the whole term."""
    with localcontext(_EXACT):
        return to_fen(principal + principal * cap * days / YEAR)


@dataclass(frozen=True, slots=True)
class PenaltyBand:
    """Overdue interest of one sum: lowest and highest the notice allows, as rates and yuan."""

    low_rate: Decimal
    high_rate: Decimal
    low: Decimal
    high: Decimal


def penalty_band(
    principal: Decimal, contract_rate: Decimal, days: int, misuse: bool = False
) -> PenaltyBand:
    """PBOC notice 251/2003 part 3: 1.3 to 1.5 times the contract rate, misuse 1.5 to 2 times."""
    found = rule("misuse_1_5_2" if misuse else "penalty_1_3_1_5")
    low, high = (contract_rate * (found.number(key) or Decimal(0)) for key in ("low", "high"))
    return PenaltyBand(
        low, high, simple_interest(principal, low, days), simple_interest(principal, high, days)
    )


def daily_charge(principal: Decimal, daily_rate: Decimal, days: int) -> Decimal:
    """A late charge of `daily_rate` a day on `principal`."""
    with localcontext(_EXACT):
        return to_fen(principal * daily_rate * days)


def delay_interest(base: Decimal, days: int) -> Decimal:
    """Delayed performance of a judgment: base x 0.0175 % x days (法释〔2014〕8号 article 1).

    `base` is the money debt of the judgment other than ordinary interest.
    """
    return daily_charge(base, rule("delay_interest").number("rate") or Decimal(0), days)


def above_line(charges: Decimal, principal: Decimal, rate: Decimal, days: int) -> Decimal:
    """How much of all `charges` lies above `rate` a year on `principal`; never negative."""
    return max(charges - simple_interest(principal, rate, days), Decimal(0))


def damages_limit(loss: Decimal) -> Decimal:
    """Above this, agreed damages are generally too high (ji-contract-general article 65)."""
    return to_fen(loss * (rule("damages_130").number("multiple") or Decimal("1.3")))


def simple_annual(received: Decimal, repaid: Decimal, days: int) -> Decimal:
    """The simple annual rate of a single repayment, a fraction to six decimals."""
    with localcontext(_EXACT):
        return ((repaid - received) / received / days * YEAR).quantize(Decimal("0.000001"))
