"""The assumptions under which a loan is worked out: rates by day, principal, words and clauses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jiedun.ledger.balance import Segment
from jiedun.ledger.caps import (
    LICENSED,
    PRIVATE,
    TURN,
    Formation,
    LprOn,
    Setting,
    lpr_on,
    rule,
)
from jiedun.ledger.charges import deduction
from jiedun.ledger.sources import Clause, Law
from jiedun.ledger.values import Answer, CostOfCredit
from jiedun.model.loan import LenderType, Loan
from jiedun.model.text import Words

ZERO = Decimal(0)
LPR_BEGINS = date(2019, 8, 20)
LINES_2015 = date(2015, 9, 1)
OLD_LINE, OLD_TOP = Decimal("0.24"), Decimal("0.36")
FINANCIAL = Decimal("0.24")
LEFT_OUT = Words("没有依据的费用和违约金不计", "fees and damages without a basis left out")


@dataclass(frozen=True, slots=True)
class Assumption:
    """One way to work the loan out. `rate` is the yearly rate it is known by, if one."""

    id: str
    words: Words
    segments: tuple[Segment, ...]
    rate: Decimal | None
    clauses: tuple[Clause, ...]
    on: date
    contrast_only: bool = False
    earlier: tuple[tuple[Clause, date], ...] = ()  # clauses of an earlier period, each on its day


@dataclass(frozen=True, slots=True)
class Case:
    """One loan with everything that chooses its assumptions."""

    loan: Loan
    law: Law
    cost: CostOfCredit
    setting: Setting
    formed: Formation
    start: date
    received: Decimal
    default_on: date | None

    @property
    def agreed(self) -> Decimal | None:
        """The dearer of the stated rate and the nominal cost, or None when neither is known."""
        known = [
            r for r in (self.loan.annual_rate, self.cost.annual_nominal.value) if r is not None
        ]
        return max(known) if known else None

    @property
    def filing(self) -> date:
        """The day of filing, or of the calculation when no suit is filed yet."""
        return self.setting.filed or self.setting.as_of


@dataclass(frozen=True, slots=True)
class Choice:
    """The assumptions in order of display, and what could not be worked out.

    `main` are the answers that may be shown first: the lowest of them is what is lawfully owed.
    """

    assumptions: tuple[Assumption, ...]
    questions: tuple[Words, ...]
    main: tuple[str, ...]


def percent(rate: Decimal) -> str:
    """`rate` in words such as 15.4%, exact and without trailing zeros."""
    text = f"{rate * 100:.4f}".rstrip("0").rstrip(".")
    return f"{text}%"


def _order(case: Case) -> tuple[Clause, ...]:
    clauses = [Clause("civil-code", "561")]
    if deduction(case.loan):
        clauses.insert(0, Clause("civil-code", "670"))
    return tuple(clauses)


def _flat(
    case: Case,
    ident: str,
    words: Words,
    rate: Decimal,
    clauses: Sequence[Clause],
    on: date | None = None,
) -> Assumption:
    segments = (Segment(case.start, rate),)
    return Assumption(
        ident, words, segments, rate, (*clauses, *_order(case)), on or case.setting.as_of
    )


def contract(case: Case) -> list[Assumption]:
    """The stated rate on the money received, with the second reading of the figure if there is one."""
    found = []
    for rate, suffix in ((case.loan.annual_rate, ""), (case.loan.rate_other, "_rate_as_fraction")):
        if rate is None:
            continue
        words = Words(
            f"按合同所示年利率{percent(rate)}，以到手本金的未还余额计息（格式条款有两种理解的，作有利于借款人的解释），"
            f"{LEFT_OUT.zh}",
            f"the stated {percent(rate)} a year on what is left of the money received; {LEFT_OUT.en}",
        )
        words = _beyond(case, rate, words)
        clauses = (Clause("civil-code", "498"), Clause("civil-code", "680"))
        found.append(_flat(case, f"contract{suffix}", words, rate, clauses))
    return found


def _beyond(case: Case, rate: Decimal, words: Words) -> Words:
    """The same words, with the warning that a private lender's stated rate is above the cap."""
    on = case.formed.on
    cap = lpr_on(case.law, on).four_times if on and on >= TURN else OLD_LINE
    if case.setting.lender not in PRIVATE or cap is None or rate <= cap:
        return words
    return Words(
        f"{words.zh}；超过上限{percent(cap)}的部分法院不支持",
        f"{words.en}; what is above the cap of {percent(cap)} is not enforced",
    )


