"""Repayment proposals that fit an income, refused while a promise could revive a debt that has run."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from jiedun.errors import UsageError
from jiedun.ledger import solve
from jiedun.ledger.balance import Paid, Segment, run, simple_interest
from jiedun.ledger.caps import PRIVATE
from jiedun.ledger.facts import pct
from jiedun.ledger.limitation import Limitation
from jiedun.ledger.outlook import month_later, rate_now
from jiedun.ledger.values import Answer, LoanResult
from jiedun.model.money import FEN, to_fen
from jiedun.model.text import Words

ZERO = Decimal(0)
MOST_MONTHS = 60
EXTENSION_MONTHS = 6
_AFFORD = re.compile(
    r"^\s*[¥￥]?\s*(\d+(?:\.\d{1,2})?)\s*元?\s*(?:[/每]?\s*(month|m|月|week|w|周|星期)?)?\s*$",
    re.IGNORECASE,
)
_WEEKS = Decimal(52) / 12
IDENTITY = Words(
    "如果这笔借款是你把身份证、银行卡或账户借给别人用的：先不要提还款方案，出借账户本身可能违法，先找律师",
    "if you lent your identity papers, card or account to somebody: propose nothing yet; lending accounts may itself "
    "be unlawful, see a lawyer first",
)
CARE = Words(
    "方案里写“不构成对超出依法应还部分的承认”，只认依法应还的数；付款只付到合同写明的账户",
    "write that it admits nothing beyond what is lawfully owed, and pay only into the account of the contract",
)


@dataclass(frozen=True, slots=True)
class Part:
    """One payment of a proposal; `interest` holds lawful overdue interest too, `left` is principal."""

    no: int
    due: date
    payment: Decimal
    interest: Decimal
    principal: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way out: its schedule, total, nominal annual rate and whether it keeps within the cap."""

    id: str
    words: Words
    parts: tuple[Part, ...]
    total: Decimal
    annual_rate: Decimal
    cap_pct: Decimal | None
    within_cap: bool


@dataclass(frozen=True, slots=True)
class WaysOut:
    """Proposals, or the reason why none is made; `warnings` come before anything is sent."""

    refused: Words | None
    proposals: tuple[Proposal, ...]
    warnings: tuple[Words, ...]
    basis: str | None = None


def afford_of(text: str) -> Decimal:
    """Yuan a month from words such as `1500/month`, `1500/月` or `400/week`; raises `UsageError`."""
    match = _AFFORD.match(text)
    if match is None or not Decimal(match[1]):
        raise UsageError(
            "每月能还多少看不懂 / the amount cannot be read", next_step="--afford 1500/month"
        )
    weekly = (match[2] or "").lower() in ("week", "w", "周", "星期")
    return to_fen(Decimal(match[1]) * (_WEEKS if weekly else 1))


def ways_out(
    result: LoanResult,
    state: Limitation,
    *,
    afford: Decimal | None = None,
    confirm_limitation: bool = False,
    lent_identity: bool | None = None,
) -> WaysOut:
    """Proposals on the answer shown first, from the day of the result; money in yuan.

    Refused while limitation has run or may have run (until `confirm_limitation`), while identity
    papers were lent, and where nothing may be concluded about the lawful sum.
    """
    refused = _refused(result, state, confirm_limitation, lent_identity)
    warnings = (CARE,) if lent_identity is False else (IDENTITY, CARE)
    if refused is not None:
        return WaysOut(refused, (), warnings, result.main)
    answer = result.answer(result.main or "")
    assert answer is not None
    found = [_reduction(result, answer), _extension(result, answer)]
    if afford is not None:
        found += _instalments(result, answer, afford)
    return WaysOut(
        None, tuple(found), (*warnings, *_too_little(found, answer, afford)), result.main
    )


def _refused(
    result: LoanResult, state: Limitation, confirmed: bool, lent_identity: bool | None
) -> Words | None:
    answer = result.answer(result.main) if result.main else None
    if lent_identity:
        return IDENTITY
    if state.may_have_run and not confirmed:
        return Words(
            f"先不出方案：{state.words.zh}。看明白、仍要提方案的，加 --confirm-limitation",
            f"no proposal yet: {state.words.en}. If you understand and still want one, add --confirm-limitation",
        )
    if answer is None:
        return Words("放贷方类型或上限还没弄清，依法应还多少不能下结论，先不出方案",
                     "the lender's kind or the cap is not settled: no lawful sum, no proposal")  # fmt: skip
    if not answer.total:
        return Words("按首选算法已经还清，不需要再还；多付的可以要求返还",
                     "by the first assumption nothing is owed; what was overpaid can be asked back")  # fmt: skip
    return None


def _proposal(
    ident: str, words: Words, parts: Sequence[Part], result: LoanResult, answer: Answer
) -> Proposal:
    total = sum((p.payment for p in parts), ZERO)
    rate = _nominal(answer.total, parts, result.as_of)
    cap = _cap(result, answer)
    return Proposal(
        ident, words, tuple(parts), total, rate, pct(cap), _keeps(result, answer, parts, cap)
    )


