"""The register of purposes: which fields each needs, on what basis, for how long, for whose eyes.

Every purpose names its legal basis (PIPL 13), the fields it needs (PIPL 6), those that ask for a
separate consent (PIPL 23, 29), how long they are kept and after what (PIPL 19), who receives them,
and up to which class each role may see them. A value is kept for a set of purposes and for no other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from jiedun.errors import InputError, VaultError
from jiedun.model.text import Words
from jiedun.vault.cells import Slot
from jiedun.vault.fields import Field, Grade, Kind

SCHEMA = "jiedun.register/1"


class Basis(StrEnum):
    """Why a purpose may be pursued: the items of PIPL 13(1)."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_DUTY = "legal_duty"


ITEM = {Basis.CONSENT: "1", Basis.CONTRACT: "2", Basis.LEGAL_DUTY: "3"}


@dataclass(frozen=True, slots=True)
class Retention:
    """Kept for `days` after the event `after`, with the reason."""

    days: int
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the fields; `entrusted` = acts on the handler's behalf (PIPL 21), else PIPL 23;
    `overseas` asks for PIPL 38 and 39. `basis` is why it may be given to them: consent, unless the
    register states another item of PIPL 13 and says `why`."""

    name: str
    contact: str
    entrusted: bool
    overseas: bool
    basis: Basis = Basis.CONSENT
    why: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose. `roles` gives the highest class each role sees in clear."""

    id: str
    number: int
    title: Words
    basis: Basis
    fields: tuple[str, ...]
    separate_consent: frozenset[str]
    retention: Retention
    recipients: tuple[Recipient, ...]
    roles: Mapping[str, Grade]
    optional: bool


@dataclass(frozen=True)
class Register:
    """Fields and purposes by id, and the handler's name and contact."""

    handler: str
    contact: str
    fields: Mapping[str, Field]
    purposes: Mapping[str, Purpose]

    @cached_property
    def field_numbers(self) -> Mapping[int, Field]:
        """Fields by number."""
        return {f.number: f for f in self.fields.values()}

    @cached_property
    def purpose_numbers(self) -> Mapping[int, Purpose]:
        """Purposes by number."""
        return {p.number: p for p in self.purposes.values()}

    def purpose(self, name: str) -> Purpose:
        """The purpose; VaultError where the register has none of that id."""
        try:
            return self.purposes[name]
        except KeyError:
            raise VaultError(
                "no such purpose in the register", why="PIPL 6: a purpose must be clear and stated"
            ) from None

    def field(self, name: str) -> Field:
        """The field; VaultError where the register has none of that id."""
        try:
            return self.fields[name]
        except KeyError:
            raise VaultError("no such field in the register") from None

    def needed_by(self, field: str, among: Iterable[str]) -> tuple[str, ...]:
        """The purposes of `among` that need the field, in the order of their numbers."""
        chosen = {name for name in among if field in self.purpose(name).fields}
        return tuple(p.id for p in self._ordered if p.id in chosen)

    @cached_property
    def _ordered(self) -> list[Purpose]:
        return sorted(self.purposes.values(), key=lambda p: p.number)

    def slot(self, field: str, purposes: Iterable[str]) -> Slot:
        """Where a value of the field kept for those purposes goes; VaultError where none of them
        needs it."""
        kept = self.needed_by(field, purposes)
        if not kept:
            raise VaultError(
                "no purpose needs this field", where=field, why="PIPL 6", next_step="do not keep it"
            )
        numbers = tuple(self.purposes[name].number for name in kept)
        return Slot(self.field(field).number, field, numbers, kept)


def example() -> Register:
    """The example register for network lending that comes with the project."""
    raw = resources.files("jiedun.vault").joinpath("data/register.yaml").read_text("utf-8")
    return parse(raw, "register.yaml")


def load(path: Path) -> Register:
    """The register in a YAML file; InputError naming file and place where it is not well formed."""
    try:
        return parse(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the register cannot be read", where=path.name) from error


def parse(text: str, where: str) -> Register:
    """The register written in `text`; InputError as for `load`."""
    try:
        raw = yaml.safe_load(text)
        if raw["schema"] != SCHEMA:
            raise InputError(f"not a {SCHEMA}", where=where)
        fields = [_field(row) for row in raw["fields"]]
        purposes = [_purpose(row) for row in raw["purposes"]]
        handler = raw.get("handler") or {}
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"[:120]
        raise InputError("the register is not well formed", where=where, why=why) from None
    found = Register(
        str(handler.get("name", "")),
        str(handler.get("contact", "")),
        {f.id: f for f in fields},
        {p.id: p for p in purposes},
    )
    _check(found, len(fields), len(purposes), where)
    return found


def _field(row: Mapping[str, Any]) -> Field:
    return Field(
        str(row["id"]),
        int(row["number"]),
        Kind(row["kind"]),
        Grade[row["grade"]],
        bool(row.get("sensitive", False)),
        bool(row.get("indexed", False)),
        Words(row["zh"], row["en"]),
    )


def _purpose(row: Mapping[str, Any]) -> Purpose:
    kept = row["retention"]
    return Purpose(
        id=str(row["id"]),
        number=int(row["number"]),
        title=Words(row["zh"], row["en"]),
        basis=Basis(row["basis"]),
        fields=tuple(row["fields"]),
        separate_consent=frozenset(row.get("separate_consent", ())),
        retention=Retention(int(kept["days"]), str(kept["after"]), str(kept["why"])),
        recipients=tuple(_recipient(r) for r in row.get("recipients", ())),
        roles={str(k): Grade[v] for k, v in (row.get("roles") or {}).items()},
        optional=bool(row.get("optional", False)),
    )


def _recipient(row: Mapping[str, Any]) -> Recipient:
    return Recipient(
        str(row["name"]),
        str(row.get("contact", "")),
        bool(row.get("entrusted", False)),
        bool(row.get("overseas", False)),
        Basis(row.get("basis", Basis.CONSENT)),
        str(row.get("why", "")),
    )


def _check(found: Register, fields: int, purposes: int, where: str) -> None:
    numbers = {f.number for f in found.fields.values()}
    others = {p.number for p in found.purposes.values()}
    if len(numbers) != fields or len(others) != purposes:
        raise InputError("two fields or purposes share an id or a number", where=where)
    if not all(0 < n < 65536 for n in numbers | others):
        raise InputError("a number is not between 1 and 65535", where=where)
    for purpose in found.purposes.values():
        _check_purpose(found, purpose, where)


def _check_purpose(found: Register, purpose: Purpose, where: str) -> None:
    place = f"{where}#{purpose.id}"
    unknown = set(purpose.fields) - set(found.fields)
    if unknown or not purpose.separate_consent <= set(purpose.fields):
        raise InputError("a purpose names a field that is not registered", where=place)
    for one in purpose.recipients:
        if one.basis is not Basis.CONSENT and not one.why.strip():
            raise InputError(
                "a recipient stands without consent and without a reason",
                where=place,
                why="PIPL 13, 23",
                next_step="state under `why` the law or contract that asks for it",
            )
    sensitive = {f for f in purpose.fields if found.fields[f].sensitive}
    if purpose.basis is not Basis.LEGAL_DUTY and not sensitive <= purpose.separate_consent:
        raise InputError(
            "a sensitive field stands without separate consent",
            where=place,
            why="PIPL 29",
            next_step="name it under separate_consent, or state the duty in law as basis",
        )
