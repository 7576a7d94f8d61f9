"""The language of predicates: a small SQL over declared facts, compiled to Python and to SQL.

AND, OR, NOT; = <> < <= > >=; IN with literals; BETWEEN; IS [NOT] NULL; bare boolean facts; TRUE and
FALSE; integers, decimals, 'texts', DATE '2025-02-28'; brackets. Three-valued after Kleene (as SQL
is): TRUE, FALSE, or unknown together with the null facts that made it so. Anything else is refused
when it is read. A fact that a row does not hold is null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jiedun.errors import Place
from jiedun.rules._engine import engine_sql, missing_sql
from jiedun.rules._parse import parse
from jiedun.rules._python import MaskFn, ScanFn, TruthFn, compile_python
from jiedun.rules.facts import FactTable
from jiedun.rules.tree import Node, facts_of

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """TRUE, FALSE or None for unknown; `missing` names the null facts that made it unknown."""

    value: bool | None
    missing: frozenset[str] = _NOTHING


@dataclass(frozen=True, slots=True, eq=False)
class Predicate:
    """One predicate over the facts of a subject; made by `Predicate.of`.

    `tree` is what was read. `truth(row)` is True, False or None; `scan(rows, indices, hits, doubts)`
    appends the indices of the true rows to `hits` and those of the unknown rows to `doubts`.
    """

    text: str
    table: FactTable
    facts: frozenset[str]
    truth: TruthFn
    scan: ScanFn
    _mask: MaskFn
    _bits: tuple[str, ...]
    tree: Node
    _known: dict[int, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, table: FactTable, where: Place | None = None) -> "Predicate":
        """The compiled predicate; `RuleError` names the place, why, and what to write instead."""
        tree = parse(text, table, where or Place(table.subject, "predicate"))
        truth, mask, scan, bits = compile_python(tree)
        return cls(text, table, facts_of(tree), truth, scan, mask, bits, tree)

    def missing(self, row: Mapping[str, Any]) -> frozenset[str]:
        """The null facts that made the predicate unknown for `row`; empty when it is known."""
        mask = self._mask(row)
        if not mask:
            return _NOTHING
        found = self._known.get(mask)
        if found is None:
            found = frozenset(name for i, name in enumerate(self._bits) if mask >> i & 1)
            self._known[mask] = found
        return found

    def evaluate(self, row: Mapping[str, Any]) -> Verdict:
        """The verdict on one row of facts."""
        value = self.truth(row)
        return _VERDICTS[value] if value is not None else Verdict(None, self.missing(row))

    def sql(self, dialect: str) -> str:
        """A BOOLEAN expression over columns named as the facts, NULL for unknown.

        `dialect` is `duckdb` or `spark`, else `RuleError`.
        """
        return engine_sql(self.tree, dialect)

    def missing_sql(self, dialect: str) -> str:
        """An expression giving the sorted list of missing facts; empty when the verdict is known."""
        return missing_sql(self.tree, dialect)


_VERDICTS = {True: Verdict(True), False: Verdict(False)}


def select(
    predicate: Predicate, rows: Sequence[Mapping[str, Any]], indices: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Which of `indices` are true and which unknown, in the order given."""
    hits: list[int] = []
    doubts: list[int] = []
    predicate.scan(rows, indices, hits, doubts)
    return hits, doubts
