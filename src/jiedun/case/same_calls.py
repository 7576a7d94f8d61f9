"""One call or message that two files of the same phone record, taken once.

A call log and the carrier's list of one phone state the same calls with clocks some seconds apart.
Two rows are one call when phone, number and direction agree, the files differ, both connected or
neither, the starts lie at most 60 s and the lengths at most 10 s apart, and nothing lies nearer.
A carrier's list of messages has no words: a row without words repeats the message with words.
The row of the first file in path order (for messages: the one with words) stays and names the
other in `also`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from jiedun.model.evidence import Channel, Contact, ItemRef, Outcome
from jiedun.people import canonical

_START_S = 60
_LENGTH_S = 10


def without_repeats(contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """`contacts` in their order with what two files record taken once."""
    pairs: dict[int, int] = {}
    for indices in _by_call(contacts).values():
        if len({contacts[i].ref.path for i in indices}) > 1:
            pairs.update(_pairs(contacts, indices))
    also: dict[int, list[int]] = defaultdict(list)
    for repeat, kept in pairs.items():
        also[kept].append(repeat)
    return tuple(
        _naming(contact, [contacts[j] for j in also.get(i, ())])
        for i, contact in enumerate(contacts)
        if i not in pairs
    )


def _by_call(contacts: Sequence[Contact]) -> dict[tuple[object, ...], list[int]]:
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i, contact in enumerate(contacts):
        number = canonical(contact.peer_raw)
        if contact.channel in (Channel.CALL, Channel.SMS) and number is not None:
            done = contact.outcome in (Outcome.ANSWERED, Outcome.DELIVERED)
            key = (contact.phone, contact.channel, number, contact.direction, done)
            groups[key].append(i)
    return groups


def _pairs(contacts: Sequence[Contact], indices: Iterable[int]) -> dict[int, int]:
    """Repeats and the rows they repeat, nearest first, each row in one pair only."""
    order = sorted(indices, key=lambda i: contacts[i].moment.at)
    near: list[tuple[float, int, int]] = []
    for n, i in enumerate(order):
        for j in order[n + 1 :]:
            gap = (contacts[j].moment.at - contacts[i].moment.at).total_seconds()
            if gap > _START_S:
                break
            if contacts[i].ref.path != contacts[j].ref.path and _alike(contacts[i], contacts[j]):
                first, second = sorted((i, j), key=lambda k: _rank(contacts[k]))
                near.append((gap, second, first))
    taken: set[int] = set()
    pairs: dict[int, int] = {}
    for _, second, first in sorted(near):
        if first not in taken and second not in taken:
            pairs[second] = first
            taken |= {first, second}
    return pairs


def _rank(contact: Contact) -> tuple[bool, ItemRef]:
    return contact.channel is Channel.SMS and not contact.text, contact.ref


def _alike(one: Contact, other: Contact) -> bool:
    if one.channel is Channel.SMS:
        return bool(one.text) != bool(other.text)
    if one.duration_s is None or other.duration_s is None:
        return True
    return abs(one.duration_s - other.duration_s) <= _LENGTH_S


def _naming(contact: Contact, repeats: Sequence[Contact]) -> Contact:
    if not repeats:
        return contact
    more = [ref for repeat in repeats for ref in (repeat.ref, *repeat.also)]
    return replace(contact, also=(*contact.also, *more))
