"""One contact for what several backups of the same phone hold.

Two records in different files are the same when channel, direction, peer's digits, second,
duration and text agree. Inside one file every record stands: two equal rows are two records, and
the k-th of them meets the k-th in the next backup.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from jiedun.model.evidence import Channel, Contact, ItemRef

_Key = tuple[object, ...]
_Kind = tuple[str | None, Channel]
_NOT_DIGITS = re.compile(r"\D+")
_MAINLAND = re.compile(r"(?:00)?86(?=1\d{10}$)")


def merged(contacts: Sequence[Contact]) -> tuple[Contact, ...]:
    """The contacts in the order given, later copies of one named in its `also`."""
    shared = _in_several_files(contacts)
    if not shared:
        return tuple(contacts)
    first: dict[_Key, int] = {}
    also: dict[int, list[ItemRef]] = defaultdict(list)
    nth: dict[_Key, int] = defaultdict(int)
    gone: set[int] = set()
    for place, contact in enumerate(contacts):
        if (contact.phone, contact.channel) not in shared:
            continue
        same = _key(contact)
        nth[contact.ref.path, same] += 1
        key = (same, nth[contact.ref.path, same])
        kept = first.setdefault(key, place)
        if kept != place:
            also[kept].append(contact.ref)
            gone.add(place)
    return tuple(
        replace(c, also=(*c.also, *also[i])) if i in also else c
        for i, c in enumerate(contacts)
        if i not in gone
    )


def _in_several_files(contacts: Sequence[Contact]) -> set[_Kind]:
    """The phones and channels whose contacts come from more than one file: others have no copies."""
    files: dict[_Kind, set[str]] = defaultdict(set)
    for contact in contacts:
        files[contact.phone, contact.channel].add(contact.ref.path)
    return {kind for kind, paths in files.items() if len(paths) > 1}


def _key(contact: Contact) -> _Key:
    return (
        contact.phone,
        contact.channel,
        contact.direction,
        _peer(contact.peer_raw),
        contact.moment.at,
        contact.duration_s,
        contact.text,
    )


@lru_cache(maxsize=65536)
def _peer(raw: str) -> str:
    """Digits without the country's prefix; a name or a withheld number as it stands."""
    digits = _MAINLAND.sub("", _NOT_DIGITS.sub("", raw))
    return digits if len(digits) > 2 else raw.strip().casefold()
