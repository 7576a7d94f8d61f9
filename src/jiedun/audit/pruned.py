"""A partition judged by profiles, counting only where a limit can be reached.

For rules that `plan` can plan. The findings are those of `plain`. What the words of a contact say is
numbered and becomes a digit of its code; where it is not known who was contacted for whom, the
contact keeps the verdict of its profile, whose counters are unknown.
"""

from collections.abc import Sequence

import duckdb

from jiedun.audit import facts_sql, judge_sql, profiles
from jiedun.audit.plain import far_zones
from jiedun.audit.plan import Plan
from jiedun.audit.prune_sql import Pruning
from jiedun.audit.texts import read_texts

MOST_AT_ONCE = 50_000_000


class Pruned:
    """Judges partitions of `lean` and `raw`. In 8 GB fifty million rows fit at once; of more, which
    take room themselves, half as many at a time."""

    rows_a_partition = MOST_AT_ONCE

    def __init__(self, db: duckdb.DuckDBPyConnection, plan: Plan, names: Sequence[str]) -> None:
        self.db = db
        self.plan = plan
        self.names = names
        rows = db.execute("SELECT count(*) FROM lean").fetchone()
        if rows is not None and rows[0] > MOST_AT_ONCE:
            self.rows_a_partition = MOST_AT_ONCE // 2
        self.zones = far_zones(db)
        self.pruning = Pruning(plan, zones=self.zones)
        self.words_from = profiles.words_from(plan)
        found = db.execute(f"SELECT 1 FROM lean WHERE code >= {self.words_from} LIMIT 1").fetchone()
        self.texts = found is not None
        self.counter_rules = sum(1 << place for place in plan.places())

    def _make(self, name: str, query: str) -> None:
        self.db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def prepare(self, part: int, of: int) -> None:
        """Nothing; the partition `part` of `of` lies judged in temporary tables."""
        where = f"k % {of} = {part}" if of > 1 else "true"
        self._coded(where)
        self._profiles()
        self._pick()
        self._count()
        self._make("combos", f"SELECT DISTINCT code, day, hits, lows FROM ({self._accused()})")
        self._make(
            "kinds", judge_sql.kinds_sql(self.plan.rules, self._combined(), self.plan.lowerings())
        )

    def _coded(self, where: str) -> None:
        """The view `coded`: the rows of `lean` that `where` picks, with what their words say."""
        silent = f"SELECT * FROM lean WHERE {where}"
        if not self.texts:
            self.db.execute(f"CREATE OR REPLACE TEMP VIEW coded AS {silent}")
            return
        told = f"lean WHERE code >= {self.words_from} AND {where}"
        read_texts(self.db, f"seq IN (SELECT seq FROM {told})")
        self._make(
            "worded",
            f"SELECT l.* REPLACE (code + CAST({self.words_from} AS BIGINT) * no AS code) "
            f"FROM (SELECT * FROM {told}) AS l JOIN said_in USING (seq)",
        )
        self.db.execute(
            f"CREATE OR REPLACE TEMP VIEW coded AS {silent} AND code < {self.words_from} "
            "UNION ALL SELECT * FROM worded"
        )

    def _profiles(self) -> None:
        """The profiles of the contacts, and how many there are of each on each day."""
        self._make("days", "SELECT code, day, count(*) AS contacts FROM coded GROUP BY code, day")
        self._make("codes", "SELECT DISTINCT code FROM days")
        self._make("profile", profiles.profile_sql(self.plan, texts=self.texts))
        pairs = self.db.execute(
            "SELECT DISTINCT lender_type_, DATE '1970-01-01' + day FROM days JOIN profile USING (code) ORDER BY ALL"
        ).fetchall()
        judge_sql.standings(self.db, self.plan.rules, pairs)

    def _pick(self) -> None:
        """The contacts accused already, and those to be counted."""
        self._make("groups", self.pruning.groups_sql())
        self._make("need_day", self.pruning.need_day_sql())
        self._make("need_all", self.pruning.need_all_sql())
        self._make("wanted", self.pruning.wanted_sql())
        second = facts_sql.local_facts(zones=self.zones)["second_of_day"]
        self._make("picked", self.pruning.picked_sql(second.replace("instant", "r.instant")))
        for name in ("groups", "need_day", "need_all", "wanted"):
            self.db.execute(f"DROP TABLE {name}")

    def _count(self) -> None:
        """The counters where they reach a limit; there the rules that speak of them are judged again."""
        exact = frozenset(key for key in self.pruning.used_keys() if self._shares(key))
        self._make("keyed", self.pruning.keyed_sql(exact))
        self._make("reached", self.pruning.reached_sql())
        zeros = "".join(f', "{c.name}"' for c in self.plan.counters)
        facts = f"p.* EXCLUDE (hits, doubts, lows, marks{zeros})"
        masks = judge_sql.masks_sql(self.plan.rules, self.plan.places())
        lows = judge_sql.lows_sql(self.plan.lowerings())
        self._make(
            "counted",
            f"SELECT *, {masks}, {lows} AS lows FROM (SELECT r.*, w.day, {facts} FROM reached AS r "
            "JOIN picked AS w ON w.seq = r.seq JOIN profile AS p ON p.code = w.code)",
        )
        self.db.execute("DROP TABLE keyed")
        self.db.execute("DROP TABLE reached")

    def _shares(self, key: str) -> bool:
        found = self.db.execute(self.pruning.shared_sql(key)).fetchone()
        return bool(found and found[0])

    def _accused(self) -> str:
        """The picked contacts that any rule accuses, with their counters where they were counted."""
        told = "".join(f', c."{x.name}"' for x in self.plan.counters)
        rest = ((1 << len(self.plan.rules)) - 1) & ~self.counter_rules
        hits = f"CASE WHEN c.seq IS NULL THEN hits_0 ELSE (hits_0 & {rest}) | c.hits END"
        return f"""
        SELECT * FROM (
            SELECT w.*, {hits} AS hits, coalesce(c.lows, lows_0) AS lows{told}
            FROM picked AS w LEFT JOIN counted AS c ON c.seq = w.seq
        ) WHERE hits <> 0
        """

    def _combined(self) -> str:
        return """
        SELECT c.hits, c.lows, c.code, c.day, DATE '1970-01-01' + c.day AS local_date,
            p.* EXCLUDE (code, hits, doubts, lows, marks)
        FROM combos AS c JOIN profile AS p USING (code)
        """

    def findings_sql(self) -> str:
        """A query for the findings of the partition."""
        limits = self.plan.limits
        told = judge_sql.told_sql(self.plan.rules, self.names, limits)
        what = ", ".join(f"k.{name}" for name in judge_sql.WHAT)
        return f"""
        SELECT {what}, a.id AS contact_id, a.seq, a.instant, k.local_date, a.second_of_day, a.creditor, a.agency,
            a.collector, a.debtor, a.person, k.lender_type_ AS lender_type{", " + told if told else ""}
        FROM ({self._accused()}) AS a
        JOIN (SELECT {", ".join(judge_sql.WHAT)}, place, code, day, hits, lows, local_date, lender_type_ FROM kinds)
            AS k ON k.code = a.code AND k.day = a.day AND k.hits = a.hits AND k.lows = a.lows
        """

    def contacts_sql(self) -> str:
        """A query for the contacts of the partition towards persons: `key` (the debtor), `day`, `hour`."""
        second = "(instant + 28800) % 86400"
        source = f"(SELECT k, day, code, {second} AS second FROM coded)"
        if self.zones:
            second = facts_sql.local_facts(zones=True)["second_of_day"].replace(
                "instant", "r.instant"
            )
            joined = "coded JOIN raw AS r USING (seq)"
            source = f"(SELECT k, day, code, {second} AS second FROM {joined})"
        out = self.db.execute("SELECT 1 FROM profile WHERE incoming IS FALSE LIMIT 1").fetchone()
        toward = " JOIN profile USING (code) WHERE incoming IS NOT FALSE" if out else ""
        return f"SELECT k AS key, day, second // 3600 AS hour FROM {source}{toward}"

    def unknown(self) -> list[tuple[str, list[str], int]]:
        """Contacts of the partition that a rule cannot decide: rule, missing facts, count.

        Every contact is counted by its profile; those whose counters were counted are then taken out
        again, under the rules that speak of counters, and put in with their counters.
        """
        day = "DATE '1970-01-01' + d.day AS local_date"
        facts = "p.* EXCLUDE (hits, doubts, lows)"
        every = (
            f"SELECT {facts}, p.hits, p.doubts, d.contacts AS weight, {day} "
            "FROM days AS d JOIN profile AS p USING (code)"
        )
        again = f"p.hits & {self.counter_rules} AS hits, p.doubts & {self.counter_rules} AS doubts"
        out = f"SELECT {facts}, {again}, -1 AS weight, {day} FROM counted AS d JOIN profile AS p USING (code)"
        back = f"SELECT d.* EXCLUDE (lows), 1 AS weight, {day} FROM counted AS d"
        totals: dict[tuple[str, tuple[str, ...]], int] = {}
        for source in (every, out, back):
            query = judge_sql.unknown_sql(self.plan.rules, source)
            for rule, missing, contacts in self.db.execute(query).fetchall():
                key = (rule, tuple(missing))
                totals[key] = totals.get(key, 0) + contacts
        return [(rule, list(missing), n) for (rule, missing), n in totals.items() if n]
