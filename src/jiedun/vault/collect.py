"""Collecting no more than a purpose needs, and never refusing the service over the rest.

A field is kept only for purposes that need it (PIPL 6). What no chosen purpose needs is refused,
field by field, with the clause, and the rest goes on: declining or sending too much of what is not
necessary is no reason to refuse the service (PIPL 16). Only a field that a chosen, not optional
purpose needs can stand in the way, and only when it is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jiedun import law
from jiedun.model.finding import Cite
from jiedun.model.text import Words
from jiedun.vault.fields import fits
from jiedun.vault.register import Register

NO_PURPOSE = Words(
    "所选目的都不需要这一项，不收集；不得因此拒绝服务。",
    "No chosen purpose needs this; it is not kept, and the service goes on.",
)
UNKNOWN = Words(
    "登记册里没有这一项，不收集；不得因此拒绝服务。",
    "The register has no such field; it is not kept, and the service goes on.",
)
ODD = Words(
    "内容的格式或校验位不对，请本人核对后重填。",
    "The form or the check digit is wrong; ask the person to check and type it again.",
)
MISSING = Words(
    "履行该目的所必需，但没有提供。",
    "Needed for the purpose, but not given.",
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One field that is not kept: `code` is no_purpose, unknown or bad_value."""

    field: str
    code: str
    words: Words
    cites: tuple[Cite, ...]


@dataclass(frozen=True, slots=True)
class Collected:
    """What may be kept for which purposes, what is refused, and which necessary fields lack.

    `consent_needed` names the (purpose, field) pairs that wait for a separate consent, with an
    empty field for a purpose that rests on consent as a whole. `service` is whether the service may
    go on: only missing necessary fields stand in its way.
    """

    kept: Mapping[str, str] = field(repr=False)
    purposes: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    missing: tuple[str, ...] = ()
    consent_needed: tuple[tuple[str, str], ...] = ()

    @property
    def service(self) -> bool:
        """Whether the service may go on."""
        return not self.missing


def collect(
    register: Register, values: Mapping[str, str], purposes: Iterable[str], on: date
) -> Collected:
    """What of `values` may be kept for these purposes. VaultError for an unknown purpose."""
    wanted = tuple(dict.fromkeys(purposes))
    needed = _needed(register, wanted)
    refused = [
        r for name, value in values.items() if (r := _refuse(register, needed, name, value, on))
    ]
    gone = {r.field for r in refused}
    kept = {name: value for name, value in values.items() if name not in gone}
    must = {
        f for p in wanted if not register.purpose(p).optional for f in register.purpose(p).fields
    }
    return Collected(
        kept=kept,
        purposes=wanted,
        refused=tuple(refused),
        missing=tuple(f for f in needed if f in must and f not in kept),
        consent_needed=tuple(_consents(register, wanted, kept)),
    )


def _needed(register: Register, purposes: Sequence[str]) -> list[str]:
    named = (f for p in purposes for f in register.purpose(p).fields)
    return list(dict.fromkeys(named))


def _refuse(
    register: Register, needed: Sequence[str], name: str, value: object, on: date
) -> Refusal | None:
    if name not in register.fields:
        return Refusal(name[:40], "unknown", UNKNOWN, clauses(on, "6", "16"))
    if name not in needed:
        return Refusal(name, "no_purpose", NO_PURPOSE, clauses(on, "6", "16"))
    if not isinstance(value, str) or not fits(register.field(name).kind, value):
        return Refusal(name, "bad_value", ODD, clauses(on, "8"))
    return None


def _consents(
    register: Register, purposes: Sequence[str], kept: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    for name in purposes:
        purpose = register.purpose(name)
        if purpose.basis == "consent":
            yield name, ""
        yield from (
            (name, f) for f in purpose.fields if f in purpose.separate_consent and f in kept
        )


def clauses(on: date, *articles: str) -> tuple[Cite, ...]:
    """The articles of the PIPL that may be cited for that day; none before it was in force."""
    found = (law.cite("pipl", article, on) for article in articles)
    return tuple(cite for cite in found if cite is not None)
