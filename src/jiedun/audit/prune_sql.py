"""Which contacts must be counted: those in groups that can reach a limit and hold somebody who asks.

`coded` has one narrow row a contact: `seq, k` (a hash of creditor and debtor), `instant, day, code`.
`k` only chooses; two debtors under one `k` make a group larger, never smaller. What is chosen is then
counted by the true keys.
"""

from collections.abc import Iterator

from jiedun.audit.facts_sql import cut
from jiedun.audit.plan import Plan
from jiedun.rules import counters
from jiedun.rules.counters import Counter

_DAY = 86_400
_EAST = 28_800

KEYS = {
    "debtor": "creditor || chr(31) || debtor",
    "owner": "person", "dialled": "coalesce(number, person)",
    "peer": "coalesce(caller, creditor)", "debt": "coalesce(debt, '')",
}  # fmt: skip
"""What counters go by, as texts over `picked`."""


class Pruning:
    """The queries of one plan. `zones`: contacts lie in several zones, so that a day of the calendar
    is no stretch of time, and counters over minutes are looked at debtor by debtor."""

    def __init__(self, plan: Plan, *, zones: bool) -> None:
        self.plan = plan
        self.always = sum(self._both(c) for c in plan.counters if plan.limits[c.name] == 0)
        kept = [c for c in plan.counters if plan.limits[c.name] > 0]
        self.timed = [c for c in kept if not zones and c.within and c.within * 4 <= _DAY]
        self.daily = [c for c in kept if "local_date" in c.per or c in self.timed]
        self.whole = [c for c in kept if c not in self.daily]

    def _both(self, counter: Counter) -> int:
        return self.plan.counted(counter) | self.plan.asking(counter)

    def groups_sql(self) -> str:
        """Groups of a debtor and a day that may reach a daily limit: `k, day, marks, n, early`.

        `n` is the number of contacts that count in any daily counter with a limit above one; `early`
        says that somebody asks so soon after midnight that the day before may count too.
        """
        many = sum(self.plan.counted(c) for c in self.daily if self.plan.limits[c.name] > 1)
        return f"""
        SELECT * FROM (
            SELECT k, day, bit_or(marks) AS marks, count(CASE WHEN marks & {many} <> 0 THEN 1 END) AS n,
                bool_or({self._early()}) AS early
            FROM coded JOIN profile USING (code) WHERE marks <> 0 GROUP BY k, day
        ) WHERE early OR {" OR ".join(map(self._reached, self.daily)) or "false"}
        """

    def _early(self) -> str:
        second = f"(instant + {_EAST}) % {_DAY}"
        each = (f"marks & {self.plan.asking(c)} <> 0 AND {second} < {c.within}" for c in self.timed)
        return " OR ".join(each) or "false"

    def _reached(self, counter: Counter) -> str:
        both, limit = self._both(counter), self.plan.limits[counter.name]
        enough = f" AND n >= {limit}" if limit > 1 else ""
        return f"(marks & {both} = {both}{enough})"

    def need_day_sql(self) -> str:
        """The bits that must be counted of each debtor and day: `k, day, need`."""
        parts = [
            f"SELECT k, day, CASE WHEN {self._reached(c)} THEN {self._both(c)} ELSE 0 END AS need FROM groups"
            for c in self.daily
        ]
        for counter in self.timed:
            asked = f"FROM groups WHERE early AND marks & {self.plan.asking(counter)} <> 0"
            parts.append(f"SELECT k, day, {self._both(counter)} AS need {asked}")
            parts.append(f"SELECT k, day - 1, {self.plan.counted(counter)} AS need {asked}")
        each = " UNION ALL ".join(parts) or "SELECT k, day, 0 AS need FROM groups"
        return f"SELECT k, day, bit_or(need) AS need FROM ({each}) WHERE need <> 0 GROUP BY k, day"

    def need_all_sql(self) -> str:
        """The bits that must be counted of a debtor on all days: `k, need`."""
        some = sum(self.plan.counted(c) for c in self.whole)
        each = " | ".join(
            f"CASE WHEN count(CASE WHEN marks & {self.plan.counted(c)} <> 0 THEN 1 END) >= "
            f"{self.plan.limits[c.name]} THEN {self._both(c)} ELSE 0 END"
            for c in self.whole
        )
        return f"""
        SELECT k, {each or "0"} AS need FROM coded JOIN profile USING (code)
        WHERE marks & {some} <> 0 GROUP BY k
        """

    def wanted_sql(self) -> str:
        """The contacts that are accused without counting, or must be counted: `need` says in what."""
        need = f"marks & ({self.always} | coalesce(d.need, 0) | coalesce(a.need, 0))"
        return f"""
        SELECT * FROM (
            SELECT seq, k, instant, day, code, marks, {need} AS need, hits AS hits_0, lows AS lows_0
            FROM coded JOIN profile USING (code)
            LEFT JOIN need_day AS d USING (k, day) LEFT JOIN need_all AS a USING (k)
        ) WHERE need <> 0 OR hits_0 <> 0
        """

    def picked_sql(self, second: str) -> str:
        """The wanted contacts with the columns that findings tell and counters go by."""
        return f"""
        SELECT w.*, r.id, r.creditor, r.debtor, r.person, r.number, r.caller, r.debt, r.agency,
            r.collector, {second} AS second_of_day
        FROM raw AS r JOIN wanted AS w ON w.seq = r.seq
        """

    def keyed_sql(self, exact: frozenset[str]) -> str:
        """The contacts to be counted with what counters go by. Keys are hashes; those in `exact`, where
        two values share a hash, are the values themselves. What is not known stays null."""
        told = ", ".join(["DATE '1970-01-01' + day AS local_date", *self._keys(exact)])
        return f"SELECT seq, instant, marks, need, {told} FROM picked WHERE need <> 0"

    def _keys(self, exact: frozenset[str]) -> Iterator[str]:
        for name in sorted(self.used_keys()):
            text = KEYS[name]
            key = f"CASE WHEN {text} IS NOT NULL THEN {hashed(text)} END"
            yield f'{text if name in exact else key} AS "{name}"'

    def reached_sql(self) -> str:
        """Where a counter reaches its limit and somebody asks for it: `seq` and every counter, those below
        their limits at 0. Every counter is counted over no more contacts than it needs."""
        parts = " UNION ALL ".join(self._reaching(i, c) for i, c in enumerate(self.plan.counters))
        told = ", ".join(
            f'CAST(max(CASE WHEN nth = {i} THEN value ELSE 0 END) AS BIGINT) AS "{c.name}"'
            for i, c in enumerate(self.plan.counters)
        )
        if not parts:
            return "SELECT seq FROM keyed WHERE false"
        return f"SELECT seq, {told} FROM ({parts}) GROUP BY seq"

    def _reaching(self, nth: int, counter: Counter) -> str:
        window = counters.sql(cut(counter), "duckdb", f"marks & {self.plan.counted(counter)} <> 0")
        inner = f"SELECT seq, need, {window} AS value FROM {self._members(counter)}"
        return (
            f"SELECT seq, {nth} AS nth, value FROM ({inner}) "
            f"WHERE need & {self.plan.asking(counter)} <> 0 AND value >= {self.plan.limits[counter.name]}"
        )

    def _members(self, counter: Counter) -> str:
        """The contacts among which `counter` is counted."""
        mine = f"keyed WHERE need & {self._both(counter)} <> 0"
        if counter not in self.whole:
            return mine
        keys = [key for key in counter.per if key != "creditor"]
        same = " AND ".join(f'g."{key}" = m."{key}"' for key in keys)
        listed = ", ".join(f'"{key}"' for key in keys)
        return (
            f"(SELECT m.* FROM (SELECT * FROM {mine}) AS m SEMI JOIN (SELECT {listed} FROM keyed "
            f"WHERE need & {self.plan.counted(counter)} <> 0 GROUP BY {listed} "
            f"HAVING count(*) >= {self.plan.limits[counter.name]}) AS g ON {same})"
        )

    def shared_sql(self, name: str) -> str:
        """Whether two values of the key `name` among the contacts to be counted share a hash."""
        text = KEYS[name]
        return f"""
        SELECT count(*) > 0 FROM (SELECT 1 FROM (SELECT {text} AS text FROM picked WHERE need <> 0)
            GROUP BY {hashed("text")} HAVING min(text) <> max(text))
        """

    def used_keys(self) -> frozenset[str]:
        """The keys that counters go by."""
        spoken = {key for c in self.plan.counters for key in (*c.per, c.distinct or "")}
        return frozenset(spoken & set(KEYS))


def hashed(text: str) -> str:
    """A whole number for a text; windows sort numbers much faster."""
    return f"hash({text})"
