"""What forces, certainties, violations, roles and contacts are called, in words that fit them.

Words follow force: 违反 for law, regulation and judicial interpretation, 涉嫌 for criminal law,
不符合 for standards, guides and judicial policy, 提示 for advisory numbers, which are no law.
"""

from jiedun.model.evidence import Channel, Outcome
from jiedun.model.finding import Certainty, Finding, Force
from jiedun.model.party import Role
from jiedun.model.report import Reached
from jiedun.model.text import Words

FORCE = {
    Force.CRIMINAL_LAW: Words("刑法", "criminal law"),
    Force.LAW: Words("法律", "law"),
    Force.REGULATION: Words("法规规章", "regulation"),
    Force.JUDICIAL_INTERPRETATION: Words("司法解释", "judicial interpretation"),
    Force.JUDICIAL_POLICY: Words("司法政策", "judicial policy"),
    Force.STANDARD: Words("推荐性标准", "recommended standard"),
    Force.SELF_DISCIPLINE: Words("自律规范", "self-discipline rules"),
    Force.ADVISORY: Words("提示", "advisory"),
}

FORCE_MEANS = {
    Force.CRIMINAL_LAW: Words(
        "是否构成犯罪，只能由公安机关、司法机关认定。报告只说明为什么值得报警。",
        "Whether it is a crime is for the police and the courts alone to decide.",
    ),
    Force.LAW: Words("全国人大及其常委会制定，人人都要遵守。", "Binds everyone."),
    Force.REGULATION: Words(
        "国务院或主管部门制定，对其规定的对象有约束力。", "Binds those it addresses."
    ),
    Force.JUDICIAL_INTERPRETATION: Words(
        "最高法、最高检对法律的解释，法院据此裁判。", "Courts decide by it."
    ),
    Force.JUDICIAL_POLICY: Words(
        "法院办案的指导文件，不直接规定您的权利。",
        "Guides courts; not a source of rights by itself.",
    ),
    Force.STANDARD: Words(
        "国家推荐采用的标准。不符合它，本身不等于违法，但投诉时很有分量。",
        "Recommended, not binding: falling short of it is not by itself unlawful.",
    ),
    Force.SELF_DISCIPLINE: Words(
        "行业协会的约定，约束会员。不符合它，本身不等于违法。",
        "Binds members of the association: falling short of it is not by itself unlawful.",
    ),
    Force.ADVISORY: Words(
        "只是一个供参考的数字，不是法律规定，也不是违规认定。",
        "A number to look at, not a rule of law and not a breach.",
    ),
}

_VERDICT = {
    Force.CRIMINAL_LAW: Words(
        "涉嫌触犯刑法，由公安机关认定", "suspected offence, for the police to determine"
    ),
    Force.LAW: Words("违反法律", "in breach of the law"),
    Force.REGULATION: Words("违反法规规章", "in breach of regulations"),
    Force.JUDICIAL_INTERPRETATION: Words(
        "违反司法解释", "in breach of a judicial interpretation"
    ),
    Force.JUDICIAL_POLICY: Words("不符合司法政策", "short of judicial policy"),
    Force.STANDARD: Words("不符合推荐性标准", "short of a recommended standard"),
    Force.SELF_DISCIPLINE: Words("不符合自律规范", "short of self-discipline rules"),
    Force.ADVISORY: Words("提示，不是违规认定", "for your attention, not a breach"),
}  # fmt: skip

_HEDGE = {
    Certainty.CERTAIN: Words("", ""),
    Certainty.PROBABLE: Words("很可能", "probably "),
    Certainty.POSSIBLE: Words("可能", "possibly "),
}

_OF_LAW = (Force.LAW, Force.REGULATION, Force.JUDICIAL_INTERPRETATION)
_SUSPECTED = {
    Certainty.CERTAIN: Words("涉嫌", "suspected to be "),
    Certainty.PROBABLE: Words("涉嫌", "suspected to be "),
    Certainty.POSSIBLE: Words("可能涉嫌", "possibly "),
}

CERTAINTY = {
    Certainty.CERTAIN: Words("确定", "certain"),
    Certainty.PROBABLE: Words("很可能", "probable"),
    Certainty.POSSIBLE: Words("有可能", "possible"),
}

CERTAINTY_MEANS = {
    Certainty.CERTAIN: Words(
        "记录里的时间、次数、金额和您写明的身份就能得出。",
        "The times, counts and sums recorded and the roles you gave decide it.",
    ),
    Certainty.PROBABLE: Words(
        "要看话里的意思、合同的写法，或条文还待核实；我们比较有把握。",
        "It turns on the meaning of words, on the contract, or on a text still to be verified; we are fairly sure.",
    ),
    Certainty.POSSIBLE: Words(
        "有几种可能，需要您或其他证据确认。", "Other readings are open; it needs confirming."
    ),
}

