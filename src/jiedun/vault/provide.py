"""Giving data to others: who may receive them, and whose data may go.

A recipient must stand in the register under the purpose. One that acts on the handler's behalf (PIPL 21)
needs no consent of its own; any other needs the person's separate consent (PIPL 23), and one overseas
another (PIPL 39), unless the register states a basis other than consent (PIPL 13). A person without
them is left out, with the clause; the others go on.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from jiedun import law
from jiedun.errors import VaultError
from jiedun.model.finding import Cite
from jiedun.model.text import Words
from jiedun.vault import bulk
from jiedun.vault.access import Actor, Grant
from jiedun.vault.consent import CLAUSE, Scope, given
from jiedun.vault.register import Basis, Recipient, Register
from jiedun.vault.store import Vault

_WORDS = {
    Scope.PROVIDE: Words(
        "没有本人对向该接收方提供个人信息的单独同意，不提供。",
        "No separate consent of the person to giving their data to this recipient.",
    ),
    Scope.OVERSEAS: Words(
        "没有本人对向境外提供个人信息的单独同意，不提供。",
        "No separate consent of the person to giving their data to a recipient overseas.",
    ),
}
_SHUT = Words(
    "按目的、角色或同意不能以明文提供，不提供。", "May not be given in clear: see the code."
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One person whose data do not go: `code` is the scope of the consent that lacks (provide,
    overseas), or the reason of a read that is not clear."""

    subject: bytes
    code: str
    words: Words
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Provided:
    """What goes, a row a person in the order asked for, and who is left out."""

    rows: tuple[dict[str, str], ...] = field(repr=False)
    left_out: tuple[LeftOut, ...]


def recipient(register: Register, purpose: str, name: str) -> Recipient:
    """The recipient as registered; VaultError where the purpose names none of that name."""
    for one in register.purpose(purpose).recipients:
        if one.name == name:
            return one
    raise VaultError(
        "this recipient does not stand in the register under this purpose",
        where=purpose,
        why="PIPL 17, 23: the person is told who receives what before it is given",
        next_step="put it into the register and into the notice first",
    )


def beyond(register: Register, purpose: str, columns: Iterable[str]) -> tuple[list[str], list[str]]:
    """The columns that hold a registered field which the purpose does not need (PIPL 6), and those
    that are called like no field of the register. A field is called by its id or either title."""
    needed, over, unknown = set(register.purpose(purpose).fields), list[str](), list[str]()
    called: dict[str, set[str]] = {}
    for one in register.fields.values():
        for name in (one.id, one.title.zh, one.title.en):
            called.setdefault(spelled(name), set()).add(one.id)
    for column in columns:
        found = called.get(spelled(column), set())
        if not found:
            unknown.append(column)
        elif found - needed:
            over.append(column)
    return over, unknown


def spelled(name: str) -> str:
    """A column's name written one way: width, case, blanks, joints and invisible characters do not count."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in plain if c not in "-_" and unicodedata.category(c)[0] not in "CZ")


def scopes(one: Recipient) -> tuple[Scope, ...]:
    """The separate consents that giving data to this recipient asks for."""
    if one.basis is not Basis.CONSENT:
        return ()
    wanted = () if one.entrusted else (Scope.PROVIDE,)
    return (*wanted, Scope.OVERSEAS) if one.overseas else wanted


def basis(one: Recipient) -> str:
    """On what the hand-over rests, for the record: entrusted, consent, or the basis stated."""
    if one.basis is not Basis.CONSENT:
        return f"{one.basis.value}: {one.why}"
    return "entrusted" if one.entrusted else "consent"


def sort_out(
    vault: Vault, subjects: Iterable[bytes], purpose: str, one: Recipient, on: date
) -> tuple[list[bytes], list[LeftOut]]:
    """Whose data may go to the recipient on that day, and who is left out, each in order.
    ProofError for a forged consent."""
    wanted, may, out = scopes(one), list[bytes](), list[LeftOut]()
    for subject in subjects:
        standing = vault.ledger.standing(subject, purpose) if wanted else {}
        lacking = next((s for s in wanted if not given(standing, s, one.name)), None)
        if lacking is None:
            may.append(subject)
        else:
            out.append(LeftOut(subject, lacking.value, _WORDS[lacking], _cites(lacking, on)))
    return may, out


def _cites(scope: Scope, on: date) -> tuple[Cite, ...]:
    cite = law.cite("pipl", CLAUSE[scope], on)
    return () if cite is None else (cite,)


def provide(
    vault: Vault, approval: str, subjects: Sequence[bytes], to: str, actor: Actor
) -> Provided:
    """The rows for a recipient under an approved bulk read, of those who may be given: a row goes
    whole and in clear or not at all. Written to the log before any value is opened.

    VaultError where the recipient is not registered or the approval does not cover the read.
    """
    terms = bulk.terms(vault, approval)
    one = recipient(vault.register, terms.purpose, to)
    may, out = sort_out(vault, subjects, terms.purpose, one, vault.clock().date())
    body = {
        "approval": approval,
        "purpose": terms.purpose,
        "recipient": to,
        "basis": basis(one),
        "persons": len(may),
        "left_out": len(out),
    }
    vault.log.note("provide", actor, body, vault.clock())
    rows = []
    for subject, shown in zip(may, bulk.read_many(vault, approval, may, actor), strict=True):
        shut = [s.decision for s in shown.values() if s.decision.grant not in _OPEN]
        if shut:
            out.append(LeftOut(subject, shut[0].reason, _SHUT, ()))
        else:
            rows.append({name: s.value or "" for name, s in shown.items()})
    return Provided(tuple(rows), tuple(out))


_OPEN = frozenset({Grant.CLEAR, Grant.ABSENT})
