"""`audit.html`: one self-contained page, everything from data escaped."""

from importlib.resources import files

from jinja2 import Environment

from jiedun.audit.run import Audit
from jiedun.audit.summary import Summary
from jiedun.gate.rules import GateRules
from jiedun.model.text import Words

_WORDS = {
    "title": Words("催收联系审计", "Audit of collection contacts"),
    "seen": Words("审计的联系", "contacts audited"),
    "refused": Words("不能用的行（已列出，未丢弃）", "rows that could not be used (named, not lost)"),
    "unread": Words("读不了的文件", "files that could not be read"),
    "found": Words("发现", "findings"),
    "unknown": Words("因缺少事实不能判断", "could not be decided for want of facts"),
    "rules": Words("按规则", "By rule"),
    "agencies": Words("按机构：有超出提示级发现的联系所占比例（95%区间）",
                      "By agency: share of contacts with a finding beyond a hint (95 % interval)"),
    "hours": Words("按时辰（当地时间）", "By hour (local time)"),
    "weeks": Words("按周的走势（不含提示）", "By week (without hints)"),
    "worst": Words("发现最多的借款人", "Debtors with most findings"),
    "sample": Words("供人工复核的样本", "A sample for human review"),
    "hint": Words("“提示”没有条文依据，不是违反；推荐性标准只对其适用对象，用语为“不符合”。",
                  "A hint rests on no clause and is no breach; a recommended standard speaks to its addressees only."),
}  # fmt: skip

_FORCE = {
    "criminal_law": Words("违反刑法", "criminal law"), "law": Words("违反法律", "law"),
    "regulation": Words("违反法规规章", "regulation"),
    "judicial_interpretation": Words("违反司法解释", "judicial interpretation"),
    "judicial_policy": Words("不符合司法政策", "judicial policy"),
    "standard": Words("不符合推荐性标准", "recommended standard"),
    "self_discipline": Words("不符合自律规范", "self-discipline"), "advisory": Words("提示", "hint"),
}  # fmt: skip


def render(result: Audit, summary: Summary, rules: GateRules, lang: str) -> str:
    """The page as text."""
    words = {key: text.of(lang) for key, text in _WORDS.items()}
    return (
        Environment(autoescape=True)
        .from_string(files("jiedun.audit").joinpath("audit.html").read_text("utf-8"))
        .render(
            a=result, s=summary, w=words, lang="en" if lang == "en" else "zh",
            force={key: text.of(lang) for key, text in _FORCE.items()},
            titles={rule.id: rule.title.of(lang) for rule in rules.rules},
        )
    )  # fmt: skip
