"""What a rule is, on one day, to one type of lender: its force and the clauses it may cite."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from jiedun.model.finding import Cite, Force
from jiedun.model.loan import LenderType
from jiedun.model.text import Words
from jiedun.rules.rule import CiteSpec, Outside, Rule

LENDER_SETTLE = Words(
    zh="查明出借方属于哪一类（银行、消费金融公司、小额贷款公司、网络平台、民间出借人）："
    "合同抬头的公司全称、金融许可证或监管部门公布的名单",
    en="which type of lender this is (bank, consumer-finance, micro-loan, platform, private): the full "
    "company name on the contract, its licence, or the regulator's public list",
)


class CiteFn(Protocol):
    """What may be cited for an act of a day; None when the clause was not in force."""

    def __call__(
        self,
        instrument: str,
        article: str | None,
        on: date,
        /,
        *,
        paragraph: str | None = None,
        item: str | None = None,
    ) -> Cite | None: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """The force of a rule and its cites, strongest first; advisory has none.

    `applies` is False where the rule says nothing to this lender, None where that hangs on the
    type of lender, which is not known. `open` is True where further clauses hang on that type.
    """

    applies: bool | None
    force: Force = Force.ADVISORY
    cites: tuple[Cite, ...] = ()
    open: bool = False

    @property
    def hangs_on_lender(self) -> bool:
        """Whether nothing but a yardstick stands until the type of lender is known."""
        return self.open and not self.cites


def _addressed(binds: frozenset[LenderType], lender: LenderType) -> bool | None:
    if not binds or lender in binds:
        return True
    return None if lender is LenderType.UNKNOWN else False


def _in_days(spec: CiteSpec, on: date) -> bool:
    return (spec.from_ is None or on >= spec.from_) and (spec.until is None or on <= spec.until)


def standing(rule: Rule, lender: LenderType, on: date, cite: CiteFn) -> Standing:
    """What `rule` is to `lender` on the local day `on`."""
    bound = _addressed(rule.binds, lender)
    if bound is not True and rule.outside is Outside.SKIP:
        return Standing(applies=bound)
    if bound is False:
        return Standing(applies=True)
    held: list[Cite] = []
    undecided = False
    for spec in rule.cites:
        addressed = _addressed(rule.binds if spec.binds is None else spec.binds, lender)
        if addressed is False or not _in_days(spec, on):
            continue
        found = cite(spec.instrument, spec.article, on, paragraph=spec.paragraph, item=spec.item)
        if found is None or found.force is Force.ADVISORY:
            continue
        if addressed:
            held.append(found)
        else:
            undecided = True
    cites = tuple(sorted(held, key=lambda c: c.force.rank))
    return Standing(True, cites[0].force if cites else Force.ADVISORY, cites, undecided)
