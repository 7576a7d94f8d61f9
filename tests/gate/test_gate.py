"""Decisions: limits, hours, persons, unknowns, overrides, outcomes, reservations, idempotency."""

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from jiedun.errors import BadValue, ProofError, RuleError
from jiedun.gate import Gate, Kind, Outcome, Override, Request, Status, load_rules
from jiedun.gate.interface import Effect
from jiedun.gate.store import open_store
from jiedun.model.evidence import Channel
from jiedun.model.finding import Force
from jiedun.model.loan import LenderType
from jiedun.model.party import Role

Ask = Callable[..., Request]


def reserve(gate: Gate, ask: Ask, *ids: str, **changes: Any) -> list[str]:
    made = []
    for name in ids:
        held = gate.decide(ask(name, **changes)).reservation
        assert held is not None
        made.append(held.id)
    return made


def test_somebody_of_unknown_role_is_refused_for_what_is_missing(gate: Gate, ask: Ask) -> None:
    answer = gate.decide(ask("1", role=Role.UNKNOWN, person="p2", debtor="p1"))
    assert answer.status is Status.FORBID
    assert "unknown:CN-COL-002" in answer.codes and "CN-COL-002" not in answer.codes


def test_the_fourth_interactive_call_waits_for_the_next_morning(gate: Gate, ask: Ask) -> None:
    reserve(gate, ask, "1", "2", "3")
    fourth = gate.decide(ask("4"))
    assert fourth.status is Status.DELAY and not fourth.may_proceed
    assert fourth.codes == ("GATE-COL-009-A",)
    assert fourth.not_before is not None
    assert fourth.not_before.isoformat() == "2026-03-03T08:00:00+08:00"
    assert fourth.counters["conversations_today"] == 4
    (reason,) = [r for r in fourth.reasons if r.effect is Effect.FORBID]
    assert reason.force is Force.STANDARD and reason.cites[0].instrument == "gbt-45251-2025"
    assert reason.rule_version == "1" and fourth.rules_version == gate.rules.version


def test_the_two_counters_of_the_standard_are_apart(gate: Gate, ask: Ask) -> None:
    reserve(gate, ask, "1", "2", "3")
    reserve(gate, ask, "4", "5", "6", kind=Kind.NOTIFICATION, at=ask("x").at + timedelta(hours=3))
    both = gate.decide(ask("7", kind=Kind.NOTIFICATION, at=ask("x").at + timedelta(hours=3)))
    assert both.codes == ("GATE-COL-009-B", "CN-COL-016") or both.codes == ("GATE-COL-009-B",)
    assert both.counters["conversations_today"] == 3 and both.counters["notices_today"] == 4


def test_a_dial_of_unknown_kind_counts_for_both(gate: Gate, ask: Ask) -> None:
    reserve(gate, ask, "1", "2", "3", kind=Kind.ATTEMPT)
    later = ask("x").at + timedelta(hours=3)
    assert "GATE-COL-009-A" in gate.decide(ask("4", at=later)).codes
    assert "GATE-COL-009-B" in gate.decide(ask("5", kind=Kind.NOTIFICATION, at=later)).codes


def test_agencies_and_debts_of_one_side_are_counted_together(gate: Gate, ask: Ask) -> None:
    for i, agency in enumerate(("A", "B", "C")):
        reserve(gate, ask, str(i), agency=agency, debt=f"D{i}", number=f"1390000000{i}")
    assert gate.decide(ask("4", agency="D", debt="D9")).status is Status.DELAY
    assert gate.decide(ask("5", creditor="乙银行")).status is Status.NO_RULE_FORBIDS


def test_unanswered_calls_are_given_back(gate: Gate, ask: Ask) -> None:
    for held in reserve(gate, ask, "1", "2", "3"):
        gate.report(Outcome(held, ask("x").at, connected=False))
    assert gate.decide(ask("4")).status is Status.NO_RULE_FORBIDS


