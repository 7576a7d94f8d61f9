"""Counting where a limit can be reached gives the findings and the doubts of counting everything."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from jiedun.audit import run, texts
from jiedun.audit.plain import Plain
from jiedun.audit.plan import limits, plan
from jiedun.audit.pruned import Pruned
from jiedun.audit.run import Audit, audit
from jiedun.gate.rules import GateRules, load_rules
from jiedun.model.time import SHANGHAI

RULES = load_rules()
START = datetime(2026, 3, 2, tzinfo=SHANGHAI)
CLOCKS = (
    0,
    1,
    599,
    600,
    601,
    28_799,
    28_800,
    36_000,
    36_001,
    75_599,
    75_600,
    79_199,
    79_200,
    86_399,
)

HOUSE = Path(__file__).parent / "data" / "house.yaml"


@pytest.fixture(scope="module")
def house() -> GateRules:
    """The rules with two of a house that no pack of the project has the like of."""
    return load_rules([HOUSE])


SAID = (
    "再不还钱打断你的腿", "您的账单已到期", "请问您是哪家公司的？", "你是谁，哪个公司的", "你别管我是谁",
    "我不能告诉你我是谁", "不要再联系我了", "您好，我是甲银行的工作人员，您的借款已逾期", "就不告诉你",
    "低息贷款，额度20万，点击链接", "告诉张三欠钱不还，让他还钱", "【某银行】您尾号1234的贷款本期应还500元。",
    "一直打到你还钱为止",
)  # fmt: skip


def contacts(rng: Random, count: int, *, zones: bool) -> list[dict[str, Any]]:
    """Contacts of few debtors, many at one second or one beside a border."""
    return [_contact(rng, i, zones=zones) for i in range(count)]


def mixed(rng: Random, count: int, *, zones: bool, lack: float = 0.1) -> list[dict[str, Any]]:
    """The same, some with words; of some it is not known who was contacted, or for whom."""
    rows = contacts(rng, count, zones=zones)
    for row in rows:
        row["text"] = rng.choice(SAID) if rng.random() < 0.4 else ""
        row["direction"] = rng.choice(("in", "in", "out", "unknown", ""))
        row |= {
            key: ""
            for key in ("creditor", "debtor", "person", "role", "number", "caller")
            if rng.random() < lack
        }
    return rows


def _contact(rng: Random, i: int, *, zones: bool) -> dict[str, Any]:
    debtor = rng.choice(("p1", "p1", "p1", "p2", "p3"))
    role = rng.choice(("debtor",) * 6 + ("emergency_contact", "relative", "guarantor", "unknown"))
    channel = rng.choice(("call",) * 6 + ("sms", "visit"))
    call = channel == "call"
    flags = ("connected", "debtor_reachable", "refusal_on_file", "declared", "in_phonebook")
    agreed = rng.random() < 0.1
    second = rng.choice(CLOCKS) + rng.choice((0, 0, 5, 40))
    return {
        "id": f"c{i}", "at": (START + timedelta(rng.randrange(3), second)).isoformat(),
        "creditor": rng.choice("甲甲甲乙"), "debtor": debtor,
        "person": debtor if role == "debtor" else f"{debtor}{role}{rng.randrange(3)}", "role": role,
        "channel": channel,
        "kind": rng.choice(("attempt", "notification", "interactive", "")) if call else "",
        "direction": rng.choice(("in",) * 9 + ("out", "")), "number": rng.choice(("", "1", "2")),
        "debt": rng.choice(("", "L1")), "caller": rng.choice(("", "9")),
        "lender_type": rng.choice(("bank", "bank", "micro_loan", "private", "unknown", "")),
        "zone": rng.choice(("", "Asia/Tokyo", "America/New_York")) if zones else "",
        "seconds": rng.choice(("", "3", "61")), "wrong_person": rng.choice(("",) * 9 + ("true",)),
        "refuses_contact": rng.choice(("", "", "", "true")),
        "agreed_from": "09:00" if agreed else "", "agreed_to": rng.choice(("20:00", "03:00", "")) if agreed else "",
        **{name: rng.choice(("", "true", "true", "false")) for name in flags},
    }  # fmt: skip


def both(
    tmp: Path, path: Path, rules: GateRules, monkeypatch: pytest.MonkeyPatch
) -> tuple[Audit, Audit]:
    """The audit as it is and with every counter counted on every contact."""
    (tmp / "parties.csv").write_text("number,role\n13800130001,debtor\n", "utf-8")
    known = [tmp / "parties.csv"]  # given such a file, contacts need not say who is who
    pruned = audit([path], tmp / "pruned", rules, parties=known)
    with monkeypatch.context() as patched:
        patched.setattr(run, "plan", lambda _: None)
        return pruned, audit([path], tmp / "plain", rules, parties=known)


def same(first: Audit, second: Audit) -> bool:
    """Whether findings, every column of them, and doubts are equal."""
    query = "SELECT count(*) FROM (SELECT * FROM read_parquet($1) EXCEPT ALL SELECT * FROM read_parquet($2))"
    files = [[str(f) for f in a.files()] for a in (first, second)]
    left, right = (duckdb.execute(query, pair).fetchone() for pair in (files, files[::-1]))
    return left == right == (0,) and first.unknown == second.unknown


@pytest.mark.parametrize("seed", range(6))
def test_pruning_changes_nothing(
    tmp_path: Path, write_csv: Any, house: GateRules, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = Random(seed)
    rows = contacts(rng, rng.choice((5, 60, 300)), zones=seed % 4 == 3)
    path = write_csv(rows)
    pruned, plain = both(tmp_path, path, house if seed % 2 else RULES, monkeypatch)
    assert same(pruned, plain)
    assert pruned.findings == plain.findings > 0


@pytest.mark.parametrize("seed", range(8))
def test_pruning_changes_nothing_in_mixed_data(
    tmp_path: Path, write_csv: Any, house: GateRules, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = Random(100 + seed)
    rows = mixed(rng, rng.choice((40, 300)), zones=seed % 4 == 3, lack=rng.choice((0.02, 0.3)))
    pruned, plain = both(tmp_path, write_csv(rows), house if seed % 2 else RULES, monkeypatch)
    assert same(pruned, plain) and pruned.totals == plain.totals
    assert pruned.findings == plain.findings > 0 and pruned.unknown


def test_pruning_mixed_data_by_parts_and_by_shared_hashes(
    tmp_path: Path, write_csv: Any, house: GateRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(mixed(Random(41), 300, zones=False))
    monkeypatch.setattr(Pruned, "rows_a_partition", 60)
    monkeypatch.setattr(texts, "REMEMBERED", 5)
    monkeypatch.setattr(texts, "BATCH", 7)
    monkeypatch.setattr("jiedun.audit.prune_sql.hashed", lambda text: f"hash({text}) % 2")
    monkeypatch.setattr("jiedun.audit.ingest._KEY", "coalesce(hash(debtor) % 9, 0)")
    pruned, plain = both(tmp_path, path, house, monkeypatch)
    assert pruned.partitions == 5 and same(pruned, plain)


def test_more_than_fits_at_once_is_judged_in_halves(
    tmp_path: Path, write_csv: Any, house: GateRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(mixed(Random(43), 300, zones=False))
    monkeypatch.setattr("jiedun.audit.pruned.MOST_AT_ONCE", 100)
    pruned, plain = both(tmp_path, path, house, monkeypatch)
    assert pruned.partitions == 6 and same(pruned, plain)


def test_whole_contacts_are_counted_whatever_others_lack(
    tmp_path: Path, write_csv: Any, contact: Any
) -> None:
    rows = [contact(str(i), f"2026-03-02 10:0{i}:00", text="") for i in range(5)]
    rows += [contact(f"p{i}", f"2026-03-02 11:0{i}:00", person="") for i in range(5)]
    rows += [contact(f"c{i}", f"2026-03-02 12:0{i}:00", creditor="") for i in range(5)]
    rows += [contact("w", "2026-03-02 13:00:00", text="再不还钱打断你的腿")]
    (tmp_path / "parties.csv").write_text("number,role\n13800130001,debtor\n", "utf-8")
    result = audit([write_csv(rows)], tmp_path / "out", RULES, parties=[tmp_path / "parties.csv"])
    found = duckdb.execute(
        "SELECT contact_id, rule, conversations_today FROM read_parquet($1) "
        "WHERE rule IN ('GATE-COL-009-A', 'CN-COL-005') ORDER BY ALL",
        [[str(f) for f in result.files()]],
    ).fetchall()
    counted = [("3", "GATE-COL-009-A", 4), ("4", "GATE-COL-009-A", 5), ("w", "GATE-COL-009-A", 6)]
    assert found == sorted([*counted, ("w", "CN-COL-005", None)])
    unknown = {rule: n for rule, missing, n in result.unknown if "conversations_today" in missing}
    assert unknown["GATE-COL-009-A"] == 10


def test_what_is_said_is_numbered_as_it_is_read(tmp_path: Path, monkeypatch: Any) -> None:
    rng = Random(6)
    rows = [
        (i, rng.choice(("sms", "call")), rng.choice(("debtor", "relative", None)), rng.choice(SAID))
        for i in range(60)
    ]
    monkeypatch.setattr(texts, "REMEMBERED", 9)
    sayings = texts.Sayings()
    held = [pair for at in range(0, 60, 8) for pair in sayings.numbered(rows[at : at + 8])]
    facts = {no: told for told, no in sayings.numbers.items()}
    assert [(seq, *facts[no]) for seq, no in held] == [
        tuple(row.values()) for row in texts.said_of(rows)
    ]
    assert len(facts) < len(SAID) * 2


def test_pruning_by_parts_and_by_shared_hashes(
    tmp_path: Path, write_csv: Any, house: GateRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(contacts(Random(40), 200, zones=False))
    monkeypatch.setattr(Pruned, "rows_a_partition", 60)
    monkeypatch.setattr(Plain, "rows_a_partition", 70)
    monkeypatch.setattr("jiedun.audit.prune_sql.hashed", lambda text: f"hash({text}) % 2")
    pruned, plain = both(tmp_path, path, house, monkeypatch)
    assert pruned.partitions == 4 and same(pruned, plain)


def test_what_cannot_reach_a_limit_is_not_counted(
    tmp_path: Path,
    write_csv: Any,
    contact: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    count = Pruned._count

    def spied(self: Pruned) -> None:
        found = self.db.execute("SELECT count(*) FROM picked WHERE need <> 0").fetchone()
        seen.append(found[0] if found else -1)
        count(self)

    monkeypatch.setattr(Pruned, "_count", spied)
    rows = [contact(str(i), f"2026-03-02 1{i % 3}:00:00", debtor=f"p{i // 3}") for i in range(90)]
    audit([write_csv(rows)], tmp_path / "few", RULES)
    rows += [contact("more", "2026-03-02 13:00:00", debtor="p7")]
    audit([write_csv(rows)], tmp_path / "more", RULES)
    assert seen == [0, 4]


def test_the_limits_of_the_packs() -> None:
    found = limits(RULES)
    assert (
        found["calls_today"],
        found["calls_last_ten_minutes"],
        found["third_persons_last_week"],
    ) == (4, 5, 3)
    assert found["unanswered_number_today"] == 7 and "connected_today" not in found
    planned = plan(RULES)
    assert planned is not None and planned.cuts["second_of_day"] == (28_800, 75_600, 79_200)


def test_the_limits_of_a_house(house: GateRules) -> None:
    found = limits(house)
    assert found["calls_today"] == found["attempts_number_today"] == 0
    assert (found["unanswered_today"], found["connected_today"], found["conversations_today"]) == (
        3,
        1,
        2,
    )
    planned = plan(house)
    assert planned is not None and planned.cuts["duration_s"] == (61,)


def test_a_burst_over_midnight_is_counted(
    tmp_path: Path, write_csv: Any, contact: Callable[..., dict[str, Any]]
) -> None:
    rows = [contact(str(i), f"2026-03-02 23:5{i}:00", connected="false") for i in range(5, 9)]
    rows += [contact("in", "2026-03-03 00:05:00"), contact("out", "2026-03-03 00:06:01")]
    result = audit([write_csv(rows)], tmp_path / "out", RULES)
    found = duckdb.execute(
        "SELECT contact_id, calls_last_ten_minutes FROM read_parquet($1) WHERE rule = 'CN-COL-016'",
        [[str(f) for f in result.files()]],
    ).fetchall()
    assert found == [("in", 5)]