VIOLATION = {
    "calls_over_daily_limit": Words("一天打电话太多", "too many calls in a day"),
    "call_outside_hours": Words("在休息时间联系", "contact outside hours"),
    "third_party_contact": Words("联系了您以外的人", "contact with third persons"),
    "debt_disclosure": Words("向他人透露欠款", "debt disclosed to others"),
    "threat": Words("威胁、恐吓", "threats"),
    "false_legal": Words("编造法律后果", "false legal consequences"),
    "impersonation": Words("冒充公检法或他人", "impersonation"),
    "induce_borrowing": Words("诱导以贷养贷", "urging new debt to pay old"),
    "identity_concealment": Words("隐瞒催收身份", "identity concealed"),
    "abuse": Words("辱骂、侮辱", "abuse"),
    "private_payment": Words("要求付到个人账户", "payment to a private account"),
    "interest_in_advance": Words("预先扣除利息（砍头息）", "interest deducted in advance"),
    "rate_over_cap": Words("利率超过上限", "rate over the cap"),
    "penalty_over_limit": Words("违约金、罚息过高", "penalty over the limit"),
    "unanswered_over_limit": Words("未接通仍反复拨打", "repeated unanswered calls"),
    "contact_after_refusal": Words("拒绝后仍继续联系", "contact after refusal"),
    "contact_person_reachable": Words(
        "能联系到您却找紧急联系人", "contact person called while you could be reached"
    ),
    "address_book_exposure": Words("疑似“爆通讯录”", "address book exposed"),
    "call_bombing": Words("短时间密集轰炸", "call bombing"),
    "third_party_pressure": Words("向他人施压代还", "pressure on others to pay"),
    "pi_disclosure": Words("泄露个人信息", "personal information disclosed"),
    "undisclosed_fee": Words("未明示的费用", "undisclosed fees"),
    "compound_over_limit": Words("复利（利滚利）过高", "compound interest over the limit"),
}

ROLE = {
    Role.DEBTOR: Words("借款人", "borrower"),
    Role.LENDER: Words("出借方", "lender"),
    Role.COLLECTOR: Words("催收方", "collector"),
    Role.GUARANTOR: Words("担保人", "guarantor"),
    Role.EMERGENCY_CONTACT: Words("紧急联系人", "emergency contact"),
    Role.RELATIVE: Words("亲属", "relative"),
    Role.COLLEAGUE: Words("同事", "colleague"),
    Role.FRIEND: Words("朋友", "friend"),
    Role.UNKNOWN: Words("身份不明", "unknown"),
}

REACHED = {
    Reached.NOBODY: Words("不是催收联系", "not placed by a creditor's side"),
    Reached.DEBTOR: Words("联系借款人", "to the borrower"),
    Reached.GUARANTOR: Words("联系担保人", "to the guarantor"),
    Reached.THIRD: Words("联系第三人", "to a third person"),
}

CHANNEL = {
    Channel.CALL: Words("电话", "call"),
    Channel.SMS: Words("短信", "message"),
    Channel.MMS: Words("彩信", "MMS"),
    Channel.CHAT: Words("聊天", "chat"),
    Channel.VISIT: Words("上门", "visit"),
    Channel.POSTER: Words("张贴", "poster"),
    Channel.OTHER: Words("其他", "other"),
}

OUTCOME = {
    Outcome.ANSWERED: Words("接通", "answered"),
    Outcome.MISSED: Words("未接", "missed"),
    Outcome.REJECTED: Words("拒接", "rejected"),
    Outcome.DELIVERED: Words("", ""),
    Outcome.FAILED: Words("未送达", "failed"),
    Outcome.DRAFT: Words("草稿", "draft"),
    Outcome.FORWARDED: Words("呼转", "forwarded"),
    Outcome.UNKNOWN: Words("结果不明", "outcome unknown"),
}


def violation(finding: Finding) -> Words:
    """What the finding's violation is called; the finding's own title where the id is new."""
    return VIOLATION.get(finding.violation, finding.title)


def verdict(force: Force, certainty: Certainty, weighed: bool = False) -> Words:
    """What may be said of a finding of this force and certainty: never more than either bears.

    `weighed`: an authority has to weigh it; it is suspected, however certain the facts are.
    """
    said, hedge = _VERDICT[force], _HEDGE[certainty]
    if weighed and force in _OF_LAW:
        hedge = _SUSPECTED[certainty]
    if force in (Force.CRIMINAL_LAW, Force.ADVISORY):
        sure = CERTAINTY[certainty]
        return Words(f"{said.zh}（{sure.zh}）", f"{said.en} ({sure.en})") if hedge.zh else said
    return Words(hedge.zh + said.zh, hedge.en + said.en)
