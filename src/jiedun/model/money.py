"""Yuan as `Decimal`, rounded half up to the fen only where a figure is final."""

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")


def to_fen(amount: Decimal) -> Decimal:
    """`amount` yuan rounded half up to two decimals."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)
