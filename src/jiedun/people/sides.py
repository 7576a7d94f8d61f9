"""parties.csv as parties: role, creditor's side, contradictions; nothing guessed.

The side of a `lender` row is its name. The side of a `collector` row is the name after 代表 in its
note, up to the first space, bracket, comma or the end. Lender rows that share a name are one side,
under the first writing, also when one name is the other's exact abbreviation (`short_forms`); names
that are only alike stay apart and are asked about. A collector who names a listed lender by a longer
or shorter form is on that side when exactly one lender fits; a name that fits none is a side of its
own, and so is one that fits several, which is asked about and not taken as given.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import combinations

from jiedun.model.evidence import PartyRow, Problem
from jiedun.model.party import Party, Role, Source
from jiedun.model.text import Words
from jiedun.people.numbers import canonical
from jiedun.people.short_forms import bare, is_abbreviation
from jiedun.people.words import role_of

_STOP = r"\s（(、，。,;；"
_ON_BEHALF = re.compile(
    rf"(?<!法定)代表[:：]?[ \u3000]?([^{_STOP}]+)|(?:represents|on behalf of)\s+([^(（,;，；。]+)",
    re.I,
)
_OPEN = "备注里的名称对得上几家出借人 / the note's name fits several lenders"
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
    _ask_about_like_names(rows, found)
    lenders = _lender_names(rows)
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


def _lender_names(rows: Iterable[PartyRow]) -> dict[str, str]:
    """Every name of a lender row to the name of its side: the first written that it abbreviates."""
    names: dict[str, str] = {}
    for row in rows:
        name = row.name.strip()
        if name and role_of(row.role) is Role.LENDER and name not in names:
            sides = dict.fromkeys(names.values())
            names[name] = next((side for side in sides if is_abbreviation(name, side)), name)
    return names


def _party(row: PartyRow, lenders: Mapping[str, str], found: Given) -> Party | None:
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
    creditor, open_ = _creditor(row, role, number, lenders, found)
    return Party(
        number,
        role,
        Source.PROPOSED if open_ else Source.GIVEN,
        row.name.strip(),
        creditor,
        row.ref.n,
        verified=is_verified(row.note),
        why=_OPEN if open_ else "",
    )


def _creditor(
    row: PartyRow, role: Role, number: str, lenders: Mapping[str, str], found: Given
) -> tuple[str | None, bool]:
    """The side of a row, and whether it stays open because the name fits several lenders."""
    name = row.name.strip()
    if role is Role.LENDER:
        return lenders.get(name, name) or number, False
    if role is not Role.COLLECTOR:
        return None, False
    named = on_behalf_of(row.note)
    if named is None:
        found.questions.append(_ask_for_whom(row, number))
        return None, False
    sides = _fitting_sides(named, lenders)
    if len(sides) > 1:
        found.questions.append(_ask_which(row, sides))
    return (sides[0] if len(sides) == 1 else named), len(sides) > 1


def _fitting_sides(named: str, lenders: Mapping[str, str]) -> list[str]:
    """The sides that `named` may be: by its writing, else by exact abbreviation, else by likeness."""
    if named in lenders:
        return [lenders[named]]
    exact = [side for name, side in lenders.items() if is_abbreviation(named, name)]
    alike = [side for name, side in lenders.items() if same_name(named, name)]
    return list(dict.fromkeys(exact or alike))


def on_behalf_of(note: str) -> str | None:
    """The lender that a collector's note names after 代表, or None."""
    match = _ON_BEHALF.search(note)
    name = ((match[1] or match[2]) if match else "").strip()
    return name or None


def same_name(one: str, other: str) -> bool:
    """Whether one name is a longer or shorter form of the other (砚池小贷 / …市砚池小额贷款有限公司).

    A form keeps the first two characters together and the rest in order; one character is no form.
    """
    short, long = sorted((bare(one), bare(other)), key=len)
    if len(short) < 2:
        return False
    if short in long:
        return True
    start = long.find(short[:2])
    rest = iter(long[start + 2 :]) if start >= 0 and len(short) > 2 else iter("")
    return start >= 0 and len(short) > 2 and all(character in rest for character in short[2:])


def match_name(name: str, names: Iterable[str]) -> str | None:
    """The only one of `names` that `name` is, or is a form of; None when none or several fit."""
    listed = tuple(dict.fromkeys(names))
    if name in listed:
        return name
    exact = [other for other in listed if is_abbreviation(name, other)]
    fitting = exact or [other for other in listed if same_name(name, other)]
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


def _ask_about_like_names(rows: Iterable[PartyRow], found: Given) -> None:
    places: dict[str, int] = {}
    for row in rows:
        if row.name.strip() and role_of(row.role) is Role.LENDER:
            places.setdefault(row.name.strip(), row.ref.n)
    for one, other in combinations(places, 2):
        if same_name(one, other) or is_abbreviation(one, other):
            found.questions.append(_ask_whether_one(one, other, places))


def _ask_whether_one(one: str, other: str, places: Mapping[str, int]) -> Words:
    where = f"parties.csv 第 {places[one]} 行“{one}”和第 {places[other]} 行“{other}”是同一家吗？"
    asked = f"Are “{one}” (row {places[one]} of parties.csv) and “{other}” (row {places[other]}) one lender?"
    if is_abbreviation(one, other):
        return Words(
            where + "只差常用简称，现在按同一家合在一起算；不是同一家的话，写上能分清的全称。",
            asked + " They differ by a common short form only and are counted together now; "
            "if they are two, write full names that tell them apart.",
        )
    return Words(
        where + "是的话写成同一个名称，次数才会合在一起算；现在分开算。",
        asked
        + " If so, give them one name, so that they are counted together; they are apart now.",
    )


def _report(
    found: Given, row: PartyRow, code: str, zh: str, en: str, step: Words | None = None
) -> None:
    found.problems.append(Problem(row.ref.path, str(row.ref.n), code, Words(zh, en), step))
