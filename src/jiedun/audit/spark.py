"""The facts, counters and verdicts of contacts in Spark: the same SQL, transpiled, over the same rows.

Files are read, typed and joined by DuckDB as ever, and handed over as Parquet; Spark reads words in
Arrow batches, counts and judges; DuckDB writes the findings with their clauses. `pyspark` and a Java
runtime are needed only here (`pip install 'jiedun[spark]'`). With a cluster, the output folder must be
one that its workers see too, and the package must be installed on them.
"""

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import sqlglot

from jiedun.audit import facts_sql, judge_sql
from jiedun.audit.plain import Plain, far_zones
from jiedun.audit.sources.interface import text
from jiedun.audit.texts import FLAGS, said_of
from jiedun.audit.totals import key_sql
from jiedun.errors import UsageError
from jiedun.gate.rules import GateRules
from jiedun.model.reading import Label
from jiedun.rules import counters

LOCAL = "local[2]"
_BATCH = 4096
_WALL = "from_utc_timestamp(timestamp_seconds(instant), zone)"
_SECOND = f"(hour({_WALL}) * 3600 + minute({_WALL}) * 60 + second({_WALL}))"
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",  # wall times are worked out zone by zone
    "spark.sql.ansi.enabled": "true",  # a sum that overflows is an error, never a wrong count
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(_BATCH),
    "spark.log.level": "ERROR",
}
_HERE = {"spark.sql.shuffle.partitions": "4", "spark.driver.bindAddress": "127.0.0.1",
         "spark.driver.host": "127.0.0.1", "spark.ui.showConsoleProgress": "false"}  # fmt: skip


def why_not() -> str | None:
    """What is missing for Spark to run here; None when nothing is."""
    if importlib.util.find_spec("pyspark") is None or importlib.util.find_spec("pyarrow") is None:
        return "pyspark and pyarrow are not installed"
    java = os.environ.get("JAVA_HOME")
    if not (java and (Path(java) / "bin" / "java").exists()) and shutil.which("java") is None:
        return "there is no Java runtime"
    return None


def session(master: str | None, work: Path, more: Mapping[str, str] | None = None) -> Any:
    """A Spark session; UsageError says what is missing. Without `master` it runs on two threads here.

    `more` are settings of Spark's that go before those of this module.
    """
    missing = why_not()
    if missing:
        raise UsageError(
            "the Spark engine cannot start", why=missing,
            next_step="pip install 'jiedun[spark]' and install Java 17, or use --engine duckdb",
        )  # fmt: skip
    sql: Any = importlib.import_module("pyspark.sql")
    here = master is None or master.startswith("local")
    builder = sql.SparkSession.builder.master(master or LOCAL).appName("jiedun audit")
    settings = {**_SETTINGS, "spark.sql.warehouse.dir": str(work / "warehouse")}
    if here:
        source = str(Path(__file__).parents[2])
        settings |= {**_HERE, "spark.local.dir": str(work), "spark.executorEnv.PYTHONPATH": source}
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # read when the context starts
    for key, value in (settings | dict(more or {})).items():
        builder = builder.config(key, value)
    return builder.getOrCreate()


def _beside() -> Any:
    """A session on the Spark that runs already, whose settings and views are nobody else's."""
    sql: Any = importlib.import_module("pyspark.sql")
    spark = sql.SparkSession.builder.getOrCreate().newSession()
    here = spark.sparkContext.master.startswith("local")
    for key, value in (_SETTINGS | (_HERE if here else {})).items():
        if spark.conf.isModifiable(key):
            spark.conf.set(key, value)
    return spark


@contextmanager
def opened(master: str | None, work: Path) -> Iterator[Any]:
    """A session as `session` gives it, and Spark is stopped at the end; where Spark runs already, a
    session of its own on that Spark, which goes on running."""
    spark_context = importlib.import_module("pyspark").SparkContext if why_not() is None else None
    if spark_context is not None and spark_context._active_spark_context is not None:
        yield _beside()
        return
    spark = session(master, work)
    try:
        yield spark
    finally:
        spark.stop()