def _capped(case: Case, cap: Decimal, start: date) -> tuple[Segment, ...]:
    """The agreed cost or the cap, whichever is lower; after the first default penalties count too."""
    agreed = case.agreed
    if agreed is None or agreed >= cap:
        return (Segment(start, cap),)
    late = min(cap, agreed + (case.cost.penalty_annual or ZERO))
    if case.default_on is None or late <= agreed:
        return (Segment(start, agreed),)
    return (Segment(start, agreed), Segment(max(case.default_on, start), late))


def exceeds(case: Case, cap: Decimal) -> bool:
    """Whether the cost, or the cost with penalties once in default, passes `cap`."""
    agreed = case.agreed
    if agreed is None:
        return True
    return agreed > cap or (
        case.default_on is not None and agreed + (case.cost.penalty_annual or ZERO) > cap
    )


def cap_24(case: Case) -> list[Assumption]:
    """Financial loans: the whole cost cut to 24 % a year, on request; omitted when never reached.

    Once in default penalties count too: the ceiling is then 24 % over the whole term.
    """
    if case.loan.annual_rate is not None and not exceeds(case, FINANCIAL):
        return []
    words = Words(
        "持牌机构放款：全部成本（利息、费用、违约金合计）按年24%封顶，由借款人请求调减；视为全部到期，违约金不另计",
        "licensed lender: the whole cost cut to 24 % a year on the borrower's request; all due, no separate penalty",
    )
    below = case.agreed is not None and case.default_on is None
    segments = (Segment(case.start, _lower(case, FINANCIAL) if below else FINANCIAL),)
    clauses = (*rule("financial_24").clauses, *_order(case))
    return [Assumption("cap_24", words, segments, FINANCIAL, clauses, case.setting.as_of)]


def _four_words(case: Case, at: LprOn, cap: Decimal, how: tuple[str, str]) -> Words:
    lpr = at.lpr
    assert lpr is not None
    return Words(
        f"民间借贷：本金{case.received}元，年利率上限{percent(cap)}（{how[0]}{at.on}，当时一年期LPR {lpr.one_year}%"
        f"，{lpr.published}公布，×4）；利息、逾期利息、违约金和其他费用合计不超过它",
        f"private lending: {case.received} at most {percent(cap)} a year ({how[1]} {at.on}, one-year LPR "
        f"{lpr.one_year} % of {lpr.published}, x 4), all charges together",
    )


def _four(
    case: Case, ident: str, on: date, how: tuple[str, str], rule_id: str
) -> Assumption | Words:
    at = lpr_on(case.law, on)
    cap = at.four_times
    if cap is None:
        assert at.why_not is not None
        return at.why_not
    segments = _capped(case, cap, case.start)
    clauses = (*rule(rule_id).clauses, *_order(case))
    words = _four_words(case, at, cap, how)
    return Assumption(ident, words, segments, cap, clauses, case.filing)


def cap_4lpr(case: Case) -> list[Assumption | Words]:
    """Private lending formed from 2020-08-20 (or from 2019-08-20 without a request for old rules)."""
    on = case.formed.on
    if on is None or on < LPR_BEGINS:
        return []
    rule_id = "private_4lpr_2020" if case.filing < date(2021, 1, 1) else "private_4lpr"
    natural = (
        "自然人出借，合同自交付时成立：",
        "between natural persons formed when the money came:",
    )
    how = natural if case.formed.natural else ("合同成立日", "formed")
    found = [_four(case, "cap_4lpr", on, how, rule_id)]
    other = case.formed.other
    if other is not None and other >= LPR_BEGINS and _differs(case, on, other):
        suffix = "signing_date" if case.formed.natural else "disbursement_date"
        how = ("仅作对照，按签约日", "contrast only, by signing") if case.formed.natural else (
            "若认定合同自交付时成立：", "if held formed when the money came:")  # fmt: skip
        second = _four(case, f"cap_4lpr_{suffix}", other, how, rule_id)
        found.append(
            replace(second, contrast_only=True) if isinstance(second, Assumption) else second
        )
    return found


