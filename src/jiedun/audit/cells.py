"""The cells of a file as SQL: typed values (`c_…`), whether something was given (`g_…`), when a row is bad."""

from collections.abc import Collection

from jiedun.model.contact_record import COLUMNS, Column, ColumnType

FIRST, LAST = 694_224_000, 4_102_444_800  # 1992-01-01, 2100-01-01 UTC
WHO = ("creditor", "debtor", "person", "role")
"""The columns that say who is who."""


def kept(column: Column) -> str:
    """The type in which a column is kept."""
    return "INTEGER" if column.type is ColumnType.CLOCK else column.type.value


def typed_sql(held: dict[str, str]) -> str:
    """All values and whether they were given, as a list of expressions over `s`."""
    values = ", ".join(f"{_typed(c, held)} AS c_{c.name}" for c in COLUMNS)
    given = ", ".join(f"{_present(c, held)} AS g_{c.name}" for c in COLUMNS)
    return f"{values}, {given}"


def bad_sql(held: dict[str, str], absent: Collection[str] = ()) -> dict[str, str]:
    """For each column that a row may be refused for, when it is; those in `absent` may be missing."""
    checks = {c.name: _bad(c, held, missing=c.name in absent) for c in COLUMNS}
    return {name: check for name, check in checks.items() if check}


def _present(column: Column, held: dict[str, str]) -> str:
    """Texts are told from nothing by their first letter; only those that begin with a blank are trimmed."""
    if column.name not in held:
        return "false"
    cell = f's."{column.name}"'
    if held[column.name] != "VARCHAR":
        return f"({cell} IS NOT NULL)"
    return f"({cell} IS NOT NULL AND ({cell} >= '!' OR trim({cell}) <> ''))"


def _typed(column: Column, held: dict[str, str]) -> str:
    """The column's value, or NULL where it cannot be had."""
    kind = held.get(column.name)
    if kind is None:
        return f"CAST(NULL AS {'BIGINT' if column.type is ColumnType.INSTANT else kept(column)})"
    cell = f's."{column.name}"'
    if column.type is ColumnType.INSTANT:
        return _instant(cell, kind)
    if column.type is ColumnType.CLOCK:
        return f"CAST(epoch(TRY_CAST({cell} AS TIME)) AS INTEGER)"
    if column.type is ColumnType.TEXT:
        plain = cell if kind == "VARCHAR" else f"CAST({cell} AS VARCHAR)"
        return f"nullif(trim({plain}), '')" if column.values else f"nullif({plain}, '')"
    return cell if kind == column.type.value else f"TRY_CAST({cell} AS {column.type.value})"


def _instant(cell: str, kind: str) -> str:
    """Epoch seconds; whole numbers from 1e11 on are milliseconds. A day without a clock is no time."""
    if kind in ("BIGINT", "INTEGER", "UBIGINT", "HUGEINT"):
        return (
            f"CAST(CASE WHEN {cell} >= 100000000000 THEN {cell} // 1000 ELSE {cell} END AS BIGINT)"
        )
    if kind.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"(epoch_us({cell}) // 1000000)"
    if kind == "DATE":
        return "CAST(NULL AS BIGINT)"
    if kind != "VARCHAR":
        return f"CAST(floor(epoch(TRY_CAST({cell} AS TIMESTAMPTZ))) AS BIGINT)"
    number = f"TRY_CAST({cell} AS BIGINT)"
    return (
        f"CASE WHEN contains({cell}, ':') THEN CAST(floor(epoch(TRY_CAST({cell} AS TIMESTAMPTZ))) AS BIGINT) "
        f"WHEN {number} >= 100000000000 THEN {number} // 1000 WHEN {number} >= {FIRST} THEN {number} END"
    )


def _bad(column: Column, held: dict[str, str], *, missing: bool) -> str:
    """When a row is refused for this column; nothing where it never is."""
    value, kind = f"c_{column.name}", held.get(column.name)
    if kind is None:
        return ""
    checks = [] if _always_had(column, kind) else [f"(g_{column.name} AND {value} IS NULL)"]
    if column.needed and not missing:
        checks.append(f"NOT g_{column.name}")
    if column.values:
        values = ", ".join(f"'{v}'" for v in column.values)
        checks.append(f"({value} IS NOT NULL AND {value} NOT IN ({values}))")
    if column.type is ColumnType.INSTANT:
        checks.append(f"({value} < {FIRST} OR {value} >= {LAST})")
    if column.name == "seconds":
        checks.append(f"({value} < 0 OR {value} > 864000)")
    if column.name == "zone":
        checks.append(
            f"({value} IS NOT NULL AND {value} NOT IN (SELECT name FROM pg_timezone_names()))"
        )
    return " OR ".join(checks)


def _always_had(column: Column, kind: str) -> bool:
    """Whether what is given is always a value of the column."""
    return column.type is ColumnType.TEXT or kind == column.type.value
