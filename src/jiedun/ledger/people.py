"""From the list of people to names and roles as one loan sees them."""

import re
from collections.abc import Iterable, Mapping

from jiedun.ledger.names import same_lender
from jiedun.model.evidence import PartyRow
from jiedun.model.loan import Loan

_FOR = re.compile(r"代表([^\s（(，,；;]+)")


def payees_of(rows: Iterable[PartyRow], loan: Loan) -> Mapping[str, str]:
    """Name to role for `examine`: agents and lenders of other loans become `other_…`.

    A collector's note names its lender after 代表, up to a space or bracket; one person listed for
    two lenders collects for both.
    """
    found: dict[str, str] = {}
    rows = tuple(rows)
    own = _own_names(rows, loan)
    for row in rows:
        name, role = row.name.strip(), row.role.strip().lower()
        if not name:
            continue
        if role == "collector":
            role = "collector" if _for_loan(row, own) else "other_collector"
        elif role == "lender" and own and not any(same_lender(name, o) for o in own):
            role = "other_lender"
        if found.get(name) != "collector":
            found[name] = role
    return found


def _own_names(rows: Iterable[PartyRow], loan: Loan) -> tuple[str, ...]:
    """The names by which the list knows this loan's lender."""
    lenders = [row.name for row in rows if row.role.strip().lower() == "lender"]
    mine = [
        n
        for n in lenders
        if same_lender(n, loan.lender) or (loan.platform and same_lender(n, loan.platform))
    ]
    if not mine and len(set(lenders)) == 1:
        mine = lenders
    return (loan.lender, *mine)


def _for_loan(row: PartyRow, own: tuple[str, ...]) -> bool:
    named = _FOR.search(row.note)
    return named is None or any(same_lender(named[1], o) or same_lender(o, named[1]) for o in own)