def _differs(case: Case, a: date, b: date) -> bool:
    return lpr_on(case.law, a).four_times != lpr_on(case.law, b).four_times


def _lower(case: Case, cap: Decimal) -> Decimal:
    return cap if case.agreed is None else min(case.agreed, cap)


def lines_2015(case: Case) -> list[Assumption | Words]:
    """Private lending decided by the 2015 text: 24 % enforced, paid up to 36 % stays paid."""
    words = Words(
        "民间借贷（2015年规定）：未付的按年24%以内支持；已付的超过24%、不超过36%的部分不退，超过36%的可要求返还",
        "private lending, 2015 text: unpaid interest up to 24 %; paid between 24 and 36 % stays paid, more returns",
    )
    segment = Segment(case.start, _lower(case, OLD_LINE), _lower(case, OLD_TOP))
    clauses = (*rule("private_24_36_2015").clauses, *_order(case))
    return [Assumption("cap_24", words, (segment,), OLD_LINE, clauses, day_in_2015(case))]


def day_in_2015(case: Case) -> date:
    """A day on which the 2015 text was in force: the filing day, at the latest its last day."""
    return min(case.filing, date(2020, 8, 19))


def transition(case: Case) -> list[Assumption | Words]:
    """Formed before 2020-08-20, filed after: old lines to 2020-08-19, then 4 x LPR at filing."""
    at = lpr_on(case.law, case.filing)
    cap = at.four_times
    if cap is None:
        assert at.why_not is not None
        return [at.why_not]
    filed = case.setting.filed is not None
    zh = "起诉时" if filed else "若今天起诉，"
    words = Words(
        f"民间借贷新旧衔接：2020-08-19及以前按当时的规定（24%以内，已付的到36%不退），2020-08-20起按{zh}"
        f"{at.on} LPR的四倍（{percent(cap)}）；由当事人请求",
        f"transition: to 2020-08-19 by the rules then in force, from 2020-08-20 four times the LPR at "
        f"{'filing' if filed else 'a filing today'} {at.on} ({percent(cap)}); on request",
    )
    old = Segment(case.start, _lower(case, OLD_LINE), _lower(case, OLD_TOP))
    new = Segment(max(TURN, case.start), _lower(case, cap))
    segments = (old, new) if case.start < TURN else (new,)
    clauses = (*rule("private_transition").clauses, *_order(case))
    earlier = tuple((clause, day_in_2015(case)) for clause in rule("private_24_36_2015").clauses)
    return [
        Assumption("cap_transition", words, segments, None, clauses, case.filing, earlier=earlier)
    ]


def art_32(case: Case) -> list[Assumption | Words]:
    """Filed 2020-08-20 to 2020-12-31 on a contract before the LPR: 4 x LPR at filing, if decided in 2020."""
    formed = case.formed.on
    if formed is None or formed >= LPR_BEGINS or not TURN <= case.filing <= date(2020, 12, 31):
        return []
    how = ("2020年8月文本第三十二条，按起诉日", "article 32 of the August 2020 text, at filing")
    return [_four(case, "cap_4lpr_at_filing", case.filing, how, "private_4lpr_2020")]


def private_caps(case: Case) -> list[Assumption | Words]:
    """The capped answers of private lending, by days of contract and filing."""
    formed = case.formed.on
    if formed is None or formed >= TURN:
        return cap_4lpr(case)
    if formed < LINES_2015:
        old = Words(
            "合同成立在2015-09-01以前，当时的利率标准没有收录，需律师判断",
            "formed before 2015-09-01: the limits of that time are not held; a lawyer must judge",
        )
        return [old, *(transition(case) if case.filing >= TURN else [])]
    if case.filing < TURN:
        return lines_2015(case)
    return [*transition(case), *art_32(case), *cap_4lpr(case)]


