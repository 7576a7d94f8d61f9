"""The audit in Spark beside the one in DuckDB, row by row; predicates in Python, DuckDB and Spark."""

import importlib
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jiedun.audit import spark as engine
from jiedun.audit.run import audit
from jiedun.gate.rules import load_rules

Contact = Callable[..., dict[str, Any]]
RULES = load_rules()
# The generator of predicates, which lies in a folder that is no package.
_pairs: Any = importlib.import_module("bench._spark_pairs")

pytestmark = [
    pytest.mark.skipif(engine.why_not() is not None, reason=f"no Spark here: {engine.why_not()}"),
    pytest.mark.filterwarnings("ignore"),  # of pyspark's own making: open sockets, pandas to come
]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One session with all that makes a short job quick: one partition, the fast compiler only."""
    settings = {"spark.sql.shuffle.partitions": "1", "spark.sql.codegen.wholeStage": "false",
                "spark.sql.codegen.factoryMode": "NO_CODEGEN", "spark.sql.adaptive.enabled": "false",
                "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}  # fmt: skip
    started = engine.session(None, tmp_path_factory.mktemp("spark"), settings)
    yield started
    started.stop()


def contacts(contact: Contact) -> list[dict[str, Any]]:
    """Ties, a second on either side of the limits, unknown roles and flags, zones, words, who is missing."""
    rng = random.Random(5)
    times = [
        "07:59:59",
        "08:00:00",
        "20:59:59",
        "21:00:00",
        "21:59:59",
        "22:00:00",
        "10:00:00",
        "10:00:00",
        "10:09:59",
    ]
    rows = []
    for i in range(160):
        person = rng.choice("pqrs")
        words = {
            "channel": "sms",
            "kind": "message",
            "text": rng.choice(("再不还钱打断你的腿", "您的账单已到期")),
        }
        rows.append(contact(
            str(i), f"2026-03-0{rng.randint(1, 3)} {rng.choice(times)}", debtor="d", person=person,
            creditor=rng.choice(("甲银行", "甲银行", "乙")), number=rng.choice(("1", "2", "13800130001")),
            role=rng.choice(("debtor", "debtor", "relative", "emergency_contact")),
            kind=rng.choice(("interactive", "attempt", "")),
            connected=rng.choice(("true", "false", "")), lender_type=rng.choice(("bank", "private", "")),
            debtor_reachable=rng.choice(("true", "")), declared=rng.choice(("true", "false", "")),
            zone=rng.choice(("", "", "Asia/Tokyo", "America/New_York")), wrong_person=rng.choice(("", "", "true")),
            refuses_contact="", direction="in", text="",
        ) | (words if rng.random() < 0.2 else {}))  # fmt: skip
    for row in rng.sample(rows, 8):
        row |= {"direction": "out", "refuses_contact": "true"}
    for row in rng.sample(rows, 24):
        row |= {rng.choice(("creditor", "debtor", "person", "role", "number")): ""}
    return rows


def found(out: Path) -> list[tuple[Any, ...]]:
    return duckdb.execute(
        "SELECT * FROM read_parquet($1) ORDER BY ALL", [str(out / "findings" / "*.parquet")]
    ).fetchall()


def test_findings_are_those_of_duckdb_row_by_row(
    tmp_path: Path, write_csv: Any, contact: Contact, spark: Any
) -> None:
    path = write_csv(contacts(contact))
    (tmp_path / "parties.csv").write_text("number,role\n13800130001,debtor\n", "utf-8")
    known: Any = {"parties": [tmp_path / "parties.csv"]}
    here = audit([path], tmp_path / "duckdb", RULES, **known)
    there = audit([path], tmp_path / "spark", RULES, engine="spark", **known)
    rows = found(tmp_path / "duckdb")
    assert found(tmp_path / "spark") == rows and len(rows) > 100
    assert len({row[0] for row in rows}) >= 8
    assert there.unknown == here.unknown and here.unknown
    assert there.totals == here.totals


def test_generated_predicates_are_the_same_in_three_engines(spark: Any) -> None:
    pairs, differing, verdicts = _pairs.compare(spark, predicates=40, rows=20, seed=11)
    assert (pairs, differing) == (800, 0) and verdicts == {True, False, None}


def test_a_session_that_runs_is_used_and_left_running(spark: Any, tmp_path: Path) -> None:
    def inside() -> Any:
        with engine.opened(None, tmp_path) as found:
            return found.sparkContext, found.conf.get("spark.sql.session.timeZone")

    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    with ThreadPoolExecutor(1) as pool:  # another thread sees no session as its own
        context, zone = pool.submit(inside).result()
    assert context is spark.sparkContext
    assert zone == "UTC"
    assert spark.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"  # the user's own stays
    assert spark.range(3).count() == 3
