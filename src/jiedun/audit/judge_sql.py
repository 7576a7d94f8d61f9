"""Rules over the facts of contacts, in one pass a partition: who is accused, what stays unknown."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from jiedun import law
from jiedun.model.finding import Certainty
from jiedun.model.loan import LenderType
from jiedun.rules.rule import Rule
from jiedun.rules.standing import Standing, standing


def standings(
    db: duckdb.DuckDBPyConnection, rules: Sequence[Rule], pairs: Sequence[tuple[str, date]]
) -> None:
    """Nothing; the table `standing` says what each rule is to each type of lender on each day."""
    db.execute(
        "CREATE OR REPLACE TABLE standing (place INTEGER, lender_type VARCHAR, day DATE, "
        "applies BOOLEAN, force VARCHAR, open BOOLEAN, cites VARCHAR[])"
    )
    rows = []
    for lender, day in pairs:
        for place, rule in enumerate(rules):
            if rule.applies_on(day):
                held = standing(rule, LenderType(lender), day, law.cite)
                if held.applies is not False:
                    rows.append((place, lender, day, *_held(held)))
    for start in range(0, len(rows), 2000):
        part = rows[start : start + 2000]
        marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(part))
        db.execute(f"INSERT INTO standing VALUES {marks}", [v for row in part for v in row])


def _held(held: Standing) -> tuple[Any, ...]:
    cites = [f"{c.instrument}#{c.article}" if c.article else c.instrument for c in held.cites]
    return held.applies, held.force.value, held.open, cites


def _holds(rule: Rule) -> str:
    excused = "".join(f" AND NOT coalesce({e.when.sql('duckdb')}, false)" for e in rule.exceptions)
    return f"({rule.when.sql('duckdb')}){excused}"


def _mask(tests: Sequence[str]) -> str:
    bits = (f"CASE WHEN {test} THEN {1 << place} ELSE 0 END" for place, test in enumerate(tests))
    return f"CAST({' + '.join(bits)} AS BIGINT)"


def masks_sql(rules: Sequence[Rule]) -> str:
    """Two columns: `hits` has a bit for each rule that holds, `doubts` for each that is unknown."""
    unknown = [f"({_holds(rule)}) IS NULL" for rule in rules]
    return f"{_mask([_holds(rule) for rule in rules])} AS hits, {_mask(unknown)} AS doubts"


def _places(mask: str, count: int) -> str:
    """The list of the bits that are set."""
    return f"list_filter(range({count}), lambda p: (({mask}) >> p) & 1 = 1)"


def _certainty(rule: Rule) -> str:
    """How sure a row is: the rule's own word, lowered where a lowering is true or unknown."""
    ranks = [str(rule.certainty.rank)]
    for lowering in rule.lowers:
        ranks.append(
            f"CASE WHEN coalesce({lowering.when.sql('duckdb')}, true) THEN {lowering.to.rank} ELSE 0 END"
        )
    return f"greatest({', '.join(ranks)}, 0)"


def _cases(rules: Sequence[Rule], texts: Sequence[str]) -> str:
    whens = " ".join(f"WHEN {place} THEN {text}" for place, text in enumerate(texts))
    return f"CASE place {whens} END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def findings_sql(rules: Sequence[Rule], facts: Sequence[str]) -> str:
    """A query over `judged` for one row a rule and contact; `facts` are told beside it."""
    names = [str(c) for c in Certainty]
    sure = (
        f"[{', '.join(map(_quoted, names))}][1 + {_cases(rules, [_certainty(r) for r in rules])}]"
    )
    told = ", ".join(f'"{name}"' for name in facts)
    possible = "(s.open AND len(s.cites) = 0) OR s.applies IS NULL"
    return f"""
    SELECT {_cases(rules, [_quoted(r.id) for r in rules])} AS rule,
        {_cases(rules, [_quoted(r.version) for r in rules])} AS rule_version,
        {_cases(rules, [_quoted(r.violation) for r in rules])} AS violation,
        s.force AS force,
        CASE WHEN {possible} THEN 'possible' ELSE {sure} END AS certainty,
        s.cites AS cites, contact_id, instant, local_date, second_of_day, creditor,
        agency_ AS agency, collector_ AS collector, debtor_ AS debtor, owner AS person,
        lender_type_ AS lender_type, {told}
    FROM (SELECT *, unnest({_places("hits", len(rules))}) AS place FROM judged WHERE hits <> 0)
    JOIN standing AS s USING (place)
    WHERE s.lender_type = lender_type_ AND s.day = local_date AND s.applies IS NOT NULL
    """


def unknown_sql(rules: Sequence[Rule]) -> str:
    """A query over `judged` for the contacts a rule cannot decide, by what is missing."""
    missing = _cases(rules, [rule.when.missing_sql("duckdb") for rule in rules])
    return f"""
    SELECT {_cases(rules, [_quoted(r.id) for r in rules])} AS rule,
        CASE WHEN s.applies IS NULL AND (hits >> place) & 1 = 1 THEN ['lender_type'] ELSE {missing} END
            AS missing,
        count(*) AS contacts
    FROM (SELECT *, unnest({_places("hits | doubts", len(rules))}) AS place FROM judged)
    JOIN standing AS s USING (place)
    WHERE s.lender_type = lender_type_ AND s.day = local_date
        AND ((doubts >> place) & 1 = 1 OR ((hits >> place) & 1 = 1 AND s.applies IS NULL))
    GROUP BY ALL ORDER BY ALL
    """
