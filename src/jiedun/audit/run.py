"""One audit: files in, findings and counts out, partition by partition, resumable.

Contacts are cut by debtor, so that every counter finds its rows in one partition. A partition that
is done lies in `findings/` with a receipt; run again over the same files and rules, it is not done
twice.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from jiedun.audit.ingest import SHOWN_REFUSALS, Unread, connect, ingest, no_codes
from jiedun.audit.plain import Plain
from jiedun.audit.plan import Plan, plan
from jiedun.audit.profiles import lean_sql
from jiedun.audit.pruned import Pruned
from jiedun.errors import InputError, UsageError
from jiedun.gate.rules import GateRules
from jiedun.rules.rule import Rule

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Audit:
    """What an audit found: rows seen, refused and accused, and what could not be decided.

    `refused` lists the first thousand by (file, row, columns); `unknown` by (rule, missing, count).
    `contacts_of` counts the rows of each agency.
    """

    out: Path
    rows: int = 0
    refused_count: int = 0
    refused: list[tuple[str, int, list[str]]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    findings: int = 0
    unknown: list[tuple[str, list[str], int]] = field(default_factory=list)
    partitions: int = 0
    resumed: int = 0
    contacts_of: dict[str, int] = field(default_factory=dict)

    @property
    def partly(self) -> bool:
        """Whether some input could not be read."""
        return bool(self.unread or self.refused_count)

    def files(self) -> list[Path]:
        """The Parquet files of the findings, in order."""
        return sorted((self.out / "findings").glob("part-*.parquet"))


def audit(
    paths: Sequence[Path],
    out: Path,
    rules: GateRules,
    *,
    threads: int = 2,
    memory: str = "6GB",
    progress: Progress = lambda done, of: None,
) -> Audit:
    """The audit of the contacts in `paths`, written below `out`; InputError where none can be read."""
    if not paths:
        raise UsageError("no file of contacts was named", next_step="jiedun audit contacts.parquet")
    (out / "findings").mkdir(parents=True, exist_ok=True)
    with connect(out / "spill", threads=threads, memory=memory) as db:
        result = Audit(out)
        planned = plan(rules)
        lean = partial(lean_sql, planned) if planned else no_codes
        result.unread = ingest(db, paths, lean)
        _count_refused(db, result)
        if len(result.unread) == len(paths):
            raise InputError(
                "no file of contacts could be read", where=result.unread[0].file,
                why=result.unread[0].why,
            )  # fmt: skip
        judge = _judge(db, rules, planned)
        _Run(db, result, judge, _inputs(paths, rules)).go(progress)
    return result


def _judge(db: duckdb.DuckDBPyConnection, rules: GateRules, planned: Plan | None) -> Pruned | Plain:
    """Counting where it matters; everything, where contacts have words or the rules cannot be planned."""
    names = used_counters(rules, rules.rules)
    words = db.execute("SELECT 1 FROM raw WHERE text IS NOT NULL LIMIT 1").fetchone()
    if planned is None or words is not None:
        return Plain(db, rules, names)
    return Pruned(db, planned, names)


def _count_refused(db: duckdb.DuckDBPyConnection, result: Audit) -> None:
    result.rows = _one(db, "SELECT count(*) FROM lean")
    result.refused_count = _one(db, "SELECT count(*) FROM refused")
    agencies = db.execute("SELECT coalesce(agency, ''), count(*) FROM raw GROUP BY 1").fetchall()
    result.contacts_of = dict(agencies)
    rows = db.execute(f"SELECT * FROM refused ORDER BY ALL LIMIT {SHOWN_REFUSALS}").fetchall()
    result.refused = [(file, row, list(columns)) for file, row, columns in rows]


def _inputs(paths: Sequence[Path], rules: GateRules) -> str:
    """A digest over what the answer hangs on: the files as they lie there, and the rules."""
    parts = [rules.version]
    for path in paths:
        stat = path.stat() if path.exists() else None
        parts.append(
            f"{path.name} {stat.st_size if stat else -1} {stat.st_mtime_ns if stat else 0}"
        )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _one(db: duckdb.DuckDBPyConnection, query: str) -> int:
    found = db.execute(query).fetchone()
    return int(found[0]) if found else 0


class _Run:
    """The partitions of one audit, one after another."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, result: Audit, judge: Pruned | Plain, inputs: str
    ) -> None:
        self.db = db
        self.result = result
        self.judge = judge
        self.inputs = inputs
        self.count = max(1, -(-result.rows // judge.rows_a_partition))

    def go(self, progress: Progress) -> None:
        self.result.partitions = self.count
        totals: dict[tuple[str, tuple[str, ...]], int] = {}
        for part in range(self.count):
            receipt = self._receipt(part)
            if receipt is None:
                receipt = self._partition(part)
            else:
                self.result.resumed += 1
            self.result.findings += receipt["findings"]
            for rule, missing, contacts in receipt["unknown"]:
                key = (rule, tuple(missing))
                totals[key] = totals.get(key, 0) + contacts
            progress(part + 1, self.count)
        self.result.unknown = [(rule, list(m), n) for (rule, m), n in sorted(totals.items())]

    def _path(self, part: int) -> Path:
        return self.result.out / "findings" / f"part-{part:05}.parquet"

    def _receipt(self, part: int) -> dict[str, Any] | None:
        path = self._path(part).with_suffix(".json")
        try:
            held: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        same = held.get("inputs") == self.inputs and held.get("partitions") == self.count
        return held if same and self._path(part).exists() else None

    def _partition(self, part: int) -> dict[str, Any]:
        self.judge.prepare(part, self.count)
        path = self._path(part)
        half = path.with_suffix(".half")
        query = self.judge.findings_sql()
        found = _one(self.db, f"COPY ({query}) TO '{_sql(half)}' (FORMAT parquet)")
        half.replace(path)
        receipt = {
            "inputs": self.inputs,
            "partitions": self.count,
            "findings": found,
            "unknown": [[rule, list(missing), n] for rule, missing, n in self.judge.unknown()],
        }
        path.with_suffix(".json").write_text(json.dumps(receipt), "utf-8")
        return receipt


def _sql(path: Path) -> str:
    return str(path).replace("'", "''")


def used_counters(rules: GateRules, judged: Sequence[Rule]) -> list[str]:
    """The counters that `judged` speak of, in the order of the counters."""
    spoken: set[str] = set()
    for rule in judged:
        spoken |= {*rule.facts, *rule.when.facts}
    return [c.name for c in rules.counters if c.name in spoken]


def rows_of(db: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    """The rows of a query as mappings."""
    found = db.execute(query)
    names = [column[0] for column in found.description]
    while batch := found.fetchmany(2000):
        for row in batch:
            yield dict(zip(names, row, strict=True))
