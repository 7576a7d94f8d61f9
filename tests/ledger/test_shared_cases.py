"""The loan part of the reference cases, to their tolerance, by assumption and amount."""

import csv
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jiedun.ledger import LoanResult, examine, loan_from
from jiedun.ledger.sources import Law
from jiedun.model.evidence import ItemRef, Payment

ALSO = {"annual_rate": "annual_rate", "lawful_interest_total": "interest_total"}
CONTRAST = ("n_overdue", "overdue_instalments", "not_yet_due", "penalty",
            "total_overdue_plus_penalty", "face", "days_overdue", "late_fee", "credited")  # fmt: skip


def _folders(shared: Path) -> list[Path]:
    return sorted(p.parent for p in (shared / "cases").glob("*/expected.json"))


def _examined(folder: Path, law: Law) -> tuple[LoanResult, Mapping[str, Any]]:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    data = json.loads(
        (folder / "loan.json").read_text("utf-8"), parse_float=Decimal, parse_int=Decimal
    )
    with (folder / "payments.csv").open(encoding="utf-8-sig", newline="") as rows:
        payments = [
            Payment(ItemRef("payments.csv", n), date.fromisoformat(row["date"]), Decimal(row["amount"]),
                    row["payee"], row["note"])
            for n, row in enumerate(csv.DictReader(rows), 1)
        ]  # fmt: skip
    with (folder / "parties.csv").open(encoding="utf-8-sig", newline="") as rows:
        payees = {row["name"]: row["role"] for row in csv.DictReader(rows)}
    loan, problems = loan_from(data, "loan.json")
    assert not problems
    as_of = date.fromisoformat(expected["as_of"])
    return examine(loan, payments, as_of=as_of, payees=payees, law=law), expected


def _close(mine: Any, theirs: Any, tolerance: Decimal) -> bool:
    return mine is not None and abs(Decimal(mine) - Decimal(str(theirs))) <= tolerance


def test_owed_within_tolerance(shared: Path, law: Law) -> None:
    for folder in _folders(shared):
        result, expected = _examined(folder, law)
        tolerance = Decimal(str(expected["loan"]["tolerance"]))
        for theirs in expected["loan"]["owed"]:
            ident = "contract" if theirs["id"].startswith("stated_rate") else theirs["id"]
            mine = result.answer(ident)
            assert mine is not None, ident
            for key in ("principal", "interest", "total", "overpaid"):
                if key in theirs:
                    assert _close(getattr(mine, key), theirs[key], tolerance), (ident, key)
            for key, name in ALSO.items():
                if key in theirs:
                    assert _close(getattr(mine, name), theirs[key], tolerance), (ident, key)
            for key in CONTRAST:
                if ident == "as_written" and key in theirs:
                    assert _close(mine.more[key], theirs[key], tolerance), key
            if "cleared_on" in theirs:
                assert str(mine.cleared_on) == theirs["cleared_on"]


def test_payments_rates_and_facts(shared: Path, law: Law) -> None:
    for folder in _folders(shared):
        result, expected = _examined(folder, law)
        loan = expected["loan"]
        assert [str(c.payment.ref) for c in result.counted] == loan["payments_counted"]
        assert {str(n.payment.ref) for n in result.not_counted} == {
            n["id"] for n in loan["payments_not_counted"]
        }
        for key in ("monthly_irr", "annual_nominal", "annual_effective", "xirr_365"):
            if key in loan["rate"]:
                assert _close(getattr(result.rate, key).value, loan["rate"][key], Decimal("0.0001"))
        block = expected["violations"]["rate_over_cap"]
        assert result.facts["rate_over_cap"] is block["present"]
        for key in ("rate_pct", "effective_pct", "xirr_pct", "cap_pct"):
            mine = result.facts[{"effective_pct": "effective_rate_pct"}.get(key, key)]
            assert mine is None if block[key] is None else _close(mine, block[key], Decimal("0.01"))
        penalty = expected["violations"]["penalty_over_limit"]
        assert result.facts["penalty_rule_applies"] is penalty["applies"]
        assert _close(result.facts["penalty_annual_pct"], penalty["contract_pct"], Decimal("0.01"))
        advance = expected["violations"]["interest_in_advance"]
        assert result.facts["interest_in_advance"] is advance["present"]


def test_ledger_lines_and_refund(shared: Path, law: Law) -> None:
    for folder in _folders(shared):
        result, expected = _examined(folder, law)
        tolerance = Decimal(str(expected["loan"]["tolerance"]))
        wanted = expected["loan"].get("ledger_cap_4lpr", [])
        ledger = next((x for x in result.ledgers if x.id == "cap_4lpr"), None)
        mine = [x for x in ledger.lines if x.payment] if ledger else []
        for line, row in zip(mine, wanted, strict=bool(wanted)):
            assert str(line.on) == row["date"]
            assert _close(line.to_interest, row["to_interest"], tolerance)
            assert _close(line.principal - line.overpaid, row["principal_after"], tolerance)
        if "refund_claim" in expected["loan"]:
            assert result.refund is not None
            assert _close(
                result.refund.amount, expected["loan"]["refund_claim"]["amount"], tolerance
            )


@pytest.mark.parametrize("name", ["lender_type", "cap_pct", "rate_over_cap", "penalty_limit_pct"])
def test_every_fact_has_its_row_in_the_table(name: str) -> None:
    from jiedun.ledger.facts import facts_of

    assert name in (facts_of.__doc__ or "")


RENAME = {"鹭汀市砚池": "云岭市青禾", "砚池小贷": "青禾小贷", "栗仓": "禾穗", "迅享": "速批", "狄长庚": "韩样例",
          "鲁凯": "庞样", "冉青松": "郑样", "掌柜应急圈": "老板周转群", "0418": "7733"}  # fmt: skip


def _renamed(text: str) -> str:
    for old, new in RENAME.items():
        text = text.replace(old, new)
    return text


def test_no_answer_hangs_on_a_name(shared: Path, law: Law, tmp_path: Path) -> None:
    for folder in _folders(shared):
        target = tmp_path / folder.name
        target.mkdir()
        for name in ("loan.json", "payments.csv", "parties.csv", "expected.json"):
            (target / name).write_text(_renamed((folder / name).read_text("utf-8")), "utf-8")
        before, after = _examined(folder, law)[0], _examined(target, law)[0]
        assert [(a.id, a.total, a.overpaid) for a in after.owed] == [
            (a.id, a.total, a.overpaid) for a in before.owed
        ]
        assert [c.payment.ref for c in after.counted] == [c.payment.ref for c in before.counted]
