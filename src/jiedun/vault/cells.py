"""One subject's fields as bytes: each sealed by itself, bound to subject, field and purposes.

A record is the number n of cells (2 bytes); n heads, each a field's number (2), the number of its
purposes (1) and their numbers (2 each); n lengths of ciphertexts with tag (4); n nonces (12); n
ciphertexts with tag. All numbers are big-endian. The associated data are `jiedun.vault/1`, the
field's id, the purposes' ids in order (each after its length in 2 bytes) and the 16 bytes of the
subject: a cell moved to another subject, field or purpose set does not open. Fields and purposes
stand in clear: a dump teaches which fields a subject has, how long each is, and for which purposes.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import add

from jiedun.errors import VaultError
from jiedun.vault.ciphers import NONCE, TAG, Aead

VERSION = "jiedun.vault/1"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value goes: a field's number and id, the purposes' numbers and ids, both in order."""

    field: int
    field_id: str
    purposes: tuple[int, ...]
    purpose_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One sealed value as it lies in a record."""

    field: int
    purposes: tuple[int, ...]
    box: bytes


def head(field: int, purposes: Sequence[int]) -> bytes:
    """The bytes before a cell's length."""
    return struct.pack(f">HB{len(purposes)}H", field, len(purposes), *purposes)


@lru_cache(maxsize=4096)
def binding(slot: Slot) -> bytes:
    """The associated data of a slot, without the subject."""
    words = (VERSION, slot.field_id, *slot.purpose_ids)
    return b"".join(len(w.encode()).to_bytes(2, "big") + w.encode() for w in words)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the records of one shape share: the start of the record, and each slot's binding."""

    start: bytes
    bindings: tuple[bytes, ...]
    lengths: struct.Struct


def shape(slots: Sequence[Slot]) -> Shape:
    """The shape of records that hold these slots in this order."""
    heads = [head(slot.field, slot.purposes) for slot in slots]
    start = len(slots).to_bytes(2, "big") + b"".join(heads)
    bindings = tuple(binding(slot) for slot in slots)
    return Shape(start, bindings, struct.Struct(f">{len(slots)}I"))


def record(
    aead: Aead, subject: bytes, chosen: Shape, values: Sequence[bytes], nonces: Sequence[bytes]
) -> bytes:
    """The record of a subject, the values in the order of the shape's slots; `nonces` are 12 fresh
    random bytes a value. struct.error where there are not as many values as slots."""
    contexts = map(add, chosen.bindings, repeat(subject))
    boxes = list(map(aead.encrypt, nonces, values, contexts))
    return b"".join((chosen.start, chosen.lengths.pack(*map(len, boxes)), *nonces, *boxes))


def cells(raw: bytes) -> list[Cell]:
    """The cells of a record in order; VaultError where it is cut or does not add up."""
    try:
        heads, at = _heads(raw)
        lengths = struct.unpack_from(f">{len(heads)}I", raw, at)
    except struct.error:
        raise _cut() from None
    nonces = at + 4 * len(heads)
    box = nonces + NONCE * len(heads)
    found = []
    for number, (field, purposes) in enumerate(heads):
        nonce = raw[nonces + NONCE * number : nonces + NONCE * (number + 1)]
        found.append(Cell(field, purposes, nonce + raw[box : box + lengths[number]]))
        box += lengths[number]
    if box != len(raw) or any(length < TAG for length in lengths):
        raise _cut()
    return found


def _heads(raw: bytes) -> tuple[list[tuple[int, tuple[int, ...]]], int]:
    (count,) = struct.unpack_from(">H", raw)
    heads, at = [], 2
    for _ in range(count):
        field, purposes = struct.unpack_from(">HB", raw, at)
        heads.append((field, struct.unpack_from(f">{purposes}H", raw, at + 3)))
        at += 3 + 2 * purposes
    return heads, at


def _cut() -> VaultError:
    return VaultError(
        "a record is cut or does not add up",
        next_step="restore it from a backup and look into the access log",
    )
