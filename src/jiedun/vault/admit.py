"""Taking data in: only what a purpose needs, and only on a basis that stands.

A field that rests on consent (PIPL 13, 14) or asks for a separate one (PIPL 29) is kept only where the
person's consent comes with it or stands in the ledger. What the register rests on a contract or a duty in
law needs none. Consents are recorded before the fields that rest on them are kept; of a new person whose
taking in is killed in between, an empty record is left, and nothing about them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from jiedun.errors import JiedunError
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.vault.access import Actor
from jiedun.vault.change import Values, erase, rewrite
from jiedun.vault.collect import Collected, Refusal, clauses, collect
from jiedun.vault.consent import Act, Scope, given
from jiedun.vault.consent_acts import Given, known, record_all
from jiedun.vault.register import Basis, Register
from jiedun.vault.retention import happened
from jiedun.vault.store import Vault, gone

COLLECTED = "collected"
NO_CONSENT = Words(
    "该目的以同意为依据，没有本人的同意，不收集；不得因此拒绝其他服务。",
    "The purpose rests on consent and there is none; it is not kept, and other services go on.",
)
NO_SEPARATE = Words(
    "敏感个人信息须有本人的单独同意；没有单独同意，不收集。",
    "Sensitive: the person's separate consent is needed, and there is none; it is not kept.",
)
Agreed = Callable[[str, Scope, str], bool]  # purpose, scope, detail


@dataclass(frozen=True, slots=True)
class Taken:
    """The person's id, None where nothing may be kept; and what of the values was kept or not."""

    subject: bytes | None
    found: Collected


def _with(consents: Sequence[Given]) -> Agreed:
    def agreed(purpose: str, scope: Scope, detail: str) -> bool:
        return any(
            c.purpose == purpose and c.scope is scope and c.detail in (detail, "") for c in consents
        )

    return agreed


def purposes_for(
    register: Register, field: str, wanted: Iterable[str], agreed: Agreed
) -> tuple[str, ...]:
    """The purposes among `wanted` for which the field may be kept with what was agreed to."""
    may = []
    for name in register.needed_by(field, wanted):
        purpose = register.purpose(name)
        general = purpose.basis is not Basis.CONSENT or agreed(name, Scope.GENERAL, "")
        separate = field not in purpose.separate_consent or agreed(name, Scope.SENSITIVE, field)
        if general and separate:
            may.append(name)
    return tuple(may)


def _refusal(vault: Vault, field: str, wanted: Iterable[str]) -> Refusal:
    on = vault.clock().astimezone(SHANGHAI).date()
    needing = [vault.register.purpose(p) for p in vault.register.needed_by(field, wanted)]
    if any(field in p.separate_consent for p in needing):
        return Refusal(field, "separate_consent", NO_SEPARATE, clauses(on, "29"))
    return Refusal(field, "consent", NO_CONSENT, clauses(on, "13", "16"))


def sort_out(
    vault: Vault, values: Mapping[str, str], wanted: Sequence[str], agreed: Agreed
) -> Collected:
    """What of `values` may be kept, as `collect`, and with what was agreed to."""
    register, on = vault.register, vault.clock().astimezone(SHANGHAI).date()
    found = collect(register, values, wanted, on)
    shut = [f for f in found.kept if not purposes_for(register, f, wanted, agreed)]
    must = [register.purpose(p) for p in wanted if not register.purpose(p).optional]
    needed = {f for p in must for f in p.fields}
    return replace(
        found,
        kept={name: value for name, value in found.kept.items() if name not in shut},
        refused=(*found.refused, *(_refusal(vault, f, wanted) for f in shut)),
        missing=(*found.missing, *(f for f in shut if f in needed)),
        consent_needed=tuple(
            (purpose, field)
            for purpose, field in found.consent_needed
            if not agreed(purpose, Scope.SENSITIVE if field else Scope.GENERAL, field)
        ),
    )


def take(
    vault: Vault,
    values: Mapping[str, str],
    purposes: Iterable[str],
    consents: Sequence[Given],
    actor: Actor,
) -> Taken:
    """The new person, kept as far as the consents reach. VaultError for an unknown purpose or a
    consent recorded before: nothing is kept then."""
    wanted, agreed = _known(vault, purposes, consents), _with(consents)
    found = sort_out(vault, values, wanted, agreed)
    if not found.kept and not consents:
        return Taken(None, found)
    may = {f: purposes_for(vault.register, f, wanted, agreed) for f in found.kept}
    every = tuple(dict.fromkeys(p for some in may.values() for p in some))
    if not consents and all(vault.register.needed_by(f, every) == may[f] for f in may):
        subject = vault.put(found.kept, every, actor)
    else:
        subject = vault.put({}, wanted, actor)
        try:
            record_all(vault, subject, consents, Act.GIVE, actor)
            _keep(vault, subject, found.kept, may, actor)
        except JiedunError:
            with suppress(JiedunError):  # the first error tells more
                erase(vault, subject, actor, "taking in was not finished")
            raise
    _start(vault, subject, may, actor)
    return Taken(subject, found)


def add(
    vault: Vault,
    subject: bytes,
    values: Mapping[str, str],
    purposes: Iterable[str],
    consents: Sequence[Given],
    actor: Actor,
) -> Taken:
    """More about a person who is kept already, or the same for more purposes, as far as the consents
    that come, and those that stand in the ledger, reach. VaultError as for `take`, and for a person
    who is not kept."""
    wanted, new = _known(vault, purposes, consents), _with(consents)
    if not known(vault, subject):
        raise gone()
    standing = {name: vault.ledger.standing(subject, name) for name in wanted}

    def agreed(purpose: str, scope: Scope, detail: str) -> bool:
        return new(purpose, scope, detail) or given(standing[purpose], scope, detail)

    found = sort_out(vault, values, wanted, agreed)
    may = {f: purposes_for(vault.register, f, wanted, agreed) for f in found.kept}
    record_all(vault, subject, consents, Act.GIVE, actor)
    if found.kept:
        _keep(vault, subject, found.kept, may, actor)
        _start(vault, subject, may, actor)
    return Taken(subject, found)


def _known(vault: Vault, purposes: Iterable[str], consents: Sequence[Given]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(purposes))
    for name in (*wanted, *(one.purpose for one in consents)):
        vault.register.purpose(name)
    return wanted


def _keep(
    vault: Vault,
    subject: bytes,
    values: Mapping[str, str],
    may: Mapping[str, tuple[str, ...]],
    actor: Actor,
) -> None:
    def change(kept: Values) -> Values:
        new = dict(kept)
        for name, value in values.items():
            before = kept[name][0].purpose_ids if name in kept else ()
            new[name] = (vault.register.slot(name, (*before, *may[name])), value)
        return new

    if values:
        purposes = sorted({p for some in may.values() for p in some})
        rewrite(
            vault, subject, change, "keep", {"fields": sorted(values), "purposes": purposes}, actor
        )


def _start(vault: Vault, subject: bytes, may: Mapping[str, tuple[str, ...]], actor: Actor) -> None:
    """Starts the clocks that run from collection."""
    for name in dict.fromkeys(p for some in may.values() for p in some):
        if vault.register.purpose(name).retention.after == COLLECTED:
            happened(vault, subject, COLLECTED, vault.clock(), actor, name)
