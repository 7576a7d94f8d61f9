"""A checked tree as the SQL of an engine: a BOOLEAN that may be NULL, and the list of null facts.

Literals carry their type, decimals are DECIMAL(38, 18) on both sides, texts compare by code
point (the default collation of DuckDB and of Spark), facts are quoted column names.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlglot import exp

from jiedun.errors import RuleError
from jiedun.rules._tree import (
    Among,
    And,
    Compare,
    Flag,
    Named,
    Node,
    Not,
    Null,
    Operand,
    Or,
    Truth,
    Value,
    doubtful,
)
from jiedun.rules.facts import DECIMAL_DIGITS, DECIMAL_PLACES, Fact, FactType

_DECIMAL = exp.DataType.build(f"DECIMAL({DECIMAL_DIGITS}, {DECIMAL_PLACES})")
_BIGINT = exp.DataType.build("BIGINT")
_DATE = exp.DataType.build("DATE")
_COMPARE: dict[str, type[exp.Binary]] = {
    "=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
}  # fmt: skip


def _cast(tree: exp.Expr, to: exp.DataType) -> exp.Expr:
    return exp.Cast(this=tree, to=to.copy())


def _column(fact: Fact) -> exp.Expr:
    return exp.column(exp.to_identifier(fact.name, quoted=True))


def _literal(value: Value, *, exact: bool) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | Decimal):
        number = exp.Literal.number(f"{value:f}" if isinstance(value, Decimal) else str(value))
        return _cast(number, _DECIMAL if exact else _BIGINT)
    if isinstance(value, date):
        return _cast(exp.Literal.string(value.isoformat()), _DATE)
    return exp.Literal.string(value)


def _is_exact(value: Value | None, fact: Fact | None) -> bool:
    return isinstance(value, Decimal) or (fact is not None and fact.type is FactType.DECIMAL)


def _side(side: Operand, *, exact: bool) -> exp.Expr:
    if not isinstance(side, Named):
        return _literal(side.value, exact=exact)
    column = _column(side.fact)
    return _cast(column, _DECIMAL) if exact else column


def _compare(node: Compare) -> exp.Expr:
    exact = any(
        _is_exact(None, s.fact) if isinstance(s, Named) else _is_exact(s.value, None)
        for s in (node.left, node.right)
    )
    return _COMPARE[node.op](
        this=_side(node.left, exact=exact), expression=_side(node.right, exact=exact)
    )


def _among(node: Among) -> exp.Expr:
    exact = any(_is_exact(value, node.fact) for value in node.values)
    column = _cast(_column(node.fact), _DECIMAL) if exact else _column(node.fact)
    return exp.In(this=column, expressions=[_literal(v, exact=exact) for v in node.values])


def _is_null(tree: exp.Expr) -> exp.Expr:
    return exp.Is(this=tree, expression=exp.Null())


def _atom(node: Flag | Truth | Compare | Among | Null) -> exp.Expr:
    if isinstance(node, Truth):
        return exp.Boolean(this=node.value)
    if isinstance(node, Flag):
        return _column(node.fact)
    if isinstance(node, Null):
        return _is_null(_column(node.fact))
    return _compare(node) if isinstance(node, Compare) else _among(node)


def _text(node: Node, dialect: str, memo: dict[int, str]) -> str:
    """The text of `node`; `memo` keeps the text of every node below by its identity."""
    found = memo.get(id(node))
    if found is None:
        if isinstance(node, And | Or):
            word = " AND " if isinstance(node, And) else " OR "
            inner = word.join(_text(child, dialect, memo) for child in node.nodes)
        elif isinstance(node, Not):
            inner = f"NOT {_text(node.node, dialect, memo)}"
        else:
            inner = _atom(node).sql(dialect=dialect, copy=False)
        found = memo[id(node)] = f"({inner})"
    return found


def engine_sql(tree: Node, dialect: str) -> str:
    """The text of `tree` for `dialect`; every part stands in brackets of its own."""
    _lists(dialect)
    return _text(tree, dialect, {})


def _atoms(node: Node, above: tuple[Node, ...]) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    if isinstance(node, Not):
        yield from _atoms(node.node, above)
    elif isinstance(node, And | Or):
        for child in node.nodes:
            yield from _atoms(child, (*above, node))
    else:
        yield node, above


def _ways(tree: Node) -> dict[str, dict[tuple[Node, ...], None]]:
    """For each fact that can make `tree` unknown: the inner nodes on each way down to it."""
    ways: dict[str, dict[tuple[Node, ...], None]] = {}
    for atom, above in _atoms(tree, ()):
        for name in doubtful(atom):
            ways.setdefault(name, {})[above] = None
    return ways


_LISTS: dict[str, tuple[str, str]] = {
    "duckdb": ("CAST([] AS VARCHAR[])", "list_filter([{0}], lambda x: x IS NOT NULL)"),
    "spark": ("CAST(ARRAY() AS ARRAY<STRING>)", "FILTER(ARRAY({0}), x -> x IS NOT NULL)"),
}


def _lists(dialect: str) -> tuple[str, str]:
    if dialect not in _LISTS:
        raise RuleError(
            "no such engine", where=dialect, next_step=f"use one of {', '.join(_LISTS)}"
        )
    return _LISTS[dialect]


def missing_sql(tree: Node, dialect: str) -> str:
    """The text of the sorted list of the null facts that made `tree` unknown, else empty."""
    empty, listed = _lists(dialect)
    ways = _ways(tree)
    memo: dict[int, str] = {}
    cases = []
    for name in sorted(ways):
        null = exp.to_identifier(name, quoted=True).sql(dialect=dialect)
        paths = [
            " AND ".join(
                [*(f"{_text(node, dialect, memo)} IS NULL" for node in above), f"{null} IS NULL"]
            )
            for above in ways[name]
        ]
        cases.append(f"CASE WHEN {' OR '.join(paths)} THEN '{name}' END")
    return listed.format(", ".join(cases)) if cases else empty
