"""What a report of an outcome does: the assumption of a reservation gives way to the fact."""

from datetime import UTC, datetime
from typing import Any, NoReturn

from jiedun.errors import BadValue, ProofError
from jiedun.gate.facts import Facts, refusal
from jiedun.gate.interface import Outcome, Recorded
from jiedun.gate.spell import dumps, facts_in, facts_out
from jiedun.gate.state import REFUSAL, RELEASED, SETTLED, Debtors, Held
from jiedun.gate.tally import CounterPlan
from jiedun.gate.tx import Row, Tx


def told(outcome: Outcome) -> dict[str, Any]:
    """The report ready for JSON."""
    return {
        "at": outcome.at.astimezone(UTC).isoformat(), "connected": outcome.connected,
        "made": outcome.made, "refused_contact": outcome.refused_contact,
        "seconds": outcome.seconds, "wrong_person": outcome.wrong_person,
    }  # fmt: skip


def reported_before(row: Row | None, outcome: Outcome, report: str) -> Recorded | None:
    """What an earlier report of the same outcome did; None where there was none. BadValue for a
    reservation that is not there, or a report that contradicts the earlier one."""
    if row is None or row["state"] == REFUSAL:
        raise no_reservation()
    if row["report"] is None:
        return None
    if row["report"] != report:
        raise BadValue(
            "this reservation has another report already",
            where=outcome.reservation_id,
            next_step="correct it in the audit; the gate keeps the first",
        )
    return Recorded(outcome.reservation_id, repeated=True)


class Settler:
    """Settles reservations by their reports."""

    def __init__(self, plan: CounterPlan, debtors: Debtors) -> None:
        self.plan = plan
        self.debtors = debtors

    def contact(
        self, name: str, debtor: str, state: str, held: Held, facts: bytes
    ) -> dict[str, Any]:
        """The row of a contact."""
        return {
            "id": name, "debtor": debtor, "instant": held.facts["instant"],
            "seq": held.facts["seq"], "state": state, "expires": held.expires,
            "lasting": not self.plan.lasting.isdisjoint(held.places),
            "facts": facts.decode(), "report": None,
        }  # fmt: skip

    def settle(
        self, tx: Tx, chain: int, row: Row, outcome: Outcome, report: str, now: datetime
    ) -> Recorded:
        """What the report did to the contact of `row`, whose line is written already."""
        contact, late = outcome.reservation_id, int(now.timestamp()) >= row["expires"]
        facts = facts_in(row["facts"])
        facts.update(
            connected=outcome.connected,
            duration_s=outcome.seconds,
            wrong_person=outcome.wrong_person,
        )
        since = facts["instant"] - self.plan.horizon
        debtor = self.debtors.get(tx, row["debtor"], chain, since, int(now.timestamp()))
        debtor.drop(contact)
        places = self.plan.counting(facts, open_outcome=False) if outcome.made else ()
        held = Held(self.plan.asked(facts), places, None)
        state = SETTLED if outcome.made else RELEASED
        tx.change(
            {
                **self.contact(contact, row["debtor"], state, held, facts_out(facts)),
                "expires": row["expires"], "report": report,
            }
        )  # fmt: skip
        if not outcome.made:
            return Recorded(contact, late=late)
        debtor.put(contact, held)
        if outcome.refused_contact:
            self._refused(tx, chain, row["debtor"], facts, outcome, now)
        return Recorded(contact, late=late, facts={**facts, **debtor.tally.settled(facts, places)})

    def _refused(
        self, tx: Tx, chain: int, debtor: str, facts: Facts, outcome: Outcome, now: datetime
    ) -> None:
        """Keeps the refusal as a contact of its own: the person's word to that side."""
        word = refusal(facts, int(outcome.at.timestamp()), "Asia/Shanghai")
        word["seq"] = seq = tx.ends[chain][0]
        held = Held(self.plan.asked(word), self.plan.counting(word, open_outcome=False), None)
        contact = f"E-{chain:04x}-{seq}"
        tx.add(self.contact(contact, debtor, REFUSAL, held, facts_out(word)))
        since = facts["instant"] - self.plan.horizon
        self.debtors.get(tx, debtor, chain, since, int(now.timestamp())).put(contact, held)


def report_text(outcome: Outcome) -> str:
    """The report as it is kept beside the contact."""
    return dumps(told(outcome)).decode()


def no_reservation() -> BadValue:
    """The error for a reservation that is not there."""
    return BadValue(
        "no such reservation", next_step="report with the id that the decision's reservation bears"
    )


def not_written() -> NoReturn:
    """ProofError: nothing could be kept of a report."""
    raise ProofError("the report cannot be written now", next_step="send the same report again")
