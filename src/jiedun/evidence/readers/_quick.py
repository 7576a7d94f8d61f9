"""Contacts built several times faster than by their frozen dataclass's own `__init__`.

A frozen dataclass sets every field through `object.__setattr__`, which took a third of the time
of reading a backup. An `Open…` class with the same slots is filled by plain assignment and then
becomes the frozen class (Python's data model allows it for equal slot layouts). The result is an
ordinary `Contact`, `Moment` or `ItemRef` in every respect; the tests compare them.
"""

from datetime import datetime
from typing import Any

from jiedun.model.evidence import Channel, Contact, Direction, ItemRef, Outcome
from jiedun.model.time import Moment


class OpenRef:
    """An `ItemRef` in the making."""

    __slots__ = ("kind", "n", "path")
    path: str
    n: int
    kind: str


class OpenMoment:
    """A `Moment` in the making."""

    __slots__ = ("at", "raw", "zone_assumed")
    at: datetime
    raw: str
    zone_assumed: bool


class OpenContact:
    """A `Contact` in the making."""

    __slots__ = Contact.__slots__
    ref: ItemRef
    phone: str | None
    channel: Channel
    direction: Direction
    outcome: Outcome
    moment: Moment
    peer_raw: str
    peer_name: str
    direction_raw: str
    duration_s: int | None
    text: str
    sent_at: Moment | None
    also: tuple[ItemRef, ...]


def ref(path: str, n: int, kind: str = "") -> ItemRef:
    """The locator of one row."""
    made: Any = OpenRef()
    made.path = path
    made.n = n
    made.kind = kind
    made.__class__ = ItemRef
    return made  # type: ignore[no-any-return]


def moment(at: datetime, raw: str, *, zone_assumed: bool = False) -> Moment:
    """An instant with its raw text."""
    made: Any = OpenMoment()
    made.at = at
    made.raw = raw
    made.zone_assumed = zone_assumed
    made.__class__ = Moment
    return made  # type: ignore[no-any-return]


def contact(
    where: ItemRef,
    phone: str | None,
    channel: Channel,
    flow: tuple[Direction, Outcome],
    when: Moment,
    peer: str,
    name: str,
    kind: str,
    *,
    duration: int | None = None,
    text: str = "",
    sent: Moment | None = None,
) -> Contact:
    """One contact; `flow` is its direction and outcome, `kind` how the file writes the direction."""
    made: Any = OpenContact()
    made.ref = where
    made.phone = phone
    made.channel = channel
    made.direction, made.outcome = flow
    made.moment = when
    made.peer_raw = peer
    made.peer_name = name
    made.direction_raw = kind
    made.duration_s = duration
    made.text = text
    made.sent_at = sent
    made.also = ()
    made.__class__ = Contact
    return made  # type: ignore[no-any-return]
