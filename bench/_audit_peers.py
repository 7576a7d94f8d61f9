"""Peers of the audit: what a good engineer would write by hand for the contacts of `_audit_data` alone.

Each gives the findings of all rules that these contacts can break, with force, certainty and clauses,
and the contacts that cannot be decided, and writes the findings to Parquet. What the audit reads from
rules and columns is written down here as constants: banks, Shanghai, no words, dates after all limits.
"""

from pathlib import Path

import duckdb

STANDARD = ("gbt-45251-2025#5.3",)
TOLD: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("CN-COL-009-all", "calls_over_daily_limit", "advisory", "certain", ()),
    (
        "CN-COL-016",
        "call_bombing",
        "law",
        "possible",
        ("public-security-penalties#50", "civil-code#1033"),
    ),
    (
        "CN-COL-011",
        "call_outside_hours",
        "standard",
        "certain",
        ("gbt-45251-2025#5.3", "cba-guide-2026"),
    ),
    ("CN-COL-012", "call_outside_hours", "advisory", "certain", ()),
    (
        "CN-COL-002",
        "third_party_contact",
        "law",
        "certain",
        ("civil-code#1033", "pipl#13", *STANDARD),
    ),
    ("CN-COL-002-contact", "third_party_contact", "standard", "certain", STANDARD),
    (
        "CN-COL-002-refused",
        "contact_after_refusal",
        "law",
        "probable",
        ("civil-code#1033", *STANDARD),
    ),
    ("CN-COL-004", "address_book_exposure", "law", "possible", ("pipl#10", "civil-code#1033")),
    ("GATE-COL-009-A", "calls_over_daily_limit", "standard", "certain", STANDARD),
    ("GATE-COL-009-B", "calls_over_daily_limit", "standard", "certain", STANDARD),
    ("GATE-COL-010", "unanswered_over_limit", "advisory", "certain", ()),
    (
        "GATE-PI-WRONG-PERSON",
        "third_party_contact",
        "law",
        "probable",
        ("civil-code#1033", "pipl#13"),
    ),
)
RULES = tuple(row[0] for row in TOLD)

