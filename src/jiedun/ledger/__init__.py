"""The cost of credit, caps and the lawful balance; facts and sums, no findings."""

from jiedun.ledger.examine import examine
from jiedun.ledger.values import LoanResult
from jiedun.ledger.written import loan_from

__all__ = ["LoanResult", "examine", "loan_from"]
