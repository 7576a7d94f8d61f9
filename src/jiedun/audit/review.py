"""A sample of the findings for a person to judge, and what the judgements say of all findings.

The sample is drawn by the digest of a seed, the rule and the contact: the same seed gives the same
sample on every machine and engine. Every rule has its share, however rare it is.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from math import sqrt
from pathlib import Path

import duckdb

from jiedun.audit.chance import clopper_pearson
from jiedun.audit.ingest import ROWS_A_FILE
from jiedun.audit.sources.interface import text
from jiedun.errors import InputError
from jiedun.evidence.decode import decode_text
from jiedun.present.tables import Table, restore, write_csv

HEAD = ("rule", "title", "contact", "file", "row", "at", "certainty", "facts", "right", "note")
_YES = frozenset({"y", "yes", "1", "true", "right", "是", "对", "正确"})
_NO = frozenset({"n", "no", "0", "false", "wrong", "否", "错", "错误"})


@dataclass(frozen=True, slots=True)
class Sampled:
    """One finding to be judged, with its place and the counts the rule speaks of."""

    rule: str
    contact: str
    file: str
    row: int
    at: str
    certainty: str
    facts: str


@dataclass(frozen=True, slots=True)
class Precision:
    """Of `judged` findings of a rule `right` were right; `low` and `high` bound the share at 95 %."""

    rule: str
    findings: int
    right: int
    judged: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the judgements say: by rule, and over all findings of the rules that were judged.

    `open_rows` were not filled in, `bad_rows` cannot be read, `strange` are no findings of this audit.
    """

    rules: tuple[Precision, ...]
    share: float | None
    low: float
    high: float
    open_rows: int
    bad_rows: tuple[int, ...]
    strange: int


def draw(
    findings: Sequence[Path], sources: Sequence[tuple[str, str]], *, seed: int, each: int
) -> list[Sampled]:
    """`each` findings of every rule, fewer where a rule has fewer; in order of rule and digest."""
    if not findings:
        return []
    digest = f"md5({text(str(seed))} || chr(31) || rule || chr(31) || {{}}contact_id)"
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        told = f"struct_pack(contact_id, seq, instant, certainty, facts := {_facts(db, findings)})"
        rows = db.execute(
            f"""SELECT rule, f.contact_id, f.seq // {ROWS_A_FILE}, f.seq % {ROWS_A_FILE},
                strftime(to_timestamp(f.instant), '%Y-%m-%d %H:%M:%S'), f.certainty, f.facts
            FROM (SELECT rule, unnest(min_by({told}, {digest.format("")}, {int(each)})) AS f
                FROM {_files(findings)} GROUP BY rule) ORDER BY rule, {digest.format("f.")}"""
        ).fetchall()
    return [Sampled(r[0], r[1], sources[r[2]][0], *r[3:]) for r in rows]


def _files(findings: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(text(str(path)) for path in findings)}])"


def _facts(db: duckdb.DuckDBPyConnection, findings: Sequence[Path]) -> str:
    """The counters beside a finding as one text, those that are 0 left out."""
    held = db.execute(f"DESCRIBE SELECT * FROM {_files(findings)}").fetchall()
    told = [
        column
        for column, kind, *_ in held
        if kind == "BIGINT" and column not in ("seq", "instant", "second_of_day")
    ]
    if not told:
        return "''"
    parts = ", ".join(f"CASE WHEN {c} > 0 THEN '{c} ' || {c} END" for c in told)
    return f"concat_ws('; ', {parts})"


def write_form(sampled: Sequence[Sampled], titles: Mapping[str, str], path: Path) -> None:
    """Nothing; writes the sample as a table with an empty column `right` to be filled in."""
    rows = (
        (
            s.rule,
            titles.get(s.rule, ""),
            s.contact,
            s.file,
            s.row,
            s.at,
            s.certainty,
            s.facts,
            "",
            "",
        )
        for s in sampled
    )
    write_csv(Table("review", HEAD, rows), path)