# Counters of calls by one sort a key over whole numbers; rare things (refusals, the person's own calls,
# wrong persons, third persons) only among the debtors that have any.
_HAND = """
CREATE TEMP TABLE c AS SELECT file_row_number AS seq, hash(creditor, debtor) AS d, hash(person) AS p,
    hash("number") AS n, epoch_us("at") // 1000000 AS s, (epoch_us("at") // 1000000 + 28800) // 86400 AS day,
    (epoch_us("at") // 1000000 + 28800) % 86400 AS sec, channel = 'call' AS call, "role" = 'debtor' AS own,
    "role" IN ('relative', 'colleague', 'friend', 'unknown') AS third, "role" = 'emergency_contact' AS ec,
    direction = 'in' AS inward, CASE WHEN channel = 'call' THEN connected ELSE coalesce(connected, true) END AS conn,
    kind, coalesce(refuses_contact, false) AS refuses, coalesce(wrong_person, false) AS wrong
    FROM read_parquet('{path}', file_row_number = true);
CREATE TEMP TABLE calls AS SELECT seq,
    count(CASE WHEN own THEN 1 END) OVER w AS calls_today,
    count(CASE WHEN own AND conn AND kind IN ('interactive', 'attempt') AND NOT wrong THEN 1 END) OVER w AS talks,
    count(CASE WHEN own AND conn AND kind IN ('notification', 'attempt') THEN 1 END) OVER w AS notices,
    count(CASE WHEN own AND NOT conn THEN 1 END) OVER (PARTITION BY d, n, day ORDER BY s, seq
        ROWS UNBOUNDED PRECEDING) AS unanswered,
    count(*) OVER (PARTITION BY d, p ORDER BY s RANGE BETWEEN 600 PRECEDING AND 1 PRECEDING)
        + count(*) OVER (PARTITION BY d, p, s ORDER BY seq ROWS UNBOUNDED PRECEDING) AS burst
    FROM c WHERE call AND inward
    WINDOW w AS (PARTITION BY d, p, day ORDER BY s, seq ROWS UNBOUNDED PRECEDING);
CREATE TEMP TABLE thirds AS SELECT seq, (SELECT count(*) FROM c AS x WHERE x.d = t.d AND x.day = t.day
        AND x.s < t.s AND x.call AND x.inward AND x.own AND x.conn) AS answered,
    count(DISTINCT p) OVER (PARTITION BY d ORDER BY s RANGE BETWEEN 604800 PRECEDING AND CURRENT ROW) AS persons
    FROM c AS t WHERE inward AND (third OR ec);
CREATE TEMP TABLE own AS SELECT d, p, s, refuses FROM c WHERE NOT inward;
CREATE TEMP TABLE own_before AS SELECT c.seq, count(CASE WHEN o.refuses THEN 1 END) AS refusals,
    bool_or(o.s >= c.s - 86400) AS day_before, bool_or(o.s >= c.s - 600) AS just_before
    FROM c JOIN own AS o ON o.d = c.d AND o.p = c.p AND o.s < c.s WHERE c.inward GROUP BY c.seq;
CREATE TEMP TABLE wrongs AS SELECT c.seq, count(*) AS wrongs FROM c JOIN
    (SELECT d, n, s FROM c WHERE wrong AND inward) AS w ON w.d = c.d AND w.n = c.n AND w.s < c.s
    WHERE c.inward GROUP BY c.seq;
CREATE TEMP TABLE facts AS SELECT c.*, calls_today, talks, notices, unanswered, burst, answered, persons,
    refusals, day_before, just_before, wrongs
    FROM c LEFT JOIN calls USING (seq) LEFT JOIN thirds USING (seq) LEFT JOIN own_before USING (seq)
    LEFT JOIN wrongs USING (seq) WHERE inward;
CREATE TEMP TABLE hit AS
    SELECT seq, s, day, sec, 0 AS rule, false AS low, calls_today AS value
        FROM facts WHERE own AND call AND calls_today > 3
    UNION ALL SELECT seq, s, day, sec, 1, burst < 15, burst FROM facts WHERE call AND burst >= 5
    UNION ALL SELECT seq, s, day, sec, 2, coalesce(just_before, false), NULL FROM facts
        WHERE sec < 28800 OR sec >= 79200
    UNION ALL SELECT seq, s, day, sec, 3, coalesce(just_before, false), NULL FROM facts
        WHERE sec >= 75600 AND sec < 79200
    UNION ALL SELECT seq, s, day, sec, 4, coalesce(day_before, false), NULL FROM facts WHERE third
    UNION ALL SELECT seq, s, day, sec, 5, false, answered FROM facts WHERE ec AND answered > 0
    UNION ALL SELECT seq, s, day, sec, 6, false, refusals FROM facts WHERE (ec OR third) AND refusals > 0
    UNION ALL SELECT seq, s, day, sec, 7, false, persons FROM facts WHERE (ec OR third) AND persons >= 3
    UNION ALL SELECT seq, s, day, sec, 8, kind = 'attempt', talks FROM facts WHERE own AND call
        AND kind IN ('interactive', 'attempt') AND conn AND NOT wrong AND talks > 3
    UNION ALL SELECT seq, s, day, sec, 9, kind = 'attempt', notices FROM facts WHERE own AND call
        AND kind IN ('notification', 'attempt') AND conn AND notices > 3
    UNION ALL SELECT seq, s, day, sec, 10, false, unanswered FROM facts
        WHERE own AND call AND NOT conn AND unanswered > 6
    UNION ALL SELECT seq, s, day, sec, 11, false, wrongs FROM facts WHERE wrongs > 0;
COPY (SELECT told.rule, '1' AS rule_version, told.violation, told.force,
    CASE WHEN low THEN 'possible' ELSE told.certainty END AS certainty, told.cites, r.id AS contact_id,
    s AS instant, DATE '1970-01-01' + day::INTEGER AS local_date, sec AS second_of_day, r.creditor, r.agency,
    CAST(NULL AS VARCHAR) AS collector, r.debtor, r.person, r.lender_type, value
    FROM read_parquet('{path}', file_row_number = true) AS r JOIN hit ON hit.seq = r.file_row_number
    JOIN told ON told.nth = hit.rule) TO '{out}' (FORMAT parquet);
"""
_HAND_UNKNOWN = """
SELECT count(CASE WHEN third THEN 1 END), count(CASE WHEN ec THEN 1 END),
    count(CASE WHEN own AND call AND conn IS NULL AND kind IN ('interactive', 'attempt') AND NOT wrong
        AND talks > 3 THEN 1 END),
    count(CASE WHEN own AND call AND conn IS NULL AND kind IN ('notification', 'attempt') AND notices > 3 THEN 1 END),
    count(CASE WHEN own AND call AND conn IS NULL AND unanswered > 6 THEN 1 END) FROM facts
"""


def by_hand(db: duckdb.DuckDBPyConnection, path: Path, out: Path) -> tuple[int, ...]:
    """The numbers of contacts not decided, once the findings lie in the Parquet file `out`."""
    rows = ", ".join(
        f"({i}, '{rule}', '{violation}', '{force}', '{certainty}', {list(cites)}::VARCHAR[])"
        for i, (rule, violation, force, certainty, cites) in enumerate(TOLD)
    )
    db.execute(f"CREATE TEMP TABLE told AS SELECT * FROM (VALUES {rows}) "
               "AS t(nth, rule, violation, force, certainty, cites)")  # fmt: skip
    for statement in _HAND.format(path=path, out=out).split(";\n"):
        if statement.strip():
            db.execute(statement)
    return tuple(db.execute(_HAND_UNKNOWN).fetchone() or ())
