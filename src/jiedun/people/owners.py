"""Whose phone an export comes from: a folder's label under `phones/` to a row of parties.csv.

A label is a number in any writing, a name, or a kinship word (mother, 妈妈). A name or a kinship
word counts only when exactly one row fits; otherwise the person is asked. A row that names somebody
else's kin (前女友的妈妈) fits no kinship word.
"""

from collections.abc import Mapping, Sequence

from jiedun.model.evidence import PartyRow
from jiedun.model.party import Party, Role, Source
from jiedun.model.text import Words
from jiedun.people.numbers import canonical
from jiedun.people.sides import line
from jiedun.people.words import foreign_kin_in, kin_in, kin_of, role_of

_EXAMPLE_NUMBER = "（号码）"


def owner_of(
    label: str | None, rows: Sequence[PartyRow], parties: Mapping[str, Party]
) -> tuple[Party | None, Words | None]:
    """The owner of the phone, and a question where there is not exactly one answer.

    None as label means the debtor's own exports. A number without a row gives an owner of
    unknown role, marked as proposed, together with the question.
    """
    if label is None:
        return _debtor(parties)
    number = canonical(label)
    if number is not None and number in parties:
        return parties[number], None
    if number is not None and number.lstrip("+").isdigit():
        return _unlisted(label, number)
    return _by_word(label, rows, parties)


def _debtor(parties: Mapping[str, Party]) -> tuple[Party | None, Words | None]:
    debtors = [party for party in parties.values() if party.role is Role.DEBTOR]
    if len(debtors) == 1:
        return debtors[0], None
    wanted = line(_EXAMPLE_NUMBER, Role.DEBTOR, "（姓名）", "本人")
    if not debtors:
        return None, Words(
            f"parties.csv 里没有借款人（debtor）。请加一行：{wanted}",
            f"parties.csv names no debtor. Add a row: {wanted}",
        )
    places = "、".join(str(party.line) for party in debtors)
    return None, Words(
        f"parties.csv 里有几个借款人（第 {places} 行）。本文件夹根目录的记录是谁的手机？"
        "只留这一个号码为 debtor。",
        f"parties.csv names several debtors (rows {places}). Whose phone are the records at the top "
        "of the folder from? Leave only that number as debtor.",
    )


def _unlisted(label: str, number: str) -> tuple[Party | None, Words | None]:
    wanted = line(number, Role.UNKNOWN, "（姓名）", "（和借款人什么关系）")
    question = Words(
        f"phones/{label} 是谁的手机？parties.csv 里没有这个号码。请加一行，把 unknown 换成角色：{wanted}",
        f"Whose phone is phones/{label}? Its number is not in parties.csv. Add a row with the role: {wanted}",
    )
    why = "parties.csv 里没有这个号码 / the number is not in parties.csv"
    return Party(number, Role.UNKNOWN, Source.PROPOSED, why=why), question


def _by_word(
    label: str, rows: Sequence[PartyRow], parties: Mapping[str, Party]
) -> tuple[Party | None, Words | None]:
    fitting, others = _fitting(label, rows)
    found = {number: parties[number] for number in fitting if number in parties}
    if len(found) == 1:
        return next(iter(found.values())), None
    role = Role.RELATIVE if kin_of(label) else Role.UNKNOWN
    wanted = line(_EXAMPLE_NUMBER, role, label)
    if not found and others:
        return None, _ask_whose(label, others, wanted)
    if not found:
        return None, Words(
            f"phones/{label} 是谁的手机？parties.csv 里没有对得上的人。请加一行：{wanted}",
            f"Whose phone is phones/{label}? No row of parties.csv fits. Add a row: {wanted}",
        )
    places = "、".join(str(party.line) for party in found.values())
    return None, Words(
        f"phones/{label} 是谁的手机？parties.csv 第 {places} 行都对得上。把文件夹改名为那个号码。",
        f"Whose phone is phones/{label}? Rows {places} of parties.csv fit. Rename the folder to the number.",
    )


def _ask_whose(label: str, others: Sequence[PartyRow], wanted: str) -> Words:
    places = "、".join(str(row.ref.n) for row in others)
    return Words(
        f"phones/{label} 是谁的手机？parties.csv 第 {places} 行写的像是别人的亲属，不能当作借款人的。"
        f"是那一行的人就把文件夹改名为那个号码；不是就加一行：{wanted}",
        f"Whose phone is phones/{label}? Row {places} of parties.csv seems to name somebody else's "
        f"kin. If it is that person's, rename the folder to the number; if not, add a row: {wanted}",
    )


def _fitting(label: str, rows: Sequence[PartyRow]) -> tuple[list[str], list[PartyRow]]:
    """Numbers of the rows that fit, by name or else by kinship; rows with somebody else's kin."""
    wanted = kin_of(label)
    own = [row.name.strip() for row in rows if role_of(row.role) is Role.DEBTOR]
    others = [row for row in rows if wanted & _foreign(row, own)]
    mine = [row for row in rows if row not in others]
    fitting = _named(label, mine) or [row for row in mine if wanted & _kin(row, own)]
    return [number for row in fitting if (number := canonical(row.number))], others


def _named(label: str, rows: Sequence[PartyRow]) -> list[PartyRow]:
    wanted = "".join(label.split()).casefold()
    return [row for row in rows if row.name and "".join(row.name.split()).casefold() == wanted]


def _kin(row: PartyRow, own: Sequence[str]) -> frozenset[str]:
    return kin_of(row.role) | kin_in(row.name, own) | kin_in(row.note, own)


def _foreign(row: PartyRow, own: Sequence[str]) -> frozenset[str]:
    """Concepts that the row names as somebody else's and nowhere as the debtor's own."""
    named = foreign_kin_in(row.name, own) | foreign_kin_in(row.note, own)
    return named - kin_in(row.note, own)
