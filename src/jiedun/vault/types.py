"""SQLAlchemy types: a model keeps its fields encrypted by changing their columns' types.

`EncryptedString`, `EncryptedDate`, `EncryptedDecimal` seal each value under a data key of the column,
wrapped by the keyring and kept inside the value; the associated data name table and column.
`BlindIndex` holds the keyed hash of another column's value for look-ups. What these do not give:
purposes, masking, an access log, a key a subject, and binding to a row (a column type sees no row): a
value copied within its column opens. Use `Vault` where these are needed.
"""

import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from jiedun.errors import VaultError
from jiedun.vault.ciphers import NONCE, seal, unseal
from jiedun.vault.fields import Kind, normal
from jiedun.vault.keyring import Keyring, Use

Ring = Callable[[], Keyring]


class _Encrypted(TypeDecorator[Any]):
    """A value sealed for one column. `ring` gives the open keyring; `where` is `table.column`."""

    impl = LargeBinary
    cache_ok = False

    def __init__(self, ring: Ring, where: str) -> None:
        super().__init__()
        self._ring = ring
        self._where = where

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """The sealed value, None as NULL: whether a value is there is not hidden."""
        if value is None:
            return None
        ring = self._ring()
        length = ring.profile.key_length
        pool = os.urandom(length + 2 * NONCE)
        data_key, context = pool[:length], f"column|{self._where}".encode()
        name, box = ring.wrap(data_key, context, pool[length : length + NONCE])
        kek = name.encode()
        aead = ring.profile.aead(data_key)
        raw = self.spell(value).encode("utf-8", "surrogatepass")
        sealed = seal(aead, pool[length + NONCE :], raw, context)
        return bytes([len(kek), len(box)]) + kek + box + sealed

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The plain value; VaultError where it does not open."""
        if value is None:
            return None
        raw, ring = bytes(value), self._ring()
        if len(raw) < 2 or len(raw) < 2 + raw[0] + raw[1]:
            raise VaultError("a value is cut", where=self._where)
        kek = raw[2 : 2 + raw[0]].decode("ascii", "replace")
        end, context = 2 + raw[0] + raw[1], f"column|{self._where}".encode()
        data_key = ring.unwrap(kek, raw[2 + raw[0] : end], context)
        plain = unseal(ring.profile.aead(data_key), raw[end:], context, self._where)
        return self.read(plain.decode("utf-8", "surrogatepass"))

    def spell(self, value: Any) -> str:
        """The text that is sealed."""
        raise VaultError("this type is not used by itself", where=self._where)

    def read(self, text: str) -> Any:
        """The value that was spelled."""
        return text


class EncryptedString(_Encrypted):
    """Text."""

    cache_ok = False

    def spell(self, value: Any) -> str:
        """The text itself; VaultError for anything else."""
        if not isinstance(value, str):
            raise VaultError("this column takes text", where=self._where)
        return value


class EncryptedDate(_Encrypted):
    """A calendar day."""

    cache_ok = False

    def spell(self, value: Any) -> str:
        """ISO 8601; VaultError for anything but a date."""
        if not isinstance(value, date):
            raise VaultError("this column takes a date", where=self._where)
        return value.isoformat()

    def read(self, text: str) -> date:
        """The day."""
        return date.fromisoformat(text)


class EncryptedDecimal(_Encrypted):
    """An exact number."""

    cache_ok = False

    def spell(self, value: Any) -> str:
        """Its digits; VaultError for a float or anything not a number."""
        if isinstance(value, float) or not isinstance(value, int | Decimal):
            raise VaultError("this column takes exact numbers", where=self._where)
        return str(value)

    def read(self, text: str) -> Decimal:
        """The number."""
        try:
            return Decimal(text)
        except InvalidOperation:
            raise VaultError("a value is not a number", where=self._where) from None


class BlindIndex(TypeDecorator[Any]):
    """The keyed hash of a value's normal form: `where(Model.mobile_tag == "138 0000 1234")`."""

    impl = LargeBinary
    cache_ok = False

    def __init__(self, ring: Ring, where: str, kind: Kind) -> None:
        super().__init__()
        self._ring = ring
        self._where = where
        self._kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """The hash of the text given."""
        if value is None:
            return None
        ring = self._ring()
        text = normal(self._kind, str(value)).encode("utf-8", "surrogatepass")
        mac = ring.mac(ring.active(Use.INDEX).id)
        return mac(f"column|{self._where}|".encode() + text)[:16]
