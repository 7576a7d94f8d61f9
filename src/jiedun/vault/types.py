"""SQLAlchemy types: a model keeps its fields encrypted by changing their columns' types.

`EncryptedString`, `EncryptedDate`, `EncryptedDecimal` seal each value under a data key of the column,
wrapped by the keyring and kept inside the value; the associated data name table and column.
`BlindIndex` holds the keyed hash of another column's value for look-ups. What these do not give:
purposes, masking, an access log, a key a subject, and binding to a row (a column type sees no row): a
value copied within its column opens. Use `Vault` where these are needed.

Give columns a keyring of their own, not a vault's: a vault's rotation destroys the old key once its own
data keys are wrapped anew, and knows no columns. To rotate: `ring.rotate(…)`, `reseal(…)` for each
table, then `ring.destroy(old)`.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, Dialect, LargeBinary, Table, bindparam, select, update
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import Null
from sqlalchemy.types import TypeDecorator

from jiedun.errors import VaultError
from jiedun.vault.ciphers import NONCE, seal, unseal
from jiedun.vault.fields import Kind, normal
from jiedun.vault.keyring import Keyring, Use

Ring = Callable[[], Keyring]


class _Sealed(TypeDecorator.Comparator[Any]):
    """A sealed value compares with nothing but NULL: equal values are sealed differently."""

    def operate(self, op: Any, *other: Any, **more: Any) -> Any:
        """The comparison with NULL; VaultError for any other, which would silently find nothing."""
        null = len(other) == 1 and (other[0] is None or isinstance(other[0], Null))
        if op not in (operators.eq, operators.ne, operators.is_, operators.is_not) or not null:
            raise VaultError(
                "a sealed column is not compared", next_step="look up by a `BlindIndex` column"
            )
        return super().operate(op, *other, **more)


class _Encrypted(TypeDecorator[Any]):
    """A value sealed for one column. `ring` gives the open keyring; `where` is `table.column`."""

    impl = LargeBinary
    cache_ok = False
    comparator_factory = _Sealed

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


def reseal(link: Connection, table: Table, tags: Mapping[str, str], batch: int = 500) -> int:
    """The number of rows whose sealed columns, and blind indexes, were made anew under the active keys,
    inside the caller's transaction. `tags` names for each index column the sealed column it is of.
    VaultError where a value does not open, or the table has no primary key."""
    keys = list(table.primary_key.columns)
    sealed = [c for c in table.columns if isinstance(c.type, _Encrypted)]
    if not keys:
        raise VaultError("a table without a primary key is not resealed", where=table.name)
    marks = [column == bindparam(f"of_{column.name}") for column in keys]
    names = [*(c.name for c in sealed), *tags]
    change = update(table).where(*marks).values({n: bindparam(f"new_{n}") for n in names})
    page = select(*keys, *sealed).order_by(*keys).limit(batch)
    done = 0
    while some := link.execute(page.offset(done)).mappings().all():
        link.execute(change, [_anew(row, keys, sealed, tags) for row in some])
        done += len(some)
    return done


def _anew(
    row: Any, keys: Sequence[Any], sealed: Sequence[Any], tags: Mapping[str, str]
) -> dict[str, Any]:
    return {
        **{f"of_{c.name}": row[c.name] for c in keys},
        **{f"new_{c.name}": row[c.name] for c in sealed},
        **{f"new_{name}": row[of] for name, of in tags.items()},
    }
