"""One audit: files in, findings and counts out, partition by partition, resumable.

Contacts are cut by debtor, so that every counter finds its rows in one partition. A partition that
is done lies in `findings/` with a receipt; run again over the same files and rules, it is not done
twice.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from jiedun.audit.cases import Case, collect
from jiedun.audit.ingest import SHOWN_REFUSALS, Unread, connect, ingest, no_codes
from jiedun.audit.plain import Plain
from jiedun.audit.plan import Plan, plan
from jiedun.audit.profiles import lean_sql
from jiedun.audit.progress import Progress, silent
from jiedun.audit.pruned import Pruned
from jiedun.audit.sources.opening import files_in
from jiedun.audit.totals import Periods, Totals, groups_of, of_partition, periods_of
from jiedun.errors import InputError, UsageError
from jiedun.gate.rules import GateRules
from jiedun.rules.rule import Rule


@dataclass(slots=True)
class Audit:
    """What an audit found: rows seen, refused and accused, and what could not be decided.

    `refused` lists the first thousand by (file, row, columns); `unknown` by (rule, missing, count).
    `told` counts what was unknown, said otherwise or seen twice;
    `sources` are (file, format) in the order of `seq`; `cases` the worst debtors with their contacts.
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
    totals: Totals = field(default_factory=Totals)
    periods: Periods | None = None
    told: dict[str, int] = field(default_factory=dict)
    sources: list[tuple[str, str]] = field(default_factory=list)
    rules_version: str = ""
    days: tuple[str, str] = ("", "")
    cases: list[Case] = field(default_factory=list)

    @property
    def partly(self) -> bool:
        """Whether some input could not be read."""
        return bool(self.unread or self.refused_count)

    @property
    def undecided(self) -> int:
        """Contacts, at least, that some rule could not decide: those of the rule with most."""
        by_rule: Counter[str] = Counter()
        for rule, _, contacts in self.unknown:
            by_rule[rule] += contacts
        return max(by_rule.values(), default=0)

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
    progress: Progress = silent,
    parties: Sequence[Path] = (),
    loans: Sequence[Path] = (),
    engine: str = "duckdb",
    master: str | None = None,
) -> Audit:
    """The audit of the contacts in `paths`, written below `out`; InputError where none can be read."""
    if not paths:
        raise UsageError("no file of contacts was named", next_step="jiedun audit contacts.parquet")
    paths = files_in(paths)
    (out / "findings").mkdir(parents=True, exist_ok=True)
    with connect(out / "spill", threads=threads, memory=memory) as db:
        result = Audit(out, rules_version=rules.version)
        planned = plan(rules)
        lean = partial(lean_sql, planned) if planned else no_codes
        seen = partial(progress, "read", len(paths))
        result.unread = ingest(db, paths, lean, parties=parties, loans=loans, progress=seen)
        _count_refused(db, result)
        if len(result.unread) == len(paths):
            raise InputError(
                "no file of contacts could be read", where=result.unread[0].file,
                why=result.unread[0].why,
            )  # fmt: skip
        with _judging(db, rules, planned, engine, master, out) as judge:
            _Run(db, result, judge, _inputs([*paths, *parties, *loans], rules)).go(progress)
        result.cases = collect(db, result.files(), result.sources)
    return result


@contextmanager
def _judging(
    db: duckdb.DuckDBPyConnection,
    rules: GateRules,
    planned: Plan | None,
    engine: str,
    master: str | None,
    out: Path,
) -> Iterator[Pruned | Plain]:
    """What judges: in DuckDB counting where it matters, or everything where the rules cannot be
    planned; or Spark, whose libraries are imported for those alone who ask for it."""
    names = used_counters(rules, rules.rules)
    if engine == "duckdb":
        yield Plain(db, rules, names) if planned is None else Pruned(db, planned, names)
        return
    from jiedun.audit.spark import Spark, opened

    work = out / "spill"
    work.mkdir(exist_ok=True)
    with opened(master, work) as spark:
        yield Spark(db, rules, names, spark, work)


def _count_refused(db: duckdb.DuckDBPyConnection, result: Audit) -> None:
    result.rows = _one(db, "SELECT count(*) FROM lean")
    result.refused_count = _one(db, "SELECT count(*) FROM refused")
    result.totals.groups = groups_of(db)
    rows = db.execute(f"SELECT * FROM refused ORDER BY ALL LIMIT {SHOWN_REFUSALS}").fetchall()
    result.refused = [(file, row, list(columns)) for file, row, columns in rows]
    told = "SELECT what, sum(contacts)::BIGINT FROM told GROUP BY 1 HAVING sum(contacts) > 0 ORDER BY 1"
    result.told = dict(db.execute(told).fetchall())
    found = db.execute("SELECT number, name, format FROM sources").fetchall()
    kept = {number: (name, label) for number, name, label in found}
    result.sources = [kept.get(i, ("", "")) for i in range(max(kept, default=-1) + 1)]
    days = db.execute(
        "SELECT CAST(to_timestamp(min(instant)) AS DATE), CAST(to_timestamp(max(instant)) AS DATE) FROM lean"
    ).fetchone() or (None, None)
    result.periods = periods_of(*days)
    result.days = (str(days[0] or ""), str(days[1] or ""))


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
        self._clear()
        totals: dict[tuple[str, tuple[str, ...]], int] = {}
        for part in range(self.count):
            receipt = self._receipt(part)
            if receipt is None:
                receipt = self._partition(part)
            else:
                self.result.resumed += 1
            self.result.findings += receipt["findings"]
            self.result.totals.add(receipt["totals"])
            for rule, missing, contacts in receipt["unknown"]:
                key = (rule, tuple(missing))
                totals[key] = totals.get(key, 0) + contacts
            progress("judge", self.count, part + 1)
        self.result.unknown = [(rule, list(m), n) for (rule, m), n in sorted(totals.items())]

    def _clear(self) -> None:
        """Nothing; what an earlier run over other input left behind goes."""
        for path in self.result.files():
            if self._receipt(int(path.stem.removeprefix("part-"))) is None:
                path.unlink()
        for path in (self.result.out / "findings").glob("part-*.half"):
            path.unlink()

    def _path(self, part: int) -> Path:
        return self.result.out / "findings" / f"part-{part:05}.parquet"

    def _receipt(self, part: int) -> dict[str, Any] | None:
        path = self._path(part).with_suffix(".json")
        try:
            held: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        same = held.get("inputs") == self.inputs and held.get("partitions") == self.count
        same = same and part < self.count and "totals" in held
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
            "totals": of_partition(self.db, path, self.result.periods, self.judge.contacts_sql()),
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
