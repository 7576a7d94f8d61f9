"""One visit, call or poster told in events.csv and in signed accounts, taken once.

Two tellings are one when they come from different files, name one side and one channel on one
local day, reached the same person (a visit or poster may reach several), and lie at most two hours
apart or one of them knows no clock. Of two rows of one file neither is dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from jiedun.model.evidence import Channel
from jiedun.model.party import Role
from jiedun.model.seen import SeenContact
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI

_APART = timedelta(hours=2)
_PUBLIC = (Channel.VISIT, Channel.POSTER)


@dataclass(frozen=True, slots=True)
class Item:
    """A contact, whose word it rests on, and what was said in it, as told."""

    contact: SeenContact
    word_of: Words
    said: str


def merge(items: Sequence[Item]) -> list[Item]:
    """`items` in their order, those that tell of one contact joined into the first of them."""
    groups: list[list[Item]] = []
    for item in items:
        fitting = (g for g in groups if all(_is_one(item.contact, other.contact) for other in g))
        nearest = min(fitting, key=lambda g: abs(g[0].contact.at - item.contact.at), default=None)
        if nearest is None:
            groups.append([item])
        else:
            nearest.append(item)
    return [_joined(group) for group in groups]


def _is_one(one: SeenContact, other: SeenContact) -> bool:
    same = (
        one.ref.path != other.ref.path
        and one.channel is other.channel
        and one.peer.creditor == other.peer.creditor
        and _day(one) == _day(other)
    )
    reached = one.channel in _PUBLIC or one.owner.number == other.owner.number
    near = one.day_only or other.day_only or abs(one.at - other.at) <= _APART
    return same and reached and near


def _day(contact: SeenContact) -> object:
    return contact.at.astimezone(SHANGHAI).date()


def _joined(group: Sequence[Item]) -> Item:
    """The first with a clock, from the phone of a third person where one tells, all words kept."""
    if len(group) == 1:
        return group[0]
    contacts = [item.contact for item in group]
    timed = next((c for c in contacts if not c.day_only), contacts[0])
    third = next((c for c in contacts if _is_third(c)), contacts[0])
    contact = replace(
        contacts[0],
        at=timed.at,
        day_only=timed.day_only,
        owner=third.owner,
        text=" / ".join(c.text for c in contacts if c.text),
    )
    return Item(
        contact,
        Words("；".join(_words(group, "zh")), "; ".join(_words(group, "en"))),
        "。".join(item.said for item in group if item.said),
    )


def _is_third(contact: SeenContact) -> bool:
    return contact.owner.role not in (None, Role.DEBTOR, Role.UNKNOWN)


def _words(group: Sequence[Item], lang: str) -> Iterator[str]:
    for item in group:
        text = item.word_of.of(lang)
        yield text if item is group[0] else f"{text}（{item.contact.ref}）"
