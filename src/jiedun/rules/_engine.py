"""A checked tree as the SQL of an engine: a BOOLEAN that may be NULL, and the list of null facts.

Literals carry their type, decimals are DECIMAL(38, 18) on both sides, texts compare by code
point (the default collation of DuckDB and of Spark), facts are quoted column names.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlglot import exp

from jiedun.errors import RuleError
from jiedun.rules.facts import DECIMAL_DIGITS, DECIMAL_PLACES, Fact, FactType
from jiedun.rules.tree import (
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


class _Lists(NamedTuple):
    """How an engine writes an empty list of texts, one with a single text, and a sorted set."""

    none: str
    empty: str
    single: str
    sorted: str


_LISTS = {
    "duckdb": _Lists(
        "CAST([] AS VARCHAR[])", "[]", "['{0}']", "LIST_SORT(LIST_DISTINCT({0}), 'ASC')"
    ),
    "spark": _Lists(
        "CAST(ARRAY() AS ARRAY<STRING>)",
        "ARRAY()",
        "ARRAY('{0}')",
        "SORT_ARRAY(ARRAY_DISTINCT({0}))",
    ),
}


def _lists(dialect: str) -> _Lists:
    if dialect not in _LISTS:
        raise RuleError(
            "no such engine", where=dialect, next_step=f"use one of {', '.join(_LISTS)}"
        )
    return _LISTS[dialect]


def _blame(node: Node, dialect: str, memo: dict[int, str]) -> str:
    """The list of null facts that made `node` unknown, if it is; empty text where none can."""
    if isinstance(node, Not):
        return _blame(node.node, dialect, memo)
    lists = _lists(dialect)
    if isinstance(node, And | Or):
        found = " || ".join(filter(None, (_blame(child, dialect, memo) for child in node.nodes)))
        guard = f"{_text(node, dialect, memo)} IS NULL"
        return f"CASE WHEN {guard} THEN {found} ELSE {lists.empty} END" if found else ""
    cases = []
    for name in sorted(doubtful(node)):
        column = exp.to_identifier(name, quoted=True).sql(dialect=dialect)
        single = lists.single.format(name)
        cases.append(f"CASE WHEN {column} IS NULL THEN {single} ELSE {lists.empty} END")
    return " || ".join(cases)


def missing_sql(tree: Node, dialect: str) -> str:
    """The text of the sorted list of the null facts that made `tree` unknown, else empty."""
    lists = _lists(dialect)
    found = _blame(tree, dialect, {})
    return lists.sorted.format(found) if found else lists.none
