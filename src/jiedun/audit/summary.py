"""What the findings of an audit say together: by rule, agency, collector, hour and week."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from jiedun.audit.chance import wilson
from jiedun.audit.run import Audit
from jiedun.audit.sources.interface import text

_MOST = 50


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole` under one name, with the bounds of a 95 % interval (Wilson)."""

    name: str
    part: int
    whole: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OfRule:
    """The findings of one rule: their force, how many of each certainty, how many a 1,000 contacts,
    with an interval that minds that contacts with one debtor are alike."""

    rule: str
    force: str
    certainties: tuple[tuple[str, int], ...]
    findings: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Summary:
    """Tables for people. Agencies, collectors (`agency / collector`), hours and weeks are rates of
    contacts with a finding that is more than a hint."""

    rules: Sequence[OfRule]
    agencies: Sequence[Rate]
    collectors: Sequence[Rate]
    hours: Sequence[Rate]
    weeks: Sequence[Rate]


def summarise(result: Audit) -> Summary:
    """The summary of an audit that has run; advisory hints are counted, and are no breach."""
    files = ", ".join(text(str(path)) for path in result.files())
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'Asia/Shanghai'")
        db.execute(f"CREATE VIEW f AS SELECT * FROM read_parquet([{files}])")
        groups = _accused(db, "coalesce(agency, ''), coalesce(collector, '')")
        hours = _accused(db, "second_of_day // 3600")
        weeks = _accused(db, "strftime(date_trunc('week', local_date), '%Y-%m-%d')")
        rules = _rules(db, result)
    totals = result.totals
    of_agency: dict[str, int] = defaultdict(int)
    whole: dict[str, int] = defaultdict(int)
    for (agency, collector), contacts in totals.groups.items():
        of_agency[agency] += groups.get((agency, collector), 0)
        whole[agency] += contacts
    named = {" / ".join(key): n for key, n in totals.groups.items() if key[1]}
    return Summary(
        rules=rules,
        agencies=_worst(of_agency, whole),
        collectors=_worst({" / ".join(map(str, key)): n for key, n in groups.items()}, named)[
            :_MOST
        ],
        hours=[_rate(f"{h:02}", hours.get((h,), 0), n) for h, n in sorted(totals.hours.items())],
        weeks=[_rate(week, weeks.get((week,), 0), n) for week, n in sorted(totals.weeks.items())],
    )


def _accused(db: duckdb.DuckDBPyConnection, by: str) -> dict[tuple[str | int, ...], int]:
    rows = db.execute(
        f"SELECT {by}, count(DISTINCT seq) AS n FROM f WHERE force <> 'advisory' GROUP BY ALL"
    ).fetchall()
    return {tuple(row[:-1]): row[-1] for row in rows}


def _rate(name: str, part: int, whole: int) -> Rate:
    return Rate(name, part, whole, *wilson(min(part, whole), whole))


def _worst(parts: Mapping[str, int], wholes: Mapping[str, int]) -> list[Rate]:
    """Rates by name; those whose interval begins highest come first, so that three contacts of which
    one is accused do not lead."""
    rates = [_rate(name, parts.get(name, 0), whole) for name, whole in wholes.items()]
    return sorted(rates, key=lambda rate: (-rate.low, -rate.part, rate.name))


def _rules(db: duckdb.DuckDBPyConnection, result: Audit) -> list[OfRule]:
    rows = db.execute(
        "SELECT rule, force, certainty, count(*) FROM f GROUP BY ALL ORDER BY 4 DESC, 1, 2, 3"
    ).fetchall()
    held: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for rule, force, certainty, count in rows:
        held.setdefault((rule, force), []).append((certainty, count))
    made = []
    for (rule, force), sure in held.items():
        share = result.totals.share(rule, "all")
        count = sum(n for _, n in sure)
        part = (
            1000 * count / max(1, share.part)
        )  # a rule has one force to a bank, another to others
        low, high = share.interval()
        made.append(
            OfRule(rule, force, tuple(sure), count, part * share.rate, part * low, part * high)
        )
    return sorted(made, key=lambda r: (-r.findings, r.rule))
