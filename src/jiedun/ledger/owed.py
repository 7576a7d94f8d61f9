"""What is owed under each assumption, with and without doubtful payments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jiedun.ledger.as_written import Letter, letter
from jiedun.ledger.assume import Assumption, Case, percent
from jiedun.ledger.balance import Balance, Paid, Row, Segment, run
from jiedun.ledger.late import with_penalty
from jiedun.ledger.lines import answer_of, ledger_of
from jiedun.ledger.payees import Sorted
from jiedun.ledger.sources import Clause, Law, cite, cites
from jiedun.ledger.values import Answer, Counted, Ledger
from jiedun.model.evidence import Payment
from jiedun.model.finding import Cite
from jiedun.model.loan import Loan
from jiedun.model.text import Words

ZERO = Decimal(0)
_ORDER = Clause("civil-code", "561")
_ADVANCE = Clause("civil-code", "670")


@dataclass(frozen=True, slots=True)
class Set:
    """One choice of payments: a suffix for the answer's id, words, and the payments."""

    suffix: str
    words: Words | None
    payments: tuple[Payment, ...]


def payment_sets(found: Sorted) -> tuple[Set, ...]:
    """The counted payments; then without private accounts, then with unclear payees."""
    main = tuple(c.payment for c in found.counted)
    sets = [Set("", None, main)]
    private = [c.payment for c in found.counted if c.private]
    if private:
        words = Words(
            f"但付到催收人员私人账户的{_sum(private)}元不计入（对方若不认）",
            f"without the {_sum(private)} paid to collectors' private accounts (if denied)",
        )
        kept = tuple(c.payment for c in found.counted if not c.private)
        sets.append(Set("_without_private_transfer", words, kept))
    unclear = [n.payment for n in found.not_counted if n.unclear]
    if unclear:
        words = Words(
            f"另计入收款人不明的{_sum(unclear)}元（若能证明是替放贷方收的）",
            f"with the {_sum(unclear)} paid to unlisted payees (if proved received for the lender)",
        )
        sets.append(
            Set("_with_unlisted_transfer", words, tuple(sorted((*main, *unclear), key=_day)))
        )
    return tuple(sets)


def _day(payment: Payment) -> date:
    return payment.on


def _sum(payments: Sequence[Payment]) -> Decimal:
    return sum((p.amount for p in payments), ZERO)


def _formula(case: Case, segments: Sequence[Segment]) -> Words:
    steps = "；".join(f"{s.since}起年利率{percent(s.rate)}" for s in segments)
    steps_en = "; ".join(f"from {s.since} at {percent(s.rate)} a year" for s in segments)
    return Words(
        f"本金{case.received}元，{steps}；利息＝未还本金×年利率×实际天数÷365，单利；"
        "每笔还款先抵已生利息、再抵本金；只在最后四舍五入到分",
        f"principal {case.received}, {steps_en}; interest = outstanding principal x rate x actual days / 365, simple; "
        "a payment covers accrued interest, then principal; rounded only at the end",
    )


def _joined(words: Words, extra: Words | None) -> Words:
    return words if extra is None else Words(f"{words.zh}；{extra.zh}", f"{words.en}; {extra.en}")


def work_out(case: Case, one: Assumption, payments: Sequence[Payment]) -> Balance:
    """The running balance under one assumption with these payments."""
    paid = [Paid(p.on, p.amount, p.ref) for p in payments]
    return run(case.received, one.segments, paid, case.setting.as_of)


class Clauses:
    """The clause of each line of a ledger, looked up once a day of law."""

    def __init__(self, law: Law, one: Assumption) -> None:
        self.at_open = tuple(c for c in (cite(law, _ADVANCE, one.on),) if c)
        self.at_payment = tuple(c for c in (cite(law, _ORDER, one.on),) if c)
        self.rest = cites(law, one.clauses[:1], one.on)

    def __call__(self, row: Row) -> tuple[Cite, ...]:
        """The clause that governs this step."""
        if row.kind == "open":
            return self.at_open
        return self.at_payment if row.kind == "payment" else self.rest


def answers(
    case: Case, assumptions: Sequence[Assumption], found: Sorted
) -> tuple[list[Answer], list[Ledger]]:
    """Answers and ledgers, assumption by assumption, each with its variants of payments."""
    results: list[Answer] = []
    ledgers: list[Ledger] = []
    sets = payment_sets(found)
    for one in assumptions:
        earlier = tuple(c for clause, on in one.earlier for c in cites(case.law, (clause,), on))
        cited = (*cites(case.law, one.clauses, one.on), *earlier)
        formula = _formula(case, one.segments)
        clauses = Clauses(case.law, one)
        for chosen in sets[:1] if one.contrast_only else sets:
            ident = one.id + chosen.suffix
            balance = work_out(case, one, chosen.payments)
            words = (_joined(one.words, chosen.words), formula)
            results.append(answer_of(ident, balance, words, one.rate, cited, one.contrast_only))
            late = with_penalty(case, one, balance, results[-1]) if one.id == "contract" else None
            results += [late] if late else []
            ledgers.append(ledger_of(ident, balance, clauses))
    return results, ledgers


def _letter_words(loan: Loan, asked: Letter) -> tuple[Words, Words]:
    assumption = Words(
        "按合同字面（应还各期、展期和违约金都照写的算），未宣布提前到期；仅作对照，不等于依法应还",
        "the contract's letter (instalments, roll-overs and late charges as written), no acceleration; "
        "for contrast only, not what is lawfully owed",
    )
    formula = Words(
        f"还款先填最早一期；逾期{asked.n_overdue}期未付{asked.overdue}元＋违约金{asked.penalty}元；"
        f"展期费{asked.rolled}元照字面不抵本金",
        f"payments fill the oldest instalment first; {asked.n_overdue} overdue, {asked.overdue} unpaid, late charges "
        f"{asked.penalty}; roll-over fees {asked.rolled} repay nothing by the letter",
    )
    return assumption, formula


def as_written(loan: Loan, counted: Sequence[Counted], as_of: date) -> list[Answer]:
    """The contract's own sum for contrast, under both readings of the late charge; none without sums due."""
    if not loan.instalments:
        return []
    found = [_as_written(loan, counted, as_of)]
    if loan.penalty_other is not None:
        other = _as_written(replace(loan, penalty_daily_rate=loan.penalty_other), counted, as_of)
        found.append(replace(other, id="as_written_other_penalty_reading"))
    return found


def _as_written(loan: Loan, counted: Sequence[Counted], as_of: date) -> Answer:
    asked = letter(loan, counted, as_of)
    words = _letter_words(loan, asked)
    return Answer(
        id="as_written",
        assumption=words[0],
        formula=words[1],
        principal=asked.overdue,
        interest=ZERO,
        fees=ZERO,
        penalty=asked.penalty,
        paid=sum((c.payment.amount for c in counted), ZERO),
        total=asked.total,
        overpaid=ZERO,
        contrast_only=True,
        more={
            "n_overdue": asked.n_overdue,
            "overdue_instalments": asked.overdue,
            "not_yet_due": asked.not_yet_due,
            "penalty": asked.penalty,
            "total_overdue_plus_penalty": asked.total,
            "face": asked.face,
            "days_overdue": asked.days_overdue,
            "late_fee": asked.penalty,
            "credited": asked.credited,
            "rollover_fees": asked.rolled,
        },
    )
