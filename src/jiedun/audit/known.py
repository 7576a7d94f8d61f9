"""What the lender knows beside the contacts: whose number it is, whose loan.

A number that two rows give to different people or roles settles nothing: it is left out and counted.
So is a debt that two rows give to different debtors or creditors. What neither file says stays unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from jiedun.audit.sources.interface import Lines, name, text
from jiedun.audit.sources.lines import (
    broken_lines,
    csv_table,
    first_lines,
    headed,
    in_utf8,
    numbered,
)
from jiedun.audit.sources.salvage import salvaged_table
from jiedun.errors import UnreadableFile
from jiedun.model.loan import LenderType
from jiedun.model.party import Role

PARTY = {
    "number": ("number", "phone", "号码", "电话", "电话号码", "手机号"),
    "person": ("person", "person_id", "人员编号", "客户号"),
    "role": ("role", "身份", "角色"),
    "creditor": ("creditor", "债权人", "委托方"),
    "debtor": ("debtor", "借款人", "债务人"),
    "agency": ("agency", "受托机构", "催收机构"),
    "collector": ("collector", "催收员", "坐席"),
}
LOAN = {
    "debt": ("debt", "loan", "id", "合同号", "借据号"),
    "debtor": ("debtor", "借款人", "债务人"),
    "creditor": ("creditor", "lender", "债权人", "出借方"),
    "lender_type": ("lender_type", "creditor_kind", "机构类型"),
    "signed": ("signed", "from", "签订日", "放款日"),
    "settled": ("settled", "until", "结清日"),
}
_SIDE = "('lender', 'collector')"


@dataclass(frozen=True, slots=True)
class Known:
    """How many numbers and debts are held, how many were left out as contradictory, and whether any."""

    numbers: int = 0
    debts: int = 0
    contradictory: int = 0
    given: bool = False


def number_key(cell: str) -> str:
    """A SQL expression for the one writing of a number: digits, without the country's prefix."""
    digits = f"regexp_replace({cell}, '[^0-9A-Za-z+*]', '', 'g')"
    return f"nullif(regexp_replace({digits}, '^(?:\\+?86|0086|0)?(1[3-9][0-9]{{9}})$', '\\1'), '')"


def load(
    db: duckdb.DuckDBPyConnection, parties: Sequence[Path], loans: Sequence[Path], work: Path
) -> Known:
    """What is known; `parties` and `loans` hold it, `refused` the rows that could not be used."""
    db.execute(
        "CREATE OR REPLACE TABLE parties_in (key VARCHAR, person VARCHAR, role VARCHAR, creditor VARCHAR, "
        "debtor VARCHAR, agency VARCHAR, collector VARCHAR)"
    )
    db.execute(
        "CREATE OR REPLACE TABLE loans_in (debt VARCHAR, debtor VARCHAR, creditor VARCHAR, "
        "lender_type VARCHAR, signed DATE, settled DATE)"
    )
    for path in parties:
        _parties(db, path, work)
    for path in loans:
        _loans(db, path, work)
    return _settle(db, given=bool(parties or loans))


def _settle(db: duckdb.DuckDBPyConnection, *, given: bool) -> Known:
    sides = ", ".join(
        f"any_value({c}) AS {c}" for c in ("creditor", "debtor", "agency", "collector")
    )
    clash = " OR ".join(
        f"count(DISTINCT {c}) > 1" for c in ("person", "role", "creditor", "debtor", "agency")
    )
    db.execute(
        f"CREATE OR REPLACE TABLE parties AS SELECT key, any_value(person) AS person, any_value(role) AS role, "
        f"{sides} FROM parties_in GROUP BY key HAVING NOT ({clash})"
    )
    db.execute(
        "CREATE OR REPLACE TABLE loans AS SELECT debt, any_value(debtor) AS debtor, "
        "any_value(creditor) AS creditor, any_value(lender_type) AS lender_type, min(signed) AS signed, "
        "max(settled) AS settled FROM loans_in GROUP BY debt "
        "HAVING count(DISTINCT debtor) <= 1 AND count(DISTINCT creditor) <= 1"
    )
    db.execute(
        "CREATE OR REPLACE TABLE loans_of AS SELECT debtor, list({'debt': debt, 'creditor': creditor, "
        "'lender_type': lender_type, 'signed': signed, 'settled': settled} ORDER BY debt) AS held "
        "FROM loans WHERE debtor IS NOT NULL GROUP BY debtor"
    )
    counts = db.execute(
        "SELECT (SELECT count(*) FROM parties), (SELECT count(*) FROM loans), "
        "(SELECT count(DISTINCT key) FROM parties_in) - (SELECT count(*) FROM parties) "
        "+ (SELECT count(DISTINCT debt) FROM loans_in) - (SELECT count(*) FROM loans)"
    ).fetchone() or (0, 0, 0)
    return Known(counts[0], counts[1], counts[2], given)


