"""Which payments belong to a loan, by the names given in the files, each with its reason."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from jiedun.ledger.charges import to_lender
from jiedun.ledger.names import is_channel, is_person, plain, same_lender, trades
from jiedun.ledger.values import Counted, NotCounted
from jiedun.model.evidence import Payment
from jiedun.model.loan import LenderType, Loan
from jiedun.model.text import Words

_DIGITS = re.compile(r"\d{4,}")
_REPAY = re.compile(r"还款|还贷|还钱|还一|还了|还借|展期|续期|续借|延期|逾期|催收|利息|本金|结清|欠款|罚息|砍头|"
                    r"滞纳|分期|首付|repay|instal|overdue|interest", re.IGNORECASE)  # fmt: skip
_LENDING = frozenset({"micro", "consumer", "bank", "trust", "auto", "pawn", "factoring", "leasing"})
_PRIVATE_ROLES = {
    "guarantor": Words("付给保证人，是双方之间的往来，不是还款", "paid to the guarantor: between you, no repayment"),
    "emergency_contact": Words("付给联系人，不是还款", "paid to a contact person, no repayment"),
    "relative": Words("付给亲属，不是还款", "paid to a relative, no repayment"),
    "colleague": Words("付给同事，不是还款", "paid to a colleague, no repayment"),
    "friend": Words("付给朋友，不是还款", "paid to a friend, no repayment"),
    "debtor": Words("付给自己，不是还款", "paid to yourself, no repayment"),
}  # fmt: skip
_OTHER_LOAN = Words("付给另一家放贷方，是另一笔借款", "paid to another lender: another loan")
_TO_LENDER = Words("付给放贷方", "paid to the lender")
_TO_ACCOUNT = Words("付到合同写明的还款账户", "paid into the account the contract names")
_BY_CHANNEL = Words(
    "经支付渠道付给放贷方（备注写明）", "paid to the lender through a payment service (as noted)"
)
_TO_COLLECTOR = Words(
    "付给名单上的催收方，抵充借款", "paid to a listed collector, credited to the loan"
)
_TO_PRIVATE = Words(
    "付到催收人员的私人账户；计入，并另列不计入的算法（对方可能不认）",
    "paid into a collector's private account; counted, and shown without as well (it may be denied)",
)
_TO_PLATFORM = Words("付给撮合或运营这笔借款的平台", "paid to the platform that runs the loan")


@dataclass(frozen=True, slots=True)
class Sorted:
    """Payments of this loan and the others, in order of date, with what is to be asked."""

    counted: tuple[Counted, ...]
    not_counted: tuple[NotCounted, ...]
    questions: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of one loan and of the case's people."""

    loan: Loan
    by_role: Mapping[str, tuple[str, ...]]

    def has(self, payee: str, role: str) -> bool:
        return any(same_lender(payee, name) for name in self.by_role.get(role, ()))

    def is_lender(self, payee: str) -> bool:
        """The lender's own name, or the only lender the list of people knows."""
        if same_lender(payee, self.loan.lender):
            return True
        listed = self.by_role.get("lender", ())
        own = [
            n
            for n in listed
            if same_lender(n, self.loan.lender) or same_lender(n, self.loan.platform)
        ]
        return any(same_lender(payee, n) for n in own or (listed if len(listed) == 1 else ()))

    def is_account(self, text: str) -> bool:
        """Whether the words name the account of the contract by its last digits."""
        known = _DIGITS.findall(self.loan.repayment_account)
        return any(k.endswith(t) or t.endswith(k) for k in known for t in _DIGITS.findall(text))


def _names(loan: Loan, payees: Mapping[str, str]) -> _Names:
    by_role: dict[str, list[str]] = {}
    for name, role in payees.items():
        by_role.setdefault(role, []).append(name)
    if loan.guarantor:
        by_role.setdefault("guarantor", []).append(loan.guarantor)
    return _Names(loan, {role: tuple(names) for role, names in by_role.items()})


