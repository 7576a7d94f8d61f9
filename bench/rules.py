"""The rulebook measured: Python and DuckDB agree on 5,000 predicates; time a decision; rows judged."""

import importlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import duckdb

from jiedun import law
from jiedun.model.evidence import ItemRef
from jiedun.model.loan import LenderType
from jiedun.model.time import SHANGHAI
from jiedun.rules.facts import FactTable, FactType
from jiedun.rules.judge import Row, judge
from jiedun.rules.language import Predicate, select
from jiedun.rules.pack import of_subject, rulebook
from jiedun.rules.rule import Rule

# The generator of predicates and rows that the tests use; its folder is no package.
_equality: Any = importlib.import_module("tests.rules.test_equality")

PREDICATES, ROWS, RULES, RUNS = 5_000, 30_000, 60, 5
_START = datetime(2026, 3, 1, tzinfo=SHANGHAI)


def run() -> bool:
    """Whether both compilers agree and the judging meets its time."""
    equal = _equivalence()
    rules, rows = _rules(), _rows(random.Random(1))
    table = rules[0].table
    same = _peer(rules, rows, table)
    _decisions(rules, rows)
    return _judging(rules, rows) and equal and same


def _equivalence() -> bool:
    rng = random.Random(2026)
    table = _equality.TABLE
    predicates = [Predicate.of(_equality.predicate_text(rng), table) for _ in range(PREDICATES)]
    rows = [{}, *_equality.fact_rows(rng, 60)]
    pairs = [(p.sql("duckdb"), p.missing_sql("duckdb")) for p in predicates]
    answers = _equality.in_duckdb(pairs, rows, table)
    differing = sum(
        found != _equality.in_python(predicate, rows)
        for predicate, found in zip(predicates, answers, strict=True)
    )
    verdicts = PREDICATES * len(rows)
    print(f"{PREDICATES:,} predicates, {verdicts:,} verdicts, Python = DuckDB: {differing} differ")
    return bool(differing == 0)


def _rules() -> list[Rule]:
    contact = of_subject(rulebook(), "contact")
    return [replace(contact[i % len(contact)], id=f"R{i}") for i in range(RULES)]


def _rows(rng: random.Random) -> list[Row]:
    """Contacts of a long case: a fifth from creditors, words on one in fifty, one fact in 100 null."""
    table = _rules()[0].table
    made = []
    for i in range(ROWS):
        at = _START + timedelta(seconds=rng.randrange(180 * 86400))
        facts = {name: _value(fact.type, fact.values, rng) for name, fact in table.facts.items()}
        facts |= {
            "by_creditor": rng.random() < 0.2,
            "second_of_day": at.hour * 3600 + at.minute * 60 + at.second,
            "local_date": at.date(),
            "creditor": rng.choice("甲乙丙"),
            "role_given": True,
        }
        for name in rng.sample(sorted(facts), 1) if rng.random() < 0.3 else ():
            facts[name] = None
        made.append(Row(ItemRef("calls.csv", i + 1), at, at.date(), facts))
    return made


def _value(kind: FactType, values: Sequence[str], rng: random.Random) -> Any:
    if kind is FactType.BOOL:
        return rng.random() < 0.1
    if kind is FactType.INT:
        return rng.choice([0] * 49 + [1, 4])
    if kind is FactType.DATE:
        return date(2026, 3, 1)
    return rng.choice(values) if values else "甲"


def _timed(work: Callable[[], object]) -> float:
    """Median CPU seconds of several runs, so that a busy machine does not count."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return median(times)


def _decisions(rules: Sequence[Rule], rows: Sequence[Row]) -> None:
    facts = [row.facts for row in rows[:5_000]]
    indices = list(range(len(facts)))
    decisions = len(facts) * len(rules)

    def one_by_one() -> None:
        for rule in rules:
            for row in facts:
                rule.when.evaluate(row)

    def scanned() -> None:
        for rule in rules:
            select(rule.when, facts, indices)

    for name, work in (("evaluate", one_by_one), ("scan", scanned)):
        print(f"{name}: {_timed(work) / decisions * 1e6:.2f} µs a decision, {len(rules)} rules")


def _peer(rules: Sequence[Rule], rows: Sequence[Row], table: FactTable) -> bool:
    """DuckDB on the same predicates and rows: the same counts, and its time in the same run."""
    facts: list[Mapping[str, Any]] = [row.facts for row in rows]
    indices = list(range(len(facts)))
    ours = [[len(part) for part in select(rule.when, facts, indices)] for rule in rules]
    counts = ", ".join(
        f"count(*) FILTER ({r.when.sql('duckdb')}), count(*) FILTER ({r.when.sql('duckdb')} IS NULL)"
        for r in rules
    )
    with duckdb.connect() as db:
        _equality.fill(db, facts, table)
        theirs: list[Any] = []
        spent = _timed(lambda: theirs.append(db.execute(f"SELECT {counts} FROM facts").fetchone()))
    each = spent / len(rows) / len(rules) * 1e6
    print(f"peer: DuckDB 1 thread, {each:.3f} µs a decision over a whole table, counts the same")
    return [n for pair in ours for n in pair] == list(theirs[0])


def _judging(rules: Sequence[Rule], rows: Sequence[Row]) -> bool:
    found: list[Any] = []

    def work() -> None:
        found[:] = [judge(rules, rows, lender_type_of=lambda _: LenderType.BANK, cite=law.cite)]

    spent = _timed(work)
    print(
        f"judge: {len(rows):,} rows x {len(rules)} rules in {spent:.2f} s CPU, "
        f"{len(found[0].findings):,} findings, {len(found[0].unknown):,} unknown entries (target 1.5 s)"
    )
    return spent < 1.5
