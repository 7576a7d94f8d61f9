"""What the page shows: comparison, worst cases with places, the sample and what reviewers say of it."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jiedun.audit.compare import save, with_earlier, within
from jiedun.audit.page import masked
from jiedun.audit.progress import Line
from jiedun.audit.review import draw, filled_in, read_form, write_form
from jiedun.audit.run import audit
from jiedun.audit.totals import ANY
from jiedun.cli.main import main
from jiedun.errors import InputError
from jiedun.gate.rules import load_rules

Contact = Callable[..., dict[str, Any]]
RULES = load_rules()


def months(contact: Contact, march: int) -> list[dict[str, Any]]:
    """200 debtors with a contact in February and March; `march` of those in March are at night."""
    rows = []
    for i in range(200):
        person = {"debtor": f"p{i}", "person": f"p{i}", "number": f"138001300{i:02}"}
        rows.append(
            contact(f"f{i}", f"2026-02-1{i % 9} {'23' if i < 20 else '10'}:00:00", **person)
        )
        rows.append(
            contact(f"m{i}", f"2026-03-1{i % 9} {'23' if i < march else '10'}:00:00", **person)
        )
    return rows


def test_the_period_before(tmp_path: Path, write_csv: Any, contact: Contact) -> None:
    for march, beyond in ((24, False), (80, True)):
        path = write_csv(months(contact, march), f"{march}.csv")
        found = within(audit([path], tmp_path / str(march), RULES))
        assert found is not None and found.before.startswith("2026-02-10")
        (night,) = [c for c in found.changes if c.rule == "CN-COL-011"]
        assert (night.before.part, night.after.part) == (20, march) and night.beyond is beyond
        assert night.before.whole == night.after.whole == 200
        assert found.changes[0].rule == ANY


def test_an_earlier_audit(tmp_path: Path, write_csv: Any, contact: Contact) -> None:
    rows = months(contact, 80)
    first = audit(
        [write_csv([r for r in rows if r["id"][0] == "f"], "f.csv")], tmp_path / "f", RULES
    )
    save(first)
    second = audit(
        [write_csv([r for r in rows if r["id"][0] == "m"], "m.csv")], tmp_path / "m", RULES
    )
    found = with_earlier(second, tmp_path / "f")
    assert found.same_rules and {c.rule for c in found.changes if c.beyond} >= {ANY, "CN-COL-011"}
    with pytest.raises(InputError, match="earlier audit"):
        with_earlier(second, tmp_path / "nowhere")


def test_the_worst_case_has_its_evidence(tmp_path: Path, write_csv: Any, contact: Contact) -> None:
    rows = [contact(str(i), f"2026-03-02 1{i}:00:00", agency="A", collector="x") for i in range(5)]
    rows.append(contact("other", "2026-03-09 10:00:00"))
    (case,) = audit([write_csv(rows)], tmp_path / "out", RULES).cases
    assert (case.debtor, case.accused) == ("p1", 2)
    assert [(m.file, m.row, "GATE-COL-009-A" in m.rules) for m in case.contacts] == [
        ("contacts.csv", n, n > 3) for n in range(1, 6)
    ]


def test_the_sample_is_the_same_for_the_same_seed(
    tmp_path: Path, write_csv: Any, contact: Contact
) -> None:
    result = audit([write_csv(months(contact, 80))], tmp_path / "out", RULES)
    first, again = (draw(result.files(), result.sources, seed=1, each=10) for _ in range(2))
    assert first == again and first != draw(result.files(), result.sources, seed=2, each=10)
    assert {s.rule: sum(t.rule == s.rule for t in first) for s in first}["CN-COL-011"] == 10
    assert all(s.file == "contacts.csv" and s.row > 0 for s in first)


def test_reviewers_say_how_precise_it_is(tmp_path: Path, write_csv: Any, contact: Contact) -> None:
    result = audit([write_csv(months(contact, 80))], tmp_path / "out", RULES)
    form = tmp_path / "review.csv"
    write_form(draw(result.files(), result.sources, seed=1, each=10), {"CN-COL-011": "=夜间"}, form)
    assert not filled_in(form)
    said = iter(["是"] * 8 + ["否"])
    rows = list(csv.reader(io.StringIO(form.read_text("utf-8-sig"))))
    assert "'=夜间" in {row[1] for row in rows}
    for row in rows[1:]:
        if row[0] == "CN-COL-011":
            row[8] = next(said, "maybe")
    rows.append(["CN-COL-011", "", "no such contact", "", "", "", "", "", "y", ""])
    form.write_text(
        "\n".join(",".join(f'"{c}"' for c in row) for row in rows), "gbk"
    )  # as a spreadsheet saves it
    assert filled_in(form)
    found = read_form(form, result.files())
    (night,) = found.rules
    assert (night.right, night.judged, night.findings) == (8, 9, 100)
    assert (round(night.low, 3), round(night.high, 3)) == (0.518, 0.997)
    assert len(found.bad_rows) == 1 and found.strange == 1 and found.share == pytest.approx(8 / 9)


def test_a_form_begun_is_never_written_over(
    tmp_path: Path, write_csv: Any, contact: Contact
) -> None:
    out = tmp_path / "out"
    command = ["audit", str(write_csv(months(contact, 30))), "--out", str(out), "--lang", "en"]
    assert main(command) == 0
    form = out / "review.csv"
    text = form.read_text("utf-8-sig").replace('"certain","","",""', '"certain","","yes",""', 1)
    form.write_text(text, "utf-8-sig")
    assert main([*command, "--reviewed", str(form)]) == 0
    assert form.read_text("utf-8-sig") == text
    assert "1 / 1" in (out / "audit.html").read_text("utf-8")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_masks_and_escapes(
    tmp_path: Path, write_csv: Any, contact: Contact, lang: str
) -> None:
    out = tmp_path / "out"
    rows = [contact("1", "2026-03-02 23:00:00", number="13800130001", debtor="<b>张三丰", person="<b>张三丰",
                    agency="<script>x</script>", channel="sms", kind="message",
                    text="再不还钱打断你的腿，打13912345678")]  # fmt: skip
    command = ["audit", str(write_csv(rows)), "--out", str(out), "--lang", lang]
    assert main(command) == 0
    page = (out / "audit.html").read_text("utf-8")
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "13800130001" not in page and "138****0001" in page and "13912345678" not in page
    assert "张三丰" not in page and "contacts.csv#1" in page
    assert (
        not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
        and "default-src 'none'" in page
    )
    assert main([*command, "--show-numbers"]) == 0
    assert "13800130001" in (out / "audit.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13800130001", "138****0001"),
        ("张三", "张*"),
        ("110101199001010011", "110****0011"),
        ("ID1/张三", "I** 张*"),
        ("", ""),
    ],
)
def test_masking(value: str, shown: str) -> None:
    assert masked(value) == shown


def test_progress_tells_no_time_before_it_has_a_rate() -> None:
    now = [0.0]
    out = io.StringIO()
    line = Line(out, lambda: now[0])
    for done, seconds in ((1, 0.01), (2, 0.01), (3, 30.0), (4, 10.0), (5, 10.0)):
        now[0] += seconds
        line("judge", 5, done)
    told = out.getvalue().split("\r")[1:]
    assert "about" not in told[0] + told[1]
    assert "3/5" in told[2] and "about 60 s" in told[2]
    assert "about 20 s" in told[3] and told[4].endswith("5/5\n")


def test_what_an_earlier_run_left_is_gone(
    tmp_path: Path, write_csv: Any, contact: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiedun.audit.pruned.Pruned.rows_a_partition", 10)
    rows = [contact(str(i), "2026-03-02 23:00:00", debtor=f"p{i}") for i in range(40)]
    audit([write_csv(rows, "a.csv")], tmp_path / "out", RULES)
    again = audit([write_csv(rows[:5], "b.csv")], tmp_path / "out", RULES)
    assert again.findings == 5 and len(again.files()) == 1
