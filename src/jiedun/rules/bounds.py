"""Where a predicate can be decided without a counter: what lets an engine count only where it matters.

A counter starts at 0. Every comparison of it with a number stays the same from 0 up to `lowest`,
so a counter known to stay below `lowest` may be taken as 0 without changing any verdict.
"""

from collections.abc import Iterator
from math import ceil, floor

from jiedun.rules._engine import engine_sql
from jiedun.rules.language import Predicate
from jiedun.rules.tree import (
    Among,
    And,
    Compare,
    Constant,
    Named,
    Node,
    Not,
    Null,
    Or,
    Value,
    facts_of,
)  # fmt: skip

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


def steps(predicate: Predicate, name: str) -> frozenset[int] | None:
    """The whole numbers at which a comparison of the fact `name` changes its answer; None where it is
    compared with another fact, so that any number may matter."""
    found: set[int] = set()
    for atom in _atoms(predicate.tree):
        if name not in facts_of(atom) or isinstance(atom, Null):
            continue
        values = _values(atom, name)
        if values is None:
            return None
        found.update(values)
    return frozenset(found)


def lowest(predicate: Predicate, name: str) -> int | None:
    """The least value above 0 of the counter `name` that may change the verdict; 0 where any value
    may, None where none can."""
    found = steps(predicate, name)
    if found is None:
        return 0
    return min((step for step in found if step >= 1), default=None)


def only_as_null(predicate: Predicate, name: str) -> bool:
    """Whether the fact `name` stands in IS NULL alone, or not at all."""
    atoms = _atoms(predicate.tree)
    return all(isinstance(atom, Null) for atom in atoms if name in facts_of(atom))


def not_false_sql(predicate: Predicate, names: frozenset[str], dialect: str) -> str:
    """An expression that is true where the verdict may be true or unknown, whatever `names` are."""
    return f"coalesce({_blind(predicate.tree, names, dialect)}, true)"


def _atoms(node: Node) -> Iterator[Node]:
    if isinstance(node, And | Or):
        for child in node.nodes:
            yield from _atoms(child)
    elif isinstance(node, Not):
        yield from _atoms(node.node)
    else:
        yield node


def _values(atom: Node, name: str) -> set[int] | None:
    if isinstance(atom, Among):
        return {step for value in atom.values for step in _changes("=", value)}
    if not isinstance(atom, Compare):
        return set()
    if isinstance(atom.left, Named) and isinstance(atom.right, Constant):
        return _changes(atom.op, atom.right.value)
    if isinstance(atom.right, Named) and isinstance(atom.left, Constant):
        return _changes(_FLIPPED[atom.op], atom.left.value)
    return None


def _changes(op: str, value: Value) -> set[int]:
    """Where `fact op value` changes: the first whole number of each new answer."""
    number: int = ceil(value)  # type: ignore[arg-type]
    after: int = floor(value) + 1  # type: ignore[arg-type]
    if op in (">", "<="):
        return {after}
    return {number} if op in (">=", "<") else {number, after}


def _blind(node: Node, names: frozenset[str], dialect: str) -> str:
    if isinstance(node, And | Or):
        word = " AND " if isinstance(node, And) else " OR "
        return "(" + word.join(_blind(child, names, dialect) for child in node.nodes) + ")"
    if isinstance(node, Not):
        return f"(NOT {_blind(node.node, names, dialect)})"
    if facts_of(node) & names and not isinstance(node, Null):
        return "CAST(NULL AS BOOLEAN)"
    return engine_sql(node, dialect)
