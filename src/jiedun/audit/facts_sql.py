"""The facts of contacts as SQL: base facts of each row, then the counters of the gate.

The names and meanings are those of `gate.facts`; a test replays the same contacts through the gate
and compares every fact of every row.
"""

from collections.abc import Iterable
from dataclasses import replace

from jiedun.gate.rules import GateRules
from jiedun.model.reading import Label
from jiedun.rules import counters
from jiedun.rules.counters import Counter

_CALL = "channel = 'call'"
_TOWARD = "nullif(coalesce(direction, 'in'), 'unknown')"
_ROLE = "nullif(role, 'unknown')"
_THIRD = f"{_ROLE} IN ('relative', 'colleague', 'friend')"
_SHANGHAI = "(zone IS NULL OR zone = 'Asia/Shanghai')"
LOCAL = "timezone(zone, to_timestamp(instant))"
CLOCK = f"CAST(epoch(CAST({LOCAL} AS TIME)) AS BIGINT)"

BASE: dict[str, str] = {
    "instant": "instant",
    "seq": "seq",
    "channel": "channel",
    "kind": f"coalesce(kind, CASE WHEN {_CALL} THEN 'attempt' WHEN channel IN ('visit', 'poster') "
    "THEN 'visit' ELSE 'message' END)",
    "incoming": f"{_TOWARD} = 'in'",
    "outgoing": f"{_TOWARD} = 'out'",
    "owner": "person",
    "peer": "coalesce(caller, creditor)",
    "dialled": "coalesce(number, person)",
    "creditor": "creditor",
    "debtor": "coalesce(creditor || chr(31) || debtor, 'row ' || seq)",
    "debt": "coalesce(debt, '')",
    "by_creditor": f"{_TOWARD} = 'in'",
    "connected": f"CASE WHEN {_CALL} THEN connected ELSE coalesce(connected, true) END",
    "duration_s": "seconds",
    "has_text": "text IS NOT NULL",
    "on_word": "false",
    "to_debtor": f"{_ROLE} = 'debtor'",
    "to_guarantor": f"{_ROLE} = 'guarantor'",
    "to_contact_person": f"{_ROLE} = 'emergency_contact'",
    "to_third_person": _THIRD,
    "role_given": "true",
    "sender_open": "false",
    "sender_doubted": "false",
    "answers_question": "false",
    "names_somebody": "true",
    "mentions_debtor": "true",
    "owner_is_spouse": "false",
    "in_phonebook": "in_phonebook",
    "declared": "declared",
    "debtor_reachable": "debtor_reachable",
    "refusal_on_file": "coalesce(refusal_on_file, false)",
    "wrong_person": "coalesce(wrong_person, false)",
    "hours_agreed": "agreed_from IS NOT NULL AND agreed_to IS NOT NULL",
}
"""Facts that a row of `raw` gives by itself, without its words and its local time."""

PLACED = "creditor IS NOT NULL AND debtor IS NOT NULL AND person IS NOT NULL"
"""Whether it is known who was contacted for whom: without that, nothing can be counted."""

_WORDS = ("is_notice", "asks_identity", "refuses_identity")


def local_facts(*, zones: bool) -> dict[str, str]:
    """The local date and second; with arithmetic alone where every row is in Asia/Shanghai."""
    day = "DATE '1970-01-01' + CAST((instant + 28800) // 86400 AS INTEGER)"
    second = "(instant + 28800) % 86400"
    if zones:
        day = f"CASE WHEN {_SHANGHAI} THEN {day} ELSE CAST({LOCAL} AS DATE) END"
        second = f"CASE WHEN {_SHANGHAI} THEN {second} ELSE {CLOCK} END"
    return {"local_date": day, "second_of_day": second}


def agreed(second: str) -> str:
    """Whether the second of the day lies in the agreed hours, which may go over midnight."""
    inside = (
        f"CASE WHEN agreed_from <= agreed_to THEN {second} >= agreed_from AND {second} < agreed_to "
        f"ELSE {second} >= agreed_from OR {second} < agreed_to END"
    )
    return f"coalesce(({inside}), false)"


def _word_facts(*, texts: bool) -> dict[str, str]:
    """Facts of the words, from the table `said` where there are any words at all."""
    labels = [f"says_{label.value}" for label in Label]
    if not texts:
        plain = dict.fromkeys(labels, "0")
        return {
            **plain, **dict.fromkeys(_WORDS, "false"), "about_debt": "true",
            "refuses_contact": "coalesce(r.refuses_contact, false)",
        }  # fmt: skip
    return {
        **{name: f"coalesce(said.{name}, 0)" for name in labels},
        **{name: f"coalesce(said.{name}, false)" for name in _WORDS},
        "about_debt": "coalesce(said.about_debt, true)",
        "refuses_contact": "coalesce(r.refuses_contact, said.refuses_contact, false)",
    }


def base_sql(*, zones: bool, texts: bool, where: str, source: str = "raw") -> str:
    """A query over `source` for every base fact, with the columns that findings name."""
    local = local_facts(zones=zones)
    facts = {
        **BASE, **local, "in_agreed_hours": agreed(f"({local['second_of_day']})"),
        **_word_facts(texts=texts),
    }  # fmt: skip
    told = ", ".join(f'{expression} AS "{name}"' for name, expression in facts.items())
    join = "LEFT JOIN said ON said.seq_ = r.seq" if texts else ""
    extra = "id AS contact_id, agency AS agency_, collector AS collector_, debtor AS debtor_"
    lender = f"coalesce(lender_type, 'unknown') AS lender_type_, {PLACED} AS placed_"
    return f"SELECT {told}, {extra}, {lender} FROM {source} AS r {join} WHERE {where}"


def counters_sql(
    rules: GateRules, names: Iterable[str], empty: frozenset[str], *, placed: bool = True
) -> str:
    """A list of window expressions for the counters `names`; those in `empty` count nothing.

    Where not every row is `placed`, the counters of those that are not are unknown.
    """
    wanted = set(names)
    start, end = ("", "") if placed else ("CASE WHEN placed_ THEN ", " END")
    return ", ".join(
        f'{start}CAST(0 AS BIGINT){end} AS "{c.name}"'
        if c.name in empty
        else f'{start}{counters.sql(cut(c), "duckdb")}{end} AS "{c.name}"'
        for c in rules.counters
        if c.name in wanted
    )


def cut(counter: Counter) -> Counter:
    """The counter without the creditor among its keys: `debtor` is one of one creditor already."""
    return replace(counter, per=tuple(key for key in counter.per if key != "creditor"))


def empty_sql(rules: GateRules) -> str:
    """A query that says of each counter whether any row counts in it."""
    parts = (
        f'coalesce(bool_or({c.of.sql("duckdb")}), false) AS "{c.name}"' for c in rules.counters
    )
    return f"SELECT {', '.join(parts)} FROM base"