def test_answered_calls_stay_counted_after_they_are_reported(gate: Gate, ask: Ask) -> None:
    for held in reserve(gate, ask, "1", "2", "3"):
        gate.report(Outcome(held, ask("x").at, connected=True, seconds=60))
    assert gate.decide(ask("4")).status is Status.DELAY


def test_reservations_end_and_late_reports_count(gate: Gate, ask: Ask, clock: Any) -> None:
    held = reserve(gate, ask, "1", "2", "3")
    clock.now += timedelta(minutes=16)
    reserve(gate, ask, "4", at=clock.now)
    recorded = [gate.report(Outcome(h, clock.now, connected=True)) for h in held]
    assert all(r.late for r in recorded)
    assert gate.decide(ask("5", at=clock.now)).status is Status.DELAY


def test_a_contact_that_was_not_made_is_given_back(gate: Gate, ask: Ask) -> None:
    for held in reserve(gate, ask, "1", "2", "3"):
        gate.report(Outcome(held, ask("x").at, connected=False, made=False))
    assert gate.decide(ask("4")).counters["attempts_number_today"] == 1


def test_no_call_planned_earlier_the_same_day_slips_past_the_limit(gate: Gate, ask: Ask) -> None:
    reserve(gate, ask, "1", "2", "3", at=ask("x").at + timedelta(hours=8))
    assert gate.decide(ask("4")).status is Status.DELAY


@pytest.mark.parametrize(
    ("hour", "minute", "second", "status"),
    [
        (21, 59, 59, Status.NO_RULE_FORBIDS),
        (22, 0, 0, Status.DELAY),
        (7, 59, 59, Status.DELAY),
        (8, 0, 0, Status.NO_RULE_FORBIDS),
    ],
)
def test_hours(
    gate: Gate, ask: Ask, clock: Any, hour: int, minute: int, second: int, status: Status
) -> None:
    clock.now = clock.now.replace(hour=hour, minute=minute, second=second)
    decision = gate.decide(ask("1", at=clock.now))
    assert decision.status is status
    if status is Status.DELAY:
        assert decision.not_before is not None and decision.not_before.hour == 8


def test_twenty_one_is_only_a_note(gate: Gate, ask: Ask, clock: Any) -> None:
    clock.now = clock.now.replace(hour=21)
    decision = gate.decide(ask("1", at=clock.now))
    assert decision.status is Status.NO_RULE_FORBIDS
    assert [(r.code, r.effect, r.cites) for r in decision.reasons] == [
        ("CN-COL-012", Effect.NOTE, ())
    ]


def test_the_hours_are_those_of_the_person(gate: Gate, ask: Ask, clock: Any) -> None:
    clock.now = clock.now.replace(hour=20)  # 21:00 in Tokyo at 20:00 in Shanghai
    clock.now += timedelta(hours=1, minutes=30)
    assert gate.decide(ask("1", at=clock.now)).status is Status.NO_RULE_FORBIDS
    assert gate.decide(ask("2", at=clock.now, zone="Asia/Tokyo")).status is Status.DELAY


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_days_on_which_the_clocks_change(gate: Gate, ask: Ask, clock: Any, day: str) -> None:
    clock.now = datetime.fromisoformat(f"{day}T02:30:00-05:00")
    decision = gate.decide(ask("1", at=clock.now, zone="America/New_York"))
    assert decision.status is Status.DELAY and decision.not_before is not None
    from zoneinfo import ZoneInfo

    local = decision.not_before.astimezone(ZoneInfo("America/New_York"))
    assert (local.hour, local.minute, local.date().isoformat()) == (8, 0, day)


def test_agreed_hours_take_the_place_of_the_default(gate: Gate, ask: Ask, clock: Any) -> None:
    hours = (time(19), time(23))
    assert gate.decide(ask("1", agreed_hours=hours)).codes == ("GATE-COL-011-AGREED",)
    clock.now = clock.now.replace(hour=22, minute=30)
    late = gate.decide(ask("2", agreed_hours=hours, at=clock.now))
    assert late.status is Status.NO_RULE_FORBIDS


