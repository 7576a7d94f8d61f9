"""An invented case for the reports: people, firms, numbers and messages exist nowhere."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from jiedun.model.evidence import Channel, Direction, FileEntry, ItemRef, Outcome, Problem
from jiedun.model.finding import Certainty, Cite, Finding, Force
from jiedun.model.party import Role, Source
from jiedun.model.report import (
    BalancePoint,
    BalanceSeries,
    Flow,
    FlowPart,
    LoanReport,
    OwedAnswer,
    Question,
    RateFigure,
    Reached,
    Report,
    ReportParty,
    Step,
    TimelineRow,
)
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI

D = Decimal
SIDE = "云海小贷"
SELF = Words("本人手机", "own phone")
FATHER = Words("父亲的手机", "father's phone")
COLLECTOR = Words("催收 17000000321", "collector 17000000321")
LENDER = Words("云海小贷 95000", "Yunhai Microloan 95000")
SISTER = Words("妹妹 17000000888", "sister 17000000888")

CIVIL_1032 = Cite(
    "civil-code",
    "1032",
    Force.LAW,
    date(2021, 1, 1),
    "自然人享有隐私权。任何组织或者个人不得以刺探、侵扰、泄露、公开等方式侵害他人的隐私权。\n"
    "隐私是自然人的私人生活安宁和不愿为他人知晓的私密空间、私密活动、私密信息。",
    True,
    Words("中华人民共和国民法典", "Civil Code"),
)
PUBLIC_SECURITY_50 = Cite(
    "public-security-penalties",
    "50",
    Force.LAW,
    date(2026, 1, 1),
    "写恐吓信或者以其他方法威胁他人人身安全的",
    True,
    Words("中华人民共和国治安管理处罚法", "Public Security Administration Penalties Law"),
    paragraph="1",
    item="1",
)
GBT_53 = Cite(
    "gbt-45251-2025",
    "5.3",
    Force.STANDARD,
    date(2025, 2, 28),
    None,
    False,
    Words("互联网金融 个人网络消费信贷 贷后催收风控指引", "GB/T 45251-2025"),
)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def call(n: int, at: str, **changes: object) -> TimelineRow:
    values: dict[str, object] = {
        "ref": ItemRef("calls.csv", n),
        "at": moment(at),
        "channel": Channel.CALL,
        "direction": Direction.IN,
        "outcome": Outcome.ANSWERED,
        "who": COLLECTOR,
        "phone": SELF,
        "number": "17000000321",
        "creditor": SIDE,
        "duration_s": 67,
        "reached": Reached.DEBTOR,
    }
    return TimelineRow(**(values | changes))  # type: ignore[arg-type]


def sms(n: int, at: str, text: str, **changes: object) -> TimelineRow:
    values: dict[str, object] = {
        "ref": ItemRef("sms.xml", n),
        "channel": Channel.SMS,
        "outcome": Outcome.DELIVERED,
        "duration_s": None,
        "text": text,
    }
    return call(n, at, **(values | changes))


def finding(id_: str, violation: str, force: Force, at: str, **changes: object) -> Finding:
    values: dict[str, object] = {
        "id": id_,
        "rule": f"cn-{violation.replace('_', '-')}",
        "rule_version": "1",
        "violation": violation,
        "title": Words(f"情况 {violation}", f"conduct {violation}"),
        "force": force,
        "certainty": Certainty.CERTAIN,
        "occurred_at": moment(at),
        "items": (),
        "cites": (),
        "explanation": Words("说明", "explanation"),
        "creditor": SIDE,
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


THREAT = "再不还钱，明天就带人到你家门口，让你全村都知道你是什么人！"
EXPOSE = "你儿子林某欠云海小贷 8,600 元一直不还，请你转告他今天之内处理。"


def _timeline() -> tuple[TimelineRow, ...]:
    quiet = tuple(
        sms(
            40 + n,
            f"2026-03-{5 + n:02d} 10:{n:02d}:00",
            "周末回家吃饭吗？",
            who=SISTER,
            creditor=None,
            number="17000000888",
            reached=Reached.NOBODY,
        )
        for n in range(9)
    )
    spread = tuple(
        call(
            100 + n,
            str(moment("2026-03-16 09:10:00") + timedelta(days=n * 3 % 40, hours=n * 5 % 13))[:19],
            outcome=Outcome.MISSED,
            duration_s=0,
        )
        for n in range(34)
    )
    return (
        call(1, "2026-03-02 09:12:05"),
        call(2, "2026-03-02 11:40:41", outcome=Outcome.MISSED, duration_s=0),
        call(3, "2026-03-02 15:02:10", duration_s=312),
        call(4, "2026-03-02 18:30:00", outcome=Outcome.REJECTED, duration_s=0),
        call(5, "2026-03-02 22:41:19", duration_s=24),
        sms(1, "2026-03-02 22:44:02", THREAT, marks=((8, 15), (16, 28))),
        sms(2, "2026-03-02 22:46:30", "你是哪里的？请说明单位和姓名。", direction=Direction.OUT,
            reached=Reached.NOBODY),
        sms(3, "2026-03-02 22:47:55", "少废话，还钱就行。"),
        sms(7, "2026-03-04 10:15:22", EXPOSE, ref=ItemRef("phones/17000000555/sms.xml", 1), phone=FATHER,
            reached=Reached.THIRD, marks=((5, 18),)),
        call(8, "2026-03-04 10:20:00", ref=ItemRef("phones/17000000555/calls.csv", 1), phone=FATHER,
             reached=Reached.THIRD),
        *quiet,
        *spread,
    )  # fmt: skip


def _findings() -> tuple[Finding, ...]:
    sms1, sms3 = ItemRef("sms.xml", 1), ItemRef("sms.xml", 3)
    father = ItemRef("phones/17000000555/sms.xml", 1)
    father_call = ItemRef("phones/17000000555/calls.csv", 1)
    return (
        finding("f-1", "threat", Force.LAW, "2026-03-02 22:44:02", items=(sms1,), severity=3,
                certainty=Certainty.PROBABLE, cites=(PUBLIC_SECURITY_50,),
                explanation=Words("短信说要“带人到你家门口”，读来是以上门相威胁。",
                                  "The message says they will bring people to the door, which reads as a threat."),
                would_settle=(Words("如果对方确实上过门，把日期、照片写进 events.csv。",
                                    "If somebody did come, put date and photographs into events.csv."),),
                exceptions=(Words("如实告知将起诉、报送征信，不算威胁：这条短信没有提到。",
                                  "Saying truthfully that one will sue is no threat: the message does not."),)),
        finding("f-2", "debt_disclosure", Force.LAW, "2026-03-04 10:15:22", items=(father,),
                certainty=Certainty.PROBABLE, cites=(CIVIL_1032,), severity=3,
                explanation=Words("发给父亲的短信写明了欠款对象和金额。",
                                  "The message to the father names the lender and the sum.")),
        finding("f-3", "third_party_contact", Force.STANDARD, "2026-03-04 10:20:00",
                items=(father, father_call), cites=(GBT_53, CIVIL_1032),
                explanation=Words("当天您接过对方电话，对方仍打给您父亲。",
                                  "You had been reached that day, and they still called your father.")),
        finding("f-4", "call_outside_hours", Force.STANDARD, "2026-03-02 22:41:19", cites=(GBT_53,),
                items=(ItemRef("calls.csv", 5), sms1, sms3),
                explanation=Words("22:41 的电话和 22:44、22:47 的短信晚于 22:00。",
                                  "The call at 22:41 and the messages after it came later than 22:00.")),
        finding("f-5", "calls_over_daily_limit", Force.ADVISORY, "2026-03-02 18:30:00",
                items=(ItemRef("calls.csv", 4), ItemRef("calls.csv", 5)),
                explanation=Words("同一方当天打了 5 次电话（含没接通的），第 4、5 次列在这里。",
                                  "One side placed five calls that day, unanswered ones included.")),
        finding("f-6", "identity_concealment", Force.SELF_DISCIPLINE, "2026-03-02 22:47:55", items=(sms3,),
                certainty=Certainty.POSSIBLE, cites=(GBT_53,),
                explanation=Words("您问对方单位和姓名，对方没有回答。", "You asked who they are; they did not say.")),
        finding("f-7", "interest_in_advance", Force.LAW, "2026-01-10 00:00:00",
                cites=(Cite("civil-code", "670", Force.LAW, date(2021, 1, 1),
                            "借款的利息不得预先在本金中扣除。利息预先在本金中扣除的，应当按照实际借款数额返还借款并计算利息。",
                            True, Words("中华人民共和国民法典", "Civil Code")),),
                explanation=Words("合同写 10,000 元，实际到账 8,500 元，1,500 元先被扣下。",
                                  "10,000 on paper, 8,500 received: 1,500 were kept back.")),
    )  # fmt: skip


def _loan() -> LoanReport:
    days = [date(2026, 1, 10) + timedelta(days=30 * n) for n in range(11)]
    written = [D(10000), *(D(10000) + 420 * n - 700 * (n > 2) * (n - 2) for n in range(1, 11))]
    lawful = [D(8500), *(D(8500) + 100 * n - 700 * (n > 2) * (n - 2) for n in range(1, 11))]
    cap = Cite("ji-private-lending-2020", "25", Force.JUDICIAL_INTERPRETATION, date(2021, 1, 1), None,
               False, Words("民间借贷司法解释", "Private lending interpretation"))  # fmt: skip
    return LoanReport(
        title=Words("云海小贷 2026-01-10 借款", "Yunhai Microloan, 2026-01-10"),
        path="loan.json",
        answers=(
            OwedAnswer("cap_24", Words("年利率不超过 24%（向法院请求调低）", "at most 24 % a year, on request"),
                       D("8500"), D("612.33"), D("0"), D("0"), D("5600"), D("3512.33"), D("0"),
                       Words("本金 8,500 元，按日单利，一年 365 天；还款先还利息再还本金。",
                             "8,500 principal, simple daily interest over 365 days, interest paid first."),
                       (cap,)),
            OwedAnswer("principal_only", Words("只还本金", "principal only"), D("8500"), D("0"), None, None,
                       D("5600"), D("2900"), D("0")),
            OwedAnswer("as_written", Words("合同的写法", "as the contract is written"), D("10000"), D("1800"),
                       D("900"), D("1460"), D("5600"), D("8560"), None, contrast=True),
        ),
        rates=(
            RateFigure("xirr", Words("实际年化（按到账金额）", "effective, on the money received"), D("0.8731")),
            RateFigure("stated", Words("合同写的年利率", "stated in the contract"), D("0.15")),
            RateFigure("cap_24", Words("小额贷款公司可支持的上限", "limit for micro-lenders"), D("0.24"),
                       Words("请求调低后适用", "on request"), cap=True, cites=(cap,)),
        ),
        balances=(
            BalanceSeries("as_written", Words("合同的写法", "as written"), False,
                          tuple(map(BalancePoint, days, written))),
            BalanceSeries("cap_24", Words("年利率 24%", "24 % a year"), True,
                          tuple(map(BalancePoint, days, lawful))),
        ),
        flows=(
            Flow("as_written", Words("对方的记法", "as the lender books it"), (
                FlowPart("principal", Words("本金", "principal"), D("1440")),
                FlowPart("interest", Words("利息", "interest"), D("1800")),
                FlowPart("fees", Words("费用", "fees"), D("900")),
                FlowPart("penalty", Words("违约金", "penalty"), D("1460")))),
            Flow("lawful", Words("依法的记法", "as the law books it"), (
                FlowPart("principal", Words("本金", "principal"), D("4987.67")),
                FlowPart("interest", Words("利息", "interest"), D("612.33")))),
        ),
        notes=(Words("“担保费”由关联公司收取，是否算入成本要看合同。",
                     "A related firm took the 'guarantee fee'; whether it counts depends on the contract."),),
    )  # fmt: skip


def sample() -> Report:
    return Report(
        case="林溪的借款",
        as_of=date(2026, 5, 20),
        generated_at=moment("2026-05-20 20:15:00"),
        version="0.1.0",
        files=(
            FileEntry("calls.csv", "3f" * 32, 18_204, "call log (CSV)", "calls-csv", "1", 42),
            FileEntry("sms.xml", "a1" * 32, 40_811, "SMS Backup & Restore", "sms-backup-restore", "1", 18),
            FileEntry("loan.json", "0c" * 32, 1_204, "loan", "loan-json", "1", 1),
            FileEntry("录音/上门.m4a", "77" * 32, 2_310_004, "audio/mp4"),
        ),
        problems=(
            Problem("calls.csv", "17", "bad-time",
                    Words("这一行的时间写成了“昨天”，认不出是哪天。", "The time of this row reads 'yesterday'."),
                    Words("请从手机重新导出通话记录。", "Export the call log from the phone again.")),
        ),
        parties=(
            ReportParty("17000000321", Role.COLLECTOR, Source.GIVEN, "催收张某", SIDE, 3,
                        Words("虚拟运营商号段：只说明谁可能在用，不能证明机主。",
                              "A virtual operator's range: it does not prove who holds it."), 41),
            ReportParty("95000", Role.LENDER, Source.PROPOSED, "", SIDE, None,
                        Words("95 开头的客服短号，由工信部分配。", "A 95xxx call-centre number.")),
            ReportParty("17000000555", Role.RELATIVE, Source.GIVEN, "父亲", None, 5),
        ),
        timeline=_timeline(),
        findings=_findings(),
        loans=(_loan(),),
        steps=(
            Step(Words("把恐吓短信截图、连手机一起保留好", "Keep the threatening message and the phone"),
                 Words("不要删除，不要换机。需要时可以直接给民警看原机。",
                       "Do not delete it or change phones: the police may want to see the original."), urgent=True),
            Step(Words("向云海小贷书面投诉", "Complain to the lender in writing"),
                 Words("要求停止联系您的父亲。我们已把要写的内容列好。",
                       "Ask them to stop contacting your father."), due=date(2026, 6, 4),
                 channel=Words("贷款机构客服与投诉邮箱", "the lender's complaint desk")),
            Step(Words("向金融监管部门投诉", "Complain to the financial regulator"),
                 Words("机构 15 日内没有答复，再走这一步。", "If the lender does not answer within 15 days."),
                 channel=Words("12378", "12378")),
            Step(Words("先不要承诺“马上还清”", "Do not promise to pay at once"),
                 Words("承诺可能让已过时效的债重新起算。", "A promise can revive a debt.")),
        ),
        questions=(
            Question(Words("95000 是云海小贷的客服号码吗？", "Is 95000 the lender's number?"),
                     "95000,lender,云海小贷,", ("f-3",)),
        ),
        notices=(Words("2026-09-21 以后的 LPR 没有收录。", "LPR after 2026-09-21 is not loaded."),),
        saved_as="林溪.jiedun/report.html",
    )  # fmt: skip


def large(rows: int = 30_000, findings: int = 400) -> Report:
    """A long case: `rows` contacts over some 300 days, `findings` findings of two items each."""
    start = moment("2025-08-01 00:30:00")
    calls = tuple(
        call(n, str(start + timedelta(seconds=n * 864))[:19], text=THREAT if n % 3 else "",
             reached=(Reached.NOBODY, Reached.DEBTOR, Reached.THIRD)[n % 3], who=Words(f"催收 {n}", f"c {n}"))
        for n in range(1, rows + 1)
    )  # fmt: skip
    kinds = ("threat", "call_outside_hours", "abuse", "debt_disclosure")
    forces = (Force.LAW, Force.STANDARD, Force.SELF_DISCIPLINE, Force.ADVISORY)
    found = tuple(
        finding(f"f-{n}", kinds[n % 4], forces[n % 4], str(calls[n * (rows // findings)].at)[:19],
                items=tuple(calls[n * (rows // findings) + k].ref for k in (0, 1)), cites=(CIVIL_1032, GBT_53))
        for n in range(findings)
    )  # fmt: skip
    files = (FileEntry("calls.csv", "ab" * 32, rows * 90, "csv", "c", "1", rows),)
    made = moment("2026-06-01 09:00:00")
    return Report("长案", date(2026, 6, 1), made, "0.1.0", files, timeline=calls, findings=found)


@pytest.fixture(name="sample_report", scope="session")
def _sample_report() -> Report:
    return sample()


@pytest.fixture(name="large_report", scope="session")
def _large_report() -> Report:
    return large()


@pytest.fixture(name="make_finding", scope="session")
def _make_finding() -> Callable[..., Finding]:
    return finding


@pytest.fixture(name="make_sms", scope="session")
def _make_sms() -> Callable[..., TimelineRow]:
    return sms
