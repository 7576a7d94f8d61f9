"""What a letter is written from: facts, sums and names as values, worked out elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jiedun.model.evidence import FileEntry, ItemRef, Payment
from jiedun.model.finding import Finding
from jiedun.model.report import OwedAnswer, ReportParty, TimelineRow
from jiedun.model.text import Words


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed package of this case: Merkle root and key fingerprint as printed; `code` as QR."""

    root: str
    fingerprint: str
    code: str


@dataclass(frozen=True, slots=True)
class LoanSums:
    """One loan as the ledger answers: `main` is the id of the answer to show first, if any.

    Money in yuan, rates as fractions; None where it is not known or not worked out.
    """

    path: str
    lender: str
    signed: date | None
    principal: Decimal | None
    received: Decimal | None
    received_on: date | None
    answers: tuple[OwedAnswer, ...] = ()
    main: str | None = None
    nominal: Decimal | None = None
    cap: Decimal | None = None
    cap_label: Words | None = None
    refund: Decimal | None = None
    refund_basis: Words | None = None
    schedule: tuple[tuple[date, Decimal], ...] = ()
    schedule_note: Words | None = None
    schedule_total: Decimal | None = None
    refused: Words | None = None
    notes: tuple[Words, ...] = ()

    @property
    def ref(self) -> ItemRef:
        """The loan file as an item of evidence."""
        return ItemRef(self.path, 1)

    def answer(self, ident: str | None) -> OwedAnswer | None:
        """The answer with this id, the main one for `main`; None where there is none."""
        wanted = self.main if ident == "main" else ident
        return next((a for a in self.answers if a.id == wanted), None)


@dataclass(frozen=True, slots=True)
class Matter:
    """One letter's case: the findings about one creditor (or all), with what they rest on.

    `fields` are the person's own words from the form and the names of the case, by dotted key;
    `rows` are tables of the form (investors, missing pieces) by key. `items` maps an item's locator
    to its row of the timeline. `phone` is the folder under `phones/` whose owner writes, or None.
    """

    as_of: date
    findings: tuple[Finding, ...] = ()
    items: Mapping[str, TimelineRow] = field(default_factory=dict)
    loans: tuple[LoanSums, ...] = ()
    payments: tuple[Payment, ...] = ()
    parties: tuple[ReportParty, ...] = ()
    files: tuple[FileEntry, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    seal: Seal | None = None
    creditor: str | None = None
    phone: str | None = None
    lender_type: str | None = None

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 by path."""
        return {f.path: f.sha256 for f in self.files}

    def figures(self) -> dict[str, Decimal]:
        """Every sum a letter may state, by key: `<loan path>:<answer>.<part>` and the loan's own."""
        found: dict[str, Decimal | None] = {}
        for loan in self.loans:
            for answer in loan.answers:
                for part in PARTS:
                    found[f"{loan.path}:{answer.id}.{part}"] = getattr(answer, part)
            found[f"{loan.path}:principal"] = loan.principal
            found[f"{loan.path}:received"] = loan.received
            found[f"{loan.path}:refund"] = loan.refund
            found[f"{loan.path}:schedule.total"] = loan.schedule_total
            if loan.principal is not None and loan.received is not None:
                found[f"{loan.path}:deducted"] = loan.principal - loan.received
            for n, (_, amount) in enumerate(loan.schedule, start=1):
                found[f"{loan.path}:schedule.{n}"] = amount
        for payment in self.payments:
            found[str(payment.ref)] = payment.amount
        return {key: amount for key, amount in found.items() if amount is not None}


PARTS = ("principal", "interest", "fees", "penalty", "paid", "total", "overpaid")