def test_third_persons_are_forbidden_by_law(gate: Gate, ask: Ask) -> None:
    decision = gate.decide(
        ask("1", role=Role.RELATIVE, person="p2", debtor="p1", declared=True, in_phonebook=False)
    )
    assert decision.status is Status.FORBID and decision.codes == ("CN-COL-002",)
    assert decision.reasons[0].cites[0].quote


def test_a_contact_person_only_while_the_debtor_cannot_be_reached(gate: Gate, ask: Ask) -> None:
    def to_contact(name: str, **more: Any) -> Any:
        return gate.decide(
            ask(name, role=Role.EMERGENCY_CONTACT, person="p3", debtor="p1", declared=True, **more)
        )

    assert to_contact("1").codes == ("unknown:GATE-COL-002-REACHABLE",)
    assert to_contact("2", debtor_reachable=True).codes == ("GATE-COL-002-REACHABLE",)
    assert to_contact("3", debtor_reachable=False).status is Status.NO_RULE_FORBIDS
    reserve(gate, ask, "4")
    assert "CN-COL-002-contact" in to_contact("5", debtor_reachable=False).codes


def test_a_refusal_changes_the_next_answer(gate: Gate, ask: Ask) -> None:
    fields = {
        "role": Role.EMERGENCY_CONTACT, "person": "p3", "debtor": "p1", "declared": True,
        "debtor_reachable": False,
    }  # fmt: skip
    (held,) = reserve(gate, ask, "1", **fields)
    gate.report(Outcome(held, ask("x").at, connected=True, refused_contact=True))
    later = gate.decide(ask("2", at=ask("x").at + timedelta(minutes=1), **fields))
    assert "CN-COL-002-refused" in later.codes and later.status is Status.FORBID
    assert "GATE-COL-002-REFUSED" in gate.decide(ask("3", refusal_on_file=True, **fields)).codes


def test_a_wrong_person_is_not_called_again(gate: Gate, ask: Ask) -> None:
    (held,) = reserve(gate, ask, "1")
    gate.report(Outcome(held, ask("x").at, connected=True, wrong_person=True))
    again = gate.decide(ask("2", at=ask("x").at + timedelta(days=1)))
    assert again.codes == ("GATE-PI-WRONG-PERSON",)
    other = gate.decide(ask("3", number="13900000009", at=ask("x").at + timedelta(days=1)))
    assert other.status is Status.NO_RULE_FORBIDS


def test_unknown_state_forbids(gate: Gate, ask: Ask) -> None:
    no_debtor = gate.decide(ask("1", role=Role.GUARANTOR, person="g1"))
    assert no_debtor.codes == ("unknown:debtor",)
    unknown = {"lender_type": LenderType.UNKNOWN, "kind": Kind.ATTEMPT}
    reserve(gate, ask, "2", "3", "4", **unknown)
    fourth = gate.decide(ask("5", **unknown))
    assert fourth.status is not Status.NO_RULE_FORBIDS
    assert fourth.codes == ("unknown:GATE-COL-009-A", "unknown:GATE-COL-009-B")
    assert all("lender_type" in r.missing for r in fourth.reasons if r.effect is Effect.FORBID)


def test_the_types_of_lenders_can_be_given_once(make_gate: Any, ask: Ask) -> None:
    gate = make_gate(lender_types={"甲银行": LenderType.PRIVATE})
    names = [str(i) for i in range(4)]
    reserve(gate, ask, *names, lender_type=LenderType.UNKNOWN)


def test_clock_skew_forbids(gate: Gate, ask: Ask) -> None:
    past = gate.decide(ask("1", at=ask("x").at - timedelta(minutes=6)))
    ahead = gate.decide(ask("2", at=ask("x").at + timedelta(days=9)))
    assert past.codes == ahead.codes == ("clock_skew",)


