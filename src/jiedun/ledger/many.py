"""Several loans in one case: one table, and who to deal with first and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jiedun.ledger.caps import LICENSED
from jiedun.ledger.values import LoanResult
from jiedun.model.loan import LenderType
from jiedun.model.text import Words

_SUED = Words(
    "已经起诉：先看法院文书上的期限，按期答辩或异议", "sued: the court's deadlines come first"
)
_OVER_PAID = Words(
    "按首选算法已经多付：不要再付，先要求返还",
    "overpaid by the first assumption: pay no more, ask it back",
)
_UNKNOWN = Words(
    "放贷方是谁还没弄清：查清之前不付、不承诺",
    "the lender is not known: pay and promise nothing before it is",
)
_KEEP = Words(
    "成本在上限以内、可能上征信：先保住，付不起就先谈延期",
    "within the cap and may be on the credit record: keep up, or ask for time",
)
_CUT = Words(
    "成本超过上限：先要求降到上限以内，再谈分期",
    "above the cap: ask for the reduction first, then for instalments",
)
_LAWFUL = Words(
    "只按依法应还的数谈，写明不承认超出部分",
    "negotiate on the lawful sum only, admitting nothing beyond",
)
_WHERE = Words(
    "上限还算不出：补齐材料再谈", "the cap cannot be worked out yet: complete the papers first"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One loan of the table; yuan and percent, None where not known. `place` counts from 1."""

    place: int
    lender: str
    lender_type: LenderType
    path: str
    received: Decimal | None
    paid: Decimal
    owed: Decimal | None
    overpaid: Decimal | None
    rate_pct: Decimal | None
    cap_pct: Decimal | None
    why: Words


@dataclass(frozen=True, slots=True)
class Together:
    """All loans with their sums; `owed` and `overpaid` leave out loans without a first answer."""

    rows: tuple[Row, ...]
    owed: Decimal
    overpaid: Decimal
    left_out: int


def _rank(result: LoanResult) -> tuple[int, Words]:
    main = result.answer(result.main) if result.main else None
    if result.filed is not None:
        return 0, _SUED
    if main is None:
        return 4, _UNKNOWN if result.lender_type is LenderType.UNKNOWN else _WHERE
    if main.overpaid:
        return 5, _OVER_PAID
    if result.lender_type in LICENSED:
        return (2, _CUT) if result.facts.get("rate_over_cap") else (1, _KEEP)
    return 3, _LAWFUL


def _number(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None


def _row(place: int, result: LoanResult, why: Words) -> Row:
    main = result.answer(result.main) if result.main else None
    facts = result.facts
    return Row(
        place,
        result.loan.lender,
        result.lender_type,
        result.loan.path,
        _number(facts.get("received")),
        sum((c.payment.amount for c in result.counted), Decimal(0)),
        main.total if main else None,
        main.overpaid if main else None,
        _number(facts.get("rate_pct")),
        _number(facts.get("cap_pct")),
        why,
    )


def together(results: Sequence[LoanResult]) -> Together:
    """The table across lenders, in the order to deal with them; the dearer first within a rank."""
    ranked = [(*_rank(r), r) for r in results]
    ranked.sort(key=lambda x: (x[0], -(_number(x[2].facts.get("rate_pct")) or Decimal(0))))
    rows = tuple(_row(place, result, why) for place, (_, why, result) in enumerate(ranked, 1))
    return Together(
        rows,
        sum((r.owed for r in rows if r.owed is not None), Decimal(0)),
        sum((r.overpaid for r in rows if r.overpaid is not None), Decimal(0)),
        sum(r.owed is None for r in rows),
    )
