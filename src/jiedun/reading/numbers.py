"""Numbers that identify a person: ID, phones, cards, passport, plate, mail, accounts, addresses of hosts.

Texts are joined and every digit, however it is written (full-width, Chinese, spoken 幺), becomes
its ASCII form in place, so that offsets stay. Candidates come from few regular expressions; check
digits and the words in front decide. What is introduced as an order, ticket or serial number is
not personal information, whatever its shape.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from ipaddress import ip_address
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jiedun.model.personal import PersonalType as P
from jiedun.model.personal import Span
from jiedun.reading.checks import bank_card, old_resident_id, resident_id, social_credit_code
from jiedun.reading.normalise import Codes, Index, joined

_SEP = r"[ \u3000\-.·_,、—]"
_EDGE, _STOP = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
# Every pattern begins with a character set, which lets the search skip; what may not stand before
# is asserted right after the first character.
_LONG = re.compile(rf"\d(?<![0-9A-Za-z].)(?:{_SEP}?\d){{13,18}}(?:{_SEP}?[0-9Xx])?(?![0-9A-Za-z*])")
_MOBILE = re.compile(
    rf"1(?<![0-9A-Za-z].){_SEP}?[3-9](?:{_SEP}?\d){{9}}(?![0-9A-Za-z*])"
    rf"|1(?<=86.)(?<![1-9A-Za-z]86.){_SEP}?[3-9](?:{_SEP}?\d){{9}}(?![0-9A-Za-z*])"
)
_ABROAD = re.compile(r"(?:\([+]?86\) ?|\+86[- ]?|0086[- ]?|(?<![0-9A-Za-z])86[- ])$")
_LANDLINE = re.compile(
    r"[(+0](?<![0-9A-Za-z].)(?<!\d[ -].)(?:(?:(?<=\()\+|(?<=\+))86\)?[- ]?|(?<=0)086[- ]?)?"
    r"(?:(?<=\()0\d{2,3}\)|(?<=\()\d{2,3}\)(?=[- ]?\d)|\(0\d{2,3}\)|(?<=0)\d{2,3}|0\d{2,3}"
    r"|(?<=86[- ])[1-9]\d{1,2}(?=[- ]))"
    r"[- ]?[2-8]\d{2}(?:[- ]?\d{4}|\d-?\d{4}|\d[- ]\d{3,4})(?![0-9]| [0-9])"
    r"(?:[ ,]*(?:转(?:分机)?|分机|ext\.?|EXT\.?|-)[ :]?[0-9]{1,6})?(?![A-Za-z*])"
)
_LOCAL = re.compile(
    r"(?:座机|固话|电话|店里|宅电|传真|办公室|前台)(?:号码?|是|为|打|联系|吧|[,: ])*"
    r"(?P<v>[2-8]\d{2}[- ]?\d{4}|[2-8]\d{3}[- ]?\d{4})(?![0-9A-Za-z*-])"
)
_USCC = re.compile(
    rf"[159ANYany](?<![0-9A-Za-z].) ?[0-9A-Za-z](?: ?\d){{6}}(?: ?[0-9A-Za-z]){{10}}{_STOP}"
)
_PASSPORT = re.compile(
    r"[EeGgKkHhDdSsPpMm](?<![0-9A-Za-z].)(?:(?<=[EeGgKkHh]) ?\d{8}|(?<=[Ee])[A-Za-z] ?\d{7}"
    rf"|(?<=[DdSsPp])[Ee] ?\d{{7}}|(?<=[Mm])[Aa] ?\d{{7}}){_STOP}(?!_)"
)
_PLATE = re.compile(
    rf"[{_PROVINCE}][A-Za-z][·•. -]?(?=[A-Za-z]{{0,5}}\d)[A-Za-z0-9]{{4,6}}(?:[挂学警港澳]|{_STOP})"
)
_ODD_PLATE = re.compile(
    rf"[Ww0-9](?<![0-9A-Za-z.].)(?:(?<=[Ww])[Jj][{_PROVINCE}][·•. -]?\d{{5}}{_STOP}|(?<=\d)\d{{5}}使(?![用得]))"
)
_EMAIL = re.compile(
    r"[A-Za-z0-9._%+-](?<![A-Za-z0-9._%+-].)[A-Za-z0-9._%+-]{0,63}"
    r"@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"
)
_IPV4 = re.compile(r"\d(?<![0-9A-Za-z.].)\d{0,2}(?:\.\d{1,3}){3}(?![0-9.]*\d|[A-Za-z])")
_IPV6 = re.compile(
    r"[0-9A-Fa-f](?<![0-9A-Za-z:.].)[0-9A-Fa-f]{0,3}:[0-9A-Fa-f:]{4,35}(?![0-9A-Za-z:])"
)
_WECHAT = re.compile(r"[A-Za-z](?<![0-9A-Za-z_@.-].)[A-Za-z0-9_-]{5,19}(?![0-9A-Za-z_@.-])")
_WXID = re.compile(r"wxid_(?<![0-9A-Za-z_]wxid_)[0-9a-z]{4,20}(?![0-9A-Za-z_])")
_QQ = re.compile(r"[1-9](?<![0-9A-PR-Za-pr-z_.@-].)\d{4,10}(?![0-9A-Za-z*@.-])")
_MAYBE_OTHER = re.compile(r"[单号水件员票编码考证同次本户备藏理架易递丰执据A-Za-z]")
_OTHER_NUMBER = re.compile(
    r"(?:订单|流水|单号|工单|运单|底单|回执|快递|顺丰|案件|案号|会员|票号|小票|发票|编号|编码|条码|序号|参考|凭证|合同|保单|"
    r"批次|版本|取件|验证码|校验码|商户|设备|馆藏|受理|户号|学号|车架|识别代码|客票|消费号|交易|imei|seq|uid|serial|settle|order|trade|"
    r"eticket|invoice|trace|ref|sku|ean|isbn|token|sign|ts|barcode|版|token|id)"
    r"(?:号码?|编号|码|no|id|number|num|_no|_id)?(?:[是为:= \"'#(（]|已)*$",
    re.IGNORECASE,
)
_THE_PERSONS = re.compile(
    r"(?:身份证|证件|idcard|idno|id_no|cardno|card_no|passport)[^,。;]*$", re.IGNORECASE
)
_WECHAT_CUE = re.compile(
    r"(?:微信|wechat|weixin|wxid|威信|薇信|个人号|\bwx\b|\bvx\b|VX|加[vV]|[vV]信|要的加|wx(?==))[^@\n。;]{0,14}$",
    re.IGNORECASE,
)
_NOT_WECHAT = re.compile(
    r"(?:昵称|邮箱|email|mail|user|QQ|qq|公众号|name)[^,，、微]{0,8}$", re.IGNORECASE
)
_WECHAT_HINT = re.compile(r"[信vVwW加xX号]")
_QQ_HINT = re.compile(r"[Qq扣企]")
_QQ_CUE = re.compile(r"(?:QQ|扣扣|企鹅号|\bqq)(?!群)[^0-9@]{0,12}$", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:版本|ver(?:sion)?|upgrade|固件|更新|升级|第|条|\bv|==|firmware|release)[^,。;]{0,8}$",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?:ip|addr|host|src|dst|from|地址|服务器|来源|登录|//)[^,]{0,8}$", re.IGNORECASE
)
_DIGITS = re.compile(r"\D")
_BEFORE = 18
_LINKS = " :=\"'#(（是为已"
_ABROAD_ENDS = {"6", "-", ")", " "}


class _Found(NamedTuple):
    start: int
    end: int
    type: P
    score: float


@cache
def _alike() -> Codes:
    """Per code point below 0x10000, the ASCII character it stands for in a number."""
    table = np.arange(0x10000, dtype=np.uint32)
    for code in range(0xFF01, 0xFF5F):
        table[code] = code - 0xFEE0
    for digits in ("零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖"):
        table[[ord(c) for c in digits]] = np.arange(48, 58)
    for other, plain in zip("幺叉－—–．：（）", "1x---.:()", strict=True):
        table[ord(other)] = ord(plain)
    return table


def _before(text: str, at: int) -> str:
    return text[max(0, at - _BEFORE) : at].rpartition("\0")[2]


def _other_number(text: str, at: int) -> bool:
    before = _before(text, at)
    if not _MAYBE_OTHER.match(before.rstrip(_LINKS)[-1:]):
        return False
    return bool(_OTHER_NUMBER.search(before)) and not _THE_PERSONS.search(before)


def _cut(value: str) -> str:
    return _DIGITS.sub("", value)


def _long(text: str) -> Iterator[_Found]:
    for m in _LONG.finditer(text):
        yield from _long_parts(text, m.start(), m.end())


def _long_type(digits: str) -> P | None:
    if len(digits) == 18 and resident_id(digits):
        return P.CN_ID
    plain = digits.isdigit()
    if plain and bank_card(digits):
        return P.BANK_CARD
    return P.CN_ID if plain and old_resident_id(digits) else None


def _long_parts(text: str, start: int, end: int) -> Iterator[_Found]:
    """The IDs and cards in one run of digits: the longest that begins at a group comes first."""
    groups = [
        (m.start() + start, m.end() + start) for m in re.finditer(r"[0-9Xx]+", text[start:end])
    ]
    at = 0
    while at < len(groups):
        for last in range(len(groups) - 1, at - 1, -1):
            value = re.sub(r"[^0-9Xx]", "", text[groups[at][0] : groups[last][1]]).upper()
            kind = _long_type(value) if 15 <= len(value) <= 19 else None
            if kind is not None and not _other_number(text, groups[at][0]):
                yield _Found(groups[at][0], groups[last][1], kind, 0.99)
                at = last
                break
        at += 1


def _mobile(text: str) -> Iterator[_Found]:
    for m in _MOBILE.finditer(text):
        start = m.start()
        if text[start - 1 : start] in _ABROAD_ENDS:
            abroad = _ABROAD.search(text[max(0, start - 7) : start])
            start -= len(abroad.group()) if abroad else 0
        if not _other_number(text, start):
            yield _Found(start, m.end(), P.CN_MOBILE, 0.97)


def _landline(text: str) -> Iterator[_Found]:
    for m in _LANDLINE.finditer(text):
        if not _other_number(text, m.start()):
            yield _Found(m.start(), m.end(), P.CN_LANDLINE, 0.95)
    for m in _LOCAL.finditer(text):
        yield _Found(m.start("v"), m.end("v"), P.CN_LANDLINE, 0.85)


def _uscc(text: str) -> Iterator[_Found]:
    for m in _USCC.finditer(text):
        whole = social_credit_code(m.group().replace(" ", "").upper())
        if whole and not _other_number(text, m.start()):
            yield _Found(m.start(), m.end(), P.USCC, 0.99)


def _shaped(pattern: re.Pattern[str], kind: P, score: float) -> Callable[[str], Iterator[_Found]]:
    def find(text: str) -> Iterator[_Found]:
        for m in pattern.finditer(text):
            if not _other_number(text, m.start()):
                yield _Found(m.start(), m.end(), kind, score)

    return find


def _email(text: str) -> Iterator[_Found]:
    if "@" in text:
        for m in _EMAIL.finditer(text):
            yield _Found(m.start(), m.end(), P.EMAIL, 0.98)


def _is_address(value: str) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return False
    return True


def _like_version(text: str, m: re.Match[str]) -> bool:
    """Whether four small numbers stand where nothing speaks of a host."""
    first = int(m.group().split(".", 1)[0])
    return first < 32 and first != 10 and not _HOST.search(text[max(0, m.start() - 12) : m.start()])


def _ip(text: str) -> Iterator[_Found]:
    for m in _IPV4.finditer(text):
        version = (
            _VERSION.search(_before(text, m.start())) or text[m.end() : m.end() + 1] in "款项条"
        )
        if not version and _is_address(m.group()) and not _like_version(text, m):
            yield _Found(m.start(), m.end(), P.IP, 0.9)
    for m in _IPV6.finditer(text):
        if ("::" in m.group() or m.group().count(":") == 7) and _is_address(m.group()):
            yield _Found(m.start(), m.end(), P.IP, 0.98)


def _wechat(text: str) -> Iterator[_Found]:
    for m in _WXID.finditer(text):
        yield _Found(m.start(), m.end(), P.WECHAT_ID, 0.99)
    for m in _WECHAT.finditer(text):
        before = text[max(0, m.start() - 26) : m.start()].rpartition("\0")[2]
        if not _WECHAT_HINT.search(before):
            continue
        if m.group()[:2] in ("QQ", "qq") and m.group()[2:].isdigit():
            continue
        if _WECHAT_CUE.search(before) and not _NOT_WECHAT.search(before):
            yield _Found(m.start(), m.end(), P.WECHAT_ID, 0.9)


def _qq(text: str) -> Iterator[_Found]:
    for m in _QQ.finditer(text):
        before = text[max(0, m.start() - 16) : m.start()].rpartition("\0")[2]
        if _QQ_HINT.search(before) and _QQ_CUE.search(before):
            yield _Found(m.start(), m.end(), P.QQ, 0.9)


_Finders = tuple[Callable[[str], Iterator[_Found]], ...]
_FEW_DIGITS: _Finders = (
    _email,
    _ip,
    _shaped(_PLATE, P.PLATE, 0.95),
    _shaped(_ODD_PLATE, P.PLATE, 0.9),
    _wechat,
    _qq,
)
_MANY_DIGITS: _Finders = (
    _email,
    _ip,
    _long,
    _uscc,
    _mobile,
    _landline,
    _shaped(_PASSPORT, P.PASSPORT, 0.9),
    *_FEW_DIGITS[2:],
)
_MANY, _SOME = 7, 5


def find_numbers(texts: Sequence[str]) -> list[list[Span]]:
    """The numbers of each text, sorted, none overlapping; the surer kind wins a place.

    Texts with fewer than seven digits are searched for the short kinds only, and those with fewer
    than five letters and digits not at all: nothing shorter is a number of a person.
    """
    codes, bounds = joined([t + "\0" for t in texts])
    plain = np.where(codes < 0x10000, _alike().take(np.minimum(codes, 0xFFFF)), codes)
    digits = _counted((plain >= 48) & (plain <= 57), bounds)
    letters = _counted(((plain | 32) >= 97) & ((plain | 32) <= 122), bounds)
    out: list[list[Span]] = [[] for _ in texts]
    few = (digits < _MANY) & (digits + letters >= _SOME)
    for finders, chosen in ((_MANY_DIGITS, digits >= _MANY), (_FEW_DIGITS, few)):
        rows = np.flatnonzero(chosen)
        if len(rows):
            part = plain[np.repeat(chosen, np.diff(bounds))].astype("<u4").tobytes()
            _search(part.decode("utf-32-le", "surrogatepass"), rows.tolist(), texts, finders, out)
    return out


def _counted(mask: NDArray[np.bool_], bounds: Index) -> Index:
    """How many are set in each text."""
    run = np.concatenate([[0], np.cumsum(mask)])
    result: Index = run[bounds[1:]] - run[bounds[:-1]]
    return result


def _search(
    text: str, rows: list[int], texts: Sequence[str], finders: _Finders, out: list[list[Span]]
) -> None:
    """Adds to `out` what the finders see in the chosen texts, which stand end to end in `text`."""
    starts = [0, *accumulate(len(texts[row]) + 1 for row in rows)]
    for found in _apart(text, finders):
        which = bisect_right(starts, found.start) - 1
        at, end = found.start - starts[which], found.end - starts[which]
        row = rows[which]
        out[row].append(Span(at, end, found.type, texts[row][at:end], found.score))


def _apart(text: str, finders: _Finders) -> list[_Found]:
    """All candidates without those that overlap a surer one (the finders run surest first)."""
    ends: list[int] = []
    begins: list[int] = []
    kept: list[_Found] = []
    for finder in finders:
        fresh = [f for f in finder(text) if _free(begins, ends, f)]
        if fresh:
            kept += fresh
            kept.sort()
            begins, ends = [f.start for f in kept], [f.end for f in kept]
    return kept


def _free(begins: list[int], ends: list[int], found: _Found) -> bool:
    """Whether nothing kept so far overlaps; `begins` and `ends` are sorted together."""
    at = bisect_right(begins, found.start)
    return (at == 0 or ends[at - 1] <= found.start) and (
        at == len(begins) or begins[at] >= found.end
    )