def test_a_reader_that_fails_forbids(make_gate: Any, ask: Ask) -> None:
    def broken(message: Any) -> Any:
        raise OSError("weights are gone")

    gate = make_gate(reading=broken)
    assert gate.decide(ask("1", words="请还款")).codes == ("reader_unavailable",)


def test_words_are_read(tmp_path: Path, clock: Any, ask: Ask) -> None:
    gate = Gate(load_rules(), open_store(str(tmp_path / "g.db")), clock=clock)
    said = {"kind": Kind.MESSAGE, "channel": Channel.SMS}
    bad = gate.decide(ask("1", words="再不还钱我们就带人上门打断你的腿", **said))
    good = gate.decide(ask("2", words="您好，您的账单已到期，请及时还款。", **said))
    gate.close()
    assert bad.status is Status.FORBID and "CN-COL-005" in bad.codes
    assert good.status is Status.NO_RULE_FORBIDS


def test_an_override_needs_a_name_and_leaves_a_trace(gate: Gate, ask: Ask) -> None:
    with pytest.raises(BadValue, match="name of a person"):
        gate.decide(ask("0", override=Override(" ", "because")))
    reserve(gate, ask, "1", "2", "3")
    over = gate.decide(ask("4", override=Override("王经理", "借款人要求当天回电")))
    assert over.status is Status.DELAY and over.may_proceed and over.override is not None
    lines = [json.loads(line) for c in range(16) for line in gate.store.lines(c)]
    (line,) = [x for x in lines if x["body"].get("override")]
    assert line["body"]["override"] == {"by": "王经理", "reason": "借款人要求当天回电"}


def test_the_same_id_gives_the_same_answer(gate: Gate, ask: Ask) -> None:
    first = gate.decide(ask("1"))
    assert gate.decide(ask("1")) == first == gate.explain("1") == gate.explain(first.id)
    with pytest.raises(BadValue, match="another request"):
        gate.decide(ask("1", number="13900000002"))


def test_explain_finds_decisions_only(gate: Gate, ask: Ask) -> None:
    first = gate.decide(ask("1"))
    assert first.reservation is not None
    gate.report(Outcome(first.reservation.id, ask("x").at, connected=False))
    chain, n = first.id.removeprefix("D-").split("-")
    assert gate.explain(f"D-{chain}-{int(n) + 1}") is None  # the line of the report
    for other in (f"D-{chain}-9", f"D-{chain}-0{n}", f"D-0{chain}-{n}", first.reservation.id, "2"):
        assert gate.explain(other) is None


def test_reports_are_idempotent_and_do_not_contradict(gate: Gate, ask: Ask) -> None:
    (held,) = reserve(gate, ask, "1")
    gate.report(Outcome(held, ask("x").at, connected=False))
    assert gate.report(Outcome(held, ask("x").at, connected=False)).repeated
    with pytest.raises(BadValue, match="another report"):
        gate.report(Outcome(held, ask("x").at, connected=True))
    for odd in ("R-0001-999", "nothing", "R-ffff-1", "E-0001-1"):
        with pytest.raises(BadValue, match="no such reservation"):
            gate.report(Outcome(odd, ask("x").at, connected=True))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"person": ""}, "person"),
        ({"number": "1" * 300}, "number"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"zone": "../../etc/passwd"}, "zone"),
        ({"at": datetime(2026, 3, 2, 10)}, "zone"),
        ({"kind": Kind.MESSAGE}, "do not fit"),
        ({"words": "钱" * 20_001}, "words"),
    ],
)
def test_fields_that_cannot_be(gate: Gate, ask: Ask, changes: Any, said: str) -> None:
    with pytest.raises(BadValue, match=said):
        gate.decide(ask("1", **changes))


