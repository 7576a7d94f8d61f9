"""Letters of whole cases: golden for the example, proved for every case, and proved when shifted."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jiedun.case.check import Checked, check
from jiedun.case.form import Form, read_form
from jiedun.case.letter_files import save_letter
from jiedun.case.letters import Afford, Draft, desk, drafts, fitting
from jiedun.case.seals import seal_of
from jiedun.evidence.seal import badge
from jiedun.model.letter import Kind, runs_of, text_of
from jiedun.model.reading import Label, Message, Reading
from jiedun.model.time import SHANGHAI
from jiedun.remedies.letters import Seal, prove, template, templates
from jiedun.remedies.values import SITUATIONS, Filed

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "case-linxi"
GOLDEN = Path(__file__).parent / "golden" / "letters"
AT = datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)
SEAL = Seal("abcd " * 15 + "abcd", "1234 " * 15 + "1234", badge.text("ab" * 32, "12" * 32))
FORM = Form(
    {
        "me": {"id_no": "999999199703120028", "address": "临溪县面包巷1号"},
        "impersonated": {"lender": "某某小额贷款有限公司", "pieces": {"contract": "none"}},
        "exposed": {"what": "身份证照片"},
        "platform": {"name": "某某平台"},
        "investors": [{"name": "甲", "contract": "1", "paid_in": "10000", "received": "0"}],
    },
    "form.yaml",
)


def _reader(labels: Mapping[str, Sequence[str]]) -> Callable[[Sequence[Message]], list[Reading]]:
    """A reader that knows what each message says, so that letters depend on nothing else."""

    def read(messages: Sequence[Message]) -> list[Reading]:
        found = []
        for message in messages:
            said = frozenset(Label(name) for name in labels.get(message.id, ()))
            found.append(Reading(message.id, said, said))
        return found

    return read


def _checked(folder: Path, labels: Mapping[str, Sequence[str]], as_of: date) -> Checked:
    return check(folder, as_of=as_of, at=AT, read=_reader(labels))


@cache
def _example() -> Checked:
    labels = json.loads((GOLDEN.parent / "example-labels.json").read_text("utf-8"))
    return _checked(EXAMPLE, labels, date(2026, 11, 22))


def _all(checked: Checked, lang: str, form: Form = FORM) -> Iterator[Draft]:
    filed = (Filed("lender", date(2026, 11, 20), "T-100", creditor=None),)
    case = desk(checked, form=form, filed=filed, seal=SEAL, afford=Afford(Decimal(800), True))
    for kind in SITUATIONS:
        yield from drafts(case, fitting(case, kind), lang)


def _prove_all(made: Sequence[Draft]) -> None:
    for draft in made:
        assert prove(draft.letter, draft.matter) == (), draft.letter.name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_golden_letters_of_the_example(lang: str) -> None:
    made = {d.letter.name: text_of(d.letter) + "\n" for d in _all(_example(), lang)}
    folder = GOLDEN / lang
    if os.environ.get("JIEDUN_GOLDEN") == "rewrite":
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for name, text in made.items():
            (folder / f"{name}.txt").write_text(text, "utf-8")
    held = {path.stem: path.read_text("utf-8") for path in folder.glob("*.txt")}
    assert held == made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_letter_of_the_example_is_proved(lang: str) -> None:
    made = list(_all(_example(), lang))
    _prove_all(made)
    assert {d.letter.id for d in made} | {"pboc-12363", "local-finance"} == {
        t.id for t in templates()
    }


def test_senders_on_no_known_side_are_reported_too() -> None:
    checked = _example()
    nobody = {str(ref) for f in checked.findings if f.creditor is None for ref in f.items}
    assert nobody
    reported = {
        name
        for d in _all(checked, "zh")
        if d.letter.id == "police-report"
        for b in d.letter.blocks
        for r in runs_of(b)
        if r.kind is Kind.EVIDENCE
        for name in r.ref.split()
    }
    assert nobody & reported
    assert any(d.letter.name == "police-report-unknown-sender" for d in _all(checked, "zh"))


def test_english_letters_state_the_same_facts_and_figures() -> None:
    for zh, en in zip(_all(_example(), "zh"), _all(_example(), "en"), strict=True):
        for kind in (Kind.EVIDENCE, Kind.FIGURE, Kind.CLAUSE, Kind.SAID):
            refs = [
                [r.ref for b in d.letter.blocks for r in runs_of(b) if r.kind is kind]
                for d in (zh, en)
            ]
            assert set(refs[0]) == set(refs[1]), (zh.letter.name, kind)


def test_every_figure_is_the_ledgers() -> None:
    checked = _example()
    loan = checked.loans.results[0]
    main = loan.answer(loan.main or "")
    assert main is not None
    draft = next(d for d in _all(checked, "zh") if d.letter.id == "nfra-12378")
    figures = {
        r.ref: r.text for b in draft.letter.blocks for r in runs_of(b) if r.kind is Kind.FIGURE
    }
    assert figures[f"loan.json:{main.id}.total"] == f"{main.total:,.2f}"
    assert figures["loan.json:received"] == f"{loan.loan.disbursed:,.2f}元"


def _labels(expected: Mapping[str, Any]) -> dict[str, list[str]]:
    return dict(expected["sms_labels"])


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["case-a", "case-b"])
def test_every_letter_of_the_reference_cases_is_proved(shared: Path, name: str, lang: str) -> None:
    expected = json.loads((shared / "cases" / name / "expected.json").read_text("utf-8"))
    folder = shared / "cases" / name
    made = list(
        _all(_checked(folder, _labels(expected), date.fromisoformat(expected["as_of"])), lang)
    )
    _prove_all(made)
    assert {"lender-complaint", "police-report", "civil-complaint"} <= {d.letter.id for d in made}


@pytest.mark.parametrize(
    "folder", sorted((ROOT / "conformance" / "cases").iterdir()), ids=lambda f: f.name
)
def test_every_letter_of_the_conformance_cases_is_proved(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    as_of = date.fromisoformat(expected["as_of"])
    made = list(_all(_checked(folder, dict(expected.get("sms_labels", {})), as_of), "zh"))
    assert made
    _prove_all(made)


@pytest.mark.parametrize("days", [-400, 33])
@pytest.mark.parametrize("name", ["case-a", "case-b"])
def test_letters_of_a_shifted_case_are_proved_and_name_nobody_of_the_old(
    shared: Path,
    name: str,
    days: int,
    shifted: Callable[[Path, Any], Path],
    shift: Callable[..., Any],
) -> None:
    folder = shared / "cases" / name
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    names = _names(folder)
    change = shift(days, {old: f"改{n}名" for n, old in enumerate(names)})
    copy = shifted(folder, change)
    made = list(
        _all(_checked(copy, change.value(_labels(expected)), date(2026, 12, 31)), "zh", Form())
    )
    _prove_all(made)
    text = "\n".join(text_of(d.letter) for d in made)
    assert made and not [old for old in names if old in text]


def _names(folder: Path) -> list[str]:
    rows = (folder / "parties.csv").read_text("utf-8").splitlines()[1:]
    cells = {row.split(",")[2] for row in rows}
    return sorted(
        (c for c in cells if 2 <= len(c) <= 4 and "贷" not in c and "金" not in c), key=len
    )


def test_proposal_is_held_back_until_the_risk_is_confirmed(tmp_path: Path) -> None:
    old = tmp_path / "case"
    old.mkdir()
    loan = json.loads((EXAMPLE / "loan.json").read_text("utf-8"))
    text = json.dumps(loan, ensure_ascii=False).replace("2026-", "2019-").replace("2027-", "2020-")
    (old / "loan.json").write_text(text, "utf-8")
    checked = _checked(old, {}, date(2026, 11, 22))
    chosen = (template("repayment-proposal"),)
    for confirmed in (False, True):
        case = desk(checked, form=Form(), afford=Afford(Decimal(800), confirmed))
        refused = [d.refused for d in drafts(case, chosen, "zh")]
        assert [r is None for r in refused] == [confirmed]


def test_files_are_written_whole_and_lists_are_inert(tmp_path: Path) -> None:
    made = list(_all(_example(), "zh"))
    spam = next(d for d in made if d.letter.id == "spam-12321")
    paths = save_letter(spam, tmp_path, "docx", AT) + save_letter(spam, tmp_path, "pdf", AT)
    assert all(path.stat().st_size > 100 for path in paths)
    assert not list(tmp_path.glob(".*"))
    csv = next(p for p in paths if p.suffix == ".csv").read_text("utf-8-sig")
    assert not [line for line in csv.splitlines() if line.startswith(("=", "+", "@", '"=', '"+'))]


def test_seal_is_read_where_the_package_lies(tmp_path: Path) -> None:
    folder, bag = tmp_path / "案", tmp_path / "案.bag"
    folder.mkdir()
    assert seal_of(folder) is None
    bag.mkdir()
    (bag / "seal.json").write_text("[1]", "utf-8")
    assert seal_of(folder) is None
    record = {"schema": "jiedun.seal/1", "created": "2026-11-20T00:00:00+08:00", "root": "ab" * 32,
              "key": "cd" * 32, "files": 1, "bytes": 1, "only": "cited", "redacted": False,
              "story": False, "timestamp": None, "software": "jiedun"}  # fmt: skip
    (bag / "seal.json").write_text(json.dumps(record), "utf-8")
    seal = seal_of(folder)
    assert seal is not None
    assert seal.root.replace(" ", "") == "ab" * 32 and "root=" + "ab" * 32 in seal.code


def test_form_is_used_and_absent_values_stay_blank(tmp_path: Path) -> None:
    (tmp_path / "form.yaml").write_text("me: {name: 表格里的名字}\n", "utf-8")
    case = desk(_example(), form=read_form(tmp_path))
    draft = next(iter(drafts(case, (template("impersonated-police"),), "zh")))
    text = text_of(draft.letter)
    assert "表格里的名字" in text
    blanks = {r.text for b in draft.letter.blocks for r in runs_of(b) if r.kind is Kind.BLANK}
    assert "发现日期" in blanks
