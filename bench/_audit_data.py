"""Contacts for the bench of the audit, made by DuckDB: sixty days of one bank group's collection.

A debtor has thirty contacts; one debtor in fifty is pressed and has ten times as many. 72 in 100 are
calls, 94 in 100 go to the debtor, one in 100 falls outside 8 to 22 o'clock and one or two after 21;
some redial within minutes; one call in 3,000 reaches the wrong person, one contact in 1,000 is the person's own call.
Half of the calls are answered; of one call in 1,000 that is not known.
"""

from pathlib import Path

import duckdb

_FIRST = 1_772_380_800  # 2026-03-02 00:00 in Shanghai

_MAKE = """
COPY (
WITH drawn AS (SELECT i, hash(i) AS a, hash(i * 7 + 1) AS b, hash(i * 13 + 5) AS c, hash(i * 17 + 3) AS e
    FROM range({rows}) AS t(i)),
people AS (SELECT *, CAST(CASE WHEN a % 100 < 20 THEN b % greatest({debtors} // 50, 1) ELSE b % {debtors} END
        AS BIGINT) AS debtor_no,
    CASE WHEN a // 100 % 100 < 72 THEN 'call' WHEN a // 100 % 100 < 98 THEN 'sms' ELSE 'visit' END AS channel,
    CASE WHEN c % 1000 < 940 THEN 'debtor' WHEN c % 1000 < 975 THEN 'emergency_contact'
        WHEN c % 1000 < 985 THEN 'relative' WHEN c % 1000 < 990 THEN 'colleague' ELSE 'guarantor' END AS "role"
    FROM drawn),
timed AS (SELECT *, CAST(e % 60 AS BIGINT) AS day, c // 1000 % 997 = 0 AS own,
    CASE "role" WHEN 'debtor' THEN 0 ELSE 1 + c // 1000000 % 4 END AS nth FROM people)
SELECT 'c' || i AS id,
    to_timestamp({first} + day * 86400 + CASE
        WHEN e // 60 % 1000 < 10 THEN CAST((79200 + e // 60000 % 36000) % 86400 AS BIGINT)
        WHEN e // 60 % 1000 < 25 THEN 75600 + CAST(e // 60000 % 3600 AS BIGINT)
        WHEN e // 60 % 1000 < 225 THEN 32400 + CAST(hash(debtor_no, day) % 36000 + e // 60000 % 900 AS BIGINT)
        ELSE 28800 + CAST(e // 60000 % 46800 AS BIGINT) END) AS "at",
    'bank-' || debtor_no % 3 AS creditor, 'D' || debtor_no AS debtor,
    CASE nth WHEN 0 THEN 'D' || debtor_no ELSE 'D' || debtor_no || '-' || nth END AS person, "role",
    CASE WHEN own THEN 'call' ELSE channel END AS channel,
    CASE WHEN own OR channel = 'call' THEN CASE WHEN b // 7 % 10 = 0 THEN 'attempt'
        WHEN b // 7 % 10 < 4 THEN 'notification' ELSE 'interactive' END
        WHEN channel = 'visit' THEN 'visit' ELSE 'message' END AS kind,
    CASE WHEN own THEN 'out' ELSE 'in' END AS direction,
    CASE WHEN own OR channel = 'call' THEN CASE WHEN b // 70 % 1000 = 0 THEN NULL ELSE b // 70 % 100 < 50 END END
        AS connected,
    CAST(13000000000 + hash(debtor_no, nth) % 6000000000 AS VARCHAR) AS "number",
    'L' || debtor_no AS debt, 'bank' AS lender_type, 'A' || a // 10000 % 20 AS agency,
    own AND b // 70000 % 2 = 0 AS refuses_contact,
    channel = 'call' AND NOT own AND b // 70000 % 3000 = 0 AS wrong_person
FROM timed) TO '{path}' (FORMAT parquet)
"""


def make(path: Path, rows: int) -> None:
    """Nothing; `path` holds `rows` contacts, the same for the same number."""
    with duckdb.connect() as db:
        db.execute("SET threads = 2")
        db.execute("SET memory_limit = '4GB'")
        db.execute(_MAKE.format(rows=rows, debtors=rows // 40 + 1, first=_FIRST, path=path))
