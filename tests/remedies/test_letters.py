"""Letters made by hand-made cases: words follow force, doubt stays doubt, extremes hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from jiedun.model.evidence import Channel, Direction, FileEntry, ItemRef, Outcome, Payment
from jiedun.model.finding import Certainty, Finding, Force
from jiedun.model.letter import (
    Block,
    Heading,
    Items,
    Kind,
    Letter,
    PageBreak,
    Para,
    Quote,
    Run,
    Table,
    runs_of,
    text_of,
)
from jiedun.model.report import OwedAnswer, TimelineRow
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.remedies._data import table
from jiedun.remedies.letters import LoanSums, Matter, Seal, make, prove, template, templates
from jiedun.remedies.letters.build import money
from jiedun.remedies.letters.numerals import chinese

MakeFinding = Callable[..., Finding]
DAY = date(2026, 11, 20)
LONG = "阿" * 40


def _row(ref: ItemRef, text: str = "再不还就让你们都知道") -> TimelineRow:
    return TimelineRow(
        ref=ref,
        at=datetime(2026, 10, 5, 10, tzinfo=SHANGHAI),
        channel=Channel.SMS,
        direction=Direction.IN,
        outcome=Outcome.DELIVERED,
        who=Words("某人", "somebody"),
        phone=Words("本人", "debtor"),
        number="17000000001",
        creditor="云岭小贷",
        text=text,
    )


def _matter(*found: Finding, total: str = "1234.50", name: str = "某甲") -> Matter:
    refs = {str(ref): _row(ref) for f in found for ref in f.items}
    answer = OwedAnswer(
        id="cap_24",
        assumption=Words("按年24%封顶", "capped at 24 %"),
        principal=Decimal(total),
        interest=Decimal("0.01"),
        fees=Decimal(0),
        penalty=Decimal(0),
        paid=Decimal("99999999.99"),
        total=Decimal(total),
        overpaid=Decimal(0),
    )
    loan = LoanSums(
        "loan.json",
        "云岭小额贷款有限公司",
        DAY,
        Decimal(total),
        Decimal(total),
        DAY,
        (answer,),
        "cap_24",
    )
    files = [
        FileEntry(path, "ab" * 32, 10, "csv") for path in {r.path for f in found for r in f.items}
    ]
    return Matter(
        as_of=DAY,
        findings=found,
        items=refs,
        loans=(loan,),
        payments=(Payment(ItemRef("payments.csv", 1), DAY, Decimal("800.00"), "云岭小贷"),),
        files=(*files, FileEntry("loan.json", "cd" * 32, 10, "json"),
               FileEntry("payments.csv", "ef" * 32, 10, "csv")),
        fields={"me.name": name, "creditor.full": name, "owner": name},
        seal=Seal("abcd " * 16, "1234 " * 16, "JIEDUN-SEAL-1\nroot=ab\nkey=cd"),
        creditor="云岭小贷",
        lender_type="micro_loan",
    )  # fmt: skip


def _letter(ident: str, matter: Matter, lang: str = "zh") -> Letter:
    return make(template(ident), matter, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("ident", [t.id for t in templates()])
def test_every_letter_is_proved_with_and_without_findings(
    finding: MakeFinding, ident: str, lang: str
) -> None:
    some = _matter(
        finding("threat", cites=(("civil-code", "1032"), ("public-security-penalties", "50"))),
        finding("debt_disclosure", certainty=Certainty.POSSIBLE, n=2, cites=(("pipl", "10"),)),
        finding("call_outside_hours", force=Force.STANDARD, certainty=Certainty.CERTAIN, n=3,
                cites=(("gbt-45251-2025", "5.3"),)),
        finding("calls_over_daily_limit", force=Force.ADVISORY, n=4),
    )  # fmt: skip
    for matter in (some, _matter(), Matter(as_of=DAY)):
        assert prove(_letter(ident, matter, lang), matter) == ()


def test_standard_is_not_a_breach_and_unverified_is_not_quoted(finding: MakeFinding) -> None:
    found = finding(
        "call_outside_hours",
        force=Force.STANDARD,
        certainty=Certainty.CERTAIN,
        cites=(("gbt-45251-2025", "5.3"),),
    )
    letter = _letter("lender-complaint", _matter(found))
    text = text_of(letter)
    assert "不符合推荐性标准" in text and "待核实" in text
    quotes = [
        b for b in letter.blocks if isinstance(b, Quote) and b.cite.instrument.startswith("gbt")
    ]
    assert quotes and all(q.text is None for q in quotes)
    said = text.split("三、本人的要求")[0]
    assert "违反" not in said


def test_advisory_count_claims_nothing(finding: MakeFinding) -> None:
    counted = finding("calls_over_daily_limit", force=Force.ADVISORY, title="一天来电超过3次")
    text = text_of(_letter("lender-complaint", _matter(counted)))
    assert "不作为违规主张" in text
    body = text.split("供参考的情况")[0]
    assert "一天来电超过3次" not in body


@pytest.mark.parametrize(
    ("certainty", "words", "never"),
    [
        (Certainty.CERTAIN, "本人认为，上述情况违反", "疑似"),
        (Certainty.PROBABLE, "很可能违反", "疑似："),
        (Certainty.POSSIBLE, "疑似违反", "本人认为"),
    ],
)
def test_words_follow_certainty(
    finding: MakeFinding, certainty: Certainty, words: str, never: str
) -> None:
    found = finding("debt_disclosure", certainty=certainty, cites=(("civil-code", "1032"),))
    section = text_of(_letter("stop-contact", _matter(found))).split("要求")[1]
    assert words in section and never not in section


@pytest.mark.parametrize(
    ("on", "clause", "absent"),
    [
        (date(2025, 12, 31), "第四十二条第（一）项", "第五十条"),
        (date(2026, 1, 1), "第五十条第一款第（一）项", "第四十二条"),
    ],
)
def test_police_report_names_the_law_of_the_day(
    finding: MakeFinding, on: date, clause: str, absent: str
) -> None:
    found = replace(finding("threat", on), rule="CN-COL-005")
    text = text_of(_letter("police-report", _matter(found)))
    assert clause in text and absent not in text


def test_one_private_insult_is_no_public_security_case(finding: MakeFinding) -> None:
    one = text_of(_letter("police-report", _matter(finding("abuse"))))
    three = text_of(_letter("police-report", _matter(*(finding("abuse", n=n) for n in (1, 2, 3)))))
    assert "第五十条第一款第（五）项" not in one
    assert "第五十条第一款第（五）项" in three


def test_illegal_debt_article_needs_an_unlicensed_lender(finding: MakeFinding) -> None:
    found = finding("third_party_pressure")
    licensed, private = _matter(found), replace(_matter(found), lender_type="private")
    assert "第二百九十三条之一" not in text_of(_letter("police-report", licensed))
    assert "第二百九十三条之一" in text_of(_letter("police-report", private))


def test_three_hundred_findings_keep_every_item(finding: MakeFinding) -> None:
    found = [
        finding("debt_disclosure", n=n, cites=(("civil-code", "1032"),)) for n in range(1, 301)
    ]
    matter = _matter(*found)
    letter = _letter("lender-complaint", matter)
    assert prove(letter, matter) == ()
    annex = max((b for b in letter.blocks if isinstance(b, Table)), key=lambda b: len(b.rows))
    named = {run.text for run in runs_of(annex) if run.kind is Kind.GIVEN}
    assert {str(ref) for f in found for ref in f.items} <= named


@pytest.mark.parametrize("total", ["0.01", "99999999.99", "0.00"])
def test_extreme_sums_are_shown_to_the_fen(total: str) -> None:
    matter = _matter(total=total, name=LONG)
    letter = _letter("lender-file-demand", matter)
    figures = [r for b in letter.blocks for r in runs_of(b) if r.kind is Kind.FIGURE]
    shown = money(Decimal(total), "zh")
    assert shown in {r.text for r in figures} and "99,999,999.99" in {r.text for r in figures}
    assert LONG in text_of(letter)


def test_evidence_text_is_a_run_of_its_own(finding: MakeFinding) -> None:
    found = finding("threat")
    matter = replace(
        _matter(found),
        items={str(found.items[0]): _row(found.items[0], "{me.name} {§pipl#1} {{7*7}}")},
    )
    letter = _letter("lender-complaint", matter)
    said = [r for b in letter.blocks for r in runs_of(b) if r.kind is Kind.SAID]
    assert said and all(r.text == "{me.name} {§pipl#1} {{7*7}}" for r in said)


@pytest.mark.parametrize("ident", [t.id for t in templates()])
def test_every_term_in_the_programs_words_is_explained(finding: MakeFinding, ident: str) -> None:
    letter = _letter(
        ident, _matter(finding("threat"), finding("interest_in_advance", title="砍头息"))
    )
    own = (Kind.PLAIN, Kind.STRONG)
    annex = next(n for n, b in enumerate(letter.blocks) if isinstance(b, PageBreak))
    before = letter.blocks[:annex]
    text = "".join(r.text for b in before for r in runs_of(b) if r.kind in own)
    explained = [
        item[0].text
        for b in letter.blocks
        if isinstance(b, Items)
        for item in b.items
        if len(item) == 2
    ]
    for term in table("terms"):
        assert term not in text or term in explained, term


def test_repayment_proposal_admits_nothing_beyond_the_lawful_sum() -> None:
    text = text_of(_letter("repayment-proposal", _matter()))
    assert "不承认超出部分" in text and "诉讼时效" in text
    assert "我一定还清" not in text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (101, "一百零一"), (110, "一百一十"),
     (293, "二百九十三"), (1005, "一千零五"), (1033, "一千零三十三"), (1100, "一千一百")],
)  # fmt: skip
def test_numerals(number: int, text: str) -> None:
    assert chinese(number) == text


def _mapped(letter: Letter, change: Callable[[Run], Run]) -> Letter:
    """The letter with every run of its paragraphs, headings and tables changed."""
    blocks: list[Block] = []
    for block in letter.blocks:
        if isinstance(block, Table):
            rows = tuple(tuple(tuple(map(change, cell)) for cell in row) for row in block.rows)
            blocks.append(replace(block, rows=rows))
        elif isinstance(block, Heading | Para):
            blocks.append(replace(block, runs=tuple(map(change, block.runs))))
        else:
            blocks.append(block)
    return replace(letter, blocks=tuple(blocks))


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        (Kind.FIGURE, ("1.00元", ""), "figure is not the ledger's"),
        (Kind.EVIDENCE, ("", "nowhere.csv#1"), "evidence does not resolve"),
        (Kind.SAID, ("没有说过的话", ""), "words are not those of the evidence"),
        (Kind.CLAUSE, ("", "pipl#10@2020-01-01"), "clause not in force that day"),
        (Kind.CLAUSE, ("", "pipl#66@2026-01-01"), "clause named but not printed"),
    ],
)
def test_proof_catches_a_changed_run(
    finding: MakeFinding, kind: Kind, change: tuple[str, str], code: str
) -> None:
    matter = _matter(finding("debt_disclosure", cites=(("pipl", "10"),)))
    letter = _letter("nfra-12378", matter)
    text, ref = change
    wrong = _mapped(
        letter,
        lambda run: (
            run if run.kind is not kind else replace(run, text=text or run.text, ref=ref or run.ref)
        ),
    )
    assert code in {flaw.code for flaw in prove(wrong, matter)}


def test_proof_catches_a_changed_quote(finding: MakeFinding) -> None:
    matter = _matter(finding("debt_disclosure", cites=(("pipl", "10"),)))
    letter = _letter("lender-complaint", matter)
    for text, code in (("别的文字", "not verbatim"), (None, "not verbatim")):
        blocks = tuple(
            replace(b, text=text) if isinstance(b, Quote) and b.cite.article == "10" else b
            for b in letter.blocks
        )
        assert code in {f.code for f in prove(replace(letter, blocks=blocks), matter)}


def test_proof_catches_a_fact_without_evidence(finding: MakeFinding) -> None:
    matter = _matter(finding("debt_disclosure"))
    letter = _letter("lender-complaint", matter)
    blocks = tuple(
        replace(b, rows=tuple((row[0], row[1], (Run(""),)) for row in b.rows))
        if isinstance(b, Table) and b.facts
        else b
        for b in letter.blocks
    )
    assert "fact without evidence" in {
        f.code for f in prove(replace(letter, blocks=blocks), matter)
    }


def test_proof_catches_possible_asserted_and_standard_called_breach(finding: MakeFinding) -> None:
    found = finding(
        "debt_disclosure",
        certainty=Certainty.POSSIBLE,
        force=Force.STANDARD,
        cites=(("gbt-45251-2025", "5.3"),),
    )
    matter = _matter(found)
    letter = _letter("lender-complaint", matter)
    wrong = _mapped(
        letter,
        lambda run: replace(run, text=run.text.replace("疑似：", "").replace("疑似不符合", "违反")),
    )
    codes = {flaw.code for flaw in prove(wrong, matter)}
    assert {"possible finding asserted", "a standard called a breach"} <= codes
