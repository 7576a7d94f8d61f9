"""The limitation period of a loan: three years, what restarts it, and what is not known.

Civil Code articles 188, 189, 192, 195; ji-limitation articles 8, 14, 19. What the files do not show
(a demand by telephone, a letter) may have restarted it: after the computed day it *may* have run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from jiedun.ledger.as_written import schedule
from jiedun.ledger.sources import Clause, Law, cites, default_law
from jiedun.ledger.values import LoanResult
from jiedun.model.finding import Cite
from jiedun.model.text import Words

YEARS = 3
THREE_YEARS_FROM = date(2017, 10, 1)
_CLAUSES = (
    Clause("civil-code", "188"), Clause("civil-code", "189"), Clause("civil-code", "192"),
    Clause("civil-code", "195"), Clause("ji-limitation", "8"), Clause("ji-limitation", "14"),
    Clause("ji-limitation", "19"),
)  # fmt: skip
REVIVES: tuple[Words, ...] = (
    Words("还一部分钱", "paying a part"),
    Words("承诺还款、要求延期、写还款计划、签催收通知单", "a promise, asking for time, a plan, a signed demand note"),
    Words("为这笔债提供担保，或达成新的协议", "giving security or making a new agreement"),
    Words("（时效内）对方的催收送达你、起诉、申请支付令", "(in time) a demand reaching you, a suit, a payment order"),
)  # fmt: skip


class State(StrEnum):
    """How far limitation has got."""

    NOT_RUN = "not_run"
    MAY_HAVE_RUN = "may_have_run"
    UNKNOWN = "unknown"
    SUIT = "suit"


@dataclass(frozen=True, slots=True)
class Restart:
    """One thing that restarted the period."""

    on: date
    what: Words


@dataclass(frozen=True, slots=True)
class Limitation:
    """Where limitation stands on a day, and in words why; `until` is the last computed day."""

    state: State
    since: date | None
    until: date | None
    restarts: tuple[Restart, ...]
    words: Words
    revives: tuple[Words, ...]
    cites: tuple[Cite, ...]

    @property
    def may_have_run(self) -> bool:
        """Whether a promise or payment could now revive a debt that need not be paid."""
        return self.state in (State.MAY_HAVE_RUN, State.UNKNOWN)


def _later(on: date, years: int) -> date:
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return date(on.year + years, 2, 28)


def _restarts(
    result: LoanResult, demands: Sequence[date], promises: Sequence[date]
) -> list[Restart]:
    paid, asked, said = (
        Words("你还了一笔", "you paid"),
        Words("对方的催收到达", "a demand reached you"),
        Words("你承诺过还款", "you promised to pay"),
    )
    found = [Restart(c.payment.on, paid) for c in result.counted]
    found += [Restart(on, asked) for on in demands] + [Restart(on, said) for on in promises]
    return sorted((r for r in found if r.on <= result.as_of), key=lambda r: r.on)


def limitation(
    result: LoanResult,
    *,
    demands: Sequence[date] = (),
    promises: Sequence[date] = (),
    law: Law | None = None,
) -> Limitation:
    """Where limitation of the loan stands on `result.as_of`.

    `demands` are the days on which a demand for this debt reached the debtor (a message, a letter),
    `promises` those on which the debtor agreed to pay. Payments counted to the loan restart it too.
    """
    law = law or default_law()
    due = schedule(result.loan)
    cited = cites(law, _CLAUSES, result.as_of)
    if not due:
        words = Words(
            "没有写明还款期限，时效从什么时候起算要看对方何时催过、给了多久宽限，需人工判断",
            "no day of repayment is written: when the period began depends on the first demand; to be judged",
        )
        return Limitation(State.UNKNOWN, None, None, (), words, REVIVES, cited)
    start = due[-1][0]
    until, kept = _run_through(start, _restarts(result, demands, promises))
    since = kept[-1].on if kept else start
    after = [one for one in _restarts(result, (), promises) if one.on > until]
    state, words = _agreed(after[0], until) if after else _judge(result, start, until)
    return Limitation(state, since, until, tuple(kept), words, REVIVES, cited)


def _run_through(start: date, restarts: Sequence[Restart]) -> tuple[date, list[Restart]]:
    """The computed last day and the restarts that came in time and after the last sum was due."""
    until, kept = _later(start, YEARS), []
    for one in restarts:
        if start < one.on <= until:
            until = _later(one.on, YEARS)
            kept.append(one)
    return until, kept


def _agreed(after: Restart, until: date) -> tuple[State, Words]:
    return State.UNKNOWN, Words(
        f"按现有材料，时效到 {until} 已满，但之后（{after.on}）还过钱或答应过还：可能被认为同意继续履行，需律师判断",
        f"by these files the period ended on {until}, but on {after.on} you paid or promised: that may count as "
        "agreeing to perform; a lawyer must judge",
    )


def _judge(result: LoanResult, start: date, until: date) -> tuple[State, Words]:
    if result.filed is not None and result.filed <= until:
        return State.SUIT, Words(
            "已经起诉，时效因起诉中断", "a suit was filed in time and interrupts the period"
        )
    if start > result.as_of:
        return State.NOT_RUN, Words(
            f"最后一期 {start} 还没到期，时效还没开始算（从最后一期起算；对方宣布全部提前到期的，从那天起算）",
            f"the last sum is due on {start}: the period has not begun (it runs from the last instalment, or from the "
            "day on which the lender called everything due)",
        )
    if start < THREE_YEARS_FROM:
        return State.MAY_HAVE_RUN, Words(
            f"最后一期在2017-10-01以前（{start}），当时的时效是两年；可能已经过了，需律师判断",
            f"the last sum was due {start}, when the period was two years; it may have run, a lawyer must judge",
        )
    if until >= result.as_of:
        return State.NOT_RUN, Words(
            f"按现有材料，时效到 {until} 才满；这期间对方催收、起诉都会重新起算",
            f"by these files the period ends on {until}; a demand or suit before then restarts it",
        )
    return State.MAY_HAVE_RUN, Words(
        f"按现有材料，时效到 {until} 已满；但如果中间有催收到达过你（短信、电话、信件），就可能没有满。"
        "在弄清楚之前，不要还款、不要承诺还款、不要签任何单据",
        f"by these files the period ended on {until}; a demand that reached you in between may have restarted it. "
        "Until that is clear pay nothing, promise nothing, sign nothing",
    )
