"""Privacy notices: built from the register, and checked for what PIPL 15, 17, 23, 29, 30, 39 ask.

The checker looks for words. It can say that a statement is missing; that one is there, true and
clear (PIPL 17) is for a person to read. With a register it also names every field and recipient
that the notice leaves out, and that is certain.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from jiedun import law
from jiedun.errors import InputError
from jiedun.model.finding import Cite
from jiedun.model.text import Words
from jiedun.vault.register import Basis, Purpose, Recipient, Register


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing a notice must state: `state` is stated, missing or not_asked; `words` the passage
    that speaks of it; `certain` where the register decides and not a pattern."""

    id: str
    title: Words
    state: str
    words: str
    certain: bool
    cite: Cite | None


@cache
def _items() -> tuple[Mapping[str, Any], ...]:
    raw = resources.files("jiedun.vault").joinpath("data/notice.yaml").read_text("utf-8")
    items = []
    for row in yaml.safe_load(raw)["items"]:
        patterns = {key: [re.compile(p) for p in row.get(key, ())] for key in ("any", "when")}
        items.append({**row, **patterns})
    return tuple(items)


def fingerprint(text: str) -> str:
    """SHA-256 of the notice as shown, in UTF-8: consents name the version they were given to."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check(text: str, on: date, register: Register | None = None) -> list[Checked]:
    """What the notice states and what it leaves out, in the order of the law. InputError for an
    empty text or one over a million characters."""
    flat = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    if not flat or len(flat) > 1_000_000:
        raise InputError("a notice is between one character and a million")
    flat = re.sub(r"【[^】]{0,200}】", "", flat)  # blanks state nothing
    flat = flat.replace(":", "：").replace(";", "；").replace("(", "（").replace(")", "）")
    found = [_checked(row, flat, on) for row in _items()]
    return found + (_left_out(register, flat, on) if register is not None else [])


def _checked(row: Mapping[str, Any], flat: str, on: date) -> Checked:
    cite = law.cite("pipl", row["clause"]["article"], on, item=row["clause"].get("item"))
    title = Words(row["zh"], row["en"])
    if row["when"] and not any(p.search(flat) for p in row["when"]):
        return Checked(row["id"], title, "not_asked", "", False, cite)
    hit = next((m for p in row["any"] if (m := p.search(flat))), None)
    state, words = ("stated", hit[0][:80]) if hit else ("missing", "")
    return Checked(row["id"], title, state, words, False, cite)


def _left_out(register: Register, flat: str, on: date) -> list[Checked]:
    rows = []
    used = [f for p in register.purposes.values() for f in p.fields]
    for name in dict.fromkeys(used):
        title = register.field(name).title
        rows.append(_named(f"field:{name}", title, flat, law.cite("pipl", "17", on, item="2")))
    for purpose in register.purposes.values():
        for recipient in purpose.recipients:
            title = Words(recipient.name, recipient.name)
            cite = law.cite("pipl", "21" if recipient.entrusted else "23", on)
            rows.append(_named(f"recipient:{purpose.id}", title, flat, cite))
    return rows


def _named(key: str, title: Words, flat: str, cite: Cite | None) -> Checked:
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", title.zh))
    there = bare.replace("(", "（").replace(")", "）") in flat
    return Checked(
        key, title, "stated" if there else "missing", title.zh if there else "", True, cite
    )


def missing(checked: Sequence[Checked]) -> list[Checked]:
    """What is asked for and not stated."""
    return [one for one in checked if one.state == "missing"]


_BASIS = {
    Basis.CONSENT: "您的同意（个人信息保护法第十三条第一款第一项）",
    Basis.CONTRACT: "订立、履行合同所必需（个人信息保护法第十三条第一款第二项）",
    Basis.LEGAL_DUTY: "履行法定义务所必需（个人信息保护法第十三条第一款第三项）",
}


def build(register: Register, *, phone: str = "", mail: str = "") -> str:
    """A draft notice in Chinese from the register, for a person to complete and a lawyer to read.

    It states what PIPL 17, 23 and 30 ask; 【】 marks what the register does not say. InputError
    where the register names no handler or no contact.
    """
    contact = "，".join(x for x in (register.contact, phone, mail) if x)
    if not register.handler or not contact:
        raise InputError("the register names no handler or no contact", why="PIPL 17(1)(1)")
    parts = [
        "个人信息处理告知书（草稿，须经人核对）",
        f"一、处理者\n处理者：{register.handler}。联系方式：{contact}。",
        "二、目的、方式、种类和保存期限\n处理方式：收集、存储、使用；字段分别加密保存，按目的和权限读取。",
        *(_purpose(register, p) for p in register.purposes.values()),
        _sensitive(register),
        _recipients(register),
        "五、您的权利\n您可以查阅、复制、转移、更正、补充、删除您的个人信息，限制或者拒绝处理，撤回同意，"
        f"要求我们解释说明。提交申请的途径：{contact}。我们核对身份后及时办理；不能办理的说明理由，"
        "您可以向人民法院起诉。撤回同意与给出同意同样方便，不影响撤回前已进行的处理。",
        "六、不同意怎么办\n非必要的信息您可以不提供，我们不会因此拒绝提供服务。",
    ]
    return "\n\n".join(parts) + "\n"


def _names(register: Register, fields: Sequence[str]) -> str:
    return "、".join(register.field(name).title.zh for name in fields)


def _purpose(register: Register, purpose: Purpose) -> str:
    kept = purpose.retention
    how_long = f"{kept.days}日" if kept.days else "不再保存"
    optional = "（可选，可以不同意）" if purpose.optional else ""
    return (
        f"处理目的：{purpose.title.zh}{optional}。依据：{_BASIS[purpose.basis]}。"
        f"信息种类：{_names(register, purpose.fields)}。"
        f"保存期限：{_AFTER.get(kept.after, kept.after)}后{how_long}（{kept.why}）。"
    )


_AFTER = {
    "account_closed": "注销账号",
    "loan_settled": "借款结清",
    "consent_withdrawn": "撤回同意",
    "collected": "收集",
}


def _sensitive(register: Register) -> str:
    lines = ["三、敏感个人信息（须取得您的单独同意）"]
    for purpose in register.purposes.values():
        fields = [f for f in purpose.fields if register.field(f).sensitive]
        if fields:
            lines.append(
                f"{_names(register, fields)}：必要性：为了{purpose.title.zh}所必需【请具体说明】。"
                "对个人权益的影响：泄露或者非法使用可能造成财产损失、身份被冒用【请具体说明】。"
            )
    return "\n".join(lines if len(lines) > 1 else [*lines, "不处理敏感个人信息。"])


def _recipients(register: Register) -> str:
    lines = ["四、委托处理和向他人提供"]
    for purpose in register.purposes.values():
        for one in purpose.recipients:
            how = _how(one)
            lines.append(
                f"{how}。接收方名称：{one.name}；联系方式：{one.contact or '【请填写】'}；"
                f"处理目的：{purpose.title.zh}；处理方式：查询、使用；"
                f"信息种类：{_names(register, purpose.fields)}。{_OVERSEAS if one.overseas else ''}"
            )
    return "\n".join(lines if len(lines) > 1 else [*lines, "不向任何人提供。"])


_OVERSEAS = (
    "该接收方在境外，须取得您的单独同意；您向其行使权利的方式和程序：【请填写】"
    "（个人信息保护法第三十九条）。"
)


def _how(one: Recipient) -> str:
    if one.entrusted:
        return "委托处理"
    if one.basis is Basis.CONSENT:
        return "向其他处理者提供（须取得您的单独同意）"
    return f"向其他处理者提供（依据：{_BASIS[one.basis]}；{one.why}）"
