"""The peer of the audit in Polars: the same findings and doubts as the peer of `_audit_peers`."""

import importlib
from pathlib import Path
from typing import Any

from bench._audit_peers import RULES, TOLD

_LAST = {
    "on": "s", "by": ["d", "p"], "strategy": "backward", "allow_exact_matches": False,
    "check_sortedness": False,
}  # fmt: skip


def by_polars(path: Path, out: Path) -> tuple[int, ...]:
    """The numbers of contacts not decided, once the findings lie in the Parquet file `out`;
    ModuleNotFoundError where Polars is not installed."""
    pl: Any = importlib.import_module("polars")
    raw = pl.scan_parquet(path).with_row_index("seq")
    peer = _Peer(pl, raw)
    unknown = peer.frequent()
    peer.rare()
    _write(pl, raw, pl.concat(peer.hits), out)
    return (int(peer.c["third"].sum()), int(peer.c["ec"].sum()), *unknown)


class _Peer:
    """Contacts towards the person in `c`, and the accused rows found so far in `hits`."""

    def __init__(self, pl: Any, raw: Any) -> None:
        self.pl = pl
        self.raw = raw
        self.hits: list[Any] = []
        col, lit = pl.col, pl.lit
        s = col("at").dt.epoch("s")
        call = col("channel") == "call"
        self.c = raw.filter(col("direction") == "in").select(
            "seq", "kind", s=s, day=(s + 28800) // 86400, sec=(s + 28800) % 86400, call=call,
            d=pl.concat_str("creditor", lit("\x1f"), "debtor").hash(), p=col("person").hash(), n=col("number").hash(),
            own=col("role") == "debtor", ec=col("role") == "emergency_contact",
            third=col("role").is_in(["relative", "colleague", "friend", "unknown"]),
            conn=pl.when(call).then(col("connected")).otherwise(col("connected").fill_null(value=True)),
            wrong=col("wrong_person").fill_null(value=False),
        ).collect()  # fmt: skip

    def hit(self, rule: int, rows: Any, low: Any = None) -> None:
        """Nothing; `rows` are accused by the rule, `possible` where `low`."""
        low = self.pl.lit(value=False) if low is None else low
        self.hits.append(rows.select("seq", "s", "day", "sec", rule=self.pl.lit(rule), low=low))

    def frequent(self) -> list[int]:
        """How many contacts three limits cannot decide; the limits of a day and of ten minutes."""
        pl, col = self.pl, self.pl.col
        calls = self.c.filter("call").sort("s", "seq")
        debtor = calls.filter("own")
        self.hit(
            0,
            debtor.with_columns(nth=pl.int_range(1, pl.len() + 1).over("d", "p", "day")).filter(
                col("nth") > 3
            ),
        )
        gap = calls.with_columns(
            fifth=col("s") - col("s").shift(4).over("d", "p"), more=col("s") - col("s").shift(14).over("d", "p")
        )  # fmt: skip
        self.hit(1, gap.filter(col("fifth") <= 600), (col("more") > 600).fill_null(value=True))
        unknown = []
        for rule, kinds in ((8, ["interactive", "attempt"]), (9, ["notification", "attempt"])):
            rows = debtor.filter(col("kind").is_in(kinds) & (~col("wrong") if rule == 8 else True))
            rows = rows.with_columns(
                nth=col("conn").fill_null(value=False).cum_sum().over("d", "p", "day")
            )
            over = rows.filter(col("nth") > 3)
            self.hit(rule, over.filter("conn"), col("kind") == "attempt")
            unknown.append(over["conn"].null_count())
        rows = debtor.with_columns(
            nth=(~col("conn")).fill_null(value=False).cum_sum().over("d", "n", "day")
        )
        over = rows.filter(col("nth") > 6)
        self.hit(10, over.filter(~col("conn")))
        unknown.append(over["conn"].null_count())
        return unknown

    def rare(self) -> None:
        """Nothing; the rules about the clock, other persons, refusals and wrong persons."""
        pl, c, col, lit = self.pl, self.c, self.pl.col, self.pl.lit
        s = col("at").dt.epoch("s")
        own = self.raw.filter(col("direction") == "out").select(
            s=s, d=pl.concat_str("creditor", lit("\x1f"), "debtor").hash(), p=col("person").hash(), before=s,
            refuses=col("refuses_contact"),
        ).collect()  # fmt: skip
        asked = c.filter("third").sort("s")
        late = c.filter((col("sec") < 28800) | (col("sec") >= 75600)).sort("s")
        late = late.join_asof(own.sort("s"), **_LAST).with_columns(
            low=(col("s") - col("before") <= 600).fill_null(value=False)
        )
        self.hit(2, late.filter((col("sec") < 28800) | (col("sec") >= 79200)), col("low"))
        self.hit(3, late.filter((col("sec") >= 75600) & (col("sec") < 79200)), col("low"))
        self.hit(
            4,
            asked.join_asof(own.sort("s"), **_LAST),
            (col("s") - col("before") <= 86400).fill_null(value=False),
        )
        answered = (
            c.filter("call")
            .filter("own")
            .filter("conn")
            .group_by("d", "day")
            .agg(first=col("s").min())
        )
        self.hit(5, c.filter("ec").join(answered, on=["d", "day"]).filter(col("first") < col("s")))
        others = c.filter(col("third") | col("ec"))
        refused = own.filter("refuses").group_by("d", "p").agg(first=col("s").min())
        self.hit(6, others.join(refused, on=["d", "p"]).filter(col("first") < col("s")))
        week = others.join(others.select("d", p2="p", s2="s"), on="d")
        week = week.filter((col("s2") <= col("s")) & (col("s2") >= col("s") - 604800))
        many = week.group_by("seq").agg(persons=col("p2").n_unique()).filter(col("persons") >= 3)
        self.hit(7, others.join(many, on="seq", how="semi"))
        wrong = c.filter("wrong").group_by("d", "n").agg(first=col("s").min())
        self.hit(11, c.join(wrong, on=["d", "n"]).filter(col("first") < col("s")))


def _write(pl: Any, raw: Any, hits: Any, out: Path) -> None:
    col, lit = pl.col, pl.lit
    told = pl.DataFrame(
        {
            "rule": list(range(len(TOLD))), "name": list(RULES), "violation": [t[1] for t in TOLD],
            "force": [t[2] for t in TOLD], "sure": [t[3] for t in TOLD], "cites": [list(t[4]) for t in TOLD],
        },
        schema_overrides={"rule": pl.Int32},
    )  # fmt: skip
    found = hits.lazy().join(told.lazy(), on="rule")
    found = found.join(
        raw.select("seq", "id", "creditor", "agency", "debtor", "person", "lender_type"), on="seq"
    )
    found.select(
        rule="name", rule_version=lit("1"), violation="violation", force="force",
        certainty=pl.when("low").then(lit("possible")).otherwise("sure"), cites="cites", contact_id="id",
        instant="s", local_date=pl.from_epoch(col("day"), "d"), second_of_day="sec", creditor="creditor",
        agency="agency", collector=lit(None, pl.String), debtor="debtor", person="person", lender_type="lender_type",
    ).collect().write_parquet(out)  # fmt: skip