class Spark(Plain):
    """Judges partitions in Spark; what follows from the verdicts is `Plain`'s."""

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        rules: GateRules,
        names: Sequence[str],
        spark: Any,
        work: Path,
    ) -> None:
        super().__init__(db, rules, names)
        self.spark = spark
        self.work = work
        self.zones = far_zones(db)

    def prepare(self, part: int, of: int) -> None:
        """Nothing; the partition `part` of `of` lies judged in temporary tables."""
        where = f"{key_sql('creditor', 'debtor', 'seq')} % {of} = {part}" if of > 1 else "true"
        raw, judged = self.work / "raw.parquet", self.work / "judged"
        self.db.execute(f"CREATE OR REPLACE TEMP VIEW part AS SELECT * FROM raw WHERE {where}")
        self.db.execute(f"COPY (SELECT * FROM part) TO {text(str(raw))} (FORMAT parquet)")
        self.spark.read.parquet(raw.resolve().as_uri()).createOrReplaceTempView("raw")
        self._judged().write.mode("overwrite").parquet(judged.resolve().as_uri())
        self.db.execute(
            f"CREATE OR REPLACE TEMP TABLE judged AS SELECT * FROM read_parquet({text(str(judged / '*.parquet'))})"
        )
        raw.unlink()
        shutil.rmtree(judged)
        days = "SELECT DISTINCT lender_type_, local_date FROM judged ORDER BY ALL"
        judge_sql.standings(self.db, self.rules.rules, self.db.execute(days).fetchall())

    def _judged(self) -> Any:
        """The contacts that a rule accuses or cannot decide, with all facts."""
        texts = self._words()
        self.spark.sql(base_sql(zones=self.zones, texts=texts)).createOrReplaceTempView("base")
        counted = self.spark.sql(counted_sql(self.rules, self.names))
        counted.createOrReplaceTempView("judged_facts")
        masks = judge_sql.masks_sql(self.rules.rules, dialect="spark")
        return self.spark.sql(
            f"SELECT * FROM (SELECT *, {masks} FROM judged_facts) WHERE hits <> 0 OR doubts <> 0"
        )

    def _words(self) -> bool:
        """Whether any contact has words; the view `said` then says what they do."""
        if self.db.execute("SELECT 1 FROM part WHERE text IS NOT NULL LIMIT 1").fetchone() is None:
            return False
        told = self.spark.sql("SELECT seq, channel, role, text FROM raw WHERE text IS NOT NULL")
        told.mapInArrow(read_batches, said_schema()).createOrReplaceTempView("said")
        return True

    def contacts_sql(self) -> str:
        """A query for the contacts of the partition towards persons: `key` (the debtor), `day`, `hour`."""
        local = facts_sql.local_facts(zones=self.zones)
        return f"""
        SELECT {key_sql("creditor", "debtor", "seq")} AS key, {local["local_date"]} - DATE '1970-01-01' AS day,
            {local["second_of_day"]} // 3600 AS hour
        FROM part WHERE nullif(coalesce(direction, 'in'), 'unknown') = 'in' OR direction = 'unknown'
        """


def base_sql(*, zones: bool, texts: bool) -> str:
    """The base facts over `raw`, in Spark's SQL."""
    query = facts_sql.base_sql(zones=zones, texts=texts, where="true")
    if zones:
        query = query.replace(facts_sql.CLOCK, _SECOND).replace(facts_sql.LOCAL, _WALL)
    return sqlglot.transpile(query, read="duckdb", write="spark")[0]


def counted_sql(rules: GateRules, names: Sequence[str]) -> str:
    """The facts of `base` with the counters `names`; unknown where it is not known who was contacted."""
    windows = ", ".join(
        f"CASE WHEN placed_ THEN {counters.sql(facts_sql.cut(c), 'spark')} END AS `{c.name}`"
        for c in rules.counters
        if c.name in set(names)
    )
    return f"SELECT *, {windows} FROM base" if windows else "SELECT * FROM base"


def said_schema() -> str:
    """The columns of `said` as Spark writes a schema."""
    labels = ", ".join(f"says_{label.value} BIGINT" for label in Label)
    return f"seq_ BIGINT, {labels}, " + ", ".join(f"{name} BOOLEAN" for name in FLAGS)


def read_batches(batches: Iterator[Any]) -> Iterator[Any]:
    """Arrow batches of `said`, one for each batch of `seq, channel, role, text`; runs on the workers."""
    arrow: Any = importlib.import_module("pyarrow")
    names = ["seq_", *(f"says_{label.value}" for label in Label), *FLAGS]
    types = [arrow.bool_() if name in FLAGS else arrow.int64() for name in names]
    for batch in batches:
        columns = [batch.column(name).to_pylist() for name in ("seq", "channel", "role", "text")]
        read = list(said_of(list(zip(*columns, strict=True))))
        arrays = [
            arrow.array([row[name] for row in read], type=kind)
            for name, kind in zip(names, types, strict=True)
        ]
        yield arrow.RecordBatch.from_arrays(arrays, names=names)
