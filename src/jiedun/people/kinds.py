"""What kind of number a number is, and what that does and does not prove.

Number ranges: 电信网编号计划 (2017) and the operators' published ranges, as far as they are
generally known; they are marked 待核实 where no text of the plan was read. Area names come from
`phonenumbers`. A number that a screen shows proves nothing about who speaks: it can be forged,
rented, resold or passed on.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from jiedun.model.text import Words
from jiedun.people.numbers import (
    CALL_CENTRE,
    LANDLINE,
    MOBILE,
    SMS_PORT,
    TOLL,
    canonical,
)

VIRTUAL_PREFIXES = ("162", "165", "167", "170", "171")
OFFICIAL = {
    "110": ("公安报警电话", "police emergency line"),
    "119": ("消防报警电话", "fire emergency line"),
    "120": ("医疗急救电话", "medical emergency line"),
    "12110": ("公安短信报警", "police reports by SMS"),
    "12309": ("检察服务热线", "procuratorate service line"),
    "12315": ("市场监管投诉热线", "market regulation complaints line"),
    "12321": ("网络不良信息举报", "line for reporting spam and harmful content"),
    "12337": ("涉黑涉恶举报", "line for reporting organised crime"),
    "12345": ("政务服务便民热线", "local government line"),
    "12348": ("公共法律服务热线", "public legal aid line"),
    "12363": ("人民银行金融消费权益保护热线", "central bank line for financial consumers"),
    "12368": ("法院诉讼服务热线", "court service line"),
    "12377": ("网信举报热线", "cyberspace administration reports line"),
    "12378": ("银行保险消费者投诉维权热线", "financial regulator complaints line"),
    "12381": ("工信部反诈预警短信", "fraud warnings by SMS"),
    "96110": ("公安反诈预警劝阻专线", "police fraud warning line"),
}
OPERATORS = {
    "10000": ("中国电信客服", "China Telecom service"),
    "10010": ("中国联通客服", "China Unicom service"),
    "10086": ("中国移动客服", "China Mobile service"),
    "10099": ("中国广电客服", "China Broadnet service"),
}


@dataclass(frozen=True, slots=True)
class NumberKind:
    """Kind `id`, what the number is, what seeing it proves and what it does not.

    `certain` is False where the range was not checked against the numbering plan (待核实).
    """

    id: str
    number: str | None
    what: Words
    proves: Words
    does_not_prove: Words
    certain: bool = True


_FORGED = Words(
    "显示的号码可以伪造、租用、转卖，单凭号码不能证明打电话的是谁。",
    "A shown number can be forged, rented or resold: it does not prove who was speaking.",
)
_NAMED = Words(
    "号码实名登记在某人或某单位名下，公安、法院可以向运营商查；你自己查不到。",
    "The number is registered under a real name; police and courts can ask the operator, you cannot.",
)

_TEXTS: dict[str, tuple[Words, Words, Words, bool]] = {
    "mobile": (Words("手机号", "a mobile number"), _NAMED, _FORGED, True),
    "virtual_operator": (
        Words(
            "虚拟运营商手机号（162/165/167/170/171 号段，待核实）",
            "a virtual operator's mobile number (range unverified)",
        ),
        Words(
            "由转售企业放号，也是实名登记的，公安、法院可以查。",
            "Issued by a reseller, still under a real name that police and courts can ask for.",
        ),
        Words(
            "这类号码常被催收和骗子批量租用，但正常人也在用；不能只凭号段断定对方是谁。",
            "Such numbers are often rented in bulk, and ordinary people use them too: the range alone accuses nobody.",
        ),
        False,
    ),
    "call_centre_95": (
        Words("95 开头的全国客服号", "a national 95 call-centre number"),
        Words(
            "号码分配给一家银行、保险、大企业或呼叫中心公司，工信部有分配记录。",
            "It is assigned to one bank, insurer, large firm or call-centre company, on record with the ministry.",
        ),
        Words(
            "95 号常租给别的公司外呼：拥有号码的不一定就是打电话的，也不一定是放贷的。",
            "95 numbers are rented out for others' calls: the holder need not be the caller, nor the lender.",
        ),
        True,
    ),
    "sms_port_106": (
        Words("106 短信端口号", "a 106 SMS port"),
        Words(
            "短信是从运营商的企业短信通道发的；运营商能查到哪家公司在用这个端口。可向 12321 或工信部申诉。",
            "The message went through an operator's business channel; the operator can tell which firm used it.",
        ),
        Words(
            "同一端口可由多家公司共用，真正说明是谁的是【】里的签名，而签名也可能是假的。",
            "Firms share ports; the signature in 【】 names the sender, and a signature can be false too.",
        ),
        True,
    ),
    "toll_400": (
        Words("400 企业热线", "a 400 business line"),
        Words(
            "号码租给了一家登记过的企业，运营商有记录。",
            "It is leased to a registered firm, on record with the operator.",
        ),
        Words(
            "正规 400 号一般只接不打：显示 400 打来的电话，可能是改号（待核实）。",
            "A 400 line as a rule receives calls only: a call that shows one may be forged (unverified).",
        ),
        False,
    ),
    "toll_800": (
        Words("800 免费热线", "an 800 free line"),
        Words("号码租给了一家登记过的企业。", "It is leased to a registered firm."),
        _FORGED,
        True,
    ),
    "landline": (
        Words("固定电话", "a landline"),
        _NAMED,
        Words(
            "网络电话也能显示成外地座机，区号不能证明对方就在那里。" + _FORGED.zh,
            "Internet telephony can show any area code: it does not prove where the caller is. "
            + _FORGED.en,
        ),
        True,
    ),
    "government": (
        Words("政府公共服务短号", "a government service number"),
        Words("这个短号属于该机关。", "The short number belongs to that authority."),
        Words(
            "来电显示成这个号码不等于就是该机关打来的：显示可以伪造。公检法不会在电话里催债、要求转账。请自己拨打这个号码核实。",
            "A call that shows it need not come from there: the display can be forged, "
            "and no court or police collects debts by phone. Dial it yourself to check.",
        ),
        True,
    ),
    "operator": (
        Words("运营商客服", "an operator's service line"),
        Words("这个短号属于该运营商。", "The short number belongs to that operator."),
        _FORGED,
        True,
    ),
    "international": (
        Words("境外号码", "a number abroad"),
        Words("显示为境外打来。", "It is shown as coming from abroad."),
        Words(
            "网络电话和改号常显示成境外号码；国内催收一般不会从境外打。",
            "Forged calls often show numbers abroad: it does not prove where the caller is.",
        ),
        True,
    ),
    "short": (
        Words("短号", "a short number"),
        Words(
            "在集团网或本地服务内部使用的号码。",
            "A number used inside a group network or local service.",
        ),
        _FORGED,
        False,
    ),
    "alphanumeric": (
        Words("名称类发送方", "a sender shown by name"),
        Words("短信显示了这个名称。", "The message showed this name."),
        Words(
            "名称可以随意填写，不能证明是谁发的。",
            "A name can be set at will: it does not prove who sent it.",
        ),
        True,
    ),
    "masked": (
        Words("打了星号的号码", "a number with masked digits"),
        Words("只能看出没遮住的几位。", "Only the digits left open are known."),
        Words(
            "不能和别的记录对上，需要完整号码。",
            "It cannot be matched with other records: the whole number is needed.",
        ),
        True,
    ),
    "withheld": (
        Words("没有显示号码", "no number shown"),
        Words(
            "这个时刻有一次联系；运营商详单里可能有真实号码。",
            "There was a contact at that time; the operator's records may hold the number.",
        ),
        Words("不能算到任何一方头上。", "It cannot be put down to anybody."),
        True,
    ),
    "unknown": (
        Words("认不出的号码格式", "a form of number that is not known"),
        Words("记录里有这个号码。", "The record shows this number."),
        _FORGED,
        False,
    ),
}


def kind(number: str) -> NumberKind:
    """The kind of `number` in any writing."""
    clean = canonical(number)
    name = "withheld" if clean is None else _name(clean)
    what, proves, unproven, certain = _TEXTS[name]
    return NumberKind(name, clean, _detailed(name, clean, what), proves, unproven, certain)


def _name(clean: str) -> str:
    return next((name for name, test in _TESTS if test(clean)), "unknown")


_TESTS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("government", OFFICIAL.__contains__),
    ("operator", OPERATORS.__contains__),
    ("international", re.compile(r"\+\d+").fullmatch),
    ("masked", re.compile(r"\+?[\d ]*[*×]+[\d* ×]*").fullmatch),
    ("alphanumeric", re.compile(r".*[^\d+*#].*", re.DOTALL).fullmatch),
    ("virtual_operator", lambda n: MOBILE.fullmatch(n) and n.startswith(VIRTUAL_PREFIXES)),
    ("mobile", MOBILE.fullmatch),
    ("sms_port_106", SMS_PORT.fullmatch),
    ("toll_400", lambda n: TOLL.fullmatch(n) and n.startswith("4")),
    ("toll_800", TOLL.fullmatch),
    ("call_centre_95", CALL_CENTRE.fullmatch),
    ("landline", LANDLINE.fullmatch),
    ("short", re.compile(r"\d{3,8}").fullmatch),
)


def _detailed(name: str, clean: str | None, what: Words) -> Words:
    if clean is None:
        return what
    if name in ("government", "operator"):
        zh, en = (OFFICIAL if name == "government" else OPERATORS)[clean]
        return Words(f"{what.zh}：{zh}", f"{what.en}: {en}")
    if name in ("landline", "mobile", "virtual_operator", "international"):
        zh, en = (_area(clean, lang) for lang in ("zh", "en"))
        if zh or en:
            return Words(f"{what.zh}，{zh or en}", f"{what.en}, {en or zh}")
    return what


def _area(clean: str, lang: str) -> str:
    """The place a number was issued for, '' when not known. Loads the area tables on first use."""
    import phonenumbers
    from phonenumbers import geocoder

    try:
        number = phonenumbers.parse(clean, "CN")
    except phonenumbers.NumberParseException:
        return ""
    return str(geocoder.description_for_number(number, lang))
