"""parties.csv as parties: role, creditor's side, contradictions; nothing guessed.

The side of a `lender` row is its name. The side of a `collector` row is the name after 代表 in its
note, up to the first space, bracket, comma or the end. Lender rows that share a name are one side.
A collector who names a listed lender by a longer or shorter form is on that side when exactly one
lender fits; a name that fits none is a side of its own.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO

from jiedun.model.evidence import PartyRow, Problem
from jiedun.model.party import Party, Role, Source
from jiedun.model.text import Words
from jiedun.people.numbers import canonical
from jiedun.people.words import role_of

_STOP = r"\s（(、，。,;；"
_ON_BEHALF = re.compile(
    rf"(?<!法定)代表[:：]?[ \u3000]?([^{_STOP}]+)|(?:represents|on behalf of)\s+([^(（,;，；。]+)",
    re.I,
)
_CHECKED = re.compile(r"核实|确认")
_NOT_BEFORE = re.compile(r"(?:没|未|无法|不能|待|不曾|尚|无人|需|请|难以|不)[^，。；,;]{0,4}$")
_NOT_AFTER = re.compile(r"(?:不|未|没|中|一下)")


@dataclass(slots=True)
class Given:
    """What parties.csv says: a party for each number, questions for the person, problems by row."""

    parties: dict[str, Party] = field(default_factory=dict)
    questions: list[Words] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def given(rows: Sequence[PartyRow]) -> Given:
    """Every row of parties.csv as a party; rows that contradict each other are said and not trusted."""
    found = Given()
    lenders = _lender_names(rows)
    _ask_about_like_names(lenders, found)
    for row in rows:
        party = _party(row, lenders, found)
        if party is None:
            continue
        earlier = found.parties.get(party.number)
        if earlier is None:
            found.parties[party.number] = party
        else:
            found.parties[party.number] = _second(earlier, party, row, found)
    return found


def _lender_names(rows: Iterable[PartyRow]) -> tuple[str, ...]:
    names = (row.name.strip() for row in rows if role_of(row.role) is Role.LENDER)
    return tuple(dict.fromkeys(name for name in names if name))


def _party(row: PartyRow, lenders: Sequence[str], found: Given) -> Party | None:
    number = canonical(row.number)
    if number is None:
        _report(found, row, "party-number", "没有可用的号码", "there is no usable number")
        return None
    role = role_of(row.role)
    if role is None:
        _report(
            found,
            row,
            "party-role",
            "角色看不懂，先按“未知”处理",
            "the role is not known; taken as unknown",
            Words(
                "写成 debtor/lender/collector/guarantor/emergency_contact/relative/colleague/friend/unknown 之一",
                "write debtor, lender, collector, guarantor, emergency_contact, relative, colleague, friend or unknown",
            ),
        )
    role = role or Role.UNKNOWN
    creditor = _creditor(row, role, number, lenders, found)
    return Party(
        number,
        role,
        Source.GIVEN,
        row.name.strip(),
        creditor,
        row.ref.n,
        verified=is_verified(row.note),
    )


def _creditor(
    row: PartyRow, role: Role, number: str, lenders: Sequence[str], found: Given
) -> str | None:
    if role is Role.LENDER:
        return row.name.strip() or number
    if role is not Role.COLLECTOR:
        return None
    named = on_behalf_of(row.note)
    if named is None:
        found.questions.append(_ask_for_whom(row, number))
        return None
    if named in lenders:
        return named
    fitting = [name for name in lenders if same_name(named, name)]
    if len(fitting) > 1:
        found.questions.append(_ask_which(row, fitting))
    return fitting[0] if len(fitting) == 1 else named


def on_behalf_of(note: str) -> str | None:
    """The lender that a collector's note names after 代表, or None."""
    match = _ON_BEHALF.search(note)
    name = ((match[1] or match[2]) if match else "").strip()
    return name or None


