"""A partition counted in full: every counter on every contact. Rules that cannot be planned are judged
so, `pruned` is tested against it, and the facts of the gate are compared with these row by row."""

from collections.abc import Sequence

import duckdb

from jiedun.audit import facts_sql, judge_sql
from jiedun.audit.plan import limits
from jiedun.audit.texts import read_texts
from jiedun.audit.totals import key_sql
from jiedun.gate.rules import GateRules


def base_tables(
    db: duckdb.DuckDBPyConnection, rules: GateRules, where: str, names: Sequence[str]
) -> None:
    """Nothing; `judged_facts` holds base facts and the counters `names` of the rows that `where`
    picks from `raw`. Counters that no row counts in cost nothing."""
    texts = read_texts(db, where)
    zones = far_zones(db)
    base = facts_sql.base_sql(zones=zones, texts=texts, where=where)
    db.execute(f"CREATE OR REPLACE TEMP TABLE base AS {base}")
    counted = db.execute(facts_sql.empty_sql(rules)).fetchone() or ()
    flags = zip((c.name for c in rules.counters), counted, strict=True)
    empty = frozenset(name for name, some in flags if not some)
    some = db.execute("SELECT 1 FROM base WHERE NOT placed_ LIMIT 1").fetchone()
    windows = facts_sql.counters_sql(rules, names, empty, placed=some is None)
    # windows over the few columns they need, joined again by row: wide rows would be sorted each time
    db.execute(f"CREATE OR REPLACE TEMP TABLE counted AS SELECT seq AS seq_, {windows} FROM base")
    db.execute(
        "CREATE OR REPLACE TEMP TABLE judged_facts AS SELECT base.*, counted.* EXCLUDE (seq_) "
        "FROM base JOIN counted ON counted.seq_ = base.seq"
    )
    db.execute("DROP TABLE counted")
    db.execute("DROP TABLE base")


def far_zones(db: duckdb.DuckDBPyConnection) -> bool:
    """Whether any contact lies in a zone other than Asia/Shanghai."""
    found = db.execute("SELECT 1 FROM raw WHERE zone <> 'Asia/Shanghai' LIMIT 1").fetchone()
    return found is not None


class Plain:
    """Judges partitions by counting everything."""

    rows_a_partition = 5_000_000

    def __init__(
        self, db: duckdb.DuckDBPyConnection, rules: GateRules, names: Sequence[str]
    ) -> None:
        self.db = db
        self.rules = rules
        self.names = names

    def prepare(self, part: int, of: int) -> None:
        """Nothing; the partition `part` of `of` lies judged in temporary tables."""
        where = f"{key_sql('creditor', 'debtor', 'seq')} % {of} = {part}" if of > 1 else "true"
        base_tables(self.db, self.rules, where, self.names)
        days = "SELECT DISTINCT lender_type_, local_date FROM judged_facts ORDER BY ALL"
        judge_sql.standings(self.db, self.rules.rules, self.db.execute(days).fetchall())
        masks = judge_sql.masks_sql(self.rules.rules)
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE judged AS SELECT * FROM (SELECT *, {masks} FROM judged_facts) "
            "WHERE hits <> 0 OR doubts <> 0"
        )

    def findings_sql(self) -> str:
        """A query for the findings of the partition."""
        told = judge_sql.told_sql(self.rules.rules, self.names, limits(self.rules))
        return f"""
        SELECT {", ".join(judge_sql.WHAT)}, contact_id, seq, instant, local_date, second_of_day, creditor,
            agency_ AS agency, collector_ AS collector, debtor_ AS debtor, owner AS person,
            lender_type_ AS lender_type{", " + told if told else ""}
        FROM ({judge_sql.kinds_sql(self.rules.rules, "SELECT * FROM judged")})
        """

    def contacts_sql(self) -> str:
        """A query for the contacts of the partition towards persons: `key` (the debtor), `day`, `hour`."""
        return f"""
        SELECT {key_sql("creditor", "debtor_", "seq")} AS key, local_date - DATE '1970-01-01' AS day,
            second_of_day // 3600 AS hour
        FROM judged_facts WHERE incoming IS NOT FALSE
        """

    def unknown(self) -> list[tuple[str, list[str], int]]:
        """Contacts of the partition that a rule cannot decide: rule, missing facts, count."""
        source = "SELECT *, 1 AS weight FROM judged"
        return self.db.execute(judge_sql.unknown_sql(self.rules.rules, source)).fetchall()
