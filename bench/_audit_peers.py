"""Peers of the audit: what a good engineer would write by hand for the contacts of `_audit_data` alone.

Each gives the findings of all rules that these contacts can break, with force, certainty and clauses,
and the contacts that cannot be decided, and writes the findings to Parquet. What the audit reads from
rules and columns is written down here as constants: banks, Shanghai, no words, dates after all limits.
"""

import importlib
from pathlib import Path
from typing import Any

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


def by_polars(path: Path, out: Path) -> tuple[int, ...]:
    """The same with Polars; ModuleNotFoundError where it is not installed."""
    pl: Any = importlib.import_module("polars")
    col, lit = pl.col, pl.lit
    raw = pl.scan_parquet(path).with_row_index("seq")
    s = col("at").dt.epoch("s")
    call = col("channel") == "call"
    c = raw.filter(col("direction") == "in").select(
        "seq", "kind", s=s, day=(s + 28800) // 86400, sec=(s + 28800) % 86400, call=call,
        d=pl.concat_str("creditor", lit("\x1f"), "debtor").hash(), p=col("person").hash(), n=col("number").hash(),
        own=col("role") == "debtor", ec=col("role") == "emergency_contact",
        third=col("role").is_in(["relative", "colleague", "friend", "unknown"]),
        conn=pl.when(call).then(col("connected")).otherwise(col("connected").fill_null(value=True)),
        wrong=col("wrong_person").fill_null(value=False),
    ).collect()  # fmt: skip
    hits: list[Any] = []

    def hit(rule: int, rows: Any, low: Any = None) -> None:
        low = lit(value=False) if low is None else low
        hits.append(rows.select("seq", "s", "day", "sec", rule=lit(rule), low=low))

    def nth(rows: Any, *key: str) -> Any:
        return rows.with_columns(nth=pl.int_range(1, pl.len() + 1).over(*key))

    calls = c.filter("call").sort("s", "seq")
    debtor = calls.filter("own")
    hit(0, nth(debtor, "d", "p", "day").filter(col("nth") > 3))
    gap = calls.with_columns(
        fifth=col("s") - col("s").shift(4).over("d", "p"), more=col("s") - col("s").shift(14).over("d", "p")
    )  # fmt: skip
    hit(1, gap.filter(col("fifth") <= 600), (col("more") > 600).fill_null(value=True))
    unknown = []
    for rule, kinds in ((8, ["interactive", "attempt"]), (9, ["notification", "attempt"])):
        rows = debtor.filter(col("kind").is_in(kinds) & (~col("wrong") if rule == 8 else True))
        rows = rows.with_columns(
            nth=col("conn").fill_null(value=False).cum_sum().over("d", "p", "day")
        )
        over = rows.filter(col("nth") > 3)
        hit(rule, over.filter("conn"), col("kind") == "attempt")
        unknown.append(over["conn"].null_count())
    rows = debtor.with_columns(
        nth=(~col("conn")).fill_null(value=False).cum_sum().over("d", "n", "day")
    )
    over = rows.filter(col("nth") > 6)
    hit(10, over.filter(~col("conn")))
    unknown.append(over["conn"].null_count())
    own = raw.filter(col("direction") == "out").select(
        s=s, d=pl.concat_str("creditor", lit("\x1f"), "debtor").hash(), p=col("person").hash(), before=s,
        refuses=col("refuses_contact"),
    ).collect()  # fmt: skip
    asked = c.filter("third").sort("s")
    last = {
        "on": "s",
        "by": ["d", "p"],
        "strategy": "backward",
        "allow_exact_matches": False,
        "check_sortedness": False,
    }
    late = c.filter((col("sec") < 28800) | (col("sec") >= 75600)).sort("s")
    late = late.join_asof(own.sort("s"), **last).with_columns(
        low=(col("s") - col("before") <= 600).fill_null(value=False)
    )
    hit(2, late.filter((col("sec") < 28800) | (col("sec") >= 79200)), col("low"))
    hit(3, late.filter((col("sec") >= 75600) & (col("sec") < 79200)), col("low"))
    hit(
        4,
        asked.join_asof(own.sort("s"), **last),
        (col("s") - col("before") <= 86400).fill_null(value=False),
    )
    answered = debtor.filter("conn").group_by("d", "day").agg(first=col("s").min())
    hit(5, c.filter("ec").join(answered, on=["d", "day"]).filter(col("first") < col("s")))
    others = c.filter(col("third") | col("ec"))
    refused = own.filter("refuses").group_by("d", "p").agg(first=col("s").min())
    hit(6, others.join(refused, on=["d", "p"]).filter(col("first") < col("s")))
    week = others.join(others.select("d", p2="p", s2="s"), on="d")
    week = week.filter((col("s2") <= col("s")) & (col("s2") >= col("s") - 604800))
    many = week.group_by("seq").agg(persons=col("p2").n_unique()).filter(col("persons") >= 3)
    hit(7, others.join(many, on="seq", how="semi"))
    wrong = c.filter("wrong").group_by("d", "n").agg(first=col("s").min())
    hit(11, c.join(wrong, on=["d", "n"]).filter(col("first") < col("s")))
    told = pl.DataFrame(
        {
            "rule": list(range(len(TOLD))), "name": list(RULES), "violation": [t[1] for t in TOLD],
            "force": [t[2] for t in TOLD], "sure": [t[3] for t in TOLD], "cites": [list(t[4]) for t in TOLD],
        },
        schema_overrides={"rule": pl.Int32},
    )  # fmt: skip
    found = pl.concat(hits).lazy().join(told.lazy(), on="rule")
    found = found.join(
        raw.select("seq", "id", "creditor", "agency", "debtor", "person", "lender_type"), on="seq"
    )
    found.select(
        rule="name", rule_version=lit("1"), violation="violation", force="force",
        certainty=pl.when("low").then(lit("possible")).otherwise("sure"), cites="cites", contact_id="id",
        instant="s", local_date=pl.from_epoch(col("day"), "d"), second_of_day="sec", creditor="creditor",
        agency="agency", collector=lit(None, pl.String), debtor="debtor", person="person", lender_type="lender_type",
    ).collect().write_parquet(out)  # fmt: skip
    return (int(c["third"].sum()), int(c["ec"].sum()), *unknown)