def _table(
    db: duckdb.DuckDBPyConnection, path: Path, known: dict[str, tuple[str, ...]], work: Path
) -> str:
    """A table expression with the columns of `known` as trimmed text and `row_no`."""
    if path.suffix.lower() in (".parquet", ".pq"):
        source = f"read_parquet({text(str(path))})"
        cut = numbered(source)
        held = [r[0].lower() for r in db.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    else:
        ready = in_utf8(path, work)
        sample = first_lines(ready, 1)
        if not sample:
            raise UnreadableFile("the file is empty")
        lines = headed(sample[0])
        held, cut = list(lines.columns), _cut(db, path, ready, lines, work)
    first = next(iter(known))
    if not set(known[first]) & set(held):
        raise UnreadableFile(f"the file has no column {first}", next_step="see docs/audit.md")
    told = ", ".join(f"{_cell(names, held)} AS {ours}" for ours, names in known.items())
    return f"(SELECT {told}, row_no FROM {cut})"


def _cell(names: Sequence[str], held: Sequence[str]) -> str:
    there = next((n for n in names if n in held), None)
    return f"nullif(trim(CAST({name(there)} AS VARCHAR)), '')" if there else "CAST(NULL AS VARCHAR)"


def _refuse(db: duckdb.DuckDBPyConnection, path: Path, tests: dict[str, str]) -> None:
    """Nothing; rows of `known_in` that fail a test go to `refused` with the columns at fault."""
    bad = ", ".join(
        f"CASE WHEN coalesce({test}, false) THEN '{c}' END" for c, test in tests.items()
    )
    db.execute(
        "CREATE OR REPLACE TEMP TABLE known_in AS SELECT *, "
        f"list_filter([{bad}], lambda x: x IS NOT NULL) AS bad_columns FROM known_in"
    )
    db.execute(
        "INSERT INTO refused SELECT $1, row_no, bad_columns FROM known_in WHERE len(bad_columns) > 0",
        [path.name],
    )


def _cut(db: duckdb.DuckDBPyConnection, path: Path, ready: Path, lines: Lines, work: Path) -> str:
    """A table expression over the rows of a text file; lines that are none go to `refused`."""
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE known_cut AS SELECT * FROM {numbered(csv_table(ready, lines))}"
    )
    broken = broken_lines(db, head=True)
    if broken == []:
        return "known_cut"
    table, lost = salvaged_table(db, ready, lines, work)
    db.execute("INSERT INTO refused SELECT $1, unnest($2::BIGINT[]), ['(line)']", [path.name, lost])
    return table


def _parties(db: duckdb.DuckDBPyConnection, path: Path, work: Path) -> None:
    table = _table(db, path, PARTY, work)
    db.execute(
        f"CREATE OR REPLACE TEMP TABLE known_in AS SELECT *, {number_key('number')} AS key FROM {table}"
    )
    roles = ", ".join(text(role) for role in Role)
    _refuse(db, path, {"number": "key IS NULL", "role": f"role NOT IN ({roles})"})
    db.execute(
        "INSERT INTO parties_in SELECT key, CASE WHEN role NOT IN "
        f"{_SIDE} THEN coalesce(person, key) ELSE person END, nullif(role, 'unknown'), creditor, "
        f"coalesce(debtor, CASE WHEN role = 'debtor' THEN coalesce(person, key) END), agency, collector "
        "FROM known_in WHERE len(bad_columns) = 0"
    )


def _loans(db: duckdb.DuckDBPyConnection, path: Path, work: Path) -> None:
    table = _table(db, path, LOAN, work)
    db.execute(f"CREATE OR REPLACE TEMP TABLE known_in AS SELECT * FROM {table}")
    kinds = ", ".join(text(kind) for kind in LenderType)
    _refuse(db, path, {
        "debt": "debt IS NULL", "lender_type": f"lender_type NOT IN ({kinds})",
        "signed": "signed IS NOT NULL AND TRY_CAST(signed AS DATE) IS NULL",
        "settled": "settled IS NOT NULL AND TRY_CAST(settled AS DATE) IS NULL",
    })  # fmt: skip
    db.execute(
        "INSERT INTO loans_in SELECT debt, debtor, creditor, lender_type, CAST(signed AS DATE), "
        "CAST(settled AS DATE) FROM known_in WHERE len(bad_columns) = 0"
    )
