"""The cost of credit, caps and the lawful balance; facts and sums, no findings."""

from jiedun.ledger.examine import examine
from jiedun.ledger.names import same_lender
from jiedun.ledger.values import Answer, Cap, LoanResult, Rate
from jiedun.ledger.written import loan_from

__all__ = ["Answer", "Cap", "LoanResult", "Rate", "examine", "loan_from", "same_lender"]
