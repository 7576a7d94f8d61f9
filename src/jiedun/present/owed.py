"""What a person owes at a glance: the range over the answers that the law allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jiedun.model.report import LoanReport
from jiedun.present.figures import money
from jiedun.present.phrases import say


@dataclass(frozen=True, slots=True)
class Span:
    """Lowest and highest lawful total over all loans, and the most that may be overpaid."""

    low: Decimal
    high: Decimal
    overpaid: Decimal


def span(loans: Sequence[LoanReport]) -> Span | None:
    """The sums over all loans, contrast answers left out; None where no loan has a total."""
    low = high = overpaid = Decimal(0)
    known = False
    for loan in loans:
        lawful = [a for a in loan.answers if not a.contrast and a.total is not None]
        totals = [max(Decimal(0), a.total) for a in lawful if a.total is not None]
        if totals:
            known = True
            low, high = low + min(totals), high + max(totals)
            overpaid += max((a.overpaid or Decimal(0)) for a in lawful)
    return Span(low, high, overpaid) if known else None


def span_words(loans: Sequence[LoanReport] | None, lang: str) -> str:
    """One sentence on what is owed: a range, a figure, or that it is not computed yet."""
    found = span(loans) if loans else None
    if found is None:
        return say("not_computed", lang)
    key = "exactly" if found.low == found.high else "range"
    text = say(key, lang, low=money(found.low), high=money(found.high))
    if found.overpaid > 0:
        mark = "；" if lang != "en" else "; "
        text += mark + say("maybe_over", lang, n=money(found.overpaid))
    return text
