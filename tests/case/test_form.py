"""The form: text only, blanks where left out, a clear message where it cannot be read."""

from datetime import date
from pathlib import Path

import pytest

from jiedun.case.form import read_form
from jiedun.errors import BadValue, UnreadableFile


def test_absent_form_is_empty(tmp_path: Path) -> None:
    form = read_form(tmp_path)
    assert form.text("me.name") == "" and form.flat() == {} and form.court_papers == ()


def test_values_stay_as_written(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text(
        "me: {name: 甲, id_no: 012345, phone: }\nhave: [identity]\nrepayment: {monthly: 1500.00}\n"
        "court_papers: [{kind: payment_order, received: 2026-11-03}]\n",
        "utf-8",
    )
    form = read_form(tmp_path)
    assert form.text("me.id_no") == "012345"
    assert form.text("repayment.monthly") == "1500.00"
    assert form.texts("have") == ("identity",)
    assert form.court_papers[0].received == date(2026, 11, 3)
    assert form.flat() == {"me.name": "甲", "me.id_no": "012345", "repayment.monthly": "1500.00"}


@pytest.mark.parametrize(
    "text", ["- a\n- b\n", "a: [", "x: !!python/object:os.system {}\n: :", "\x00"]
)
def test_unreadable_form_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "form.yaml").write_text(text, "utf-8")
    with pytest.raises(UnreadableFile) as caught:
        read_form(tmp_path)
    assert "form.yaml" in str(caught.value)


def test_bad_day_names_its_place(tmp_path: Path) -> None:
    (tmp_path / "form.json").write_text(
        '{"court_papers":[{"kind":"x","received":"昨天"}]}', "utf-8"
    )
    with pytest.raises(BadValue) as caught:
        _ = read_form(tmp_path).court_papers
    assert "court_papers.1.received" in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_investors_come_from_a_table_too(tmp_path: Path, encoding: str) -> None:
    text = "姓名,合同编号,投入,已收回,电话\r\n甲,A-1,10000,200,1\r\n\r\n乙,A-2,=1+1\r\n"
    (tmp_path / "investors.csv").write_bytes(text.encode(encoding))
    rows = read_form(tmp_path).values["investors"]
    assert rows[0] == {
        "name": "甲",
        "contract": "A-1",
        "paid_in": "10000",
        "received": "200",
        "phone": "1",
    }
    assert rows[1] == {"name": "乙", "contract": "A-2", "paid_in": "=1+1"}