def no_interest(case: Case) -> list[Assumption]:
    """No yearly rate was agreed: none is owed between natural persons (Civil Code 680)."""
    if case.loan.annual_rate is not None:
        return []
    words = Words(
        "没有书面约定年利率：视为没有利息，只返还本金；付过的都抵本金",
        "no yearly rate was agreed in writing: no interest, only the principal; every payment repays it",
    )
    return [_flat(case, "no_interest", words, ZERO, (Clause("civil-code", "680"),))]


def void_contract(case: Case) -> list[Assumption | Words]:
    """An unlicensed professional lender's contract is void: principal and at most one LPR for its use."""
    on = case.formed.on
    if on is None or on < LPR_BEGINS:
        return []
    at = lpr_on(case.law, on)
    rate = at.once
    if rate is None:
        return []
    words = Words(
        f"若出借人没有放贷资质、以营利为目的向不特定人放贷而合同无效：返还本金，按1倍LPR（{percent(rate)}）计资金占用费；需律师判断",
        f"if the contract is void because an unlicensed lender lends to the public for profit: principal and one LPR "
        f"({percent(rate)}) for its use; a lawyer must judge",
    )
    clause = Clause("ji-private-lending", "13", item="3")
    return [_flat(case, "void_contract_1lpr", words, rate, (clause,))]


def principal_only(case: Case) -> Assumption:
    """Nothing but the money received."""
    words = Words(
        "只返还到手的本金，不计任何利息和费用（谈判或法院不支持利息时的底数）",
        "only the money received, no interest or charges (the floor, if no interest is supported)",
    )
    return _flat(case, "principal_only", words, ZERO, ())


def choose(case: Case) -> Choice:
    """Every assumption the law leaves open for this lender, and the first to show."""
    lender = case.setting.lender
    found: list[Assumption | Words] = []
    if lender in LICENSED or lender is LenderType.UNKNOWN:
        found += cap_24(case)
    if lender in PRIVATE or lender is LenderType.UNKNOWN:
        found += private_caps(case)
    found += contract(case)
    if lender not in LICENSED:
        found += [*no_interest(case), *void_contract(case), principal_only(case)]
    assumptions = tuple(a for a in found if isinstance(a, Assumption))
    questions = tuple(w for w in found if isinstance(w, Words))
    return Choice(_distinct(assumptions), questions, _main(case, assumptions))


def _distinct(assumptions: tuple[Assumption, ...]) -> tuple[Assumption, ...]:
    """For an unknown lender the 2015 lines and the financial cap share an id: name the second."""
    seen: set[str] = set()
    kept = []
    for one in assumptions:
        kept.append(replace(one, id=f"{one.id}_2015_text") if one.id in seen else one)
        seen.add(one.id)
    return tuple(kept)


def _main(case: Case, assumptions: tuple[Assumption, ...]) -> tuple[str, ...]:
    """Private lending: the capped answer. Licensed: the cap where the real cost passes it, else the
    contract with lawful overdue interest, unless the ceiling is lower still."""
    ids = {a.id for a in assumptions}
    if case.setting.lender is LenderType.UNKNOWN:
        return ()
    if case.setting.lender in PRIVATE:
        return next(((i,) for i in ("cap_transition", "cap_24", "cap_4lpr") if i in ids), ())
    if case.agreed is not None and case.agreed > FINANCIAL:
        return ("cap_24",)
    wanted = "contract_with_penalty" if case.default_on is not None else "contract"
    return (wanted, "contract", "cap_24")


def first_of(answers: Sequence[Answer], wanted: tuple[str, ...]) -> str | None:
    """The id to show first: of the wanted answers the first that exists, or the cap below it."""
    totals = {a.id: a.total - a.overpaid for a in answers}
    there = [ident for ident in wanted if ident in totals]
    if not there:
        return None
    ceiling = "cap_24" if "cap_24" in there else there[0]
    return ceiling if totals[ceiling] < totals[there[0]] else there[0]
