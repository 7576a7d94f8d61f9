"""Where the answer of predicates can change along one fact: its cuts.

Between two neighbouring cuts a whole-number fact can be moved without changing what any of the
predicates says. So a row is known by the cell it lies in.
"""

from collections.abc import Iterable, Mapping

from jiedun.rules.language import Predicate
from jiedun.rules.tree import And, Compare, Constant, Named, Node, Not, Or, facts_of

_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_AFTER = {"=": (0, 1), "<>": (0, 1), "<": (0,), "<=": (1,), ">": (1,), ">=": (0,)}


def cuts(predicates: Iterable[Predicate]) -> Mapping[str, tuple[int, ...] | None]:
    """For each fact that `predicates` ask for, the sorted whole numbers at which an answer can change.

    None for a fact of which every value counts: it is compared with another fact, or asked for in
    another way than by a comparison with a whole number.
    """
    found: dict[str, set[int] | None] = {}
    for predicate in predicates:
        _walk(predicate.tree, found)
    return {name: None if at is None else tuple(sorted(at)) for name, at in found.items()}


def _walk(node: Node, found: dict[str, set[int] | None]) -> None:
    if isinstance(node, And | Or):
        for child in node.nodes:
            _walk(child, found)
    elif isinstance(node, Not):
        _walk(node.node, found)
    elif isinstance(node, Compare) and (cut := _cut(node)) is not None:
        name, at = cut
        held = found.setdefault(name, set())
        if held is not None:
            held.update(at)
    else:
        found.update(dict.fromkeys(facts_of(node)))


def _cut(node: Compare) -> tuple[str, list[int]] | None:
    """The fact and the numbers at which the comparison turns; None where it cannot be said so."""
    left, right, op = node.left, node.right, node.op
    if isinstance(left, Constant):
        left, right, op = right, left, _TURNED[op]  # type: ignore[assignment]
    if not isinstance(left, Named) or not isinstance(right, Constant):
        return None
    value = right.value
    if not isinstance(value, int) or isinstance(value, bool) or left.fact.type != "int":
        return None
    return left.fact.name, [value + step for step in _AFTER[op]]
