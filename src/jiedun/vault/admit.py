"""Taking a new person in: only what a purpose needs, and only on a basis that stands.

A field that rests on consent (PIPL 13, 14) or asks for a separate one (PIPL 29) is kept only where the
person's consent comes with it. What the register rests on a contract or a duty in law needs none. The
order is: the fields that need no consent, the consents, then the fields that rest on them; killed in
between, less is kept than was allowed, never more.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from jiedun.errors import JiedunError
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.vault.access import Actor
from jiedun.vault.change import erase, keep_for
from jiedun.vault.collect import Collected, Refusal, clauses, collect
from jiedun.vault.consent import Act, Scope
from jiedun.vault.consent_acts import Given, record_all
from jiedun.vault.register import Basis, Register
from jiedun.vault.retention import happened
from jiedun.vault.store import Vault

COLLECTED = "collected"
NO_CONSENT = Words(
    "该目的以同意为依据，没有本人的同意，不收集；不得因此拒绝其他服务。",
    "The purpose rests on consent and there is none; it is not kept, and other services go on.",
)
NO_SEPARATE = Words(
    "敏感个人信息须有本人的单独同意；没有单独同意，不收集。",
    "Sensitive: the person's separate consent is needed, and there is none; it is not kept.",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """The new person's id, None where nothing may be kept; and what of the values was kept or not."""

    subject: bytes | None
    found: Collected


def _has(consents: Sequence[Given], purpose: str, scope: Scope, detail: str = "") -> bool:
    return any(
        c.purpose == purpose and c.scope is scope and c.detail in (detail, "") for c in consents
    )


def purposes_for(
    register: Register, field: str, wanted: Iterable[str], consents: Sequence[Given]
) -> tuple[str, ...]:
    """The purposes among `wanted` for which the field may be kept with these consents."""
    may = []
    for name in register.needed_by(field, wanted):
        purpose = register.purpose(name)
        general = purpose.basis is not Basis.CONSENT or _has(consents, name, Scope.GENERAL)
        separate = field not in purpose.separate_consent or _has(
            consents, name, Scope.SENSITIVE, field
        )
        if general and separate:
            may.append(name)
    return tuple(may)


def _refusal(vault: Vault, field: str, wanted: Iterable[str]) -> Refusal:
    on = vault.clock().astimezone(SHANGHAI).date()
    register = vault.register
    needing = [register.purpose(p) for p in register.needed_by(field, wanted)]
    if any(field in p.separate_consent for p in needing):
        return Refusal(field, "separate_consent", NO_SEPARATE, clauses(on, "29"))
    return Refusal(field, "consent", NO_CONSENT, clauses(on, "13", "16"))


def sort_out(
    vault: Vault, values: Mapping[str, str], purposes: Iterable[str], consents: Sequence[Given]
) -> Collected:
    """What of `values` may be kept, as `collect`, and with the consents that came."""
    wanted = tuple(purposes)
    on = vault.clock().astimezone(SHANGHAI).date()
    found = collect(vault.register, values, wanted, on)
    shut = [f for f in found.kept if not purposes_for(vault.register, f, wanted, consents)]
    must = {
        f
        for p in wanted
        if not vault.register.purpose(p).optional
        for f in vault.register.purpose(p).fields
    }
    return replace(
        found,
        kept={name: value for name, value in found.kept.items() if name not in shut},
        refused=(*found.refused, *(_refusal(vault, f, wanted) for f in shut)),
        missing=(*found.missing, *(f for f in shut if f in must)),
        consent_needed=tuple(
            (purpose, field)
            for purpose, field in found.consent_needed
            if not _has(consents, purpose, Scope.SENSITIVE if field else Scope.GENERAL, field)
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
    wanted = tuple(dict.fromkeys(purposes))
    for one in consents:
        vault.register.purpose(one.purpose)
    found = sort_out(vault, values, wanted, consents)
    if not found.kept and not consents:
        return Taken(None, found)
    free = {f: purposes_for(vault.register, f, wanted, ()) for f in found.kept}
    subject = vault.put(
        {f: v for f, v in found.kept.items() if free[f]},
        dict.fromkeys(p for some in free.values() for p in some),
        actor,
    )
    try:
        record_all(vault, subject, consents, Act.GIVE, actor)
        _rest(vault, subject, found.kept, wanted, consents, actor)
    except JiedunError:
        with suppress(JiedunError):  # the first error tells more
            erase(vault, subject, actor, "the consents that came with it were refused")
        raise
    for name in dict.fromkeys(p for f in found.kept for p in vault.register.needed_by(f, wanted)):
        if vault.register.purpose(name).retention.after == COLLECTED:
            happened(vault, subject, COLLECTED, vault.clock(), actor, name)
    return Taken(subject, found)


def _rest(
    vault: Vault,
    subject: bytes,
    kept: Mapping[str, str],
    wanted: Sequence[str],
    consents: Sequence[Given],
    actor: Actor,
) -> None:
    for purpose in wanted:
        some = {
            f: v
            for f, v in kept.items()
            if purpose in purposes_for(vault.register, f, wanted, consents)
            and purpose not in purposes_for(vault.register, f, wanted, ())
        }
        if some:
            keep_for(vault, subject, some, [purpose], actor)
