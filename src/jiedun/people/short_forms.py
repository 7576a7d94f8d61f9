"""Common short forms of lenders' names: 青石消费金融有限公司 is also written 青石消金.

As of 2026-11. The long forms are the kinds of company of: 消费金融公司管理办法 (国家金融监督管理总局令
2024年第3号), 小额贷款公司监督管理暂行办法 (金规〔2024〕26号), 融资担保公司监督管理条例 (国务院令第683号,
2017), and 公司法 for 有限公司 / 有限责任公司. That these kinds are shortened so is usage, in no text
(待核实): two names that differ by these forms only are counted as one side.
"""

import re

FORMS = (("消费金融", "消金"), ("小额贷款", "小贷"), ("融资担保", "担保"))
ENDINGS = ("有限责任公司", "有限公司")
_MARKS = re.compile(r"[\s（）()【】\[\]·.\-]")


def bare(name: str) -> str:
    """`name` without spaces, brackets and points, in small letters."""
    return _MARKS.sub("", name).lower()


def shortest(name: str) -> str:
    """`name` with every listed long form shortened and the company ending left out."""
    text = bare(name)
    if not text.endswith("股份有限公司"):
        text = next((text.removesuffix(end) for end in ENDINGS if text.endswith(end)), text)
    for long, short in FORMS:
        text = text.replace(long, short)
    return text


def is_abbreviation(one: str, other: str) -> bool:
    """Whether the names are one but for the listed short forms and the company ending."""
    short = shortest(one)
    return len(short) > len(shortest("消费金融")) and short == shortest(other)
