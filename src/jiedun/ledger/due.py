"""How much of a lawful answer is already due by the written schedule, and how much is not yet.

A running balance takes the whole debt as due on the day of the calculation. Until the lender has
called everything due, only what the schedule has reached can be asked for.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from jiedun.ledger.as_written import schedule
from jiedun.ledger.late import allowed_principal
from jiedun.ledger.values import Answer
from jiedun.model.loan import Loan
from jiedun.model.money import to_fen
from jiedun.model.text import Words

ZERO = Decimal(0)


def principal_not_due(loan: Loan, received: Decimal, as_of: date) -> Decimal | None:
    """Yuan of principal that the written schedule leaves for after `as_of`; None without one.

    A sum due on `as_of` itself counts as not yet due, as in the contract's own arithmetic.
    """
    rows = allowed_principal(loan, received)
    if not rows:
        return None
    rows[-1] = (schedule(loan)[-1][0], ZERO)
    passed = [left for on, left in rows if on < as_of]
    return to_fen(passed[-1] if passed else received)


def with_due(answers: Sequence[Answer], loan: Loan, received: Decimal, as_of: date) -> list[Answer]:
    """`answers` with `due_now` and `not_yet_due` (yuan) in `more`, told in words where they differ.

    Sums stay as they are. Interest up to `as_of` stands in `due_now`; later interest in neither.
    The contract's letter and loans without a schedule stay as they are.
    """
    later = principal_not_due(loan, received, as_of)
    if later is None:
        return list(answers)
    return [one if "not_yet_due" in one.more else _split(one, later, as_of) for one in answers]


def _split(answer: Answer, later: Decimal, as_of: date) -> Answer:
    rest = min(answer.principal, later)
    now = answer.total - rest
    more = {**answer.more, "due_now": now, "not_yet_due": rest}
    if not rest:
        return replace(answer, more=more)
    words, formula = answer.assumption, answer.formula
    assumption = Words(
        f"{words.zh}；这个数是按全部提前到期算的：放贷方没有宣布提前到期的，按写明的还款计划到{as_of}只到期"
        f"{now}元，另有{rest}元本金还没到期",
        f"{words.en}; worked out as if all were due: unless the lender has called everything due, the written "
        f"schedule makes {now} due by {as_of}, and {rest} of principal is not due yet",
    )
    split = Words(
        f"{formula.zh}；未到期本金＝按写明的还款计划{as_of}以后才该还的本金，已到期＝合计－未到期本金",
        f"{formula.en}; not yet due = principal that the written schedule leaves for after {as_of}; due = total "
        "less that",
    )
    return replace(answer, assumption=assumption, formula=split, more=more)
