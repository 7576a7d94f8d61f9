"""The lender's door: a decision before every contact, with counters, reservations and a log.

`Gate(rules, store).decide(request)` answers; `docs/gate.md` says what it assumes and why.
"""

from jiedun.gate.gate import Gate
from jiedun.gate.interface import (
    Decision,
    Kind,
    Outcome,
    Override,
    Reason,
    Request,
    Reservation,
    Status,
)
from jiedun.gate.rules import GateRules, load_rules

__all__ = [
    "Decision",
    "Gate",
    "GateRules",
    "Kind",
    "Outcome",
    "Override",
    "Reason",
    "Request",
    "Reservation",
    "Status",
    "load_rules",
]
