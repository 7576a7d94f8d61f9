"""Masking tables for export: pandas, Polars and Arrow alike, through `narwhals`.

Columns named like fields of the register are masked as a read without rights would be, or replaced
by keyed pseudonyms (equal values stay equal). Columns the register does not know are refused: an
export that hides some columns and lets unknown ones through is no protection.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import narwhals.stable.v1 as nw

from jiedun.errors import VaultError
from jiedun.vault.fields import Field, mask, normal
from jiedun.vault.register import Register

Frame = TypeVar("Frame")
Mac = Callable[[bytes], bytes]


def masked(
    frame: Frame,
    register: Register,
    *,
    columns: Mapping[str, str] | None = None,
    keep: frozenset[str] = frozenset(),
    mac: Mac | None = None,
) -> Frame:
    """The table, of the kind it came as, with personal columns masked; nulls stay null.

    `columns` names the field of a column called otherwise; columns in `keep` pass as they are; with
    `mac` values become pseudonyms `~` and 16 hexadecimal digits instead. VaultError for a column
    that is neither a field nor in `keep`.
    """
    table: Any = nw.from_native(frame, eager_only=True)
    named = columns or {}
    new = []
    for name in table.columns:
        if name in keep:
            continue
        field = register.fields.get(named.get(name, name))
        if field is None:
            raise VaultError(
                "a column is not in the register", where=name[:60], next_step="name it in `keep`"
            )
        values = [_hidden(field, value, mac) for value in table[name].to_list()]
        space = nw.get_native_namespace(table)
        new.append(nw.new_series(name, values, nw.String(), native_namespace=space))
    result: Frame = nw.to_native(table.with_columns(*new) if new else table)
    return result


def _hidden(field: Field, value: Any, mac: Mac | None) -> str | None:
    if value is None or value != value:  # NaN stands for a missing value in pandas
        return None
    text = value if isinstance(value, str) else str(value)
    if mac is None:
        return mask(field, text)
    spelled = normal(field.kind, text).encode("utf-8", "surrogatepass")
    return "~" + mac(b"pseudonym|%d|%b" % (field.number, spelled))[:8].hex()
