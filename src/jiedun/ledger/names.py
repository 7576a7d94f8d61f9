"""When two written names mean the same lender: full names, short names, account names.

Names are compared by their distinctive core: place, legal form and trade words are left out, and
the trade must not contradict. `甲城青禾小额贷款有限公司` and `青禾小贷` are one lender; `青禾融资担保`
and `青禾苑物业` are others.
"""

import re
import unicodedata
from functools import lru_cache

_FORM = re.compile(r"股份有限公司|有限责任公司|有限公司|股份公司|集团|公司|总行|分行|支行|营业部")
_PROVINCE = re.compile(
    r"^(?:中国|北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|"
    r"湖南|广东|广西|海南|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|内蒙古|深圳|广州|杭州)(?=[一-鿿]{2})"
)
_PLACE = re.compile(r"^(?:[一-鿿]{2,8}?(?:特别行政区|自治区|自治州|省|市|县|区|州|盟|旗))+")
_TRADES = {
    "micro": re.compile(r"小额贷款|小贷"),
    "consumer": re.compile(r"消费金融|消金"),
    "bank": re.compile(r"银行|信用社|农商行|农信"),
    "guarantee": re.compile(r"融资担保|担保"),
    "insurance": re.compile(r"财产保险|人寿保险|保险"),
    "trust": re.compile(r"信托"),
    "factoring": re.compile(r"商业保理|保理"),
    "leasing": re.compile(r"融资租赁|租赁"),
    "pawn": re.compile(r"典当"),
    "auto": re.compile(r"汽车金融"),
    "asset": re.compile(r"资产管理"),
}
_TRADE_WORDS = re.compile(
    r"小额贷款|小贷|消费金融|消金|互联网金融|金融信息服务|信息服务|信息技术|网络科技|科技|信息|网络|"
    r"技术|数字|金融|商业银行|农村|银行|融资担保|担保|信托|财产保险|保险|融资租赁|租赁|商业保理|保理|"
    r"汽车金融|典当|资产管理|咨询|服务|会员|管理|代扣|信用卡中心|信用卡|中心|财务|商户|清算|股份|平台|客服|官方|APP|贷款|还款|账户|专户"
)
WHOLE = 4  # a name of so many characters inside another text is no accident
_NOISE = re.compile(r"[\s（）()\[\]【】《》\-_·•.,，。:：/\\*＊'\"“”]+")
_ORGANISATION = re.compile(
    r"公司|有限|银行|平台|中心|集团|合作社|商行|事务所|基金|企业|工作室|经营部|贷|金融|科技|信息|网络|"
    r"担保|保险|保理|租赁|典当|信托|圈|钱包|分期|白条|花呗|借呗|APP|app|服务|信用|店|厂|社|协会|联盟"
)
_ACCOUNT = re.compile(
    r"(?:微信|支付宝|银行|储蓄|卡|尾号|账户|账号|户名|收款|转账|扫码|个人|先生|女士|[0-9x])*",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"^(?:中国)?(?:支付宝|微信|微信支付|财付通|银联|网联|云闪付|快钱|易宝|通联|连连|宝付|.{0,12}支付)"
                      r"(?:.{0,12}(?:公司|代扣|信用卡中心|信用卡|中心|财务|商户|清算|支付|快捷|科技))?$")  # fmt: skip


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """`name` in compatibility form without spaces, brackets and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name))


@lru_cache(maxsize=4096)
def trades(name: str) -> frozenset[str]:
    """The licensed trades that the words of `name` claim."""
    return frozenset(trade for trade, words in _TRADES.items() if words.search(name))


@lru_cache(maxsize=4096)
def core(name: str) -> str:
    """The distinctive part of a firm's name, or the name itself when nothing would be left."""
    bare = _FORM.sub("", plain(name))
    placeless = _PLACE.sub("", bare)
    for text in (_PROVINCE.sub("", placeless), placeless, bare):
        left = _TRADE_WORDS.sub("", text)
        if len(left) >= 2:
            return left
    return bare


def is_person(name: str) -> bool:
    """Whether `name` reads as a natural person's: two to four Chinese characters, no firm word."""
    text = plain(name)
    return bool(re.fullmatch(r"[一-鿿]{2,4}", text)) and not _ORGANISATION.search(text)


def is_channel(name: str) -> bool:
    """Whether `name` is a payment service that only passes money on."""
    return bool(_CHANNEL.match(plain(name)))


@lru_cache(maxsize=16384)
def same_lender(payee: str, lender: str) -> bool:
    """Whether `payee` equals, contains or shortens the lender's name without contradicting it."""
    a, b = plain(payee), plain(lender)
    if not a or not b:
        return False
    if a == b:
        return True
    if is_person(lender):
        return _person_within(a, b)
    if len(b) >= WHOLE and b in a:
        return True
    if trades(a) and trades(b) and not trades(a) & trades(b):
        return False
    return _core_matches(a, b)


def _person_within(payee: str, person: str) -> bool:
    """A person's name with nothing but words of an account around it."""
    return person in payee and bool(_ACCOUNT.fullmatch(payee.replace(person, "", 1)))


def _core_matches(a: str, b: str) -> bool:
    """Equal cores, or one core at the front of the other with nothing but trade words after it."""
    mine, theirs = core(a), core(b)
    if mine == theirs:
        return True
    if trades(a) and trades(a) == trades(b):
        # the same trade: a place that was not recognised may stand before either core
        return _ends(mine, theirs) or _ends(theirs, mine)
    return False


def _ends(long: str, short: str) -> bool:
    return len(short) >= 2 and long.endswith(short)
