"""One call or message that several files of the same phone record, taken once.

A call log, its backup and the carrier's list state the same calls with clocks some seconds apart.
Two rows are one call when owner, number and direction agree, the files differ, both connected or
neither, and the starts lie at most 60 s and the lengths at most 10 s apart. Two rows are one
message when the files or the kinds (SMS, MMS) differ and the words are the same within 2 s, or one
of them, a carrier's row, has no words. Nearest rows are joined first, one row of a file and kind
at most. The row of the first file in path order (of messages: one with words) stays and names the
others in `also`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from jiedun.model.evidence import Channel, Contact, ItemRef, Outcome
from jiedun.people import canonical

_START_S = 60
_LENGTH_S = 10
_SAME_WORDS_S = 2

OwnerOf = Callable[[str | None], str | None]
"""The number of a phone's owner by the label of its folder, or None where it is not known."""


def without_repeats(contacts: Sequence[Contact], owner_of: OwnerOf) -> tuple[Contact, ...]:
    """`contacts` in their order with what several files record taken once."""
    same: dict[int, list[int]] = {}
    for indices in _groups(contacts, owner_of).values():
        if len({_source(contacts[i]) for i in indices}) > 1:
            same.update(_clusters(contacts, indices))
    repeats = {i for others in same.values() for i in others}
    return tuple(
        _naming(contact, [contacts[j] for j in same.get(i, ())])
        for i, contact in enumerate(contacts)
        if i not in repeats
    )


def _source(contact: Contact) -> tuple[str, Channel]:
    return contact.ref.path, contact.channel


def _groups(contacts: Sequence[Contact], owner_of: OwnerOf) -> dict[tuple[object, ...], list[int]]:
    owners = {label: owner_of(label) or label for label in {c.phone for c in contacts}}
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i, contact in enumerate(contacts):
        number = canonical(contact.peer_raw)
        if number is not None:
            done = contact.outcome in (Outcome.ANSWERED, Outcome.DELIVERED)
            call = contact.channel is Channel.CALL
            groups[(owners[contact.phone], call, number, contact.direction, done)].append(i)
    return groups


def _clusters(contacts: Sequence[Contact], indices: Iterable[int]) -> dict[int, list[int]]:
    """The row to keep with its repeats, for every set of rows that are one contact."""
    cluster: dict[int, set[int]] = {}
    for _, i, j in sorted(_near(contacts, indices)):
        one, other = cluster.get(i, {i}), cluster.get(j, {j})
        if one is other or _clash(contacts, one, other):
            continue
        joined = one | other
        cluster.update(dict.fromkeys(joined, joined))
    found: dict[int, list[int]] = {}
    for members in {id(m): m for m in cluster.values()}.values():
        kept, *others = sorted(members, key=lambda i: _rank(contacts[i]))
        found[kept] = others
    return found


def _clash(contacts: Sequence[Contact], one: set[int], other: set[int]) -> bool:
    return bool({_source(contacts[i]) for i in one} & {_source(contacts[i]) for i in other})


def _near(contacts: Sequence[Contact], indices: Iterable[int]) -> list[tuple[float, int, int]]:
    order = sorted(indices, key=lambda i: contacts[i].moment.at)
    near: list[tuple[float, int, int]] = []
    for n, i in enumerate(order):
        for j in order[n + 1 :]:
            gap = (contacts[j].moment.at - contacts[i].moment.at).total_seconds()
            if gap > _START_S:
                break
            if _source(contacts[i]) != _source(contacts[j]) and _alike(
                contacts[i], contacts[j], gap
            ):
                near.append((gap, i, j))
    return near


def _alike(one: Contact, other: Contact, gap: float) -> bool:
    if one.channel is not Channel.CALL:
        if one.text and other.text:
            return one.text == other.text and gap <= _SAME_WORDS_S
        return bool(one.text) != bool(other.text) and one.ref.path != other.ref.path
    if one.duration_s is None or other.duration_s is None:
        return True
    return abs(one.duration_s - other.duration_s) <= _LENGTH_S


def _rank(contact: Contact) -> tuple[bool, ItemRef]:
    return contact.channel is not Channel.CALL and not contact.text, contact.ref


def _naming(contact: Contact, repeats: Sequence[Contact]) -> Contact:
    if not repeats:
        return contact
    more = [ref for repeat in repeats for ref in (repeat.ref, *repeat.also)]
    return replace(contact, also=(*contact.also, *more))