def same_name(one: str, other: str) -> bool:
    """Whether one name is a longer or shorter form of the other (砚池小贷 / …市砚池小额贷款有限公司).

    A form keeps the first two characters together and the rest in order; one character is no form.
    """
    short, long = sorted((_bare(one), _bare(other)), key=len)
    if len(short) < 2:
        return False
    if short in long:
        return True
    start = long.find(short[:2])
    rest = iter(long[start + 2 :]) if start >= 0 and len(short) > 2 else iter("")
    return start >= 0 and len(short) > 2 and all(character in rest for character in short[2:])


def _bare(name: str) -> str:
    return re.sub(r"[\s（）()【】\[\]·.\-]", "", name).lower()


def match_name(name: str, names: Iterable[str]) -> str | None:
    """The only one of `names` that `name` is, or is a form of; None when none or several fit."""
    listed = tuple(dict.fromkeys(names))
    if name in listed:
        return name
    fitting = [other for other in listed if same_name(name, other)]
    return fitting[0] if len(fitting) == 1 else None


def is_verified(note: str) -> bool:
    """Whether the note says that somebody checked who this is (核实, 确认), and not the contrary."""
    return any(
        not _NOT_BEFORE.search(note, max(0, match.start() - 8), match.start())
        and not _NOT_AFTER.match(note, match.end())
        for match in _CHECKED.finditer(note)
    )


def _second(earlier: Party, later: Party, row: PartyRow, found: Given) -> Party:
    """A number's second row: a repetition is reported, a contradiction makes the role unsure."""
    if (earlier.role, earlier.creditor) == (later.role, later.creditor):
        _report(
            found,
            row,
            "party-twice",
            f"和第 {earlier.line} 行是同一个号码",
            f"the same number as row {earlier.line}",
        )
        return replace(earlier, verified=earlier.verified or later.verified)
    _report(
        found,
        row,
        "party-contradiction",
        f"和第 {earlier.line} 行是同一个号码，但角色或代表的出借人不同",
        f"the same number as row {earlier.line} with another role or side",
        Words("只留下对的一行", "keep the right row only"),
    )
    found.questions.append(
        Words(
            f"parties.csv 第 {earlier.line} 行和第 {row.ref.n} 行写的是同一个号码，说法不同：哪一行对？删掉另一行。",
            f"Rows {earlier.line} and {row.ref.n} of parties.csv hold one number and contradict: delete the wrong one.",
        )
    )
    why = f"第 {earlier.line} 行和第 {row.ref.n} 行矛盾 / rows contradict"
    return replace(earlier, source=Source.PROPOSED, why=why)


def line(number: str, role: Role, name: str = "", note: str = "") -> str:
    """One line of parties.csv, ready to paste."""
    text = StringIO()
    csv.writer(text, lineterminator="").writerow([number, role.value, name, note])
    return text.getvalue()


def _ask_for_whom(row: PartyRow, number: str) -> Words:
    wanted = line(number, Role.COLLECTOR, row.name, f"{row.note} 代表（出借人名称）".strip())
    return Words(
        f"parties.csv 第 {row.ref.n} 行是催收，替谁催？在备注里写“代表”加出借人名称：{wanted}",
        f"Row {row.ref.n} of parties.csv is a collector: for which lender? "
        f"Write 代表 and the lender's name in its note: {wanted}",
    )


def _ask_which(row: PartyRow, fitting: Sequence[str]) -> Words:
    names = "、".join(fitting)
    return Words(
        f"parties.csv 第 {row.ref.n} 行代表的是哪一家：{names}？请写全称。",
        f"Which lender does row {row.ref.n} of parties.csv stand for: {names}? Write the full name.",
    )


def _ask_about_like_names(lenders: Sequence[str], found: Given) -> None:
    for place, one in enumerate(lenders):
        for other in lenders[place + 1 :]:
            if same_name(one, other):
                found.questions.append(
                    Words(
                        f"“{one}”和“{other}”是同一家吗？是的话在 parties.csv 里写成同一个名称，次数才会合在一起算。",
                        f"Are “{one}” and “{other}” one lender? If so, give them one name in parties.csv, "
                        "so that they are counted together.",
                    )
                )


def _report(
    found: Given, row: PartyRow, code: str, zh: str, en: str, step: Words | None = None
) -> None:
    found.problems.append(Problem(row.ref.path, str(row.ref.n), code, Words(zh, en), step))
