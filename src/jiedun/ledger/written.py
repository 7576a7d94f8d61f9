"""A loan as written in a JSON file, read field by field; what is unclear is said, never guessed."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from jiedun.model.evidence import Problem
from jiedun.model.loan import Fee, Instalment, LenderType, Loan, Rollover
from jiedun.model.money import to_fen
from jiedun.model.text import Words

T = TypeVar("T")
_DATE = re.compile(r"^\s*(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?(?:[ T].*)?$")
_AMOUNT = re.compile(r"^(?:人民币|RMB|CNY|¥|￥)?([+-]?\d+(?:\.\d+)?)(万)?元?整?$", re.IGNORECASE)
_PERCENT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([%‰‱])")
_PARTS = {"%": Decimal(100), "‰": Decimal(1000), "‱": Decimal(10000)}
_TYPES = {
    "银行": LenderType.BANK, "商业银行": LenderType.BANK, "消费金融": LenderType.CONSUMER_FINANCE,
    "消费金融公司": LenderType.CONSUMER_FINANCE, "小贷": LenderType.MICRO_LOAN, "小额贷款": LenderType.MICRO_LOAN,
    "小额贷款公司": LenderType.MICRO_LOAN, "micro_lender": LenderType.MICRO_LOAN,
    "microloan": LenderType.MICRO_LOAN, "网贷": LenderType.P2P, "platform": LenderType.P2P,
    "个人": LenderType.PRIVATE, "民间借贷": LenderType.PRIVATE, "individual": LenderType.PRIVATE,
    "": LenderType.UNKNOWN,
}  # fmt: skip
LATEST = 2100
MOST_RATE = 10_000  # a million percent: beyond it the figure is no rate


class Reader:
    """Reads fields of one mapping and keeps what could not be read."""

    def __init__(self, data: Mapping[str, Any], path: str) -> None:
        self.data = data
        self.path = path
        self.problems: list[Problem] = []

    def say(self, at: str, code: str, zh: str, en: str, next_step: Words | None = None) -> None:
        """Keep one problem at field `at`."""
        self.problems.append(Problem(self.path, at, code, Words(zh, en), next_step))

    def field(
        self, data: Mapping[str, Any], key: str, at: str, parse: Callable[[Any], T]
    ) -> T | None:
        """The parsed value under `key`, or None (absent, null, or unreadable and said so)."""
        value = data.get(key)
        if value is None or value == "":
            return None
        try:
            return parse(value)
        except (ValueError, InvalidOperation, OverflowError):
            self.say(
                at, "unreadable", f"{at} 读不懂，没有采用", f"{at} cannot be read and is not used"
            )
            return None

    def amount(self, data: Mapping[str, Any], key: str, at: str) -> Decimal | None:
        """Yuan; a minus sign is dropped and said so."""
        value = self.field(data, key, at, parse_amount)
        if value is not None and value != to_fen(value):
            self.say(
                at, "below_fen", f"{at} 小数超过两位，按分四舍五入", f"{at} is rounded to the fen"
            )
            value = to_fen(value)
        if value is None or value >= 0:
            return value
        self.say(
            at, "negative_amount",
            f"{at} 是负数：按 {-value} 元的支出计；若本意是退还或减免，请改正",
            f"{at} is negative: read as a sum of {-value} yuan; correct it if a refund or waiver was meant",
        )  # fmt: skip
        return -value

    def day(self, data: Mapping[str, Any], key: str, at: str) -> date | None:
        """A local date between 1990 and 2100."""
        return self.field(data, key, at, parse_date)

    def text(self, key: str) -> str:
        """The words under `key`, or nothing."""
        value = self.data.get(key)
        return "" if value is None else str(value).strip()


def parse_date(value: Any) -> date:
    """The date in ISO form, with / or ., or 年月日; raises ValueError outside 1990-2100."""
    if isinstance(value, date):
        return value
    match = _DATE.match(unicodedata.normalize("NFKC", str(value)))
    if match is None:
        raise ValueError("not a date")
    found = date(*(int(part) for part in match.groups()))
    if not 1990 <= found.year <= LATEST:
        raise ValueError("outside 1990-2100")
    return found


def parse_amount(value: Any) -> Decimal:
    """Yuan from a number or from words such as 1.5万 or ￥15,000元; raises ValueError otherwise."""
    if isinstance(value, bool):
        raise ValueError("not an amount")
    text = unicodedata.normalize("NFKC", str(value)).replace(",", "").replace(" ", "")
    match = _AMOUNT.match(text)
    if match is None:
        number = Decimal(text)
        if not number.is_finite() or abs(number) >= 10**12:
            raise ValueError("not an amount")
        return number
    amount = Decimal(match[1]) * (10000 if match[2] else 1)
    if abs(amount) >= 10**12:
        raise ValueError("not an amount")
    return amount


def parse_rate(value: Any) -> tuple[Decimal, Decimal | None]:
    """A rate as a fraction, with a second plausible reading or None.

    `16.2%` and 0.162 are one thing; a bare number of 1 or more may be a percentage (15 = 15 %) or
    a fraction (15 = 1500 %): the percentage comes first.
    """
    if isinstance(value, bool):
        raise ValueError("not a rate")
    text = unicodedata.normalize("NFKC", str(value)).strip()
    percent = _PERCENT.search(text) or _PERCENT.search(str(value))
    number = Decimal(percent[1]) / _PARTS[percent[2]] if percent else Decimal(text)
    if not number.is_finite() or not 0 <= number <= MOST_RATE:
        raise ValueError("not a rate")
    if percent is not None:
        return number, None
    return (number / 100, number) if number >= 1 else (number, None)


def _annual(read: Reader, key: str) -> tuple[Decimal | None, Decimal | None]:
    found = read.field(read.data, key, key, parse_rate)
    if found is None:
        return None, None
    rate, other = found
    if other is not None:
        read.say(
            key, "rate_two_readings",
            f"{key} 写的是 {other}：可能是 {rate * 100}%，也可能是 {other * 100}%；两种都算，先按百分数",
            f"{key} says {other}: {rate * 100} % or {other * 100} %; both are worked out, percent first",
        )  # fmt: skip
    return rate, other


def _daily(read: Reader) -> tuple[Decimal | None, Decimal | None]:
    """The daily penalty rate; 0.1 or more a day may be meant in percent."""
    key = "penalty_daily_rate"
    found = read.field(read.data, key, key, parse_rate)
    if found is None:
        return None, None
    rate, other = found
    if other is None and rate >= Decimal("0.05") and "%" not in str(read.data[key]):
        rate, other = rate / 100, rate
    if other is not None:
        read.say(
            key, "rate_two_readings",
            f"{key} 写的是 {read.data[key]}：可能是每日 {rate * 100}%，也可能是每日 {other * 100}%；先按小的",
            f"{key}: {rate * 100} % or {other * 100} % a day; the smaller is taken first",
        )  # fmt: skip
    return rate, other


def _rows(read: Reader, key: str) -> list[tuple[int, Mapping[str, Any]]]:
    value = read.data.get(key)
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        read.say(key, "not_a_list", f"{key} 应当是列表", f"{key} should be a list")
        return []
    rows = [(n, row) for n, row in enumerate(value, 1) if isinstance(row, Mapping)]
    if len(rows) < len(value):
        read.say(key, "unreadable", f"{key} 里有读不懂的行", f"rows of {key} cannot be read")
    return rows


def _number(row: Mapping[str, Any], otherwise: int) -> int:
    try:
        return int(row.get("no", otherwise))
    except (TypeError, ValueError):
        return otherwise


def _instalments(read: Reader) -> tuple[Instalment, ...]:
    found = []
    for n, row in _rows(read, "instalments"):
        at = f"instalments[{n}]"
        due = read.day(row, "due_date", f"{at}.due_date")
        amount = read.amount(row, "amount", f"{at}.amount")
        if due is None or amount is None:
            read.say(
                at, "instalment_incomplete",
                f"第 {n} 期缺少日期或金额，没有计入", f"instalment {n} lacks its date or sum and is left out",
            )  # fmt: skip
            continue
        part = read.amount(row, "principal", f"{at}.principal")
        found.append(Instalment(_number(row, n), due, amount, part))
    return tuple(sorted(found, key=lambda i: (i.due, i.no)))


def _fees(read: Reader) -> tuple[Fee, ...]:
    found = []
    for n, row in _rows(read, "fees"):
        amount = read.amount(row, "amount", f"fees[{n}].amount")
        if amount is None:
            read.say(
                f"fees[{n}]", "fee_incomplete", f"第 {n} 项费用没有金额", f"fee {n} has no sum"
            )
            continue
        words = (str(row.get(k) or "") for k in ("timing", "payee"))
        found.append(Fee(str(row.get("name") or ""), amount, *words))
    return tuple(found)


def _rollovers(read: Reader) -> tuple[Rollover, ...]:
    found = []
    for n, row in _rows(read, "rollovers"):
        at = f"rollovers[{n}]"
        paid, due = read.day(row, "paid_date", f"{at}.paid_date"), read.day(row, "new_due_date", at)
        fee = read.amount(row, "fee", f"{at}.fee")
        if paid is None or due is None or fee is None:
            read.say(
                at, "rollover_incomplete", f"第 {n} 次展期不完整", f"roll-over {n} is incomplete"
            )
            continue
        found.append(Rollover(_number(row, n), paid, fee, due))
    return tuple(found)


def lender_type_of(value: Any) -> LenderType | None:
    """The kind of lender in English or Chinese words, or None when it is not one of them."""
    text = str(value or "").strip().lower()
    if text in LenderType._value2member_map_:
        return LenderType(text)
    return _TYPES.get(text)


def _lender_type(read: Reader) -> LenderType:
    found = lender_type_of(read.data.get("lender_type"))
    if found is None or found is LenderType.UNKNOWN:
        read.say(
            "lender_type", "lender_type_unknown",
            "放贷方类型不明：适用哪个上限取决于它，下面按各种类型分别列出，不下结论",
            "the kind of lender is not known; it decides the cap, so each kind is shown and nothing concluded",
            Words("查合同上的放贷方全称，到金融监管部门名单核对",
                  "look for the lender's full name in the contract and check the regulator's list"),
        )  # fmt: skip
    return found or LenderType.UNKNOWN


def _cost_table(read: Reader) -> tuple[str, ...] | None:
    value = read.data.get("cost_table")
    return tuple(str(v) for v in value) if isinstance(value, list | tuple) else None


def _guarantee(read: Reader) -> tuple[str, str, str]:
    value = read.data.get("guarantee")
    if not isinstance(value, Mapping):
        return (str(value or ""), "", "")
    kind, period = (str(value.get(k) or "") for k in ("kind", "period"))
    return str(value.get("guarantor") or ""), kind, period


def loan_from(data: Mapping[str, Any], path: str) -> tuple[Loan, tuple[Problem, ...]]:
    """The loan written in `data` and what is unclear in it, each problem naming its field."""
    read = Reader(data, path)
    rate, rate_other = _annual(read, "contract_annual_rate")
    daily, daily_other = _daily(read)
    guarantor, kind, period = _guarantee(read)
    loan = Loan(
        path=path,
        lender=read.text("lender"),
        lender_type=_lender_type(read),
        signed=read.day(data, "date", "date"),
        principal=read.amount(data, "principal", "principal"),
        disbursed=read.amount(data, "disbursed_amount", "disbursed_amount"),
        disbursed_on=read.day(data, "disbursed_date", "disbursed_date"),
        annual_rate=rate,
        repayment=read.text("repayment"),
        rate_note=read.text("contract_rate_note"),
        instalments=_instalments(read),
        fees=_fees(read),
        rollovers=_rollovers(read),
        penalty_clause=read.text("penalty_clause"),
        penalty_daily_rate=daily,
        penalty_annual_rate=_annual(read, "penalty_annual_rate")[0],
        penalty_per_day=read.amount(data, "penalty_per_day", "penalty_per_day"),
        platform=read.text("platform"),
        guarantor=guarantor,
        guarantee_kind=kind,
        guarantee_period=period,
        repayment_account=read.text("repayment_account"),
        rate_other=rate_other,
        penalty_other=daily_other,
        cost_table=_cost_table(read),
    )
    _check(loan, read)
    return loan, tuple(read.problems)


def _check(loan: Loan, read: Reader) -> None:
    _check_dates(loan, read)
    _check_sums(loan, read)
    _check_mixed(loan, read)


def _check_dates(loan: Loan, read: Reader) -> None:
    if loan.signed is None and loan.disbursed_on is None:
        read.say(
            "date", "date_missing",
            "没有签约日，也没有到账日：算不了利息和上限，只列本金和合同字面",
            "neither the day of signing nor of payout: no interest or cap, only principal and the letter",
        )  # fmt: skip
    elif loan.disbursed_on is None:
        read.say(
            "disbursed_date", "disbursed_date_missing",
            "没有到账日，按签约日起息；到账更晚的话，利息更少",
            "no day of payout: interest runs from signing; a later payout means less interest",
        )  # fmt: skip
    start = loan.disbursed_on or loan.signed
    if start and loan.instalments and loan.instalments[0].due <= start:
        read.say(
            "instalments", "due_before_loan",
            "有还款日不晚于放款日，请核对", "a sum is due on or before the day of the loan: please check",
        )  # fmt: skip


def _check_sums(loan: Loan, read: Reader) -> None:
    received = loan.disbursed if loan.disbursed is not None else loan.principal
    if received is None:
        read.say(
            "principal", "principal_missing",
            "没有本金和到账金额，算不出欠款", "neither principal nor money received: nothing can be worked out",
        )  # fmt: skip
        return
    if (
        loan.disbursed is not None
        and loan.principal is not None
        and loan.disbursed > loan.principal
    ):
        read.say(
            "disbursed_amount", "received_above_principal",
            "到账比合同本金还多，请核对；按到账计", "more received than the paper shows: please check",
        )  # fmt: skip
    due = sum((i.amount for i in loan.instalments), Decimal(0))
    if loan.instalments and due < received:
        read.say(
            "instalments", "instalments_below_principal",
            f"各期合计 {due} 元，少于到手的 {received} 元：可能缺期或金额有误",
            f"the instalments add up to {due}, less than the {received} received: some may be missing",
        )  # fmt: skip
    _check_stated_total(read, due)


def _check_stated_total(read: Reader, due: Decimal) -> None:
    total = read.amount(read.data, "total_repay", "total_repay")
    if total is not None and total != due:
        read.say(
            "instalments", "instalments_do_not_sum",
            f"各期合计 {due} 元，合同写的总额是 {total} 元，两个数都留着，请核对",
            f"the instalments add up to {due}, the contract says {total}: both are kept, please check",
        )  # fmt: skip


def _check_mixed(loan: Loan, read: Reader) -> None:
    """Two loans in one file show as repeated numbers."""
    numbers = [i.no for i in loan.instalments]
    if len(set(numbers)) < len(numbers):
        read.say(
            "instalments", "two_loans_mixed",
            "期号有重复，像是两笔借款混在一起：请拆成两个文件；现在按一笔算",
            "numbers repeat, as if two loans were mixed: split them; read as one for now",
        )  # fmt: skip
