"""Sealing rows: each subject under a data key of its own, each field by itself, and the index's tags.

All that does not depend on the values is worked out once for a shape of row (`Plan`), and the random
bytes of many rows are drawn at once: still a fresh data key a subject and a fresh nonce a field.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct

from jiedun.vault.cells import VERSION, Shape, Slot, record, shape
from jiedun.vault.ciphers import NONCE
from jiedun.vault.fields import Field, encode_all, normal
from jiedun.vault.keyring import Keyring, Use
from jiedun.vault.register import Register

Random = Callable[[int], bytes]
Tag = tuple[bytes, int, bytes, int]  # tag, field, subject, index key
Sealed = tuple[bytes, str, bytes, bytes]  # subject, key-encryption key, wrapped key, record

_KEY_OF = VERSION.encode() + b"|key|"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the values of one shape of row are put away, worked out once."""

    fields: tuple[Field, ...]
    shape: Shape
    indexed: tuple[tuple[int, Field], ...]

    def draw(self, key_length: int) -> Struct:
        """How one row's random bytes are cut: data key, nonce of its wrap, a nonce a field."""
        return Struct(f"{key_length}s" + f"{NONCE}s" * (1 + len(self.fields)))


def plan(register: Register, slots: Sequence[Slot]) -> Plan:
    """The plan for values that go into these slots, in this order."""
    fields = tuple(register.field_numbers[slot.field] for slot in slots)
    indexed = tuple((i, field) for i, field in enumerate(fields) if field.indexed)
    return Plan(fields, shape(slots), indexed)


def key_context(subject: bytes, version: int) -> bytes:
    """What a wrapped data key is bound to."""
    return _KEY_OF + subject + version.to_bytes(4, "big")


def seal_rows(
    ring: Keyring,
    chosen: Plan,
    version: int,
    subjects: Sequence[bytes],
    rows: Sequence[Sequence[str]],
    random: Random,
) -> list[Sealed]:
    """The subjects' values, in the plan's order, sealed under new data keys, and those wrapped.
    BadValue for a value that is not text or too long."""
    draw, aead, wrap = chosen.draw(ring.profile.key_length), ring.profile.aead, ring.wrap
    fields, form, done = chosen.fields, chosen.shape, list[Sealed]()
    drawn = draw.iter_unpack(random(draw.size * len(subjects)))
    for subject, values, (data_key, nonce, *nonces) in zip(subjects, rows, drawn, strict=True):
        raw = record(aead(data_key), subject, form, encode_all(fields, values), nonces)
        kek, box = wrap(data_key, key_context(subject, version), nonce)
        done.append((subject, kek, box, raw))
    return done


def tag(mac: Callable[[bytes], bytes], field: Field, value: str) -> bytes:
    """The keyed hash of a value's normal form, 16 bytes."""
    text = normal(field.kind, value).encode("utf-8", "surrogatepass")
    return mac(b"%d|%b" % (field.number, text))[:16]


def tag_rows(
    ring: Keyring, chosen: Plan, subjects: Sequence[bytes], rows: Sequence[Sequence[str]]
) -> list[Tag]:
    """The rows of the blind index for these values, under the active index key."""
    key = ring.active(Use.INDEX)
    mac, number = ring.mac(key.id), key.number
    return [
        (tag(mac, field, values[at]), field.number, subject, number)
        for at, field in chosen.indexed
        for subject, values in zip(subjects, rows, strict=True)
    ]
