"""Rules over the facts of contacts: who is accused, how surely, by which clause; what stays unknown."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from jiedun import law
from jiedun.model.finding import Certainty
from jiedun.model.loan import LenderType
from jiedun.rules.rule import Lowering, Rule
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


def _holds(rule: Rule, dialect: str) -> str:
    excused = "".join(f" AND NOT coalesce({e.when.sql(dialect)}, false)" for e in rule.exceptions)
    return f"({rule.when.sql(dialect)}){excused}"


def _mask(tests: Mapping[int, str]) -> str:
    bits = (f"CASE WHEN {test} THEN {1 << place} ELSE 0 END" for place, test in tests.items())
    return f"CAST({' + '.join(['0', *bits])} AS BIGINT)"


def masks_sql(
    rules: Sequence[Rule], places: Sequence[int] | None = None, *, dialect: str = "duckdb"
) -> str:
    """Two columns: `hits` has a bit for each rule that holds, `doubts` for each that is unknown; of
    the rules at `places` alone where these are given."""
    judged = range(len(rules)) if places is None else places
    holds = {place: _holds(rules[place], dialect) for place in judged}
    unknown = {place: f"({text}) IS NULL" for place, text in holds.items()}
    return f"{_mask(holds)} AS hits, {_mask(unknown)} AS doubts"


def _places(mask: str, count: int) -> str:
    """The list of the bits that are set."""
    return f"list_filter(range({count}), lambda p: (({mask}) >> p) & 1 = 1)"


def lows_sql(lowerings: Sequence[Lowering]) -> str:
    """An expression with a bit for each of `lowerings` that is true or unknown."""
    return _mask({place: _lowered(lowering) for place, lowering in enumerate(lowerings)})


def _lowered(lowering: Lowering) -> str:
    return f"coalesce({lowering.when.sql('duckdb')}, true)"


def _certainty(rule: Rule, known: Sequence[Lowering]) -> str:
    """How sure a row is: the rule's own word, lowered where a lowering is true or unknown; `lows` has
    the bits of those in `known`."""
    ranks = [str(rule.certainty.rank)]
    for lowering in rule.lowers:
        bit = next((i for i, other in enumerate(known) if other is lowering), None)
        when = _lowered(lowering) if bit is None else f"(lows >> {bit}) & 1 = 1"
        ranks.append(f"CASE WHEN {when} THEN {lowering.to.rank} ELSE 0 END")
    return f"greatest({', '.join(ranks)}, 0)"


def _cases(rules: Sequence[Rule], texts: Sequence[str]) -> str:
    whens = " ".join(f"WHEN {place} THEN {text}" for place, text in enumerate(texts))
    return f"CASE place {whens} END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


WHAT = ("rule", "rule_version", "violation", "force", "certainty", "cites")
"""The columns that say of what a contact is accused."""

WHO = ("creditor", "agency", "collector", "debtor", "person", "lender_type")
"""The columns that say who was in touch with whom."""


def kinds_sql(rules: Sequence[Rule], source: str, known: Sequence[Lowering] = ()) -> str:
    """A query for the columns of `source` with those in `WHAT` and `place`, one row a rule that holds.

    `source` is a query with `hits`, `lender_type_`, `local_date` and the facts of the rules' lowerings,
    but for those in `known`, which are told by the bits of `lows`.
    """
    names = ", ".join(_quoted(str(c)) for c in Certainty)
    sure = f"[{names}][1 + {_cases(rules, [_certainty(r, known) for r in rules])}]"
    possible = "(s.open AND len(s.cites) = 0) OR s.applies IS NULL"
    return f"""
    SELECT {_cases(rules, [_quoted(r.id) for r in rules])} AS rule,
        {_cases(rules, [_quoted(r.version) for r in rules])} AS rule_version,
        {_cases(rules, [_quoted(r.violation) for r in rules])} AS violation,
        s.force AS force,
        CASE WHEN {possible} THEN 'possible' ELSE {sure} END AS certainty,
        s.cites AS cites, j.*
    FROM (SELECT *, unnest({_places("hits", len(rules))}) AS place FROM ({source}) WHERE hits <> 0) AS j
    JOIN standing AS s USING (place)
    WHERE s.lender_type = lender_type_ AND s.day = local_date AND s.applies IS NOT NULL
    """


def told_sql(rules: Sequence[Rule], names: Sequence[str], limits: Mapping[str, int]) -> str:
    """The counters `names` as a finding tells them: those its rule speaks of, from the least value that
    may decide a rule; null otherwise."""
    told = []
    for name in names:
        places = [str(i) for i, rule in enumerate(rules) if name in rule.facts]
        value = "CAST(NULL AS BIGINT)"
        if places and name in limits:
            value = f'CASE WHEN place IN ({", ".join(places)}) AND "{name}" >= {limits[name]} THEN "{name}" END'
        told.append(f'{value} AS "{name}"')
    return ", ".join(told)


def unknown_sql(rules: Sequence[Rule], source: str) -> str:
    """A query for `rule, missing, contacts`: those a rule cannot decide, by what is missing.

    `source` is a query with `hits`, `doubts`, `weight`, `lender_type_`, `local_date` and all facts.
    """
    missing = _cases(rules, [rule.when.missing_sql("duckdb") for rule in rules])
    return f"""
    SELECT {_cases(rules, [_quoted(r.id) for r in rules])} AS rule,
        CASE WHEN s.applies IS NULL AND (hits >> place) & 1 = 1 THEN ['lender_type'] ELSE {missing} END
            AS missing,
        CAST(sum(weight) AS BIGINT) AS contacts
    FROM (SELECT *, unnest({_places("hits | doubts", len(rules))}) AS place
        FROM ({source}) WHERE hits <> 0 OR doubts <> 0)
    JOIN standing AS s USING (place)
    WHERE s.lender_type = lender_type_ AND s.day = local_date
        AND ((doubts >> place) & 1 = 1 OR ((hits >> place) & 1 = 1 AND s.applies IS NULL))
    GROUP BY ALL
    """
