"""The cost of credit, caps and the lawful balance; facts and sums, no findings."""

from jiedun.ledger.examine import examine
from jiedun.ledger.limitation import Limitation, State, limitation
from jiedun.ledger.many import Together, together
from jiedun.ledger.names import same_lender
from jiedun.ledger.outlook import Outlook, civil_outlook
from jiedun.ledger.people import payees_of
from jiedun.ledger.share import Shared, share_out
from jiedun.ledger.values import Answer, LoanResult, Rate
from jiedun.ledger.ways_out import WaysOut, afford_of, ways_out
from jiedun.ledger.written import loan_from

__all__ = [
    "Answer",
    "Limitation",
    "LoanResult",
    "Outlook",
    "Rate",
    "Shared",
    "State",
    "Together",
    "WaysOut",
    "afford_of",
    "civil_outlook",
    "examine",
    "limitation",
    "loan_from",
    "payees_of",
    "same_lender",
    "share_out",
    "together",
    "ways_out",
]
