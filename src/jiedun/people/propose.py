"""Roles that parties.csv does not give, proposed with reasons; never treated as given.

Three signs: a contact's name in the debtor's phone that is a kinship word; a sender whose
messages collect a debt; an SMS port or short code whose messages carry a lender's signature.
Each proposal says why, and which line of parties.csv would settle it. A number that the phone knows
as a service (快递, 物业) is only asked about, never proposed as a collector.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from jiedun.model.evidence import Contact, Evidence
from jiedun.model.party import Party, Role, Source
from jiedun.model.text import Words
from jiedun.people.innocent import is_service, phone_names
from jiedun.people.kinds import kind
from jiedun.people.numbers import canonical
from jiedun.people.sides import line, match_name
from jiedun.people.words import is_kin_name

Proposal = tuple[Party, Words]
_T = TypeVar("_T")

_PUBLIC = ("government", "operator")
_ENOUGH = 2
"""From so many collecting messages a sender is put on the side of the only lender of the case."""
_SERVICE = ("106", "95", "96", "400", "800", "100", "101")


def proposals(
    evidence: Evidence,
    parties: Mapping[str, Party],
    collects: Mapping[str, int],
    signatures: Mapping[str, str],
) -> Iterator[Proposal]:
    """A party and the question about it, for each unlisted number that shows a sign.

    `collects` counts, by number, messages that collect a debt; `signatures` holds the 【】 of a
    number's messages. Both may use any writing of the numbers.
    """
    names = lender_names(evidence, parties)
    relatives = _relatives(evidence)
    known = phone_names(evidence)
    counts = _canonical_keys(collects)
    signs = _canonical_keys(signatures)
    for number in sorted({*relatives, *counts, *signs} - parties.keys()):
        found = (
            _relative(number, relatives.get(number))
            or _lender(number, signs.get(number), names, counts.get(number, 0))
            or _innocent(number, counts.get(number, 0), known.get(number, ""))
            or _collector(number, counts.get(number, 0), signs.get(number), names)
        )
        if found is not None:
            yield found


def lender_names(evidence: Evidence, parties: Mapping[str, Party]) -> tuple[str, ...]:
    """Names of lenders: given sides first, then loans' lenders that are no form of a given one."""
    given = [p.creditor for p in parties.values() if p.creditor and p.source is Source.GIVEN]
    names = list(dict.fromkeys(given))
    for loan in evidence.loans:
        lender = loan.data.get("lender")
        if isinstance(lender, str) and lender.strip() and match_name(lender, names) is None:
            names.append(lender.strip())
    return tuple(names)


def _canonical_keys(values: Mapping[str, _T]) -> dict[str, _T]:
    return {number: value for raw, value in values.items() if (number := canonical(raw))}


def _relatives(evidence: Evidence) -> dict[str, str]:
    """Number to the kinship name under which the debtor's own phone knows it."""
    own: Iterable[Contact] = (c for c in evidence.contacts if c.phone is None and c.peer_name)
    named = [(c.peer_raw, c.peer_name) for c in own]
    found: dict[str, str] = {}
    for raw, name in {*named, *evidence.phonebook}:
        if is_kin_name(name) and (number := canonical(raw)):
            found[number] = min(name, found.get(number, name))
    return found


def _relative(number: str, name: str | None) -> Proposal | None:
    if name is None:
        return None
    wanted = line(number, Role.RELATIVE, name)
    why = f"手机通讯录里叫“{name}” / the phone knows it as “{name}”"
    question = Words(
        f"号码 {number} 在手机里叫“{name}”，是亲属吗？是的话在 parties.csv 加一行：{wanted}",
        f"The phone knows {number} as “{name}”: a relative? If so, add to parties.csv: {wanted}",
    )
    return Party(number, Role.RELATIVE, Source.PROPOSED, name, why=why), question


def _lender(
    number: str, signature: str | None, names: Sequence[str], collecting: int
) -> Proposal | None:
    if signature is None or not _is_service(number):
        return None
    creditor = match_name(signature, names)
    if creditor is None:
        return None
    wanted = line(number, Role.LENDER, creditor, "短信通道")
    why = f"短信签名【{signature}】/ its messages are signed 【{signature}】"
    question = Words(
        f"{number} 的短信署名【{signature}】，是{creditor}的号码吗？是的话在 parties.csv 加一行：{wanted}",
        f"Messages of {number} are signed 【{signature}】: a number of {creditor}? If so, add to parties.csv: {wanted}",
    )
    party = Party(number, Role.LENDER, Source.PROPOSED, creditor, creditor, why=why)
    return (party, question) if not collecting else (_also_collects(party, collecting), question)


def _also_collects(party: Party, collecting: int) -> Party:
    return replace(
        party, why=f"{party.why}；{collecting} 条短信在催款 / {collecting} collect a debt"
    )


def _innocent(number: str, collecting: int, name: str) -> Proposal | None:
    """A number that the phone knows as somebody else and whose messages ask for money."""
    if collecting < 1 or not is_service(name):
        return None
    why = f"手机通讯录里叫“{name}” / the phone knows it as “{name}”"
    question = Words(
        f"{number} 在手机里叫“{name}”，有 {collecting} 条短信像在催款：它是谁，和这笔借款有关吗？",
        f"The phone knows {number} as “{name}”, and {collecting} of its messages seem to collect a "
        "debt: who is it, and has it to do with this loan?",
    )
    return Party(number, Role.UNKNOWN, Source.PROPOSED, name, why=why), question


def _collector(
    number: str, collecting: int, signature: str | None, names: Sequence[str]
) -> Proposal | None:
    if collecting < 1 or kind(number).id in _PUBLIC:
        return None
    creditor = match_name(signature, names) if signature else None
    if creditor is None and collecting >= _ENOUGH and len(names) == 1:
        creditor = names[0]
    wanted = line(number, Role.COLLECTOR, "（姓名或公司）", f"代表{creditor or '（出借人名称）'}")
    why = f"{collecting} 条短信在催款 / {collecting} of its messages collect a debt"
    question = Words(
        f"{number} 发来 {collecting} 条催款短信，是谁、替谁催？确定后在 parties.csv 加一行：{wanted}",
        f"{number} sent {collecting} messages that collect a debt: who is it, for whom? "
        f"When you know, add to parties.csv: {wanted}",
    )
    return Party(number, Role.COLLECTOR, Source.PROPOSED, "", creditor, why=why), question


def _is_service(number: str) -> bool:
    return number.startswith(_SERVICE) or len(number) <= 8 or not number.lstrip("+").isdigit()
