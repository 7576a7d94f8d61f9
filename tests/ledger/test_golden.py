"""Published answers: the reference file, and the judge itself."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jiedun.cli.main import main
from jiedun.errors import JiedunError
from jiedun.ledger.golden import judge, read_golden
from jiedun.ledger.sources import Law

LEVEL = {"principal": 1000000, "annual_rate": 0.049, "periods": 360}


def _case(
    kind: str,
    inputs: dict[str, Any],
    expected: Any,
    unit: str = "CNY",
    convention: str = "",
    tol: float = 0.005,
) -> dict[str, Any]:
    return {"id": kind, "kind": kind, "inputs": inputs, "expected": expected, "unit": unit,
            "convention": convention, "abs_tol": tol}  # fmt: skip


CASES = [
    _case("PMT", LEVEL, 5307.27), _case("PMT", LEVEL, -5307.27), _case("TOTAL_PAYMENT", LEVEL, 1910616.19),
    _case("TOTAL_INTEREST", {"principal": 1000, "annual_rate": 0.12, "periods": 10}, 100, convention="等本等息"),
    _case("TOTAL_INTEREST", {"principal": 1000, "annual_rate": 0.12, "periods": 10}, 100, convention="先息后本"),
    _case("LAST_PAYMENT", {"principal": 1200, "annual_rate": 0.12, "periods": 12}, 101, convention="等额本金"),
    _case("MONTHLY_DECREASE", {"principal": 1200, "annual_rate": 0.12, "periods": 12}, 1, convention="等额本金"),
    _case("PMT", {"rate": 0.01, "periods": 12, "principal": 0, "fv": 1000, "type": 1}, 78.07),
    _case("PMT", {"rate": 0, "periods": 10, "principal": 1000}, 100),
    _case("PV", {"rate": 0.01, "periods": 12, "payment": 100}, 1125.51),
    _case("FV", {"rate": 0.01, "periods": 12, "payment": 100}, 1268.25),
    _case("EFFECT", {"nominal": 0.0525, "per_year": 4}, 0.0535427, "fraction", tol=5e-8),
    _case("MIRR", {"flows": [-120000, 39000, 30000, 21000, 37000, 46000], "finance_rate": 0.10, "reinvest_rate": 0.12},
          0.126094, "fraction", tol=5e-7),
    _case("IRR", {"flows": [-100, 100, 0, -7]}, -0.0833, "fraction", tol=5e-5),
    _case("IRR", {"flows": [-5, 10.5, 1, -8, 1]}, 0.0886, "fraction", tol=5e-5),
    _case("IRR", {"flows": [-100, 0, 0, 74]}, -0.0955, "fraction", tol=5e-5),
    _case("RATE", {"periods": 10, "payment": 100, "principal": 950}, 0.94, "percent", "spreadsheet, per period"),
    _case("IPMT", {"annual_rate": 0.1, "per_year": 1, "period": 3, "years": 3, "principal": 8000}, 292.45),
    _case("NPV", {"rate": 0.1, "flows": [-10000, 3000, 4200, 6800]}, 1188.44),
    _case("CAP", {"date": "2024-10-21"}, 12.4, "percent", tol=1e-9),
    _case("CAP", {"date": "2024-10-20"}, 13.4, "percent", tol=1e-9),
    _case("APR", {"principal": 1000, "start": "2024-01-31", "payments": [{"date": "2024-02-29", "amount": 505},
          {"date": "2024-03-31", "amount": 510.05}]}, 12.02, "percent", "US actuarial (Reg Z App. J)", 0.05),
    _case("APR", {"flows": [{"date": "2024-01-01", "amount": 1000}, {"date": "2024-12-31", "amount": -1100}]}, 10.0,
          "percent", "EU effective", 0.01),
    _case("APR", {"flows": [{"t_days": 0, "amount": 1000}, {"t_days": 365, "amount": -1200}]}, 20, "percent",
          "EU effective"),
    _case("APR", {"flows": [{"t_months": 0, "amount": 1000}, {"t_months": 18, "amount": -1200}]}, 12.92,
          "percent", "EU"),
    _case("APR", {"flows": [1000, -1010], "per_year": 12}, 12.0, "percent", "US actuarial, monthly"),
    _case("APR", {"principal": 150, "payment": 15, "count": 11, "periods_per_year": 12}, 21.31, "percent",
          "UK effective annual"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['kind']}-{c['expected']}")
def test_kinds_and_conventions(case: dict[str, Any], law: Law) -> None:
    verdict = judge(case, law)
    assert verdict.agrees, verdict


@pytest.mark.parametrize("case", [
    _case("PMT", LEVEL, 5307.30), _case("NOT_A_KIND", {}, 1), _case("PMT", {}, 1), _case("IRR", {"flows": [1, 2]}, 1),
    {"id": "x"}, _case("NPER", {"annual_rate": 0.9, "payment": 1, "principal": 1000}, 1), _case("PMT", LEVEL, "much"),
    _case("IPMT", {**LEVEL, "period": 999}, 1), _case("APR", {"flows": []}, 1), _case("CAP", {"date": "2019-01-01"}, 1),
])  # fmt: skip
def test_disagreement_and_nonsense_are_told_not_raised(case: dict[str, Any], law: Law) -> None:
    assert not judge(case, law).agrees


def test_reference_file_all_agree(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shared / "golden" / "loan_golden.json"
    count = len(read_golden(path))
    assert main(["owe", "--golden", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{count} of {count} agree"


def test_one_disagreement_fails_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "g.json"
    path.write_text(json.dumps({"cases": [CASES[0], _case("PMT", LEVEL, 1)]}), "utf-8")
    assert main(["owe", "--golden", str(path)]) == 4
    assert capsys.readouterr().out.splitlines()[-1] == "1 of 2 agree"


@pytest.mark.parametrize("text", ["", "{", '{"cases": 3}', "[1]", '{"a": 1}'])
def test_what_is_no_golden_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "g.json"
    path.write_text(text, "utf-8")
    with pytest.raises(JiedunError, match=r"g\.json"):
        read_golden(path)
    with pytest.raises(JiedunError):
        read_golden(tmp_path / "absent.json")


def test_numbers_stay_exact(law: Law) -> None:
    assert judge(
        _case("CAP", {"lpr_1y": Decimal("3.45")}, Decimal("13.80"), "percent", tol=0), law
    ).agrees
