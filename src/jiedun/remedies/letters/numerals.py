"""Chinese numerals for articles and headings, and clauses as they are named in a letter."""

import re

from jiedun.model.finding import Cite

_EXCERPT = re.compile(r"\s*\([^()]*selected articles[^()]*\)")
_DIGITS = "零一二三四五六七八九"


def chinese(number: int) -> str:
    """`293` → `二百九十三`; 1 to 9999."""
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if zero and text else "") + _DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return text.removeprefix("一") if text.startswith("一十") else text


def clause_name(cite: Cite, lang: str) -> str:
    """`《民法典》第一千零三十三条第一款第（五）项`, or the English title with the article."""
    if lang == "en":
        parts = [f"art. {cite.article}" if cite.article else ""]
        parts += [f"para. {cite.paragraph}" if cite.paragraph else ""]
        parts += [f"item ({cite.item})" if cite.item else ""]
        return ", ".join(filter(None, [_EXCERPT.sub("", cite.title.en), *parts]))
    title = cite.title.zh.removeprefix("中华人民共和国")
    name = title if title.startswith("《") else f"《{title}》"
    return name + _article(cite.article) + _sub(cite)


def _article(article: str | None) -> str:
    if article is None:
        return ""
    head, _, tail = article.partition("-")
    if not head.isdecimal():
        return f"第{article}条" if "." not in article else f"{article}"
    return f"第{chinese(int(head))}条" + (f"之{chinese(int(tail))}" if tail.isdecimal() else "")


def _sub(cite: Cite) -> str:
    text = ""
    if cite.paragraph:
        text += f"第{_number(cite.paragraph)}款"
    if cite.item:
        text += f"第（{_number(cite.item)}）项"
    return text


def _number(text: str) -> str:
    return chinese(int(text)) if text.isdecimal() else text