def sort_payments(
    loan: Loan, payments: Sequence[Payment], as_of: date, payees: Mapping[str, str] | None
) -> Sorted:
    """Each payment counted or not, with the reason; `payees` are names with their role in the case.

    A `collector` in `payees` collects for this loan's lender; agents of other lenders are left out
    or have the role `other_collector`.
    """
    names = _names(loan, payees or {})
    rows, questions = _signed(payments)
    counted: list[Counted] = []
    others: list[NotCounted] = []
    for payment in sorted(rows, key=lambda p: p.on):
        found = _judge(names, payment, as_of)
        if isinstance(found, Counted):
            counted.append(found)
        else:
            others.append(found)
    back = [p for p in rows if p.amount < 0 and _of_this_loan(names, p)]
    asked = (*questions, *_ask_refunds(back), *_ask(counted, others))
    return Sorted(tuple(counted), tuple(others), asked)


def _of_this_loan(names: _Names, payment: Payment) -> bool:
    """Whether a row below zero may be money that came back from this loan's side."""
    found = _by_name(names, payment) or _unlisted(names, payment)
    return isinstance(found, Counted) or found.unclear or found.code == "unrelated"


def _ask_refunds(back: Sequence[Payment]) -> list[Words]:
    if not back:
        return []
    at, total = ", ".join(str(p.ref) for p in back), -sum(p.amount for p in back)
    return [
        Words(
            f"{at} 金额是负数（合计{total}元），没有计入：若是对方退回来的钱，已还的数要减去它；"
            "若是付款写反了正负号，请改成正数。请核对银行流水",
            f"{at} are below zero ({total} in all) and not counted: money that came back lowers what was paid; a "
            "payment written with a minus sign should be made positive. Check the bank statement",
        )
    ]


def _signed(payments: Sequence[Payment]) -> tuple[list[Payment], list[Words]]:
    """Statements often show money out with a minus sign: all negative means all are payments."""
    rows = list(payments)
    if rows and all(p.amount < 0 for p in rows):
        words = Words(
            "付款记录全是负数，按银行流水的“支出为负”理解为付款；若不是，请改正",
            "all payments are negative: read as money out, as bank statements write it; correct it if not",
        )
        return [replace(p, amount=-p.amount) for p in rows], [words]
    return rows, []


def _judge(names: _Names, payment: Payment, as_of: date) -> Counted | NotCounted:
    refused = _refused_by_date(names.loan, payment, as_of)
    if refused is not None:
        return refused
    return _fee(names.loan, payment) or _by_name(names, payment) or _unlisted(names, payment)


def _refused_by_date(loan: Loan, payment: Payment, as_of: date) -> NotCounted | None:
    start = loan.disbursed_on or loan.signed
    if payment.amount <= 0:
        words = Words(
            f"金额是{payment.amount}，不是正数：可能是退款或冲正，没有计入",
            f"the sum is {payment.amount}, not above zero: perhaps a refund or reversal, left out",
        )
        return NotCounted(payment, "not_positive", words)
    if start is not None and payment.on < start:
        words = Words("在放款之前付的，不是还款", "paid before the loan was paid out: no repayment")
        return NotCounted(payment, "before_loan", words)
    if payment.on > as_of:
        words = Words("在计算日之后付的", "paid after the day of the calculation")
        return NotCounted(payment, "after_day", words)
    return None


def _fee(loan: Loan, payment: Payment) -> NotCounted | None:
    """A charge of the loan that another company takes."""
    for fee in loan.fees:
        if fee.payee and not to_lender(loan, fee) and same_lender(payment.payee, fee.payee):
            if same_lender(fee.payee, loan.platform) and payment.amount != fee.amount:
                continue
            words = Words(
                "收款方不是放贷方，是合同列出的另收费用，不是还款",
                "the payee is not the lender: a separate charge named in the contract, no repayment",
            )
            return NotCounted(payment, "fee_elsewhere", words)
    return None


