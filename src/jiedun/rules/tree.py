"""The checked tree of a predicate: what stands after parsing, before a compiler takes it.

BETWEEN is two comparisons and NOT IN, NOT BETWEEN, IS NOT NULL are a `Not`, so that every
compiler sees the same few nodes.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from jiedun.rules.facts import Fact

Value = bool | int | Decimal | str | date
Operator = Literal["=", "<>", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: Value


@dataclass(frozen=True, slots=True)
class Named:
    """A declared fact."""

    fact: Fact


Operand = Constant | Named


@dataclass(frozen=True, slots=True)
class Flag:
    """A bare boolean fact."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Truth:
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """`left op right`; at least one side is a fact."""

    op: Operator
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Among:
    """`fact IN (values)`."""

    fact: Fact
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Null:
    """`fact IS NULL`; never unknown."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class Not:
    """NOT."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """AND over two nodes or more."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """OR over two nodes or more."""

    nodes: tuple["Node", ...]


Node = Flag | Truth | Compare | Among | Null | Not | And | Or


def facts_of(node: Node) -> frozenset[str]:
    """The names of all facts below `node`."""
    if isinstance(node, And | Or):
        return frozenset().union(*(facts_of(child) for child in node.nodes))
    if isinstance(node, Not):
        return facts_of(node.node)
    if isinstance(node, Compare):
        return frozenset(s.fact.name for s in (node.left, node.right) if isinstance(s, Named))
    return frozenset() if isinstance(node, Truth) else frozenset({node.fact.name})


def doubtful(node: Node) -> frozenset[str]:
    """The names of the facts that make the atom `node` unknown when they are null."""
    return frozenset() if isinstance(node, Null | Truth) else facts_of(node)
