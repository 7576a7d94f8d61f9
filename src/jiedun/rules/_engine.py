"""A checked tree as the SQL of an engine: a BOOLEAN that may be NULL, and the list of null facts.

Literals carry their type, decimals are DECIMAL(38, 18) on both sides, texts compare by code
point (the default collation of DuckDB and of Spark), facts are quoted column names.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Literal

from sqlglot import exp

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
    facts_of,
)
from jiedun.rules.facts import DECIMAL_DIGITS, DECIMAL_PLACES, Fact, FactType

Dialect = Literal["duckdb", "spark"]

_DECIMAL = f"DECIMAL({DECIMAL_DIGITS}, {DECIMAL_PLACES})"
_COMPARE: dict[str, type[exp.Binary]] = {
    "=": exp.EQ, "<>": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
}  # fmt: skip


def _column(fact: Fact) -> exp.Expr:
    return exp.column(exp.to_identifier(fact.name, quoted=True))


def _literal(value: Value, *, exact: bool) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | Decimal):
        number = exp.Literal.number(f"{value:f}" if isinstance(value, Decimal) else str(value))
        return exp.cast(number, _DECIMAL if exact else "BIGINT")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    return exp.Literal.string(value)


def _is_exact(value: Value | None, fact: Fact | None) -> bool:
    return isinstance(value, Decimal) or (fact is not None and fact.type is FactType.DECIMAL)


def _side(side: Operand, *, exact: bool) -> exp.Expr:
    if not isinstance(side, Named):
        return _literal(side.value, exact=exact)
    column = _column(side.fact)
    return exp.cast(column, _DECIMAL) if exact else column


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
    column = exp.cast(_column(node.fact), _DECIMAL) if exact else _column(node.fact)
    return exp.In(this=column, expressions=[_literal(v, exact=exact) for v in node.values])


def _is_null(tree: exp.Expr) -> exp.Expr:
    return exp.Is(this=tree, expression=exp.Null())


def expression(node: Node) -> exp.Expr:
    """The sqlglot tree of `node`; every inner node stands in brackets of its own."""
    if isinstance(node, And | Or):
        word = exp.And if isinstance(node, And) else exp.Or
        parts = [expression(child) for child in node.nodes]
        return exp.paren(reduce(lambda a, b: word(this=a, expression=b), parts), copy=False)
    if isinstance(node, Not):
        return exp.paren(exp.Not(this=expression(node.node)), copy=False)
    if isinstance(node, Truth):
        return exp.Boolean(this=node.value)
    if isinstance(node, Flag):
        return _column(node.fact)
    if isinstance(node, Null):
        return exp.paren(_is_null(_column(node.fact)), copy=False)
    return exp.paren(_compare(node) if isinstance(node, Compare) else _among(node), copy=False)


def _atoms(node: Node, above: tuple[Node, ...]) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    if isinstance(node, Not):
        yield from _atoms(node.node, above)
    elif isinstance(node, And | Or):
        for child in node.nodes:
            yield from _atoms(child, (*above, node))
    else:
        yield node, above


def _blame(tree: Node, name: str) -> exp.Expr:
    """When the null fact `name` made `tree` unknown: on some path down to it all is unknown."""
    ways = dict.fromkeys(above for atom, above in _atoms(tree, ()) if name in doubtful(atom))
    null = exp.column(exp.to_identifier(name, quoted=True))
    paths = [
        exp.and_(*(_is_null(expression(node)) for node in above), _is_null(null.copy()), copy=False)
        for above in ways
    ]
    return exp.or_(*paths, copy=False)


_LISTS: dict[Dialect, tuple[str, str]] = {
    "duckdb": ("CAST([] AS VARCHAR[])", "list_filter([{0}], lambda x: x IS NOT NULL)"),
    "spark": ("CAST(ARRAY() AS ARRAY<STRING>)", "FILTER(ARRAY({0}), x -> x IS NOT NULL)"),
}


def engine_sql(tree: Node, dialect: Dialect) -> str:
    """The text of `tree` for `dialect`."""
    return str(expression(tree).sql(dialect=dialect))


def missing_sql(tree: Node, dialect: Dialect) -> str:
    """The text of the sorted list of the null facts that made `tree` unknown, else empty."""
    empty, listed = _LISTS[dialect]
    names = sorted(
        name for name in facts_of(tree) if any(name in doubtful(a) for a, _ in _atoms(tree, ()))
    )
    if not names:
        return empty
    cases = [
        f"CASE WHEN {_blame(tree, name).sql(dialect=dialect)} THEN '{name}' END" for name in names
    ]
    return listed.format(", ".join(cases))