def test_house_rules_only_add(tmp_path: Path, make_gate: Any, ask: Ask) -> None:
    pack = tmp_path / "house.yaml"
    rule = """
- id: {id}
  version: "1"
  subject: contact
  violation: call_outside_hours
  title: {{zh: 午休, en: lunch}}
  when: "second_of_day >= 36000 AND second_of_day < 50400"
  certainty: certain
  explain: {{zh: 午休时间, en: lunch hours}}
  severity: 1
  source: house
  examples:
    - {{name: a, kind: violating, on: 2026-03-01, facts: {{second_of_day: 36000}}, expect: advisory}}
    - {{name: b, kind: lawful, on: 2026-03-01, facts: {{second_of_day: 50400}}, expect: lawful}}
    - {{name: c, kind: borderline, on: 2026-03-01, facts: {{second_of_day: 35999}}, expect: lawful}}
"""
    pack.write_text(rule.format(id="HOUSE-1"), "utf-8")
    gate = make_gate(house=[pack])
    assert gate.decide(ask("1")).codes == ("HOUSE-1",)
    assert gate.rules.version != load_rules().version
    for taken in ("CN-COL-011", "CN-COL-009"):
        pack.write_text(rule.format(id=taken), "utf-8")
        with pytest.raises(RuleError, match="stricter"):
            load_rules([pack])


def test_nothing_in_clear_is_kept(make_file_gate: Any, ask: Ask, tmp_path: Path) -> None:
    gate = make_file_gate("secret.db")
    (held,) = reserve(gate, ask, "1", words="您好，请还款", debt="合同第77号", person="张三")
    gate.report(Outcome(held, ask("x").at, connected=True, refused_contact=True))
    gate.close()
    stored = b"".join(p.read_bytes() for p in tmp_path.glob("secret.db*"))
    for secret in ("甲银行", "13900000001", "张三", "合同第77号", "请还款"):
        assert secret.encode() not in stored


def test_what_cannot_be_written_is_forbidden(file_gate: Gate, ask: Ask, tmp_path: Path) -> None:
    (held,) = reserve(file_gate, ask, "1")
    other = sqlite3.connect(tmp_path / "gate.db", isolation_level=None)
    other.execute(
        "CREATE TRIGGER full BEFORE INSERT ON gate_log BEGIN SELECT RAISE(FAIL, 'full'); END"
    )
    decision = file_gate.decide(ask("2"))
    assert decision.codes == ("store_unavailable",) and not decision.logged
    with pytest.raises(ProofError, match="cannot be written"):
        file_gate.report(Outcome(held, ask("x").at, connected=True))
    other.execute("DROP TRIGGER full")
    other.close()
    assert file_gate.decide(ask("2")).counters["conversations_today"] == 2


def test_two_gates_on_one_store_see_each_other(make_gate: Any, ask: Ask) -> None:
    one, two = make_gate(), make_gate()
    reserve(one, ask, "1")
    reserve(two, ask, "2")
    (held,) = reserve(one, ask, "3")
    assert two.decide(ask("4")).status is Status.DELAY
    two.report(Outcome(held, ask("x").at, connected=False))
    assert one.decide(ask("5")).status is Status.NO_RULE_FORBIDS
    assert one.verify() == 6


def test_a_restart_forgets_nothing(make_gate: Any, ask: Ask) -> None:
    gate = make_gate("again.db")
    reserve(gate, ask, "1", "2", "3")
    gate.close()
    assert make_gate("again.db").decide(ask("4")).status is Status.DELAY


def test_a_changed_line_breaks_the_chain(file_gate: Gate, ask: Ask, tmp_path: Path) -> None:
    reserve(file_gate, ask, "1", "2", "3")
    assert file_gate.verify() == 3
    other = sqlite3.connect(tmp_path / "gate.db", isolation_level=None)
    other.execute("UPDATE gate_log SET line = replace(line, 'no_rule', 'NO_RULE') WHERE n = 2")
    other.close()
    with pytest.raises(ProofError):
        file_gate.verify()