def filled_in(path: Path) -> bool:
    """Whether somebody has begun to judge the sample in this file: it is then left as it is."""
    if not path.exists():
        return False
    try:
        rows, _, bad = _judged(path)
    except InputError:
        return True
    return bool(rows or bad)


def read_form(path: Path, findings: Sequence[Path]) -> Reviewed:
    """What the filled-in table says; InputError where it is none."""
    rows, open_rows, bad = _judged(path)
    counts, known = _known(rows, findings)
    kept = [(rule, right) for (rule, contact), right in rows.items() if (rule, contact) in known]
    rules = _precisions(kept, counts)
    return Reviewed(rules, *_overall(rules), open_rows, tuple(bad), len(rows) - len(kept))


def _judged(path: Path) -> tuple[dict[tuple[str, str], bool], int, list[int]]:
    rows: dict[tuple[str, str], bool] = {}
    open_rows, bad = 0, []
    try:
        held, _, _ = decode_text(path.read_bytes())  # a spreadsheet may save it as GBK
        for number, row in enumerate(csv.DictReader(StringIO(held, newline="")), 1):
            said = (row["right"] or "").strip().lower()
            if not said:
                open_rows += 1
            elif said in _YES | _NO:
                rows[restore(row["rule"]), restore(row["contact"])] = said in _YES
            else:
                bad.append(number)
    except (OSError, KeyError, csv.Error) as error:
        raise InputError(
            "the review cannot be read", where=path.name, why=type(error).__name__,
            next_step="fill in review.csv as an audit wrote it, and save it as CSV",
        ) from error  # fmt: skip
    return rows, open_rows, bad


def _known(
    rows: Mapping[tuple[str, str], bool], findings: Sequence[Path]
) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Findings by rule, and which of the judged pairs are findings of this audit."""
    if not findings:
        return {}, set()
    with duckdb.connect() as db:
        counts = dict(
            db.execute(f"SELECT rule, count(*) FROM {_files(findings)} GROUP BY 1").fetchall()
        )
        contacts = sorted({contact for _, contact in rows})
        found = db.execute(
            f"SELECT DISTINCT rule, contact_id FROM {_files(findings)} "
            "WHERE contact_id IN (SELECT unnest($1::VARCHAR[]))",
            [contacts],
        ).fetchall()
    return counts, {(rule, contact) for rule, contact in found}


def _precisions(
    kept: Sequence[tuple[str, bool]], counts: Mapping[str, int]
) -> tuple[Precision, ...]:
    judged = Counter(rule for rule, _ in kept)
    right = Counter(rule for rule, said in kept if said)
    return tuple(
        Precision(rule, counts[rule], right[rule], n, *clopper_pearson(right[rule], n))
        for rule, n in sorted(judged.items())
    )


def _overall(rules: Sequence[Precision]) -> tuple[float | None, float, float]:
    """The share over all findings of judged rules, each rule weighed by its findings.

    The interval is Wilson's on the effective number of judgements (share · (1 − share) over the
    variance of the weighed share); where all were right or all wrong, the number that counts is the
    one of a sample as uneven as this one (Kish).
    """
    whole = sum(r.findings for r in rules)
    if not whole:
        return None, 0.0, 1.0
    weights = [r.findings / whole for r in rules]
    share = sum(w * r.right / r.judged for w, r in zip(weights, rules, strict=True))
    variance = sum(
        w * w * (r.right / r.judged) * (1 - r.right / r.judged) / r.judged
        for w, r in zip(weights, rules, strict=True)
    )
    kish = 1 / sum(w * w / r.judged for w, r in zip(weights, rules, strict=True))
    effective = min(kish, share * (1 - share) / variance) if variance > 0 else kish
    low, high = _wilson(share, effective)
    return share, low, high


def _wilson(share: float, number: float) -> tuple[float, float]:
    z2 = 3.841459
    middle = (share + z2 / (2 * number)) / (1 + z2 / number)
    half = sqrt(z2 * (share * (1 - share) / number + z2 / (4 * number**2))) / (1 + z2 / number)
    return max(0.0, middle - half), min(1.0, middle + half)
