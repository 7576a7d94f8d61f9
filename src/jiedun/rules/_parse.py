"""From text to a checked tree: the words are checked one by one, sqlglot parses, types are checked."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from jiedun.errors import Place
from jiedun.rules._words import Refusal, check_words
from jiedun.rules.facts import INT_MAX, INT_MIN, Fact, FactTable, FactType, fits_decimal, near
from jiedun.rules.tree import (
    Among,
    And,
    Compare,
    Constant,
    Flag,
    Named,
    Node,
    Not,
    Null,
    Operand,
    Operator,
    Or,
    Truth,
    Value,
)

_OPERATORS: dict[type[exp.Expr], Operator] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_NUMERIC = {FactType.INT, FactType.DECIMAL}


class _Reader(Refusal):
    """Reads one predicate; knows the table, and what to say when something is not in it."""

    def __init__(self, text: str, table: FactTable, where: Place) -> None:
        super().__init__(where)
        self.text = text
        self.table = table

    def read(self) -> Node:
        check_words(self.text, self)
        try:
            parsed = sqlglot.parse_one(self.text, read="duckdb")
        except SqlglotError as error:
            errors = getattr(error, "errors", None) or [{}]
            self.refuse(
                "the predicate is not complete",
                at=_offset(self.text, errors[0]),
                why=str(errors[0].get("description", "")).split(" for <")[0],
                instead="check the brackets and that each AND, OR, = has both sides",
            )
        return self.node(parsed)

    # nodes ------------------------------------------------------------------------------------

    def node(self, tree: exp.Expr) -> Node:
        if isinstance(tree, exp.Paren):
            return self.node(tree.this)
        if isinstance(tree, exp.And | exp.Or):
            return self.chain(tree)
        if isinstance(tree, exp.Not):
            return Not(self.node(tree.this))
        if isinstance(tree, exp.Boolean):
            return Truth(bool(tree.this))
        if isinstance(tree, exp.Column):
            return self.flag(tree)
        return self.atom(tree)

    def atom(self, tree: exp.Expr) -> Node:
        if type(tree) in _OPERATORS:
            return self.compare(_OPERATORS[type(tree)], tree.this, tree.expression)
        if isinstance(tree, exp.Between):
            low = self.compare(">=", tree.this, tree.args["low"])
            return And((low, self.compare("<=", tree.this, tree.args["high"])))
        if isinstance(tree, exp.In) and tree.expressions:
            return self.among(tree)
        if isinstance(tree, exp.Is):
            return self.null(tree)
        return self.refuse(
            "this part is not true or false",
            at=_start(tree),
            why=f"it reads {_shown(tree)}",
            instead="compare a fact with a value",
        )

    def chain(self, tree: exp.Connector) -> Node:
        same = exp.And if isinstance(tree, exp.And) else exp.Or
        parts: list[Node] = []
        stack: list[exp.Expr] = [tree]
        while stack:
            item = stack.pop()
            if isinstance(item, exp.Paren) and isinstance(item.this, same):
                item = item.this
            if isinstance(item, same):
                stack += [item.expression, item.this]
            else:
                parts.append(self.node(item))
        return And(tuple(parts)) if same is exp.And else Or(tuple(parts))

    def flag(self, tree: exp.Column) -> Flag:
        fact = self.fact(tree)
        if fact.type is not FactType.BOOL:
            self.refuse(
                f"{fact.name} stands alone and is {fact.type.value}, not bool",
                at=_start(tree),
                instead=f"compare it: {fact.name} = …",
            )
        return Flag(fact)

    def fact(self, tree: exp.Expr) -> Fact:
        name = tree.name
        fact = self.table.facts.get(name)
        if not isinstance(tree, exp.Column) or tree.table:
            self.refuse(f"{_shown(tree)} is not a fact", at=_start(tree))
        if fact is None:
            self.refuse(
                f"the fact {name!r} is not declared for {self.table.subject}",
                at=_start(tree),
                instead=near(name, self.table.facts),
            )
        return fact

    def compare(self, op: Operator, left: exp.Expr, right: exp.Expr) -> Compare:
        at = _start(left) if _start(left) is not None else _start(right)
        sides = (self.operand(left), self.operand(right))
        named = [side.fact for side in sides if isinstance(side, Named)]
        if not named:
            self.refuse("two values are compared and no fact", at=at, instead="name a fact")
        constant = next((s.value for s in sides if isinstance(s, Constant)), None)
        if constant is not None:
            self.check_value(named[0], constant, at)
        elif not _comparable(named[0].type, named[1].type):
            self.refuse(
                f"{named[0].name} is {named[0].type.value}, {named[1].name} is {named[1].type.value}",
                at=at,
                instead="compare facts of the same type",
            )
        self.check_order(op, named, at)
        return Compare(op, *sides)

    def check_order(self, op: Operator, named: Sequence[Fact], at: int | None) -> None:
        if op in ("=", "<>"):
            return
        for fact in named:
            if fact.type is FactType.BOOL or fact.values:
                self.refuse(
                    f"{fact.name} has no order, so {op} says nothing",
                    at=at,
                    instead="use =, <> or IN",
                )

    def operand(self, tree: exp.Expr) -> Operand:
        while isinstance(tree, exp.Paren):
            tree = tree.this
        if isinstance(tree, exp.Column):
            return Named(self.fact(tree))
        return Constant(self.value(tree))

    def value(self, tree: exp.Expr) -> Value:
        if isinstance(tree, exp.Null):
            self.refuse(
                "a comparison with NULL is never true",
                at=_start(tree.parent),
                instead="write IS NULL or IS NOT NULL",
            )
        if isinstance(tree, exp.Boolean):
            return bool(tree.this)
        if isinstance(tree, exp.Neg) and isinstance(tree.this, exp.Literal):
            return self.number(tree.this, negative=True)
        if isinstance(tree, exp.Literal):
            return str(tree.this) if tree.is_string else self.number(tree, negative=False)
        if isinstance(tree, exp.Cast) and tree.to.this is exp.DataType.Type.DATE:
            return self.day(tree)
        return self.refuse(
            f"{_shown(tree)} cannot be compared",
            at=_start(tree),
            instead="compare a fact with a fact or a literal; join comparisons with AND, OR",
        )

    def number(self, tree: exp.Literal, *, negative: bool) -> int | Decimal:
        text = str(tree.this)
        if not _NUMBER.fullmatch(text):
            self.refuse(f"{text} is not a plain number", at=_start(tree.parent))
        value = Decimal(("-" if negative else "") + text)
        if text.isdigit() and INT_MIN <= value <= INT_MAX:
            return int(value)
        if text.isdigit() or not fits_decimal(value):
            self.refuse(
                "the number is too long",
                at=_start(tree.parent),
                instead="20 digits before the point and 18 after it are the most",
            )
        return value

    def day(self, tree: exp.Cast) -> date:
        try:
            return date.fromisoformat(tree.this.name)
        except ValueError:
            self.refuse(
                f"{tree.this.name!r} is no date",
                at=_start(tree.parent),
                instead="DATE '2025-02-28'",
            )

    def check_value(self, fact: Fact, value: Value, at: int | None) -> None:
        kind = _type_of(value)
        if not _comparable(fact.type, kind):
            self.refuse(
                f"{fact.name} is {fact.type.value} and is compared with {kind.value}",
                at=at,
                instead=_SPELLING[fact.type],
            )
        if fact.values and value not in fact.values:
            self.refuse(
                f"{fact.name} is never {value!r}",
                at=at,
                instead=f"use one of {', '.join(fact.values)}",
            )

    def among(self, tree: exp.In) -> Among:
        fact = self.fact(tree.this)
        if fact.type is FactType.BOOL:
            self.refuse("IN needs more than two values", at=_start(tree), instead="name the fact")
        values = [self.literal(item) for item in tree.expressions]
        for value in values:
            self.check_value(fact, value, _start(tree))
        return Among(fact, tuple(values))

    def literal(self, tree: exp.Expr) -> Value:
        if isinstance(tree, exp.Column):
            self.refuse("IN lists literals only", at=_start(tree), instead="use = and OR for facts")
        return self.value(tree)

    def null(self, tree: exp.Is) -> Null:
        if not isinstance(tree.expression, exp.Null):
            self.refuse("IS is for NULL only", at=_start(tree), instead="write = TRUE or = FALSE")
        return Null(self.fact(tree.this))


_SPELLING = {
    FactType.BOOL: "write TRUE or FALSE",
    FactType.INT: "write a number without quotation marks",
    FactType.DECIMAL: "write a number without quotation marks",
    FactType.TEXT: "write a text in single quotation marks",
    FactType.DATE: "write DATE '2025-02-28'",
}
_IN_PYTHON: tuple[tuple[type, FactType], ...] = (
    (bool, FactType.BOOL),
    (int, FactType.INT),
    (Decimal, FactType.DECIMAL),
    (str, FactType.TEXT),
)


def _type_of(value: Value) -> FactType:
    return next((kind for cls, kind in _IN_PYTHON if isinstance(value, cls)), FactType.DATE)


def _comparable(left: FactType, right: FactType) -> bool:
    return left is right or {left, right} <= _NUMERIC


def _start(tree: exp.Expr | None) -> int | None:
    """The offset of the first fact named in `tree`, if there is one."""
    if tree is None:
        return None
    found = [i.meta["start"] for i in tree.find_all(exp.Identifier) if "start" in i.meta]
    return min(found, default=None)


def _shown(tree: exp.Expr) -> str:
    text = tree.sql(dialect="duckdb")
    return text if len(text) <= 60 else f"{text[:57]}…"


def _offset(text: str, error: dict[str, object]) -> int | None:
    line, column = error.get("line"), error.get("col")
    if not isinstance(line, int) or not isinstance(column, int):
        return None
    return sum(len(part) + 1 for part in text.split("\n")[: line - 1]) + max(0, column - 1)


def parse(text: str, table: FactTable, where: Place) -> Node:
    """The checked tree of `text`; `RuleError` names `where`, the character, why and what instead."""
    return _Reader(text, table, where).read()
