"""Words for roles and kinship, Chinese and English, as people write them in tables and contacts."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence

from jiedun.model.party import Role

_ROLE_WORDS: dict[Role, str] = {
    Role.DEBTOR: "debtor borrower self me 债务人 借款人 欠款人 本人 我 自己 机主",
    Role.LENDER: "lender creditor platform 出借人 出借方 放贷方 放款方 放贷人 贷款方 贷款平台 网贷平台 借款平台 平台 "
    "债权人 贷款机构 贷款公司 小贷公司 放贷公司 银行 消费金融",
    Role.COLLECTOR: "collector collection collections agency debt_collector 催收 催收员 催收人 催收人员 "
    "催收方 催收公司 催收机构 第三方催收 外包催收 催债 催债的 讨债",
    Role.GUARANTOR: "guarantor surety 担保人 保证人 担保 连带保证人 连带责任保证人",
    Role.EMERGENCY_CONTACT: "emergency_contact emergency 紧急联系人 紧急联络人 应急联系人 合同联系人",
    Role.RELATIVE: "relative family kin spouse parent 亲属 亲人 亲戚 家人 家属 家里人 配偶 父母 近亲属",
    Role.COLLEAGUE: "colleague coworker co-worker boss employer 同事 领导 上司 老板 单位 工作单位 公司 店长 经理 下属",
    Role.FRIEND: "friend classmate roommate neighbour neighbor 朋友 好友 同学 老同学 室友 邻居 老乡 闺蜜 战友 校友",
    Role.UNKNOWN: "unknown other stranger third_party 未知 不知道 不清楚 不明 不认识 陌生人 陌生 其他 其它 第三人 无关",
}  # fmt: skip
_ROLES = {word: role for role, words in _ROLE_WORDS.items() for word in words.split()}

_KIN_WORDS: dict[str, str] = {
    "mother": "母亲 妈妈 妈咪 妈 老妈 我妈 娘 亲妈 mother mom mum mama mommy mummy",
    "father": "父亲 爸爸 爸 老爸 我爸 爹 老爹 亲爸 father dad daddy papa",
    "wife": "妻子 老婆 媳妇 太太 wife",
    "husband": "丈夫 老公 husband",
    "spouse": "配偶 爱人 spouse",
    "elder_brother": "哥哥 大哥 二哥 三哥 亲哥 我哥",
    "younger_brother": "弟弟 亲弟 我弟 小弟 老弟",
    "brother": "兄弟 brother",
    "elder_sister": "姐姐 大姐 二姐 三姐 亲姐 我姐",
    "younger_sister": "妹妹 亲妹 我妹 小妹 老妹",
    "sister": "姐妹 sister",
    "son": "儿子 son",
    "daughter": "女儿 闺女 daughter",
    "grandfather": "爷爷 外公 姥爷 祖父 外祖父 grandfather grandpa",
    "grandmother": "奶奶 外婆 姥姥 祖母 外祖母 grandmother grandma",
    "uncle": "叔叔 伯伯 舅舅 姑父 姑夫 姨父 姨夫 大伯 二叔 三叔 大舅 二舅 小舅 大爷 uncle",
    "aunt": "阿姨 姑姑 姑妈 姨妈 舅妈 伯母 婶婶 婶子 大姨 二姨 小姨 大姑 小姑 aunt auntie",
    "cousin": "堂哥 堂弟 堂姐 堂妹 表哥 表弟 表姐 表妹 cousin",
    "parent_in_law": "岳父 岳母 丈人 丈母娘 公公 婆婆 老丈人",
    "sibling_in_law": "嫂子 弟媳 姐夫 妹夫 小舅子 大舅子 小姨子 大姑子 小姑子",
    "nephew": "侄子 侄女 外甥 外甥女 nephew niece",
    "godparent": "干妈 干爹 干爸",
}  # fmt: skip
_KIN = {word: concept for concept, words in _KIN_WORDS.items() for word in words.split()}
_COVERS = {
    "brother": frozenset({"brother", "elder_brother", "younger_brother"}),
    "sister": frozenset({"sister", "elder_sister", "younger_sister"}),
    "spouse": frozenset({"spouse", "wife", "husband"}),
}

# Words that hold a kinship word and name somebody or something else.
_DECOY_WORDS = (
    "妈妈网 宝妈 奶妈 妈妈桑 干爹妈 老板娘 新娘 姑娘 伴娘 大娘 师父 师母 老爹鞋 叔叔阿姨 老公公 老婆婆 公公婆婆 "
    "爸爸妈妈 父亲节 母亲节 爸妈 小弟弟 兄弟公司 兄弟物流 王妈 爱人民"
)
_ALL = sorted(
    {*(word for word in _KIN if not word.isascii()), *_DECOY_WORDS.split()}, key=len, reverse=True
)
_CHINESE = re.compile("|".join(map(re.escape, _ALL)))
_LATIN = re.compile(r"[a-z]+")
_POSSESSIVE = re.compile(r"\s*(?:的|'s|’s)")
_RUN = re.compile(r"[\u4e00-\u9fff]+$")
# Before a kinship word: whose kin it is when it is the debtor's, and what makes it nobody else's.
_OWN = (
    "我", "咱", "俺", "本人", "自己", "借款人", "债务人", "欠款人", "机主", "亲爱",
)  # fmt: skip
_LEADS_IN = (
    "是",
    "叫",
    "为",
    "系",
    "即",
    "和",
    "与",
    "跟",
    "同",
    "及",
    "或",
    "亲",
    "亲生",
    "养",
    "继",
)
_OWNER = re.compile(r"([a-z][a-z ]*?|[\u4e00-\u9fff]+)(?:'s|’s|的)\s*$")
_OF = re.compile(r"\s+of\s+([a-z\u4e00-\u9fff][a-z \u4e00-\u9fff]*)")
_OWN_LATIN = frozenset({"me", "mine", "my", "debtor", "the debtor", "borrower", "the borrower"})
# One character alone is kinship only as the whole name: 妈 is, 马大妈 and 爸比 are not.
_SHORT = frozenset(word for word in _KIN if len(word) == 1)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def role_of(word: str) -> Role | None:
    """The role that a word of parties.csv names (`collector`, 催收, 母亲 …), None if not known."""
    clean = re.sub(r"\s+", "_", _plain(word))
    if not clean:
        return None
    return _ROLES.get(clean) or (Role.RELATIVE if clean in _KIN else None)


def kin_of(word: str) -> frozenset[str]:
    """The kinship concepts that a word alone names (`mom` → mother; `brother` → three)."""
    clean = re.sub(r"^(?:我的|我|my )", "", _plain(word)) or _plain(word)
    concept = _KIN.get(clean) or _KIN.get(_plain(word))
    if concept is None:
        return frozenset()
    return _COVERS.get(concept, frozenset({concept}))


def kin_in(text: str, own: Collection[str] = ()) -> frozenset[str]:
    """The kinship concepts by which `text` (a contact's name, a note) names its own subject.

    The longest word wins (舅妈 is no 妈), a possessive leads on to somebody else (爸爸的朋友), and
    words that only contain one (妈妈网, 老板娘) name none. Somebody else's kin (前女友的妈妈) is
    none either: kin of the debtor, whose names are `own`, is.
    """
    return frozenset(concept for concept, foreign in _named_kin(text, own) if not foreign)


def foreign_kin_in(text: str, own: Collection[str] = ()) -> frozenset[str]:
    """The kinship concepts that `text` names as somebody else's: 前女友的妈妈, 我同学的哥哥."""
    return frozenset(concept for concept, foreign in _named_kin(text, own) if foreign)


def _named_kin(text: str, own: Collection[str]) -> Iterator[tuple[str, bool]]:
    clean = _plain(text)
    if clean in _SHORT:
        yield _KIN[clean], False
        return
    names = tuple(name for name in map(_plain, own) if name)
    for pattern, foreign in ((_CHINESE, _is_others), (_LATIN, _is_others_latin)):
        for match in pattern.finditer(clean):
            word = match[0]
            if word in _KIN and len(word) > 1 and not _POSSESSIVE.match(clean, match.end()):
                yield _KIN[word], foreign(clean, match, names)


def _is_others(clean: str, match: re.Match[str], names: Sequence[str]) -> bool:
    """Whether what stands directly before a Chinese word makes it the kin of somebody else."""
    if match[0].startswith("我"):
        return False
    ahead = _RUN.search(clean, 0, match.start())
    if ahead is None:
        return False
    before = ahead[0]
    owner = before.removesuffix("的")
    if owner.endswith(_OWN) or any(owner.endswith(name) for name in names):
        return False
    return before.endswith("的") or not before.endswith(_LEADS_IN)


def _is_others_latin(clean: str, match: re.Match[str], names: Sequence[str]) -> bool:
    after = _OF.match(clean, match.end())
    owner = after or _OWNER.search(clean, 0, match.start())
    if owner is None:
        return False
    who = " ".join(owner[1].split())
    return who not in _OWN_LATIN and who not in names


def is_kin_name(name: str) -> bool:
    """Whether a contact's whole name is a kinship word, perhaps with 我, a number or brackets.

    Stricter than `kin_in`: 妈妈, 我妈, 老婆❤, 大姐（家） are; 妈妈网客服, 王姐, 爸爸的朋友 are not.
    """
    clean = re.sub(r"[（(【\[].*?[)）】\]]", "", _plain(name))
    clean = "".join(c for c in clean if c.isalpha() or c == " ").strip()
    return bool(kin_of(clean)) or clean in _SHORT