def _cap(result: LoanResult, answer: Answer) -> Decimal:
    """The cap that binds from now on: the fact, or for private lending the rate of the balance."""
    cap = result.facts.get("cap")
    if result.lender_type in PRIVATE or not isinstance(cap, Decimal):
        return rate_now(result, answer)
    return cap


def _keeps(result: LoanResult, answer: Answer, parts: Sequence[Part], cap: Decimal) -> bool:
    """Whether the payments, run against today's balance at the cap, nowhere pay beyond the debt."""
    paid = [Paid(p.due, p.payment) for p in parts]
    unpaid = [Paid(result.as_of, answer.total - answer.principal)]
    balance = run(answer.principal, [Segment(result.as_of, cap)], paid, parts[-1].due, unpaid)
    return balance.overpaid <= FEN * len(parts)  # each part is rounded to the fen


def _nominal(base: Decimal, parts: Sequence[Part], start: date) -> Decimal:
    """The nominal annual rate of the schedule on today's lawful sum: 12 x the monthly rate."""
    if sum((p.payment for p in parts), ZERO) <= base:
        return ZERO
    flows = [(start, float(base)), *((p.due, -float(p.payment)) for p in parts)]
    root = solve.xirr(flows).value or 0.0
    return Decimal(12 * ((1 + root) ** (1 / 12) - 1)).quantize(Decimal("0.000001"))


def _reduction(result: LoanResult, answer: Answer) -> Proposal:
    due = month_later(result.as_of, 1)
    part = Part(1, due, answer.total, answer.total - answer.principal, answer.principal, ZERO)
    words = Words("减到依法应还的数，一次结清", "reduced to the lawful sum, settled at once")
    return _proposal("reduction", words, (part,), result, answer)


def _extension(result: LoanResult, answer: Answer) -> Proposal:
    due = month_later(result.as_of, EXTENSION_MONTHS)
    rate = _gentle(result, answer)
    more = simple_interest(answer.principal, rate, (due - result.as_of).days)
    interest = answer.total - answer.principal + more
    part = Part(1, due, answer.principal + interest, interest, answer.principal, ZERO)
    words = Words(
        f"延期{EXTENSION_MONTHS}个月，到期一次还清",
        f"{EXTENSION_MONTHS} months' extension, then in one sum",
    )
    return _proposal("extension", words, (part,), result, answer)


def _gentle(result: LoanResult, answer: Answer) -> Decimal:
    """The lower of the lawful and the stated rate."""
    lawful, stated = rate_now(result, answer), result.loan.annual_rate
    return lawful if stated is None else min(lawful, stated)


def _instalments(result: LoanResult, answer: Answer, afford: Decimal) -> list[Proposal]:
    found = []
    plain = _plan(result.as_of, answer.principal, answer.total - answer.principal, ZERO, afford)
    if plain:
        words = Words(
            f"分{len(plain)}期、停息，每月{afford}元",
            f"{len(plain)} instalments without interest, {afford} a month",
        )
        found.append(_proposal("instalments_no_interest", words, plain, result, answer))
    rate = _gentle(result, answer)
    with_interest = (
        _plan(result.as_of, answer.principal, answer.total - answer.principal, rate, afford)
        if rate
        else []
    )
    if with_interest:
        words = Words(
            f"分{len(with_interest)}期、按年{pct(rate)}%计息，每月{afford}元",
            f"{len(with_interest)} instalments at {pct(rate)} % a year, {afford} a month",
        )
        found.append(_proposal("instalments", words, with_interest, result, answer))
    return found


def _plan(
    start: date, principal: Decimal, unpaid: Decimal, rate: Decimal, afford: Decimal
) -> list[Part]:
    """Monthly parts of `afford`, interest first; empty when 60 months do not suffice."""
    parts, on, left, owed = list[Part](), start, principal, unpaid
    for no in range(1, MOST_MONTHS + 1):
        due = month_later(start, no)
        owed += simple_interest(left, rate, (due - on).days)
        pay = min(afford, owed + left)
        interest = min(owed, pay)
        owed, left, on = owed - interest, left - (pay - interest), due
        parts.append(Part(no, due, pay, interest, pay - interest, left))
        if not left and not owed:
            return parts
    return []


def _too_little(
    found: Sequence[Proposal], answer: Answer, afford: Decimal | None
) -> tuple[Words, ...]:
    if afford is None or any(p.id.startswith("instalments") for p in found):
        return ()
    needed = ceil(answer.total / MOST_MONTHS)
    return (
        Words(
            f"每月{afford}元，{MOST_MONTHS}期也还不完：至少要每月约{needed}元，或者先谈减免",
            f"{afford} a month does not suffice in {MOST_MONTHS} months: about {needed}, or ask for a reduction",
        ),
    )
