"""The peer of the audit in pandas: the same findings and doubts as the peers of `_audit_peers`."""

import importlib
from pathlib import Path
from typing import Any

from bench._audit_peers import RULES, TOLD


def by_pandas(path: Path, out: Path) -> tuple[int, ...]:
    """The numbers of contacts not decided, once the findings lie in the Parquet file `out`;
    ModuleNotFoundError where pandas is not installed."""
    pd: Any = importlib.import_module("pandas")
    raw = pd.read_parquet(path)
    s = raw["at"].astype("int64") // 10 ** {"s": 0, "ms": 3, "us": 6, "ns": 9}[raw["at"].dt.unit]
    call, own = raw["channel"] == "call", raw["role"] == "debtor"
    debtor = raw["creditor"] + "\x1f" + raw["debtor"]
    c = pd.DataFrame(
        {
            "seq": range(len(raw)), "s": s, "day": (s + 28800) // 86400, "sec": (s + 28800) % 86400,
            "d": pd.factorize(debtor)[0], "p": pd.factorize(raw["person"])[0], "n": pd.factorize(raw["number"])[0],
            "call": call, "own": own, "ec": raw["role"] == "emergency_contact", "kind": raw["kind"],
            "third": raw["role"].isin(["relative", "colleague", "friend", "unknown"]),
            "conn": raw["connected"].astype("boolean").fillna(value=True),
            "open": call & raw["connected"].isna(), "out": raw["direction"] == "out",
            "refuses": raw["refuses_contact"], "wrong": raw["wrong_person"],
        }
    )  # fmt: skip
    c["yes"], c["no"] = c["conn"].astype(bool) & ~c["open"], ~c["conn"].astype(bool) & ~c["open"]
    went, c = c[c["out"]].sort_values("s", kind="stable"), c[~c["out"]]
    hits: list[Any] = []
    unknown: list[int] = []

    def hit(rule: int, rows: Any, low: Any = False) -> None:
        hits.append(rows[["seq", "s", "day", "sec"]].assign(rule=rule, low=low))

    calls = c[c["call"]].sort_values("s", kind="stable")
    mine = calls[calls["own"]]
    hit(0, mine[mine.groupby(["d", "p", "day"]).cumcount() >= 3])
    by = calls.groupby(["d", "p"])["s"]
    five = calls["s"] - by.shift(4) <= 600
    hit(1, calls[five], ~(calls["s"] - by.shift(14) <= 600)[five])
    for rule, kinds in ((8, ["interactive", "attempt"]), (9, ["notification", "attempt"])):
        rows = mine[mine["kind"].isin(kinds) & (~mine["wrong"] if rule == 8 else True)]
        over = rows[rows.groupby(["d", "p", "day"])["yes"].cumsum() > 3]
        hit(rule, over[over["yes"]], (over["kind"] == "attempt")[over["yes"]])
        unknown.append(int(over["open"].sum()))
    over = mine[mine.groupby(["d", "n", "day"])["no"].cumsum() > 6]
    hit(10, over[over["no"]])
    unknown.append(int(over["open"].sum()))
    late = c[(c["sec"] < 28800) | (c["sec"] >= 75600)]
    late = late.assign(low=_soon(pd, late, went, 600))
    evening = (late["sec"] >= 75600) & (late["sec"] < 79200)
    hit(2, late[~evening], late["low"][~evening])
    hit(3, late[evening], late["low"][evening])
    third = c[c["third"]]
    hit(4, third, _soon(pd, third, went, 86400))
    hit(5, _after(c[c["ec"]], mine[mine["yes"]], ["d", "day"]))
    others = c[c["third"] | c["ec"]]
    hit(6, _after(others, went[went["refuses"]], ["d", "p"]))
    week = others[["seq", "d", "s"]].merge(others[["d", "p", "s"]], on="d", suffixes=("", "2"))
    week = week[(week["s2"] <= week["s"]) & (week["s2"] >= week["s"] - 604800)]
    persons = week.groupby("seq")["p"].nunique()
    hit(7, others[others["seq"].isin(persons.index[persons >= 3])])
    hit(11, _after(c, c[c["wrong"]], ["d", "n"]))
    _write(pd, raw, pd.concat(hits), out)
    return (len(third), int(c["ec"].sum()), *unknown)


def _soon(pd: Any, rows: Any, went: Any, seconds: int) -> Any:
    """Whether the person had called within the seconds before each row."""
    found = pd.merge_asof(
        rows.sort_values("s", kind="stable"), went[["s", "d", "p"]].assign(before=went["s"]), on="s",
        by=["d", "p"], allow_exact_matches=False,
    )  # fmt: skip
    soon = (found["s"] - found["before"] <= seconds).set_axis(found["seq"])
    return soon.loc[rows["seq"]].set_axis(rows.index)


def _after(rows: Any, events: Any, key: list[str]) -> Any:
    """The rows after the first event of their key."""
    first = events.groupby(key)["s"].min().rename("first").reset_index()
    found = rows.merge(first, on=key)
    return found[found["first"] < found["s"]]


def _write(pd: Any, raw: Any, hits: Any, out: Path) -> None:
    told = raw.iloc[hits["seq"]].reset_index(drop=True)
    hits = hits.reset_index(drop=True)

    def of(place: int) -> Any:
        return hits["rule"].map({i: row[place] for i, row in enumerate(TOLD)})

    pd.DataFrame(
        {
            "rule": hits["rule"].map(dict(enumerate(RULES))), "rule_version": "1", "violation": of(1),
            "force": of(2), "certainty": of(3).where(~hits["low"].astype(bool), "possible"),
            "cites": hits["rule"].map({i: list(row[4]) for i, row in enumerate(TOLD)}), "contact_id": told["id"],
            "instant": hits["s"], "local_date": pd.to_datetime(hits["day"], unit="D").dt.date,
            "second_of_day": hits["sec"], "creditor": told["creditor"], "agency": told["agency"],
            "collector": pd.Series([None] * len(hits), dtype="object"), "debtor": told["debtor"],
            "person": told["person"], "lender_type": told["lender_type"],
        }
    ).to_parquet(out)  # fmt: skip