def _by_name(names: _Names, payment: Payment) -> Counted | NotCounted | None:
    payee = payment.payee
    if names.is_lender(payee):
        return Counted(payment, _TO_LENDER)
    role = next((r for r in _PRIVATE_ROLES if names.has(payee, r)), None)
    if role is not None:
        return NotCounted(payment, role, _PRIVATE_ROLES[role])
    if names.is_account(f"{payee} {payment.note}"):
        return Counted(payment, _TO_ACCOUNT)
    if names.has(payee, "collector"):
        private = _private(names, payee)
        return Counted(payment, _TO_PRIVATE if private else _TO_COLLECTOR, private)
    if any(names.has(payee, r) for r in ("lender", "other_lender", "other_collector")):
        return NotCounted(payment, "other_lender", _OTHER_LOAN)
    return _by_trade(names, payment)


def _private(names: _Names, payee: str) -> bool:
    """A collector's own account: a person's name, unless only an agency answers to it."""
    found = [n for n in names.by_role.get("collector", ()) if same_lender(payee, n)]
    return any(is_person(n) or is_person(payee) for n in found)


def _by_trade(names: _Names, payment: Payment) -> Counted | NotCounted | None:
    loan, payee = names.loan, payment.payee
    if is_channel(payee) and _mentions(names, payment.note):
        return Counted(payment, _BY_CHANNEL)
    if loan.platform and _is_platform(payee, loan.platform):
        due = any(i.amount == payment.amount for i in loan.instalments)
        if due or loan.lender_type is LenderType.P2P or _REPAY.search(payment.note):
            return Counted(payment, _TO_PLATFORM)
        return NotCounted(payment, "platform", _TO_PLATFORM, unclear=True)
    if trades(payee) & _LENDING and not is_channel(payee):
        return NotCounted(payment, "other_lender", _OTHER_LOAN)
    return None


def _is_platform(payee: str, platform: str) -> bool:
    name = re.split(r"[（(，,；;]", platform, maxsplit=1)[0]
    return same_lender(payee, name)


def _mentions(names: _Names, note: str) -> bool:
    words = re.split(r"[\s，。,;；:：\-_/（）()]+", note)
    return any(names.is_lender(word) for word in words if len(plain(word)) >= 2)


def _unlisted(names: _Names, payment: Payment) -> NotCounted:
    """A payee nobody named: unclear when the note speaks of repaying or names the lender."""
    if _REPAY.search(payment.note) or _mentions(names, payment.note):
        words = Words(
            "收款人不在放贷方、还款账户和催收名单里；没有计入，另列计入的算法",
            "the payee is neither lender, named account nor listed collector; left out, and shown with it as well",
        )
        return NotCounted(payment, "unlisted", words, unclear=True)
    words = Words("收款人和这笔借款没有看得出的关系", "the payee has no visible link to this loan")
    return NotCounted(payment, "unrelated", words)


def _ask(counted: Iterable[Counted], others: Iterable[NotCounted]) -> list[Words]:
    questions = []
    rows = [c.payment for c in counted]
    keys = [(p.on, p.amount, plain(p.payee), p.note) for p in rows]
    doubled = sorted({str(p.ref) for p, k in zip(rows, keys, strict=True) if keys.count(k) > 1})
    if doubled:
        at = ", ".join(doubled)
        questions.append(
            Words(
                f"{at} 完全相同：是付了两次，还是重复记录？现在都计入",
                f"{at} are identical: paid twice or recorded twice? both count",
            )
        )
    unclear = [str(n.payment.ref) for n in others if n.unclear]
    if unclear:
        at = ", ".join(unclear)
        questions.append(
            Words(f"{at} 的收款人是谁、替谁收的？有聊天记录或收据请补上",
                  f"who received {at}, and for whom? add the chat or receipt")
        )  # fmt: skip
    if any(c.private for c in counted):
        questions.append(
            Words("有款项付到催收人员私人账户：请保留要求你这样付款的消息和转账凭证",
                  "money went to a collector's private account: keep the message asking for it and the receipt")
        )  # fmt: skip
    return questions
